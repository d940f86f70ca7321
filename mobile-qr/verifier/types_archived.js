// Shape tables of an archived proof and of what it carries of a cut (docs/format/archived.md, cut.md).

import { demand } from "./errors.js";
import * as f from "./fields.js";
import { bytes, list, map, object, text, tuple, u } from "./shape.js";

export const archived = map([
  ["magic", text],
  ["block", object],
  ["statements", list(bytes)],
  ["snapshot", bytes],
  ["tombstone", bytes],
  ["index", u],
  ["path", f.path],
]);

export const snapshotHead = map(
  [
    ["magic", text],
    ["first", u],
    ["last", u],
    ["block", f.h],
    ["tombstones", f.cp],
    ["state", f.h],
  ],
  ({ first, last }) => demand(last >= first, "field-range"),
);

export const tombstone = tuple([["key", f.h], ["expires", f.expires], ["block", u]]);
