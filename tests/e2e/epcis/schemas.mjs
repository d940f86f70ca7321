// GS1's OpenAPI file as a judge of answers. Its defects, as of gs1/EPCIS of 2023-05-16, and how each is read here:
// - CaptureJob is a oneOf whose alternatives overlap, so that it refuses its own example: read as anyOf;
// - the problem schema's enum of a 404 has NoSuchNameException, its example NoSuchResourceException: either is taken;
// - the answer of status 409 has a schema that says 406: not compared;
// - patterns of the schedules are not ECMAScript's: those schemas are not compiled;
// - there is no schema for an array of jobs' members beyond CaptureJob, nor one for headers' relations: checked by hand.

import { noFiles, readFile, require } from "./server.mjs";

const NAME = "openapi.json";
let ajv = null;

function readAsAnyOf(job) {
  for (const part of [job, ...(job.allOf ?? [])]) {
    if (!part.oneOf) continue;
    part.anyOf = part.oneOf;
    delete part.oneOf;
  }
}

function compiler() {
  if (ajv) return ajv;
  const Ajv = require("ajv").default;
  ajv = new Ajv({ strict: false, allErrors: false, validateFormats: true });
  require("ajv-formats").default(ajv);
  const file = readFile(NAME);
  readAsAnyOf(file.components.schemas.CaptureJob);
  ajv.addSchema({ $id: NAME, components: file.components });
  return ajv;
}

const compiled = new Map();

/** What GS1's schema `name` has against `value`: a text, or null. Without the file there is nothing against anything. */
export function against(name, value) {
  if (noFiles) return null;
  if (!compiled.has(name)) compiled.set(name, compiler().compile({ $ref: `${NAME}#/components/schemas/${name}` }));
  const judge = compiled.get(name);
  return judge(value) ? null : `${name}: ${compiler().errorsText(judge.errors)}`;
}
