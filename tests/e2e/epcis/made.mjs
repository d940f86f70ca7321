// Events to ask for: drawn from a seed, of all five types, with the fields that the standard's queries name. Each has a
// number of its own in farm:n.

import { spelling } from "./identifiers.mjs";

const PREFIX = "6901234";
const ITEMS = ["056789", "156780", "056123", "000042"];
const FORMS = ["urn", "link", "own"];

export const STEPS = [
  "commissioning",
  "packing",
  "shipping",
  "receiving",
  "storing",
  "inspecting",
  "https://farm.example/steps/drying",
];
export const DISPOSITIONS = ["active", "in_progress", "in_transit", "damaged", "recalled"];
export const LASTING = ["completeness_verified", "completeness_inferred", "mismatch_instance", "needs_replacement"];
export const ACTIONS = ["ADD", "OBSERVE", "DELETE"];
export const SHELVES = ["A1", "A2", "B7", "007", "7"];
export const DEVICES = ["urn:epc:id:giai:6901234.7001", "https://farm.example/devices/9", "urn:epc:id:giai:6901234.7002"];
export const TRANSACTIONS = ["po", "inv", "desadv"];
export const PARTIES = ["owning_party", "possessing_party", "location"];
export const REASONS = ["did_not_occur", "incorrect_data", "https://farm.example/reasons/typing"];
export const MEASURED = {
  Temperature: ["CEL", "KEL", "FAH"],
  Mass: ["KGM", "GRM", "LBR"],
  Pressure: ["PAL", "KPA", "BAR"],
  RelativeHumidity: ["P1"],
};
export const YEAR = Date.UTC(2026, 0, 1);
const DAY = 86400000;

export const instance = (r) => ({ kind: "sgtin", parts: [PREFIX, r.of(ITEMS), String(r.number(1, 60))] });
export const ofClass = (r) =>
  r.chance(70)
    ? { kind: "lgtin", parts: [PREFIX, r.of(ITEMS), `L${r.number(1, 9)}`] }
    : { kind: "gtin", parts: [PREFIX, r.of(ITEMS)] };
export const pallet = (r) => ({ kind: "sscc", parts: [PREFIX, `${r.number(0, 1)}0000000${r.number(10, 29)}`] });
export const place = (r) => ({ kind: "sgln", parts: [PREFIX, `0000${r.number(1, 4)}`, r.of(["0", "dock-1", "cold"])] });
export const written = (r, identifier) => spelling(identifier, r.of(FORMS));
/** A pattern, an instance, or a URI that is no identifier of GS1's. */
export const patternOrInstance = (r) =>
  r.chance(15) ? `urn:epc:idpat:sgtin:${PREFIX}.${r.chance(60) ? r.of(ITEMS) : "*"}.*` : written(r, instance(r));
export const party = (r) => `https://farm.example/parties/${r.number(1, 5)}`;
export const order = (r) => `https://farm.example/orders/${r.number(1, 25)}`;

/** A time of 2026's first half in one of its spellings: an offset, Z, with and without fractions of a second. */
export function timeText(r, ms) {
  const hours = r.of([0, 0, 8, -5]);
  const shifted = new Date(ms + hours * 3600000).toISOString().slice(0, -1);
  const offset = hours === 0 ? "Z" : hours === 8 ? "+08:00" : "-05:00";
  return (ms % 1000 === 0 && r.chance(50) ? shifted.slice(0, -4) : shifted) + offset;
}
const timeMs = (r) => YEAR + r.number(0, 180) * DAY + r.number(0, 86399) * 1000 + (r.chance(30) ? r.number(0, 999) : 0);
export const amount = (r) => r.number(-400, 4000) / r.of([1, 10, 100]);

/** One to `most`, none twice: the standard's lists are sets. */
function several(r, most, make) {
  const made = Array.from({ length: r.number(1, most) }, () => make(r));
  return [...new Map(made.map((x) => [JSON.stringify(x), x])).values()];
}

function quantity(r) {
  const out = { epcClass: written(r, ofClass(r)), quantity: r.number(1, 4000) / r.of([1, 10]) };
  if (r.chance(60)) out.uom = r.of(["KGM", "GRM", "LTR", "MLT"]);
  else out.quantity = Math.ceil(out.quantity);
  return out;
}

function report(r) {
  const type = r.of(Object.keys(MEASURED));
  const out = { type, uom: r.of(MEASURED[type]) };
  if (r.chance(70)) out.value = amount(r);
  for (const field of ["minValue", "maxValue", "meanValue", "sDev"]) if (r.chance(25)) out[field] = amount(r);
  if (r.chance(20)) (out.percValue = amount(r)), (out.percRank = r.number(1, 99));
  if (r.chance(30)) out.deviceID = r.of(DEVICES);
  if (r.chance(15)) out.dataProcessingMethod = "https://farm.example/methods/mean";
  if (r.chance(10)) out.booleanValue = r.chance(50);
  if (r.chance(10)) out.stringValue = r.of(["calm", "windy", "wind|rain"].slice(0, 2));
  if (r.chance(10)) out.hexBinaryValue = r.of(["0AFF", "0aff", "00"]);
  if (r.chance(10)) out.uriValue = r.of(["https://farm.example/sky/clear", "https://farm.example/sky/grey"]);
  if (r.chance(10)) out.time = timeText(r, timeMs(r));
  if (r.chance(10)) out.microorganism = "https://www.ncbi.nlm.nih.gov/taxonomy/1126011";
  if (r.chance(10)) out.chemicalSubstance = "https://identifiers.org/inchikey:CZMRCDWAGMRECN-UHFFFAOYSA-N";
  return out;
}

