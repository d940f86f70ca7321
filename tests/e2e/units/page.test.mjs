// The page on an API that units.py runs: a unit that was sold, one that is seen in many places, one that nobody listed.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { en } from "../../../mobile-qr/page/words_en.js";
import { assertNoFaults, launch, openPage, verdictOf } from "../page/browser.mjs";

let browser;
before(async () => { browser = await launch({ serviceWorkers: "block" }); });
after(async () => browser?.close());

async function visit(url) {
  const page = await openPage(browser.context, url);
  assert.equal(await verdictOf(page), "released");
  return { page, card: await page.locator("#unit").innerText(), state: await page.locator("#unit").getAttribute("data-unit") };
}

test("a unit that was sold is listed, and its sale is told", async () => {
  const { page, card, state } = await visit(process.env.UNIT_SOLD);
  assert.equal(state, "known");
  assert.ok(card.includes(en.unit.state.known), card);
  assert.match(card, /number \d+ of 5000 units, checked on this device/);
  assert.match(card, /Reported sold on \d{4}-\d\d-\d\d \d\d:\d\d UTC entry \d+/);
  assertNoFaults(page);
  await page.close();
});

test("a unit that is seen in many places is said to be", async () => {
  const { page, card, state } = await visit(process.env.UNIT_OFTEN);
  assert.equal(state, "known");
  assert.ok(card.includes(en.unit.often), card);
  await page.close();
});

test("a serial that nobody listed is none of the lot's", async () => {
  const { page, card, state } = await visit(process.env.UNIT_STRANGER);
  assert.equal(state, "not-listed");
  assert.ok(card.includes(en.unit.state["not-listed"]), card);
  await page.close();
});
