// Every type that is signed, by its name in the header (docs/format/cose.md).

import * as chain from "./types_chain.js";
import * as device from "./types_device.js";
import * as receipt from "./types.js";

export const SIGNED = Object.freeze({
  start: device.start,
  birth: device.birth,
  bundle: device.bundle,
  gap: device.gap,
  ack: device.ack,
  arrival: device.arrival,
  command: device.command,
  opening: chain.opening,
  transaction: receipt.transaction,
  record: chain.record,
  application: receipt.application,
  report: chain.report,
  release: receipt.release,
  refusal: chain.refusal,
  block: receipt.block,
  head: chain.head,
  enrolment: receipt.enrolment,
  membership: receipt.membership,
  revocation: chain.revocation,
  recall: chain.recall,
  promise: chain.promise,
  turn: chain.turn,
  delegation: chain.delegation,
  rollover: chain.rollover,
  token: chain.token,
});
