// The two readers of evidence must agree on everything but prose: ours and the C++ one behind `lotmark evidence
// verify`.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { concat } from "../../../mobile-qr/verifier/bytes.js";
import { decode, encode } from "../../../mobile-qr/verifier/cbor.js";
import { verifyEvidence } from "../../../mobile-qr/verifier/evidence.js";
import { ask, CASES, SEED, skip } from "./both_readers.mjs";
import { disturb, random } from "./disturb.mjs";
import { evidenceCases } from "./proof_cases.mjs";

const EXIT = { "proven": 0, "not-proven": 1, "unreadable": 3 };
const proven = evidenceCases().filter(({ expected }) => expected.outcome === "proven");

function theirs({ evidence, anchor }) {
  const { status, result: theirResult } = ask(["evidence", "verify", "@evidence", "--anchor", "@anchor"],
    { evidence, anchor });
  const { why, said, ...result } = theirResult;
  assert.equal(said !== "", result.outcome === "proven");
  assert.equal(status, EXIT[result.outcome]);
  return result;
}

const brief = ({ outcome, check, error }) => `${outcome} ${check} ${error}`;

/** What differs, in words, or null. */
async function compare(name, input) {
  const { why, ...ours } = await verifyEvidence(input);
  const other = theirs(input);
  return isDeepStrictEqual(ours, other) ? null : `${name}: ours ${brief(ours)} (${why}); theirs ${brief(other)}`;
}

test(`values replaced anywhere, not signed anew (${CASES} cases, seed ${SEED})`, { skip }, async () => {
  const below = random(SEED);
  const differences = [];
  for (let n = 0; n < CASES; n++) {
    const { name, evidence, anchor } = proven[below(proven.length)];
    const isAnchor = below(8) === 0;
    const mutant = encode(disturb(decode(isAnchor ? anchor : evidence), below));
    const input = isAnchor ? { evidence, anchor: mutant } : { evidence: mutant, anchor };
    differences.push(await compare(`${name}, ${n}`, input));
  }
  assert.deepEqual(differences.filter(Boolean), []);
});

test(`flipped, cut and doubled bytes (${CASES} cases, seed ${SEED})`, { skip }, async () => {
  const below = random(SEED + 1);
  const differences = [];
  for (let n = 0; n < CASES; n++) {
    const { name, evidence, anchor } = proven[below(proven.length)];
    const at = below(evidence.length);
    const bytes = evidence.slice();
    const kind = below(4);
    if (kind < 2) bytes[at] ^= 1 << below(8);
    const mutant = kind === 2 ? bytes.subarray(0, at)
      : kind === 3 ? concat([bytes.subarray(0, at), bytes.subarray(Math.max(0, at - 1 - below(9)))]) : bytes;
    differences.push(await compare(`${name}, bytes ${n}`, { evidence: mutant, anchor }));
  }
  assert.deepEqual(differences.filter(Boolean), []);
});

test(`kinds, objects and proofs of one file in another (${CASES} cases, seed ${SEED})`, { skip }, async () => {
  const below = random(SEED + 2);
  const all = evidenceCases().filter(({ evidence, expected }) => expected.outcome !== "unreadable" && evidence.length < 20000);
  const pick = () => decode(all[below(all.length)].evidence);
  const differences = [];
  for (let n = 0; n < CASES; n++) {
    const mixed = pick();
    const other = pick();
    if (below(3) === 0) mixed.set(1, below(6));
    if (below(2) === 0) mixed.set(2, [mixed.get(2)[below(2)], other.get(2)[below(2)]]);
    for (const place of [3, 4]) if (below(3) === 0) mixed.set(place, other.get(place));
    differences.push(await compare(`mixed ${n}`, { evidence: encode(mixed), anchor: all[0].anchor }));
  }
  assert.deepEqual(differences.filter(Boolean), []);
});
