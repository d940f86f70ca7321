// The kinds of evidence and what each checks (docs/format/evidence.md): open, contradict, signers, prove, ids.
//
// `run` is what the checks hand on: file; chain, chainBytes, rootKey, rootKid, statements; and what a kind's own
// checks leave in it for the next: a and b, the two objects; promise, blocks, votes. signers answers who did it.

import { equalBytes, sha256 } from "./bytes.js";
import { decode, encode } from "./cbor.js";
import { checkQuorum, checkVotes } from "./check_votes.js";
import { idOfNested, idOf, open, UNPROTECTED, verify } from "./cose.js";
import { demand, FormatError } from "./errors.js";
import { BLOCK, kidOf, ROLE } from "./fields.js";
import { memberOf } from "./receipt.js";
import { check } from "./shape.js";
import { SIGNED } from "./signed.js";
import { fold } from "./trees.js";
import { statementObject } from "./types.js";

const GRACE_MS = 120000;
const RECEIVER_LOST = 4;
const DEVICE = 0;

const openAs = (run, name, bytes, unprotected = UNPROTECTED.empty) =>
  open(bytes, { name, chain: run.chain, table: SIGNED[name], unprotected });

const sameSigner = ({ a, b }) => demand(equalBytes(a.kid, b.kid), "cose-kid", "two signers");
const otherId = ({ a, b }) => demand(!equalBytes(a.id, b.id), "list-duplicate", "one object twice");
const bothIds = ({ a, b }) => [a.id, b.id];

/** The member of that kid with that role in the newest statement that has it; undefined if none does. */
const memberInAny = ({ statements }, kid, role) =>
  statements.map((each) => memberOf(each, kid, role)).filter(Boolean).at(-1);

const culprit = ({ kid, organisation }, role) => ({ kid, organisation, role, device: null });

/** A block's signer by the statement of the epoch it names. */
async function verifyBlock(run, block) {
  const S = run.statements[block.body.epoch];
  demand(S, "block-epoch", `no statement of epoch ${block.body.epoch} is held`);
  const signer = memberOf(S, block.kid, ROLE.supervising);
  demand(signer, "block-signer");
  await verify(block, signer.public_key);
}

/** Two objects of one type; contradict is what else they must share, and how they must differ. */
const forkOf = (name, contradict, signers) => ({
  async open(run) {
    const [a, b] = run.file.objects;
    run.a = await openAs(run, name, a);
    run.b = await openAs(run, name, b);
  },
  contradict(run) {
    sameSigner(run);
    contradict(run.a.body, run.b.body, run);
  },
  signers,
  ids: bothIds,
});

const signedInRole = (roleName, error) => async (run) => {
  const member = memberInAny(run, run.a.kid, ROLE[roleName]);
  demand(member, error);
  await verify(run.a, member.public_key);
  await verify(run.b, member.public_key);
  return culprit(member, roleName);
};

export const FORKS = {
  block: forkOf("block", (a, b, run) => {
    demand(a.term === b.term, "block-term");
    demand(a.number === b.number, "block-number");
    otherId(run);
  }, async (run) => {
    await verifyBlock(run, run.a);
    await verifyBlock(run, run.b);
    return culprit(memberInAny(run, run.a.kid, ROLE.supervising), "supervising");
  }),
  transaction: forkOf("transaction", (a, b, run) => {
    demand(equalBytes(a.prev, b.prev), "prev-mismatch");
    otherId(run);
  }, signedInRole("keeping", "transaction-signer")),
  turn: forkOf("turn", (a, b) => {
    demand(a.term === b.term, "vote-term");
    demand(!equalBytes(a.asker, b.asker), "list-duplicate", "one asker");
  }, signedInRole("supervising", "vote-signer")),
};

// --- votes ---

async function verifyVote(run, vote, root) {
  const S = run.statements[vote.claims.epoch];
  demand(S, "vote-epoch");
  const voter = memberOf(S, vote.kid, ROLE.supervising);
  demand(voter, "vote-signer");
  await verify(vote, voter.public_key, root);
  vote.id = await idOf(vote, root);
}

async function leads(leaf, index, size, path, root) {
  demand(equalBytes(await fold(leaf, index, size, path), root), "tree-path");
}

export const VOTES = {
  async open(run) {
    const [a, b] = run.file.objects;
    run.a = await open(a, { name: "vote", chain: run.chain });
    run.b = await open(b, { name: "vote", chain: run.chain });
  },
  contradict(run) {
    sameSigner(run);
    const { a, b, file: { proof: { root_a, root_b, split } } } = run;
    demand(a.claims.term === b.claims.term, "vote-term");
    const oneSize = a.claims.size === b.claims.size;
    demand(oneSize === (split === null), "vote-size");
    const differ = oneSize ? !equalBytes(root_a, root_b) : !equalBytes(split.leaf_a, split.leaf_b);
    demand(differ, "list-duplicate");
  },
  async signers(run) {
    const { a, b, file: { proof: { root_a, root_b } } } = run;
    await verifyVote(run, a, root_a);
    await verifyVote(run, b, root_b);
    return culprit(memberInAny(run, a.kid, ROLE.supervising), "supervising");
  },
  async prove({ a, b, file: { proof: { root_a, root_b, split } } }) {
    if (split === null) return;
    await leads(split.leaf_a, split.index, a.claims.size, split.path_a, root_a);
    await leads(split.leaf_b, split.index, b.claims.size, split.path_b, root_b);
  },
  ids: bothIds,
};

// --- bundles ---

