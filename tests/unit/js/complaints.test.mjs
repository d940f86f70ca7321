// Complaints and rulings made by a third hand (tests/vectors/complaints), read by docs/format/complaints.md.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fromHex } from "../../../mobile-qr/verifier/bytes.js";
import { decode } from "../../../mobile-qr/verifier/cbor.js";
import { check } from "../../../mobile-qr/verifier/shape.js";
import * as types from "../../../mobile-qr/verifier/types_chain.js";
import { assertRefused } from "./vectors.mjs";

const cases = JSON.parse(readFileSync(new URL("../../vectors/complaints/cases.json", import.meta.url), "utf8"));
for (const { type, what, hex, error } of cases.payloads) {
  test(`${type}: ${what}`, async () => {
    const checked = async () => check(types[type], decode(fromHex(hex)), {});
    if (error === null) await checked();
    else await assertRefused(checked, error);
  });
}

test("what is signed holds a payload of its type", async () => {
  for (const { type, object } of cases.objects) {
    const [, , payload] = decode(fromHex(object).subarray(1));
    await check(types[type], decode(payload), {});
  }
});
