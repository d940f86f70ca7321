// Signed objects (docs/format/cose.md): COSE_Sign1, tag 18, ES256. `open` is steps 1 to 16 of the order
// of checks; whether the signer may sign (17) is the caller's to judge, `verify` is step 18.

import { sha256, subtle } from "./bytes.js";
import { decode, encode } from "./cbor.js";
import { demand } from "./errors.js";
import { check } from "./shape.js";

export const OBJECT_BYTES_MAX = 65536;
export const BLOCK_BYTES_MAX = 1048576;

const ES256 = -7;
const ALG = 1, KID = 4, CLAIMS = 15, TYPE = 16, VDS = 395;
const VOTES = 394, PROOFS = 396, INCLUSION = -1;
const CHAIN = 1, SECONDS = 6, SIZE = -65537, EPOCH = -65538, TERM = -65539;

export const typeText = (name) => `application/vnd.lotmark.${name}.v1+cose`;

/** What the unprotected map must be; the answer is what it holds. */
export const UNPROTECTED = Object.freeze({
  empty(map) {
    demand(map.size === 0, "cose-unprotected");
    return null;
  },
  /** A block in a receipt: {394: [bstr ...]}. */
  votes(map) {
    const votes = map.get(VOTES);
    demand(map.size === 1 && Array.isArray(votes) && votes.every(isBytes), "cose-unprotected");
    return votes;
  },
  /** A vote in such a 394: {396: {-1: [p]}}. */
  proof(map) {
    const proofs = map.get(PROOFS);
    demand(map.size === 1 && proofs instanceof Map && proofs.size === 1, "cose-unprotected");
    const list = proofs.get(INCLUSION);
    demand(Array.isArray(list) && list.length === 1 && isBytes(list[0]), "cose-unprotected");
    return list[0];
  },
});

const isBytes = (item) => item instanceof Uint8Array;
const isU = (item) => typeof item === "number" && item >= 0;

/**
 * Opens one signed object.
 * name: type expected; chain: 64 hex digits expected in the header, null where none may stand;
 * table: shape of the payload, null where the payload is detached; unprotected: one of UNPROTECTED.
 * Returns { name, kid, claims, unprotected, payload, body, protectedBytes, signature, id }; of a detached
 * payload body, payload and id are null.
 */
export async function open(bytes, { name, chain, table = null, unprotected = UNPROTECTED.empty, context = {} }) {
  checkSize(bytes, name);
  const places = sign1(bytes);
  const header = decode(places.protectedBytes);
  const isVote = name === "vote";
  const kid = checkHeader(header, { name, chain, isVote });
  const claims = checkClaims(header, isVote);
  const held = unprotected(places.unprotected);
  const object = { ...places, name, kid, claims, unprotected: held, body: null, id: null };
  if (!table) {
    demand(places.payload === null, "cose-payload");
    return object;
  }
  demand(places.payload !== null, "cose-payload");
  object.body = await check(table, decode(places.payload), { ...context, kid });
  object.id = await idOf(object);
  return object;
}

/** Step 1. */
function checkSize(bytes, name) {
  if (name === "block") demand(bytes.length <= BLOCK_BYTES_MAX, "block-too-large");
  else demand(bytes.length <= OBJECT_BYTES_MAX, "object-too-large");
}

/** Steps 2 and 3. */
function sign1(bytes) {
  const isTagged = bytes[0] === 0xd2;
  const item = decode(isTagged ? bytes.subarray(1) : bytes);
  demand(isTagged && Array.isArray(item) && item.length === 4, "cose-shape");
  const [protectedBytes, unprotected, payload, signature] = item;
  demand(isBytes(protectedBytes) && unprotected instanceof Map, "cose-shape");
  demand(payload === null || isBytes(payload), "cose-shape");
  demand(isBytes(signature) && signature.length === 64, "cose-shape");
  return { protectedBytes, unprotected, payload, signature };
}

/** Steps 5 to 10; returns the kid. */
function checkHeader(header, { name, chain, isVote }) {
  demand(header instanceof Map, "cose-protected");
  demand(header.get(ALG) === ES256, "cose-alg");
  const kid = header.get(KID);
  demand(isBytes(kid) && kid.length === 16, "cose-kid");
  demand(header.get(TYPE) === typeText(name), "cose-type");
  const claims = header.get(CLAIMS);
  if (chain === null) demand(!header.has(CLAIMS), "cose-chain");
  else demand(claims instanceof Map && claims.get(CHAIN) === chain, "cose-chain");
  const known = isVote ? [ALG, KID, CLAIMS, TYPE, VDS] : [ALG, KID, CLAIMS, TYPE];
  for (const key of header.keys()) demand(known.includes(key), "cose-protected");
  if (isVote) demand(header.get(VDS) === 1, "cose-protected");
  return kid;
}

/** Step 11; of a vote { seconds, size, epoch, term }. */
function checkClaims(header, isVote) {
  const claims = header.get(CLAIMS);
  if (!claims) return {};
  const expected = isVote ? [CHAIN, SECONDS, SIZE, EPOCH, TERM] : [CHAIN];
  demand(claims.size === expected.length, "cose-protected");
  for (const key of expected.slice(1)) demand(isU(claims.get(key)), "cose-protected");
  if (!isVote) return {};
  return {
    seconds: claims.get(SECONDS), size: claims.get(SIZE), epoch: claims.get(EPOCH), term: claims.get(TERM),
  };
}

/** The bytes that are signed; `detached` stands where the payload on the wire is null. */
export function sigStructure({ protectedBytes, payload }, detached = null) {
  return encode(["Signature1", protectedBytes, new Uint8Array(0), payload ?? detached]);
}

/** The digest that is signed. */
export const idOf = (object, detached = null) => sha256(sigStructure(object, detached));

/** Id of an object by steps 1 to 3 alone, whatever its header says. */
export async function idOfNested(bytes) {
  checkSize(bytes, "");
  const places = sign1(bytes);
  demand(places.payload !== null, "cose-payload");
  return idOf(places);
}

/** Step 18. `point` is the signer's uncompressed public key. */
export async function verify(object, point, detached = null) {
  const crypto = await subtle();
  const key = await importKey(crypto, point);
  const good = key !== null && await crypto.verify(
    { name: "ECDSA", hash: "SHA-256" }, key, object.signature, sigStructure(object, detached),
  );
  demand(good, "cose-signature");
}

async function importKey(crypto, point) {
  try {
    return await crypto.importKey("raw", point, { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]);
  } catch {
    return null;
  }
}
