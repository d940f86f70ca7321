// The offline check of an evidence file (docs/format/evidence.md): is a party's dishonesty proven, by the file
// and the consortium's anchor alone?

import { toHex } from "./bytes.js";
import { decode } from "./cbor.js";
import { checkAnchor, checkStatements } from "./check_chain.js";
import { FormatError } from "./errors.js";
import { BUNDLES, FORKS, PROMISE, VOTES } from "./evidence_kinds.js";
import { readFile } from "./receipt.js";
import { evidence } from "./types_evidence.js";

export const EVIDENCE_BYTES_MAX = 16777216;
const ITEMS_MAX = 65536;

const FILE = {
  magic: "lotmark/evidence/1",
  magicError: "receipt-version",
  bytesMax: EVIDENCE_BYTES_MAX,
  sizeError: "object-too-large",
  table: evidence,
  decodeItem: (bytes) => decode(bytes, ITEMS_MAX),
};

/** In the order of their numbers. */
const KINDS = [
  ["block-fork", FORKS.block],
  ["vote-inconsistent", VOTES],
  ["transaction-fork", FORKS.transaction],
  ["bundle-fork", BUNDLES],
  ["promise-unmet", PROMISE],
  ["turn-fork", FORKS.turn],
];

const CHECKS = [
  ["anchor", (run) => checkAnchor(run)],
  ["file", async (run) => {
    run.file = await readFile(run.input.evidence, FILE);
    [run.kind, run.case] = KINDS[run.file.kind];
  }],
  ["statements", (run) => checkStatements({ ...run, receipt: run.file })],
  ["objects", (run) => run.case.open(run)],
  ["contradiction", (run) => run.case.contradict(run)],
  ["signers", async (run) => { run.by = await run.case.signers(run); }],
  ["proof", (run) => run.case.prove?.(run)],
];

/**
 * evidence, anchor: Uint8Array. Answers the JSON result of evidence.md, without the prose of `said`; throws only
 * when this machine cannot compute (no WebCrypto).
 */
export async function verifyEvidence({ evidence: bytes, anchor }) {
  const run = { input: { evidence: bytes, anchor } };
  for (const [name, body] of CHECKS) {
    try {
      await body(run);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      return result(run, { check: name, error: error.code, why: error.detail || `failed: ${error.code}` });
    }
  }
  return result(run, null);
}

function result(run, failed) {
  const unread = failed && (failed.check === "anchor" || failed.check === "file");
  return {
    outcome: !failed ? "proven" : unread ? "unreadable" : "not-proven",
    kind: unread ? null : run.kind,
    chain: failed?.check === "anchor" ? null : run.chain,
    check: failed?.check ?? null,
    error: failed?.error ?? null,
    why: failed?.why ?? "",
    by: failed ? null : { kid: toHex(run.by.kid), organisation: run.by.organisation, role: run.by.role, device: device(run) },
    objects: failed ? [] : run.case.ids(run).map(toHex),
    not_proved: failed ? ["nothing"] : notProved(run),
  };
}

const device = ({ by }) => by.device && { name: by.device.name, enroller: toHex(by.device.enroller) };

/** Codes of what a proven file does not prove, in the order of evidence.md. */
function notProved({ kind, file }) {
  const isPromise = kind === "promise-unmet";
  const rows = [
    ["holder", true],
    ["intent", true],
    ["which", !isPromise && kind !== "turn-fork"],
    ["still-member", true],
    ["enrolment-place", kind === "bundle-fork" && file.proof !== null],
    ["promise-why", isPromise],
    ["promise-later", isPromise],
    ["removed-quorum", isPromise],
  ];
  return rows.filter(([, given]) => given).map(([code]) => code);
}

