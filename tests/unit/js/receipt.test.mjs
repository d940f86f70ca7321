// The contract's receipt, and one changed thing at a time: which check says so, with which error.

import assert from "node:assert/strict";
import { test } from "node:test";
import { concat, fromHex } from "../../../mobile-qr/verifier/bytes.js";
import { decode, encode } from "../../../mobile-qr/verifier/cbor.js";
import { CHECK_NAMES, verifyReceipt } from "../../../mobile-qr/verifier/verdict.js";
import { outcomes } from "./outcomes.mjs";
import { anchorBytes, changed, given, inputOf, keyOf, makeReceipt } from "./maker.mjs";

const COMPARED = ["name", "ok", "why"];
const pick = (object, names) => Object.fromEntries(names.map((name) => [name, object[name]]));

test("the contract's receipt: verdict, every check, what it does not prove", async () => {
  const result = await verifyReceipt(inputOf(fromHex(given.receipt)));
  assert.equal(result.verdict, given.verdict);
  assert.deepEqual(result.checks.map((entry) => pick(entry, COMPARED)), given.checks);
  assert.deepEqual(result.final, { votes: 3, quorum: 2, members: 3 });
  assert.deepEqual(result.not_proved, [
    "copy", "recall", "entered", "root-claimed", "device-named", "whole-bundles", "expected", "programme-limits",
    "deciding-reviewer", "term-signer", "removed-quorum",
  ]);
});

test("receipt and anchor encode to the same bytes", () => {
  for (const hex of [given.receipt, given.anchor]) assert.deepEqual(encode(decode(fromHex(hex))), fromHex(hex));
});

test("the receipt made anew is released too", async () => {
  assert.equal((await verifyReceipt(inputOf(await makeReceipt()))).verdict, "released");
});

/** Name; options of makeReceipt, or bytes; verdict; the check that says so; its error. */
async function assertOutcome(receipt, verdict, check, error, input = {}) {
  const bytes = receipt instanceof Uint8Array ? receipt : await makeReceipt(receipt);
  const result = await verifyReceipt(inputOf(bytes, input));
  const failed = result.checks.filter(({ ok }) => ok === false);
  assert.deepEqual(
    [result.verdict, ...failed.map((entry) => [entry.name, entry.error])], [verdict, [check, error]],
  );
  assert.deepEqual(result.checks.map(({ name }) => name), CHECK_NAMES);
  if (verdict === "tampered" || verdict === "unknown") {
    assert.deepEqual([result.gtin, result.final, result.claims], [null, null, []]);
    for (const entry of result.checks.slice(CHECK_NAMES.indexOf(check) + 1)) {
      assert.deepEqual(pick(entry, ["ok", "error", "why"]), { ok: null, error: null, why: "not run" });
    }
  } else {
    assert.equal(result.gtin, given.gtin);
    assert.ok(result.checks.every(({ ok }) => ok !== null));
  }
  return result;
}

for (const [name, options, verdict, check, error] of outcomes) {
  test(`${name} is ${verdict}`, () => assertOutcome(options, verdict, check, error));
}

test("what was asked decides unknown", async () => {
  const receipt = fromHex(given.receipt);
  await assertOutcome(receipt, "unknown", "asked", "gtin", { gtin: "00000000000000" });
  await assertOutcome(receipt, "unknown", "asked", "lot", { lot: "a-2026/01" });
  const result = await verifyReceipt(inputOf(receipt, { gtin: null, lot: null }));
  assert.equal(result.verdict, "released");
});

test("an anchor that is none is unknown", async () => {
  const receipt = fromHex(given.receipt);
  const anchor = decode(anchorBytes());
  const broken = {
    "cbor-truncated": new Uint8Array(0),
    "field-type": encode([]),
    "anchor": encode(changed(anchor, { 0: "lotmark/receipt/1" })),
    "key-unknown": encode(changed(anchor, { 4: 0 })),
    "key-bad": encode(changed(anchor, { 2: concat([Uint8Array.of(4), new Uint8Array(64)]) })),
    "object-too-large": new Uint8Array(1048577),
    "genesis": encode(changed(anchor, { 2: keyOf("root2").point })),
    "cbor-trailing": concat([anchorBytes(), Uint8Array.of(0)]),
  };
  for (const [error, bytes] of Object.entries(broken)) {
    await assertOutcome(receipt, "unknown", "anchor", error, { anchor: bytes });
  }
});

test("a receipt above its size is refused before it is read", async () => {
  await assertOutcome(new Uint8Array(262145), "tampered", "receipt", "receipt-too-large");
});

test("the last millisecond of the day of expiry is still good", async () => {
  const receipt = await makeReceipt({ application: { 6: 20261231 } });
  const end = Date.UTC(2027, 0, 1);
  assert.equal((await verifyReceipt(inputOf(receipt, { now: end - 1 }))).verdict, "released");
  assert.equal((await verifyReceipt(inputOf(receipt, { now: end }))).verdict, "expired");
});

test("precedence: not-final before refused before expired; an error after quorum is tampered", async () => {
  const all = { voters: [], claim: { 14: [200, 756, 61000] }, application: { 6: 20261230 } };
  const outcome = async (options) => (await verifyReceipt(inputOf(await makeReceipt(options)))).verdict;
  assert.equal(await outcome(all), "not-final");
  assert.equal(await outcome({ ...all, voters: ["sup1", "sup2"] }), "refused");
  assert.equal(await outcome({ ...all, samples: (samples) => samples.reverse() }), "tampered");
});

test("nothing disclosed", async () => {
  const result = await verifyReceipt(inputOf(await makeReceipt({ disclosed: false })));
  assert.equal(result.verdict, "released");
  assert.deepEqual(result.claims, []);
  for (const { name, why } of result.checks.filter(({ name }) =>
    ["disclosure", "claims", "samples", "limits"].includes(name))) assert.equal(why, "nothing disclosed", name);
  assert.deepEqual(result.not_proved, [
    "copy", "recall", "deciding-reviewer", "term-signer", "removed-quorum", "nothing-disclosed",
  ]);
});

test("a claim without samples is ok, and says so", async () => {
  const result = await verifyReceipt(inputOf(await makeReceipt({ samples: 0 })));
  assert.equal(result.verdict, "released");
  assert.equal(result.claims[0].samples, 0);
  assert.equal(result.checks.find(({ name }) => name === "samples").why, "0 readings");
});
