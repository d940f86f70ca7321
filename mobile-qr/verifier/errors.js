// Every error of the formats (docs/format/errors.md). Numbers and names never change.

export const ERROR_NUMBERS = Object.freeze({
  "cbor-truncated": 1, "cbor-trailing": 2, "cbor-not-shortest": 3, "cbor-indefinite": 4,
  "cbor-float": 5, "cbor-simple": 6, "cbor-tag": 7, "cbor-int-range": 8, "cbor-key-order": 9,
  "cbor-key-duplicate": 10, "cbor-key-type": 11, "cbor-utf8": 12, "cbor-depth": 13,
  "cbor-reserved": 14, "text-too-long": 15, "object-too-large": 16, "block-too-large": 17,
  "receipt-too-large": 18, "frame-too-large": 19, "cose-shape": 20, "cose-protected": 21,
  "cose-alg": 22, "cose-type": 23, "cose-chain": 24, "cose-kid": 25, "cose-unprotected": 26,
  "cose-payload": 27, "cose-signature": 28, "key-bad": 29, "key-unknown": 30, "key-missing": 31,
  "field-type": 32, "field-range": 33, "list-order": 34, "list-duplicate": 35, "enum-unknown": 36,
  "seal": 37, "seal-reader": 38,
  "bundle-crosses-window": 40, "bundle-readings": 41, "bundle-channels": 42, "bundle-gaps": 43,
  "reading-range": 44, "exp-range": 45, "need-seq": 46, "seq-conflict": 47, "prev-mismatch": 48,
  "life-closed": 49, "root-mismatch": 50, "time-order": 51, "gap-below-position": 52,
  "device-unknown": 53, "command-expired": 54, "command-counter": 55, "ack-refusals": 56,
  "opening-count": 60, "start-used": 61, "transaction-fork": 62, "transaction-late": 63,
  "transaction-count": 64, "record-segments": 65, "segment-size": 66, "reviewers-count": 67,
  "gtin": 68, "lot": 69, "expires": 70, "serials-order": 71, "body-cut": 72, "cut-range": 73,
  "cut-flag": 74, "cut-content": 75, "mark-count": 76, "mark-signer": 77, "event-proof": 78, "block-prev": 80, "block-number": 81, "block-epoch": 82, "block-term": 83, "block-signer": 84, "block-time": 85, "block-kind": 86,
  "genesis": 87, "block-fork": 88, "vote-size": 90, "vote-index": 91, "vote-path": 92,
  "vote-epoch": 93, "vote-signer": 94, "vote-term": 95, "vote-inconsistent": 96, "vote-equal": 97,
  "quorum": 98, "vote-time": 99, "statement-signer": 100, "statement-quorum": 101,
  "statement-epoch": 102, "statement-first": 103, "member-roles": 104, "members-count": 105,
  "programme-unknown": 106, "rollover-signer": 107,
  "rollover-fork": 108, "rollover-first": 109, "receipt-version": 110, "tree-path": 111, "path-length": 112,
  "disclosure-kind": 113, "disclosure-index": 114, "commitment-mismatch": 115,
  "release-signer": 116, "application-signer": 117, "transaction-signer": 118, "gtin-prefix": 119,
  "annotation": 120, "sample-index": 121, "sample-path": 122, "samples-count": 123, "claim": 124,
  "anchor": 125, "key-revoked": 126, "complaint-unknown": 127, "usage-lot-unknown": 128,
  "usage-count": 129, "token-expired": 130, "token-replayed": 131, "token-mismatch": 132,
});

/** What a reader throws: `code` is the name of the error, `number` its number, `message` English prose. */
export class FormatError extends Error {
  constructor(code, detail = "") {
    super(detail ? `${code}: ${detail}` : code);
    this.code = code;
    this.number = ERROR_NUMBERS[code];
    this.detail = detail;
  }
}

/** Throws the error of that name; a name that errors.md does not list is a bug of the caller. */
export function fail(code, detail = "") {
  if (!Object.hasOwn(ERROR_NUMBERS, code)) throw new TypeError(`no such error: ${code}`);
  throw new FormatError(code, detail);
}

export function demand(condition, code, detail = "") {
  if (!condition) fail(code, detail);
}
