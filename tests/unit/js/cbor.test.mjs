import assert from "node:assert/strict";
import { test } from "node:test";
import { decode, encode } from "../../../mobile-qr/verifier/cbor.js";
import { fromHex } from "../../../mobile-qr/verifier/bytes.js";
import { assertHex, assertRefused, itemOf, vectors } from "./vectors.mjs";

const { accept, refuse } = vectors("cbor");

/** Maps in the order of their pairs: deepEqual does not look at it. */
const pairs = (item) => (item instanceof Map ? [...item] : item);

for (const { name, hex, value } of accept) {
  test(`accepted: ${name}`, () => {
    const item = decode(fromHex(hex));
    assert.deepEqual(pairs(item), pairs(itemOf(value)));
    assertHex(encode(item), hex);
    assertHex(encode(itemOf(value)), hex);
  });
}

for (const { name, hex, error, errc } of refuse) {
  test(`refused: ${name}`, () => assertRefused(() => decode(fromHex(hex)), error, errc));
}

// What the page on the order of checks says and no vector shows.
const order = [
  ["a float is a float before it is cut", "f9", "cbor-float"],
  ["f8 without its byte is a simple value", "f8", "cbor-simple"],
  ["a tag of indefinite length is reserved", "df", "cbor-reserved"],
  ["a head is cut before it is long", "1900", "cbor-truncated"],
  ["a long head comes before a tag", "d812", "cbor-not-shortest"],
  ["a tag comes before what it holds", "d2", "cbor-tag"],
  ["depth comes before the count", "81818181818181819b001fffffffffffff", "cbor-depth"],
  ["missing bytes come before a long text", "790101", "cbor-truncated"],
  ["a map of one needs two bytes", "a100", "cbor-truncated"],
  ["an array as key is met at its head", "a181ff", "cbor-key-type"],
  ["an array as key has a depth", "818181818181a1818100", "cbor-key-type"],
  ["an array as key at depth nine", "81818181818181a18000", "cbor-depth"],
  ["a text as key is read to its end", "a161ff00", "cbor-utf8"],
  ["a key equal to one further back is out of order", "a3000001000000", "cbor-key-order"],
  ["the value before comes before the next key's order", "a201ff0000", "cbor-indefinite"],
  ["an error inside comes before trailing bytes", "81ff00", "cbor-indefinite"],
  ["a text cut inside a character", "62e282", "cbor-utf8"],
  ["a lone low surrogate", "63edb080", "cbor-utf8"],
  ["an overlong slash in three bytes", "63e080af", "cbor-utf8"],
  ["-(2^53) by one", "3b001fffffffffffff", "cbor-int-range"],
  ["-(2^64)", "3bffffffffffffffff", "cbor-int-range"],
  ["a map count of 2^53", "bb0020000000000000", "cbor-truncated"],
];

for (const [name, hex, error] of order) {
  test(`order: ${name}`, () => assertRefused(() => decode(fromHex(hex)), error));
}

test("every item of two bytes is read or refused, and what is read encodes to the same bytes", () => {
  for (let n = 0; n < 65536; n++) {
    const bytes = Uint8Array.of(n >> 8, n & 255);
    let item;
    try {
      item = decode(bytes);
    } catch (error) {
      assert.ok(error.number > 0, String(error.stack));
      continue;
    }
    assert.deepEqual(encode(item), bytes);
  }
});

test("what the profile cannot hold is a bug of the caller", () => {
  for (const item of [1.5, 2 ** 53, NaN, undefined, {}, [undefined]]) assert.throws(() => encode(item), TypeError);
});
