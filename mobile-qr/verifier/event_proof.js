// The offline check of an event proof (docs/format/event_proof.md): were exactly these bytes of one EPCIS event
// committed to by that organisation, and by which block?
//
// The canonical event hash is not computed here: it is shown as the entry says it, and the result tells so.

import { equalBytes, sha256, toHex } from "./bytes.js";
import { decode, encode } from "./cbor.js";
import { byOneBlock, openBlock } from "./check_chain.js";
import { checkApplication, checkRelease } from "./check_lot.js";
import { finalityOf, VOTES_AND_QUORUM } from "./check_votes.js";
import { open, verify } from "./cose.js";
import { demand } from "./errors.js";
import { AUDIENCE, BLOCK, cp, ROLE } from "./fields.js";
import { magicBegins, memberOf, readFile } from "./receipt.js";
import { runChecks, verdictOf } from "./run.js";
import { check } from "./shape.js";
import { fold, leafHash } from "./trees.js";
import * as types from "./types.js";
import { eventProof } from "./types_event_proof.js";

export const EVENT_PROOF_BYTES_MAX = 1310720;
export const EVENT_PROOF_MAGIC = "lotmark/event/1";
const RECORD_MAGIC = "lotmark/record/1";
const NAME = "epcis";
const MEDIA = "application/vnd.lotmark.epcis.v1+cbor";
const EVENTS_IN_SEGMENT = 4096;

const FILE = {
  magic: EVENT_PROOF_MAGIC,
  magicError: "receipt-version",
  bytesMax: EVENT_PROOF_BYTES_MAX,
  sizeError: "object-too-large",
  table: eventProof,
};

const CHECKS = [
  ...byOneBlock("file", checkFile, checkBlock),
  ["release", (run) => (run.ofLot ? checkRelease(run) : "period block"), { verdict: "tampered" }],
  ["application", (run) => (run.ofLot ? checkApplication(run) : "period block"), { verdict: "tampered" }],
  ["transaction", checkTransaction, { verdict: "tampered" }],
  ["record", checkRecord, { verdict: "tampered" }],
  ["event", checkEvent, { verdict: "tampered" }],
  ["hash", () => ({ ok: null, why: "not computed here" }), { verdict: null, goesOn: true }],
  ...VOTES_AND_QUORUM,
];

export const EVENT_CHECK_NAMES = Object.freeze(CHECKS.map(([name]) => name));

const PRECEDENCE = ["unknown", "tampered", "not-final", "committed"];

/** event: the file, anchor: Uint8Array both. Answers the JSON result of event_proof.md. */
export async function verifyEvent(input) {
  return (await examineEvent(input)).result;
}

/**
 * The same, with the event's own bytes and the consortium's fingerprint beside it: { result, body, chain }; body null
 * when the verdict is unknown or tampered, chain null when the anchor failed.
 */
export async function examineEvent({ event, anchor, rollover = null }) {
  const run = { input: { event, anchor, rollover } };
  const { checks, verdicts } = await runChecks(CHECKS, run);
  const verdict = verdictOf(verdicts, PRECEDENCE);
  const proved = verdict === "committed" || verdict === "not-final";
  return {
    result: result(verdict, proved, run, checks),
    body: proved ? run.receipt.body : null,
    chain: checks[0].ok ? run.chain : null,
  };
}

/** Whether a file says of itself that it is an event proof, of whatever version. */
export const isEventProof = (bytes) => magicBegins(bytes, "lotmark/event/");

async function checkFile(run) {
  run.receipt = await readFile(run.input.event, FILE);
  run.ofLot = run.receipt.transaction !== null;
}

async function checkBlock(run) {
  await openBlock(run, run.ofLot ? BLOCK.lot : BLOCK.period);
}

