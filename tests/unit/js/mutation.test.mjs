// No receipt of which one byte was changed is released. By default one of the eight bits of every byte is
// flipped; LOTMARK_MUTATIONS=all flips all eight.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fromHex } from "../../../mobile-qr/verifier/bytes.js";
import { verifyReceipt } from "../../../mobile-qr/verifier/verdict.js";
import { given, inputOf } from "./maker.mjs";

const receipt = fromHex(given.receipt);
const BITS = process.env.LOTMARK_MUTATIONS === "all" ? 8 : 1;

test(`a flipped bit anywhere is never released (${receipt.length} bytes, ${BITS} bits each)`, async () => {
  const verdicts = {};
  for (let at = 0; at < receipt.length; at++) {
    for (let n = 0; n < BITS; n++) {
      const bit = BITS === 8 ? n : (at * 3) % 8;
      const mutant = receipt.slice();
      mutant[at] ^= 1 << bit;
      const { verdict } = await verifyReceipt(inputOf(mutant));
      verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
      assert.notEqual(verdict, "released", `byte ${at} bit ${bit}`);
      assert.ok(["tampered", "unknown"].includes(verdict), `byte ${at} bit ${bit}: ${verdict}`);
    }
  }
  assert.equal(Object.values(verdicts).reduce((sum, count) => sum + count), receipt.length * BITS);
});

test("a receipt cut anywhere is tampered", async () => {
  for (let length = 0; length < receipt.length; length += 7) {
    const { verdict } = await verifyReceipt(inputOf(receipt.subarray(0, length)));
    assert.equal(verdict, "tampered", `cut at ${length}`);
  }
});

test("a flipped bit in the anchor never makes a receipt of another consortium good", async () => {
  const anchor = fromHex(given.anchor);
  for (let at = 0; at < anchor.length; at++) {
    const mutant = anchor.slice();
    mutant[at] ^= 1 << (at % 8);
    const { verdict } = await verifyReceipt(inputOf(receipt, { anchor: mutant }));
    assert.equal(verdict, "unknown", `byte ${at}`);
  }
});
