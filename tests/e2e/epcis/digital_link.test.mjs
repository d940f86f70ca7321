// npm digital-link.js 1.4.3 and our parser on the same Digital Links: where they agree, and, with the clause that
// decides, where they do not. LINKS_SAID names the program that says what ours makes of a URI (links_said.cpp).
// "Syntax" is GS1's Digital Link Standard: URI Syntax; "dictionary" GS1's dictionary of application identifiers.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT } from "../../unit/js/vectors.mjs";

const program = process.env.LINKS_SAID;
assert.ok(program, "LINKS_SAID names the program");
const skip = existsSync(join(ROOT, "mobile-qr/node_modules/digital-link.js"))
  ? false
  : "mobile-qr/node_modules is not there (scripts/setup)";
if (skip) console.error(`SKIPPED: ${skip}`);

const G = "https://id.gs1.org/01/09506000134352";

const AGREED = [
  G,
  `${G}/10/L1`,
  `${G}/21/S1`,
  `${G}/10/L1/21/S1`,
  `${G}/22/V/10/L1/21/S1`,
  `${G}/21/S1/10/L1`,
  `${G}/235/TP/21/S`,
  "https://shop.example/a/b/01/09506000134352/10/L1",
  "Https://id.gs1.org/01/09506000134352",
  `${G}/10/L1?17=281231`,
  `${G}?17=281231&linkType=gs1:pip`,
  `${G}?99=`,
  `${G}/10/A%2FB`,
  `${G}/10/A%20B`,
  `${G}/10/A%ZZ`,
  `${G}/10/ABCDEFGHIJ1234567890`,
  `${G}/10/ABCDEFGHIJ12345678901`,
  `${G}/10/`,
  "https://id.gs1.org/01/950600013435",
  "https://id.gs1.org/01/95060001",
  "https://id.gs1.org/01/09506000134353",
  "https://id.gs1.org/gtin/09506000134352",
  "https://id.gs1.org/gtin/09506000134352/ser/1",
  `${G}/lot/L1`,
  "https://id.gs1.org/00/095060001343520008",
  "https://id.gs1.org/00/095060001343520000",
  "https://id.gs1.org/414/9506000134352",
  "https://id.gs1.org/414/9506000134352/254/dock",
  "https://id.gs1.org/253/9506000134352DOC",
  "https://id.gs1.org/255/9506000134352123",
  "https://id.gs1.org/402/95060001343520003",
  "https://id.gs1.org/8003/09506000134352SER",
  "https://id.gs1.org/8010/9506000a",
  "https://id.gs1.org/8013/9506000ABCDEF",
  "https://id.gs1.org/8018/950600013435200008/8019/1",
  "https://id.gs1.org/10/L1",
  "https://id.gs1.org/21/1",
  "https://id.gs1.org/abc",
  "https://id.gs1.org",
  "",
  "urn:epc:id:sgtin:9506000.013435.1",
  "ftp://id.gs1.org/01/09506000134352",
  `${G}/99/X`,
  `${G}/17/281231`,
  `${G}?3103=001250`,
  `${G}?3103=1250`,
  `${G}?89=X`,
  `${G}?a b=c`,
  `${G}/21/%E4%B8%AD`,
  "https://user@id.gs1.org/01/09506000134352",
  "https://[::1]/01/09506000134352",
  `${G}?17=281231;10=x`,
  "https://id.gs1.org//01/09506000134352",
  "id.gs1.org/01/09506000134352",
];

