// What of the page runs without a browser: addresses, numbers, words, and the list of files it keeps.

import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { ARCHIVED_CHECK_NAMES } from "../../../mobile-qr/verifier/archived.js";
import { CHECK_NAMES } from "../../../mobile-qr/verifier/verdict.js";
import { VERDICTS } from "../../../mobile-qr/verifier/fields.js";
import { ROOT } from "./vectors.mjs";

// The page lies in one folder with the verifier, as the build puts it together.
const folder = mkdtempSync(join(tmpdir(), "lotmark-page-"));
after(() => rmSync(folder, { recursive: true }));
cpSync(join(ROOT, "mobile-qr/page"), folder, { recursive: true });
cpSync(join(ROOT, "mobile-qr/verifier"), join(folder, "verifier"), { recursive: true });
writeFileSync(join(folder, "package.json"), '{"type": "module"}');
const load = (name) => import(pathToFileURL(join(folder, name)).href);

const { readAddress, readPath, readCode, readTyped, pathOf } = await load("link.js");
const { duration, day, groups, moment, unitName } = await load("format.js");
const { foreign, visible } = await load("verifier/foreign.js");
const { decimal } = await load("verifier/decimal.js");
const { en } = await load("words_en.js");
const { zh } = await load("words_zh.js");

const GTIN = "06901234567892";

/** What the page says of a refusal of the shared cases. */
const PROBLEMS = { usage: "no-link", gtin: "gtin", lot: "lot", "field-range": "serial" };

test("links are read as the shared cases say", () => {
  const cases = JSON.parse(readFileSync(join(ROOT, "tests/vectors/digital_link.json"), "utf8"));
  for (const { path, query, uri, gtin, lot, refused } of cases) {
    const { host, serial, ...read } = uri === undefined ? readPath(path, query) : readCode(uri);
    const dots = uri !== undefined && /^[.]{1,2}$/.test(lot);
    const problem = refused ? PROBLEMS[refused] : dots ? "lot-dots" : lot === null ? "no-lot" : null;
    assert.deepEqual(read, problem ? { problem } : { gtin, lot }, uri ?? `${path} ${query ?? ""}`);
  }
  assert.ok(cases.length > 70);
});

test("the page's own address may have /lot before the key, once and nothing else", () => {
  const about = { gtin: GTIN, lot: "A" };
  for (const stem of ["", "/lot"]) {
    assert.deepEqual(readAddress(`${stem}/01/${GTIN}/10/A`), about);
    assert.deepEqual(readAddress(`${stem}/01/${GTIN}/10/A/21/7/`, "17=281231"), { ...about, serial: "7" });
    assert.equal(readAddress(`${stem}/01/${GTIN}`).problem, "no-lot");
  }
  for (const path of ["/lot", "/lot/", `/lots/01/${GTIN}/10/A`, `/lot/lot/01/${GTIN}/10/A`, `/LOT/01/${GTIN}/10/A`,
    `//lot/01/${GTIN}/10/A`, `/lot//01/${GTIN}/10/A`, `/lot/10/A`]) {
    assert.equal(readAddress(path).problem, "no-link", path);
  }
});

test("a lot that no address can hold is named, and no address is made of it", () => {
  for (const lot of [".", ".."]) {
    assert.deepEqual(readTyped(GTIN, lot), { problem: "lot-dots" });
    assert.throws(() => pathOf({ gtin: GTIN, lot }), RangeError);
    assert.equal(readCode(`https://host.example/01/${GTIN}/10/${lot}`).problem, "lot-dots");
  }
  assert.equal(pathOf({ gtin: GTIN, lot: "..." }), `/01/${GTIN}/10/...`);
});

test("every lot of the character set comes back from its path", () => {
  const all = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";
  for (let at = 0; at < all.length; at++) {
    const about = { gtin: GTIN, lot: `L${all[at]}x` };
    const { pathname } = new URL(pathOf(about), "https://host");
    assert.deepEqual(readPath(pathname), about);
  }
});

test("every serial comes back from its path, and one that no address can hold is left out of it", () => {
  for (const serial of ["7", "S/1", "a+b%", "..."]) {
    const about = { gtin: GTIN, lot: "A", serial };
    assert.deepEqual(readPath(new URL(pathOf(about), "https://host").pathname), about);
    assert.deepEqual(readCode(`https://host${pathOf(about)}`), { ...about, host: "host" });
  }
  assert.equal(pathOf({ gtin: GTIN, lot: "A", serial: ".." }), `/01/${GTIN}/10/A`);
});

test("codes: links of any host, nothing else", () => {
  assert.deepEqual(readCode(`https://id.gs1.org/01/${GTIN}/10/A?17=281231`), { gtin: GTIN, lot: "A", host: "id.gs1.org" });
  assert.deepEqual(readCode(`HTTPS://HOST.EXAMPLE/01/${GTIN}/10/A`), { gtin: GTIN, lot: "A", host: "host.example" });
  for (const text of ["", "06901234567892", `javascript:/01/${GTIN}/10/A`, `ftp://h/01/${GTIN}/10/A`]) {
    assert.equal(readCode(text).problem, "no-link", text);
  }
});

test("typed numbers are padded and checked", () => {
  assert.deepEqual(readTyped("6901234567892", " A-2026/01 "), { gtin: GTIN, lot: "A-2026/01" });
  assert.deepEqual(readTyped("690 1234 567892", "A"), { gtin: GTIN, lot: "A" });
  assert.deepEqual(readTyped("690123456789", "A"), { problem: "gtin" });
  assert.deepEqual(readTyped("6901234567892", ""), { problem: "lot" });
});

