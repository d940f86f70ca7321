import assert from "node:assert/strict";
import { test } from "node:test";
import { fromHex, sha256, subtle, toUtf8 } from "../../../mobile-qr/verifier/bytes.js";
import { encode } from "../../../mobile-qr/verifier/cbor.js";
import { idOf, open, sigStructure, verify } from "../../../mobile-qr/verifier/cose.js";
import { isOnCurve, kidOf } from "../../../mobile-qr/verifier/fields.js";
import { SIGNED } from "../../../mobile-qr/verifier/signed.js";
import { assertHex, assertRefused, vectors } from "./vectors.mjs";
import { keyOf, sign1 } from "./maker.mjs";

const cose = vectors("cose");
const expecting = ({ type, chain }) => ({ name: type, chain, table: SIGNED[type] });
const publicKey = (kid) => fromHex(cose.keys.find((key) => key.kid === kid).public_key);

for (const { label, public_key, kid } of cose.keys) {
  test(`kid of ${label}`, async () => {
    assert.ok(isOnCurve(fromHex(public_key)));
    assertHex(await kidOf(fromHex(public_key)), kid);
  });
}

for (const each of [...cose.objects, ...cose.nested]) {
  test(`id of ${each.name}`, async () => {
    const object = { protectedBytes: fromHex(each.protected), payload: fromHex(each.payload) };
    assertHex(sigStructure(object), each.sig_structure);
    assertHex(await idOf(object), each.id);
  });
}

// Signed anew by the key of its kid, every object opens as its type and keeps its id and its bytes.
for (const each of [...cose.objects, ...cose.nested].filter(({ type }) => type !== "vote")) {
  test(`opens: ${each.name}`, async () => {
    const bytes = await sign1(keyOf(each.kid), each.protected, fromHex(each.payload));
    const context = { rootKid: fromHex(cose.keys[0].kid) };
    const object = await open(bytes, { ...expecting(each), context });
    assertHex(object.id, each.id);
    assertHex(object.kid, each.kid);
    await verify(object, publicKey(each.kid));
  });
}

for (const { name, hex, id } of cose.accept) {
  test(`accepted: ${name}`, async () => {
    const object = await open(fromHex(hex), { name: "start", chain: cose.objects[0].chain, table: SIGNED.start });
    assertHex(object.id, id);
    await verify(object, publicKey(cose.objects[0].kid));
    const again = encode([object.protectedBytes, new Map(), object.payload, object.signature]);
    assertHex(again, hex.slice(2));
  });
}

for (const each of cose.refuse) {
  test(`refused: ${each.name}`, () =>
    assertRefused(async () => {
      const object = await open(fromHex(each.hex), expecting(each));
      await verify(object, publicKey(cose.objects[0].kid));
    }, each.error, each.errc));
}

test("the deterministic signature of RFC 6979's \"sample\" verifies under its key alone", async () => {
  const { label, digest, signature } = cose.rfc6979;
  const message = toUtf8("sample");
  assertHex(await sha256(message), digest);
  const crypto = await subtle();
  const good = async (point) => {
    const key = await crypto.importKey("raw", point, { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]);
    return crypto.verify({ name: "ECDSA", hash: "SHA-256" }, key, fromHex(signature), message);
  };
  for (const key of cose.keys) assert.equal(await good(fromHex(key.public_key)), key.label === label, key.label);
});
