// Where a receipt comes from: the server of this page, or what this device kept of the last answer.
// Nothing here is believed: a receipt is checked afterwards, and a server's word can only make it worse.

import { lotInAddress } from "./link.js";

const RECEIPT_TYPE = "application/vnd.lotmark.receipt.v1+cbor";
const ARCHIVED_TYPE = "application/vnd.lotmark.archived.v1+cbor";
const FILES = { [RECEIPT_TYPE]: "receipt", [ARCHIVED_TYPE]: "archived" };
const FILE_BYTES_MAX = 262144; // of both
const ROLLOVER_BYTES_MAX = 65536;
const KEPT = "lotmark-answers";
const KEPT_MAX = 50;
const KEPT_AT = "lotmark-kept-at";

/** Verdicts that a server may give without a receipt; anything better than these is not taken from it. */
const WORDS_OF_SERVER = ["not-final", "refused", "recalled", "archived", "superseded"];

/**
 * The answer for a product and lot, one of:
 *   { kind: "receipt", bytes }              to be checked
 *   { kind: "archived", bytes }             proof that the lot was cut, to be checked
 *   { kind: "word", verdict, title }        what the server says, not proven
 *   { kind: "none" }                        the server knows no such lot
 *   { kind: "unreadable", status }          an answer that is neither
 *   { kind: "unreachable" }                 no answer, and none kept
 * Throws a RangeError for a lot that no address can hold. keptAt is the time of a kept answer in milliseconds, null of a fresh one.
 */
export async function fetchAnswer({ gtin, lot }) {
  const url = `/v1/receipts/${gtin}/${lotInAddress(lot)}`;
  const fresh = await fetch(url, { headers: { Accept: `${RECEIPT_TYPE}, ${ARCHIVED_TYPE}` }, cache: "no-store" }).catch(() => null);
  if (fresh && (fresh.status === 200 || fresh.status === 404)) {
    const answer = await readAnswer(fresh).catch(() => null); // the connection may end in the middle
    if (answer && answer.kind !== "unreadable") await keep(url, answer);
    if (answer) return { ...answer, keptAt: null };
  }
  const kept = await recall(url);
  if (kept) return kept;
  const refused = fresh && fresh.status !== 200 && fresh.status !== 404;
  return refused ? { kind: "unreadable", status: fresh.status, keptAt: null } : { kind: "unreachable", keptAt: null };
}

/**
 * What the server says of one unit; nothing of it is kept on the device. state: a key of words.unit.state; proof: an item
 * proof to be checked, or null; marks: { kind, time, block } each, block null while it waits; often: whether it is seen in
 * many places. Null when the server cannot be asked, or its answer cannot be read.
 */
export async function fetchUnit({ gtin, lot, serial }) {
  const query = new URLSearchParams({ gtin, lot, serial });
  const answer = await fetch(`/v1/verify?${query}`, { headers: { Accept: "application/json" }, cache: "no-store" })
    .catch(() => null);
  if (!answer || (answer.status !== 200 && answer.status !== 404)) return null;
  try {
    return readUnit(JSON.parse(new TextDecoder().decode(await readBytes(answer))));
  } catch {
    return null;
  }
}

const UNIT_STATES = ["known", "not-listed", "not-checkable", "no-serials"];
const MARK_KINDS = ["used", "sold", "destroyed"];
const isCount = (value) => Number.isSafeInteger(value) && value >= 0;

function readUnit({ item, marks, warnings }) {
  if (!UNIT_STATES.includes(item.state)) return null;
  const proof = item.state === "known" && typeof item.proof === "string" ? fromBase64(item.proof) : null;
  return {
    state: item.state,
    proof,
    marks: marks.filter(({ kind, time }) => MARK_KINDS.includes(kind) && isCount(time))
      .map(({ kind, time, block }) => ({ kind, time, block: isCount(block) ? block : null })),
    often: warnings.includes("seen-often"),
  };
}

const fromBase64 = (text) => Uint8Array.from(atob(text), (each) => each.charCodeAt(0));

/**
 * Links from the anchor's root key to a newer one, where the page's folder has them. Each is signed by the key before, so
 * that a server can leave them out, and no more.
 */
export async function fetchRollover() {
  const answer = await fetch("/page/rollover.cbor").catch(() => null);
  if (!answer?.ok) return null;
  return readBytes(answer, ROLLOVER_BYTES_MAX).catch(() => null);
}

async function readAnswer(response) {
  const type = (response.headers.get("content-type") ?? "").split(";")[0].trim().toLowerCase();
  if (response.status === 200) {
    if (!Object.hasOwn(FILES, type)) return { kind: "unreadable", status: 200 };
    return { kind: FILES[type], bytes: await readBytes(response) };
  }
  const problem = type.endsWith("json") ? await response.json().catch(() => null) : null;
  if (problem && WORDS_OF_SERVER.includes(problem.verdict)) {
    return { kind: "word", verdict: problem.verdict, title: String(problem.title ?? "") };
  }
  return { kind: "none" };
}

/** The body, cut one byte above the limit: more is refused by its size anyway. */
async function readBytes(response, max = FILE_BYTES_MAX) {
  const reader = response.body.getReader();
  const out = new Uint8Array(max + 1);
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done || length === out.length) break;
    const part = value.subarray(0, out.length - length);
    out.set(part, length);
    length += part.length;
  }
  await reader.cancel();
  return out.slice(0, length);
}

// --- what this device keeps ---

async function keep(url, answer) {
  try {
    const cache = await caches.open(KEPT);
    const headers = { [KEPT_AT]: String(Date.now()), "content-type": "application/octet-stream" };
    const body = answer.bytes ?? JSON.stringify(answer);
    await cache.put(url, new Response(body, { status: 200, headers: { ...headers, "lotmark-kind": answer.kind } }));
    const keys = await cache.keys();
    for (const key of keys.slice(0, Math.max(0, keys.length - KEPT_MAX))) await cache.delete(key);
  } catch {
    // A device that keeps nothing (private window, no space) still checks what it fetches.
  }
}

async function recall(url) {
  try {
    const kept = await (await caches.open(KEPT)).match(url);
    if (!kept) return null;
    const keptAt = Number(kept.headers.get(KEPT_AT));
    const kind = kept.headers.get("lotmark-kind");
    if (!Object.values(FILES).includes(kind)) return { ...await kept.json(), keptAt };
    return { kind, bytes: new Uint8Array(await kept.arrayBuffer()), keptAt };
  } catch {
    return null;
  }
}
