// One unit in a browser: what the page says of a serial, of proofs that do not hold, and of marks and warnings.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { concat, fromHex } from "../../../mobile-qr/verifier/bytes.js";
import { decode, encode } from "../../../mobile-qr/verifier/cbor.js";
import { idOf } from "../../../mobile-qr/verifier/cose.js";
import { leafHash, nodeHash } from "../../../mobile-qr/verifier/trees.js";
import { en } from "../../../mobile-qr/page/words_en.js";
import { zh } from "../../../mobile-qr/page/words_zh.js";
import { given, makeReceipt } from "../../unit/js/maker.mjs";
import { assertFits, assertNoFaults, launch, openPage, screenshot, verdictOf } from "./browser.mjs";
import { problemAnswer, receiptAnswer, startServer } from "./server.mjs";

const SERIAL = "S/1+a";
const LINK = `/01/${given.gtin}/10/${encodeURIComponent(given.lot)}/21/${encodeURIComponent(SERIAL)}`;

// A lot of two units, the second of which is asked for.
const entries = ["S0", SERIAL].map((serial, at) => encode([new Uint8Array(16).fill(at), serial]));
const leaves = await Promise.all(entries.map(leafHash));
const receipt = await makeReceipt({ application: { 7: [2, await nodeHash(...leaves)] } });
const [protectedBytes, , payload] = decode(decode(receipt).get(1).subarray(1));
const block = await idOf({ protectedBytes, payload });
const proofOf = (index, path) => encode(new Map([[0, "lotmark/item/1"], [1, block], [2, [index, entries[index], path]]]));
const proof = proofOf(1, [leaves[0]]);
const base64 = (bytes) => Buffer.from(bytes).toString("base64");

const unit = (item = {}, more = {}) => ({
  verdict: "released", serial: SERIAL, item: { state: "known", index: 1, count: 2, proof: base64(proof), ...item },
  marks: [], warnings: [], ...more,
});
const json = (body, status = 200) => ({ status, type: "application/json", body: JSON.stringify(body) });

