// Checks 1 to 4 of docs/format/verdict.md: anchor, receipt, statements, block.
//
// `run` is what the checks hand on: input; chain, rootKey, rootKid (the genesis block's), roots (by epoch); statements
// (bodies by epoch) and payloads (bytes by epoch); receipt; block and S, the statement of the block's epoch.

import { equalBytes, toHex } from "./bytes.js";
import { open, UNPROTECTED, verify } from "./cose.js";
import { demand } from "./errors.js";
import { BLOCK, kidOf, ROLE } from "./fields.js";
import { judgeStatement, memberOf, readAnchor, readReceipt, readStatement } from "./receipt.js";
import { followLinks, linksOf, rootOf } from "./rollover.js";
import * as types from "./types.js";

export async function checkAnchor(run) {
  const anchor = await readAnchor(run.input.anchor);
  const genesis = await open(anchor.genesis, { name: "block", chain: null, table: types.block });
  const { kind, epoch, term, number, prev, body } = genesis.body;
  const isFirst = epoch === 0 && term === 0 && number === 0 && prev === null;
  demand(kind === BLOCK.membership && isFirst, "genesis");
  run.rootKey = anchor.root_key;
  run.rootKid = await kidOf(anchor.root_key);
  demand(equalBytes(genesis.kid, run.rootKid), "genesis", "not signed by the root key");
  await verify(genesis, run.rootKey);
  run.chain = toHex(genesis.id);
  run.chainBytes = genesis.id;
  run.statements = [];
  run.payloads = [];
  run.roots = [{ key: run.rootKey, kid: run.rootKid, from: 0, link: null }];
  await hold(run, await readStatement(body, reading(run, null)));
  await followLinks(run, [...anchor.links, ...(await linksOf(run.input.rollover))]);
  for (const bytes of anchor.statements) await hold(run, await readStatement(bytes, reading(run)));
}

const reading = (run, chain = run.chain) =>
  ({ chain, rootOf: (epoch) => rootOf(run.roots, epoch), next: run.statements.length });

/** Judges a statement by the last one held, then holds it. */
async function hold(run, statement) {
  await judgeStatement(statement, run.statements.at(-1) ?? null, rootOf(run.roots, statement.body.epoch));
  run.statements.push(statement.body);
  run.payloads.push(statement.payload);
}

/** The first four of a file that proves something by one block, `name` being what reads it into run.receipt. */
export const byOneBlock = (name, readIt, block) => [
  ["anchor", checkAnchor, { verdict: "unknown" }],
  [name, readIt, { verdict: "tampered", unknownFor: "receipt-version" }],
  ["statements", checkStatements, { verdict: "tampered", unknownFor: "cose-chain" }],
  ["block", block, { verdict: "tampered", unknownFor: "cose-chain" }],
];

export async function checkReceipt(run) {
  run.receipt = await readReceipt(run.input.receipt);
  run.disclosure = run.receipt.disclosures[0] ?? null;
  run.disclosed = run.disclosure !== null;
}

export async function checkStatements(run) {
  const heldByAnchor = run.statements.length;
  let before = null;
  for (const bytes of run.receipt.statements) {
    const statement = await readStatement(bytes, reading(run));
    const { epoch } = statement.body;
    if (epoch < heldByAnchor) {
      demand(before === null || epoch === before + 1, "statement-epoch");
      demand(equalBytes(statement.payload, run.payloads[epoch]), "statement-epoch");
    } else {
      await hold(run, statement);
    }
    before = epoch;
  }
}

export const checkBlock = (run) => openBlock(run, BLOCK.lot);

/** The check `block` of a file that carries a block of this kind. */
export async function openBlock(run, kind) {
  run.block = await open(run.receipt.block, {
    name: "block", chain: run.chain, table: types.block, unprotected: UNPROTECTED.votes,
  });
  demand(run.block.body.kind === kind, "block-kind");
  await checkPlaceOfBlock(run);
}

/** Conditions 3 to 5 of the check `block`; run.S is then the statement of the block's epoch. */
async function checkPlaceOfBlock(run) {
  const { number, epoch } = run.block.body;
  demand(number >= 1, "block-number");
  run.S = run.statements[epoch];
  demand(run.S && run.S.first <= number, "block-epoch");
  const next = run.statements[epoch + 1];
  demand(!next || number < next.first, "block-epoch");
  const signer = memberOf(run.S, run.block.kid, ROLE.supervising);
  demand(signer, "block-signer");
  await verify(run.block, signer.public_key);
}
