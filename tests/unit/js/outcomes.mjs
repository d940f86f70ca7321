// One changed thing at a time: which check says so, with which error.

import { makeStatement } from "./maker.mjs";

const h = (byte) => new Uint8Array(32).fill(byte);
const tampered = (check, error, options) => [`${check}: ${error}`, options, "tampered", check, error];

/** The first sample with the reading of one from another bundle (of 32 drawn from 3, one always is). */
function withOtherBundle([first, ...others]) {
  const other = others.find((sample) => sample[4] !== first[4]);
  return [[0, 0, ...other.slice(2)]];
}

const strayStatement = await makeStatement({ chain: "0".repeat(64) });

/** Name; options of makeReceipt; verdict; the check that says so; its error. */
export const outcomes = [
  ["magic of another version", { receipt: { 0: "lotmark/receipt/2" } }, "unknown", "receipt", "receipt-version"],
  tampered("receipt", "field-type", { receipt: { 0: 1 } }),
  tampered("receipt", "key-missing", { receipt: { 0: undefined } }),
  tampered("receipt", "key-missing", { receipt: { 4: undefined } }),
  tampered("receipt", "key-unknown", { receipt: { 5: [] } }),
  tampered("receipt", "samples-count", { receipt: { 4: Array(33).fill([0, 0, h(0), [], 0, h(0), []]) } }),
  tampered("receipt", "path-length", { disclosure: { 1: Array(65).fill(h(0)) } }),
  tampered("receipt", "record-segments", { record: { 5: 257 } }),
  tampered("receipt", "field-range", { record: { 5: -1 } }),
  tampered("receipt", "enum-unknown", { record: { 1: 6 } }),

  ["statement of another chain", { receipt: { 2: [strayStatement] } }, "unknown", "statements", "cose-chain"],
  ["block of another chain", { headers: { block: { chain: "0".repeat(64) } } }, "unknown", "block", "cose-chain"],
  tampered("block", "cose-unprotected", { unprotected: new Map() }),
  tampered("block", "cose-unprotected", { unprotected: new Map([[394, [1]]]) }),
  tampered("block", "block-kind", { block: { 0: 6 } }),
  tampered("block", "enum-unknown", { block: { 0: 8 } }),
  tampered("block", "block-prev", { block: { 3: 0 } }),
  tampered("block", "block-number", { block: { 3: 0, 4: null } }),
  tampered("block", "block-epoch", { block: { 1: 1 } }),
  tampered("block", "block-signer", { signers: { block: "reviewer1" } }),

  tampered("release", "cose-chain", { headers: { release: { chain: "0".repeat(64) } } }),
  tampered("release", "release-signer", { signers: { release: "sup1" } }),
  tampered("release", "field-range", { release: { 1: "" } }),
  tampered("application", "application-signer", { signers: { application: "stranger" } }),
  tampered("application", "gtin", { application: { 3: "06901234567893" } }),
  tampered("application", "lot", { application: { 5: "A 1" } }),
  tampered("application", "expires", { application: { 6: 20290229 } }),
  tampered("application", "transaction-count", { application: { 9: -1 } }),
  tampered("application", "transaction-count", { application: { 9: 8 } }),
  tampered("application", "programme-unknown", { application: { 2: "another" } }),
  tampered("application", "programme-unknown", { application: { 3: "00000000000000" } }),
  tampered("application", "field-range", { release: { 3: "why" } }),
  tampered("application", "field-range", { application: { 10: h(1) } }),

  tampered("votes", "cose-chain", { headers: { vote: { chain: "0".repeat(64) } } }),
  tampered("votes", "vote-size", { vote: { size: 4 } }),
  tampered("votes", "vote-index", { vote: { proof: [3, 1, []] } }),
  tampered("votes", "vote-epoch", { vote: { epoch: 1 } }),
  tampered("votes", "vote-time", { vote: { seconds: 1767617999 } }),
  tampered("votes", "vote-term", { vote: { term: 0 }, block: { 2: 1 } }),
  tampered("votes", "vote-path", { vote: { proof: [3, 2, []] } }),
  tampered("votes", "vote-signer", { voters: ["reviewer1"] }),
  tampered("votes", "cose-signature", { vote: { root: h(1) } }),
  tampered("votes", "list-duplicate", { voters: ["sup1", "sup1"] }),
  tampered("votes", "list-order", { votes: (votes) => votes.reverse() }),
  tampered("votes", "cbor-truncated", { votes: () => [new Uint8Array(0)] }),

  tampered("disclosure", "transaction-signer", { signers: { transaction: "stranger" } }),
  tampered("disclosure", "tree-path", { disclosure: { 1: [] } }),
  tampered("disclosure", "disclosure-kind", { record: { 1: 0 } }),
  tampered("disclosure", "disclosure-kind", { record: { 0: "a step" } }),
  tampered("disclosure", "disclosure-kind", { segment: { 2: 1 } }),
  tampered("disclosure", "commitment-mismatch", { disclosure: { 3: [] } }),
  tampered("disclosure", "commitment-mismatch", { transaction: { 0: h(9) } }),
  tampered("claims", "claim", { segment: { 1: "note" } }),
  tampered("claims", "claim", { segment: { 3: "text/plain" } }),
  tampered("claims", "claim", { claim: { 6: 1767610800001 } }),
  tampered("claims", "claim", { claim: { 9: 0 } }),
  tampered("claims", "claim", { claim: { 11: 59999 } }),
  tampered("claims", "claim", { claim: { 14: [800, 200, 61000] } }),
  tampered("claims", "annotation", { claim: { 8: [180, 758, 757, 1767600000000, 1767610740000, 60000] } }),
  tampered("claims", "exp-range", { claim: { 5: 19 } }),
  tampered("claims", "bundle-gaps", { claim: { 12: Array(65).fill([null, 1, 2, 0]) } }),
  tampered("claims", "time-order", { claim: { 12: [[null, 2, 1, 0]] } }),

  tampered("samples", "sample-index", { samples: (samples) => samples.reverse() }),
  tampered("samples", "sample-index", { samples: (samples) => samples.slice(1) }),
  tampered("samples", "sample-index", { samples: ([first]) => [first, first] }),
  tampered("samples", "sample-index", { samples: ([first]) => [[1, ...first.slice(1)]] }),
  ["a reading of another bundle than the one drawn", { drawn: 32, samples: withOtherBundle },
    "tampered", "samples", "sample-index"],
  tampered("samples", "sample-path", { samples: ([[, , ...rest]]) => [[0, 0, rest[0], [], ...rest.slice(2)]] }),
  tampered("samples", "sample-path", { claim: { 10: h(3) } }),
  tampered("samples", "cbor-truncated", { samples: ([[, , , ...rest]]) => [[0, 0, new Uint8Array(0), ...rest]] }),

  ["too few votes", { voters: ["sup2"] }, "not-final", "quorum", "quorum"],
  ["no votes", { voters: [] }, "not-final", "quorum", "quorum"],
  ["a value above its limit", { claim: { 14: [200, 756, 61000] } }, "refused", "limits", null],
  ["a value below its limit", { claim: { 14: [201, 800, 61000] } }, "refused", "limits", null],
  ["a pause above its limit", { claim: { 14: [200, 800, 59999] } }, "refused", "limits", null],
  ["expired", { application: { 6: 20261230 } }, "expired", "expires", null],
];
