// The CBOR profile (docs/format/cbor.md): a reader that reports the first error in the order of that
// page, and an encoder that writes the only encoding the reader takes.
//
// Items in JavaScript: integer = number (always safe), bstr = Uint8Array (a view, not a copy),
// text = string, array = Array, map = Map with number keys, false, true, null.

import { compareBytes, concat, fromUtf8, toUtf8 } from "./bytes.js";
import { demand, fail } from "./errors.js";

const DEPTH_MAX = 8;
const TEXT_BYTES_MAX = 256;
const HIGH_HALF_MAX = 0x1fffff; // high 32 bits of 2^53-1
const LOW_HALF_MAX = 0xffffffff;

const UNSIGNED = 0, NEGATIVE = 1, BSTR = 2, TEXT = 3, ARRAY = 4, MAP = 5, TAG = 6, SIMPLE = 7;

/** Decodes exactly one item. Items above itemsMax, map keys counted, are object-too-large. */
export function decode(bytes, itemsMax = Infinity) {
  const reader = new Reader(bytes, itemsMax);
  const item = reader.item(1);
  demand(reader.at === bytes.length, "cbor-trailing");
  return item;
}

class Reader {
  constructor(bytes, itemsMax) {
    this.bytes = bytes;
    this.at = 0;
    this.itemsLeft = itemsMax;
  }

  get left() {
    return this.bytes.length - this.at;
  }

  /** Reads the item that begins here; `depth` is what it would have as an array or map. */
  item(depth) {
    const { major, argument } = this.head(depth);
    switch (major) {
      case UNSIGNED: return argument;
      case NEGATIVE: return -1 - argument;
      case BSTR: return this.take(argument);
      case TEXT: return this.text(argument);
      case ARRAY: return this.array(argument, depth);
      case MAP: return this.map(argument, depth);
      default: return [false, true, null][argument - 20];
    }
  }

  /** Steps 0 to 8 of "Order of checks". */
  head(depth) {
    demand(this.left > 0, "cbor-truncated");
    const first = this.bytes[this.at];
    const major = first >> 5;
    const info = first & 31;
    checkFirstByte(major, info);
    this.at += 1;
    const argument = this.argument(info);
    this.itemsLeft -= 1;
    demand(this.itemsLeft >= 0, "object-too-large");
    if (argument.exact) checkInteger(major, argument);
    demand(major !== TAG, "cbor-tag");
    if (major === ARRAY || major === MAP) demand(depth <= DEPTH_MAX, "cbor-depth");
    this.checkLength(major, argument.value);
    return { major, argument: argument.value };
  }

  argument(info) {
    if (info < 24) return { value: info };
    const width = 1 << (info - 24);
    demand(this.left >= width, "cbor-truncated");
    let high = 0, low = 0;
    for (let i = 0; i < width; i++) {
      if (i < width - 4) high = high * 256 + this.bytes[this.at + i];
      else low = low * 256 + this.bytes[this.at + i];
    }
    this.at += width;
    const shortest = { 1: low >= 24, 2: low >= 0x100, 4: low >= 0x10000, 8: high > 0 }[width];
    demand(shortest, "cbor-not-shortest");
    // Above 2^53 the sum below is rounded; only lengths and counts get there, and all are too long.
    return { value: high * 2 ** 32 + low, high, low, exact: width === 8 };
  }

  checkLength(major, length) {
    if (major === BSTR || major === TEXT || major === ARRAY) demand(length <= this.left, "cbor-truncated");
    if (major === MAP) demand(length <= this.left / 2, "cbor-truncated");
    if (major === TEXT) demand(length <= TEXT_BYTES_MAX, "text-too-long");
  }

  take(length) {
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  text(length) {
    try {
      return fromUtf8(this.take(length));
    } catch {
      return fail("cbor-utf8");
    }
  }

  array(count, depth) {
    const out = [];
    for (let i = 0; i < count; i++) out.push(this.item(depth + 1));
    return out;
  }

  map(count, depth) {
    const out = new Map();
    let before = null;
    for (let i = 0; i < count; i++) {
      const start = this.at;
      const key = this.key(depth + 1);
      const encoded = this.bytes.subarray(start, this.at);
      if (before) {
        const order = compareBytes(before, encoded);
        demand(order !== 0, "cbor-key-duplicate");
        demand(order < 0, "cbor-key-order");
      }
      before = encoded;
      out.set(key, this.item(depth + 1));
    }
    return out;
  }

  /** Of an array or map as key only the head is read. */
  key(depth) {
    const { major, argument } = this.head(depth);
    if (major === TEXT) this.text(argument);
    if (major === UNSIGNED) return argument;
    if (major === NEGATIVE) return -1 - argument;
    return fail("cbor-key-type");
  }
}

/** Step 1. */
function checkFirstByte(major, info) {
  if (major === SIMPLE) {
    demand(info < 25 || info > 27, "cbor-float");
    demand(info > 24 || (info >= 20 && info <= 22), "cbor-simple");
  }
  demand(info < 28 || info > 30, "cbor-reserved");
  if (info === 31) fail(major <= NEGATIVE || major === TAG ? "cbor-reserved" : "cbor-indefinite");
}

/** Step 4, on both halves of an 8-byte argument. */
function checkInteger(major, { high, low }) {
  if (major !== UNSIGNED && major !== NEGATIVE) return;
  const tooLowNegative = major === NEGATIVE && high === HIGH_HALF_MAX && low === LOW_HALF_MAX;
  demand(high <= HIGH_HALF_MAX && !tooLowNegative, "cbor-int-range");
}

/** Encodes an item; what the profile cannot hold is a bug of the caller (TypeError). */
export function encode(item) {
  if (item === false) return Uint8Array.of(0xf4);
  if (item === true) return Uint8Array.of(0xf5);
  if (item === null) return Uint8Array.of(0xf6);
  if (typeof item === "number") return encodeInteger(item);
  if (typeof item === "string") return withHead(TEXT, toUtf8(item));
  if (item instanceof Uint8Array) return withHead(BSTR, item);
  if (Array.isArray(item)) return concat([encodeHead(ARRAY, item.length), ...item.map(encode)]);
  if (item instanceof Map) return encodeMap(item);
  throw new TypeError("not an item of the profile");
}

function encodeInteger(value) {
  if (!Number.isSafeInteger(value)) throw new TypeError("not a safe integer");
  return value < 0 ? encodeHead(NEGATIVE, -1 - value) : encodeHead(UNSIGNED, value);
}

function encodeMap(map) {
  const pairs = [...map].map(([key, value]) => ({ key: encodeInteger(key), value: encode(value) }));
  pairs.sort((a, b) => compareBytes(a.key, b.key));
  return concat([encodeHead(MAP, map.size), ...pairs.flatMap(({ key, value }) => [key, value])]);
}

const withHead = (major, content) => concat([encodeHead(major, content.length), content]);

function encodeHead(major, argument) {
  if (argument < 24) return Uint8Array.of((major << 5) | argument);
  const exponent = argument < 2 ** 8 ? 0 : argument < 2 ** 16 ? 1 : argument < 2 ** 32 ? 2 : 3;
  const out = new Uint8Array(1 + 2 ** exponent);
  out[0] = (major << 5) | (24 + exponent);
  for (let i = out.length - 1, rest = argument; i > 0; i--, rest = Math.floor(rest / 256)) {
    out[i] = rest % 256;
  }
  return out;
}
