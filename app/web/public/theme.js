// Before the first paint: the theme that the person chose, as the app left it here. Small, and not a module, so that
// nothing is drawn in the other theme first. The app's `browser::set_theme` keeps both in step later.
try {
  const chosen = localStorage.getItem("purse-theme");
  if (chosen === "light" || chosen === "dark") {
    document.documentElement.dataset.theme = chosen;
    for (const meta of document.querySelectorAll("meta[name=theme-color]")) {
      meta.media = meta.dataset.for === chosen ? "all" : "not all";
    }
  }
} catch {
  // Storage is closed to this page: the system's theme it is.
}
