// A bundle with its readings, as a device sends it (docs/format/device.md, "bundle wire"). No receipt holds
// one; whoever was given the readings can check them against the roots the device signed.

import { equalBytes } from "./bytes.js";
import { decode, encode } from "./cbor.js";
import { open } from "./cose.js";
import { demand } from "./errors.js";
import { CHANNEL, leafSalt } from "./fields.js";
import { check } from "./shape.js";
import { annotatedRoot, plainRoot, readingAnnotation, sameAnnotation } from "./trees.js";
import { bundle as bundleTable, bundleWire, readingValue } from "./types_device.js";

const WIRE_BYTES_MAX = 1048576;

/** Checks a wire; the device's signature is left to whoever holds its key. Returns { bundle, readings }. */
export async function openWire(bytes, chain) {
  demand(bytes.length <= WIRE_BYTES_MAX, "object-too-large");
  const { bundle: object, salt, readings } = await check(bundleWire, decode(bytes));
  const bundle = await open(object, { name: "bundle", chain, table: bundleTable });
  const { channels } = bundle.body;
  demand(readings.length === channels.length, "root-mismatch");
  for (const [place, channel] of channels.entries()) await checkChannel(channel, place, salt, readings[place]);
  return { bundle, readings };
}

async function checkChannel(channel, place, salt, rows) {
  const type = readingValue[channel.kind];
  const values = rows.map(({ value }) => type.shape(value));
  for (const value of values) await type.values(value, {});
  rows.forEach(({ t }, at) => demand(at === 0 || rows[at - 1].t <= t, "time-order"));
  demand((rows.length === 0) === (channel.annotation === null), "root-mismatch");
  if (rows.length === 0) return;
  const entries = [];
  for (const [at, { t, value }] of rows.entries()) entries.push(encode([await leafSalt(salt, place, at), t, value]));
  await (channel.kind === CHANNEL.quantity ? checkQuantity : checkCounted)(channel, rows, entries);
}

async function checkQuantity({ annotation, root }, rows, entries) {
  const leaves = rows.map(({ t, value }, at) => ({ annotation: readingAnnotation(t, value), entry: entries[at] }));
  const found = await annotatedRoot(leaves);
  demand(sameAnnotation(found.annotation, annotation), "annotation");
  demand(equalBytes(found.hash, root), "root-mismatch");
}

async function checkCounted({ annotation, root }, rows, entries) {
  const { count, t_first, t_last } = annotation;
  const same = count === rows.length && t_first === rows[0].t && t_last === rows.at(-1).t;
  demand(same, "annotation");
  demand(equalBytes(await plainRoot(entries), root), "root-mismatch");
}
