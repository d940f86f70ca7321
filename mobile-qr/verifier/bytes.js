// Bytes: hexadecimal, comparison, UTF-8, SHA-256.

const utf8Encoder = new TextEncoder();
const utf8Decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
let provider;

/** WebCrypto of the browser or of Node; Node 18 keeps it in a module. */
export async function subtle() {
  provider ??= globalThis.crypto ?? (await import("node:crypto")).webcrypto;
  if (!provider.subtle) throw new Error("WebCrypto needs a secure context (https, or this machine)");
  return provider.subtle;
}

export async function sha256(...parts) {
  const input = parts.length === 1 ? parts[0] : concat(parts);
  return new Uint8Array(await (await subtle()).digest("SHA-256", input));
}

export function concat(parts) {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Below, at or above zero, as bytes are ordered; a beginning stands before what it begins. */
export function compareBytes(a, b) {
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) {
    if (a[i] !== b[i]) return a[i] - b[i];
  }
  return a.length - b.length;
}

export const equalBytes = (a, b) => compareBytes(a, b) === 0;

export function toHex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function fromHex(text) {
  if (text.length % 2 !== 0 || /[^0-9a-fA-F]/.test(text)) throw new TypeError("not hexadecimal");
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export const toUtf8 = (text) => utf8Encoder.encode(text);

/** Throws TypeError on anything that is not UTF-8; NUL and a byte order mark are kept. */
export const fromUtf8 = (bytes) => utf8Decoder.decode(bytes);

/** `value` as big-endian bytes of the stated width. */
export function bigEndian(value, width) {
  const out = new Uint8Array(width);
  for (let i = width - 1, rest = value; i >= 0; i--, rest = Math.floor(rest / 256)) out[i] = rest % 256;
  return out;
}
