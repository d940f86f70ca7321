// Shape tables of the public level that no receipt holds: openings, reports, heads, blocks' other bodies
// (docs/format/public.md, private.md).

import { toHex } from "./bytes.js";
import { demand } from "./errors.js";
import * as f from "./fields.js";
import {
  bool, byBytes, byNumber, checkDistinct, enumeration, list, map, nullable, object, text, textIn, textWhere, tuple, u, uIn,
} from "./shape.js";

const nested = list(object, { max: 1024 });

export const opening = map([
  ["start", f.h],
  ["programme", textIn(1, 64)],
  ["line", f.h],
  ["gtin", f.gtin],
  ["lot", nullable(f.lot)],
  ["reviewers", list(f.kid, {
    min: 1, max: 8, error: "reviewers-count", rule: (kids) => checkDistinct(kids, toHex),
  })],
  ["slots", list(u, {
    max: 1023,
    error: "opening-count",
    rule: (slots) => slots.forEach((slot, at) => demand(at === 0 || slots[at - 1] <= slot, "time-order")),
  })],
]);

const findingE = enumeration(...Array.from({ length: 16 }, (_, at) => at + 1), 100, 101, 102, 103);

export const report = map(
  [
    ["application", f.h],
    ["findings", list(tuple([["code", findingE], ["text", text], ["object", nullable(f.h)]]), { max: 256 })],
    ["samples", list(tuple([["claim", u], ["index", u], ["ok", bool]]), { max: 256 })],
    ["reports", list(f.h, { max: 8 })],
    ["decision", f.decisionE],
  ],
  ({ findings, samples, decision }) => {
    const bad = findings.some(({ code }) => code < 100) || samples.some(({ ok }) => !ok);
    demand(!bad || decision === 1, "field-range");
  },
);

export const refusal = map([["application", f.h], ["report", f.h]]);

export const record = map([["commitment", f.h], ["inner", nullable(object)]]);

export const period = map([
  ["number", u],
  ["heads", nested],
  ["enrolments", nested],
  ["transactions", nested],
  ["events", nested],
  ["missing", list(f.kid, { max: 1024, order: byBytes })],
]);

export const cut = map(
  [
    ["first", u],
    ["last", u],
    ["archive", f.h],
    ["snapshot", f.h],
    ["flags", list(object, { max: 256 })],
  ],
  ({ first, last }) => demand(last >= first, "field-range"),
);

export const head = map(
  [
    ["log", f.logE],
    ["size", u],
    ["root", f.h],
    ["time", u],
    ["prior", u],
    ["path", f.path],
  ],
  ({ size, prior }) => demand(prior <= size, "field-range"),
  ({ size, prior, path }) => demand(path.length === 0 || (prior !== 0 && prior !== size), "tree-path"),
);

export const revocation = map([
  ["kid", f.kid],
  ["from", u],
  ["reason", f.revokedE],
  ["text", nullable(text)],
]);

export const recall = map([
  ["gtin", f.gtin],
  ["lot", nullable(f.lot)],
  ["open", bool],
  ["reason", textIn(1, 256)],
  ["time", u],
]);

export const complaint = map([
  ["subject", f.kid],
  ["about", list(f.h, { max: 16, rule: (ids) => checkDistinct(ids, toHex) })],
  ["kind", f.complaintE],
  ["text", textIn(1, 256)],
  ["evidence", nullable(f.h)],
  ["time", u],
]);

export const usage = map(
  [
    ["gtin", f.gtin],
    ["lot", f.lot],
    ["kind", f.usageE],
    // Character set 82 alone: the order of bytes is the order of JavaScript's units.
    ["serials", list(f.serial, { max: 1000, order: (a, b) => (a < b ? -1 : a > b ? 1 : 0) })],
    ["count", uIn(1, 1000000000)],
    ["time", u],
  ],
  ({ serials, count }) => demand(count >= serials.length, "usage-count"),
);

export const mark = map(
  [
    ["gtin", f.gtin],
    ["lot", f.lot],
    ["kind", f.usageE],
    ["serial", nullable(f.serial)],
    ["count", uIn(1, 1000000000)],
    ["time", u],
    ["nonce", f.b16],
  ],
  ({ serial, count }) => demand(serial === null || count === 1, "mark-count"),
);

const OUTCOME = Object.freeze({ upheld: 0, dismissed: 1, false: 2 });
const PENALTY_POINTS = 1;

export const ruling = map(
  [
    ["complaint", f.h],
    ["outcome", f.outcomeE],
    ["penalties", list(f.penaltyE, { max: 8, order: byNumber })],
    ["points", uIn(0, 1000000)],
    ["reward", uIn(0, 1000000)],
    ["text", textIn(1, 256)],
    ["time", u],
  ],
  ({ outcome, penalties }) => demand((penalties.length === 0) === (outcome === OUTCOME.dismissed), "field-range"),
  ({ penalties, points }) => demand(penalties.includes(PENALTY_POINTS) === points > 0, "field-range"),
  ({ outcome, reward }) => demand(reward === 0 || outcome === OUTCOME.upheld, "field-range"),
);

export const promise = map([["object", f.h], ["deadline", u]]);

export const turn = map([["term", uIn(1)], ["vote", nullable(object)], ["asker", f.kid]]);

export const delegation = map([["term", uIn(1)], ["to", f.kid], ["from", u], ["time", u]]);

/** docs/format/membership.md */
export const rollover = map([["root_key", f.b65], ["first", uIn(1)], ["time", u]]);

export const token = map([
  ["callee", f.kid],
  ["method", textWhere((value) => value === value.toUpperCase(), "field-range")],
  ["path", text],
  ["body", f.h],
  ["time", u],
  ["nonce", f.b16],
]);

