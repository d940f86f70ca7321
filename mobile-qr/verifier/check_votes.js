// Checks 8 and 9 of docs/format/verdict.md: votes, quorum.

import { compareBytes, equalBytes } from "./bytes.js";
import { decode } from "./cbor.js";
import { open, UNPROTECTED, verify } from "./cose.js";
import { demand } from "./errors.js";
import { ROLE } from "./fields.js";
import { memberOf } from "./receipt.js";
import { check } from "./shape.js";
import { fold, leafHash } from "./trees.js";
import { inclusionProof, supervising } from "./types.js";

/** The two, behind `byOneBlock` of check_chain.js. */
export const VOTES_AND_QUORUM = [
  ["votes", checkVotes, { verdict: "tampered" }],
  ["quorum", checkQuorum, { verdict: "not-final", goesOn: true }],
];

/** run.votes: those that verified; run.judges: the statement that judges them (E, or S without votes). */
export async function checkVotes(run) {
  run.votes = [];
  run.judges = run.S;
  for (const bytes of run.block.unprotected) {
    const vote = await open(bytes, { name: "vote", chain: run.chain, unprotected: UNPROTECTED.proof });
    const proof = await check(inclusionProof, decode(vote.unprotected));
    const judges = checkPlace(run, vote.claims, proof);
    checkNeighbours(run.votes, vote);
    const leaf = await leafHash(run.block.id);
    const root = await fold(leaf, proof.index, proof.size, proof.path, "vote-path");
    const voter = memberOf(judges, vote.kid, ROLE.supervising);
    demand(voter, "vote-signer");
    await verify(vote, voter.public_key, root);
    run.votes.push(vote);
    run.judges = judges;
  }
}

/** What the claims say against block and proof; answers the statement of the vote's epoch. */
function checkPlace({ block, statements }, claims, proof) {
  demand(proof.size === claims.size, "vote-size");
  demand(proof.index === block.body.number, "vote-index");
  const judges = statements[claims.epoch];
  const next = statements[claims.epoch + 1];
  const fits = judges && judges.first < claims.size && (!next || claims.size <= next.first);
  demand(fits, "vote-epoch");
  demand(claims.term >= block.body.term, "vote-term");
  demand(claims.seconds >= Math.floor(block.body.time / 1000), "vote-time");
  return judges;
}

function checkNeighbours(votes, vote) {
  if (votes.length === 0) return;
  const [first] = votes;
  const same = ["epoch", "term", "size"].every((claim) => vote.claims[claim] === first.claims[claim]);
  demand(same && equalBytes(vote.unprotected, first.unprotected), "vote-equal");
  const order = compareBytes(votes.at(-1).kid, vote.kid);
  demand(order !== 0, "list-duplicate");
  demand(order < 0, "list-order");
}

export function checkQuorum({ votes, judges: { quorum } }) {
  const why = `${votes.length} votes, quorum ${quorum}`;
  return votes.length >= quorum ? why : { ok: false, error: "quorum", why };
}

/** The result's `final`. */
export const finalityOf = ({ votes, judges: { quorum, members } }) =>
  ({ votes: votes.length, quorum, members: supervising(members).length });
