// Pictures of the page at 360 px, light and dark, in both languages: kept in build/screenshots for people to
// look at; here only that nothing reaches over the edge and that text can be read (contrast).

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fromHex } from "../../../mobile-qr/verifier/bytes.js";
import { given, makeReceipt } from "../../unit/js/maker.mjs";
import { assertFits, assertNoFaults, launch, openPage, screenshot, verdictOf } from "./browser.mjs";
import { problemAnswer, receiptAnswer, startServer } from "./server.mjs";

const LINK = `/01/${given.gtin}/10/${encodeURIComponent(given.lot)}`;

let server;
before(async () => { server = await startServer({ anchor: given.anchor }); });
after(() => server?.stop());

const made = async (options) => receiptAnswer(await makeReceipt(options));
const broken = () => {
  const bytes = fromHex(given.receipt);
  bytes[2222] ^= 4;
  return receiptAnswer(bytes);
};
const answers = {
  released: async () => receiptAnswer(fromHex(given.receipt)),
  "not-final": () => made({ voters: ["sup1"] }),
  refused: () => made({ claim: { 14: [200, 700, 61000] } }),
  recalled: async () => problemAnswer({ verdict: "recalled", title: "Recalled on 2026-12-01: vials may be cracked" }),
  expired: () => made({ application: { 6: 20261230 } }),
  archived: async () => problemAnswer({ verdict: "archived", title: "Cut by block 4711" }),
  superseded: async () => problemAnswer({ verdict: "superseded", title: "Replaced by block 12" }),
  unknown: async () => problemAnswer({ title: "No such lot" }),
  tampered: async () => broken(),
};

for (const [locale, colorScheme] of [["en-GB", "light"], ["en-GB", "dark"], ["zh-CN", "light"], ["zh-CN", "dark"]]) {
  test(`looks: ${locale}, ${colorScheme}`, async () => {
    const { context, close } = await launch({ locale, colorScheme });
    try {
      const name = (what) => `${what}-${locale.slice(0, 2)}-${colorScheme}`;
      const start = await openPage(context, `${server.origin}/`, { now: given.now });
      await start.locator("#scan").waitFor();
      await assertFits(start);
      await assertReadable(start);
      await screenshot(start, name("start"));
      await start.click("#first-visit button");
      await start.close();
      for (const [verdict, answer] of Object.entries(answers)) {
        server.state.answer = await answer();
        const page = await openPage(context, `${server.origin}${LINK}`, { now: given.now });
        assert.equal(await verdictOf(page), verdict);
        for (const summary of verdict === "released" ? await page.locator("summary").all() : []) await summary.click();
        await assertFits(page);
        await assertReadable(page);
        await screenshot(page, name(verdict));
        assertNoFaults(page);
        await page.close();
      }
    } finally {
      await close();
    }
  });
}

test("looks: a wide window", async () => {
  const { context, close } = await launch({ viewport: { width: 1280, height: 800 } });
  try {
    server.state.answer = await answers.released();
    const page = await openPage(context, `${server.origin}${LINK}`, { now: given.now });
    await verdictOf(page);
    await screenshot(page, "released-wide");
  } finally {
    await close();
  }
});

/** Every text against the ground it stands on: 4.5 to 1, large text 3 to 1 (WCAG 2.2 AA). */
async function assertReadable(page) {
  const poor = await page.evaluate(() => {
    const parse = (colour) => colour.match(/[\d.]+/g).map(Number);
    const luminance = (colour) => {
      const [r, g, b] = colour.slice(0, 3).map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ground = (node) => {
      for (let at = node; at; at = at.parentElement) {
        const colour = parse(getComputedStyle(at).backgroundColor);
        if (colour.length < 4 || colour[3] > 0) return colour;
      }
      return [255, 255, 255];
    };
    const out = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const holder = node.parentElement;
      if (!node.data.trim() || !holder.checkVisibility() || holder.closest(".hidden, .skip, noscript")) continue;
      const style = getComputedStyle(holder);
      const ink = holder.closest("svg") ? style.fill : style.color;
      const [a, b] = [luminance(parse(ink)), luminance(ground(holder))].sort((x, y) => y - x);
      const ratio = (a + 0.05) / (b + 0.05);
      const size = parseFloat(style.fontSize);
      const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
      if (ratio < (large ? 3 : 4.5)) out.push(`${ratio.toFixed(2)} ${node.data.trim().slice(0, 40)}`);
    }
    return out;
  });
  assert.deepEqual(poor, []);
}
