// Item proofs (docs/format/receipt.md, "Item proof"): is this serial one of the lot's units? Held against the application
// and the block of a receipt that was verified before.

import { equalBytes } from "./bytes.js";
import { decode } from "./cbor.js";
import { demand } from "./errors.js";
import * as f from "./fields.js";
import { readFile } from "./receipt.js";
import { runCheck } from "./run.js";
import { bytes, check, map, text, tuple, u } from "./shape.js";
import { fold, leafHash } from "./trees.js";

export const ITEM_BYTES_MAX = 65536;

export const serialEntry = tuple([["salt", f.b16], ["serial", f.serial]]);
export const itemProof = map([
  ["magic", text],
  ["block", f.h],
  ["proof", tuple([["index", u], ["entry", bytes], ["path", f.path]])],
]);

const FILE = {
  magic: "lotmark/item/1",
  magicError: "receipt-version",
  bytesMax: ITEM_BYTES_MAX,
  sizeError: "object-too-large",
  table: itemProof,
};

export const readItem = (file) => readFile(file, FILE);

/**
 * file: Uint8Array; application: body of the receipt's; block: id of its block. Answers { serial, index, count }, or throws
 * the error of the format that it breaks.
 */
export async function checkItem(file, application, block) {
  const { block: named, proof: { index, entry, path } } = await readItem(file);
  demand(equalBytes(named, block), "block-prev", "the proof is of another block");
  const { items } = application;
  demand(items !== null, "tree-path", "the application names no items");
  const { serial } = await check(serialEntry, decode(entry));
  const root = await fold(await leafHash(entry), index, items.size, path);
  demand(equalBytes(root, items.root), "tree-path", "the path does not give the items' root");
  return { serial, index, count: items.size };
}

/**
 * What is said of an item beside a verdict: { ok, serial, index, count, error, why }, the middle three null unless ok.
 * `proved`: { application, block } of a receipt whose verdict is neither unknown nor tampered, else null. serial: the one
 * asked for, or null for whichever the proof names.
 */
export async function examineItem(file, proved, serial = null) {
  let found = { serial: null, index: null, count: null };
  const { ok, error, why } = await runCheck("item", async () => {
    demand(proved !== null, "tree-path", "the receipt proves no lot to hold it against");
    const item = await checkItem(file, proved.application, proved.block);
    if (serial !== null && serial !== item.serial) return { ok: false, why: "it is of another serial" };
    found = item;
    return "";
  });
  return { ok, ...found, error, why };
}
