// The camera, and codes in pictures. Called by camera.rs.

// The reader runs in a worker (app/scan). One that broke, or could not be loaded, is replaced at the next picture.
let reader = null;
function read({ data, width, height }) {
  reader ??= (() => {
    const worker = new Worker("/scan-worker.js", { type: "module" });
    const asked = new Map();
    const end = () => {
      worker.terminate();
      if (reader?.worker === worker) reader = null;
      for (const { fail } of asked.values()) fail("reader");
    };
    worker.onerror = end;
    worker.onmessage = ({ data: { id, text, broken } }) => {
      if (broken) return end();
      asked.get(id)?.done(text);
      asked.delete(id);
    };
    return { worker, asked, next: 0 };
  })();
  const { worker, asked } = reader;
  const id = reader.next++;
  return new Promise((done, fail) => {
    asked.set(id, { done, fail });
    worker.postMessage({ id, pixels: data.buffer, width, height }, [data.buffer]);
  });
}

// As large as is needed to read it: a code of 60 modules needs 200 pixels, the rest is for those held far away.
const FRAME_PX = 800;
const PAUSE_MS = 100;
// Frames in a row that the reader may fail at before it is given up.
const FAILURES_MAX = 5;

const pen_of = (width, height) => {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  return canvas.getContext("2d", { willReadFrequently: true });
};
const fit = (width, height, most) => {
  const scale = Math.min(1, most / Math.max(width, height));
  return [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
};

// Shows the camera in `video` and calls `found` with each text that is seen, with null once the reader cannot be had.
// What it answers ends it. Throws "denied", "none" or "unsupported".
export async function watch(video, found) {
  if (!navigator.mediaDevices?.getUserMedia) throw "unsupported";
  const wanted = { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 } };
  const stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: wanted }).catch((error) => {
    throw ["NotAllowedError", "SecurityError"].includes(error.name) ? "denied" : "none";
  });
  // The page may have been left while the person was asked.
  let on = video.isConnected;
  const stop = () => {
    on = false;
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  };
  if (!on) {
    stop();
    throw "none";
  }
  // Or phones would not begin by themselves.
  video.muted = video.playsInline = true;
  video.srcObject = stream;
  await video.play().catch(() => {});
  const look = async () => {
    let failures = 0;
    let pen = null;
    while (on) {
      if (!video.isConnected) return stop();
      const [width, height] = fit(video.videoWidth, video.videoHeight, FRAME_PX);
      if (video.readyState >= 2 && video.videoWidth > 0 && !document.hidden) {
        if (pen?.canvas.width !== width || pen.canvas.height !== height) pen = pen_of(width, height);
        pen.drawImage(video, 0, 0, width, height);
        try {
          const text = await read(pen.getImageData(0, 0, width, height));
          failures = 0;
          if (on && text) found(text);
        } catch {
          failures += 1;
          if (on && failures >= FAILURES_MAX) return found(null);
        }
      }
      await new Promise((done) => setTimeout(done, PAUSE_MS));
    }
  };
  look();
  return stop;
}

// The text of the code in the file that was chosen, or null. Throws "picture" for a file that is none, "reader" when
// the reader cannot be had.
export async function read_file(input) {
  const file = input.files?.[0];
  input.value = "";
  if (!file) return null;
  const picture = await createImageBitmap(file).catch(() => { throw "picture"; });
  try {
    // A code fills a small picture, or stands somewhere on a large one.
    for (const most of [FRAME_PX, 2000, 400]) {
      const [width, height] = fit(picture.width, picture.height, most);
      const pen = pen_of(width, height);
      pen.drawImage(picture, 0, 0, width, height);
      const text = await read(pen.getImageData(0, 0, width, height));
      if (text) return text;
    }
    return null;
  } finally {
    picture.close();
  }
}
