// Foreign verifiers on our objects, and our reader on other people's cases. The table of what passed and of
// what legitimately differs is docs/format/interop.md. What is not installed or not there is skipped, loudly.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { equalBytes, fromHex, subtle, toHex } from "../../../mobile-qr/verifier/bytes.js";
import { decode, encode } from "../../../mobile-qr/verifier/cbor.js";
import { open } from "../../../mobile-qr/verifier/cose.js";
import { isOnCurve, path as pathTable } from "../../../mobile-qr/verifier/fields.js";
import { check } from "../../../mobile-qr/verifier/shape.js";
import { SIGNED } from "../../../mobile-qr/verifier/signed.js";
import { consistent, fold, leafHash } from "../../../mobile-qr/verifier/trees.js";
import { headerOf, keyOf, sign1 } from "./maker.mjs";
import { ROOT, vectors } from "./vectors.mjs";

const cose = vectors("cose");
const given = vectors("receipt");
const lot = vectors("lot");

const untag = (bytes) => decode(bytes.subarray(1));
const kidIn = (object) => toHex(decode(untag(object)[0]).get(4));

/** The reason to skip, or false. */
function missing(what, path) {
  if (existsSync(path)) return false;
  console.error(`SKIPPED: ${what} is not there`);
  return `${what} is not there`;
}

const modules = join(ROOT, "mobile-qr/node_modules");
const noModules = missing("mobile-qr/node_modules (scripts/setup)", modules);
const require = createRequire(join(ROOT, "mobile-qr/package.json"));
const data = join(ROOT, "../shared/data");
const inData = (name) => missing(`public case folder ${name}`, join(data, name));
const readJson = (...names) => JSON.parse(readFileSync(join(data, ...names), "utf8"));

// --- our objects, foreign verifiers ---

function ourObjects() {
  const receipt = decode(fromHex(given.receipt));
  const block = receipt.get(1);
  const release = decode(untag(block)[2]).get(6);
  const application = decode(untag(release)[2]).get(0);
  return {
    genesis: decode(fromHex(given.anchor)).get(1), block, release, application,
    transaction: receipt.get(3)[0][0],
    ...Object.fromEntries(cose.accept.map(({ name, hex }) => [name, fromHex(hex)])),
    ...Object.fromEntries(lot.bundle_wires.map((wire, at) => [`bundle ${at + 1}`, decode(fromHex(wire))[0]])),
  };
}

const coseJsKey = (kid) => {
  const { point } = keyOf(kid);
  return { key: { x: Buffer.from(point.subarray(1, 33)), y: Buffer.from(point.subarray(33)) } };
};

for (const [name, bytes] of Object.entries(ourObjects())) {
  test(`cose-js verifies: ${name}`, { skip: noModules }, async () => {
    const { sign } = require("cose-js");
    const payload = await sign.verify(Buffer.from(bytes), coseJsKey(kidIn(bytes)));
    assert.deepEqual(new Uint8Array(payload), untag(bytes)[2]);
    const forged = bytes.slice();
    forged[forged.length - 1] ^= 1;
    await assert.rejects(sign.verify(Buffer.from(forged), coseJsKey(kidIn(bytes))));
  });
}

for (const { name, kid, protected: header, payload } of cose.objects.filter(({ type }) => type !== "vote")) {
  test(`cose-js verifies, signed anew: ${name}`, { skip: noModules }, async () => {
    const bytes = await sign1(keyOf(kid), header, fromHex(payload));
    await require("cose-js").sign.verify(Buffer.from(bytes), coseJsKey(kid));
  });
}

const votes = untag(decode(fromHex(given.receipt)).get(1))[1].get(394);
for (const [at, vote] of votes.entries()) {
  test(`@transmute/cose verifies vote ${at + 1} as an RFC 9942 receipt`, { skip: noModules }, async () => {
    const { receipt, detached } = require("@transmute/cose");
    const { d, ...jwk } = keyOf(kidIn(vote)).jwk;
    const verifier = detached.verifier({ resolver: { resolve: async () => ({ ...jwk, alg: "ES256" }) } });
    const leaf = await receipt.leaf(fromHex(lot.block_ids[2]));
    assert.deepEqual(new Uint8Array(leaf), await leafHash(fromHex(lot.block_ids[2])));
    const root = await receipt.inclusion.verify({ entry: leaf, receipt: Buffer.from(vote), verifier });
    assert.equal(toHex(new Uint8Array(root)), lot.roots[2]);
    const other = await receipt.leaf(fromHex(lot.block_ids[1]));
    await assert.rejects(receipt.inclusion.verify({ entry: other, receipt: Buffer.from(vote), verifier }));
  });
}

