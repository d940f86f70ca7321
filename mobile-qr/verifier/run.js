// How the checks of a file follow one another (docs/format/verdict.md, "Checks"): all listed, a failure stops unless
// its check goes on.

import { FormatError } from "./errors.js";

/**
 * steps: [[name, body, { verdict, unknownFor, goesOn }], ...]. `verdict` is what a failure makes of the whole,
 * unknown for the error `unknownFor`; with `goesOn` later checks run all the same.
 * Answers { checks, verdicts }: the entries, and the verdicts that failures brought.
 */
export async function runChecks(steps, run) {
  const verdicts = [];
  const checks = [];
  let stopped = false;
  for (const [name, body, onFailure] of steps) {
    if (stopped) {
      checks.push({ name, ok: null, error: null, why: "not run" });
      continue;
    }
    const entry = await runCheck(name, body, run);
    checks.push(entry);
    if (entry.ok) continue;
    verdicts.push(entry.error !== null && entry.error === onFailure.unknownFor ? "unknown" : onFailure.verdict);
    stopped = !onFailure.goesOn;
  }
  return { checks, verdicts };
}

/** The first in `precedence` that a failure brought, or its last: all hold. */
export const verdictOf = (verdicts, precedence) =>
  precedence.find((each) => verdicts.includes(each)) ?? precedence.at(-1);

/** A check answers its `why`, or { why, ok: false } where failing is no error of the bytes, or throws. */
export async function runCheck(name, body, run) {
  try {
    const answer = (await body(run)) ?? "";
    return typeof answer === "string"
      ? { name, ok: true, error: null, why: answer }
      : { name, ok: answer.ok, error: answer.error ?? null, why: answer.why };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return { name, ok: false, error: error.code, why: error.detail || `failed: ${error.code}` };
  }
}
