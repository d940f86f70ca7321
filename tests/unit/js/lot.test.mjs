import assert from "node:assert/strict";
import { test } from "node:test";
import { fromHex, sha256 } from "../../../mobile-qr/verifier/bytes.js";
import { decode, encode } from "../../../mobile-qr/verifier/cbor.js";
import { commitmentInput } from "../../../mobile-qr/verifier/check_claims.js";
import { idOf, sigStructure } from "../../../mobile-qr/verifier/cose.js";
import { check } from "../../../mobile-qr/verifier/shape.js";
import { consistent, plainRoot, sampleIndex } from "../../../mobile-qr/verifier/trees.js";
import { block, claim, segment, transaction } from "../../../mobile-qr/verifier/types.js";
import { openWire } from "../../../mobile-qr/verifier/wire.js";
import { headerOf, keyOf } from "./maker.mjs";
import { assertHex, assertRefused, vectors } from "./vectors.mjs";

const lot = vectors("lot");
const chain = fromHex(lot.chain);
const scope = fromHex(lot.scope);

for (const [at, record] of lot.records.entries()) {
  test(`record ${at}: segments, commitment`, async () => {
    for (const entry of record.segments) {
      assertHex(encode(decode(fromHex(entry))), entry);
      await check(segment, decode(fromHex(entry)));
    }
    const root = await plainRoot(record.segments.map(fromHex));
    assertHex(root, record.segment_root);
    const fields = {
      ...record,
      author: fromHex(record.author),
      corrects: record.corrects && fromHex(record.corrects),
      segments: record.segments.length,
    };
    assertHex(await sha256(commitmentInput(chain, scope, fields, root)), record.commitment);
  });
}

test("private chain: row hashes", async () => {
  let before = scope;
  for (const [at, { commitment, time }] of lot.records.entries()) {
    before = await sha256(encode([fromHex(commitment), time, before]));
    assertHex(before, lot.row_hashes[at]);
  }
});

test("transactions: ids, links, tx_root", async () => {
  const header = headerOf(keyOf("enterprise"), "transaction");
  let before = scope;
  for (const [at, { payload, id }] of lot.transactions.entries()) {
    const body = await check(transaction, decode(fromHex(payload)));
    assertHex(body.commitment, lot.records[at].commitment);
    assert.deepEqual(body.prev, before);
    before = await idOf({ protectedBytes: header, payload: fromHex(payload) });
    assertHex(before, id);
  }
  assertHex(await plainRoot(lot.transactions.map(({ id }) => fromHex(id))), lot.tx_root);
});

test("blocks: payloads, ids, roots that extend each other", async () => {
  for (const [at, payload] of lot.block_payloads.entries()) {
    const body = await check(block, decode(fromHex(payload)));
    assert.equal(body.number, at);
    assertHex(encode(decode(fromHex(payload))), payload);
    const header = at === 0
      ? headerOf(keyOf("root"), "block", { chain: null }) : headerOf(keyOf("sup1"), "block");
    assertHex(await idOf({ protectedBytes: header, payload: fromHex(payload) }), lot.block_ids[at]);
  }
  const ids = lot.block_ids.map(fromHex);
  for (const [at, root] of lot.roots.entries()) assertHex(await plainRoot(ids.slice(0, at + 1)), root);
  const [first, second] = lot.roots.map(fromHex);
  assert.ok(await consistent(1, first, 2, second, [await plainRoot([ids[1]])]));
});

for (const { kid, protected: header, root, digest } of lot.votes) {
  test(`vote of ${kid}: digest`, async () => {
    const object = { protectedBytes: fromHex(header), payload: null };
    assertHex(await idOf(object, fromHex(root)), digest);
    assert.equal(decode(sigStructure(object, fromHex(root))).length, 4);
  });
}

test("sample indexes", async () => {
  const id = fromHex(lot.block_ids[2]);
  for (const { i, count, index } of lot.sample_indexes) assert.equal(await sampleIndex(id, i, count), index);
});

test("claim", async () => {
  const item = decode(fromHex(lot.claim));
  assertHex(encode(item), lot.claim);
  const read = await check(claim, item);
  assert.equal(read.annotation.count, 180);
  assert.equal(read.expected, 180);
});

for (const [at, wire] of lot.bundle_wires.entries()) {
  test(`bundle wire ${at + 1}: roots recomputed`, async () => {
    const { bundle } = await openWire(fromHex(wire), lot.chain);
    assertHex(bundle.id, vectors("cose").objects.find(({ name }) => name === `bundle ${at + 1}`).id);
    assertHex(encode(decode(fromHex(wire))), wire);
  });
}

test("a bundle wire whose readings are not those signed is refused", async () => {
  const wire = decode(fromHex(lot.bundle_wires[0]));
  const [bundle, salt, channels] = wire;
  const refused = (readings, code, otherSalt = salt) =>
    assertRefused(() => openWire(encode([bundle, otherSalt, readings]), lot.chain), code);
  const [first, ...rest] = channels;
  const edit = (at, row) => first.map((each, place) => (place === at ? row : each));
  const [t, value] = first[3];
  await refused([], "root-mismatch");
  await refused([...channels, []], "root-mismatch");
  await refused([[], ...rest], "root-mismatch");
  await refused([edit(3, [t, "x"]), ...rest], "field-type");
  await refused([edit(3, [-1, value]), ...rest], "field-range");
  await refused([edit(3, [first[2][0] - 1, value]), ...rest], "time-order");
  await refused([edit(3, [t, value + 100000]), ...rest], "annotation");
  await refused([edit(3, [t, first[4][1]]), ...rest], "root-mismatch");
  await refused(channels, "root-mismatch", new Uint8Array(32));
});
