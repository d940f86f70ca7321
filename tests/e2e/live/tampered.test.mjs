// One bit of the real receipt changed, thirty times over: the page in Chromium and the operators' tool (JavaScript
// and C++, WebCrypto and OpenSSL) must stop at the same check with the same error, and never say released.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { toHex } from "../../../mobile-qr/verifier/bytes.js";
import { decode } from "../../../mobile-qr/verifier/cbor.js";
import { assertNoFaults, launch, openPage, screenshot, verdictOf } from "../page/browser.mjs";
import { receiptAnswer, startServer } from "../page/server.mjs";
import { anchorFile, path, receiptFile, verified } from "./demo.mjs";

const CHANGES = 30, EACH_PART_MIN = 2;
const EXIT_FAILED = 1, EXIT_TAMPERED = 3;
const receipt = new Uint8Array(readFileSync(receiptFile));

/** Where the parts of a receipt lie: the decoder's byte strings are views of the file. */
function partsOf(bytes) {
  const map = decode(bytes);
  const block = map.get(1);
  const [header, , body, signature] = decode(block.subarray(1)); // behind the tag
  const end = ({ byteOffset, length }) => byteOffset + length;
  const endOfDisclosures = Math.max(...viewsIn(map.get(3)).map(end));
  const borders = [
    ["magic", 0], ["header", header.byteOffset], ["votes", end(header)], ["body", body.byteOffset],
    ["signature", signature.byteOffset], ["disclosure", end(block)], ["samples", endOfDisclosures],
  ];
  return borders.map(([name, begin], n) => ({ name, begin, length: (borders[n + 1]?.[1] ?? bytes.length) - begin }));
}

const viewsIn = (item) => item instanceof Uint8Array ? [item] : Array.isArray(item) ? item.flatMap(viewsIn) : [];

/** Evenly over the whole, and no part without some. Answers { part, at, bit }. */
function chooseChanges(bytes) {
  const parts = partsOf(bytes).map((part) => ({ ...part, count: EACH_PART_MIN }));
  for (let left = CHANGES - parts.length * EACH_PART_MIN; left > 0; left--) {
    parts.reduce((a, b) => (b.length / b.count > a.length / a.count ? b : a)).count += 1;
  }
  const places = parts.flatMap(({ name, begin, length, count }) =>
    Array.from({ length: count }, (_, n) => ({ part: name, at: begin + Math.floor((n + 0.5) * length / count) })));
  return places.map((place, n) => ({ ...place, bit: n % 8 }));
}

const changes = chooseChanges(receipt);
const pictured = changes.find(({ part }) => part === "body");
const folder = mkdtempSync(join(tmpdir(), "lotmark-tampered-"));
let server, browser;
before(async () => {
  server = await startServer({ anchor: toHex(new Uint8Array(readFileSync(anchorFile))) });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.stop();
  rmSync(folder, { recursive: true });
});

/** What the tool says: { code, verdict, checks }; a check is its name, outcome and error. */
async function byTool(bytes) {
  const file = join(folder, "lot.receipt");
  writeFileSync(file, bytes);
  const { code, result } = await verified(file);
  const outcome = { null: "skipped", true: "yes", false: "no" };
  const checks = result.checks.map(({ name, ok, error }) => ({ name, outcome: outcome[ok], error }));
  return { code, verdict: result.verdict, checks };
}

/** What the page shows of it, read from its list of checks. */
async function byPage(bytes, picture = null) {
  server.state.answer = receiptAnswer(bytes);
  const page = await openPage(browser.context, `${server.origin}${path}`);
  const verdict = await verdictOf(page);
  const checks = await page.locator("#checks li").evaluateAll((rows) => rows.map((row) => ({
    name: row.dataset.check, outcome: row.className,
    error: row.className === "no" ? row.querySelector(".fine").textContent.split(" · ")[0] : null,
  })));
  const text = await page.locator("main").innerText();
  if (picture) await screenshot(page, picture);
  assertNoFaults(page);
  await page.close();
  return { verdict, checks, text };
}

test("the receipt as it was made is released by both", async () => {
  const tool = await byTool(receipt);
  const page = await byPage(receipt);
  assert.deepEqual([tool.code, tool.verdict, page.verdict], [0, "released", "released"]);
  assert.deepEqual(page.checks, tool.checks);
});

test("thirty changes fall on every part", () => {
  assert.equal(changes.length, CHANGES);
  assert.equal(new Set(changes.map(({ at }) => at)).size, CHANGES);
  assert.equal(new Set(changes.map(({ part }) => part)).size, 7);
  assert.ok(changes.every(({ at }) => at < receipt.length));
});

for (const { part, at, bit } of changes) {
  test(`${part}: bit ${bit} of byte ${at}`, async (t) => {
    const bytes = receipt.slice();
    bytes[at] ^= 1 << bit;
    const tool = await byTool(bytes);
    const page = await byPage(bytes, at === pictured.at ? "live-tampered" : null);
    const failed = tool.checks.find(({ outcome }) => outcome === "no");
    t.diagnostic(`${tool.verdict}: ${failed?.name} ${failed?.error}`);
    assert.ok(failed, "a check failed");
    assert.deepEqual(page.checks.find(({ outcome }) => outcome === "no"), failed);
    assert.deepEqual(page.checks, tool.checks);
    assert.equal(page.verdict, tool.verdict);
    assert.ok(["tampered", "unknown"].includes(tool.verdict), tool.verdict);
    assert.equal(tool.code, tool.verdict === "tampered" ? EXIT_TAMPERED : EXIT_FAILED);
    assert.ok(!/\breleased\b/i.test(page.text), page.text);
  });
}
