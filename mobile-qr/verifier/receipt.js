// Files whose key 0 is a magic text: receipt and anchor (docs/format/receipt.md); and statements
// (docs/format/public.md, "Check of a statement").

import { equalBytes, toUtf8 } from "./bytes.js";
import { decode } from "./cbor.js";
import { open, verify } from "./cose.js";
import { demand } from "./errors.js";
import { ROLE } from "./fields.js";
import { byBytes, check, checkAscending } from "./shape.js";
import * as types from "./types.js";

export const RECEIPT_BYTES_MAX = 262144;
export const ANCHOR_BYTES_MAX = 1048576;
const STATEMENT_BYTES_MAX = 131072;
const STATEMENT_PAYLOAD_BYTES_MAX = 65536;

const file = (magic, magicError, bytesMax, sizeError, table) => ({ magic, magicError, bytesMax, sizeError, table });

const RECEIPT = file("lotmark/receipt/1", "receipt-version", RECEIPT_BYTES_MAX, "receipt-too-large", types.receipt);
const ANCHOR = file("lotmark/anchor/1", "anchor", ANCHOR_BYTES_MAX, "object-too-large", types.anchor);
const ANCHOR_2 = file("lotmark/anchor/2", "anchor", ANCHOR_BYTES_MAX, "object-too-large", types.anchor2);
const ROLLOVER = file("lotmark/rollover/1", "receipt-version", 65536, "object-too-large", types.rolloverFile);
const LINE = file("lotmark/line/1", "receipt-version", 65536, "object-too-large", types.lineFile);

export const readReceipt = (bytes) => readFile(bytes, RECEIPT);
export const readRollover = (bytes) => readFile(bytes, ROLLOVER);
export const readLineFile = (bytes) => readFile(bytes, LINE);

/** Size, CBOR, magic, then both phases. `decodeItem` where the file has a rule of its own for its items. */
export async function readFile(bytes, { magic, magicError, bytesMax, sizeError, table, decodeItem = decode }) {
  demand(bytes.length <= bytesMax, sizeError);
  const item = decodeItem(bytes);
  demand(item instanceof Map, "field-type");
  const found = item.get(0);
  if (typeof found === "string") demand(found === magic, magicError);
  return check(table, item);
}

/** Whether a file says of itself what it is by such a beginning: a map whose key 0 is a text of up to 23 bytes. */
export function magicBegins(bytes, begin) {
  const wanted = toUtf8(begin);
  return bytes[0] >> 5 === 5 && bytes[1] === 0 && bytes[2] >> 5 === 3 && equalBytes(bytes.subarray(3, 3 + wanted.length), wanted);
}

/** An anchor of either version; one of version 1 has no links. */
export async function readAnchor(bytes) {
  demand(bytes.length <= ANCHOR_BYTES_MAX, "object-too-large");
  const item = decode(bytes);
  if (item instanceof Map && item.get(0) === ANCHOR_2.magic) return readFile(bytes, ANCHOR_2);
  return { ...(await readFile(bytes, ANCHOR)), links: [] };
}

/**
 * Steps 1 to 3 of the check of a statement. chain is null for statement 0; rootOf gives the root key of an epoch.
 * Returns { payload, body, signatures }, of which no signature is verified yet.
 */
export async function readStatement(bytes, { chain, rootOf, next }) {
  demand(bytes.length <= STATEMENT_BYTES_MAX, "object-too-large");
  const { payload, signatures } = await check(types.statementObject, decode(bytes));
  const opened = [];
  for (const each of signatures) opened.push(await open(each, { name: "membership", chain }));
  demand(payload.length <= STATEMENT_PAYLOAD_BYTES_MAX, "object-too-large");
  const item = decode(payload);
  const said = item instanceof Map ? item.get(0) : null;
  const root = rootOf(typeof said === "number" && said >= 0 ? said : next);
  const body = await check(types.membership, item, { rootKid: root.kid });
  return { payload, body, signatures: opened };
}

/** Steps 4 to 9. `before` is the statement held for the epoch before, null for statement 0. */
export async function judgeStatement({ payload, body, signatures }, before, root) {
  demand(body.epoch === (before ? before.epoch + 1 : 0), "statement-epoch");
  demand(before ? body.first > before.first : body.first === 0, "statement-first");
  checkAscending(signatures.map(({ kid }) => kid), byBytes);
  let byRoot = 0, byMembers = 0;
  for (const signature of signatures) {
    const isRoot = equalBytes(signature.kid, root.kid);
    const member = before && memberOf(before, signature.kid, ROLE.supervising);
    demand(isRoot || member, "statement-signer");
    await verify(signature, isRoot ? root.key : member.public_key, payload);
    if (isRoot) byRoot += 1;
    else byMembers += 1;
  }
  demand(byRoot === 1, "statement-signer", "not signed by the root key");
  if (before) demand(byMembers >= before.quorum, "statement-quorum");
}

/** The member of that kid with that role in a statement's body; undefined if there is none. */
export function memberOf(statement, kid, role) {
  return statement.members.find((m) => equalBytes(m.kid, kid) && m.roles.includes(role));
}
