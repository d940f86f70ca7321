// The demo that is up (LIVE_DEMO names its folder): what it made, its API over TLS, its programs.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import { ROOT } from "../../unit/js/vectors.mjs";

assert.ok(process.env.LIVE_DEMO, "LIVE_DEMO names the folder of a demo that is up; see then.sh");

export const inDemo = (...names) => join(process.env.LIVE_DEMO, ...names);
const text = (...names) => readFileSync(inDemo(...names), "utf8");

/** The label's link, as the demo printed it, and what it names. */
export const link = text("link").trim();
export const { origin, pathname: path } = new URL(link);
const [, , gtinOfLink, , lotOfLink] = path.split("/");
export const gtin = gtinOfLink;
export const lot = decodeURIComponent(lotOfLink);

/** The lot of the other cold room; samples/vaccines/demo.sh numbers both alike. */
export const refusedLot = lot.replace("-A", "-B");
export const unknownLot = "H26-NONE";

export const fingerprint = text("consortium", "fingerprint.txt").replace(/\s/g, "");
export const anchorFile = inDemo("consortium", "anchor.cbor");
export const receiptFile = inDemo("checked", lot, "lot.receipt");
export const labelFile = inDemo("labels", `${lot}.png`);

/** Makes Chromium take the key of the API's certificate, and no other that it does not know. */
export const trustTheApi = () => {
  const { publicKey } = new X509Certificate(text("consortium", "apis", "api-1", "tls.crt"));
  const key = createHash("sha256").update(publicKey.export({ type: "spki", format: "der" })).digest("base64");
  return `--ignore-certificate-errors-spki-list=${key}`;
};

/** Asks the API, trusting the consortium's own CA alone. Answers { status, headers, body }. */
export function ask(target, { method = "GET", headers = {} } = {}) {
  return new Promise((resolve, reject) => {
    const sent = request(new URL(target, origin), { method, headers, ca: text("consortium", "ca", "ca.crt") });
    sent.on("response", (response) => {
      const parts = [];
      response.on("data", (part) => parts.push(part));
      response.on("error", reject);
      response.on("end", () =>
        resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(parts) }));
    });
    sent.on("error", reject);
    sent.end();
  });
}

export const jsonOf = ({ body }) => JSON.parse(body.toString("utf8"));

/** Runs the operators' tool. Answers { code, stdout, stderr }. */
export function lotmark(...words) {
  const program = process.env.LOTMARK_TOOL ?? join(ROOT, "build/dev/bin/lotmark");
  return new Promise((resolve, reject) => {
    execFile(program, words, { timeout: 60000 }, (error, stdout, stderr) => {
      if (error && typeof error.code !== "number") return reject(error);
      return resolve({ code: error ? error.code : 0, stdout, stderr });
    });
  });
}

export const as = (operator, ...words) =>
  lotmark("--profile", inDemo("consortium", "operators", operator, "lotmark.toml"), ...words);

/** What the tool makes of a receipt: its exit code and the JSON of docs/format/verdict.md. */
export async function verified(file) {
  const { code, stdout, stderr } =
    await lotmark("verify", file, "--anchor", anchorFile, "--gtin", gtin, "--lot", lot, "--json");
  assert.ok(stdout, stderr);
  return { code, result: JSON.parse(stdout) };
}
