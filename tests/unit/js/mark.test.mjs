// Marks of use made by a third hand (tests/vectors/mark), read by docs/format/mark.md.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fromHex } from "../../../mobile-qr/verifier/bytes.js";
import { decode } from "../../../mobile-qr/verifier/cbor.js";
import { check } from "../../../mobile-qr/verifier/shape.js";
import { mark } from "../../../mobile-qr/verifier/types_chain.js";
import { assertRefused } from "./vectors.mjs";

const cases = JSON.parse(readFileSync(new URL("../../vectors/mark/cases.json", import.meta.url), "utf8"));

for (const { what, hex, error } of cases.payloads) {
  test(`mark: ${what}`, async () => {
    const checked = async () => check(mark, decode(fromHex(hex)), {});
    if (error === null) await checked();
    else await assertRefused(checked, error);
  });
}

test("what is signed holds a payload of its type", async () => {
  assert.equal(cases.objects.length, 2);
  for (const { object } of cases.objects) {
    const [, , payload] = decode(fromHex(object).subarray(1));
    await check(mark, decode(payload), {});
  }
});
