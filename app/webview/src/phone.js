// What a phone has around the page: iOS's reader of codes, and the share sheet. Called by phone.rs.
const tauri = window.__TAURI_INTERNALS__;
const camera = (what, how) => tauri.invoke(`plugin:barcode-scanner|${what}`, how);

// Looks for one QR code with the camera, which stands behind the page for so long. The text; null when the person
// closed it. Throws "denied" or "none".
export async function scan(words, cancel) {
  let allowed = (await camera("check_permissions")).camera;
  if (allowed !== "granted") allowed = (await camera("request_permissions")).camera;
  if (allowed !== "granted") throw "denied";
  const sheet = document.createElement("dialog");
  sheet.className = "Finder";
  const said = document.createElement("p");
  said.className = "Finder__words";
  said.textContent = words;
  const button = document.createElement("button");
  button.className = "Button Button--soft";
  button.textContent = cancel;
  const frame = document.createElement("i");
  frame.className = "Finder__frame";
  sheet.append(said, frame, button);
  let closed = false;
  const close = () => {
    closed = true;
    // The scan below ends by it. A camera that is off already is no fault.
    camera("cancel").catch(() => {});
  };
  button.addEventListener("click", close);
  // Escape, and the system's Back (app/ui/src/app/back.rs).
  sheet.addEventListener("cancel", close);
  document.body.append(sheet);
  document.documentElement.dataset.finder = "";
  sheet.showModal();
  try {
    const { content } = await camera("scan", { windowed: true, formats: ["QR_CODE"], cameraDirection: "back" });
    return content;
  } catch (error) {
    if (closed) return null;
    throw "none";
  } finally {
    delete document.documentElement.dataset.finder;
    sheet.remove();
  }
}

// The page's own way to share is the phone's sheet.
export function share_by_phone() {
  const share = ({ text, url }) =>
    tauri.invoke("plugin:purse-phone|share_text", { text: [text, url].filter(Boolean).join("\n") });
  Object.defineProperty(navigator, "share", { value: share, configurable: true });
}
