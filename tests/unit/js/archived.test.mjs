// The archived proofs of tests/vectors/archived: every verdict, check and error as written there.
// LOTMARK_MUTATIONS=all flips every bit of a good one, else one bit of every seventh byte.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { isArchived, verifyArchived } from "../../../mobile-qr/verifier/archived.js";
import { concat, fromHex } from "../../../mobile-qr/verifier/bytes.js";

const whole = JSON.parse(readFileSync(new URL("../../vectors/archived/cases.json", import.meta.url), "utf8"));
const BITS = process.env.LOTMARK_MUTATIONS === "all" ? [0, 1, 2, 3, 4, 5, 6, 7] : [3];
const STEP = BITS.length === 8 ? 1 : 7;

const cases = whole.cases.map(({ name, file, fill = [0, 0], anchor = whole.anchor, gtin, lot, expected }) => ({
  name,
  input: {
    archived: concat([fromHex(file), new Uint8Array(fill[1]).fill(fill[0])]), anchor: fromHex(anchor), gtin, lot,
  },
  expected,
}));

for (const { name, input, expected } of cases) {
  test(`archived: ${name}`, async () => {
    const result = await verifyArchived(input);
    const checks = result.checks.map(({ why, ...rest }) => rest);
    assert.deepEqual({ ...result, checks }, expected, JSON.stringify(result.checks));
  });
}

test("archived: no flipped bit gives another answer than refusal", async () => {
  const { input } = cases[0];
  for (let at = 0; at < input.archived.length; at += STEP) {
    for (const bit of BITS) {
      const archived = input.archived.slice();
      archived[at] ^= 1 << bit;
      const { verdict } = await verifyArchived({ ...input, archived });
      assert.ok(verdict === "tampered" || verdict === "unknown", `byte ${at} bit ${bit}: ${verdict}`);
    }
  }
});

test("archived: a file is known by its magic", () => {
  assert.equal(isArchived(cases[0].input.archived), true);
  assert.equal(isArchived(Uint8Array.of(1, 2, 3)), false);
  assert.equal(isArchived(fromHex(whole.anchor)), false);
});
