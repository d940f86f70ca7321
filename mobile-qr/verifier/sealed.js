// Sealed segments (docs/format/sealed.md): opens a COSE_Encrypt for the reader whose P-256 key it is, by WebCrypto.

import { concat, equalBytes, sha256, subtle, toUtf8 } from "./bytes.js";
import { decode, encode } from "./cbor.js";
import { demand, fail } from "./errors.js";
import { kidOf } from "./fields.js";
import { leafHash } from "./trees.js";

export const SEALED_BYTES_MAX = 131072;
export const SEALED_NAME = "sealed";
export const SEALED_MEDIA = "application/vnd.lotmark.sealed.v1+cbor";

const MAGIC = "lotmark/sealed/1";
const TAG = Uint8Array.of(0xd8, 0x60);
const RECIPIENTS_MAX = 256;
const ITEMS_MAX = 16 + 16 * RECIPIENTS_MAX;
const CONTENT_BYTES_MAX = 65536;
const TAG_BYTES = 16;
const AUDIENCES = [1, 2]; // partner, regulator
const CONTENT_HEADER = encode(new Map([[1, 3]])); // A256GCM
const RECIPIENT_HEADER = encode(new Map([[1, -31]])); // ECDH-ES + A256KW
const RECIPIENT_BYTES = 143;
const A256KW = -5;
const IV = 5, PLACE = -65540, KID = 4, EPHEMERAL = -1;

const isBytes = (item, size) => item instanceof Uint8Array && (size === undefined || item.length === size);
const isTuple = (item, count) => Array.isArray(item) && item.length === count;
const isMap = (item, ...keys) => item instanceof Map && item.size === keys.length && keys.every((key) => item.has(key));

/** Of what is decoded, `seal` is the one error. */
function decodeOr(bytes, itemsMax) {
  try {
    return decode(bytes, itemsMax);
  } catch {
    return null;
  }
}

/**
 * A reader's key from its scalar and uncompressed point: { kid, agree } with agree(point) the ECDH secret, or null where the
 * point is not on the curve.
 */
export async function readerKey(scalar, point) {
  const crypto = await subtle();
  const text = (bytes) => btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const jwk = { kty: "EC", crv: "P-256", d: text(scalar), x: text(point.subarray(1, 33)), y: text(point.subarray(33)) };
  const curve = { name: "ECDH", namedCurve: "P-256" };
  const secret = await crypto.importKey("jwk", jwk, curve, false, ["deriveBits"]);
  const agree = async (other) => {
    const key = await crypto.importKey("raw", other, curve, false, []).catch(() => null);
    return key && new Uint8Array(await crypto.deriveBits({ name: "ECDH", public: key }, secret, 256));
  };
  return { kid: await kidOf(point), agree };
}

/** Step 2 for a sealed segment [salt, name, audience, media, content]: { iv, check, ciphertext }. */
export function readContent([, name, audience, media, content]) {
  demand(name === SEALED_NAME && media === SEALED_MEDIA && AUDIENCES.includes(audience), "seal");
  demand(content.length <= CONTENT_BYTES_MAX, "seal");
  const places = decodeOr(content, 4);
  demand(isTuple(places, 3), "seal");
  const [iv, check, ciphertext] = places;
  demand(isBytes(iv, 12) && isBytes(check, 32) && isBytes(ciphertext) && ciphertext.length > TAG_BYTES, "seal");
  return { iv, check, ciphertext };
}

/** Step 2 for a COSE_Encrypt: { segment, recipients: [{ kid, ephemeral, wrapped }] }. */
export function readCoseEncrypt(bytes) {
  demand(bytes.length <= SEALED_BYTES_MAX, "object-too-large");
  demand(bytes.length >= TAG.length && equalBytes(bytes.subarray(0, TAG.length), TAG), "seal");
  const places = decodeOr(bytes.subarray(TAG.length), ITEMS_MAX);
  demand(isTuple(places, 4), "seal");
  const [header, unprotected, ciphertext, recipients] = places;
  demand(isBytes(header) && equalBytes(header, CONTENT_HEADER) && isMap(unprotected, IV, PLACE), "seal");
  const place = unprotected.get(PLACE);
  demand(isTuple(place, 3) && isBytes(place[0], 16) && isBytes(place[2], 32), "seal");
  demand(isBytes(unprotected.get(IV), 12) && isBytes(ciphertext), "seal");
  const [salt, audience, check] = place;
  const content = encode([unprotected.get(IV), check, ciphertext]);
  const segment = [salt, SEALED_NAME, audience, SEALED_MEDIA, content];
  readContent(segment);
  demand(Array.isArray(recipients) && recipients.length >= 1 && recipients.length <= RECIPIENTS_MAX, "seal");
  const read = recipients.map(readRecipient);
  for (let i = 1; i < read.length; i++) demand(compareKids(read[i - 1], read[i]) < 0, "seal");
  return { segment, recipients: read };
}

