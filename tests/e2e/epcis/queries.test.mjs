// Random queries over made events: what the server finds is what judge.mjs finds by looking at every event. The store
// is empty at the start, so this runs first. EPCIS_EVENTS and EPCIS_QUERIES say how many, EPCIS_SEED from where.

import assert from "node:assert/strict";
import { test } from "node:test";
import { drawQuery } from "./asked.mjs";
import { judged, keyOf } from "./judge.mjs";
import { makeEvents } from "./made.mjs";
import { Random } from "./random.mjs";
import { against } from "./schemas.mjs";
import { documentOf, eventsIn, get, nextOf, post, queryOf, walk } from "./server.mjs";

const COUNT = Number(process.env.EPCIS_EVENTS ?? 1000);
const QUERIES = Number(process.env.EPCIS_QUERIES ?? 100);
const SEED = Number(process.env.EPCIS_SEED ?? 20260504);
const A_DOCUMENT = 500;

const r = new Random(SEED);
const made = makeEvents(r, COUNT);
let held = [];

/** An event's own number; one that declares its error has the same. */
const nameOf = (event) => event["farm:n"] + (event.errorDeclaration ? "e" : "");
const names = (events) => events.map(nameOf).sort();

test("made events are captured and all come back as they were sent", async () => {
  assert.equal(eventsIn((await get("/events?perPage=1")).json).length, 0, "the store is empty at the start");
  for (let at = 0; at < made.length; at += A_DOCUMENT) {
    const sent = await post("/capture", documentOf(made.slice(at, at + A_DOCUMENT)));
    assert.equal(sent.status, 202, sent.text.slice(0, 500));
    const job = (await get(sent.headers.location)).json;
    assert.equal(job.success, true, JSON.stringify(job.errors).slice(0, 500));
  }
  held = (await walk("/events?perPage=1000")).events;
  assert.deepEqual(names(held), names(made));
  const sentBy = new Map(made.map((event) => [nameOf(event), event]));
  for (const { recordTime, ...event } of held) {
    assert.ok(!Number.isNaN(Date.parse(recordTime)));
    const sent = sentBy.get(nameOf(event));
    if (!sent.eventID) {
      assert.match(event.eventID, /^ni:\/\/\/sha-256;[0-9a-f]{64}\?ver=CBV2\.0$/);
      delete event.eventID;
    }
    assert.deepEqual(event, sent);
  }
});

/** Page by page: no page larger than asked for, every page valid. */
async function asked(target, perPage) {
  const events = [];
  for (let next = target; next !== null; ) {
    const page = await get(next);
    if (page.status !== 200) return { page, events };
    assert.equal(against("epcisQueryDocument", page.json), null);
    const found = eventsIn(page.json);
    assert.ok(found.length <= perPage, `${found.length} events on a page of ${perPage}`);
    events.push(...found);
    next = nextOf(page);
  }
  return { page: null, events };
}

const PAGES = 25;

async function compare(drawn) {
  const expected = judged(held, drawn);
  // Pages as small as drawn, but not thousands of them.
  const parameters = drawn.map(([name, value]) => [
    name,
    name === "perPage" ? Math.max(value, Math.ceil(expected.length / PAGES)) : value,
  ]);
  const given = Object.fromEntries(parameters);
  const { page, events } = await asked(`/events?${queryOf(parameters)}`, given.perPage ?? 30);
  if (given.maxEventCount !== undefined && expected.length > given.maxEventCount) {
    assert.equal(page?.status, 413, "more than maxEventCount");
    assert.equal(page.json.type, "epcisException:QueryTooLargeException");
    assert.equal(against("RFC7807ProblemResponseBody", page.json), null);
    return 0;
  }
  assert.equal(page, null, page?.text);
  const { orderBy, orderDirection = "DESC", eventCountLimit } = given;
  const sorted = (list) => (orderDirection === "ASC" ? list.sort((a, b) => a - b) : list.sort((a, b) => b - a));
  if (eventCountLimit !== undefined) {
    // Of events with one key any may be the last: their keys tell.
    const keys = sorted(expected.map((event) => keyOf(event, orderBy))).slice(0, eventCountLimit);
    assert.deepEqual(
      events.map((event) => keyOf(event, orderBy)),
      keys,
    );
    const allowed = new Set(expected.map(nameOf));
    assert.ok(
      events.every((event) => allowed.has(nameOf(event))),
      "all of them match",
    );
    assert.equal(new Set(events.map(nameOf)).size, events.length, "each once");
    return events.length;
  }
  const [is, should] = [new Set(events.map(nameOf)), new Set(expected.map(nameOf))];
  const more = events.filter((event) => !should.has(nameOf(event)));
  const fewer = expected.filter((event) => !is.has(nameOf(event)));
  assert.deepEqual({ more: more.slice(0, 2), fewer: fewer.slice(0, 2) }, { more: [], fewer: [] });
  assert.equal(events.length, expected.length, "each once");
  if (orderBy !== undefined) {
    const keys = events.map((event) => keyOf(event, orderBy));
    assert.deepEqual(keys, sorted([...keys]), "in order");
  }
  return events.length;
}

test(`${QUERIES} random queries find what looking at every event finds`, async () => {
  const families = new Map();
  let empty = 0;
  const wrong = [];
  for (let i = 0; i < QUERIES; i++) {
    const parameters = drawQuery(r, held);
    try {
      const found = await compare(parameters);
      if (found === 0) empty++;
      for (const [name] of parameters) families.set(name, (families.get(name) ?? 0) + found);
    } catch (error) {
      wrong.push(`query ${i}: ${JSON.stringify(parameters)}\n${String(error.message).slice(0, 1500)}`);
    }
  }
  console.log(
    `${QUERIES} queries of seed ${SEED} over ${held.length} events: ${empty} found nothing; ${families.size} parameters`,
  );
  const idle = [...families].filter(([, found]) => found === 0).map(([name]) => name);
  if (idle.length > 0) console.log(`none of these found an event: ${idle.join(" ")}`);
  assert.equal(wrong.length, 0, `${wrong.length} of ${QUERIES} differ (EPCIS_SEED=${SEED}):\n${wrong.slice(0, 4).join("\n")}`);
  assert.ok(empty < QUERIES * 0.7, "most queries find something");
});
