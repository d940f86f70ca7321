// Queries drawn from a seed: one to four parameters of every family, whose values are mostly ones that made events have.

import { unitsLike } from "./amounts.mjs";
import { judged } from "./judge.mjs";
import * as made from "./made.mjs";

const DAY = 86400000;
const COMPARISONS = ["EQ", "GT", "GE", "LT", "LE"];
const AMOUNTS = ["value", "minValue", "maxValue", "meanValue", "sDev", "percValue"];
const UNITS = ["CEL", "KEL", "FAH", "KGM", "GRM", "LBR", "PAL", "KPA", "BAR", "P1"];

const one = (name, value) => [[name, value]];
const list = (value) => (value === undefined ? [] : Array.isArray(value) ? value : [value]);

/** What one of `events` has, if it has any; else nothing. */
function had(r, events, of) {
  const values = of(r.of(events));
  return values.length > 0 && r.chance(80) ? [r.of(values)] : [];
}
/** One to `most` values: what an event has, and others. */
const values =
  (name, make, of, most = 2) =>
  (r, events) => {
    const out = had(r, events, of);
    for (let left = r.number(out.length > 0 ? 0 : 1, most); left > 0; left--) out.push(make(r));
    return one(name, [...new Set(out)]);
  };
const words = (name, from, of = () => [], most = 2) => values(name, (r) => r.of(from), of, most);
const field =
  (...names) =>
  (event) =>
    names.flatMap((name) => list(event[name]));
const classOf =
  (...names) =>
  (event) =>
    names.flatMap((name) => list(event[name]).map((x) => x.epcClass));
const idOf = (name) => (event) => list(event[name]?.id);
const partner = (name, key) => (type) => (event) =>
  list(event[name])
    .filter((x) => x.type === type)
    .map((x) => x[key]);

/** A span around what an event has, or anywhere; or one end of it. */
function span(name, of = () => []) {
  return (r, events) => {
    const [held] = had(r, events, of);
    const from = (held ? Math.floor(Date.parse(held) / DAY) * DAY : made.YEAR + r.number(0, 160) * DAY) - r.number(0, 3) * DAY;
    const out = r.chance(80) ? one(`GE_${name}`, r.chance(10) && held ? held : made.timeText(r, from)) : [];
    if (out.length === 0 || r.chance(70)) out.push([`LT_${name}`, made.timeText(r, from + r.number(4, 40) * DAY)]);
    return out;
  };
}

const reportsOf = (event) => list(event.sensorElementList).flatMap((x) => x.sensorReport);
const metadataOf = (event) => list(event.sensorElementList).flatMap((x) => list(x.sensorMetadata));

/** Near what an event has, in its unit or another of its dimension; or anything. */
function sensorAmount(r, events) {
  const name = r.of(AMOUNTS);
  const reports = reportsOf(r.of(events)).filter((x) => x[name] !== undefined);
  const comparison = r.of(COMPARISONS);
  if (reports.length === 0) return one(`${comparison}_${name}_${r.of(UNITS)}`, made.amount(r));
  const held = r.of(reports);
  if (comparison === "EQ" || r.chance(30)) return one(`${comparison}_${name}_${held.uom}`, held[name]);
  if (held.uom === "CEL" && name !== "sDev" && r.chance(70)) return one(`${comparison}_${name}_KEL`, kelvin(held[name]));
  return one(`${comparison}_${name}_${r.of(unitsLike(held.uom))}`, made.amount(r));
}

const QUANTITIES = ["quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList"];
function quantity(r, events) {
  const held = QUANTITIES.flatMap((name) => list(r.of(events)[name]));
  const near = held.length > 0 ? r.of(held) : { quantity: r.number(1, 400) };
  if (r.chance(40)) return one(`${r.of(COMPARISONS)}_quantity`, near.quantity);
  if (near.uom && r.chance(60)) return one(`${r.of(COMPARISONS)}_quantity_${near.uom}`, near.quantity);
  return one(
    `${r.of(COMPARISONS)}_quantity_${r.of(["KGM", "GRM", "TNE", "LTR", "MLT", "MTQ"])}`,
    r.number(1, 4000) / r.of([1, 10, 1000]),
  );
}

