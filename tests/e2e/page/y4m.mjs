// A film of one still picture, for a browser's fake camera: uncompressed YUV4MPEG2, no tool needed.

import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "../../unit/js/vectors.mjs";

const WIDTH = 640, HEIGHT = 480, FRAMES = 30;
const PAPER = 225, INK = 30, TABLE = 150, NO_COLOUR = 128;

/** Modules of a QR code as rows of booleans, true where dark; the quiet zone is left to the picture. */
export async function qrModules(text) {
  const require = createRequire(join(ROOT, "mobile-qr/package.json"));
  const folder = require.resolve("zxing-wasm/writer").replace(/dist\/.*/, "dist/");
  const { prepareZXingModule, writeBarcode } = await import(pathToFileURL(`${folder}es/writer/index.js`).href);
  const wasmBinary = await readFile(`${folder}writer/zxing_writer.wasm`);
  prepareZXingModule({ overrides: { wasmBinary: wasmBinary.buffer.slice(wasmBinary.byteOffset, wasmBinary.byteOffset + wasmBinary.byteLength) } });
  const { symbol, error } = await writeBarcode(text, { format: "QRCode", ecLevel: "M", addQuietZones: false });
  if (!symbol) throw new Error(error);
  const { data, width, height } = symbol;
  return Array.from({ length: height }, (_, y) => Array.from({ length: width }, (_, x) => data[y * width + x] === 0));
}

/** Writes a film that shows the modules on a label, a little turned, on a grey table. */
export function writeFilm(path, modules, { degrees = 7, side = 300 } = {}) {
  const luma = picture(modules, degrees, side);
  const chroma = Buffer.alloc(WIDTH * HEIGHT / 2, NO_COLOUR);
  const frame = [Buffer.from("FRAME\n"), luma, chroma];
  const parts = [Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F15:1 Ip A1:1 C420jpeg\n`)];
  for (let n = 0; n < FRAMES; n++) parts.push(...frame);
  writeFileSync(path, Buffer.concat(parts));
}

function picture(modules, degrees, side) {
  const size = modules.length + 8;
  const [cos, sin] = [Math.cos(degrees * Math.PI / 180), Math.sin(degrees * Math.PI / 180)];
  const luma = Buffer.alloc(WIDTH * HEIGHT);
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const [dx, dy] = [x - WIDTH / 2, y - HEIGHT / 2];
      const column = Math.floor(((dx * cos + dy * sin) / side + 0.5) * size);
      const row = Math.floor(((dy * cos - dx * sin) / side + 0.5) * size);
      const onLabel = column >= 0 && row >= 0 && column < size && row < size;
      const dark = modules[row - 4]?.[column - 4] ?? false;
      luma[y * WIDTH + x] = onLabel ? (dark ? INK : PAPER) : TABLE;
    }
  }
  return luma;
}