const compareKids = (a, b) => {
  const at = a.kid.findIndex((byte, i) => byte !== b.kid[i]);
  return at < 0 ? 0 : a.kid[at] - b.kid[at];
};

/** A recipient as an item; what it is made of has one encoding, so its length is the rest of its form. */
function readRecipient(item) {
  demand(isTuple(item, 3), "seal");
  const [header, unprotected, wrapped] = item;
  demand(isBytes(header) && equalBytes(header, RECIPIENT_HEADER) && isMap(unprotected, KID, EPHEMERAL), "seal");
  const key = unprotected.get(EPHEMERAL);
  demand(isMap(key, 1, -1, -2, -3) && key.get(1) === 2 && key.get(-1) === 1, "seal");
  demand(isBytes(unprotected.get(KID), 16) && isBytes(key.get(-2), 32) && isBytes(key.get(-3), 32) && isBytes(wrapped, 40), "seal");
  demand(encode(item).length === RECIPIENT_BYTES, "seal");
  return { kid: unprotected.get(KID), ephemeral: concat([Uint8Array.of(4), key.get(-2), key.get(-3)]), wrapped };
}

/** Step 4: the content key out of a recipient. */
async function unwrap(recipient, reader) {
  const crypto = await subtle();
  const secret = await reader.agree(recipient.ephemeral);
  demand(secret, "seal");
  const party = [null, null, null];
  const info = encode([A256KW, party, party, [256, RECIPIENT_HEADER]]);
  const hkdf = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(0), info };
  const base = await crypto.importKey("raw", secret, "HKDF", false, ["deriveKey"]);
  const kek = await crypto.deriveKey(hkdf, base, { name: "AES-KW", length: 256 }, false, ["unwrapKey"]);
  try {
    const key = await crypto.unwrapKey("raw", recipient.wrapped, kek, "AES-KW", "AES-GCM", true, ["decrypt"]);
    return new Uint8Array(await crypto.exportKey("raw", key));
  } catch {
    return fail("seal");
  }
}

/** Steps 5 to 7: the plain segment [salt, name, audience, media, content] of a sealed one. `chain`: 32 bytes. */
export async function openSegment(chain, segment, contentKey) {
  const { iv, check, ciphertext } = readContent(segment);
  const [salt, , audience] = segment;
  demand(equalBytes(await sha256(toUtf8(MAGIC), contentKey), check), "seal");
  const external = encode([MAGIC, chain, salt, audience, check]);
  const additionalData = encode(["Encrypt", CONTENT_HEADER, external]);
  const crypto = await subtle();
  const key = await crypto.importKey("raw", contentKey, "AES-GCM", false, ["decrypt"]);
  const text = await crypto.decrypt({ name: "AES-GCM", iv, additionalData, tagLength: 8 * TAG_BYTES }, key, ciphertext)
    .catch(() => null);
  demand(text, "seal");
  const plain = decodeOr(new Uint8Array(text), 4);
  demand(isTuple(plain, 3) && typeof plain[0] === "string" && typeof plain[1] === "string" && isBytes(plain[2]), "seal");
  const [name, media, content] = plain;
  demand(name !== SEALED_NAME || media !== SEALED_MEDIA, "seal");
  return [salt, name, audience, media, content];
}

/**
 * Opens a COSE_Encrypt for a reader (readerKey) on a chain (32 bytes). Answers { segment, sealed, entry, leaf }: the plain
 * segment, the sealed one, its entry, and the entry's leaf hash in the record's segment tree, to be compared with the record's.
 */
export async function openSealed(bytes, { chain, reader }) {
  const { segment: sealed, recipients } = readCoseEncrypt(bytes);
  const mine = recipients.find(({ kid }) => equalBytes(kid, reader.kid));
  demand(mine, "seal-reader");
  const segment = await openSegment(chain, sealed, await unwrap(mine, reader));
  const entry = encode(sealed);
  return { segment, sealed, entry, leaf: await leafHash(entry) };
}
