// tests/vectors/evidence/cases.json as bytes.

import { readFileSync } from "node:fs";
import { concat, fromHex } from "../../../mobile-qr/verifier/bytes.js";

const whole = JSON.parse(readFileSync(new URL("../../vectors/evidence/cases.json", import.meta.url), "utf8"));

/** [{ name, evidence, anchor, expected }]; `fill` is a byte repeated behind the bytes given. */
export const evidenceCases = () => whole.cases.map(({ name, file, fill = [0, 0], anchor = whole.anchor, expected }) => ({
  name,
  evidence: concat([fromHex(file), new Uint8Array(fill[1]).fill(fill[0])]),
  anchor: fromHex(anchor),
  expected,
}));
