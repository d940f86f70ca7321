// EPCIS 2.0's simple event query (section 8.2.7.1), judged event by event over JSON: written from the standard's words
// for these tests, apart from the product's own code. Parameters must all hold, of the values of one any may.

import { order } from "./amounts.mjs";
import { identityOf, isAskedFor } from "./identifiers.mjs";

const NAMESPACES = { farm: "https://farm.example/ns/" };

const list = (value) => (value === undefined ? [] : Array.isArray(value) ? value : [value]);
const ms = (text) => Date.parse(text);
const texts = (values) => list(values).map(String);

/** Every EPC of these lists; parentID is a list of one. */
const epcs = (event, ...fields) => fields.flatMap((field) => list(event[field]));
const classes = (event, ...fields) => fields.flatMap((field) => list(event[field]).map((q) => q.epcClass));
const QUANTITIES = ["quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList"];

const sensors = (event) => list(event.sensorElementList);
const reports = (event) => sensors(event).flatMap((element) => list(element.sensorReport));
const metadata = (event) => sensors(event).flatMap((element) => list(element.sensorMetadata));
/** An attribute of any sensorMetadata or sensorReport. */
const attribute = (event, name) => [...metadata(event), ...reports(event)].flatMap((x) => list(x[name]));

const isIn = (values, asked) => values.some((value) => asked.includes(value));
const isMatch = (uris, asked) => uris.some((uri) => asked.some((value) => isAskedFor(uri, value)));
const isPlace = (held, asked) => held !== undefined && asked.map(identityOf).includes(identityOf(held.id));

const TESTS = { EQ: (o) => o === 0, GT: (o) => o > 0, GE: (o) => o >= 0, LT: (o) => o < 0, LE: (o) => o <= 0 };
const holds = (comparison, ordering) => ordering !== null && TESTS[comparison](ordering);

// Names that ask for equality with one of the values.
const EQUAL = {
  eventType: (event) => [event.type],
  EQ_action: (event) => list(event.action),
  EQ_bizStep: (event) => list(event.bizStep),
  EQ_disposition: (event) => list(event.disposition),
  EQ_persistentDisposition_set: (event) => list(event.persistentDisposition?.set),
  EQ_persistentDisposition_unset: (event) => list(event.persistentDisposition?.unset),
  EQ_transformationID: (event) => list(event.transformationID),
  EQ_eventID: (event) => list(event.eventID),
  EQ_errorReason: (event) => list(event.errorDeclaration?.reason),
  EQ_correctiveEventID: (event) => list(event.errorDeclaration?.correctiveEventIDs),
  EQ_type: (event) => reports(event).flatMap((r) => list(r.type)),
  EQ_dataProcessingMethod: (event) => attribute(event, "dataProcessingMethod"),
  EQ_microorganism: (event) => attribute(event, "microorganism"),
  EQ_chemicalSubstance: (event) => attribute(event, "chemicalSubstance"),
  EQ_bizRules: (event) => attribute(event, "bizRules"),
  EQ_stringValue: (event) => attribute(event, "stringValue"),
  EQ_uriValue: (event) => attribute(event, "uriValue"),
  EQ_booleanValue: (event) => texts(attribute(event, "booleanValue")),
};

const MATCH = {
  MATCH_epc: (event) => epcs(event, "epcList", "childEPCs"),
  MATCH_parentID: (event) => epcs(event, "parentID"),
  MATCH_inputEPC: (event) => epcs(event, "inputEPCList"),
  MATCH_outputEPC: (event) => epcs(event, "outputEPCList"),
  MATCH_anyEPC: (event) => epcs(event, "epcList", "childEPCs", "parentID", "inputEPCList", "outputEPCList"),
  MATCH_epcClass: (event) => classes(event, "quantityList", "childQuantityList"),
  MATCH_inputEPCClass: (event) => classes(event, "inputQuantityList"),
  MATCH_outputEPCClass: (event) => classes(event, "outputQuantityList"),
  MATCH_anyEPCClass: (event) => classes(event, ...QUANTITIES),
};

const TIMES = {
  eventTime: (event) => [event.eventTime],
  recordTime: (event) => [event.recordTime],
  errorDeclarationTime: (event) => list(event.errorDeclaration?.declarationTime),
  startTime: (event) => metadata(event).flatMap((m) => list(m.startTime)),
  endTime: (event) => metadata(event).flatMap((m) => list(m.endTime)),
};

const PARTNERS = {
  bizTransaction: ["bizTransactionList", "bizTransaction"],
  source: ["sourceList", "source"],
  destination: ["destinationList", "destination"],
};

const AMOUNTS = ["value", "minValue", "maxValue", "meanValue", "sDev", "percValue"];

const isExtension = (name) => name.includes(":") && !name.startsWith("@");
const isObject = (value) => value !== null && typeof value === "object";

