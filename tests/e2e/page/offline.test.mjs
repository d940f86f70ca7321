// The second visit without a connection: the page comes from the device, and what was fetched last is checked
// again; what the server last said of a lot is not forgotten either.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fromHex } from "../../../mobile-qr/verifier/bytes.js";
import { en } from "../../../mobile-qr/page/words_en.js";
import { given } from "../../unit/js/maker.mjs";
import { assertNoFaults, launch, openPage, screenshot, verdictOf } from "./browser.mjs";
import { problemAnswer, receiptAnswer, startServer } from "./server.mjs";

const LINK = `/01/${given.gtin}/10/${encodeURIComponent(given.lot)}`;
const text = (page, selector) => page.locator(selector).innerText();

/** A page whose own files are kept, its server gone. */
async function withServerGone(prepare, body) {
  const server = await startServer({ anchor: given.anchor, answer: receiptAnswer(fromHex(given.receipt)) });
  const { context, close } = await launch();
  try {
    const page = await openPage(context, `${server.origin}${LINK}`, { now: given.now });
    assert.equal(await verdictOf(page), "released");
    await page.evaluate(async () => { await navigator.serviceWorker.ready; });
    await prepare(page, server);
    await server.stop();
    await context.setOffline(true);
    await body(page, server);
  } finally {
    await close();
    await server.stop().catch(() => {});
  }
}

test("without a connection the page opens and checks what was fetched last, and says when", async () => {
  await withServerGone(async () => {}, async (page, { origin }) => {
    await page.reload();
    assert.equal(await verdictOf(page), "released");
    assert.match(await text(page, "#kept"), /No connection. This record was fetched on 2027-01-01 00:00 UTC /);
    await screenshot(page, "offline");
    await page.goto(`${origin}/`);
    await page.locator("#scan").waitFor();
    await page.goto(`${origin}/01/${given.gtin}/10/ANOTHER`);
    assert.equal(await verdictOf(page), "unknown");
    assert.ok((await text(page, "main")).includes(en.reason.unreachable));
    assertNoFaults(page);
  });
});

test("a link that the server sends to /lot opens there, is kept, and opens again without a connection", async () => {
  await withServerGone(
    async (page, { origin, state }) => {
      state.sent = (path) => `/lot${path}`;
      // Once by the worker, which keeps the page and yet lets the server send it on.
      await page.goto(`${origin}${LINK}`);
      assert.equal(new URL(page.url()).pathname, `/lot${LINK}`);
      assert.equal(await verdictOf(page), "released");
    },
    async (page, { origin }) => {
      for (const address of [LINK, `/lot${LINK}`]) {
        await page.goto(`${origin}${address}`);
        assert.equal(await verdictOf(page), "released", address);
        await page.locator("#kept").waitFor();
      }
      assertNoFaults(page);
    },
  );
});

test("a link that the server sends elsewhere is not answered with the kept page, but without a connection", async () => {
  await withServerGone(
    async (page, { origin, state }) => {
      state.sent = () => "/page/icon.svg";
      const response = await page.goto(`${origin}${LINK}`);
      assert.match(response.headers()["content-type"], /^image\/svg/);
    },
    async (page, { origin }) => {
      await page.goto(`${origin}${LINK}`);
      assert.equal(await verdictOf(page), "released");
    },
  );
});

test("a first visit that is sent to /lot is like one that is not", async () => {
  const server = await startServer({ anchor: given.anchor, answer: receiptAnswer(fromHex(given.receipt)), sent: (path) => `/lot${path}` });
  const { context, close } = await launch();
  try {
    const page = await openPage(context, `${server.origin}${LINK}`, { now: given.now });
    assert.equal(new URL(page.url()).pathname, `/lot${LINK}`);
    assert.equal(await verdictOf(page), "released");
    assertNoFaults(page);
  } finally {
    await close();
    await server.stop();
  }
});

test("an address that the server refuses is not answered with the kept page, which reads it alike", async () => {
  await withServerGone(
    async (page, { origin, state }) => {
      const twice = `${origin}/01/${given.gtin}/10/X/10/${encodeURIComponent(given.lot)}`;
      state.refusal = { status: 400, type: "application/problem+json", body: '{"status": 400}' };
      assert.equal((await page.goto(twice)).status(), 400);
      assert.equal(await page.locator(".verdict").count(), 0);
      state.refusal = { status: 503, type: "text/plain", body: "" };
      await page.goto(twice);
      assert.equal(await verdictOf(page), "unknown");
      assert.ok((await text(page, "main")).includes(en.reason["no-link"]));
    },
    async (page, { origin }) => {
      await page.goto(`${origin}/01/${given.gtin}/10/X/10/${encodeURIComponent(given.lot)}`);
      assert.equal(await verdictOf(page), "unknown");
      await page.goto(`${origin}/01/${given.gtin.slice(1)}/10/${encodeURIComponent(given.lot)}`);
      assert.equal(await verdictOf(page), "released");
    },
  );
});

test("a receipt changed where the device keeps it is tampered", async () => {
  await withServerGone(
    (page) => page.evaluate(async () => {
      const cache = await caches.open("lotmark-answers");
      const [key] = await cache.keys();
      const kept = await cache.match(key);
      const bytes = new Uint8Array(await kept.arrayBuffer());
      bytes[3000] ^= 1;
      await cache.put(key, new Response(bytes, { headers: kept.headers }));
    }),
    async (page) => {
      await page.reload();
      assert.equal(await verdictOf(page), "tampered");
    },
  );
});

test("a recall heard once is remembered over the receipt fetched before it", async () => {
  await withServerGone(
    async (page, { state }) => {
      state.answer = problemAnswer({ verdict: "recalled", title: "Recalled" });
      await page.reload();
      assert.equal(await verdictOf(page), "recalled");
    },
    async (page) => {
      await page.reload();
      assert.equal(await verdictOf(page), "recalled");
      assert.ok((await text(page, "main")).includes(en.serverSays));
    },
  );
});
