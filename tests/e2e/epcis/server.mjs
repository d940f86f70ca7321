// The server under test (EPCIS_URL; run.py starts it), GS1's schemas where they are there, and what both are asked.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { ROOT } from "../../unit/js/vectors.mjs";

assert.ok(process.env.EPCIS_URL, "EPCIS_URL names the API; see run.py");

export const origin = process.env.EPCIS_URL;
/** What every request brings: EPCIS_TOKEN may do all, run.py has it issued. */
export const credentials = { authorization: `Bearer ${process.env.EPCIS_TOKEN}` };
export const require = createRequire(join(ROOT, "mobile-qr/package.json"));
export const CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld";
export const EXAMPLE = "https://farm.example/ns/";

const files = join(ROOT, "../shared/data/epcis");
export const hasFiles = existsSync(join(files, "openapi.json"));
/** The reason to skip what needs GS1's files, or false. */
export const noFiles = hasFiles ? false : `GS1's files are not at ${files}`;
export const inFiles = (name) => join(files, name);
export const readFile = (name) => JSON.parse(readFileSync(inFiles(name), "utf8"));

const lower = (headers) => Object.fromEntries([...headers].map(([name, value]) => [name.toLowerCase(), value]));

/** As sendOnce; what is refused because the server is busy is sent again, for half a minute. */
export async function send(method, target, given) {
  const end = Date.now() + 30_000;
  for (;;) {
    const answer = await sendOnce(method, target, given);
    const again = answer.headers["retry-after"];
    if (answer.status !== 503 || !again || Date.now() >= end) return answer;
    await new Promise((resolve) => { setTimeout(resolve, Math.min(1000, 1000 * Number(again))); });
  }
}

/** Sends one request, for events as they were sent unless `headers` ask for another form. Answers { status, headers, text, json }; json is null where the body is none. */
async function sendOnce(method, target, { headers = {}, body } = {}) {
  const response = await fetch(new URL(target, origin), {
    method,
    headers: { "gs1-epc-format": "Never_Translates", ...credentials, ...headers },
    body: body === undefined || typeof body === "string" ? body : JSON.stringify(body),
    redirect: "manual",
  });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get("content-type") ?? "");
  return { status: response.status, headers: lower(response.headers), text, json: isJson && text ? JSON.parse(text) : null };
}

export const get = (target, headers = {}) => send("GET", target, { headers });
export const post = (target, body, headers = {}) =>
  send("POST", target, { body, headers: { "content-type": "application/json", ...headers } });

export const documentOf = (events, context = [CONTEXT, { farm: EXAMPLE }]) => ({
  "@context": context,
  type: "EPCISDocument",
  schemaVersion: "2.0",
  creationDate: "2026-05-04T00:00:00Z",
  epcisBody: { eventList: events },
});

/** `parameters`: [[name, value or list]]; a list's values are joined by '|' (EPCIS 2.0 section 12, explode: false). */
export const queryOf = (parameters) =>
  parameters
    .map(([name, value]) => [name, Array.isArray(value) ? value.join("|") : String(value)])
    .map((pair) => pair.map(encodeURIComponent).join("="))
    .join("&");

export const eventsIn = (document) => document.epcisBody.queryResults.resultsBody.eventList;

/** Follows Link rel="next" to the end. Answers { pages, events }. */
export async function walk(target) {
  const pages = [];
  const events = [];
  for (let next = target; next !== null; ) {
    const page = await get(next);
    assert.equal(page.status, 200, `${next}: ${page.text.slice(0, 300)}`);
    pages.push(page);
    events.push(...eventsIn(page.json));
    assert.ok(pages.length <= 20000, "pages without an end");
    next = nextOf(page);
  }
  return { pages, events };
}

/** The target of Link rel="next", which must be one of this server; null on the last page. */
export function nextOf(page) {
  if (page.headers.link === undefined) return null;
  const found = /^<([^>]+)>; rel="next"$/.exec(page.headers.link);
  assert.ok(found, `Link: ${page.headers.link}`);
  assert.ok(found[1].startsWith(`${origin}/`), "a link is absolute, and of this server");
  return found[1];
}

/** Waits for what `ask` answers other than null. */
export async function until(ask, seconds, what) {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; ) {
    const answer = await ask();
    if (answer !== null) return answer;
    await new Promise((done) => setTimeout(done, 200));
  }
  assert.fail(`waited ${seconds} s for ${what}`);
}
