// Chromium for tests: launched fresh, watched for errors and for requests to anywhere else.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../../unit/js/vectors.mjs";

const { chromium } = createRequire(join(ROOT, "mobile-qr/package.json"))("playwright-core");

export const SCREENSHOTS = process.env.LOTMARK_SCREENSHOTS ?? join(ROOT, "build/screenshots");

const ARGUMENTS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

/**
 * A browser with an empty profile of its own; more: further arguments. Answers { context, close }; options are
 * Playwright's for a context.
 */
export async function launch(options = {}, more = []) {
  const profile = mkdtempSync(join(tmpdir(), "lotmark-browser-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.LOTMARK_CHROMIUM ?? "/usr/bin/chromium",
    headless: true,
    args: [...ARGUMENTS, ...more],
    viewport: { width: 360, height: 740 },
    locale: "en-GB",
    ...options,
  });
  const close = async () => {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  };
  return { context, close };
}

/**
 * Opens a page, with the clock at `now` when given. page.faults lists what must not happen: errors, refusals of
 * the content policy, requests to another origin.
 */
export async function openPage(context, url, { now = null } = {}) {
  const page = await context.newPage();
  page.faults = [];
  const origin = new URL(url).origin;
  page.on("pageerror", (error) => page.faults.push(`error: ${error.message}`));
  page.on("console", (message) => {
    const expected = /Failed to load resource/.test(message.text());
    if (message.type() === "error" && !expected) page.faults.push(`console: ${message.text()}`);
  });
  page.on("request", (request) => {
    if (/^https?:/.test(request.url()) && new URL(request.url()).origin !== origin) {
      page.faults.push(`request: ${request.url()}`);
    }
  });
  if (now !== null) await page.clock.setFixedTime(now);
  await page.goto(url);
  return page;
}

/** Waits for a verdict and answers it. */
export async function verdictOf(page) {
  const card = page.locator(".verdict");
  await card.waitFor();
  return card.getAttribute("data-verdict");
}

export function assertNoFaults(page) {
  assert.deepEqual(page.faults, []);
}

/** Nothing reaches beyond the right edge. */
export async function assertFits(page) {
  const { scroll, client } = await page.evaluate(() => ({
    scroll: document.documentElement.scrollWidth, client: document.documentElement.clientWidth,
  }));
  assert.ok(scroll <= client, `${scroll} wide in ${client}`);
}

export async function screenshot(page, name) {
  mkdirSync(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true, animations: "disabled" });
}
