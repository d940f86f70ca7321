// A subscription over HTTP: reports that are signed, come again where they are not taken, end with their subscription,
// and stand in the access log. run.py names the receiver that the node may call.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { captured, isProblem, observed, run } from "./observed.mjs";
import { eventsIn, post, send, until } from "./server.mjs";

const { EPCIS_DATA: data, EPCIS_RECEIVER: receiver, LOTMARK_PROGRAM: program } = process.env;
assert.ok(data && receiver && program, "run.py names data, receiver and program");

const token = "13df38d8275b13f05704629e5f1cf3d45d6132d5";
const query = `Seen${run}`;
const got = [];
let status = 503;

const server = createServer((request, response) => {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    got.push({ url: request.url, headers: request.headers, body: Buffer.concat(parts), status });
    response.writeHead(status).end("thanks");
  });
});
before(() => new Promise((listening) => { server.listen(Number(new URL(receiver).port), "127.0.0.1", listening); }));
after(() => { server.closeAllConnections(); server.close(); });

const idsIn = ({ body }) => eventsIn(JSON.parse(body)).map(({ eventID }) => eventID);
const taken = () => got.filter((one) => one.status < 300).flatMap(idsIn);

test("reports come signed until they are taken, and stand in the access log", async (t) => {
  const made = await post("/queries", { name: query, query: { EQ_action: ["OBSERVE"] } });
  assert.equal(made.status, 201, made.text);
  const order = { dest: `${receiver}/hook?key=1`, signatureToken: token, stream: true };
  const subscribed = await post(`/queries/${query}/subscriptions`, order);
  assert.equal(subscribed.status, 201, subscribed.text);

  const event = observed();
  await captured([event, observed({ action: "ADD" })]);
  await until(() => (got.length > 0 ? got : null), 30, "a report");
  status = 204;
  await until(() => (taken().length > 0 ? got : null), 30, "the report again");

  await t.test("each is signed, and of the event that matches alone", () => {
    for (const one of got) {
      assert.equal(one.url, "/hook?key=1");
      assert.equal(one.headers["gs1-signature"], `sha256=${createHmac("sha256", token).update(one.body).digest("hex")}`);
      assert.deepEqual(idsIn(one), [event.eventID]);
      assert.equal(JSON.parse(one.body).epcisBody.queryResults.queryName, query);
    }
  });

  await t.test("each is an entry of the access log", () => {
    const { stdout, stderr } = spawnSync(program, ["accesses", "--private", join(data, "private.db"), "--json", "--limit", "100000"],
      { encoding: "utf8" });
    const { accesses } = JSON.parse(stdout || assert.fail(stderr));
    const reports = accesses.filter(({ how, target }) => how === "subscription" && target.startsWith(`/queries/${query}/`));
    assert.equal(reports.length, got.length);
    assert.ok(reports.every(({ address }) => address === receiver));
  });

  await t.test("none comes once it is ended", async () => {
    const id = new URL(subscribed.headers.location, receiver).pathname;
    assert.equal((await send("DELETE", id)).status, 204);
    const before = got.length;
    const other = `Other${run}`;
    assert.equal((await post("/queries", { name: other, query: { EQ_action: ["OBSERVE"] } })).status, 201);
    assert.equal((await post(`/queries/${other}/subscriptions`, { dest: `${receiver}/other`, stream: true })).status, 201);
    await captured([observed()]);
    await until(() => (got.some(({ url }) => url === "/other") ? got : null), 30, "the other's report");
    assert.ok(got.slice(before).every(({ url }) => url === "/other"));
  });
});

test("nobody is subscribed who is not allowed", async () => {
  const dest = "http://127.0.0.1:1/";
  isProblem(await post(`/queries/${query}/subscriptions`, { dest, stream: true }), 400, "SubscriptionControlsException");
});
