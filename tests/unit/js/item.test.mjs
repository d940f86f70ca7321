// The item proofs of tests/vectors/item: each answer and error as written there; and beside a receipt, what a page is told.
// LOTMARK_MUTATIONS=all flips every bit of a good one, else one bit of every byte.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { concat, fromHex, sha256, toHex } from "../../../mobile-qr/verifier/bytes.js";
import { encode } from "../../../mobile-qr/verifier/cbor.js";
import { serialSalt } from "../../../mobile-qr/verifier/fields.js";
import { examineItem } from "../../../mobile-qr/verifier/item.js";
import { leafHash } from "../../../mobile-qr/verifier/trees.js";
import { examineReceipt } from "../../../mobile-qr/verifier/verdict.js";
import { given, inputOf } from "./maker.mjs";

const whole = JSON.parse(readFileSync(new URL("../../vectors/item/cases.json", import.meta.url), "utf8"));
const BITS = process.env.LOTMARK_MUTATIONS === "all" ? [0, 1, 2, 3, 4, 5, 6, 7] : [3];

const cases = whole.cases.map(({ name, file, fill = [0, 0], block, items, asked, expected }) => ({
  name,
  file: concat([fromHex(file), new Uint8Array(fill[1]).fill(fill[0])]),
  proved: {
    application: { items: items && { size: items.size, root: fromHex(items.root) } },
    block: fromHex(block),
  },
  asked,
  expected,
}));

for (const { name, file, proved, asked, expected } of cases) {
  test(`item: ${name}`, async () => {
    const { why, ...rest } = await examineItem(file, proved, asked);
    assert.deepEqual(rest, expected, why);
  });
}

test("item: no flipped bit of a good proof holds", async () => {
  const { file, proved } = cases[0];
  for (let at = 0; at < file.length; at += 1) {
    for (const bit of BITS) {
      const bad = file.slice();
      bad[at] ^= 1 << bit;
      assert.equal((await examineItem(bad, proved)).ok, false, `byte ${at} bit ${bit}`);
    }
  }
});

test("item: a serial's entry is made of the lot's salt", async () => {
  const serial = "S000000";
  const entry = encode([await serialSalt(await sha256(new TextEncoder().encode("salt of the lot")), serial), serial]);
  const { file, proved: { application } } = cases.find(({ name }) => name === "serial 0 of 1");
  assert.equal(toHex(await leafHash(entry)), toHex(application.items.root));
  assert.ok(toHex(file).includes(toHex(entry)));
});

test("item: without a receipt that proves a lot nothing holds", async () => {
  const { file } = cases[0];
  const item = await examineItem(file, null);
  assert.deepEqual([item.ok, item.error, item.serial], [false, "tree-path", null]);
});

test("item: beside a receipt it is held against that lot", async () => {
  const input = inputOf(fromHex(given.receipt));
  assert.equal((await examineReceipt(input)).item, null);
  const { result, item } = await examineReceipt({ ...input, item: cases[0].file, serial: cases[0].expected.serial });
  assert.equal(result.verdict, "released"); // the lot's own, whatever becomes of the item
  assert.deepEqual([item.ok, item.error], [false, "block-prev"]);
});
