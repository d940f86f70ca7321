// POST /capture and /events: jobs down to the final block, what is known already, and bodies that are refused.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT } from "../../unit/js/vectors.mjs";
import { addressOf, captured, isProblem, observed, run } from "./observed.mjs";
import { against } from "./schemas.mjs";
import { CONTEXT, documentOf, eventsIn, get, origin, post, until, walk } from "./server.mjs";

test("a job tells of its events: captured, in a record, in a period block, final", async () => {
  const events = [observed(), observed()];
  const job = await captured(events);
  const told = new Set();
  const end = await until(
    async () => {
      const { json } = await get(job);
      assert.equal(against("CaptureJob", json), null);
      assert.deepEqual([json.running, json.success, json.errors ?? []], [false, true, []]);
      const chain = json["lotmark:chain"];
      assert.equal(chain.events, 2, "captured");
      if (chain.recorded > 0) told.add("recorded");
      if (chain.blocks.length > 0) told.add("block");
      return chain.final === 2 ? chain : null;
    },
    60,
    "a final block",
  );
  assert.deepEqual([...told], ["recorded", "block"]);
  assert.equal(end.recorded, 2);
  assert.ok(end.blocks.every((block) => block.final && block.number > 0));
});

test("the documents that docs/operate/erp.md shows are captured as they are", async () => {
  for (const [name, type, events] of [["document.json", "application/json", 2], ["document.xml", "application/xml", 1]]) {
    const body = readFileSync(join(ROOT, "samples/epcis", name), "utf8");
    const answer = await post("/capture", body, { "content-type": type });
    assert.equal(answer.status, 202, answer.text);
    const { json } = await get(answer.headers.location);
    assert.deepEqual([json.success, json["lotmark:chain"].events], [true, events]);
  }
  const found = await get("/events?GT_maxValue_KEL=280&EQ_https%3A%2F%2Ffarm.example%2Fepcis%2F%23crate=C-12");
  assert.equal(eventsIn(found.json).length, 1);
});

test("jobs are listed, newest first and page by page", async () => {
  const made = [await captured([observed()]), await captured([observed()]), await captured([observed()])];
  const ids = [];
  let next = `${origin}/capture?perPage=2`;
  while (next && ids.length < 4) {
    const page = await get(next);
    assert.equal(page.status, 200);
    for (const job of page.json) assert.equal(against("CaptureJob", job), null);
    ids.push(...page.json.map((job) => job.captureID));
    next = page.headers.link ? /<([^>]+)>/.exec(page.headers.link)[1] : null;
  }
  assert.deepEqual(ids.slice(0, 3), made.map((location) => location.split("/").at(-1)).reverse());
  isProblem(await get("/capture/none"), 404, "NoSuchResourceException");
});

test("one event is stored at once; the same again and another of its ID are 409", async () => {
  const { eventID, ...bare } = observed();
  const event = { "@context": [CONTEXT], eventID, ...bare };
  const stored = await post("/events", event);
  assert.equal(stored.status, 201, stored.text);
  assert.equal(decodeURIComponent(stored.headers.location), `${origin}/events/${eventID}`);
  const [{ recordTime }] = eventsIn((await get(stored.headers.location)).json);
  assert.ok(Math.abs(Date.parse(recordTime) - Date.now()) < 60000);
  isProblem(await post("/events", event), 409, "ResourceAlreadyExistsException");
  isProblem(await post("/events", { ...event, action: "ADD" }), 409, "ResourceAlreadyExistsException");
  const declared = { ...event, errorDeclaration: { declarationTime: "2026-06-01T00:00:00Z", reason: "did_not_occur" } };
  assert.equal((await post("/events", declared)).status, 201);
  assert.equal(eventsIn((await get(stored.headers.location)).json).length, 2);
});

test("an event without eventID gets its hash, and is found by it", async () => {
  const { eventID, ...event } = { "@context": [CONTEXT], ...observed() };
  const stored = await post("/events", event);
  assert.equal(stored.status, 201, stored.text);
  const hash = decodeURIComponent(stored.headers.location.split("/events/")[1]);
  assert.match(hash, /^ni:\/\/\/sha-256;[0-9a-f]{64}\?ver=CBV2\.0$/);
  assert.equal(eventsIn((await get(stored.headers.location)).json)[0].eventID, hash);
  assert.equal(eventsIn((await get(`/events?EQ_eventID=${encodeURIComponent(hash)}`)).json).length, 1);
});

