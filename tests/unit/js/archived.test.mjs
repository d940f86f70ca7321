// The archived proofs of tests/vectors/archived: every verdict, check and error as written there.
// LOTMARK_MUTATIONS=all flips every bit of a good one, else one bit of every seventh byte.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isArchived, verifyArchived } from "../../../mobile-qr/verifier/archived.js";
import { proofCases } from "./proof_cases.mjs";

const BITS = process.env.LOTMARK_MUTATIONS === "all" ? [0, 1, 2, 3, 4, 5, 6, 7] : [3];
const STEP = BITS.length === 8 ? 1 : 7;

const cases = proofCases("archived").map(({ name, file: archived, anchor, gtin, lot, expected }) =>
  ({ name, input: { archived, anchor, gtin, lot }, expected }));

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
  assert.equal(isArchived(cases.find(({ name }) => name === "another version").input.archived), true);
  assert.equal(isArchived(Uint8Array.of(1, 2, 3)), false);
  assert.equal(isArchived(cases[0].input.anchor), false);
});
