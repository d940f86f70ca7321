// Rules of the shape tables that no vector shows: one good value of each type, and one change a line.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fromHex } from "../../../mobile-qr/verifier/bytes.js";
import { decode } from "../../../mobile-qr/verifier/cbor.js";
import { endOfDay, isGtin, isLot } from "../../../mobile-qr/verifier/fields.js";
import { check } from "../../../mobile-qr/verifier/shape.js";
import { SIGNED } from "../../../mobile-qr/verifier/signed.js";
import { lineFile } from "../../../mobile-qr/verifier/types.js";
import { changed } from "./maker.mjs";
import { assertRefused, vectors } from "./vectors.mjs";

const h = (byte) => new Uint8Array(32).fill(byte);
const k = (byte) => new Uint8Array(16).fill(byte);
const life = new Uint8Array(8);
const map = (...values) => new Map(values.map((value, at) => [at, value]));
const context = { kid: k(1) };
const payload = (name) => decode(fromHex(vectors("cose").objects.find((each) => each.name === name).payload));

const quantity = ["t", 0, "Cel", -2, [1, 5, 5, 10, 10, 0], h(1)];
const epc = ["door", 1, "", 0, [2, 10, 20], h(1)];
const bundle = map(k(1), life, 1, null, 0, null, 10, 20, 30, 0, [], [], [quantity, epc]);
const channels = (...list) => ({ 12: list });
const edit = (row, at, value) => row.map((each, place) => (place === at ? value : each));

const good = {
  start: map(k(1), "m", 0, k(0), [1, h(0)]),
  birth: map(k(1), life, 0, 0, true, "", h(0), [["a", "b", ["c", 0, -1, 1, 0]]], 3, 0),
  bundle,
  gap: map(k(1), life, 1, 1, null, null, 0, 2, null),
  ack: map(k(9), life, 0, null, 0, 0, h(0), null, [[1, 1]]),
  arrival: map(h(0), 0, 0),
  command: map(k(9), 0, 0, 1, 5),
  opening: map(h(0), "p", h(0), "06901234567892", null, [k(2), k(1)], [1, 1, 2]),
  report: map(h(0), [[100, "", null]], [[0, 0, true]], [], 0),
  refusal: map(h(0), h(0)),
  record: map(h(0), null),
  head: map(0, 5, h(0), 0, 2, [h(0)]),
  revocation: map(k(0), 0, 2, null),
  recall: map("06901234567892", null, true, "why", 0),
  promise: map(h(0), 0),
  turn: map(1, null, k(0)),
  delegation: map(1, k(0), 0, 0),
  token: map(k(0), "GET", "/", h(0), 0, k(0)),
};

const bad = [
  ["start", "cose-kid", { 0: k(2) }], ["start", "field-range", { 1: "" }], ["start", "field-range", { 4: [0, h(0)] }],
  ["birth", "exp-range", { 7: [["a", "b", ["c", 0, -1, 1, 19]]] }], ["birth", "enum-unknown", { 8: 4 }],
  ["birth", "field-type", { 4: 1 }],
  ["bundle", "field-range", { 2: 0 }], ["bundle", "list-duplicate", channels(quantity, quantity)],
  ["bundle", "exp-range", channels(edit(epc, 3, 1))], ["bundle", "exp-range", channels(edit(quantity, 3, -19))],
  ["bundle", "annotation", channels(edit(quantity, 5, null))],
  ["bundle", "annotation", channels(edit(epc, 4, [1, 10, 20]))],
  ["bundle", "field-type", channels(edit(epc, 4, [1, 5, 5, 10, 10, 0]))],
  ["bundle", "enum-unknown", channels(edit(epc, 1, 3))],
  ["bundle", "bundle-channels", channels(...Array(33).fill(epc))],
  ["bundle", "bundle-readings", channels(edit(epc, 4, [4097, 10, 20]))],
  ["bundle", "bundle-gaps", { 10: Array(65).fill([null, 10, 20, 0]) }],
  ["bundle", "time-order", { 10: [[null, 12, 14, 0], [null, 11, 14, 0]] }],
  ["bundle", "field-range", { 10: [[2, 12, 14, 0]] }], ["bundle", "field-range", { 11: [[2, "r", 0, null]] }],
  ["bundle", "time-order", { 6: 21 }], ["bundle", "time-order", { 6: 9 }], ["bundle", "time-order", { 7: 21 }],
  ["bundle", "time-order", { 12: [] }],
  ["gap", "field-range", { 3: 0 }], ["gap", "field-range", { 7: 4 }], ["gap", "field-range", { 8: h(0) }],
  ["ack", "ack-refusals", { 8: Array(65).fill([1, 1]) }], ["ack", "field-range", { 8: [[1, 0]] }],
  ["command", "field-range", { 3: 0 }], ["command", "field-range", { 4: null }],
  ["command", "enum-unknown", { 3: 5 }],
  ["opening", "reviewers-count", { 5: [] }], ["opening", "list-duplicate", { 5: [k(1), k(2), k(1)] }],
  ["opening", "time-order", { 6: [2, 1] }], ["opening", "opening-count", { 6: Array(1024).fill(1) }],
  ["opening", "lot", { 4: "" }], ["opening", "gtin", { 3: "6901234567892" }],
  ["report", "field-range", { 1: [[1, "", null]] }], ["report", "field-range", { 2: [[0, 0, false]] }],
  ["report", "enum-unknown", { 1: [[17, "", null]] }],
  ["head", "field-range", { 4: 6 }], ["head", "tree-path", { 4: 0 }], ["head", "tree-path", { 4: 5 }],
  ["head", "path-length", { 5: Array(65).fill(h(0)) }],
  ["turn", "field-range", { 0: 0 }], ["token", "field-range", { 1: "get" }],
  ["recall", "field-range", { 3: "" }],
];

