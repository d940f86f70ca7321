// Chance, from a seed: items with one place changed, for tests that compare two readers.

import { concat } from "../../../mobile-qr/verifier/bytes.js";
import { decode, encode } from "../../../mobile-qr/verifier/cbor.js";
import { changed } from "./maker.mjs";

/** Mulberry32. */
export function random(seed) {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const h = (byte) => new Uint8Array(32).fill(byte);
export const VALUES = [
  null, true, 0, 1, -1, 7, 255, 2 ** 53 - 1, -(2 ** 53 - 1), "", "x", "x".repeat(65), "06901234567892", h(1), h(0).subarray(1),
  new Uint8Array(0), [], [0], [[]], [null, 1, 2], new Map(), new Map([[0, 0]]), [5, h(1)], [[null, 3, 4, 0], [null, 2, 4, 0]],
];

/** One place somewhere inside an item, bstrs that hold items included, given another value. */
export function disturb(item, below) {
  const next = (value) => (below(3) === 0 ? VALUES[below(VALUES.length)] : disturb(value, below));
  if (Array.isArray(item) && item.length > 0) {
    const at = below(item.length);
    if (below(12) === 0) return item.filter((_, place) => place !== at);
    if (below(12) === 0) return [...item, item[at]];
    return item.map((value, place) => (place === at ? next(value) : value));
  }
  if (item instanceof Map && item.size > 0) {
    const keys = [...item.keys()];
    const key = keys[below(keys.length)];
    if (below(12) === 0) return changed(item, { [key]: undefined });
    if (below(12) === 0) return changed(item, { [below(30)]: 0 });
    return changed(item, { [key]: next(item.get(key)) });
  }
  if (item instanceof Uint8Array && item.length > 40) return disturbBytes(item, below);
  if (typeof item === "number") return item + below(3) - 1;
  return VALUES[below(VALUES.length)];
}

function disturbBytes(bytes, below) {
  const tagged = bytes[0] === 0xd2;
  let inner;
  try {
    inner = decode(tagged ? bytes.subarray(1) : bytes);
  } catch {
    const copy = bytes.slice();
    copy[below(copy.length)] ^= 1 << below(8);
    return copy;
  }
  const out = encode(disturb(inner, below));
  return tagged ? concat([Uint8Array.of(0xd2), out]) : out;
}
