// Shape table of an evidence file (docs/format/evidence.md).

import { demand } from "./errors.js";
import * as f from "./fields.js";
import { anything, bytes, depends, enumeration, list, map, nullable, object, text, tuple, u } from "./shape.js";

export const KIND = Object.freeze({
  blockFork: 0, voteInconsistent: 1, transactionFork: 2, bundleFork: 3, promiseUnmet: 4, turnFork: 5,
});

const split = tuple([["index", u], ["leaf_a", f.h], ["path_a", f.path], ["leaf_b", f.h], ["path_b", f.path]]);

const voteRoots = tuple([["root_a", f.h], ["root_b", f.h], ["split", nullable(split)]]);

const nothing = {
  shape(item) {
    demand(item === null, "field-type");
    return null;
  },
  values() {},
};

function proofOf({ kind }) {
  if (kind === KIND.voteInconsistent) return voteRoots;
  if (kind === KIND.bundleFork) return nullable(object);
  return Object.values(KIND).includes(kind) ? nothing : anything;
}

export const evidence = map(
  [
    ["magic", text],
    ["kind", enumeration(...Object.values(KIND))],
    ["objects", list(bytes, { min: 2 })],
    ["statements", list(bytes)],
    ["proof", depends(proofOf)],
  ],
  ({ kind, objects }) => demand(kind === KIND.promiseUnmet || objects.length === 2, "field-range"),
);
