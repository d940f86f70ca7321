// The offline check of an archived proof (docs/format/archived.md): was this lot on the chain, and its record cut
// after its legal retention?

import { compareBytes, equalBytes, sha256, toHex } from "./bytes.js";
import { decode, encode } from "./cbor.js";
import { byOneBlock, openBlock } from "./check_chain.js";
import { finalityOf, VOTES_AND_QUORUM } from "./check_votes.js";
import { open, verify } from "./cose.js";
import { demand } from "./errors.js";
import { BLOCK, ROLE } from "./fields.js";
import { magicBegins, memberOf, readFile } from "./receipt.js";
import { runChecks, verdictOf } from "./run.js";
import { check } from "./shape.js";
import { fold, leafHash } from "./trees.js";
import { archived, snapshotHead, tombstone } from "./types_archived.js";
import { promise } from "./types_chain.js";

export const ARCHIVED_BYTES_MAX = 262144;
const SNAPSHOT_BYTES_MAX = 1024;
const NEVER = Number.MAX_SAFE_INTEGER; // deadline of a flag
export const ARCHIVED_MAGIC = "lotmark/archived/1";

const FILE = {
  magic: ARCHIVED_MAGIC,
  magicError: "receipt-version",
  bytesMax: ARCHIVED_BYTES_MAX,
  sizeError: "receipt-too-large",
  table: archived,
};
const SNAPSHOT = {
  magic: "lotmark/snapshot/1",
  magicError: "receipt-version",
  bytesMax: SNAPSHOT_BYTES_MAX,
  sizeError: "object-too-large",
  table: snapshotHead,
};

const CHECKS = [
  ...byOneBlock("file", checkFile, checkCutBlock),
  ["flags", checkFlags, { verdict: "tampered" }],
  ["snapshot", checkSnapshot, { verdict: "tampered" }],
  ["tombstone", checkTombstone, { verdict: "tampered" }],
  ["asked", checkAsked, { verdict: "unknown" }],
  ...VOTES_AND_QUORUM,
];

export const ARCHIVED_CHECK_NAMES = Object.freeze(CHECKS.map(([name]) => name));

const PRECEDENCE = ["unknown", "tampered", "not-final", "archived"];

/**
 * archived, anchor: Uint8Array; gtin, lot: text asked for, or null. Answers the JSON result of archived.md; throws
 * only when this machine cannot compute (no WebCrypto).
 */
export async function verifyArchived(input) {
  return (await examineArchived(input)).result;
}

/** The same, with the consortium's fingerprint beside it: { result, chain }; chain null when the anchor failed. */
export async function examineArchived({ archived: bytes, anchor, rollover = null, gtin = null, lot = null }) {
  const run = { input: { archived: bytes, anchor, rollover, gtin, lot } };
  const { checks, verdicts } = await runChecks(CHECKS, run);
  const verdict = verdictOf(verdicts, PRECEDENCE);
  return { result: result(verdict, run, checks), chain: checks[0].ok ? run.chain : null };
}

/** Whether a file says of itself that it is an archived proof, of whatever version. */
export const isArchived = (bytes) => magicBegins(bytes, "lotmark/archived/");

async function checkFile(run) {
  run.receipt = await readFile(run.input.archived, FILE);
}

async function checkCutBlock(run) {
  await openBlock(run, BLOCK.cut);
  const { number, body } = run.block.body;
  demand(body.last < number, "cut-range", "the range reaches beyond the block");
  run.cut = body;
}

async function checkFlags(run) {
  const { first, last, archive, snapshot, flags } = run.cut;
  const flagged = await sha256(encode([first, last, archive, snapshot]));
  let before = null;
  for (const bytes of flags) {
    const flag = await open(bytes, { name: "promise", chain: run.chain, table: promise });
    if (before) {
      const order = compareBytes(before, flag.kid);
      demand(order !== 0, "list-duplicate");
      demand(order < 0, "list-order");
    }
    before = flag.kid;
    const { object, deadline } = flag.body;
    demand(equalBytes(object, flagged) && deadline === NEVER, "cut-flag", "a flag is of another cut");
    const member = memberOf(run.S, flag.kid, ROLE.supervising);
    demand(member, "cut-flag", "a flag is no supervising member's");
    await verify(flag, member.public_key);
  }
  const why = `${flags.length} flags, quorum ${run.S.quorum}`;
  demand(flags.length >= run.S.quorum, "cut-flag", why);
  return why;
}

async function checkSnapshot(run) {
  const bytes = run.receipt.snapshot;
  demand(equalBytes(await sha256(bytes), run.cut.snapshot), "cut-content", "the snapshot is not the block's");
  run.head = await readFile(bytes, SNAPSHOT);
  const same = run.head.first === run.cut.first && run.head.last === run.cut.last;
  demand(same, "cut-content", "the snapshot is of another range");
}

async function checkTombstone(run) {
  const { tombstone: entry, index, path } = run.receipt;
  run.tombstone = await check(tombstone, decode(entry));
  const { block } = run.tombstone;
  demand(block >= run.cut.first && block <= run.cut.last, "cut-range", "the lot's block is outside the range");
  const { size, root } = run.head.tombstones;
  demand(equalBytes(await fold(await leafHash(entry), index, size, path), root), "tree-path");
}

async function checkAsked({ input: { gtin, lot }, tombstone: { key } }) {
  demand(gtin !== null && lot !== null, "lot", "a tombstone does not name its lot: ask for one");
  const asked = await sha256(encode([gtin, lot]));
  demand(equalBytes(asked, key), "lot", `this is not about lot ${lot} of ${gtin}`);
}

function result(verdict, run, checks) {
  const proved = verdict === "archived" || verdict === "not-final";
  return {
    verdict,
    gtin: proved ? run.input.gtin : null,
    lot: proved ? run.input.lot : null,
    product: null,
    expires: proved ? run.tombstone.expires : null,
    block: proved ? run.tombstone.block : null,
    time: null,
    final: proved ? finalityOf(run) : null,
    claims: [],
    cut: proved ? cutOf(run) : null,
    checks,
    not_proved: notProved(verdict),
  };
}

const cutOf = ({ block: { body: { number, time } }, cut: { first, last, archive, flags } }) =>
  ({ block: number, time, first, last, archive: toHex(archive), flags: flags.length });

/** Codes of what the verdict does not prove, in the order of archived.md. */
function notProved(verdict) {
  if (verdict === "tampered") return ["recall", "tampered-by-whom"];
  if (verdict === "unknown") return ["recall", "unknown-why"];
  const codes = ["copy", "recall", "record", "holder", "term-signer"];
  return verdict === "archived" ? [...codes, "removed-quorum"] : codes;
}