/** The very same temperature, so that the ends of GE and LE are met: hundredths, without a double's rounding. */
export const kelvin = (celsius) => (Math.round(celsius * 100) + 27315) / 100;

const places = (name) => values(name, (r) => made.written(r, made.place(r)), idOf(name.slice(3)));
const instances = (name, ...lists) => values(name, made.patternOrInstance, field(...lists));
const classes = (name, ...lists) => values(name, (r) => made.written(r, made.ofClass(r)), classOf(...lists));
const pallets = (name) => values(name, (r) => made.written(r, made.pallet(r)), field("parentID"));
const partners = (name, types, of, make) => (r, events) => {
  const type = r.of(types);
  return values(`EQ_${name}_${type}`, make, of(type))(r, events);
};
const declaration = (name) => (event) => list(event.errorDeclaration?.[name]);

const FAMILIES = [
  words(
    "eventType",
    ["ObjectEvent", "AggregationEvent", "AssociationEvent", "TransactionEvent", "TransformationEvent"],
    field("type"),
  ),
  words("EQ_action", made.ACTIONS, field("action"), 1),
  words("EQ_bizStep", made.STEPS, field("bizStep")),
  words("EQ_disposition", made.DISPOSITIONS, field("disposition")),
  words("EQ_persistentDisposition_set", made.LASTING, (event) => list(event.persistentDisposition?.set)),
  words("EQ_persistentDisposition_unset", made.LASTING, (event) => list(event.persistentDisposition?.unset)),
  span("eventTime", field("eventTime")),
  span("eventTime", field("eventTime")),
  span("errorDeclarationTime", declaration("declarationTime")),
  span("startTime", (event) => metadataOf(event).flatMap((x) => list(x.startTime))),
  span("endTime", (event) => metadataOf(event).flatMap((x) => list(x.endTime))),
  (r, events) => one(r.of(["GE_recordTime", "LT_recordTime"]), r.of(events).recordTime),
  places("EQ_readPoint"),
  places("WD_readPoint"),
  places("EQ_bizLocation"),
  places("WD_bizLocation"),
  instances("MATCH_epc", "epcList", "childEPCs"),
  instances("MATCH_epc", "epcList", "childEPCs"),
  instances("MATCH_anyEPC", "epcList", "childEPCs", "inputEPCList", "outputEPCList"),
  instances("MATCH_inputEPC", "inputEPCList"),
  instances("MATCH_outputEPC", "outputEPCList"),
  pallets("MATCH_parentID"),
  pallets("MATCH_anyEPC"),
  classes("MATCH_epcClass", "quantityList", "childQuantityList"),
  classes("MATCH_inputEPCClass", "inputQuantityList"),
  classes("MATCH_outputEPCClass", "outputQuantityList"),
  classes("MATCH_anyEPCClass", ...QUANTITIES),
  quantity,
  quantity,
  partners("bizTransaction", made.TRANSACTIONS, partner("bizTransactionList", "bizTransaction"), made.order),
  partners("source", made.PARTIES, partner("sourceList", "source"), made.party),
  partners("destination", made.PARTIES, partner("destinationList", "destination"), made.party),
  values("EQ_transformationID", (r) => `https://farm.example/runs/${r.number(1, 30)}`, field("transformationID")),
  (r, events) => one("EQ_eventID", [...new Set([r.of(events).eventID, r.of(events).eventID])]),
  () => one("EXISTS_errorDeclaration", "true"),
  words("EQ_errorReason", made.REASONS, declaration("reason")),
  values("EQ_correctiveEventID", () => "urn:uuid:5a1f0000-0000-4000-8000-000000000001", declaration("correctiveEventIDs")),
  words("EQ_type", Object.keys(made.MEASURED), (event) => reportsOf(event).map((x) => x.type)),
  words("EQ_deviceID", [...made.DEVICES, "https://id.gs1.org/8004/69012347001"], (event) =>
    reportsOf(event).flatMap((x) => list(x.deviceID)),
  ),
  () => one("EQ_dataProcessingMethod", ["https://farm.example/methods/mean"]),
  () => one("EQ_bizRules", ["https://farm.example/rules/cold"]),
  () => one("EQ_microorganism", ["https://www.ncbi.nlm.nih.gov/taxonomy/1126011"]),
  () => one("EQ_chemicalSubstance", ["https://identifiers.org/inchikey:CZMRCDWAGMRECN-UHFFFAOYSA-N"]),
  words("EQ_stringValue", ["calm", "windy"]),
  words("EQ_hexBinaryValue", ["0aff", "00"]),
  words("EQ_uriValue", ["https://farm.example/sky/clear", "https://farm.example/sky/grey"]),
  (r) => one("EQ_booleanValue", r.of(["true", "false"])),
  (r) => one(`${r.of(COMPARISONS)}_percRank`, r.number(1, 99)),
  sensorAmount,
  sensorAmount,
  sensorAmount,
  words("EQ_farm:shelf", made.SHELVES, field("farm:shelf")),
  (r) => one(`EQ_${r.of(["https://farm.example/ns/#shelf", "https://farm.example/ns/shelf"])}`, r.of(made.SHELVES)),
  (r, events) => one(`${r.of(["GT", "GE", "LT", "LE"])}_farm:weight`, r.of(events)["farm:weight"] ?? made.amount(r)),
  (r) => one(`${r.of(COMPARISONS)}_INNER_farm:depth`, r.number(1, 20)),
  words("EQ_INNER_farm:colour", ["red", "blue"]),
  words("EQ_ILMD_farm:breed", ["black", "white"]),
  (r) => one(`${r.of(["GE", "LT"])}_ILMD_farm:born`, made.timeText(r, made.YEAR + r.number(0, 180) * DAY)),
  words("EQ_INNER_ILMD_farm:kind", ["hay", "grain"]),
  (r) => one(`${r.of(COMPARISONS)}_INNER_ILMD_farm:share`, r.number(1, 100)),
  (r) =>
    one(`EXISTS_${r.of(["farm:shelf", "farm:box", "ILMD_farm:feed", "INNER_farm:inside", "INNER_ILMD_farm:share"])}`, "true"),
];

