// The contract's vectors, and what every test needs to talk about them.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { fromHex, toHex } from "../../../mobile-qr/verifier/bytes.js";
import { ERROR_NUMBERS } from "../../../mobile-qr/verifier/errors.js";

export const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

export const vectors = (name) =>
  JSON.parse(readFileSync(new URL(`../../vectors/contract/${name}.json`, import.meta.url), "utf8"));

export const hex = fromHex;

/** Fails unless the bytes are the hexadecimal text. */
export function assertHex(bytes, expected, message) {
  assert.equal(toHex(bytes), expected, message);
}

/** Fails unless body throws or rejects with the error of that name and its number. */
export async function assertRefused(body, code, number = ERROR_NUMBERS[code]) {
  await assert.rejects(async () => body(), (error) => {
    assert.equal(error.code, code, error.stack);
    assert.equal(error.number, number);
    return true;
  });
}

/** An item of a vector's JSON as the verifier holds it: {hex} is a bstr, {map} a list of pairs. */
export function itemOf(json) {
  if (Array.isArray(json)) return json.map(itemOf);
  if (json === null || typeof json !== "object") return json;
  if ("hex" in json) return fromHex(json.hex);
  return new Map(json.map.map(([key, value]) => [key, itemOf(value)]));
}
