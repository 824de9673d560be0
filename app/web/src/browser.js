// What the browser has no Rust binding for worth its size. Called by host.rs, keys.rs, passkeys.rs and page.rs.

// Keys: non-extractable, so that even this page cannot read their private halves.
export const new_signing_keys = () =>
  crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
export const public_key = async (pair) =>
  new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
export const sign = async (pair, bytes) =>
  new Uint8Array(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, pair.privateKey, bytes));
// A signature of somebody else's key (SEC1). False for a key that is none.
export const verify = async (key, bytes, signature) => {
  const curve = { name: "ECDSA", namedCurve: "P-256" };
  const imported = await crypto.subtle.importKey("raw", key, curve, false, ["verify"]).catch(() => null);
  return !!imported && crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, imported, signature, bytes);
};
export const new_secret_key = () =>
  crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256", length: 256 }, false, ["sign"]);
export const mac = async (key, bytes) => new Uint8Array(await crypto.subtle.sign("HMAC", key, bytes));

// One request to the server, same origin: the session travels in its HttpOnly cookie, which this code never sees.
// Throws when there is no complete answer.
export async function call(method, path, body, protocol, timeout) {
  const headers = { "purse-protocol": protocol };
  if (body) headers["content-type"] = "application/json";
  const signal = AbortSignal.timeout(timeout);
  const answer = await fetch(path, { method, headers, body, signal, credentials: "same-origin", redirect: "error" });
  return [answer.status, new Uint8Array(await answer.arrayBuffer())];
}

// One passkey ceremony. Throws "cancelled" or "unsupported". The PRF result is taken out of the JSON here already.
export async function ceremony(kind, json) {
  const asked = JSON.parse(json).publicKey;
  const salt = asked.extensions?.prf?.eval?.first;
  delete asked.extensions?.prf;
  if (!window.PublicKeyCredential?.parseRequestOptionsFromJSON || !navigator.credentials) throw "unsupported";
  const run = (prf) => {
    if (kind === "create") {
      const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(asked);
      if (prf) publicKey.extensions = { ...publicKey.extensions, prf };
      return navigator.credentials.create({ publicKey });
    }
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(asked);
    if (prf) publicKey.extensions = { ...publicKey.extensions, prf };
    return navigator.credentials.get({ publicKey });
  };
  let credential;
  try {
    credential = await run(salt && { eval: { first: bytes(salt) } });
  } catch (error) {
    if (["NotAllowedError", "AbortError", "InvalidStateError"].includes(error.name) || !salt) throw why(error);
    // Some platforms refuse the extension altogether.
    credential = await run(undefined).catch((again) => { throw why(again); });
  }
  if (!credential) throw "cancelled";
  const first = credential.getClientExtensionResults().prf?.results?.first;
  const answer = credential.toJSON();
  delete answer.clientExtensionResults?.prf?.results;
  return [JSON.stringify(answer), first ? new Uint8Array(first) : null];
}
const why = (error) => (["NotSupportedError", "SecurityError"].includes(error.name) ? "unsupported" : "cancelled");
const bytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));

// Resolves when this page holds the lock, and keeps it until the page is gone or gives up.
const held = [];
export const hold = (name) =>
  new Promise((got, lost) => {
    const keep = () => new Promise((free) => { held.push(free); got(); });
    navigator.locks.request(name, keep).catch(lost);
  });
// Resolves when the page that holds the lock is gone, at the latest after so many milliseconds.
export const gone = (name, ms) =>
  navigator.locks.request(name, { signal: AbortSignal.timeout(ms) }, () => {}).catch(() => {});
// The program stopped in the middle: another page may lead, and this one says so.
export function give_up(words) {
  for (const free of held.splice(0)) free();
  const place = document.getElementById("main");
  if (place) place.textContent = words;
}
// The build's version, as it stands in the page that was served with this very code.
export const version = () => document.querySelector("meta[name=purse-version]")?.content ?? "";
// Asks for a newer app; what comes of it, boot.js says.
export function look_for_update() {
  navigator.serviceWorker?.getRegistration().then((registration) => registration?.update()).catch(console.error);
}
export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

// True when the browser promises not to drop what is stored here.
export const persist = async () =>
  !!navigator.storage?.persist && ((await navigator.storage.persisted()) || (await navigator.storage.persist()));

export function save_file(name, content) {
  const link = document.createElement("a");
  const type = name.endsWith(".png") ? "image/png" : "application/json";
  link.href = URL.createObjectURL(new Blob([content], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

// "Chromium on Linux", from what the browser says of itself.
export function device_name() {
  const agent = navigator.userAgent;
  const find = (table) => table.find(([mark]) => agent.includes(mark))?.[1];
  const brand = navigator.userAgentData?.brands?.find(({ brand }) => !/Not.A.Brand/i.test(brand))?.brand;
  const browser =
    find([["Edg/", "Edge"], ["OPR/", "Opera"], ["Firefox/", "Firefox"]]) ??
    brand ??
    find([["Chrome/", "Chrome"], ["Safari/", "Safari"]]) ?? "Browser";
  const system =
    find([["iPhone", "iPhone"], ["iPad", "iPad"], ["Android", "Android"], ["Windows", "Windows"], ["Mac OS", "Mac"], ["Linux", "Linux"]]);
  return system ? `${browser} on ${system}` : browser;
}
