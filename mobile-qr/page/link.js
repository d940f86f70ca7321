// Addresses: GS1 Digital Link paths of this page, and those found in codes. The grammar is that of
// core/gs1/digital_link.h; tests/vectors/digital_link.json holds both to it.

import { isGtin, isLot } from "./verifier/fields.js";

/**
 * Product and lot of a path as sent, /01/GTIN[/10/LOT][/21/SERIAL] and one slash at the end, with its query.
 * Answers { gtin, lot }, of a unit { gtin, lot, serial }, or { problem: "no-link" | "gtin" | "lot" | "serial" | "no-lot" }.
 */
export function readPath(path, query = "") {
  if (!path.startsWith("/") || !areAttributes(query)) return { problem: "no-link" };
  return readSegments(segmentsOf(path));
}

/** The same of this page's own address, where /lot may stand before the key: the server sends those who opened a link there. */
export const readAddress = (path, query = "") => readPath(path.replace(/^\/lot(?=\/)/, ""), query);

/** What a scanned code says: as readPath, with the host the code names; any path may stand before the key. */
export function readCode(text) {
  const [uri] = text.split("#");
  const [, place, query = ""] = /^(?:https?|HTTPS?):\/\/([^?]*)(?:\?(.*))?$/s.exec(uri) ?? [];
  const slash = place === undefined ? -1 : place.indexOf("/");
  if (slash < 1 || /[<>{}|\\^`" ]/.test(uri) || !areAttributes(query)) return { problem: "no-link" };
  const host = hostOf(uri);
  if (host === null) return { problem: "no-link" };
  const segments = segmentsOf(place.slice(slash));
  // The last key counts: what stands before it is the way to the resolver.
  const at = segments.findLastIndex((each, n) => each === "01" && (segments.length - n) % 2 === 0);
  const read = at < 0 ? { problem: "no-link" } : readSegments(segments.slice(at));
  const problem = !read.problem && !isAskable(read.lot) ? "lot-dots" : read.problem;
  return { ...(problem ? { problem } : read), host };
}

function hostOf(uri) {
  try {
    return new URL(uri).host;
  } catch {
    return null;
  }
}

function segmentsOf(path) {
  return path.replace(/\/$/, "").replace(/^\//, "").split("/");
}

/** Key and value by turns: 01, then at most 10 and 21, in this order. */
function readSegments(segments) {
  if (segments.length % 2 !== 0 || segments[0] !== "01") return { problem: "no-link" };
  let gtin = null, lot = null, serial = null;
  for (let at = 0; at < segments.length; at += 2) {
    const key = segments[at], value = decodePercent(segments[at + 1]);
    if (value === null) return { problem: "no-link" };
    if (at === 0) {
      gtin = padGtin(value);
      if (!isGtin(gtin)) return { problem: "gtin" };
    } else if (key === "10" && lot === null && serial === null) {
      lot = value;
      if (!isLot(lot)) return { problem: "lot" };
    } else if (key === "21" && serial === null) {
      serial = value;
      if (!isLot(serial)) return { problem: "serial" }; // of the same characters
    } else {
      return { problem: "no-link" };
    }
  }
  if (lot === null) return { problem: "no-lot" };
  return serial === null ? { gtin, lot } : { gtin, lot, serial };
}

/** Attributes of GS1 need values and repeat nothing of the path; others pass. */
function areAttributes(query) {
  return query.split("&").every((pair) => {
    const [, key, value = ""] = /^([^=]*)=?(.*)$/s.exec(pair);
    if (!/^[0-9]+$/.test(key)) return true;
    return /^[0-9]{2,4}$/.test(key) && !["01", "10", "21", "22"].includes(key) && Boolean(decodePercent(value));
  });
}

/** Undoes %XX, each a character of its own: no character beyond ASCII is in any value. Null when one is broken. */
function decodePercent(text) {
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) return null;
  return text.replace(/%(..)/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
}

const padGtin = (digits) => ([8, 12, 13].includes(digits.length) ? digits.padStart(14, "0") : digits);

/** What a person typed, as the code under the bars is read. */
export function readTyped(gtin, lot) {
  const padded = padGtin(gtin.replace(/[\s-]/g, ""));
  const trimmed = lot.trim();
  if (!isGtin(padded)) return { problem: "gtin" };
  if (!isLot(trimmed)) return { problem: "lot" };
  return isAskable(trimmed) ? { gtin: padded, lot: trimmed } : { problem: "lot-dots" };
}

/** Browsers take "." and ".." out of an address, encoded or not: another page would be asked for. */
const isAskable = (lot) => lot !== "." && lot !== "..";

/** A lot as the last part of an address. */
export function lotInAddress(lot) {
  if (!isAskable(lot)) throw new RangeError(`no address can hold the lot "${lot}"`);
  return encodeURIComponent(lot);
}

/** The address of a lot, or of a unit; a serial that no address can hold is left out. */
export function pathOf({ gtin, lot, serial }) {
  const unit = serial !== undefined && isAskable(serial) ? `/21/${encodeURIComponent(serial)}` : "";
  return `/01/${gtin}/10/${lotInAddress(lot)}${unit}`;
}
