// A code before the camera: read in the browser, followed, checked.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fromHex } from "../../../mobile-qr/verifier/bytes.js";
import { en } from "../../../mobile-qr/page/words_en.js";
import { given } from "../../unit/js/maker.mjs";
import { assertNoFaults, launch, openPage, screenshot, verdictOf } from "./browser.mjs";
import { receiptAnswer, startServer } from "./server.mjs";
import { qrModules, writeFilm } from "./y4m.mjs";

const PATH = `/01/${given.gtin}/10/${encodeURIComponent(given.lot)}`;
const folder = mkdtempSync(join(tmpdir(), "lotmark-film-"));

let server;
before(async () => {
  server = await startServer({ anchor: given.anchor, answer: receiptAnswer(fromHex(given.receipt)) });
});
after(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true });
});

/** A page whose camera sees a QR code of the text. */
async function beforeCamera(text, body) {
  const film = join(folder, "film.y4m");
  writeFilm(film, await qrModules(text));
  const { context, close } = await launch({ permissions: ["camera"] }, [
    "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", `--use-file-for-fake-video-capture=${film}`,
  ]);
  try {
    const page = await openPage(context, `${server.origin}/`, { now: given.now });
    await page.locator("#scan").waitFor();
    const before = server.requests.filter((path) => path.includes("/zxing/")).length;
    assert.equal(before, 0, "the reader of codes is loaded only with the camera");
    await page.click("#scan");
    await body(page);
  } finally {
    server.requests.length = 0;
    await close();
  }
}

test("a Digital Link of this page's address is scanned, followed and released", async () => {
  await beforeCamera(`${server.origin}${PATH}`, async (page) => {
    assert.equal(await verdictOf(page), "released");
    assert.equal(new URL(page.url()).pathname, PATH);
    assert.equal(await page.locator("#host").count(), 0);
    assertNoFaults(page);
  });
});

test("a code of another host is checked here, against this page's consortium, and the host is named", async () => {
  await beforeCamera(`https://maker.example/stem${PATH}/21/0001?17=281231`, async (page) => {
    assert.equal(await verdictOf(page), "released");
    assert.ok((await page.locator("#host").innerText()).includes("maker.example"));
    assert.equal(new URL(page.url()).host, new URL(server.origin).host);
    assertNoFaults(page);
  });
});

test("a code that is no product and lot is said to be none, and the camera goes on", async () => {
  await beforeCamera("https://maker.example/hello", async (page) => {
    await page.locator("#message", { hasText: en.notOurCode }).waitFor();
    assert.equal(await page.locator("#camera video").count(), 1);
    await screenshot(page, "camera");
    await page.locator("#camera button").click();
    assert.equal(await page.locator("#camera video").count(), 0);
    assertNoFaults(page);
  });
});

test("a camera that is not allowed leaves typing", async () => {
  const { context, close } = await launch();
  try {
    const page = await openPage(context, `${server.origin}/`);
    await page.click("#scan");
    await page.locator("#message").filter({ hasText: /camera/i }).waitFor();
    assertNoFaults(page);
  } finally {
    await close();
  }
});
