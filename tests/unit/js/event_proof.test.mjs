// The event proofs of tests/vectors/event_proof: every verdict, check and error as written there, but for the canonical
// hash, which this reader does not compute. LOTMARK_MUTATIONS=all flips every bit of a good one, else one bit of every
// seventh byte.

import assert from "node:assert/strict";
import { test } from "node:test";
import { decode } from "../../../mobile-qr/verifier/cbor.js";
import { examineEvent, isEventProof, verifyEvent } from "../../../mobile-qr/verifier/event_proof.js";
import { proofCases } from "./proof_cases.mjs";

const BITS = process.env.LOTMARK_MUTATIONS === "all" ? [0, 1, 2, 3, 4, 5, 6, 7] : [3];
const STEP = BITS.length === 8 ? 1 : 7;

/** What a reader says that has no canonical hash. */
function withoutHash(expected) {
  const checks = expected.checks.map((each) =>
    each.name === "hash" ? { ...each, ok: null } : each);
  const codes = [...expected.not_proved];
  if (codes.includes("term-signer")) codes.splice(codes.indexOf("term-signer"), 0, "hash-claimed");
  return { ...expected, checks, not_proved: codes };
}

const cases = proofCases("event_proof").map(({ name, file: event, anchor, expected, bytes_proven: proven }) =>
  ({ name, input: { event, anchor }, expected: withoutHash(proven ?? expected) }));

for (const { name, input, expected } of cases) {
  test(`event proof: ${name}`, async () => {
    const result = await verifyEvent(input);
    const checks = result.checks.map(({ why, ...rest }) => rest);
    assert.deepEqual({ ...result, checks }, expected, JSON.stringify(result.checks));
  });
}

/** The names, which say nothing without the canonical hash: where they begin and end in a file. */
function namesIn(bytes) {
  const { length } = decode(bytes).get(11);
  const end = bytes.length - length - 4; // key 11, head of the body
  let begin = end;
  while (bytes[begin] !== 10 || (bytes[begin + 1] & 0xe0) !== 0x80) begin--;
  return [begin + 1, end];
}

for (const named of ["an event of a period record", "an event of a lot's step"]) {
  test(`event proof: no flipped bit of ${named} gives another answer than refusal`, async () => {
    const { input } = cases.find(({ name }) => name === named);
    const [begin, end] = namesIn(input.event);
    const good = JSON.stringify(await verifyEvent(input));
    for (let at = 0; at < input.event.length; at += STEP) {
      for (const bit of BITS) {
        const event = input.event.slice();
        event[at] ^= 1 << bit;
        const result = await verifyEvent({ ...input, event });
        const refused = result.verdict === "tampered" || result.verdict === "unknown";
        const says = at >= begin && at < end && JSON.stringify(result) === good;
        assert.ok(refused || says, `byte ${at} bit ${bit}: ${result.verdict}`);
      }
    }
  });
}

test("event proof: gives the event's own bytes, of what is proven alone", async () => {
  const [good] = cases;
  const { body, chain } = await examineEvent(good.input);
  assert.deepEqual(body, decode(good.input.event).get(11));
  assert.match(chain, /^[0-9a-f]{64}$/);
  const bad = cases.find(({ expected }) => expected.verdict === "tampered");
  assert.equal((await examineEvent(bad.input)).body, null);
});

test("event proof: a file is known by its magic", () => {
  assert.equal(isEventProof(cases[0].input.event), true);
  assert.equal(isEventProof(cases.find(({ name }) => name === "another version").input.event), true);
  assert.equal(isEventProof(Uint8Array.of(1, 2, 3)), false);
  assert.equal(isEventProof(new Uint8Array(0)), false);
  assert.equal(isEventProof(cases[0].input.anchor), false);
});