function sensorElement(r) {
  const out = { sensorReport: several(r, 3, report) };
  if (r.chance(60)) {
    const start = timeMs(r);
    out.sensorMetadata = { startTime: timeText(r, start), endTime: timeText(r, start + r.number(1, 40) * 3600000) };
    if (r.chance(40)) out.sensorMetadata.deviceID = r.of(DEVICES);
    if (r.chance(30)) out.sensorMetadata.bizRules = "https://farm.example/rules/cold";
    if (r.chance(20)) out.sensorMetadata.deviceMetadata = "https://farm.example/devices/9/sheet";
    if (r.chance(20)) out.sensorMetadata.rawData = "https://farm.example/raw/1";
  }
  return out;
}

const shape = {
  ObjectEvent(r, event) {
    event.action = r.of(ACTIONS);
    if (r.chance(70)) event.epcList = several(r, 4, (s) => written(s, instance(s)));
    if (!event.epcList || r.chance(30)) event.quantityList = several(r, 3, quantity);
    if (event.action !== "ADD" || !r.chance(60)) return;
    event.ilmd = { "farm:breed": r.of(["black", "white"]), "farm:born": timeText(r, timeMs(r)) };
    if (r.chance(50)) event.ilmd["farm:feed"] = { "farm:kind": r.of(["hay", "grain"]), "farm:share": r.number(1, 100) };
  },
  AggregationEvent(r, event) {
    event.action = r.of(ACTIONS);
    event.parentID = written(r, pallet(r));
    event.childEPCs = several(r, 4, (s) => written(s, instance(s)));
    if (r.chance(30)) event.childQuantityList = several(r, 2, quantity);
  },
  AssociationEvent(r, event) {
    event.action = r.of(ACTIONS);
    event.parentID = written(r, pallet(r));
    event.childEPCs = several(r, 2, (s) => written(s, instance(s)));
  },
  TransactionEvent(r, event) {
    event.action = r.of(ACTIONS);
    if (r.chance(40)) event.parentID = written(r, pallet(r));
    event.epcList = several(r, 3, (s) => written(s, instance(s)));
    event.bizTransactionList = several(r, 2, (s) => ({ type: s.of(TRANSACTIONS), bizTransaction: order(s) }));
  },
  TransformationEvent(r, event) {
    event.inputEPCList = several(r, 3, (s) => written(s, instance(s)));
    event.outputQuantityList = several(r, 2, quantity);
    if (r.chance(40)) event.inputQuantityList = several(r, 2, quantity);
    if (r.chance(40)) event.outputEPCList = several(r, 2, (s) => written(s, instance(s)));
    if (r.chance(40)) event.transformationID = `https://farm.example/runs/${r.number(1, 30)}`;
  },
};

function add(r, event) {
  if (r.chance(80)) event.bizStep = r.of(STEPS);
  if (r.chance(60)) event.disposition = r.of(DISPOSITIONS);
  if (r.chance(60)) event.readPoint = { id: written(r, place(r)) };
  if (r.chance(50)) event.bizLocation = { id: written(r, place(r)) };
  if (/^(Object|Transformation)Event$/.test(event.type) && r.chance(30))
    event.persistentDisposition = { set: r.some(LASTING, 1, 2), unset: r.some(LASTING, 1, 2) };
  if (!event.bizTransactionList && r.chance(20))
    event.bizTransactionList = several(r, 2, (s) => ({
      ...(s.chance(85) && { type: s.of(TRANSACTIONS) }),
      bizTransaction: order(s),
    }));
  if (r.chance(15)) event.sourceList = several(r, 2, (s) => ({ type: s.of(PARTIES), source: party(s) }));
  if (r.chance(15)) event.destinationList = several(r, 2, (s) => ({ type: s.of(PARTIES), destination: party(s) }));
  if (r.chance(35)) event.sensorElementList = several(r, 2, sensorElement);
  if (r.chance(50)) event["farm:shelf"] = r.of(SHELVES);
  if (r.chance(40)) event["farm:weight"] = amount(r);
  if (r.chance(30))
    event["farm:box"] = { "farm:colour": r.of(["red", "blue"]), "farm:inside": { "farm:depth": r.number(1, 20) } };
}

/** Of ten, one declares an error of the one before. */
export function makeEvents(r, count) {
  const events = [];
  while (events.length < count) {
    const type = r.of(Object.keys(shape));
    const ms = timeMs(r);
    const event = { type, eventTime: timeText(r, ms), eventTimeZoneOffset: r.of(["+08:00", "+00:00", "-05:00"]) };
    if (r.chance(70)) event.eventID = `urn:uuid:5a1f0000-0000-4000-8000-${String(events.length).padStart(12, "0")}`;
    event["farm:n"] = events.length;
    shape[type](r, event);
    add(r, event);
    events.push(event);
    if (!event.eventID || events.length === count || !r.chance(10)) continue;
    const errorDeclaration = { declarationTime: timeText(r, ms + r.number(1, 500) * 3600000) };
    if (r.chance(80)) errorDeclaration.reason = r.of(REASONS);
    if (r.chance(50))
      errorDeclaration.correctiveEventIDs = [`urn:uuid:5a1f0000-0000-4000-8000-${String(r.number(1, count)).padStart(12, "0")}`];
    events.push({ ...event, errorDeclaration });
  }
  return events;
}