function manner(r) {
  const out = [];
  if (r.chance(60)) {
    out.push(["orderBy", r.of(["eventTime", "recordTime"])]);
    if (r.chance(60)) out.push(["orderDirection", r.of(["ASC", "DESC"])]);
    if (r.chance(40)) out.push(["eventCountLimit", r.number(1, 60)]);
  }
  if (!out.some(([name]) => name === "eventCountLimit") && r.chance(15)) out.push(["maxEventCount", r.number(1, 300)]);
  if (r.chance(80)) out.push(["perPage", r.of([1, 7, 30, 100, 1000])]);
  return out;
}

/** Parameters of one family: mostly ones that an event of `aimedAt` meets. */
function drawFamily(r, aimedAt) {
  for (let tries = 12; ; tries--) {
    const drawn = r.of(FAMILIES)(r, aimedAt);
    if (tries === 0 || r.chance(15) || judged(aimedAt, drawn).length > 0) return drawn;
  }
}

/** `events`: as the server gives them. Answers [[name, value or list]]; each name once. */
export function drawQuery(r, events) {
  const query = new Map();
  const aimedAt = [r.of(events)]; // so that several conditions meet
  for (let left = r.of([1, 1, 1, 2, 2, 3, 4]); left > 0; left--)
    for (const [name, value] of drawFamily(r, aimedAt)) query.set(name, value);
  return [...query, ...manner(r)];
}