for (const [name, value] of Object.entries(good)) {
  test(`${name}: good; every key demanded, none added, every one typed`, async () => {
    await check(SIGNED[name], value, context);
    for (const key of value.keys()) {
      await assertRefused(() => check(SIGNED[name], changed(value, { [key]: undefined }), context), "key-missing");
      await assertRefused(() => check(SIGNED[name], changed(value, { [key]: new Map() }), context), "field-type");
    }
    await assertRefused(() => check(SIGNED[name], changed(value, { [value.size]: 0 }), context), "key-unknown");
    await assertRefused(() => check(SIGNED[name], [...value.values()], context), "field-type");
  });
}

for (const [name, error, changes] of bad) {
  test(`${name} with ${Object.keys(changes)} changed: ${error}`, () =>
    assertRefused(() => check(SIGNED[name], changed(good[name], changes), context), error));
}

test("phase 1 is done before any value is looked at", async () => {
  const value = changed(payload("opening"), { 0: new Uint8Array(1), 6: "x" });
  await assertRefused(() => check(SIGNED.opening, value), "field-type");
});

test("a bundle without readings or gaps is as long as the moment it was made", async () => {
  const empty = changed(bundle, { 6: 30, 7: 30, 12: [["t", 0, "Cel", -2, null, null]] });
  await check(SIGNED.bundle, empty, context);
});

test("line file", async () => {
  const step = ["filling", [k(1)], ["t"], [200, 800, 61000], k(2), 60000];
  const file = map("lotmark/line/1", "vaccines", [step]);
  await check(lineFile, file);
  const refuse = (steps, error) => assertRefused(() => check(lineFile, changed(file, { 2: steps })), error);
  await refuse([], "field-range");
  await refuse([step, step], "list-duplicate");
  await refuse([edit(step, 5, 0)], "field-range");
  await refuse([step.slice(0, 5)], "field-type");
  await refuse([edit(step, 3, [800, 200, 0])], "field-range");
  await refuse([edit(step, 1, [])], "field-range");
});

test("GTIN, lot, expires", () => {
  assert.ok(isGtin("06901234567892"));
  for (const wrong of ["06901234567893", "6901234567892", "0690123456789x", "", "06901234567892\n"]) {
    assert.ok(!isGtin(wrong), wrong);
  }
  assert.ok(isLot("A-2026/01") && isLot("x".repeat(20)) && isLot("!\"%&'()*+,-./:;<=>?_"));
  for (const wrong of ["", "x".repeat(21), "a b", "a#b", "a$b", "a@b", "é", "a\n", "[", "^", "`", "{"]) {
    assert.ok(!isLot(wrong), wrong);
  }
  assert.equal(endOfDay(20281231), Date.UTC(2029, 0, 1));
  assert.equal(endOfDay(20240229), Date.UTC(2024, 2, 1));
  for (const wrong of [20230229, 19991231, 20260001, 20261301, 20260431, 20260400, 0, 100000101]) {
    assert.equal(endOfDay(wrong), null, String(wrong));
  }
});
