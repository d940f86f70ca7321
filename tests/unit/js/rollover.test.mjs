// Links from one root key to the next: tests/vectors/rollover, made from the format's page alone.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fromHex } from "../../../mobile-qr/verifier/bytes.js";
import { checkAnchor, checkStatements } from "../../../mobile-qr/verifier/check_chain.js";
import { FormatError } from "../../../mobile-qr/verifier/errors.js";

const path = new URL("../../vectors/rollover/cases.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(path, "utf8"));

/** The error's name, or null. */
async function outcome(work) {
  try {
    await work();
    return null;
  } catch (error) {
    if (error instanceof FormatError) return error.code;
    throw error;
  }
}

for (const { name, anchor, rollover, error, statements } of cases) {
  test(name, async () => {
    const run = { input: { anchor: fromHex(anchor), rollover: rollover === null ? null : fromHex(rollover) } };
    assert.equal(await outcome(() => checkAnchor(run)), error);
    for (const each of statements) {
      run.receipt = { statements: [fromHex(each.object)] };
      assert.equal(await outcome(() => checkStatements(run)), each.error);
    }
  });
}
