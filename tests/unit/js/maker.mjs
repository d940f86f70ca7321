// Makes receipts: the lot of the vectors with one thing changed, signed anew by the vectors' keys, so that
// a test can say what is wrong in one line and everything else stays right.

import { createPrivateKey, sign as signEcdsa } from "node:crypto";
import { concat, fromHex, sha256 } from "../../../mobile-qr/verifier/bytes.js";
import { decode, encode } from "../../../mobile-qr/verifier/cbor.js";
import { commitmentInput } from "../../../mobile-qr/verifier/check_claims.js";
import { idOf, typeText } from "../../../mobile-qr/verifier/cose.js";
import { leafSalt } from "../../../mobile-qr/verifier/fields.js";
import {
  annotatedNode, annotatedRoot, fold, leafHash, nodeHash, readingAnnotation, sampleIndex,
} from "../../../mobile-qr/verifier/trees.js";
import { vectors } from "./vectors.mjs";

const cose = vectors("cose");
const lot = vectors("lot");
export const given = vectors("receipt");
export const CHAIN = lot.chain;

const TAG = Uint8Array.of(0xd2);

/** Key of the vectors by kid or by the last word of its label: "sup1", "stranger". */
export function keyOf(name) {
  const key = cose.keys.find(({ kid, label }) => kid === name || label === `lotmark/test/${name}`);
  const point = fromHex(key.public_key);
  const base64url = (bytes) => Buffer.from(bytes).toString("base64url");
  const jwk = {
    kty: "EC", crv: "P-256", d: base64url(fromHex(key.scalar)),
    x: base64url(point.subarray(1, 33)), y: base64url(point.subarray(33)),
  };
  return { kid: fromHex(key.kid), point, jwk, private: createPrivateKey({ key: jwk, format: "jwk" }) };
}

/** Header of a type; claims are added to the chain's. */
export function headerOf(key, name, { chain = CHAIN, claims = [], extra = [] } = {}) {
  const entries = [[1, -7], [4, key.kid], [16, typeText(name)], ...extra];
  if (chain !== null) entries.push([15, new Map([[1, chain], ...claims])]);
  return encode(new Map(entries));
}

/** A tagged COSE_Sign1; header as bytes or hexadecimal; detached: what is signed in place of a null payload. */
export async function sign1(key, header, payload, { unprotected = new Map(), detached = null } = {}) {
  const protectedBytes = typeof header === "string" ? fromHex(header) : header;
  const structure = encode(["Signature1", protectedBytes, new Uint8Array(0), payload ?? detached]);
  const signature = signEcdsa("sha256", structure, { key: key.private, dsaEncoding: "ieee-p1363" });
  return concat([TAG, encode([protectedBytes, unprotected, payload, new Uint8Array(signature)])]);
}

const untag = (bytes) => decode(bytes.subarray(1));
const idOfBytes = (bytes) => {
  const [protectedBytes, , payload] = untag(bytes);
  return idOf({ protectedBytes, payload });
};
const payloadOf = (bytes) => decode(untag(bytes)[2]);

/** A map with some keys changed: {5: "x"}; undefined takes a key away. */
export function changed(map, changes = {}) {
  const out = new Map(map);
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined) out.delete(Number(key));
    else out.set(Number(key), value);
  }
  return out;
}

const places = (array, changes = {}) => array.map((value, at) => (at in changes ? changes[at] : value));

// --- the evidence of the vectors' one claim, from its bundle wires ---

/** Sibling pairs or hashes from leaf to root. */
async function pathTo(nodes, index, parent) {
  if (nodes.length === 1) return { path: [], node: nodes[0] };
  let split = 1;
  while (split * 2 < nodes.length) split *= 2;
  const [left, right] = [nodes.slice(0, split), nodes.slice(split)];
  if (index < split) {
    const { path, node } = await pathTo(left, index, parent);
    const { node: sibling } = await pathTo(right, 0, parent);
    return { path: [...path, sibling], node: await parent(node, sibling) };
  }
  const { path, node } = await pathTo(right, index - split, parent);
  const { node: sibling } = await pathTo(left, 0, parent);
  return { path: [...path, sibling], node: await parent(sibling, node) };
}

async function annotatedPathTo(leaves, index) {
  const nodes = await Promise.all(
    leaves.map(async ({ annotation, entry }) => ({ annotation, hash: await leafHash(entry) })),
  );
  const { path } = await pathTo(nodes, index, annotatedNode);
  return path.map(({ annotation, hash }) => [Object.values(annotation), hash]);
}

async function evidence() {
  const bundles = [];
  for (const wire of lot.bundle_wires) {
    const [bundle, salt, channels] = decode(fromHex(wire));
    const place = payloadOf(bundle).get(12).findIndex(([name]) => name === "t");
    const leaves = [];
    for (const [index, [t, value]] of channels[place].entries()) {
      const entry = encode([await leafSalt(salt, place, index), t, value]);
      leaves.push({ annotation: readingAnnotation(t, value), entry });
    }
    const root = await annotatedRoot(leaves);
    const entry = encode([await idOfBytes(bundle), place, Object.values(root.annotation), root.hash]);
    bundles.push({ leaves, annotation: root.annotation, entry });
  }
  return bundles;
}

/** The sample of a claim that the block id draws. */
async function makeSample(bundles, blockId, segment, i) {
  let local = await sampleIndex(blockId, i, bundles.reduce((sum, { leaves }) => sum + leaves.length, 0));
  let at = 0;
  while (local >= bundles[at].leaves.length) local -= bundles[at++].leaves.length;
  const { leaves, entry } = bundles[at];
  return [
    segment, i, leaves[local].entry, await annotatedPathTo(leaves, local),
    at, entry, await annotatedPathTo(bundles, at),
  ];
}