test("by a job: what is known is held if it is the same, else an error that rolls all of it back", async () => {
  const known = observed();
  await captured([known]);
  assert.equal((await get(await captured([known, observed()]))).json.success, true);
  const fresh = observed();
  const job = (await get(await captured([fresh, { ...known, action: "ADD" }]))).json;
  assert.equal(against("CaptureJob", job), null);
  assert.deepEqual([job.success, job.captureErrorBehaviour], [false, "rollback"]);
  assert.equal(job.errors.length, 1);
  assert.equal((await get(addressOf(fresh))).status, 404);
});

test("proceed stores what is good and tells of what is not", async () => {
  const [good, known] = [observed(), observed()];
  await captured([known]);
  const bad = observed({ action: "GUESS" });
  const location = await captured([good, bad, { ...known, bizStep: "shipping" }], { "gs1-capture-error-behaviour": "proceed" });
  const job = (await get(location)).json;
  assert.equal(against("CaptureJob", job), null);
  assert.deepEqual([job.success, job.captureErrorBehaviour, job.errors.length], [false, "proceed", 2]);
  assert.equal((await get(addressOf(good))).status, 200);
  assert.equal((await get(addressOf(bad))).status, 404);
  isProblem(await post("/capture", documentOf([good, bad])), 400, "ValidationException", "/epcisBody/eventList/1/action");
});

test("bodies that are no document are refused with their place, and leave no trace", async () => {
  const deep = '{"a":'.repeat(5000) + "1" + "}".repeat(5000);
  const text = JSON.stringify(documentOf([observed()]));
  for (const body of [
    "",
    "{",
    "[]",
    "null",
    "\u0000",
    text.slice(0, -2),
    deep,
    "{}",
    `${text} `.repeat(2),
    text.replace('"2.0"', '"two"'),
  ]) {
    const answer = await post("/capture", body);
    isProblem(answer, 400, "ValidationException");
  }
  isProblem(await post("/capture", text, { "content-type": "text/plain" }), 415, "UnsupportedMediaTypeException");
  isProblem(
    await post("/capture", text, { "content-type": "application/json; charset=iso-8859-1" }),
    415,
    "UnsupportedMediaTypeException",
  );
  isProblem(await post("/events", text, { "content-type": "" }), 415, "UnsupportedMediaTypeException");
  const many = documentOf(Array.from({ length: 10001 }, () => observed()));
  isProblem(await post("/capture", many), 413, "CaptureLimitExceededException");
  assert.equal((await get(addressOf(many.epcisBody.eventList[0]))).status, 404);
});

test("callers at the same time each get their own, and numbers of one event are one event", async () => {
  const same = observed();
  const answers = await Promise.all(Array.from({ length: 24 }, () => post("/events", { "@context": [CONTEXT], ...same })));
  assert.equal(answers.filter(({ status }) => status === 201).length, 1);
  assert.ok(answers.every(({ status }) => status === 201 || status === 409));
  const mine = Array.from({ length: 24 }, () => observed());
  const jobs = await Promise.all(mine.map((event) => captured([event])));
  for (const job of jobs) assert.equal((await get(job)).json.success, true);
  const found = await Promise.all(mine.map((event) => get(addressOf(event))));
  assert.ok(found.every(({ status }) => status === 200));
});

test("a document of EPCIS 1.2 in XML is captured, and asked for as any other", async () => {
  const { eventID } = observed();
  const serial = `${run}x`;
  const xml = `<?xml version="1.0" encoding="UTF-8"?>
<epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:1" schemaVersion="1.2" creationDate="2026-05-04T00:00:00Z">
 <EPCISBody><EventList><ObjectEvent>
  <eventTime>2026-05-04T10:00:00Z</eventTime><eventTimeZoneOffset>+08:00</eventTimeZoneOffset>
  <baseExtension><eventID>${eventID}</eventID></baseExtension>
  <epcList><epc>urn:epc:id:sgtin:6901234.056789.${serial}</epc></epcList><action>OBSERVE</action>
  <bizStep>urn:epcglobal:cbv:bizstep:shipping</bizStep>
 </ObjectEvent></EventList></EPCISBody></epcis:EPCISDocument>`;
  const sent = await post("/capture", xml, {
    "content-type": "application/xml",
    accept: "application/xml",
    "gs1-epcis-version": "1.2",
    "gs1-cbv-version": "1.2",
  });
  assert.equal(sent.status, 202, sent.text);
  assert.equal((await get(sent.headers.location)).json.success, true);
  const { events } = await walk(`/events?MATCH_epc=${encodeURIComponent(`https://id.gs1.org/01/06901234567892/21/${serial}`)}`);
  assert.deepEqual(
    events.map((e) => [e.eventID, e.bizStep]),
    [[eventID, "shipping"]],
  );
  isProblem(await post("/capture", xml.slice(0, -30), { "content-type": "application/xml" }), 400, "ValidationException");
});
