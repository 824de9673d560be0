// Starts the pages. Everything is in the app itself: there is nothing to keep a copy of, and no newer copy to wait for.
import start from "/pages.js";

start({ module_or_path: "/pages_bg.wasm" }).catch((error) => {
  console.error(error);
  const place = document.getElementById("main");
  if (place) place.textContent = "Purse cannot show its pages. Its system's web view may be too old: please update the system.";
});