// [URI, whether ours takes it, the clause that decides]; theirs says the contrary of each.
const DIFFER = [
  [`${G}/235/TP`, true, "dictionary: 01 has dlpkey=22,10,21|235; they know no 235"],
  ["http://id.gs1.org/01/09506000134352", true, "Syntax, grammar: the scheme is http or https"],
  ["HTTPS://id.gs1.org/01/09506000134352", true, "Syntax, grammar: the scheme may be all upper case, as QR codes have it"],
  ["https://id.gs1.org:8443/01/09506000134352", true, 'Syntax, grammar: host [":" port], RFC 3986 section 3.2.3'],
  [`${G}/`, false, "Syntax, grammar: no form ends in a slash; a resolver strips it first (Conformant Resolver 1.2)"],
  [`${G}?17=281331`, false, "General Specifications 3.4: the month of YYMMDD is 01 to 12 (dictionary: yymmd0)"],
  [`${G}/10/A+B`, true, "General Specifications 7.11: '+' is of set 82, and stands for itself in a path (RFC 3986 section 3.3)"],
  [`${G}/10/a/10/b`, false, "Syntax, grammar: each qualifier at most once, in its order"],
  [
    "https://id.gs1.org/01/9506000134352",
    false,
    "Syntax, GTIN: 14 digits; shorter ones only in links made before (asked for by LinkLeniency)",
  ],
  ["https://id.gs1.org/414/9506000134352/7040/1ABC", true, "dictionary: 414 has dlpkey=254|7040; they know no 7040"],
  ["https://id.gs1.org/401/9506000ABC", true, "dictionary: 401 is a key, X..30"],
  ["https://id.gs1.org/8004/9506000A-1", true, "General Specifications 7.11: '-' is of set 82"],
  ["https://id.gs1.org/8006/095060001343520102/21/1", true, "dictionary: 8006 has dlpkey=22,10,21"],
  ["https://id.gs1.org/8010/9506000A/8011/12", true, "dictionary: 8010 has dlpkey=8011"],
  ["https://id.gs1.org/8017/950600013435200008", true, "dictionary: 8017 is a key, with or without 8019"],
  ["https://id.gs1.org/415/9506000134352/8020/REF", true, "dictionary: 415 has dlpkey=8020"],
  ["https://id.gs1.org/417/9506000134352", true, "dictionary: 417 is a key"],
  [`${G}?01=09506000134352`, false, "Syntax, grammar: a key of the path does not stand in the query again"],
  [`${G}#part`, true, "RFC 3986 section 3.5: a fragment is no part of what is identified"],
  [`${G}/21/a"b`, false, "RFC 3986 section 2: '\"' stands in no URI as itself"],
  [`${G}/21/a%22b`, true, "the same value, encoded: '\"' is of set 82"],
  [`${G}?17=281231&17=281231`, false, "Syntax, grammar: no identifier stands twice"],
];

function ours(uris) {
  const done = spawnSync(program, { input: uris.map((uri) => `${uri}\n`).join(""), encoding: "utf8" });
  assert.equal(done.status, 0, done.stderr);
  return done.stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

/** Key and qualifiers, in order; null for what is no link to them. */
function theirs(uri) {
  const { DigitalLink } = createRequire(join(ROOT, "mobile-qr/package.json"))("digital-link.js");
  try {
    const link = DigitalLink(uri);
    if (!link.isValid()) return null;
    return { ...link.getIdentifier(), ...link.getKeyQualifiers(), ...link.getAttributes() };
  } catch {
    return null; // they throw for some of what is no link
  }
}

/** As theirs gives it: one map of all, values as they stand in the URI. */
const elements = (link) =>
  Object.fromEntries([link.key, ...link.qualifiers, ...link.attributes, ...link.others.map((text) => text.split("="))]);

const decoded = (map) => Object.fromEntries(Object.entries(map).map(([ai, value]) => [ai, decodeURIComponent(value)]));

test("they agree on links and what these say", { skip }, () => {
  const said = ours(AGREED);
  AGREED.forEach((uri, i) => {
    const other = theirs(uri);
    assert.equal(said[i].valid, other !== null, `${uri}: ${said[i].why ?? "taken"}`);
    if (other) assert.deepEqual(elements(said[i]), decoded(other), uri);
  });
  assert.ok(said.filter(({ valid }) => valid).length >= 18, "links are among them");
});

test("where they do not, the clause decides", { skip }, () => {
  const said = ours(DIFFER.map(([uri]) => uri));
  DIFFER.forEach(([uri, taken, clause], i) => {
    assert.equal(said[i].valid, taken, `${uri}: ${clause}`);
    assert.equal(theirs(uri) !== null, !taken, `${uri}: they have come to agree; move it`);
  });
});

// They put values in as they are given: whoever has a slash in a serial encodes it first.
test("what they build, ours reads", { skip }, () => {
  const { DigitalLink } = createRequire(join(ROOT, "mobile-qr/package.json"))("digital-link.js");
  const rows = [
    [{ "01": "09506000134352" }, { 10: "L-1", 21: "7%2F8" }, { 17: "281231", 3103: "001250" }],
    [{ "00": "095060001343520000" }, {}, {}],
    [{ 414: "9506000134352" }, { 254: "dock_1" }, {}],
  ];
  for (const [identifier, keyQualifiers, attributes] of rows) {
    const uri = DigitalLink({
      domain: "https://id.gs1.org",
      identifier,
      keyQualifiers,
      attributes,
      sortKeyQualifiers: true,
    }).toWebUriString();
    const [said] = ours([uri]);
    assert.equal(said.valid, true, `${uri}: ${said.why}`);
    assert.deepEqual(elements(said), decoded({ ...identifier, ...keyQualifiers, ...attributes }));
  }
});
