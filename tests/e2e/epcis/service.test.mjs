// The REST binding around the events (EPCIS 2.0 section 12): headers, methods, pages, resources, and queries that are
// refused. Each test's events are its own.

import assert from "node:assert/strict";
import { test } from "node:test";
import { captured, isProblem, observed, run } from "./observed.mjs";
import { against } from "./schemas.mjs";
import { documentOf, eventsIn, get, noFiles, origin, post, send, walk } from "./server.mjs";

test("the judge of answers takes not everything", { skip: noFiles }, () => {
  assert.notEqual(against("epcisQueryDocument", { type: "EPCISQueryDocument" }), null);
  assert.notEqual(against("CaptureJob", { running: "no" }), null);
  assert.notEqual(against("RFC7807ProblemResponseBody", { title: "x" }), null);
});

test("every answer says versions and forms, those of capture the limits too", async () => {
  for (const [method, target] of [
    ["GET", "/events?perPage=1"],
    ["HEAD", "/events?perPage=1"],
    ["OPTIONS", "/events"],
    ["GET", "/bizSteps"],
    ["GET", "/events/none"],
  ]) {
    const { headers } = await send(method, target);
    for (const standard of ["gs1-epcis", "gs1-cbv"])
      for (const what of ["version", "min", "max"])
        assert.match(headers[`${standard}-${what}`], /^2(\.0)*$/, `${method} ${target}`);
    assert.equal(headers["gs1-epc-format"], "No_Preference");
    assert.ok(headers["gs1-vendor-version"]);
    assert.equal(headers["x-content-type-options"], "nosniff");
  }
  const { status, headers, text } = await send("OPTIONS", "/capture");
  assert.equal(status, 204);
  assert.equal(text, "");
  assert.deepEqual(headers.allow.split(", ").sort(), ["GET", "HEAD", "OPTIONS", "POST"]);
  assert.ok(Number(headers["gs1-epcis-capture-limit"]) > 0);
  assert.ok(Number(headers["gs1-epcis-capture-file-size-limit"]) > 0);
  assert.equal(headers["gs1-capture-error-behaviour"], "all");
});

test("HEAD says what GET says, without a body", async () => {
  for (const target of ["/events?perPage=2", "/eventTypes", "/capture", "/events/none"]) {
    const [head, full] = [await send("HEAD", target), await get(target)];
    assert.equal(head.status, full.status, target);
    assert.equal(head.headers["content-type"], full.headers["content-type"]);
    assert.equal(head.text, "");
  }
});

test("other methods are refused, and what is allowed is said", async () => {
  for (const [method, target] of [
    ["DELETE", "/events"],
    ["PUT", "/capture"],
    ["POST", "/bizSteps"],
    ["PATCH", "/events/x"],
  ]) {
    const answer = await send(method, target);
    isProblem(answer, 405, "ImplementationException");
    assert.ok(answer.headers.allow.includes("GET"), `${method} ${target}`);
  }
});

test("versions and forms that cannot be met are 406, those that can are met", async () => {
  for (const [name, value] of [
    ["gs1-epcis-version", "1.2"],
    ["gs1-epcis-min", "2.1"],
    ["gs1-epcis-max", "1.3"],
    ["gs1-cbv-version", "3.0.0"],
    ["gs1-epc-format", "Always_Morse"],
    ["gs1-epcis-version", "two"],
  ])
    isProblem(await get("/events", { [name]: value }), 406, "NotAcceptableException");
  for (const [name, value] of [
    ["gs1-epcis-version", "2.0.0"],
    ["gs1-epcis-version", "2.0"],
    ["gs1-epcis-min", "1.0"],
    ["gs1-epcis-max", "2.1"],
    ["gs1-epc-format", "No_Preference"],
  ])
    assert.equal((await get("/events?perPage=1", { [name]: value })).status, 200, `${name}: ${value}`);
  isProblem(
    await post("/capture", documentOf([observed()]), { "gs1-capture-error-behaviour": "guess" }),
    406,
    "NotAcceptableException",
  );
});

