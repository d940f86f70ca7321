import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fromHex } from "../../../mobile-qr/verifier/bytes.js";
import { decode } from "../../../mobile-qr/verifier/cbor.js";
import { openSealed, openSegment, readerKey } from "../../../mobile-qr/verifier/sealed.js";
import { assertHex, assertRefused } from "./vectors.mjs";

const cases = JSON.parse(readFileSync(new URL("../../vectors/sealed/cases.json", import.meta.url), "utf8"));
const chain = fromHex(cases.chain);
const reader = (name) => readerKey(fromHex(cases.readers[name].scalar), fromHex(cases.readers[name].public_key));

function assertPlain([salt, name, audience, media, content], each) {
  assertHex(salt, each.salt);
  assert.deepEqual([name, audience, media], [each.plain.name, each.audience, each.plain.media]);
  assertHex(content, each.plain.content);
}

for (const each of cases.sealed) {
  test(`opens: ${each.name}`, async () => {
    assertPlain(await openSegment(chain, decode(fromHex(each.entry)), fromHex(each.content_key)), each);
    for (const recipient of each.recipients) {
      const opened = await openSealed(fromHex(each.cose), { chain, reader: await reader(recipient.reader) });
      assertPlain(opened.segment, each);
      assertHex(opened.entry, each.entry);
      assertHex(opened.leaf, each.leaf);
    }
  });
}

for (const each of cases.refuse) {
  test(`refused: ${each.name}`, async () => {
    const bytes = new Uint8Array([...fromHex(each.cose), ...new Uint8Array(each.zeros_behind ?? 0)]);
    const options = { chain: fromHex(each.chain), reader: await reader(each.reader) };
    await assertRefused(() => openSealed(bytes, options), each.error);
  });
}

for (const each of cases.refuse_segments) {
  test(`refused segment: ${each.name}`, () =>
    assertRefused(() => openSegment(chain, decode(fromHex(each.entry)), fromHex(each.content_key)), each.error));
}

test("no single changed byte opens", async () => {
  const each = cases.sealed[1];
  const whole = fromHex(each.cose);
  const options = { chain, reader: await reader(each.recipients[0].reader) };
  for (let at = 0; at < whole.length; at++) {
    const bytes = Uint8Array.from(whole);
    bytes[at] ^= 0x01;
    await assert.rejects(openSealed(bytes, options), ({ code }) => code === "seal" || code === "seal-reader", `byte ${at}`);
  }
});

test("kids are those of the readers' keys", async () => {
  for (const [name, { kid }] of Object.entries(cases.readers)) assertHex((await reader(name)).kid, kid);
});
