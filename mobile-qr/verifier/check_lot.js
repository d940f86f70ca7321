// Checks 5 to 7 and 14 of docs/format/verdict.md: release, application, asked, expires.

import { open, verify } from "./cose.js";
import { demand } from "./errors.js";
import { endOfDay, ROLE } from "./fields.js";
import { memberOf } from "./receipt.js";
import * as types from "./types.js";

export async function checkRelease(run) {
  run.release = await open(run.block.body.body, { name: "release", chain: run.chain, table: types.release });
  run.reviewer = memberOf(run.S, run.release.kid, ROLE.reviewing);
  demand(run.reviewer, "release-signer");
  await verify(run.release, run.reviewer.public_key);
}

export async function checkApplication(run) {
  run.application = await open(run.release.body.application, {
    name: "application", chain: run.chain, table: types.application,
  });
  run.enterprise = memberOf(run.S, run.application.kid, ROLE.keeping);
  demand(run.enterprise, "application-signer");
  await verify(run.application, run.enterprise.public_key);

  const { programme: id, gtin, tx_count, supersedes } = run.application.body;
  const programme = run.S.programmes.find((each) => each.id === id);
  demand(programme, "programme-unknown");
  demand(programme.products.includes(gtin), "programme-unknown");
  const covered = run.enterprise.prefixes.some((prefix) => gtin.slice(1).startsWith(prefix));
  demand(covered, "gtin-prefix");
  demand(tx_count === programme.count + 1, "transaction-count");
  demand(run.reviewer.products.includes(id), "release-signer");
  demand((run.release.body.reason === null) === (supersedes === null), "field-range");
}

export function checkAsked({ input, application: { body } }) {
  demand(input.gtin === null || input.gtin === body.gtin, "gtin", "the receipt is of another product");
  demand(input.lot === null || input.lot === body.lot, "lot", "the receipt is of another lot");
}

export function checkExpires({ input, application: { body } }) {
  if (input.now < endOfDay(body.expires)) return "";
  const [, year, month, day] = /^(\d{4})(\d\d)(\d\d)$/.exec(String(body.expires));
  return { ok: false, why: `expired after ${year}-${month}-${day}` };
}
