#!/usr/bin/env node
// Checks a receipt, an archived proof or an event proof on the command line, for comparing with other verifiers.
// Exit codes: 0 released or committed, 3 tampered, 1 any other verdict, 2 usage.

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { isArchived, verifyArchived } from "./archived.js";
import { isEventProof, verifyEvent } from "./event_proof.js";
import { foreign } from "./foreign.js";
import { verifyReceipt } from "./verdict.js";

const USAGE = "usage: check.mjs RECEIPT --anchor FILE [--rollover FILE] [--gtin N] [--lot L] [--now MS] [--json]";
const OPTIONS = ["--anchor", "--rollover", "--gtin", "--lot", "--now"];

/** Options by name, or null when the command line is wrong. */
export function parseArguments(words) {
  const options = { receipt: null, anchor: null, rollover: null, gtin: null, lot: null, now: Date.now(), json: false };
  for (let at = 0; at < words.length; at++) {
    const word = words[at];
    if (word === "--json") options.json = true;
    else if (OPTIONS.includes(word) && at + 1 < words.length) options[word.slice(2)] = words[++at];
    else if (!word.startsWith("--") && options.receipt === null) options.receipt = word;
    else return null;
  }
  options.now = Number(options.now);
  if (options.gtin !== null) options.gtin = options.gtin.padStart(14, "0");
  const isUsable = options.receipt !== null && options.anchor !== null && Number.isSafeInteger(options.now);
  return isUsable ? options : null;
}

function print(result, out) {
  out(`verdict: ${result.verdict}\n`);
  const product = result.product === null ? "" : ` product ${foreign(result.product)}`;
  if (result.gtin) out(`gtin ${result.gtin} lot ${result.lot}${product} expires ${result.expires}\n`);
  if (result.event) {
    const { organisation, block, event: { sha256, hash } } = result;
    out(`${foreign(organisation)}, block ${block}\nSHA-256 ${sha256}\n${hash}\n`);
  }
  for (const { name, ok, error, why } of result.checks) {
    const mark = ok === null ? "--" : ok ? "ok" : "NO";
    out(`  ${mark} ${name}${error ? ` ${error}` : ""}${why ? ` (${why})` : ""}\n`);
  }
  out(`not proved: ${result.not_proved.join(", ")}\n`);
}

/** What kind of file it is, its magic says. */
function verifyAny(file, options) {
  if (isArchived(file)) return verifyArchived({ ...options, archived: file });
  if (isEventProof(file)) return verifyEvent({ ...options, event: file });
  return verifyReceipt({ ...options, receipt: file });
}

export async function main(words, out = (text) => process.stdout.write(text)) {
  const options = parseArguments(words);
  if (!options) {
    process.stderr.write(`${USAGE}\n`);
    return 2;
  }
  let files;
  try {
    files = [options.receipt, options.anchor, options.rollover]
      .map((name) => (name === null ? null : new Uint8Array(readFileSync(name))));
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    return 2;
  }
  const [file, anchor, rollover] = files;
  const result = await verifyAny(file, { ...options, anchor, rollover });
  if (options.json) out(`${JSON.stringify(result)}\n`);
  else print(result, out);
  return { released: 0, committed: 0, tampered: 3 }[result.verdict] ?? 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  process.exitCode = await main(process.argv.slice(2));
}