test("pages are walked by Link to the end, each event once, in order", async () => {
  const here = `https://farm.example/places/${run}`;
  const events = Array.from({ length: 23 }, () => observed({ readPoint: { id: here } }));
  await captured(events);
  const query = `/events?EQ_readPoint=${encodeURIComponent(here)}&orderBy=eventTime&orderDirection=ASC&perPage=5`;
  const { pages, events: found } = await walk(query);
  assert.deepEqual(
    pages.map((page) => eventsIn(page.json).length),
    [5, 5, 5, 5, 3],
  );
  assert.equal(new Set(found.map((e) => e.eventID)).size, 23);
  const times = found.map((e) => Date.parse(e.eventTime));
  assert.deepEqual(
    times,
    [...times].sort((a, b) => a - b),
  );
  for (const page of pages.slice(0, -1)) assert.ok(Date.parse(page.headers["gs1-next-page-token-expires"]) > Date.now());
  assert.equal(pages.at(-1).headers.link, undefined);
  assert.equal(pages.at(-1).headers["gs1-next-page-token-expires"], undefined);
  for (const page of pages) assert.equal(against("epcisQueryDocument", page.json), null);
  const token = /nextPageToken=(\w+)/.exec(pages[0].headers.link)[1];
  isProblem(await get(`/events?perPage=5&nextPageToken=${token}`), 400, "QueryParameterException", "nextPageToken");
  isProblem(await get(`${query}&nextPageToken=${token.slice(0, -1)}`), 400, "QueryParameterException", "nextPageToken");
  isProblem(await get("/events?perPage=0"), 400, "QueryParameterException", "perPage");
});

test("what is captured between two pages neither doubles nor hides an event", async () => {
  const here = `https://farm.example/places/${run}-moving`;
  const some = (count) => Array.from({ length: count }, () => observed({ readPoint: { id: here } }));
  const first = some(10);
  await captured(first);
  const query = `/events?EQ_readPoint=${encodeURIComponent(here)}&orderBy=recordTime&orderDirection=ASC&perPage=4`;
  const page = await get(query);
  await captured(some(3));
  const rest = await walk(/<([^>]+)>/.exec(page.headers.link)[1]);
  const ids = [...eventsIn(page.json), ...rest.events].map((e) => e.eventID);
  assert.equal(new Set(ids).size, ids.length);
  assert.ok(first.every((e) => ids.includes(e.eventID)));
});

test("resources list what events told of, and each has its events", async () => {
  const event = observed({
    bizStep: "decommissioning",
    disposition: "inactive",
    readPoint: { id: `https://farm.example/places/${run}-r` },
    bizLocation: { id: `https://farm.example/places/${run}-b` },
  });
  await captured([event]);
  const rows = [
    ["bizSteps", "decommissioning"],
    ["dispositions", "inactive"],
    ["readPoints", event.readPoint.id],
    ["bizLocations", event.bizLocation.id],
    ["epcs", event.epcList[0]],
    ["eventTypes", "ObjectEvent"],
  ];
  for (const [name, value] of rows) {
    const members = [];
    for (let next = `${origin}/${name}?perPage=1000`; next; ) {
      const page = await get(next);
      assert.equal(page.status, 200, page.text);
      members.push(...page.json.member);
      next = page.headers.link ? /<([^>]+)>/.exec(page.headers.link)[1] : null;
    }
    assert.ok(members.includes(value), `${value} among ${name}`);
    const one = await get(`/${name}/${encodeURIComponent(value)}`);
    assert.deepEqual(one.json.member, ["events"]);
    assert.equal(against("ResourceCollection", one.json), null);
    const { events } = await walk(`/${name}/${encodeURIComponent(value)}/events?EQ_eventID=${encodeURIComponent(event.eventID)}`);
    assert.deepEqual(
      events.map((e) => e.eventID),
      [event.eventID],
      name,
    );
    if (name !== "eventTypes")
      isProblem(await get(`/${name}/${encodeURIComponent("https://farm.example/none")}`), 404, "NoSuchResourceException");
  }
  const root = await get("/", { accept: "application/json" });
  assert.equal(against("TopLevelResourceCollection", root.json), null);
  assert.equal(against("EventTypeCollection", (await get("/eventTypes")).json), null);
  assert.equal(against("BizStepCollection", (await get("/bizSteps")).json), null);
  assert.equal(against("DispositionCollection", (await get("/dispositions")).json), null);
  assert.equal(against("UriCollection", (await get("/epcs")).json), null);
});

test("bad queries are told by parameter", async () => {
  const rows = [
    ["colour=red", 400],
    ["EQ_action=GUESS", 400],
    ["GE_eventTime=yesterday", 400],
    ["eventCountLimit=3", 400],
    ["orderBy=colour", 400],
    ["orderBy=eventTime&eventCountLimit=3&maxEventCount=3", 400],
    ["maxEventCount=0", 400],
    ["GE_value_CEL=warm", 400],
    ["EQ_action=ADD&EQ_action=OBSERVE", 400],
    ["MATCH_epc=%00", 400],
    [Array.from({ length: 250 }, (_, i) => `EQ_f:a${i}=1`).join("&"), 413],
    [Array.from({ length: 90 }, (_, i) => `EQ_f:a${i}=1`).join("&"), 413],
  ];
  for (const [query, status] of rows)
    isProblem(await get(`/events?${query}`), status, status === 413 ? "QueryTooComplexException" : "QueryParameterException");
  isProblem(await get("/events/none"), 404, "NoSuchResourceException");
  assert.equal((await get(`/events?EQ_f:a=${"x".repeat(9000)}`)).status, 414);
});
