// Addresses: GS1 Digital Link paths of this page, and those found in codes.

import { isGtin, isLot } from "./verifier/fields.js";

/**
 * Product and lot of a Digital Link path, /01/{gtin}/10/{lot}, other qualifiers between and behind allowed.
 * Answers { gtin, lot } or { problem: "no-link" | "gtin" | "no-lot" | "lot" }. GTINs are 14 digits; shorter ones
 * count only when padded.
 */
export function readPath(pathname) {
  const parts = decodeParts(pathname.replace(/\/$/, ""));
  const at = parts ? keyAt(parts) : -1;
  if (at < 0 || at + 1 >= parts.length) return { problem: "no-link" };
  const gtin = parts[at + 1];
  if (!isGtin(gtin)) return { problem: "gtin" };
  const rest = parts.slice(at + 2);
  let lot = null;
  for (let n = 0; n + 1 < rest.length; n += 2) {
    if (rest[n] === "10") lot = rest[n + 1];
  }
  if (lot === null) return { problem: "no-lot" };
  return isLot(lot) ? { gtin, lot } : { problem: "lot" };
}

/** Where the key 01 stands: before 14 digits, else anywhere; a lot may be called 01 too. */
function keyAt(parts) {
  const at = parts.findIndex((part, n) => part === "01" && /^[0-9]{14}$/.test(parts[n + 1] ?? ""));
  return at >= 0 ? at : parts.indexOf("01");
}

/** Parts between slashes, percent-decoded; null when an escape is broken. */
function decodeParts(pathname) {
  try {
    return pathname.split("/").map(decodeURIComponent);
  } catch {
    return null;
  }
}

/** What a scanned code says: as readPath, with the host the code names. */
export function readCode(text) {
  let url;
  try {
    url = new URL(text);
  } catch {
    return { problem: "no-link" };
  }
  if (!/^https?:$/.test(url.protocol)) return { problem: "no-link" };
  return { ...readPath(url.pathname), host: url.host };
}

/** What a person typed: shorter GTINs are padded here, as the code under the bars is read. */
export function readTyped(gtin, lot) {
  const digits = gtin.replace(/[\s-]/g, "");
  const padded = [8, 12, 13, 14].includes(digits.length) ? digits.padStart(14, "0") : digits;
  if (!isGtin(padded)) return { problem: "gtin" };
  return isLot(lot.trim()) ? { gtin: padded, lot: lot.trim() } : { problem: "lot" };
}

export const pathOf = ({ gtin, lot }) => `/01/${gtin}/10/${encodeURIComponent(lot)}`;
