// Payloads made by a third hand, each of one type, and the refusals they are to meet; objects around two of them.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fromHex } from "../../../mobile-qr/verifier/bytes.js";
import { decode } from "../../../mobile-qr/verifier/cbor.js";
import { check } from "../../../mobile-qr/verifier/shape.js";
import { assertRefused } from "./vectors.mjs";

/** A test for each case of tests/vectors/NAME/cases.json, read as `type`. */
export function testCases(name, type) {
  const cases = JSON.parse(readFileSync(new URL(`../../vectors/${name}/cases.json`, import.meta.url), "utf8"));
  for (const { what, hex, error } of cases.payloads) {
    test(`${name}: ${what}`, async () => {
      const checked = async () => check(type, decode(fromHex(hex)), {});
      if (error === null) await checked();
      else await assertRefused(checked, error);
    });
  }
  test("what is signed holds a payload of its type", async () => {
    assert.equal(cases.objects.length, 2);
    for (const { object } of cases.objects) {
      const [, , payload] = decode(fromHex(object).subarray(1));
      await check(type, decode(payload), {});
    }
  });
}
