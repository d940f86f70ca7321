// Statements in a receipt: the epochs after genesis, and what a changed one is called.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fromHex } from "../../../mobile-qr/verifier/bytes.js";
import { decode, encode } from "../../../mobile-qr/verifier/cbor.js";
import { verifyReceipt } from "../../../mobile-qr/verifier/verdict.js";
import { anchorBytes, changed, inputOf, keyOf, makeReceipt, makeStatement } from "./maker.mjs";

const inEpoch1 = { block: { 1: 1 }, vote: { epoch: 1 } };

async function outcome(statements, options = inEpoch1, input = {}) {
  const receipt = await makeReceipt({ ...options, receipt: { 2: statements } });
  const result = await verifyReceipt(inputOf(receipt, input));
  const failed = result.checks.find(({ ok }) => ok === false);
  return failed ? [result.verdict, failed.name, failed.error] : [result.verdict];
}

const members = () => decode(decode(fromHex(statement0()))[0]).get(1);
const statement0 = () => {
  const genesis = decode(anchorBytes()).get(1);
  const body = decode(decode(genesis.subarray(1))[2]).get(6);
  return Buffer.from(body).toString("hex");
};
const withoutRole = (role) => members().filter((member) => !member[2].includes(role));

test("a block of epoch 1 is judged by the statement of epoch 1", async () => {
  assert.deepEqual(await outcome([await makeStatement()]), ["released"]);
  assert.deepEqual(await outcome([]), ["tampered", "block", "block-epoch"]);
  assert.deepEqual(await outcome([await makeStatement()], {}), ["tampered", "block", "block-epoch"]);
});

test("votes are judged by the statement their size belongs to", async () => {
  const later = await makeStatement({ first: 3 });
  assert.deepEqual(await outcome([later], {}), ["released"]);
  assert.deepEqual(await outcome([later], { vote: { epoch: 1 } }), ["tampered", "votes", "vote-epoch"]);
});

test("a statement that the anchor holds must be the same, and may be repeated", async () => {
  const one = await makeStatement();
  const two = await makeStatement({ epoch: 2, first: 2 });
  const anchor = encode(changed(decode(anchorBytes()), { 3: [one] }));
  const inEpoch2 = { block: { 1: 2 }, vote: { epoch: 2 } };
  assert.deepEqual(await outcome([one, two], inEpoch2, { anchor }), ["released"]);
  assert.deepEqual(await outcome([two], inEpoch2, { anchor }), ["released"]);
  const other = await makeStatement({ changes: { 2: 3 } });
  assert.deepEqual(await outcome([other], inEpoch1, { anchor }), ["tampered", "statements", "statement-epoch"]);
  assert.deepEqual(await outcome([one, one], inEpoch1, { anchor }), ["tampered", "statements", "statement-epoch"]);
  assert.deepEqual(await outcome([one, one]), ["tampered", "statements", "statement-epoch"]);
});

test("statement 0 does not travel: its signature names no chain", async () => {
  assert.deepEqual(await outcome([fromHex(statement0())], {}), ["unknown", "statements", "cose-chain"]);
});

const h = (byte) => new Uint8Array(32).fill(byte);
const cases = [
  ["skips an epoch", { epoch: 2 }, "statement-epoch"],
  ["begins where the one before does", { first: 0 }, "statement-first"],
  ["is signed without the root key", { signers: ["sup1", "sup2", "sup3"] }, "statement-signer"],
  ["is signed by a stranger", { signers: ["root", "sup1", "stranger"] }, "statement-signer"],
  ["is signed by a reviewer", { signers: ["root", "sup1", "reviewer1"] }, "statement-signer"],
  ["lacks a signature of the quorum", { signers: ["root", "sup1"] }, "statement-quorum"],
  ["is signed twice by one", { signers: ["root", "sup1", "sup1"] }, "list-duplicate"],
  ["has no members", { changes: { 1: [] } }, "members-count"],
  ["has a quorum above its members", { changes: { 2: 4 } }, "statement-quorum"],
  ["has a quorum of less than half", { changes: { 2: 1 } }, "statement-quorum"],
  ["has no supervising members", { changes: { 1: () => withoutRole(2) } }, "statement-quorum"],
  ["has another size than first", { changes: { 5: 2 } }, "statement-first"],
  ["has no root", { changes: { 6: null } }, "statement-first"],
  ["has members out of order", { changes: { 1: () => members().reverse() } }, "list-order"],
  ["has a member twice", { changes: { 1: () => [members()[0], ...members()] } }, "list-duplicate"],
  ["lacks a key", { changes: { 7: undefined } }, "key-missing"],
  ["has one key more", { changes: { 8: 0 } }, "key-unknown"],
  ["has a member without role", { changes: { 1: () => edit({ 2: [] }) } }, "member-roles"],
  ["has a member of two ranks", { changes: { 1: () => edit({ 2: [0, 1] }) } }, "member-roles"],
  ["has a member of unknown role", { changes: { 1: () => edit({ 2: [4] }) } }, "enum-unknown"],
  ["has roles out of order", { changes: { 1: () => edit({ 2: [3, 0] }) } }, "list-order"],
  ["has a kid of another key", { changes: { 1: () => edit({ 0: new Uint8Array(16) }) } }, "key-bad"],
  ["has a key that is no point", { changes: { 1: () => edit({ 1: new Uint8Array(65).fill(4) }) } }, "key-bad"],
  ["has a prefix with a letter", { changes: { 1: () => edit({ 5: ["690a"] }) } }, "field-range"],
  ["has a root of 31 bytes", { changes: { 6: h(0).subarray(1) } }, "field-range"],
  ["has the root key as member", { changes: { 1: () => withRoot() } }, "member-roles"],
];

const edit = (changes) => members().map((member, at) =>
  at === 0 ? member.map((value, place) => changes[place] ?? value) : member);

function withRoot() {
  const { kid, point } = keyOf("root");
  const root = [kid, point, [3], "root", "", [], []];
  return [...members(), root].sort((a, b) => Buffer.compare(a[0], b[0]));
}

for (const [name, { changes = {}, ...options }, error] of cases) {
  test(`a statement that ${name}: ${error}`, async () => {
    const resolved = Object.fromEntries(
      Object.entries(changes).map(([key, value]) => [key, typeof value === "function" ? value() : value]),
    );
    const statement = await makeStatement({ ...options, changes: resolved });
    assert.deepEqual(await outcome([statement]), ["tampered", "statements", error]);
  });
}
