// Starts the app, and keeps a copy of it for when there is no network.
import start from "/purse.js";

start({ module_or_path: "/purse_bg.wasm" }).catch((error) => {
  console.error(error);
  const place = document.getElementById("main");
  if (place) {
    place.textContent = "Purse cannot start in this browser. It needs WebAssembly: please update the browser.";
  }
});

// A newer copy waits until the person says "Reload": a page that is written in is never taken away. The app hears of
// it by `purse:update` (or finds `data-update`), and asks for it by `purse:reload`.
const HOUR = 3600000;
async function keep_a_copy() {
  const kept = await navigator.serviceWorker.register("/sw.js");
  const tell = () => {
    // The first copy of all is no news.
    if (!kept.waiting || !navigator.serviceWorker.controller) return;
    document.documentElement.dataset.update = "";
    dispatchEvent(new Event("purse:update"));
  };
  tell();
  kept.addEventListener("updatefound", () => {
    kept.installing?.addEventListener("statechange", tell);
  });
  addEventListener("purse:reload", () => {
    navigator.serviceWorker.addEventListener("controllerchange", () => location.reload());
    if (kept.waiting) kept.waiting.postMessage("take-over");
    else location.reload();
  });
  let asked = Date.now();
  addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible" || Date.now() - asked < HOUR) return;
    asked = Date.now();
    kept.update().catch(() => {});
  });
}
if ("serviceWorker" in navigator) {
  addEventListener("load", () => keep_a_copy().catch(console.error));
}
