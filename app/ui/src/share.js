// Giving something away, and the picture of a code. Called by share.rs.

export const can_share = () => typeof navigator.share === "function";

// Opens the system's own sheet. Whether the person went through with it is theirs.
export const share = (title, text, url) => navigator.share({ title, text, url }).catch(() => {});

// A PNG of a code, black on white with the four light modules around it that readers need.
export async function picture(side, bits) {
  const [module, quiet] = [12, 4];
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = (side + 2 * quiet) * module;
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = "#000";
  for (let at = 0; at < side * side; at++) {
    if (bits[at >> 3] & (0x80 >> (at & 7))) {
      pen.fillRect((quiet + (at % side)) * module, (quiet + Math.floor(at / side)) * module, module, module);
    }
  }
  const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
  return new Uint8Array(await blob.arrayBuffer());
}
