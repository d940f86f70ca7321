// The C++ reader, for tests that hold it against ours. LOTMARK_PROGRAM names it; LOTMARK_CASES and LOTMARK_SEED widen the
// search.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";

const PROGRAM = process.env.LOTMARK_PROGRAM;
export const CASES = Number(process.env.LOTMARK_CASES ?? 150);
export const SEED = Number(process.env.LOTMARK_SEED ?? 1);
export const skip = PROGRAM ? false : "LOTMARK_PROGRAM is not set";
if (skip) console.error(`SKIPPED: ${skip}`);

const folder = mkdtempSync(join(tmpdir(), "lotmark-differential-"));
after(() => rmSync(folder, { recursive: true }));

/** Writes `files` and runs the program with `words`, in which `@name` stands for a file; its exit and its JSON. */
export function ask(words, files) {
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
  const named = words.map((word) => (word.startsWith("@") ? join(folder, word.slice(1)) : word));
  const { stdout, stderr, status } = spawnSync(PROGRAM, [...named, "--json"], { encoding: "utf8" });
  assert.ok([0, 1, 3].includes(status), `${status} ${stderr}`);
  return { status, result: JSON.parse(stdout) };
}
