// Who said what in a receipt whose checks ran through: for pages and reports, not part of the result.

import { fromUtf8, toHex } from "./bytes.js";
import { ROLE } from "./fields.js";
import { memberOf } from "./receipt.js";

/** Of a run that proved something: the signers as the statements name them, and the texts disclosed. */
export function partiesOf(run) {
  const { S, judges, block, release, application, reviewer, enterprise, votes } = run;
  return {
    enterprise: named(enterprise),
    reviewer: named(reviewer),
    primary: named(memberOf(S, block.kid, ROLE.supervising)),
    voters: votes.map(({ kid }) => named(memberOf(judges, kid, ROLE.supervising))),
    epoch: block.body.epoch,
    programme: application.body.programme,
    release: { number: release.body.number, reason: release.body.reason },
    author: run.disclosure ? toHex(run.disclosure.record.author) : null,
    notes: run.segments.filter(({ name }) => name !== "claim").map(noteOf),
  };
}

const named = ({ kid, organisation, area }) => ({ kid: toHex(kid), organisation, area });

/** A disclosed segment that is no claim: its text, or null and its size. */
function noteOf({ name, media, content }) {
  const note = { name, media, bytes: content.length, text: null };
  if (media !== "text/plain") return note;
  try {
    return { ...note, text: fromUtf8(content) };
  } catch {
    return note;
  }
}
