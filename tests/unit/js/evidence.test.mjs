// The evidence files of tests/vectors/evidence: every outcome, error and party as written there. LOTMARK_MUTATIONS=all
// flips every bit of the proven ones, else one bit of every seventh byte.

import assert from "node:assert/strict";
import { test } from "node:test";
import { verifyEvidence } from "../../../mobile-qr/verifier/evidence.js";
import { evidenceCases } from "./proof_cases.mjs";

const BITS = process.env.LOTMARK_MUTATIONS === "all" ? [0, 1, 2, 3, 4, 5, 6, 7] : [3];
const STEP = BITS.length === 8 ? 1 : 7;

for (const { name, evidence, anchor, expected } of evidenceCases()) {
  test(name, async () => {
    const { why, ...result } = await verifyEvidence({ evidence, anchor });
    assert.deepEqual(result, expected, why);
    assert.equal(why === "", expected.outcome === "proven");
  });
}

for (const { name, evidence, anchor } of evidenceCases().filter(({ expected }) => expected.outcome === "proven")) {
  test(`${name}: no flipped bit proves anything`, async () => {
    for (let at = 0; at < evidence.length; at += STEP) {
      for (const bit of BITS) {
        const bad = evidence.slice();
        bad[at] ^= 1 << bit;
        const { outcome } = await verifyEvidence({ evidence: bad, anchor });
        assert.notEqual(outcome, "proven", `byte ${at} bit ${bit}`);
      }
    }
  });
}

