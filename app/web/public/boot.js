// Starts the app, and keeps a copy of it for when there is no network.
import start from "/purse.js";

start({ module_or_path: "/purse_bg.wasm" }).catch((error) => {
  console.error(error);
  const place = document.getElementById("main");
  if (place) {
    place.textContent = "Purse cannot start in this browser. It needs WebAssembly: please update the browser.";
  }
});

// A newer app is fetched in the background and waits. `data-update` and the event `purse-update` tell the page, which
// answers with `postMessage({ type: "activate" })`; then every page of this profile is loaded again, all in one version.
if ("serviceWorker" in navigator) {
  const worker = navigator.serviceWorker;
  const updated = !!worker.controller;
  worker.addEventListener("controllerchange", () => { if (updated) location.reload(); });
  addEventListener("load", async () => {
    const registration = await worker.register("/sw.js").catch(console.error);
    if (!registration) return;
    const told = () => {
      if (!registration.waiting || !worker.controller) return;
      document.documentElement.dataset.update = "waiting";
      dispatchEvent(new Event("purse-update"));
    };
    registration.addEventListener("updatefound", () => {
      const fresh = registration.installing;
      fresh?.addEventListener("statechange", () => { if (fresh.state === "installed") told(); });
    });
    addEventListener("message", (event) => {
      if (event.source === window && event.data?.type === "activate") registration.waiting?.postMessage(event.data);
    });
    told();
  });
}