async function checkTransaction(run) {
  const { transaction, index, path } = run.receipt;
  const held = run.ofLot ? [] : run.block.body.body.transactions;
  demand(run.ofLot || index < held.length, "event-proof", `the block has ${held.length} transactions`);
  const bytes = run.ofLot ? transaction : held[index];
  run.transaction = await open(bytes, { name: "transaction", chain: run.chain, table: types.transaction });
  demand(!run.ofLot || equalBytes(run.transaction.kid, run.application.kid), "transaction-signer");
  run.signer = memberOf(run.S, run.transaction.kid, ROLE.keeping);
  demand(run.signer, "transaction-signer");
  await verify(run.transaction, run.signer.public_key);
  if (!run.ofLot) return;
  const { tx_count, tx_root } = run.application.body;
  const root = await fold(await leafHash(run.transaction.id), index, tx_count, path);
  demand(equalBytes(root, tx_root), "tree-path");
}

async function checkRecord(run) {
  const { record, segment } = run.receipt;
  const authorSigned = run.ofLot || equalBytes(record.author, run.transaction.kid);
  demand(authorSigned, "event-proof", "the author is another than who signed the transaction");
  const { name, media, audience, content } = await check(types.segment, decode(segment.entry));
  const isOfEvents = name === NAME && media === MEDIA && audience === AUDIENCE.regulator;
  demand(isOfEvents, "event-proof", "the segment is none of events");
  run.entries = await check(cp, decode(content));
  const { size } = run.entries;
  demand(size >= 1 && size <= EVENTS_IN_SEGMENT, "field-range");
  const root = await fold(await leafHash(segment.entry), segment.index, record.segments, segment.path);
  run.record = await commitment(run, record, root);
  demand(equalBytes(run.record, run.transaction.body.commitment), "commitment-mismatch");
}

/** docs/format/private.md, "Commitment". */
function commitment(run, { step, kind, time, author, corrects, segments }, root) {
  const scope = run.ofLot ? run.application.body.start : [run.signer.organisation, run.receipt.period];
  const input = [RECORD_MAGIC, run.chainBytes, scope, step, kind, time, author, corrects, segments, root];
  return sha256(encode(input));
}

async function checkEvent(run) {
  const { body, event: { index, salt, hash, path } } = run.receipt;
  run.sha = await sha256(body);
  const leaf = await leafHash(encode([salt, run.sha, hash]));
  demand(equalBytes(await fold(leaf, index, run.entries.size, path), run.entries.root), "tree-path");
}

function result(verdict, proved, run, checks) {
  const of = (value) => (proved ? value() : null);
  return {
    verdict,
    organisation: of(() => run.signer.organisation),
    kid: of(() => toHex(run.transaction.kid)),
    author: of(() => toHex(run.receipt.record.author)),
    record: of(() => toHex(run.record)),
    period: of(() => run.receipt.period),
    lot: of(() => (run.ofLot ? lotOf(run) : null)),
    block: of(() => run.block.body.number),
    time: of(() => run.block.body.time),
    event: of(() => eventOf(run)),
    final: of(() => finalityOf(run)),
    checks,
    not_proved: notProved(verdict, run.ofLot),
  };
}

const lotOf = ({ application: { body: { gtin, lot } }, receipt: { record: { step } } }) => ({ gtin, lot, step });

const eventOf = ({ sha, entries, receipt: { body, event: { hash, index } } }) => ({
  sha256: toHex(sha),
  hash: `ni:///sha-256;${toHex(hash)}?ver=CBV2.0`,
  bytes: body.length,
  index,
  count: entries.size,
});

/** Codes of what the verdict does not prove, in the order of event_proof.md. */
function notProved(verdict, ofLot) {
  if (verdict === "tampered") return ["tampered-by-whom"];
  if (verdict === "unknown") return ["unknown-why"];
  const codes = ["event-true", "event-alone", "event-readings"];
  if (ofLot) codes.push("author-named");
  codes.push("hash-claimed", "term-signer");
  return verdict === "committed" ? [...codes, "removed-quorum"] : codes;
}
