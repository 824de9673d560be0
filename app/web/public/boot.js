// Starts the app, and keeps a copy of it for when there is no network.
import start from "/purse.js";

start({ module_or_path: "/purse_bg.wasm" }).catch((error) => {
  console.error(error);
  const place = document.getElementById("main");
  if (place) {
    place.textContent = "Purse cannot start in this browser. It needs WebAssembly: please update the browser.";
  }
});

if ("serviceWorker" in navigator) {
  addEventListener("load", () => navigator.serviceWorker.register("/sw.js").catch(console.error));
}