// --- our encoding, python3-cbor2 ---

const RECODE = `
import sys, cbor2
for line in sys.stdin:
    print(cbor2.dumps(cbor2.loads(bytes.fromhex(line.strip())), canonical=True).hex())
`;
const python = (...words) => spawnSync("/usr/bin/python3", ["-c", ...words], { encoding: "utf8" });
const hasCbor2 = python("import cbor2").status === 0;
if (!hasCbor2) console.error("SKIPPED: python3-cbor2 is not there");

test("python3-cbor2 writes the same bytes", { skip: hasCbor2 ? false : "python3-cbor2 is not there" }, () => {
  const headers = ["start", "block", "vote"].map((name) => toHex(headerOf(keyOf("sup1"), name)));
  const objects = [...cose.objects, ...cose.nested];
  const items = [
    ...vectors("cbor").accept.map(({ hex }) => hex),
    ...objects.map((each) => each.protected),
    ...objects.filter(({ type }) => type !== "vote").map(({ payload }) => payload),
    ...lot.votes.map((each) => each.protected),
    ...lot.bundle_wires, lot.claim, given.receipt, given.anchor, ...headers,
  ];
  const { status, stdout, stderr } = spawnSync("/usr/bin/python3", ["-c", RECODE], {
    input: `${items.join("\n")}\n`, encoding: "utf8", maxBuffer: 1 << 26,
  });
  assert.equal(status, 0, stderr);
  assert.deepEqual(stdout.trim().split("\n"), items);
  assert.ok(items.length > 70);
});

// --- their signatures, our reader ---

/** Plain COSE_Sign1 by RFC 9052 on our CBOR reader: wider than our profile in all that interop.md lists. */
async function plainVerify(bytes, jwk, external = new Uint8Array(0)) {
  const item = decode(bytes[0] === 0xd2 ? bytes.subarray(1) : bytes);
  if (!Array.isArray(item) || item.length !== 4) return false;
  const [protectedBytes, unprotected, payload, signature] = item;
  const header = protectedBytes.length ? decode(protectedBytes) : new Map();
  const alg = header.get(1) ?? unprotected.get(1);
  if (alg !== -7) return false;
  const signed = encode(["Signature1", header.size ? protectedBytes : new Uint8Array(0), external, payload]);
  const crypto = await subtle();
  const { kty, crv, x, y } = jwk;
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const key = await crypto.importKey("jwk", { kty, crv, x, y }, algorithm, false, ["verify"]);
  return crypto.verify(algorithm, key, signature, signed);
}

const verifies = (...input) => plainVerify(...input).catch((error) => (error.number ? false : Promise.reject(error)));

const noCose = inData("cose");
test("cose-wg Sign1 and gluecose: each passes or fails as its file says", { skip: noCose }, async () => {
  let count = 0;
  for (const name of readdirSync(join(data, "cose"))) {
    const file = readJson("cose", name);
    const about = name.startsWith("sign-") ? coseWg(file) : gluecose(file);
    assert.equal(await verifies(fromHex(about.hex), about.key, fromHex(about.external ?? "")), about.good, name);
    const profile = open(fromHex(about.hex), { name: "start", chain: lot.chain, table: SIGNED.start });
    await assert.rejects(profile, ({ number }) => number > 0, `${name}: no object of our profile`);
    count += 1;
  }
  assert.ok(count >= 11, String(count));
});

const coseWg = ({ input, output, fail = false }) =>
  ({ hex: output.cbor, key: input.sign0.key, external: input.sign0.external, good: !fail });

function gluecose({ key, ...file }) {
  const verify = file["sign1::verify"];
  if (verify) {
    return { key, hex: verify.taggedCOSESign1.cborHex, external: verify.external, good: verify.shouldVerify };
  }
  const sign = file["sign1::sign"];
  return { key, hex: sign.expectedOutput.cborHex, external: sign.external, good: true };
}

