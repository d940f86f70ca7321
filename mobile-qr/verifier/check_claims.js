// Checks 10 to 13 of docs/format/verdict.md: disclosure, claims, samples, limits.

import { equalBytes, sha256 } from "./bytes.js";
import { decode, encode } from "./cbor.js";
import { open, verify } from "./cose.js";
import { decimal } from "./decimal.js";
import { demand } from "./errors.js";
import { AUDIENCE, RECORD } from "./fields.js";
import { foreign } from "./foreign.js";
import { check } from "./shape.js";
import { fold, foldAnnotated, leafHash, readingAnnotation, sameAnnotation, sampleIndex } from "./trees.js";
import * as types from "./types.js";

const NOTHING = "nothing disclosed";
const CLAIM_NAME = "claim";
const CLAIM_MEDIA = "application/vnd.lotmark.claim.v1+cbor";

/** run.segments: the disclosed segments, each with its index. */
export async function checkDisclosure(run) {
  run.segments = [];
  if (!run.disclosure) return NOTHING;
  const { path, record, segments } = run.disclosure;
  const { tx_root, tx_count } = run.application.body;
  const transaction = await open(run.disclosure.transaction, {
    name: "transaction", chain: run.chain, table: types.transaction,
  });
  demand(equalBytes(transaction.kid, run.application.kid), "transaction-signer");
  await verify(transaction, run.enterprise.public_key);
  const lotRoot = await fold(await leafHash(transaction.id), tx_count - 1, tx_count, path);
  demand(equalBytes(lotRoot, tx_root), "tree-path");
  const isRelease = record.kind === RECORD.release && record.step === null && record.corrects === null;
  demand(isRelease, "disclosure-kind");
  demand(segments.length > 0, "commitment-mismatch");
  const root = await readSegments(run, record, segments);
  const commitment = await commitmentOf(run, record, root);
  demand(equalBytes(commitment, transaction.body.commitment), "commitment-mismatch");
  return "";
}

/** Reads each segment into run.segments; answers the root that all of them give. */
async function readSegments(run, record, segments) {
  let root = null;
  for (const { index, segment: entry, path } of segments) {
    demand(index < record.segments, "disclosure-index");
    const segment = await check(types.segment, decode(entry));
    demand(segment.audience === AUDIENCE.public, "disclosure-kind", "segment is not public");
    const folded = await fold(await leafHash(entry), index, record.segments, path);
    demand(root === null || equalBytes(folded, root), "tree-path");
    root = folded;
    run.segments.push({ index, ...segment });
  }
  return root;
}

export const commitmentInput = (chain, scope, { step, kind, time, author, corrects, segments }, root) =>
  encode(["lotmark/record/1", chain, scope, step, kind, time, author, corrects, segments, root]);

const commitmentOf = ({ chainBytes, application }, record, root) =>
  sha256(commitmentInput(chainBytes, application.body.start, record, root));

/** run.claims: [{ segment, claim, samples }], samples counted later. */
export async function checkClaims(run) {
  if (!run.disclosure) return NOTHING;
  for (const { index, name, media, content } of run.segments) {
    demand((name === CLAIM_NAME) === (media === CLAIM_MEDIA), "claim", "name and media type disagree");
    if (name !== CLAIM_NAME) continue;
    const claim = await check(types.claim, decode(content));
    run.claims.push({ segment: index, claim, samples: 0 });
  }
  return `${run.claims.length} claims`;
}

export async function checkSamples(run) {
  const { samples } = run.receipt;
  if (!run.disclosure && samples.length === 0) return NOTHING;
  let before = null;
  for (const sample of samples) {
    const about = run.claims.find(({ segment }) => segment === sample.segment);
    demand(about, "sample-index", "of no disclosed claim");
    checkTurn(before, sample);
    await checkSample(run.block.id, about.claim, sample);
    about.samples += 1;
    before = sample;
  }
  return `${samples.length} readings`;
}

/** Samples of a claim are numbered from 0, claims ascend by segment. */
function checkTurn(before, { segment, i }) {
  const isFirst = before === null || segment > before.segment;
  const fits = isFirst ? i === 0 : segment === before.segment && i === before.i + 1;
  demand(fits, "sample-index");
}

async function checkSample(blockId, claim, sample) {
  const entry = await check(types.quantityEntry, decode(sample.entry));
  const channel = await check(types.evidenceEntry, decode(sample.channel_entry));

  const evidence = await foldAnnotated(
    { annotation: channel.annotation, hash: await leafHash(sample.channel_entry) },
    sample.evidence_index, claim.tree_size, sample.evidence_path,
  );
  demandSame(evidence, claim.annotation, claim.root);

  const drawn = await sampleIndex(blockId, sample.i, claim.annotation.count);
  const local = drawn - evidence.leftCount;
  demand(local >= 0 && local < channel.annotation.count, "sample-index", "not the reading drawn");

  const reading = { annotation: readingAnnotation(entry.t, entry.value), hash: await leafHash(sample.entry) };
  const folded = await foldAnnotated(reading, local, channel.annotation.count, sample.path);
  demandSame(folded, channel.annotation, channel.root);
}

function demandSame({ annotation, hash }, expectedAnnotation, expectedRoot) {
  demand(sameAnnotation(annotation, expectedAnnotation) && equalBytes(hash, expectedRoot), "sample-path");
}

/** What of a claim lies outside its own limits, in words; null when nothing does. */
export function limitBroken({ annotation: { min, max, gap_max }, limits, gap_edge, channel, unit, exp }) {
  const show = (value) => `${decimal(value, exp)} ${foreign(unit)}`.trimEnd();
  const name = foreign(channel);
  if (min < limits.min) return `${name}: ${show(min)} below ${show(limits.min)}`;
  if (max > limits.max) return `${name}: ${show(max)} above ${show(limits.max)}`;
  const pause = Math.max(gap_max, gap_edge);
  return pause > limits.gap_max ? `${name}: pause of ${pause} ms above ${limits.gap_max} ms` : null;
}

export function checkLimits(run) {
  if (!run.disclosure) return NOTHING;
  const broken = run.claims.map(({ claim }) => limitBroken(claim)).filter((why) => why !== null);
  return broken.length === 0 ? "" : { ok: false, why: broken.join("; ") };
}
