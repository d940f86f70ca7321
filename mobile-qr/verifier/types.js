// Shape tables of what a receipt or an anchor holds (docs/format/receipt.md, private.md, public.md).
// Fields stand in the order of their places; the words after a tuple or map are the rules that join them.

import { equalBytes, toUtf8 } from "./bytes.js";
import { demand } from "./errors.js";
import * as f from "./fields.js";
import {
  anything, bytes, bytesUpTo, byBytes, byNumber, checkDistinct, depends, i, list, map, nullable, object, text,
  textIn, tuple, u, uIn,
} from "./shape.js";
import { cut, period } from "./types_chain.js";

export { annotation, annotatedPath } from "./fields.js";

const { BLOCK, ROLE } = f;

export const limits = tuple([["min", i], ["max", i], ["gap_max", u]]);

// --- receipt.md ---

export const inclusionProof = tuple([["size", u], ["index", u], ["path", f.path]]);

export const revealedRecord = tuple([
  ["step", nullable(text)],
  ["kind", f.recordE],
  ["time", u],
  ["author", f.kid],
  ["corrects", nullable(f.h)],
  ["segments", uIn(1, 256, "record-segments")],
]);

export const disclosure = tuple([
  ["transaction", object],
  ["path", f.path],
  ["record", revealedRecord],
  ["segments", list(tuple([["index", u], ["segment", bytes], ["path", f.path]]), {
    max: 256, error: "record-segments", order: (a, b) => byNumber(a.index, b.index),
  })],
]);

export const sample = tuple([
  ["segment", u],
  ["i", u],
  ["entry", bytes],
  ["path", f.annotatedPath],
  ["evidence_index", u],
  ["channel_entry", bytes],
  ["evidence_path", f.annotatedPath],
]);

export const receipt = map([
  ["magic", text],
  ["block", object],
  ["statements", list(bytes)],
  ["disclosures", list(disclosure, { max: 1, error: "disclosure-index" })],
  ["samples", list(sample, { max: 32, error: "samples-count" })],
]);

export const anchor = map([
  ["magic", text],
  ["genesis", object],
  ["root_key", f.b65],
  ["statements", list(bytes)],
]);

/** docs/format/membership.md */
const links = list(object, { min: 1, max: 256 });

export const anchor2 = map([
  ["magic", text],
  ["genesis", object],
  ["root_key", f.b65],
  ["statements", list(bytes)],
  ["links", links],
]);

export const rolloverFile = map([["magic", text], ["links", links]]);

export const itemProof = map([
  ["magic", text],
  ["block", f.h],
  ["proof", tuple([["index", u], ["entry", bytes], ["path", f.path]])],
]);

export const serialEntry = tuple([["salt", f.b16], ["serial", f.serial]]);

// --- private.md ---

export const segment = tuple([
  ["salt", f.b16],
  ["name", text],
  ["audience", f.audienceE],
  ["media", text],
  ["content", bytesUpTo(65536, "segment-size")],
]);

export const claim = tuple(
  [
    ["step", textIn(1, 64)],
    ["device", f.kid],
    ["enroller", f.kid],
    ["channel", textIn(1, 32)],
    ["unit", text],
    ["exp", f.exp],
    ["start", u],
    ["end", u],
    ["annotation", f.annotation],
    ["tree_size", u],
    ["root", f.h],
    ["gap_edge", u],
    ["gaps", f.declaredGaps],
    ["expected", u],
    ["limits", limits],
  ],
  (c) => demand(c.start <= c.end, "claim", "start above end"),
  (c) => demand(c.tree_size >= 1 && c.tree_size <= c.annotation.count, "claim", "tree_size"),
  (c) => demand(c.gap_edge === edgeGap(c), "claim", "gap_edge"),
  (c) => demand(c.limits.min <= c.limits.max, "claim", "limits"),
);

/** Time at the edges of a step without a reading. */
const edgeGap = ({ start, end, annotation: { t_first, t_last } }) => Math.max(t_first - start, end - t_last, 0);

export const transaction = map([["commitment", f.h], ["prev", f.h], ["time", u]]);

export const lineFile = map([
  ["magic", text],
  ["name", textIn(1, 64)],
  ["steps", list(tuple(
    [
      ["label", textIn(1, 64)],
      ["devices", list(f.kid, { max: 32 })],
      ["channels", list(text, { max: 32 })],
      ["limits", limits],
      ["author", f.kid],
      ["interval", uIn(1)],
    ],
    ({ devices, channels }) => demand((devices.length === 0) === (channels.length === 0), "field-range"),
    (step) => demand(step.limits.min <= step.limits.max, "field-range"),
  ), { min: 1, max: 64, rule: (steps) => checkDistinct(steps, (step) => step.label) })],
]);

// --- trees.md ---

export const quantityEntry = tuple([["salt", f.b16], ["t", u], ["value", i]]);

