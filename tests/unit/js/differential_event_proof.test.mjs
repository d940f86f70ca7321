// The two readers of event proofs must agree on everything but the canonical hash and prose: ours and the C++ one behind
// `lotmark verify --event`.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { decode, encode } from "../../../mobile-qr/verifier/cbor.js";
import { verifyEvent } from "../../../mobile-qr/verifier/event_proof.js";
import { ask, CASES, SEED, skip } from "./both_readers.mjs";
import { disturb, random } from "./disturb.mjs";
import { proofCases } from "./proof_cases.mjs";

const cases = proofCases("event_proof").filter(({ file }) => file.length > 0 && file.length < 20000);
const shown = cases.filter(({ expected }) => expected.event !== null);

const theirs = ({ event, anchor }) =>
  ask(["verify", "--event", "@event", "--anchor", "@anchor"], { event, anchor }).result;

/** Without what only one of them can say. */
function comparable({ checks, not_proved: codes, ...rest }) {
  return {
    ...rest,
    checks: checks.filter(({ name }) => name !== "hash").map(({ why, ...each }) => each),
    codes: codes.filter((code) => code !== "hash-claimed"),
  };
}

const brief = ({ verdict, checks }) => `${verdict} ${checks.filter(({ ok }) => ok === false).map((c) => `${c.name} ${c.error}`)}`;

/** What differs, in words, or null. What stops at the hash there has held so far here too. */
async function compare(name, input) {
  const ours = await verifyEvent(input);
  const other = theirs(input);
  const hash = other.checks.findIndex((each) => each.name === "hash");
  const same = other.checks[hash].ok === false
    ? ours.checks.slice(0, hash).every(({ ok }) => ok)
    : isDeepStrictEqual(comparable(ours), comparable(other));
  return same ? null : `${name}: ours ${brief(ours)}; theirs ${brief(other)}`;
}

test("event proofs: the vectors", { skip }, async () => {
  const differences = [];
  for (const { name, file: event, anchor } of cases) differences.push(await compare(name, { event, anchor }));
  assert.deepEqual(differences.filter(Boolean), []);
});

test(`event proofs: values replaced anywhere (${CASES} cases, seed ${SEED})`, { skip }, async () => {
  const below = random(SEED);
  const differences = [];
  for (let n = 0; n < CASES; n++) {
    const { name, file, anchor } = shown[below(shown.length)];
    const isAnchor = below(8) === 0;
    const mutant = encode(disturb(decode(isAnchor ? anchor : file), below));
    const input = isAnchor ? { event: file, anchor: mutant } : { event: mutant, anchor };
    differences.push(await compare(`${name}, ${n}`, input));
  }
  assert.deepEqual(differences.filter(Boolean), []);
});

test(`event proofs: places of one file in another (${CASES} cases, seed ${SEED})`, { skip }, async () => {
  const below = random(SEED + 1);
  const readable = cases.filter(({ expected }) => expected.checks[1].ok);
  const pick = () => decode(readable[below(readable.length)].file);
  const differences = [];
  for (let n = 0; n < CASES; n++) {
    const mixed = pick();
    const other = pick();
    for (let place = 1; place <= 11; place++) if (below(6) === 0) mixed.set(place, other.get(place));
    differences.push(await compare(`mixed ${n}`, { event: encode(mixed), anchor: readable[0].anchor }));
  }
  assert.deepEqual(differences.filter(Boolean), []);
});
