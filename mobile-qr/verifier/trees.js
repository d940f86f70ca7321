// RFC 9162 trees, plain and annotated (docs/format/trees.md). Sizes and indexes go up to 2^53-1, so they
// are halved by division, never shifted. Roots of whole trees are here for tests and for bundle wires.

import { bigEndian, concat, equalBytes, sha256 } from "./bytes.js";
import { encode } from "./cbor.js";
import { demand } from "./errors.js";

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

export const leafHash = (entry) => sha256(LEAF, entry);
export const nodeHash = (left, right) => sha256(NODE, left, right);

const half = (value) => Math.floor(value / 2);
const isOdd = (value) => value % 2 === 1;

/**
 * Walks from a leaf to its root. onLeft(p) and onRight(p) meet each sibling by its side; false when the
 * path does not fit index and size.
 */
async function walk(index, size, path, onLeft, onRight) {
  if (size === 0 || index >= size) return false;
  let fn = index, sn = size - 1;
  for (const sibling of path) {
    if (sn === 0) return false;
    if (isOdd(fn) || fn === sn) {
      await onLeft(sibling);
      while (!isOdd(fn) && fn !== 0) { fn = half(fn); sn = half(sn); }
    } else {
      await onRight(sibling);
    }
    fn = half(fn);
    sn = half(sn);
  }
  return sn === 0;
}

/** Root that a leaf hash gives along an inclusion path; the failure of the walk has the error named. */
export async function fold(leaf, index, size, path, error = "tree-path") {
  let root = leaf;
  const fits = await walk(index, size, path,
    async (left) => { root = await nodeHash(left, root); },
    async (right) => { root = await nodeHash(root, right); });
  demand(fits, error);
  return root;
}

/** Whether the tree (n, b) extends the tree (m, a). */
export async function consistent(m, a, n, b, path) {
  if (m > n) return false;
  if (m === n) return path.length === 0 && equalBytes(a, b);
  if (m === 0) return path.length === 0;
  if (path.length === 0) return false;
  const list = isPowerOfTwo(m) ? [a, ...path] : path;
  let fn = m - 1, sn = n - 1;
  while (isOdd(fn)) { fn = half(fn); sn = half(sn); }
  let first = list[0], second = list[0];
  for (const hash of list.slice(1)) {
    if (sn === 0) return false;
    if (isOdd(fn) || fn === sn) {
      first = await nodeHash(hash, first);
      second = await nodeHash(hash, second);
      while (!isOdd(fn) && fn !== 0) { fn = half(fn); sn = half(sn); }
    } else {
      second = await nodeHash(second, hash);
    }
    fn = half(fn);
    sn = half(sn);
  }
  return sn === 0 && equalBytes(first, a) && equalBytes(second, b);
}

function isPowerOfTwo(value) {
  while (value > 1 && !isOdd(value)) value = half(value);
  return value === 1;
}

// --- annotated trees ---

const toArray = ({ count, min, max, t_first, t_last, gap_max }) => [count, min, max, t_first, t_last, gap_max];
export const encodeAnnotation = (annotation) => encode(toArray(annotation));

export const readingAnnotation = (t, value) =>
  ({ count: 1, min: value, max: value, t_first: t, t_last: t, gap_max: 0 });

export const sameAnnotation = (a, b) => toArray(a).every((value, at) => value === toArray(b)[at]);

/** Annotation of two neighbours; refuses times that fall and a count above 2^53-1. */
export function join(l, r) {
  demand(r.t_first >= l.t_last && Number.isSafeInteger(l.count + r.count), "annotation");
  return {
    count: l.count + r.count,
    min: Math.min(l.min, r.min),
    max: Math.max(l.max, r.max),
    t_first: l.t_first,
    t_last: r.t_last,
    gap_max: Math.max(l.gap_max, r.gap_max, r.t_first - l.t_last),
  };
}

/** Node of two (annotation, hash) pairs. */
export async function annotatedNode(l, r) {
  const annotation = join(l.annotation, r.annotation);
  const hash = await sha256(
    NODE, encodeAnnotation(l.annotation), l.hash, encodeAnnotation(r.annotation), r.hash,
  );
  return { annotation, hash };
}

/** `fold` over pairs; also returns how many readings stand on the left of the leaf. */
export async function foldAnnotated(leaf, index, size, path) {
  let root = leaf, leftCount = 0;
  const fits = await walk(index, size, path,
    async (left) => {
      root = await annotatedNode(left, root);
      leftCount += left.annotation.count;
    },
    async (right) => { root = await annotatedNode(root, right); });
  demand(fits, "sample-path");
  return { ...root, leftCount };
}

// --- whole trees ---

/** Root over nodes (of whatever kind) by the largest power of two below the count; join makes a parent. */
async function rootOver(nodes, parent) {
  if (nodes.length === 1) return nodes[0];
  let split = 1;
  while (split * 2 < nodes.length) split *= 2;
  return parent(await rootOver(nodes.slice(0, split), parent), await rootOver(nodes.slice(split), parent));
}

export async function plainRoot(entries) {
  if (entries.length === 0) return sha256(new Uint8Array(0));
  return rootOver(await Promise.all(entries.map(leafHash)), nodeHash);
}

/** { annotation, hash } over leaves [{ annotation, entry }], at least one. */
export async function annotatedRoot(leaves) {
  const nodes = await Promise.all(
    leaves.map(async ({ annotation, entry }) => ({ annotation, hash: await leafHash(entry) })),
  );
  return rootOver(nodes, annotatedNode);
}

// --- sample index ---

/** Which of `count` readings the i-th sample of a claim must be. */
export async function sampleIndex(blockId, i, count) {
  const digest = await sha256(concat([blockId, bigEndian(i, 4)]));
  return Number(new DataView(digest.buffer).getBigUint64(0) % BigInt(count));
}