async function openBundleOrGap(run, bytes) {
  try {
    return await openAs(run, "bundle", bytes);
  } catch (error) {
    if (!(error instanceof FormatError) || error.code !== "cose-type") throw error;
    return openAs(run, "gap", bytes);
  }
}

/** Statement 0's enrolment of a device's key, or undefined. */
async function enrolledInGenesis({ statements }, kid) {
  for (const each of statements[0].enrolments) {
    if (each.kind === DEVICE && equalBytes(await kidOf(each.public_key), kid)) return each;
  }
  return undefined;
}

/** { enrolment, enroller } of the device; verified where it came with the file. */
async function enrolmentOf(run, kid) {
  const first = await enrolledInGenesis(run, kid);
  const { proof } = run.file;
  if (proof === null) {
    demand(first, "device-unknown");
    return { enrolment: first, enroller: run.rootKid };
  }
  demand(!first, "list-duplicate", "statement 0 enrols the device");
  const object = await openAs(run, "enrolment", proof);
  const { kind, public_key, organisation } = object.body;
  demand(kind === DEVICE && equalBytes(await kidOf(public_key), kid), "device-unknown");
  const member = run.statements.flatMap(({ members }) => members)
    .find((m) => equalBytes(m.kid, object.kid) && m.organisation === organisation);
  demand(member, "cose-kid", "no member of that organisation enrolled it");
  await verify(object, member.public_key);
  return { enrolment: object.body, enroller: object.kid };
}

export const BUNDLES = {
  async open(run) {
    run.a = await openAs(run, "bundle", run.file.objects[0]);
    run.b = await openBundleOrGap(run, run.file.objects[1]);
  },
  contradict(run) {
    sameSigner(run);
    const { a, b } = run;
    const isGap = b.name === "gap";
    demand(equalBytes(a.body.life, b.body.life), "life-closed");
    demand(a.body.seq === (isGap ? b.body.last : b.body.seq), "need-seq");
    if (!isGap) return otherId(run);
    demand(b.body.reason !== RECEIVER_LOST && b.body.lost !== null, "gap-below-position");
    demand(!equalBytes(b.body.lost, a.id), "list-duplicate", "the bundle the gap names");
  },
  async signers(run) {
    const { kid } = run.a;
    const { enrolment: { public_key, organisation, name }, enroller } = await enrolmentOf(run, kid);
    await verify(run.a, public_key);
    await verify(run.b, public_key);
    return { kid, organisation, role: "device", device: { name, enroller } };
  },
  ids: bothIds,
};

// --- promises ---

/** Ids of a block's one body object. */
async function idsOfBody(run, kind, body) {
  if (kind === BLOCK.membership) return [await sha256((await check(statementObject, decode(body))).payload)];
  if (kind !== BLOCK.lot) return [await idOfNested(body)];
  const release = await openAs(run, "release", body);
  return [release.id, await idOfNested(release.body.application)];
}

async function idsOfList(objects) {
  const ids = [];
  for (const each of objects) ids.push(await idOfNested(each));
  return ids;
}

/** Ids of a block and of what it holds. */
async function idsIn(run, { id, body: { kind, body } }) {
  if (body === null) return [id];
  if (kind === BLOCK.period) {
    return [id, ...await idsOfList([...body.heads, ...body.enrolments, ...body.transactions, ...body.events])];
  }
  if (kind === BLOCK.cut) {
    const { first, last, archive, snapshot } = body;
    return [id, ...await idsOfList(body.flags), await sha256(encode([first, last, archive, snapshot]))];
  }
  return [id, ...await idsOfBody(run, kind, body)];
}

export const PROMISE = {
  async open(run) {
    const [promise, ...blocks] = run.file.objects;
    run.promise = await openAs(run, "promise", promise);
    run.blocks = [];
    for (const [at, each] of blocks.entries()) {
      const isLast = at === blocks.length - 1;
      run.blocks.push(await openAs(run, "block", each, isLast ? UNPROTECTED.votes : UNPROTECTED.empty));
    }
  },
  async contradict(run) {
    const { promise: { body: { object, deadline } }, blocks, chainBytes } = run;
    blocks.forEach(({ body }, at) => demand(body.number === at + 1, "block-number"));
    blocks.forEach(({ body }, at) => {
      const before = at === 0 ? chainBytes : blocks[at - 1].id;
      demand(body.prev !== null && equalBytes(body.prev, before), "block-prev");
    });
    blocks.forEach(({ body }, at) =>
      demand((body.time > deadline + GRACE_MS) === (at === blocks.length - 1), "block-time"));
    for (const block of blocks.slice(0, -1)) {
      const ids = await idsIn(run, block);
      demand(!ids.some((id) => equalBytes(id, object)), "list-duplicate", `block ${block.body.number} holds the object`);
    }
  },
  async signers(run) {
    const { promise, blocks } = run;
    const member = memberInAny(run, promise.kid, ROLE.supervising);
    demand(member, "cose-kid");
    await verify(promise, member.public_key);
    for (const each of blocks) await verifyBlock(run, each);
    return culprit(member, "supervising");
  },
  async prove({ chain, statements, blocks }) {
    const block = blocks.at(-1);
    const voting = { chain, statements, block, S: statements[block.body.epoch] };
    await checkVotes(voting);
    const quorum = checkQuorum(voting);
    demand(typeof quorum === "string", "quorum", quorum.why);
  },
  ids: ({ promise, blocks }) => [promise.id, promise.body.object, blocks.at(-1).id],
};
