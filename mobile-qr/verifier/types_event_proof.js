// Shape table of an event proof (docs/format/event_proof.md).

import { compareBytes } from "./bytes.js";
import { demand } from "./errors.js";
import * as f from "./fields.js";
import { bytes, list, map, nullable, object, ruled, text, tuple, u } from "./shape.js";
import { revealedRecord } from "./types.js";

const { RECORD } = f;
const SHOWN = [RECORD.step, RECORD.correction, RECORD.handover];

const bytesIn = (min, max) =>
  ruled(bytes, (value) => demand(value.length >= min && value.length <= max, "field-range"));

const name = bytesIn(1, 512);

export const eventProof = map(
  [
    ["magic", text],
    ["block", object],
    ["statements", list(bytes)],
    ["transaction", nullable(object)],
    ["index", u],
    ["path", f.path],
    ["record", revealedRecord],
    ["period", nullable(u)],
    ["segment", tuple([["index", u], ["entry", bytes], ["path", f.path]])],
    ["event", tuple([["index", u], ["salt", f.b16], ["hash", f.h], ["path", f.path]])],
    ["names", list(tuple([["prefix", name], ["space", name]]), {
      max: 64, order: (a, b) => compareBytes(a.prefix, b.prefix),
    })],
    ["body", bytesIn(1, 65536)],
  ],
  ({ transaction, period }) => demand((transaction === null) === (period !== null), "event-proof"),
  ({ transaction, path }) => demand(transaction !== null || path.length === 0, "event-proof"),
  ({ transaction, record }) => demand((transaction === null) === (record.kind === RECORD.period), "event-proof"),
  ({ transaction, record: { step, corrects } }) =>
    demand(transaction !== null || (step === null && corrects === null), "event-proof"),
  ({ transaction, record: { step, kind } }) =>
    demand(transaction === null || (SHOWN.includes(kind) && step !== null), "event-proof"),
);
