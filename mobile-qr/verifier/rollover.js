// Links from one root key to the next (docs/format/membership.md): each is signed by the key before, and says from which
// epoch on statements carry the new one's signature.

import { equalBytes } from "./bytes.js";
import { encode } from "./cbor.js";
import { open, verify } from "./cose.js";
import { demand, FormatError } from "./errors.js";
import { kidOf } from "./fields.js";
import { readRollover } from "./receipt.js";
import * as types from "./types_chain.js";

const MAGIC = "lotmark/rollover/1";

/** The links of a rollover file; none where there is no file. */
export const linksOf = async (bytes) => (bytes ? (await readRollover(bytes)).links : []);

/** One file with the links of both, each once: two of one root key are found out. `before` may be null. */
export async function joinRollovers(before, after) {
  const links = await linksOf(before);
  const more = (await linksOf(after)).filter((link) => !links.some((one) => equalBytes(one, link)));
  return encode(new Map([[0, MAGIC], [1, [...links, ...more]]]));
}

/** The root key, with its kid, of statements of `epoch`. */
export const rootOf = (roots, epoch) => roots.findLast(({ from }) => from <= epoch);

/** Extends run.roots; run.chain and run.statements (those held) are read. */
export async function followLinks(run, objects) {
  const links = [];
  for (const bytes of objects) {
    links.push(await open(bytes, { name: "rollover", chain: run.chain, table: types.rollover }));
  }
  await refuseForks(run, links);
  for (const link of links) await take(run, link);
}

/** Two links of one root key: it signed both, or somebody else has it. Neither is followed. */
async function refuseForks({ roots }, links) {
  for (const [at, one] of links.entries()) {
    for (const other of links.slice(at + 1)) {
      if (!equalBytes(one.kid, other.kid) || equalBytes(one.id, other.id)) continue;
      const root = roots.find(({ kid }) => equalBytes(kid, one.kid));
      if (root && !(await holds(one, root.key) && await holds(other, root.key))) continue;
      demand(false, "rollover-fork", "a root key signed two links: neither is followed");
    }
  }
}

async function holds(link, key) {
  try {
    await verify(link, key);
    return true;
  } catch (error) {
    if (error instanceof FormatError) return false;
    throw error;
  }
}

async function take({ roots, statements }, link) {
  if (roots.some((root) => root.link && equalBytes(root.link.id, link.id))) return; // followed before
  const before = roots.at(-1);
  demand(equalBytes(link.kid, before.kid), "rollover-signer");
  await verify(link, before.key);
  const { root_key: key, first } = link.body;
  const kid = await kidOf(key);
  demand(!roots.some((root) => equalBytes(root.kid, kid)), "rollover-signer", "it leads back to a key that was a root");
  demand(first > before.from && first >= statements.length, "rollover-first");
  roots.push({ key, kid, from: first, link });
}
