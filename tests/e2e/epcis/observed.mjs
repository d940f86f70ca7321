// Small events to send, each its own, and what a suite expects of captures and refusals.

import assert from "node:assert/strict";
import { against } from "./schemas.mjs";
import { documentOf, origin, post } from "./server.mjs";

export const run = Date.now().toString(36);
let drawn = 0;

export function observed(patch = {}) {
  drawn++;
  return {
    type: "ObjectEvent",
    eventID: `https://farm.example/events/${run}-s${drawn}`,
    eventTime: `2026-05-04T10:00:${String(drawn % 60).padStart(2, "0")}Z`,
    eventTimeZoneOffset: "+08:00",
    action: "OBSERVE",
    epcList: [`https://id.gs1.org/01/06901234567892/21/${run}${drawn}`],
    ...patch,
  };
}

export const addressOf = (event) => `/events/${encodeURIComponent(event.eventID)}`;

/** A problem of GS1's shape: status and type, and where it lies if that is told. */
export function isProblem(answer, status, type, path) {
  assert.equal(answer.status, status, answer.text);
  assert.equal(answer.headers["content-type"], "application/problem+json");
  assert.equal(answer.json.type, `epcisException:${type}`);
  assert.equal(answer.json.status, status);
  // The schema of problems has no 404 of this name, and none of 405 and 409 (schemas.mjs).
  if (![404, 405, 409].includes(status)) assert.equal(against("RFC7807ProblemResponseBody", answer.json), null);
  if (path !== undefined) assert.equal(answer.json.path, path);
}

export async function captured(events, headers = {}) {
  const answer = await post("/capture", documentOf(events), headers);
  assert.equal(answer.status, 202, answer.text);
  assert.ok(answer.headers.location.startsWith(`${origin}/capture/`));
  return answer.headers.location;
}