export const evidenceEntry = tuple([
  ["bundle", f.h],
  ["channel", uIn(0, 31)],
  ["annotation", f.annotation],
  ["root", f.h],
]);

// --- public.md ---

export const release = map([
  ["application", object],
  ["number", textIn(1, 64)],
  ["report", f.h],
  ["reason", nullable(textIn(1, 256))],
]);

export const application = map([
  ["opening", f.h],
  ["start", f.h],
  ["programme", textIn(1, 64)],
  ["gtin", f.gtin],
  ["product", textIn(1, 256)],
  ["lot", f.lot],
  ["expires", f.expires],
  ["items", nullable(f.cpNotEmpty)],
  ["tx_root", f.h],
  ["tx_count", f.transactionCount],
  ["supersedes", nullable(f.h)],
]);

function blockBody({ kind }) {
  switch (kind) {
    case BLOCK.period: return period;
    case BLOCK.cut: return cut;
    case BLOCK.term: return nullable(object);
    default: return kind >= BLOCK.lot && kind <= BLOCK.refusal ? bytes : anything;
  }
}

export const block = map(
  [
    ["kind", f.blockE],
    ["epoch", u],
    ["term", u],
    ["number", u],
    ["prev", nullable(f.h)],
    ["time", u],
    ["body", depends(blockBody)],
  ],
  ({ number, prev }) => demand((prev === null) === (number === 0), "block-prev"),
);

export const programme = map([
  ["id", textIn(1, 64)],
  ["products", list(f.gtin, { max: 1024 })],
  ["limits", list(tuple(
    [["channel", text], ["unit", text], ["exp", f.exp], ["min", i], ["max", i], ["gap_max", u]],
    ({ min, max }) => demand(min <= max, "field-range"),
  ), { max: 32 })],
  ["count", uIn(1, 1023)],
  ["slots", list(u, { min: 2, max: 2 })],
  ["lateness", u],
  ["window", u],
  ["period_s", uIn(1)],
  ["retention", u],
  ["lines", list(f.h, { max: 256 })],
  ["order", f.orderE],
]);

const RANK = [ROLE.keeping, ROLE.reviewing, ROLE.supervising];

export const member = tuple(
  [
    ["kid", f.kid],
    ["public_key", f.b65],
    ["roles", list(f.roleE, { order: byNumber })],
    ["organisation", textIn(1, 64)],
    ["area", text],
    ["prefixes", list(f.prefix, { max: 64 })],
    ["products", list(text, { max: 256 })],
  ],
  async (m) => demand(equalBytes(await f.kidOf(m.public_key), m.kid), "key-bad", "kid is not the key's"),
  ({ roles }) =>
    demand(roles.length > 0 && roles.filter((role) => RANK.includes(role)).length <= 1, "member-roles"),
);

export const channelOfEnrolment = tuple([
  ["name", textIn(1, 32)],
  ["kind", f.channelE],
  ["unit", text],
  ["exp", f.exp],
  ["calibration", nullable(f.calibration)],
]);

export const enrolment = map([
  ["public_key", f.b65],
  ["kind", f.enrolmentE],
  ["name", textIn(1, 64)],
  ["organisation", textIn(1, 64)],
  ["site", text],
  ["channels", list(channelOfEnrolment, { max: 32, error: "bundle-channels" })],
  ["predecessor", nullable(f.kid)],
]);

/** Context: rootKid. */
export const membership = map(
  [
    ["epoch", u],
    ["members", list(member, {
      min: 1, max: 256, error: "members-count", order: (a, b) => byBytes(a.kid, b.kid),
    })],
    ["quorum", uIn(1)],
    ["programmes", list(programme, { max: 256, order: (a, b) => byBytes(toUtf8(a.id), toUtf8(b.id)) })],
    ["first", u],
    ["size", u],
    ["root", nullable(f.h)],
    ["enrolments", list(enrolment, { max: 256 })],
  ],
  ({ members }, { rootKid }) =>
    demand(!members.some((m) => equalBytes(m.kid, rootKid)), "member-roles", "root key is a member"),
  checkQuorumNumber,
  ({ size, first }) => demand(size === first, "statement-first"),
  ({ root, epoch }) => demand((root === null) === (epoch === 0), "statement-first"),
  ({ enrolments, epoch }) => demand(epoch === 0 || enrolments.length === 0, "field-range"),
);

export const supervising = (members) => members.filter((m) => m.roles.includes(ROLE.supervising));

function checkQuorumNumber({ members, quorum, programmes }) {
  const n = supervising(members).length;
  const byzantine = programmes.some((each) => each.order === 1);
  const enough = 2 * quorum > n && (!byzantine || 3 * quorum > 2 * n);
  demand(quorum <= n && enough, "statement-quorum");
}

export const statementObject = tuple([["payload", bytes], ["signatures", list(object)]]);

