// The app's own files, so that it starts without a network. Nothing of a person passes through here: requests to
// the server's API are left to the browser.
const VERSION = "purse-__PURSE_VERSION__";
const FILES = __PURSE_FILES__;

self.addEventListener("install", (event) => {
  // All files or none: a page and its wasm always belong together. It waits beside the running one until a page says
  // that the person is ready, or until no page is open: no page ever gets files of two versions.
  const fresh = FILES.map((file) => new Request(file, { cache: "no-cache" }));
  event.waitUntil(caches.open(VERSION).then((cache) => cache.addAll(fresh)));
});

// A newer copy waits for the person (see boot.js), or until every page of the old one is closed.
self.addEventListener("message", (event) => {
  if (event.data === "take-over") self.skipWaiting();
});

self.addEventListener("activate", (event) => {
  const old = (name) => name.startsWith("purse-") && name !== VERSION;
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  const own = url.origin === location.origin && event.request.method === "GET";
  if (!own || /^\/(api|health|metrics)(\/|$)/.test(url.pathname)) return;
  const key = event.request.mode === "navigate" ? "/index.html" : url.pathname;
  event.respondWith(
    caches.open(VERSION).then((cache) => cache.match(key)).then((kept) => kept ?? fetch(event.request)),
  );
});
