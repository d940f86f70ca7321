// The command line: exit codes, and the JSON that other verifiers are compared with.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fromHex } from "../../../mobile-qr/verifier/bytes.js";
import { verifyReceipt } from "../../../mobile-qr/verifier/verdict.js";
import { given, inputOf } from "./maker.mjs";
import { proofCases } from "./proof_cases.mjs";
import { ROOT } from "./vectors.mjs";

const folder = mkdtempSync(join(tmpdir(), "lotmark-check-"));
after(() => rmSync(folder, { recursive: true }));
const write = (name, bytes) => {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
};
const receipt = write("receipt", fromHex(given.receipt));
const anchor = write("anchor", fromHex(given.anchor));

const run = (...words) =>
  spawnSync(process.execPath, [join(ROOT, "mobile-qr/verifier/check.mjs"), ...words], { encoding: "utf8" });
const asked = ["--gtin", "6901234567892", "--lot", given.lot, "--now", String(given.now)];

test("released is 0, and --json is the result", async () => {
  const { status, stdout } = run(receipt, "--anchor", anchor, ...asked, "--json");
  assert.equal(status, 0);
  assert.deepEqual(JSON.parse(stdout), await verifyReceipt(inputOf(fromHex(given.receipt))));
});

test("tampered is 3, unknown 1, expired 1", () => {
  const bytes = fromHex(given.receipt);
  bytes[2000] ^= 1;
  assert.equal(run(write("tampered", bytes), "--anchor", anchor, ...asked).status, 3);
  assert.equal(run(receipt, "--anchor", receipt, ...asked).status, 1);
  assert.equal(run(receipt, "--anchor", anchor, "--now", "4102444800000").status, 1);
});

test("usage is 2", () => {
  for (const words of [[], [receipt], [receipt, "--anchor"], [receipt, "--anchor", anchor, "--no"],
    [receipt, "--anchor", anchor, "--now", "soon"], [receipt, receipt, "--anchor", anchor],
    ["/nonexistent", "--anchor", anchor]]) {
    const { status, stderr } = run(...words);
    assert.equal(status, 2, words.join(" "));
    assert.ok(stderr.length > 0);
  }
});

test("for people: the verdict first, one line a check", () => {
  const { stdout } = run(receipt, "--anchor", anchor, ...asked);
  assert.match(stdout, /^verdict: released\n/);
  assert.match(stdout, /\n {2}ok quorum \(3 votes, quorum 2\)\n/);
});

test("an event proof is known by its magic: committed is 0, tampered 3", () => {
  const [good] = proofCases("event_proof");
  const [file, from] = [write("event", good.file), write("event_anchor", good.anchor)];
  const { status, stdout } = run(file, "--anchor", from);
  assert.equal(status, 0);
  assert.ok(stdout.includes(good.expected.event.sha256), stdout);
  const bytes = good.file.slice();
  bytes[bytes.length - 1] ^= 1;
  assert.equal(run(write("event_tampered", bytes), "--anchor", from).status, 3);
});
