// The vectors of payloads with one fault or two: which error counts (docs/format/cbor.md, "Phase 2").

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fromHex } from "../../../mobile-qr/verifier/bytes.js";
import { decode } from "../../../mobile-qr/verifier/cbor.js";
import { check } from "../../../mobile-qr/verifier/shape.js";
import * as types from "../../../mobile-qr/verifier/types.js";
import * as chain from "../../../mobile-qr/verifier/types_chain.js";
import * as device from "../../../mobile-qr/verifier/types_device.js";
import { assertRefused } from "./vectors.mjs";

const tables = { ...types, ...chain, ...device, periodBody: chain.period };
const tableOf = (type) => tables[type[0].toLowerCase() + type.slice(1)];
const context = { kid: new Uint8Array(16).fill(3), rootKid: new Uint8Array(16) };

const cases = JSON.parse(readFileSync(new URL("../../vectors/payloads.json", import.meta.url), "utf8"));
for (const { type, what, hex, error } of cases) {
  test(`${type}: ${what}`, async () => {
    assert.ok(tableOf(type), `no table for ${type}`);
    const checked = async () => check(tableOf(type), decode(fromHex(hex)), context);
    if (error === null) await checked();
    else await assertRefused(checked, error);
  });
}
