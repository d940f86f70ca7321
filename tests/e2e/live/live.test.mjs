// The label's link, opened by its address on the API that serves the consortium's chain, and what that API answers
// to everybody else.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { decimal } from "../../../mobile-qr/verifier/decimal.js";
import { en } from "../../../mobile-qr/page/words_en.js";
import { assertFits, assertNoFaults, launch, openPage, screenshot, verdictOf } from "../page/browser.mjs";
import { POLICY, RECEIPT_TYPE } from "../page/server.mjs";
import { as, ask, fingerprint, gtin, jsonOf, link, lot, origin, path, receiptFile, refusedLot, trustTheApi,
  unknownLot, verified } from "./demo.mjs";

const PRODUCT = "Hualin cold-chain vaccine, 10 vials";
const AUTHORITIES = 3, WAIT_MS = 30000;
const pathOfLot = (name, which = lot) => `/v1/${name}/${gtin}/${which}`;

let browser;
before(async () => {
  await allVotesIn();
  browser = await launch({}, [trustTheApi()]);
});
after(async () => browser?.close());

/** The last block may still lack a vote when the demo's story ends; what is asked below shall not change meanwhile. */
async function allVotesIn() {
  const until = Date.now() + WAIT_MS;
  for (;;) {
    const { votes } = jsonOf(await ask("/v1/checkpoint"));
    if (votes === AUTHORITIES) return;
    assert.ok(Date.now() < until, `the newest root has ${votes} votes after ${WAIT_MS} ms`);
    await new Promise((resolve) => { setTimeout(resolve, 200); });
  }
}

/** Opens an address of the API; answers the page, its verdict and its text. */
async function visit(url) {
  const page = await openPage(browser.context, url);
  const verdict = await verdictOf(page);
  return { page, verdict, text: await page.locator("main").innerText() };
}

// --- the page ---

test("the label's link is released, with product, lot and temperatures", async () => {
  const { claims: [claim] } = (await verified(receiptFile)).result;
  const show = (value) => decimal(value, claim.exp).replace("-", "−");
  const { page, verdict, text } = await visit(link);
  assert.equal(verdict, "released");
  assert.equal(await page.locator("#verdict").innerText(), en.verdict.released);
  for (const words of [
    en.sentence.released, PRODUCT, lot, gtin, "2028-12-31",
    `Between ${show(claim.min)} and ${show(claim.max)} °C for 24 hours, ${claim.count} of ${claim.expected} readings`,
    "2.00 to 8.00 °C", "10 vials of 0.5 ml", en.calibration, en.calibrationBy,
    "fridge-1 t: certificate K-2025-0911 of 2025-09-11, offset -0.03Cel, accuracy 0.10Cel", "14 of 14 passed",
  ]) assert.ok(text.includes(words), `${words} in\n${text}`);
  assert.match(text, /[23] of 3 authorities; 2 needed/);  // of the newest root, whose third vote may be on its way
  assert.equal((await page.locator(".fingerprint").innerText()).replace(/\s/g, ""), fingerprint);
  assert.equal(await page.locator("#checks li.yes").count(), 14);
  await assertFits(page);
  assertNoFaults(page);
  await screenshot(page, "live-link");
  await page.close();
});

test("a lot that was seen once is still checked when the network is gone", async () => {
  const { page } = await visit(link);
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
  await page.reload();
  await verdictOf(page);
  await browser.context.setOffline(true);
  try {
    await page.reload();
    assert.equal(await verdictOf(page), "released");
    await page.locator("#kept").waitFor();
    await screenshot(page, "live-offline");
  } finally {
    await browser.context.setOffline(false);
    await page.close();
  }
});

test("the page knows nothing of an unknown lot", async () => {
  const { page, verdict, text } = await visit(`${origin}/01/${gtin}/10/${unknownLot}`);
  assert.equal(verdict, "unknown");
  assert.ok(text.includes(en.reason.none), text);
  assertNoFaults(page);
  await screenshot(page, "live-unknown");
  await page.close();
});

test("the refused lot is refused in the consortium, and released nowhere", async () => {
  const { stdout, stderr } = await as("inspector-a", "review", "show", refusedLot, "--field", "state");
  assert.equal(stdout.trim(), "refused", stderr);
  const { page, verdict, text } = await visit(`${origin}/01/${gtin}/10/${refusedLot}`);
  assert.ok(["refused", "unknown"].includes(verdict), verdict);
  assert.ok(!text.includes(en.sentence.released), text);
  assertNoFaults(page);
  await page.close();
  const answers = await Promise.all([pathOfLot("verify", refusedLot), pathOfLot("receipts", refusedLot),
    `/01/${gtin}/10/${refusedLot}`].map((each) => ask(each, { headers: { accept: "application/json" } })));
  for (const answer of answers) assert.notEqual(jsonOf(answer).verdict, "released");
  assert.equal(answers[1].status, 404, "there is no receipt of it");
  const { lots } = jsonOf(await ask("/v1/lots"));
  assert.ok(!lots.some((each) => each.lot === refusedLot && each.state === "released"));
});

// --- the API, over TLS that is checked against the consortium's own CA ---

test("the label's link leads to its page here", async () => {
  for (const method of ["GET", "HEAD"]) {
    const { status, headers } = await ask(path, { method, headers: { accept: "text/html" } });
    assert.equal(status, 307);
    assert.equal(headers.location, `/lot${path}`);
    assert.match(headers.link, /\?linkType=linkset>; rel="linkset"/);
  }
  const linkset = await ask(path, { headers: { accept: "application/linkset+json" } });
  assert.deepEqual([linkset.status, linkset.headers["content-type"]], [200, "application/linkset+json"]);
  assert.equal(jsonOf(linkset).linkset[0].anchor, link);
});

