// Tauri's bridge to the window's process, as its own npm package uses it: a few lines of it are all that is needed.
const tauri = window.__TAURI_INTERNALS__;

// Answers with a string, or with nothing.
export const invoke = (name, json) => tauri.invoke(name, json === undefined ? {} : { json });

// Calls `heard` with every string that the process sends over a channel, in the order in which they were sent: they
// may arrive in another one.
export function hear(name, heard) {
  const early = new Map();
  let next = 0;
  const id = tauri.transformCallback(({ index, message, end }) => {
    if (end) return;
    early.set(index, message);
    while (early.has(next)) {
      const said = early.get(next);
      early.delete(next);
      next += 1;
      heard(said);
    }
  });
  const listening = { channel: `__CHANNEL__:${id}`, locale: navigator.language };
  tauri.invoke(name, listening).catch((error) => give_up(`Purse cannot start its pages: ${error}`));
}

// Nothing more can be shown.
export function give_up(words) {
  const place = document.getElementById("main");
  if (place) place.textContent = words;
}