const noEcdsa = inData("ecdsa");
test("wycheproof P-256, r and s as 64 bytes: every case as it says", { skip: noEcdsa }, async () => {
  const crypto = await subtle();
  let count = 0;
  for (const name of readdirSync(join(data, "ecdsa"))) {
    for (const { publicKey, tests } of readJson("ecdsa", name).testGroups) {
      const point = fromHex(publicKey.uncompressed);
      assert.ok(isOnCurve(point));
      const key = await crypto.importKey("raw", point, { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]);
      for (const { tcId, msg, sig, result } of tests) {
        const signature = fromHex(sig);
        const good = signature.length === 64 &&
          await crypto.verify({ name: "ECDSA", hash: "SHA-256" }, key, signature, fromHex(msg));
        assert.equal(good, result === "valid", `${name} ${tcId}`);
        count += 1;
      }
    }
  }
  assert.ok(count >= 131, String(count));
});

// --- their trees, our trees ---

const base64 = (text) => new Uint8Array(Buffer.from(text ?? "", "base64"));

function* merkleCases(kind) {
  const folder = join(data, "merkle", kind);
  for (const group of readdirSync(folder)) {
    for (const name of readdirSync(join(folder, group))) {
      yield { name: `${kind}/${group}/${name}`, ...readJson("merkle", kind, group, name) };
    }
  }
}

/** Hashes of another length never reach a tree: the shape table refuses them. */
const readPath = (proof) => check(pathTable, (proof ?? []).map(base64));

async function included({ leafIdx, treeSize, root, leafHash: leaf, proof }) {
  if (base64(leaf).length !== 32) return false;
  const path = await readPath(proof);
  return equalBytes(await fold(base64(leaf), leafIdx, treeSize, path), base64(root));
}

const extended = async ({ size1, size2, root1, root2, proof }) =>
  consistent(size1, base64(root1), size2, base64(root2), await readPath(proof));

async function compareMerkle(kind, holds) {
  let count = 0;
  for (const each of merkleCases(kind)) {
    const good = await holds(each).catch((error) => (error.number ? false : Promise.reject(error)));
    assert.equal(good, !each.wantErr, each.name);
    count += 1;
  }
  return count;
}

const noMerkle = inData("merkle");
test("transparency-dev inclusion cases", { skip: noMerkle }, async () => {
  assert.ok(await compareMerkle("inclusion", included) > 0);
});

test("transparency-dev consistency cases", { skip: noMerkle }, async () => {
  assert.ok(await compareMerkle("consistency", extended) > 0);
});

// --- their receipts ---

const noReceipts = inData("receipts");
test("the draft's receipts read as our CBOR and as our inclusion proof", { skip: noReceipts }, async () => {
  for (const [name, label, sizes] of [["inclusion-receipt", -1, [5, 3]], ["consistency-receipt", -2, [3, 5]]]) {
    const bytes = new Uint8Array(readFileSync(join(data, "receipts", `${name}.cbor`)));
    const [, unprotected, payload] = decode(bytes.subarray(1));
    assert.equal(payload, null);
    const [proof] = unprotected.get(396).get(label);
    const [first, second, path] = decode(proof);
    assert.deepEqual([first, second], sizes);
    await check(pathTable, path);
  }
});

test("scitt-cose's ES256 receipt: path, root and signature", { skip: noReceipts }, async () => {
  const folder = join(data, "receipts/valid-es256");
  const expected = JSON.parse(readFileSync(join(folder, "expected.json"), "utf8"));
  const bytes = new Uint8Array(readFileSync(join(folder, "receipt.cose")));
  const [header, unprotected] = decode(bytes.subarray(1));
  const [size, index, path] = decode(unprotected.get(396).get(-1)[0]);
  assert.deepEqual([size, index], [expected.tree_size, expected.leaf_index]);
  const root = await fold(await leafHash(fromHex(expected.leaf_entry)), index, size, path);
  assert.equal(toHex(root), expected.reconstructed_root);
  const pem = readFileSync(join(folder, "log-key.pub"), "utf8").replace(/-----.*-----|\s/g, "");
  const crypto = await subtle();
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const key = await crypto.importKey("spki", base64(pem), algorithm, false, ["verify"]);
  const signed = encode(["Signature1", header, new Uint8Array(0), root]);
  assert.ok(await crypto.verify(algorithm, key, decode(bytes.subarray(1))[3], signed));
});

