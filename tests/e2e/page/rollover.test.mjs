// A page built for the old root key follows the signed link to the new one: when it is opened, while it is open, and
// without a connection. Nothing else that a server gives in the link's place makes it believe another root key.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fromHex } from "../../../mobile-qr/verifier/bytes.js";
import { encode } from "../../../mobile-qr/verifier/cbor.js";
import { en } from "../../../mobile-qr/page/words_en.js";
import { given, headerOf, keyOf, makeReceipt, makeStatement, sign1 } from "../../unit/js/maker.mjs";
import { assertNoFaults, launch, openPage, verdictOf } from "./browser.mjs";
import { receiptAnswer, startServer } from "./server.mjs";

const LINK = `/01/${given.gtin}/10/${encodeURIComponent(given.lot)}`;

/** Says that statements from epoch 1 on are signed by `to`. */
const link = (to = "root2", by = "root") => {
  const key = keyOf(by);
  return sign1(key, headerOf(key, "rollover"), encode(new Map([[0, keyOf(to).point], [1, 1], [2, given.now]])));
};
const fileOf = async (...links) => Buffer.from(encode(new Map([[0, "lotmark/rollover/1"], [1, await Promise.all(links)]])));

const before1 = receiptAnswer(fromHex(given.receipt));
/** Of a lot released under the statement that the new root key signed. */
const underNewRoot = async (root = "root2") => receiptAnswer(await makeReceipt({
  block: { 1: 1 }, vote: { epoch: 1 }, receipt: { 2: [await makeStatement({ signers: [root, "sup1", "sup2"] })] },
}));

let server, browser;
before(async () => {
  server = await startServer({ anchor: given.anchor, answer: before1 });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

async function visit(answer, rollover) {
  Object.assign(server.state, { answer, rollover });
  const page = await openPage(browser.context, `${server.origin}${LINK}`, { now: given.now });
  await verdictOf(page);
  await page.evaluate(async () => { for (const name of await caches.keys()) await caches.delete(name); });
  await page.reload();
  return page;
}

const fingerprint = async (page) => (await page.locator(".fingerprint").innerText()).replace(/\s/g, "");

test("a receipt under the new root key is released by the link, and the fingerprint stays", async () => {
  let page = await visit(before1, null);
  assert.equal(await verdictOf(page), "released");
  const old = await fingerprint(page);
  await page.close();
  page = await visit(await underNewRoot(), await fileOf(link()));
  assert.equal(await verdictOf(page), "released");
  assert.equal(await page.locator("#checks li.yes").count(), 14);
  assert.equal(await fingerprint(page), old);
  assertNoFaults(page);
  await page.close();
  page = await visit(before1, await fileOf(link()));
  assert.equal(await verdictOf(page), "released", "a lot of before");
  await page.close();
});

test("without the link such a receipt is tampered", async () => {
  const page = await visit(await underNewRoot(), null);
  assert.equal(await verdictOf(page), "tampered");
  assert.equal(await page.locator('#checks li.no[data-check="statements"]').count(), 1);
  await page.close();
});

for (const [name, links] of [
  ["a link by another key", [() => link("root2", "stranger")]],
  ["two links of one root key", [() => link(), () => link("stranger")]],
]) {
  test(`${name}: none is followed, nothing is released`, async () => {
    const page = await visit(await underNewRoot(), await fileOf(...links.map((make) => make())));
    assert.equal(await verdictOf(page), "unknown");
    assert.ok((await page.locator("main").innerText()).includes(en.reason.anchor));
    await page.close();
  });
}

/** The same page asks for the lot once more. */
async function again(page, answer, rollover) {
  Object.assign(server.state, { answer, rollover });
  await page.evaluate(() => { document.querySelector(".verdict").dataset.verdict = "old"; dispatchEvent(new PopStateEvent("popstate")); });
  await page.locator('.verdict:not([data-verdict="old"])').waitFor();
  return verdictOf(page);
}

test("a page that was open when the link came takes it without being opened anew", async () => {
  const page = await visit(before1, null);
  assert.equal(await verdictOf(page), "released");
  assert.equal(await again(page, await underNewRoot(), await fileOf(link())), "released");
  assert.equal(await again(page, before1, await fileOf(link())), "released");
  // Another link of the old root key, alone in the file: the open page knows the first.
  assert.equal(await again(page, await underNewRoot("stranger"), await fileOf(link("stranger"))), "unknown");
  await page.close();
});

test("without a connection the link of the first visit is at hand", async () => {
  const own = await startServer({ anchor: given.anchor, answer: await underNewRoot(), rollover: await fileOf(link()) });
  const { context, close } = await launch();
  try {
    const page = await openPage(context, `${own.origin}${LINK}`, { now: given.now });
    assert.equal(await verdictOf(page), "released");
    await page.evaluate(async () => { await navigator.serviceWorker.ready; });
    await own.stop();
    await context.setOffline(true);
    await page.reload();
    assert.equal(await verdictOf(page), "released");
    assert.match(await page.locator("#kept").innerText(), /No connection/);
  } finally {
    await close();
    await own.stop().catch(() => {});
  }
});