// --- the receipt ---

/**
 * The vectors' receipt made anew. Every option has a default that leaves it released:
 * claim, segment, record, transaction, application, release, block: changes by place or key, {6: 20200101};
 * signers: {block: "sup1", ...}; voters: names; vote: {seconds, size, epoch, term, root, proof};
 * samples: how many, or a function over the list of samples, of which `drawn` are made; disclosed: false leaves the release record out;
 * headers: {block: options of headerOf}; receipt: changes of the receipt's own map.
 */
export async function makeReceipt(options = {}) {
  const whole = decode(fromHex(given.receipt));
  const [, , blockPayload] = untag(whole.get(1));
  const block = decode(blockPayload);
  const release = payloadOf(block.get(6));
  const application = payloadOf(release.get(0));
  const [transaction, txPath, record, segments] = whole.get(3)[0];
  const signers = {
    application: "enterprise", release: "reviewer1", block: "sup1", transaction: "enterprise", ...options.signers,
  };
  const signed = (name, payload, unprotected) =>
    sign1(keyOf(signers[name]), headerOf(keyOf(signers[name]), name, options.headers?.[name]), encode(payload),
      { unprotected });

  const [index, segmentBytes, segmentPath] = segments[0];
  const segment = decode(segmentBytes);
  const claim = places(decode(segment[4]), options.claim);
  const entry = encode(places(segment, { 4: encode(claim), ...options.segment }));
  const newRecord = places(record, options.record);
  const named = Object.fromEntries(
    ["step", "kind", "time", "author", "corrects", "segments"].map((name, at) => [name, newRecord[at]]),
  );
  const recordRoot = await fold(await leafHash(entry), index, record[5], segmentPath);
  const scope = application.get(1);
  const commitment = await sha256(commitmentInput(fromHex(CHAIN), scope, named, recordRoot));
  const newTransaction = await signed("transaction",
    changed(payloadOf(transaction), { 0: commitment, ...options.transaction }));
  const txCount = application.get(9);
  const txRoot = await fold(await leafHash(await idOfBytes(newTransaction)), txCount - 1, txCount, txPath);

  const newApplication = await signed("application", changed(application, { 8: txRoot, ...options.application }));
  const newRelease = await signed("release", changed(release, { 0: newApplication, ...options.release }));
  const newBlock = changed(block, { 6: newRelease, ...options.block });
  const blockId = await idOfBytes(await signed("block", newBlock));
  const votes = await makeVotes(blockId, options);
  const unprotected = options.unprotected ?? new Map([[394, options.votes ? options.votes(votes) : votes]]);
  const blockBytes = await signed("block", newBlock, unprotected);

  const bundles = await evidence();
  const count = typeof options.samples === "number" ? options.samples : options.drawn ?? 3;
  let samples = [];
  for (let i = 0; i < count; i++) samples.push(await makeSample(bundles, blockId, index, i));
  if (typeof options.samples === "function") samples = options.samples(samples);
  const disclosure = [newTransaction, txPath, newRecord, [[index, entry, segmentPath]]];
  const newDisclosure = places(disclosure, options.disclosure);
  const disclosed = options.disclosed ?? true;
  return encode(changed(whole, {
    1: blockBytes, 3: disclosed ? [newDisclosure] : [], 4: disclosed ? samples : [], ...options.receipt,
  }));
}

/** Votes over the chain of the vectors with this block in place of its last. */
async function makeVotes(blockId, { voters = ["sup1", "sup2", "sup3"], vote = {}, headers = {} }) {
  const ids = [...lot.block_ids.slice(0, 2).map(fromHex), blockId];
  const leaves = await Promise.all(ids.map(leafHash));
  const { path, node: root } = await pathTo(leaves, 2, nodeHash);
  const { seconds = 1767618001, size = 3, epoch = 0, term = 0, proof = [3, 2, path] } = vote;
  const out = [];
  const keys = voters.map(keyOf).sort((a, b) => Buffer.compare(a.kid, b.kid));
  for (const key of keys) {
    const header = headerOf(key, "vote", {
      extra: [[395, 1]], claims: [[6, seconds], [-65537, size], [-65538, epoch], [-65539, term]], ...headers.vote,
    });
    const unprotected = new Map([[396, new Map([[-1, [encode(proof)]]])]]);
    out.push(await sign1(key, header, null, { unprotected, detached: vote.root ?? root }));
  }
  return out;
}

export const anchorBytes = () => fromHex(given.anchor);

/** What verifyReceipt takes, for a receipt of makeReceipt; changes override. */
export const inputOf = (receipt, changes = {}) =>
  ({ receipt, anchor: anchorBytes(), gtin: given.gtin, lot: given.lot, now: given.now, ...changes });

/** A statement Object of epoch 1, first block `first`, signed by the keys named. */
export async function makeStatement({ epoch = 1, first = 1, changes = {}, signers = ["root", "sup1", "sup2"],
  chain = CHAIN } = {}) {
  const genesis = decode(fromHex(given.anchor)).get(1);
  const [payload] = decode(payloadOf(genesis).get(6));
  const root = await leafHash(fromHex(CHAIN));
  const body = encode(changed(decode(payload), { 0: epoch, 4: first, 5: first, 6: root, 7: [], ...changes }));
  const keys = signers.map(keyOf).sort((a, b) => Buffer.compare(a.kid, b.kid));
  const signatures = [];
  for (const key of keys) {
    signatures.push(await sign1(key, headerOf(key, "membership", { chain }), null, { detached: body }));
  }
  return encode([body, signatures]);
}