/** Values of extension fields at the top of `holder`, or, `inner`, at any depth inside them: [[name, value]]. */
function fields(holder, inner) {
  const found = [];
  const within = (value) => {
    for (const x of list(value)) {
      if (!isObject(x)) continue;
      for (const [name, value] of Object.entries(x)) {
        found.push([name, value]);
        within(value);
      }
    }
  };
  for (const [name, value] of Object.entries(holder ?? {})) {
    if (!isExtension(name)) continue;
    if (inner) within(value);
    else found.push([name, value]);
  }
  return found;
}

/** As an event writes it, or namespace and local name joined by '#' (section 8.2.7.1). */
function isNamed(name, asked) {
  if (name === asked) return true;
  const [prefix, local] = name.split(":");
  return asked === `${NAMESPACES[prefix]}#${local}` || asked === NAMESPACES[prefix] + local;
}

/** Less, equal or greater as an event's value is to a query's text; null where they cannot be compared. */
function orderOfField(held, asked) {
  if (typeof held === "number")
    return Number.isFinite(Number(asked)) && asked.trim() !== "" ? Math.sign(held - Number(asked)) : null;
  const [a, b] = [ms(held), ms(asked)];
  return /^\d{4}-/.test(held) && !Number.isNaN(a) && !Number.isNaN(b) ? Math.sign(a - b) : null;
}

function isField(event, comparison, inner, isIlmd, name, asked) {
  const held = fields(isIlmd ? event.ilmd : event, inner).filter(([field]) => isNamed(field, name));
  return held.some(([, values]) =>
    list(values).some((value) => {
      if (isObject(value)) return false;
      return asked.some(
        (text) => (comparison === "EQ" && String(value) === text) || holds(comparison, orderOfField(value, text)),
      );
    }),
  );
}

/** Whether `event`, as the server gives it, is one that [name, value or list of values] asks for. */
function isMet(event, name, value) {
  const asked = texts(value);
  if (name in EQUAL) return isIn(EQUAL[name](event), asked);
  if (name in MATCH) return isMatch(MATCH[name](event), asked);
  if (name === "EQ_hexBinaryValue")
    return isIn(
      attribute(event, "hexBinaryValue").map((x) => x.toUpperCase()),
      asked.map((x) => x.toUpperCase()),
    );
  if (name === "EQ_deviceID") return isIn(attribute(event, "deviceID").map(identityOf), asked.map(identityOf));
  if (/^(EQ|WD)_readPoint$/.test(name)) return isPlace(event.readPoint, asked);
  if (/^(EQ|WD)_bizLocation$/.test(name)) return isPlace(event.bizLocation, asked);
  if (name === "EXISTS_errorDeclaration") return asked[0] === "false" || event.errorDeclaration !== undefined;
  let found = /^(GE|LT)_(\w+)$/.exec(name);
  if (found && found[2] in TIMES) return TIMES[found[2]](event).some((held) => holds(found[1], ms(held) - ms(asked[0])));
  found = /^EQ_(bizTransaction|source|destination)_(.+)$/.exec(name);
  if (found) {
    const [field, key] = PARTNERS[found[1]];
    return list(event[field]).some((x) => x.type === found[2] && asked.includes(x[key]));
  }
  found = /^(EQ|GT|GE|LT|LE)_quantity(?:_(.+))?$/.exec(name);
  if (found) {
    const elements = QUANTITIES.flatMap((field) => list(event[field])).filter((q) => q.quantity !== undefined);
    return elements.some((q) => holds(found[1], order(q.quantity, q.uom, asked[0], found[2] ?? q.uom)));
  }
  found = /^(EQ|GT|GE|LT|LE)_percRank$/.exec(name);
  if (found) return reports(event).some((r) => r.percRank !== undefined && holds(found[1], r.percRank - Number(asked[0])));
  found = /^(EQ|GT|GE|LT|LE)_(\w+?)_(\w+)$/.exec(name);
  if (found && AMOUNTS.includes(found[2])) {
    const [, comparison, field, unit] = found;
    return reports(event).some(
      (r) => r[field] !== undefined && holds(comparison, order(r[field], r.uom, asked[0], unit, field === "sDev")),
    );
  }
  found = /^(EQ|GT|GE|LT|LE)_(INNER_)?(ILMD_)?(.+)$/.exec(name);
  if (found) return isField(event, found[1], Boolean(found[2]), Boolean(found[3]), found[4], asked);
  found = /^EXISTS_(INNER_)?(ILMD_)?(.+)$/.exec(name);
  if (found) return fields(found[2] ? event.ilmd : event, Boolean(found[1])).some(([field]) => isNamed(field, found[3]));
  throw new Error(`no such parameter: ${name}`);
}

const HOW = ["orderBy", "orderDirection", "eventCountLimit", "maxEventCount", "perPage"];

/** The events that a query asks for, in no order. */
export const judged = (events, parameters) =>
  events.filter((event) => parameters.every(([name, value]) => HOW.includes(name) || isMet(event, name, value)));

/** What an order goes by. */
export const keyOf = (event, orderBy) => ms(event[orderBy]);
