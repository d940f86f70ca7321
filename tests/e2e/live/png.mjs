// Reads the PNG of a label: greyscale of 1, 2, 4 or 8 bits, not interlaced.

import assert from "node:assert/strict";
import { inflateSync } from "node:zlib";

const SIGNATURE = "89504e470d0a1a0a";
const GREYSCALE = 0;

/** Answers { width, height, luma }: a byte a pixel, 0 black, 255 white, row after row. */
export function readPng(bytes) {
  assert.equal(bytes.subarray(0, 8).toString("hex"), SIGNATURE, "no PNG");
  const chunks = chunksOf(bytes);
  assert.equal(chunks[0].name, "IHDR");
  assert.equal(chunks.at(-1).name, "IEND");
  const head = chunks[0].data;
  const [width, height] = [head.readUInt32BE(0), head.readUInt32BE(4)];
  const [depth, colour, , , interlace] = head.subarray(8);
  assert.equal(colour, GREYSCALE, "a label is greyscale");
  assert.ok([1, 2, 4, 8].includes(depth), `${depth} bits a pixel`);
  assert.equal(interlace, 0, "interlaced");
  const packed = inflateSync(Buffer.concat(chunks.filter(({ name }) => name === "IDAT").map(({ data }) => data)));
  const rowBytes = Math.ceil(width * depth / 8);
  assert.equal(packed.length, height * (1 + rowBytes));
  return { width, height, luma: spread(unfilter(packed, height, rowBytes), { width, height, depth, rowBytes }) };
}

function chunksOf(bytes) {
  const chunks = [];
  for (let at = 8; at < bytes.length;) {
    const length = bytes.readUInt32BE(at);
    chunks.push({ name: bytes.toString("latin1", at + 4, at + 8), data: bytes.subarray(at + 8, at + 8 + length) });
    at += length + 12;
  }
  return chunks;
}

/** Undoes the five filters; the pixel before is one byte back at 8 bits or less. */
function unfilter(packed, height, rowBytes) {
  const out = Buffer.alloc(height * rowBytes);
  for (let y = 0; y < height; y++) {
    const from = y * (1 + rowBytes);
    const filter = packed[from];
    assert.ok(filter <= 4, `filter ${filter}`);
    for (let x = 0; x < rowBytes; x++) {
      const left = x > 0 ? out[y * rowBytes + x - 1] : 0;
      const above = y > 0 ? out[(y - 1) * rowBytes + x] : 0;
      const corner = x > 0 && y > 0 ? out[(y - 1) * rowBytes + x - 1] : 0;
      const guess = [0, left, above, (left + above) >> 1, paeth(left, above, corner)][filter];
      out[y * rowBytes + x] = packed[from + 1 + x] + guess;
    }
  }
  return out;
}

function paeth(left, above, corner) {
  const [a, b, c] = [left, above, corner].map((each) => Math.abs(left + above - corner - each));
  if (a <= b && a <= c) return left;
  return b <= c ? above : corner;
}

/** From packed samples to a byte each. */
function spread(rows, { width, height, depth, rowBytes }) {
  const luma = new Uint8Array(width * height);
  const most = 2 ** depth - 1;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const bit = x * depth;
      const byte = rows[y * rowBytes + (bit >> 3)];
      const sample = (byte >> (8 - depth - (bit & 7))) & most;
      luma[y * width + x] = sample * 255 / most;
    }
  }
  return luma;
}
