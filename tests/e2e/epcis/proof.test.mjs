// GET /lotmark/v1/events/ID/proof: an event captured by HTTP, its file once a block holds it, and what proves it from the
// anchor alone: this repository's JavaScript, and `lotmark verify --event`.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { examineEvent } from "../../../mobile-qr/verifier/event_proof.js";
import { captured, isProblem, observed } from "./observed.mjs";
import { credentials, get, origin, until } from "./server.mjs";

const MEDIA = "application/vnd.lotmark.event-proof.v1+cbor";
const { EPCIS_ANCHOR: anchorFile, EPCIS_DATA: data, LOTMARK_PROGRAM: program } = process.env;
assert.ok(anchorFile && data && program, "run.py names anchor, data and program");
const anchor = new Uint8Array(readFileSync(anchorFile));
const folder = mkdtempSync(join(tmpdir(), "lotmark-proof-"));
after(() => rmSync(folder, { recursive: true }));

const addressOf = ({ eventID }) => `/lotmark/v1/events/${encodeURIComponent(eventID)}/proof`;
const lotmark = (...words) => spawnSync(program, words, { encoding: "utf8" });

async function fetchProof(event) {
  const response = await fetch(new URL(addressOf(event), origin), { headers: credentials });
  return { response, bytes: new Uint8Array(await response.arrayBuffer()) };
}

/** The file once its block is final; before that 409, which says when to look again. */
async function proofOf(event) {
  return until(
    async () => {
      const { response, bytes } = await fetchProof(event);
      if (response.status === 409) {
        assert.ok(Number(response.headers.get("retry-after")) > 0);
        return null;
      }
      assert.equal(response.status, 200);
      assert.equal(response.headers.get("content-type"), MEDIA);
      const { result } = await examineEvent({ event: bytes, anchor });
      assert.ok(["committed", "not-final"].includes(result.verdict), JSON.stringify(result.checks));
      return result.verdict === "committed" ? bytes : null;
    },
    90,
    "a proof that is final",
  );
}

const missing = "ab".repeat(32);
const event = observed({
  "farm:crate": "C-12",
  sensorElementList: [{
    sensorMetadata: { rawData: `ni:///sha-256;${missing}` },
    sensorReport: [{ type: "Temperature", minValue: 2.5, maxValue: 7.5, uom: "CEL" }],
  }],
});
const sent = JSON.stringify(event);

test("captured by HTTP, proven from the anchor alone", async (t) => {
  await captured([event, observed()]);
  const bytes = await proofOf(event);
  const { result, body } = await examineEvent({ event: bytes, anchor });
  assert.equal(new TextDecoder().decode(body), sent, "the bytes that were sent");
  assert.equal(result.event.sha256, createHash("sha256").update(sent).digest("hex"));
  assert.equal(result.organisation, "hualin");
  assert.ok(result.final.votes >= result.final.quorum);

  const file = join(folder, "event");
  writeFileSync(file, bytes);
  await t.test("lotmark verify says the same, and that the hash is the body's", () => {
    const { status, stdout, stderr } = lotmark("verify", "--event", file, "--anchor", anchorFile, "--json");
    assert.equal(status, 0, stderr);
    const theirs = JSON.parse(stdout);
    assert.deepEqual([theirs.verdict, theirs.event, theirs.block], [result.verdict, result.event, result.block]);
    assert.equal(theirs.checks.find(({ name }) => name === "hash").ok, true);
  });

  await t.test("the hash is the one that the API tells", async () => {
    const { headers } = await get(`/events/${encodeURIComponent(event.eventID)}`);
    assert.equal(headers["lotmark-event-hash"], result.event.hash);
    assert.equal(headers["lotmark-block"], String(result.block));
    assert.equal(headers["lotmark-record"], result.record);
  });

  await t.test("changed, it proves nothing", async () => {
    const changed = bytes.slice();
    changed[changed.length - 2] ^= 1;
    assert.equal((await examineEvent({ event: changed, anchor })).result.verdict, "tampered");
    writeFileSync(file, changed);
    assert.equal(lotmark("verify", "--event", file, "--anchor", anchorFile).status, 3);
  });

  await t.test("out of the node's files, with what is known of the bundle it names", () => {
    const own = join(folder, "own");
    const files = ["--private", join(data, "private.db"), "--chain", join(data, "chain.db"), "--anchor", anchorFile];
    const made = lotmark("event", "proof", event.eventID, ...files, "--out", own, "--json");
    assert.equal(made.status, 0, made.stderr);
    assert.deepEqual(JSON.parse(made.stdout).bundles, [{ bundle: missing, held: false, within: null }]);
    assert.equal(lotmark("verify", "--event", own, "--anchor", anchorFile).status, 0);
    assert.equal(lotmark("event", "proof", "urn:x:none", ...files, "--out", `${own}2`).status, 1);
  });
});

test("there is none of an event that was not captured", async () => {
  isProblem(await get(addressOf({ eventID: "urn:x:none" })), 404, "NoSuchResourceException");
});