let server, browser;
before(async () => {
  server = await startServer({ anchor: given.anchor, answer: receiptAnswer(receipt) });
  browser = await launch({ serviceWorkers: "block" });
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

async function visit(unitAnswer, { answer = receiptAnswer(receipt), path = LINK } = {}) {
  Object.assign(server.state, { answer, unit: unitAnswer });
  server.requests.length = 0;
  const page = await openPage(browser.context, `${server.origin}${path}`, { now: given.now });
  await verdictOf(page);
  return page;
}

const text = (page, selector) => page.locator(selector).innerText();
const stateOf = (page) => page.locator("#unit").getAttribute("data-unit");

test("a unit whose proof holds is listed, by its place in the lot", async () => {
  const page = await visit(json(unit()));
  assert.equal(await verdictOf(page), "released");
  assert.equal(await stateOf(page), "known");
  const card = await text(page, "#unit");
  for (const words of [en.unit.state.known, SERIAL, "number 2 of 2 units, checked on this device"]) assert.ok(card.includes(words), card);
  assert.ok(!card.includes(en.unit.told), "nothing of it is the server's word");
  assert.ok(!/genuine|authentic/i.test(await text(page, "main")));
  const asked = server.requests.filter((each) => each.startsWith("/v1/verify"));
  assert.deepEqual(asked.map((each) => Object.fromEntries(new URL(each, "http://h").searchParams)),
    [{ gtin: given.gtin, lot: given.lot, serial: SERIAL }]);
  await assertFits(page);
  assertNoFaults(page);
  await screenshot(page, "unit-listed");
  await page.click("#language");
  assert.equal(await text(page, "#unit-state"), zh.unit.state.known);
  await page.click("#language");
  await page.close();
});

const changedByte = (at) => { const bad = proof.slice(); bad[at] ^= 1; return bad; };
const others = [
  ["unproven", "another byte", unit({ proof: base64(changedByte(proof.length - 1)) })],
  ["unproven", "another unit's proof", unit({ proof: base64(proofOf(0, [leaves[1]])) })],
  ["unproven", "no proof", unit({ proof: null })],
  ["unproven", "an empty proof", unit({ proof: "" })],
  ["not-listed", "not listed", unit({ state: "not-listed", index: null, proof: null })],
  ["not-checkable", "no list there", unit({ state: "not-checkable", index: null, proof: null })],
];
for (const [state, name, answer] of others) {
  test(`unit: ${name}`, async () => {
    const page = await visit(json(answer));
    assert.equal(await verdictOf(page), "released", "the verdict is the lot's");
    assert.equal(await stateOf(page), state);
    assert.equal(await text(page, "#unit-state"), en.unit.state[state]);
    assert.ok(!(await text(page, "#unit")).includes("checked on this device"));
    await assertFits(page);
    assertNoFaults(page);
    await page.close();
  });
}

test("a server that cannot be asked about the unit leaves the lot's verdict", async () => {
  const answers = [json({ title: "Too Many Requests" }, 429), { status: 200, type: "text/html", body: "<b>known</b>" },
    json({ item: { state: "genuine" }, marks: [], warnings: [] }), json({ item: null }),
    json(unit({ proof: "%%%" })), json({ ...unit(), marks: "many" }),
    json({ ...unit(), more: "x".repeat(400000) })];
  for (const answer of answers) {
    const page = await visit(answer);
    assert.equal(await verdictOf(page), "released");
    assert.equal(await stateOf(page), "unreachable", answer.body.slice(0, 60));
    assert.equal(await text(page, "#unit-state"), en.unit.state.unreachable);
    await page.close();
  }
});

test("marks and a code that is seen in many places are told, as the server's word", async () => {
  const marks = [{ kind: "sold", time: 1767600001000, by: "00", block: 41, final: true }, { kind: "used", time: 1767700000000, by: "00" },
    { kind: "<b>", time: 1 }, { kind: "sold", time: "yesterday" }];
  const page = await visit(json(unit({}, { marks, warnings: ["used", "sold", "seen-often"] })));
  assert.equal(await verdictOf(page), "released");
  assert.deepEqual(await page.locator("#unit-marks li").allInnerTexts(), [
    "Reported sold on 2026-01-05 08:00 UTC entry 41", "Reported used on 2026-01-06 11:46 UTC not in the ledger yet"]);
  assert.equal(await text(page, "#unit-often"), en.unit.often);
  assert.ok((await text(page, "#unit")).includes(en.unit.told));
  await assertFits(page);
  assertNoFaults(page);
  await screenshot(page, "unit-marks");
  await page.click("#language");
  assert.equal(await text(page, "#unit-often"), zh.unit.often);
  await page.click("#language");
  await page.close();
});

test("what a server says of a unit is not believed where no receipt bears it out", async () => {
  let page = await visit(json(unit()), { answer: problemAnswer({ verdict: "recalled", title: "Recalled" }) });
  assert.equal(await verdictOf(page), "recalled");
  assert.equal(await stateOf(page), "not-checkable");
  await page.close();
  page = await visit(json(unit()), { answer: receiptAnswer(fromHex(given.receipt)) });
  assert.equal(await verdictOf(page), "released");
  assert.equal(await stateOf(page), "not-checkable", "the proof is of another block");
  assert.equal(server.requests.filter((each) => each.startsWith("/v1/verify")).length, 2, "asked once more");
  await page.close();
});

test("answers of two blocks are no forgery: asked once more, they agree", async () => {
  let times = 0;
  const page = await visit(json(unit()), {
    answer: () => receiptAnswer(times++ === 0 ? fromHex(given.receipt) : receipt),
  });
  assert.equal(await stateOf(page), "known");
  assert.equal(times, 2);
  await page.close();
});

test("that a lot has no list, or that a unit is not on it, is held against the receipt", async () => {
  let page = await visit(json(unit({ state: "no-serials", index: null, count: null, proof: null })));
  assert.equal(await stateOf(page), "not-checkable", "its application names serials");
  await page.close();
  const none = receiptAnswer(await makeReceipt());
  page = await visit(json(unit({ state: "not-listed", index: null, proof: null })), { answer: none });
  assert.equal(await stateOf(page), "not-checkable", "its application names none");
  await page.close();
  page = await visit(json(unit({ state: "no-serials", index: null, count: null, proof: null })), { answer: none });
  assert.equal(await stateOf(page), "no-serials");
  assert.equal(server.requests.filter((each) => each.startsWith("/v1/verify")).length, 1);
  await page.close();
});

test("a link without a serial asks for no unit", async () => {
  const page = await visit(json(unit()), { path: LINK.slice(0, LINK.indexOf("/21/")) });
  assert.equal(await page.locator("#unit").count(), 0);
  assert.equal(server.requests.filter((each) => each.startsWith("/v1/verify")).length, 0);
  await page.close();
});

test("no part of a long proof holds by itself", async () => {
  const long = concat([proof, new Uint8Array(70000)]);
  const page = await visit(json(unit({ proof: base64(long) })));
  assert.equal(await stateOf(page), "unproven");
  await page.close();
});
