// Reads codes in pictures, beside the page. One answer for each question; a picture that breaks the reader ends this
// worker, and the page (app/ui/src/camera.js) starts another.
import start, { read } from "/purse-scan.js";

const ready = start({ module_or_path: "/purse-scan_bg.wasm" });

addEventListener("message", async ({ data: { id, pixels, width, height } }) => {
  try {
    await ready;
    postMessage({ id, text: read(new Uint8Array(pixels), width, height) ?? null });
  } catch (error) {
    postMessage({ id, broken: `${error}` });
  }
});
