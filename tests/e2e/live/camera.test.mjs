// The label that was printed for the lot, held before a camera: read, followed, fetched over TLS, checked.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { assertNoFaults, launch, openPage, screenshot, verdictOf } from "../page/browser.mjs";
import { labelFile, link, lot, origin, trustTheApi } from "./demo.mjs";
import { writePictureFilm } from "./film.mjs";
import { readPng } from "./png.mjs";

test("the printed label is scanned, and its lot released", async () => {
  const folder = mkdtempSync(join(tmpdir(), "lotmark-film-"));
  const film = join(folder, "label.y4m");
  writePictureFilm(film, readPng(readFileSync(labelFile)));
  const { context, close } = await launch({ permissions: ["camera"] }, [
    trustTheApi(), "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
    `--use-file-for-fake-video-capture=${film}`,
  ]);
  try {
    const page = await openPage(context, `${origin}/`);
    assert.equal(await page.evaluate(() => isSecureContext), true);
    await page.click("#scan");
    assert.equal(await verdictOf(page), "released");
    assert.equal(page.url(), link, "the code is the label's link");
    assert.equal(await page.locator("#host").count(), 0, "and names no other host");
    assert.ok((await page.locator(".verdict").innerText()).includes(lot));
    assert.equal(await page.locator("#checks li.yes").count(), 14);
    assertNoFaults(page);
    await screenshot(page, "live-camera");
  } finally {
    await close();
    rmSync(folder, { recursive: true });
  }
});
