// The cases of files that prove something, tests/vectors/{event_proof,archived,evidence}/cases.json, written as
// tests/vectors/cases_file.py says.

import { readFileSync } from "node:fs";
import { concat, fromHex } from "../../../mobile-qr/verifier/bytes.js";

/** [{ file, anchor, expected, ...what else a case says }]: file and anchor as bytes, `expected` the whole result. */
export function proofCases(folder) {
  const whole = JSON.parse(readFileSync(new URL(`../../vectors/${folder}/cases.json`, import.meta.url), "utf8"));
  const files = [];
  return whole.cases.map(({ file: pieces, anchor = whole.anchor, expected, bytes_proven: proven, ...rest }) => {
    const file = concat(pieces.map((piece) => bytesOf(piece, files)));
    files.push(file);
    return {
      ...rest,
      file,
      anchor: fromHex(anchor),
      expected: resultOf(whole, expected),
      bytes_proven: proven && resultOf(whole, proven),
    };
  });
}

function bytesOf(piece, files) {
  if (typeof piece === "string") return fromHex(piece);
  if (piece.length === 2) return new Uint8Array(piece[1]).fill(piece[0]);
  const [of, from, count] = piece;
  return files[of].subarray(from, from + count);
}

function resultOf({ plain, checks: names }, said) {
  const { failed, ...result } = { ...plain, ...said };
  if (!names) return result;
  const stop = failed === null ? names.length : names.indexOf(failed[0]);
  const checks = names.map((name, i) =>
    ({ name, ok: i > stop ? null : i < stop, error: i === stop ? failed[1] : null }));
  return { ...result, checks };
}

/** The evidence files, each `file` by the name the verifier has for it. */
export const evidenceCases = () =>
  proofCases("evidence").map(({ name, file: evidence, anchor, expected }) => ({ name, evidence, anchor, expected }));
