// The offline check of a receipt (docs/format/verdict.md): one run through fourteen checks.

import { byOneBlock, checkAnchor, checkBlock, checkReceipt } from "./check_chain.js";
import { checkApplication, checkAsked, checkExpires, checkRelease } from "./check_lot.js";
import { finalityOf, VOTES_AND_QUORUM } from "./check_votes.js";
import { checkClaims, checkDisclosure, checkLimits, checkSamples, limitBroken } from "./check_claims.js";
import { examineItem } from "./item.js";
import { partiesOf } from "./parties.js";
import { runCheck, runChecks, verdictOf } from "./run.js";
import { toHex } from "./bytes.js";

/** In their order. `stop` decides what a failure makes of the verdict, and whether later checks run. */
const CHECKS = [
  ...byOneBlock("receipt", checkReceipt, checkBlock),
  ["release", checkRelease, { verdict: "tampered" }],
  ["application", checkApplication, { verdict: "tampered" }],
  ["asked", checkAsked, { verdict: "unknown" }],
  ...VOTES_AND_QUORUM,
  ["disclosure", checkDisclosure, { verdict: "tampered" }],
  ["claims", checkClaims, { verdict: "tampered" }],
  ["samples", checkSamples, { verdict: "tampered" }],
  ["limits", checkLimits, { verdict: "refused", goesOn: true }],
  ["expires", checkExpires, { verdict: "expired", goesOn: true }],
];

export const CHECK_NAMES = Object.freeze(CHECKS.map(([name]) => name));
const PRECEDENCE = ["unknown", "tampered", "not-final", "refused", "expired", "released"];

/**
 * receipt, anchor: Uint8Array; rollover: links from the anchor's root key on, a Uint8Array, or null; gtin, lot: text
 * asked for, or null; now: milliseconds UTC.
 * Answers the JSON result of verdict.md; throws only when this machine cannot compute (no WebCrypto).
 */
export async function verifyReceipt(input) {
  return (await examineReceipt(input)).result;
}

/**
 * The same, with what a page shows beside the result: { result, chain, parties, items, item }. chain is the consortium's
 * fingerprint, null when the anchor failed; parties is null when the verdict is unknown or tampered. items: how many serials
 * the application names, 0 where it names none, null as parties. item: what is said
 * of the item proof given (item.js), of the serial asked for if one is; null where none is given.
 */
export async function examineReceipt({
  receipt, anchor, rollover = null, gtin = null, lot = null, now, item = null, serial = null,
}) {
  const run = { input: { receipt, anchor, rollover, gtin, lot, now }, claims: [] };
  const { checks, verdicts } = await runChecks(CHECKS, run);
  const verdict = verdictOf(verdicts, PRECEDENCE);
  return {
    result: result(verdict, run, checks),
    chain: checks[0].ok ? run.chain : null,
    parties: isProved(verdict) ? partiesOf(run) : null,
    items: isProved(verdict) ? run.application.body.items?.size ?? 0 : null,
    item: item === null ? null : await examineItem(item, itemsOf(verdict, run), serial),
  };
}

/** What an item proof is held against. */
const itemsOf = (verdict, run) =>
  isProved(verdict) ? { application: run.application.body, block: run.block.id } : null;

/** The consortium's fingerprint, or null when the anchor does not hold. */
export async function fingerprintOf(anchor, rollover = null) {
  const run = { input: { anchor, rollover } };
  return (await runCheck("anchor", checkAnchor, run)).ok ? run.chain : null;
}

const isProved = (verdict) => verdict !== "unknown" && verdict !== "tampered";

function result(verdict, run, checks) {
  const proved = isProved(verdict);
  const about = proved ? run.application.body : null;
  const claims = proved ? run.claims.map(claimOfResult) : [];
  return {
    verdict,
    gtin: about?.gtin ?? null,
    lot: about?.lot ?? null,
    product: about?.product ?? null,
    expires: about?.expires ?? null,
    block: proved ? run.block.body.number : null,
    time: proved ? run.block.body.time : null,
    final: proved ? finalityOf(run) : null,
    claims,
    checks,
    not_proved: notProved(verdict, proved && run.disclosed, claims.length > 0),
  };
}

function claimOfResult({ segment, claim, samples }) {
  const { min, max, t_first, t_last, gap_max, count } = claim.annotation;
  return {
    segment,
    step: claim.step,
    device: toHex(claim.device),
    channel: claim.channel,
    unit: claim.unit,
    exp: claim.exp,
    start: claim.start,
    end: claim.end,
    count,
    expected: claim.expected,
    min,
    max,
    t_first,
    t_last,
    gap_max,
    gap_edge: claim.gap_edge,
    gaps: claim.gaps.length,
    limits: { ...claim.limits },
    samples,
    ok: limitBroken(claim) === null,
  };
}

/** Codes of what the verdict does not prove, in the order of verdict.md. */
function notProved(verdict, disclosed, claims) {
  const proved = isProved(verdict);
  const rows = [
    ["copy", proved],
    ["recall", true],
    ["entered", disclosed],
    ["root-claimed", claims],
    ["device-named", claims],
    ["whole-bundles", claims],
    ["expected", claims],
    ["programme-limits", claims],
    ["deciding-reviewer", proved],
    ["term-signer", proved],
    ["removed-quorum", proved && verdict !== "not-final"],
    ["nothing-disclosed", proved && !disclosed],
    ["tampered-by-whom", verdict === "tampered"],
    ["unknown-why", verdict === "unknown"],
  ];
  return rows.filter(([, given]) => given).map(([code]) => code);
}