test("the page comes with its policy, where the link leads and at the start", async () => {
  for (const each of [`/lot${path}`, "/"]) {
    const { status, headers } = await ask(each, { headers: { accept: "text/html" } });
    assert.equal(status, 200);
    assert.match(headers["content-type"], /^text\/html/);
    assert.equal(headers["content-security-policy"], POLICY);
    assert.equal(headers["x-content-type-options"], "nosniff");
    assert.equal(headers["referrer-policy"], "no-referrer");
  }
});

test("the receipt that is served holds, and the server's own verdict is that of the tool", async () => {
  const served = await ask(pathOfLot("receipts"), { headers: { accept: RECEIPT_TYPE } });
  assert.equal(served.status, 200);
  assert.equal(served.headers["content-type"], RECEIPT_TYPE);
  const folder = mkdtempSync(join(tmpdir(), "lotmark-served-"));
  try {
    const file = join(folder, "lot.receipt");
    writeFileSync(file, served.body);
    const { code, result } = await verified(file);
    assert.equal(code, 0);
    for (const each of [pathOfLot("verify"), path]) {
      const answer = await ask(each, { headers: { accept: "application/json" } });
      assert.equal(answer.status, 200);
      assert.equal(answer.headers["content-type"], "application/json");
      assert.deepEqual(jsonOf(answer), result);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("an answer that the caller has is not sent again", async () => {
  for (const each of [pathOfLot("receipts"), pathOfLot("verify"), "/"]) {
    const { headers } = await ask(each);
    const again = await ask(each, { headers: { "if-none-match": headers.etag } });
    assert.deepEqual([again.status, again.body.length], [304, 0], each);
  }
});

test("lots are listed with the address of their label", async () => {
  const answer = await ask("/v1/lots");
  assert.equal(answer.status, 200);
  const listed = jsonOf(answer).lots.find((each) => each.lot === lot);
  const { block, time } = (await verified(receiptFile)).result;
  assert.deepEqual(listed, { gtin, lot, product: PRODUCT, expires: 20281231, block, time, state: "released", link });
  const behind = jsonOf(await ask(`/v1/lots?after=${block}`));
  assert.ok(!behind.lots.some((each) => each.lot === lot));
});

test("the checkpoint covers the lot's block and has a quorum", async () => {
  const answer = await ask("/v1/checkpoint");
  assert.equal(answer.status, 200);
  const { size, root, votes, quorum, voters } = jsonOf(answer);
  assert.ok(size > (await verified(receiptFile)).result.block);
  assert.match(root, /^[0-9a-f]{64}$/);
  assert.ok(votes >= quorum && quorum === 2, `${votes} votes, quorum ${quorum}`);
  assert.equal(new Set(voters).size, votes);
});

test("health and metrics are there for whoever watches", async () => {
  const health = await ask("/healthz");
  assert.deepEqual([health.status, health.body.toString()], [200, "ok\n"]);
  const counted = async () => {
    const { status, headers, body } = await ask("/metrics");
    assert.equal(status, 200);
    assert.match(headers["content-type"], /^text\/plain; version=0\.0\.4/);
    const line = /^lotmark_api_requests_total\{route="\/healthz",status="200"\} (\d+)$/m.exec(body.toString());
    return Number(line[1]);
  };
  const before = await counted();
  await ask("/healthz");
  assert.equal(await counted(), before + 1);
});

test("an unknown lot is a problem with a verdict, and a wrong number a fault of the address", async () => {
  const unknown = await ask(pathOfLot("receipts", unknownLot));
  assert.deepEqual([unknown.status, unknown.headers["content-type"]], [404, "application/problem+json"]);
  assert.equal(jsonOf(unknown).verdict, "unknown");
  assert.equal(jsonOf(unknown).status, 404);
  const verdict = await ask(pathOfLot("verify", unknownLot));
  assert.deepEqual([verdict.status, jsonOf(verdict).verdict], [404, "unknown"]);
  const wrong = await ask(`/v1/verify/09506000134353/${lot}`);
  assert.deepEqual([wrong.status, wrong.headers["content-type"]], [400, "application/problem+json"]);
  const nowhere = await ask("/v1/nothing");
  assert.deepEqual([nowhere.status, nowhere.headers["content-type"]], [404, "application/problem+json"]);
});

test("HEAD answers as GET without a body, OPTIONS names what is allowed, and nothing can be written", async () => {
  for (const each of [`/lot${path}`, "/", pathOfLot("receipts"), pathOfLot("verify"), "/v1/lots", "/v1/checkpoint"]) {
    const get = await ask(each);
    const head = await ask(each, { method: "HEAD" });
    assert.deepEqual([head.status, head.body.length], [200, 0], each);
    assert.equal(head.headers["content-type"], get.headers["content-type"], each);
    assert.equal(head.headers["content-length"], String(get.body.length), each);
    const options = await ask(each, { method: "OPTIONS" });
    assert.equal(options.status, 204, each);
    assert.deepEqual(options.headers.allow.split(", ").sort(), ["GET", "HEAD", "OPTIONS"], each);
    for (const method of ["POST", "PUT", "DELETE"]) {
      assert.equal((await ask(each, { method })).status, 405, `${method} ${each}`);
    }
  }
});
