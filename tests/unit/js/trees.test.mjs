import assert from "node:assert/strict";
import { test } from "node:test";
import { fromHex, toHex } from "../../../mobile-qr/verifier/bytes.js";
import { decode, encode } from "../../../mobile-qr/verifier/cbor.js";
import { leafSalt } from "../../../mobile-qr/verifier/fields.js";
import { check } from "../../../mobile-qr/verifier/shape.js";
import {
  annotatedRoot, consistent, encodeAnnotation, fold, foldAnnotated, join, leafHash, plainRoot, readingAnnotation,
} from "../../../mobile-qr/verifier/trees.js";
import { annotation as annotationTable, annotatedPath, evidenceEntry } from "../../../mobile-qr/verifier/types.js";
import { assertHex, assertRefused, vectors } from "./vectors.mjs";

const trees = vectors("trees");
const readAnnotation = (places) => check(annotationTable, places);

for (const { size, entries, root, paths, consistency } of trees.rfc9162) {
  test(`plain tree of ${size}: root and paths`, async () => {
    assertHex(await plainRoot(entries.map(fromHex)), root);
    for (const [index, path] of paths.entries()) {
      const leaf = await leafHash(fromHex(entries[index]));
      assertHex(await fold(leaf, index, size, path.map(fromHex)), root);
    }
  });

  test(`plain tree of ${size}: consistency`, async () => {
    for (const { from, path } of consistency) {
      const first = await plainRoot(entries.slice(0, from).map(fromHex));
      assert.ok(await consistent(from, first, size, fromHex(root), path.map(fromHex)), `from ${from}`);
      if (path.length > 0) {
        assert.ok(!await consistent(from, first, size, fromHex(root), path.slice(1).map(fromHex)), "path cut");
        const longer = [...path, path[0]].map(fromHex);
        assert.ok(!await consistent(from, first, size, fromHex(root), longer), "path longer");
      }
    }
  });
}

test("a path that does not fit index and size is refused", async () => {
  const leaf = await leafHash(Uint8Array.of(1));
  const fits = [[0, 0, 0], [1, 1, 0], [0, 2, 0], [0, 2, 2], [5, 5, 3], [0, 1, 1], [2, 3, 2]];
  for (const [index, size, length] of fits) {
    await assertRefused(() => fold(leaf, index, size, Array(length).fill(leaf)), "tree-path");
  }
  await fold(leaf, 2 ** 53 - 2, 2 ** 53 - 1, Array(52).fill(leaf));
  await fold(leaf, 2 ** 52, 2 ** 53 - 1, Array(53).fill(leaf));
});

for (const each of trees.annotated) {
  test(`annotated tree of ${each.size}`, async () => {
    const leaves = [];
    for (const [index, [t, value]] of each.readings.entries()) {
      const salt = await leafSalt(fromHex(each.bundle_salt), each.channel, index);
      assertHex(salt, each.leaf_salts[index]);
      const entry = encode([salt, t, value]);
      assertHex(entry, each.entries[index]);
      assertHex(await leafHash(entry), each.leaf_hashes[index]);
      leaves.push({ annotation: readingAnnotation(t, value), entry });
    }
    const root = await annotatedRoot(leaves);
    assertHex(root.hash, each.root);
    assertHex(encodeAnnotation(root.annotation), each.annotation_cbor);
    assert.deepEqual(root.annotation, await readAnnotation(each.annotation));
    for (const [index, path] of each.paths.entries()) {
      const read = await check(annotatedPath, path.map(([annotation, hash]) => [annotation, fromHex(hash)]));
      const leaf = { annotation: leaves[index].annotation, hash: await leafHash(leaves[index].entry) };
      const folded = await foldAnnotated(leaf, index, each.size, read);
      assert.equal(toHex(folded.hash), each.root);
      assert.deepEqual(folded.annotation, root.annotation);
      assert.equal(folded.leftCount, index);
    }
  });
}

test("evidence tree", async () => {
  const leaves = [];
  for (const hex of trees.evidence.entries) {
    const entry = fromHex(hex);
    leaves.push({ annotation: (await check(evidenceEntry, decode(entry))).annotation, entry });
  }
  const root = await annotatedRoot(leaves);
  assertHex(root.hash, trees.evidence.root);
  assert.deepEqual(root.annotation, await readAnnotation(trees.evidence.annotation));
});

test("annotations that contradict themselves are refused", async () => {
  const bad = [
    [0, 1, 1, 5, 5, 0], [2, 3, 1, 5, 6, 1], [2, 1, 3, 6, 5, 0], [2, 1, 3, 5, 6, 2],
    [1, 1, 2, 5, 5, 0], [1, 1, 1, 5, 6, 0], [1, 1, 1, 5, 6, 1],
  ];
  for (const places of bad) await assertRefused(() => readAnnotation(places), "annotation");
  await assertRefused(() => readAnnotation([-1, 1, 1, 5, 5, 0]), "field-range");
  await assertRefused(() => readAnnotation([1, 1, 1, 5, 5]), "field-type");
});

test("times that fall and counts above 2^53-1 do not join", async () => {
  const early = readingAnnotation(5, 1), late = readingAnnotation(6, 1);
  assert.equal(join(early, early).gap_max, 0);
  await assertRefused(() => join(late, early), "annotation");
  await assertRefused(() => join({ ...early, count: 2 ** 53 - 1 }, late), "annotation");
});
