// A film of a picture held before a camera by a hand that is not quite still: uncompressed YUV4MPEG2, as y4m.mjs
// writes it of a code.

import { writeFileSync } from "node:fs";

const WIDTH = 640, HEIGHT = 480, FRAMES = 20;
const MARGIN = 12, SWAY = 5, NO_COLOUR = 128;
const INK = 30, PAPER = 230;

/** picture: { width, height, luma }; it is shrunk to fit a frame, on a white table. */
export function writePictureFilm(path, picture) {
  const small = shrink(picture, Math.min((WIDTH - 2 * MARGIN) / picture.width, (HEIGHT - 2 * MARGIN) / picture.height));
  const chroma = Buffer.alloc(WIDTH * HEIGHT / 2, NO_COLOUR);
  const parts = [Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F15:1 Ip A1:1 C420jpeg\n`)];
  for (let n = 0; n < FRAMES; n++) {
    const turn = 2 * Math.PI * n / FRAMES;
    const [right, down] = [Math.cos(turn), Math.sin(turn)].map((each) => Math.round(SWAY * each));
    parts.push(Buffer.from("FRAME\n"), frame(small, right, down), chroma);
  }
  writeFileSync(path, Buffer.concat(parts));
}

/** Each pixel is the mean of those it stands for. */
function shrink({ width, height, luma }, scale) {
  const small = { width: Math.floor(width * scale), height: Math.floor(height * scale) };
  small.luma = new Uint8Array(small.width * small.height);
  for (let y = 0; y < small.height; y++) {
    for (let x = 0; x < small.width; x++) {
      let sum = 0, count = 0;
      for (let v = Math.floor(y / scale); v < Math.min(height, Math.ceil((y + 1) / scale)); v++) {
        for (let u = Math.floor(x / scale); u < Math.min(width, Math.ceil((x + 1) / scale)); u++) {
          sum += luma[v * width + u];
          count += 1;
        }
      }
      small.luma[y * small.width + x] = sum / count;
    }
  }
  return small;
}

function frame({ width, height, luma }, right, down) {
  const out = Buffer.alloc(WIDTH * HEIGHT, PAPER);
  const left = ((WIDTH - width) >> 1) + right, top = ((HEIGHT - height) >> 1) + down;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      out[(top + y) * WIDTH + left + x] = INK + (PAPER - INK) * luma[y * width + x] / 255;
    }
  }
  return out;
}
