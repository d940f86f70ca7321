// Values that have rules of their own (docs/format/README.md, keys.md, trees.md).

import { bigEndian, fromHex, sha256, toHex, toUtf8 } from "./bytes.js";
import { demand } from "./errors.js";
import {
  bytesOf, enumeration, i, integerWhere, list, nullable, ruled, text, textWhere, tuple, u,
} from "./shape.js";

export const kid = bytesOf(16);
export const h = bytesOf(32);
export const b8 = bytesOf(8);
export const b16 = bytesOf(16);
export const b65 = ruled(bytesOf(65), (point) => demand(isOnCurve(point), "key-bad"));

export const exp = integerWhere((value) => Math.abs(value) <= 18, "exp-range");
export const path = list(h, { max: 64, error: "path-length" });

export const cp = tuple([["size", u], ["root", h]]);
/** A checkpoint or items root: of one entry at least. */
export const cpNotEmpty = ruled(cp, ({ size }) => demand(size >= 1, "field-range"));

// --- enumerations (keys.md) ---

const upTo = (last) => enumeration(...Array(last + 1).keys());
export const clockE = upTo(3);
export const channelE = upTo(2);
export const reasonE = upTo(7);
export const commandE = upTo(4);
export const recordE = upTo(5);
export const audienceE = upTo(2);
export const blockE = upTo(7);
export const logE = upTo(1);
export const enrolmentE = upTo(2);
export const roleE = upTo(3);
export const decisionE = upTo(1);
export const orderE = upTo(1);
export const revokedE = upTo(2);
export const complaintE = upTo(4);
export const outcomeE = upTo(2);
export const penaltyE = upTo(5);
export const usageE = upTo(2);

export const VERDICTS = Object.freeze([
  "released", "not-final", "refused", "recalled", "expired", "archived", "superseded", "unknown", "tampered",
]);
export const ROLE = Object.freeze({ keeping: 0, reviewing: 1, supervising: 2, agency: 3 });
export const RECORD = Object.freeze({ step: 0, decoy: 1, release: 2, correction: 3, handover: 4, period: 5 });
export const AUDIENCE = Object.freeze({ public: 0, partner: 1, regulator: 2 });
export const BLOCK = Object.freeze({
  lot: 0, membership: 1, period: 2, revocation: 3, recall: 4, cut: 5, refusal: 6, term: 7,
});
export const CHANNEL = Object.freeze({ quantity: 0, epc: 1, image: 2 });

// --- GTIN, lot, expires ---

export function isGtin(value) {
  if (!/^[0-9]{14}$/.test(value)) return false;
  const sum = [...value.slice(0, 13)].reduce((total, digit, at) => total + digit * (at % 2 ? 1 : 3), 0);
  return (10 - (sum % 10)) % 10 === Number(value[13]);
}

/** 1 to 20 characters of GS1 character set 82. */
export const isLot = (value) => /^[!"%-/0-9:-?A-Z_a-z]{1,20}$/.test(value);

export const serial = textWhere(isLot, "field-range");
export const gtin = textWhere(isGtin, "gtin");
export const lot = textWhere(isLot, "lot");
export const prefix = textWhere((value) => /^[0-9]{4,12}$/.test(value), "field-range");

/** 00:00 UTC of the day after YYYYMMDD, or null when there is no such day. */
export function endOfDay(expires) {
  const year = Math.floor(expires / 10000);
  const month = Math.floor(expires / 100) % 100;
  const day = expires % 100;
  if (year < 2000 || year > 9999 || month < 1 || month > 12 || day < 1) return null;
  if (new Date(Date.UTC(year, month - 1, day)).getUTCDate() !== day) return null;
  return Date.UTC(year, month - 1, day + 1);
}

export const expires = integerWhere((value) => value >= 0 && endOfDay(value) !== null, "expires");

export const transactionCount = integerWhere((value) => value >= 2 && value <= 1024, "transaction-count");

export const calibration = tuple([["certificate", text], ["date", u], ["offset", i], ["accuracy", u], ["exp", exp]]);

// --- annotations (trees.md) ---

export function checkAnnotation({ count, min, max, t_first, t_last, gap_max }) {
  demand(count >= 1 && min <= max && t_first <= t_last && gap_max <= t_last - t_first, "annotation");
  demand(count > 1 || (min === max && t_first === t_last && gap_max === 0), "annotation");
}

export const annotation = tuple(
  [["count", u], ["min", i], ["max", i], ["t_first", u], ["t_last", u], ["gap_max", u]],
  checkAnnotation,
);

export const countAnnotation = tuple(
  [["count", u], ["t_first", u], ["t_last", u]],
  ({ count, t_first, t_last }) =>
    demand(count >= 1 && t_first <= t_last && (count > 1 || t_first === t_last), "annotation"),
);

export const annotatedPath = list(tuple([["annotation", annotation], ["hash", h]]), {
  max: 64, error: "path-length",
});

export const declaredGap = tuple(
  [["channel", nullable(u)], ["from", u], ["to", u], ["reason", reasonE]],
  ({ from, to }) => demand(from <= to, "time-order"),
);

/** Declared gaps: at most 64, `from` never falls. */
export const declaredGaps = list(declaredGap, {
  max: 64,
  error: "bundle-gaps",
  rule: (gaps) => gaps.forEach((gap, at) => demand(at === 0 || gaps[at - 1].from <= gap.from, "time-order")),
});

// --- keys ---

const P = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;

/** Whether 65 bytes are an uncompressed point of P-256. */
export function isOnCurve(point) {
  const x = BigInt(`0x${toHex(point.subarray(1, 33))}`);
  const y = BigInt(`0x${toHex(point.subarray(33))}`);
  return point[0] === 4 && x < P && y < P && (y * y - (x * x * x - 3n * x + B)) % P === 0n;
}

const SPKI_HEAD = fromHex("3059301306072a8648ce3d020106082a8648ce3d030107034200");

/** kid of a public key: first 16 bytes of the hash of its SubjectPublicKeyInfo. */
export async function kidOf(point) {
  return (await sha256(SPKI_HEAD, point)).subarray(0, 16);
}

// --- salts ---

/** First 16 bytes of SHA-256(bundle salt || channel place || leaf index). */
export async function leafSalt(bundleSalt, channel, index) {
  return (await sha256(bundleSalt, bigEndian(channel, 4), bigEndian(index, 4))).subarray(0, 16);
}

/** First 16 bytes of SHA-256(lot salt || serial). */
export async function serialSalt(lotSalt, serial) {
  return (await sha256(lotSalt, toUtf8(serial))).subarray(0, 16);
}