test("decimals are exact", () => {
  const rows = [
    [231, -2, "2.31"], [-5, -2, "-0.05"], [0, -2, "0.00"], [7, 0, "7"], [7, 3, "7000"], [0, 3, "0"],
    [2 ** 53 - 1, -18, "0.009007199254740991"], [-(2 ** 53 - 1), -1, "-900719925474099.1"],
  ];
  for (const [value, exp, text] of rows) assert.equal(decimal(value, exp), text);
});

test("durations, days, groups, units", () => {
  const rows = [
    [0, "0 ms"], [999, "999 ms"], [60000, "60 s"], [120000, "120 s"], [121000, "2 minutes 1 s"],
    [86400000, "24 hours"], [10800000, "3 hours"], [5400000, "1 hour 30 minutes"], [172800000, "2 days"],
    [180000000, "2 days 2 hours"], [3600000, "1 hour"],
  ];
  for (const [ms, text] of rows) assert.equal(duration(ms, en), text);
  assert.equal(duration(10800000, zh), "3 小时");
  assert.equal(day(20281231), "2028-12-31");
  assert.equal(groups("0123456789abcdef"), "01234567 89abcdef");
  assert.deepEqual(["Cel", "ppm"].map(unitName), ["°C", "\u2068ppm\u2069"]);
});

test("moments: every legal time has words, from year 10000 on as a number", () => {
  const rows = [
    [0, "1970-01-01 00:00 UTC"], [1767618000000, "2026-01-05 13:00 UTC"], [253402300799999, "9999-12-31 23:59 UTC"],
    [253402300800000, "253402300800000 ms since 1970"], [8.64e15, "8640000000000000 ms since 1970"],
    [2 ** 53 - 1, "9007199254740991 ms since 1970"],
  ];
  for (const [ms, text] of rows) assert.equal(moment(ms), text);
});

test("texts of others: what moves or hides their surroundings is seen, and direction ends with them", () => {
  const moving = [...Array(0x20).keys(), ...Array.from({ length: 0x21 }, (_, at) => 0x7f + at), 0x61c, 0x200e, 0x200f,
    0x2028, 0x2029, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069];
  for (const code of moving) assert.equal(visible(`a${String.fromCodePoint(code)}b`), "a\ufffdb", code.toString(16));
  const left = "Vaccine A, 疫苗, \u05d0\u05d1, \u0627, \u{1f489} \u00a0~";
  assert.equal(visible(left), left);
  assert.equal(foreign("\u202e5\u2069"), "\u2068\ufffd5\ufffd\u2069");
  assert.equal(foreign(""), "");
  assert.equal(unitName("\u202eppm"), "\u2068\ufffdppm\u2069");
  assert.equal(unitName("constructor"), "\u2068constructor\u2069");
});

/** Paths of all words: both languages say the same things. */
function keys(words, prefix = "") {
  return Object.entries(words).flatMap(([key, value]) =>
    typeof value === "object" ? keys(value, `${prefix}${key}.`) : [`${prefix}${key}:${typeof value}`]).sort();
}

test("both languages have every word, and words for every verdict, check and code", () => {
  assert.deepEqual(keys(zh), keys(en));
  for (const words of [en, zh]) {
    assert.deepEqual(Object.keys(words.verdict).sort(), [...VERDICTS].sort());
    assert.deepEqual(new Set(Object.keys(words.check)), new Set([...CHECK_NAMES, ...ARCHIVED_CHECK_NAMES]));
  }
});

test("sentences and codes are those of docs/format/verdict.md", () => {
  const page = readFileSync(join(ROOT, "docs/format/verdict.md"), "utf8");
  const rows = page.split("\n").filter((line) => line.startsWith("| ")).map((line) => line.slice(2, -2).split(" | "));
  for (const verdict of VERDICTS) {
    const [, english, chinese] = rows.find((row) => row[0] === verdict && row.length === 3 && /[。，]/.test(row[2]));
    assert.equal(en.sentence[verdict], english);
    assert.equal(zh.sentence[verdict], chinese);
  }
  const codes = rows.slice(rows.findIndex((row) => row[0] === "code") + 2).filter((row) => row.length === 3);
  const end = codes.findIndex((row) => row[0] === "verdict");
  for (const [code, , english] of codes.slice(0, end)) assert.equal(en.notProved[code], english, code);
  assert.ok(end >= 14);
});

test("no page says genuine", () => {
  const source = (name) => readFileSync(join(folder, name), "utf8");
  for (const name of ["words_en.js", "words_zh.js"]) assert.ok(!/genuine|authentic|正品/i.test(source(name)), name);
});

test("the worker keeps every file that the page loads, and no other", () => {
  const worker = readFileSync(join(folder, "sw.js"), "utf8");
  const kept = [...worker.matchAll(/"([a-z0-9_]+\.(?:js|css|svg|webmanifest))"/g)].map(([, name]) => name);
  const pages = readdirSync(folder).filter((name) => /\.(js|css|svg|webmanifest)$/.test(name) && name !== "sw.js");
  const loaded = new Set(["verdict.js", "archived.js"]);
  for (const name of loaded) {
    const source = readFileSync(join(folder, "verifier", name), "utf8");
    for (const [, other] of source.matchAll(/from "\.\/([a-z0-9_]+\.js)"/g)) loaded.add(other);
  }
  assert.deepEqual(kept.sort(), [...pages, "anchor.js", ...loaded].sort());
});

test("no markup is made from strings, no style or script stands in the page", () => {
  for (const name of readdirSync(folder).filter((each) => each.endsWith(".js"))) {
    const source = readFileSync(join(folder, name), "utf8");
    assert.ok(!/innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function/.test(source), name);
  }
  const page = readFileSync(join(folder, "index.html"), "utf8");
  assert.ok(!/<style|style=|\son[a-z]+=|<script(?![^>]*src=)/.test(page));
});
