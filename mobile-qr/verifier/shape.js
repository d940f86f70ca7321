// The pieces that shape tables are built from, and the two phases in which they are checked
// (docs/format/cbor.md, "How a payload is checked").
//
// A type has two functions:
//   shape(item, owner)        phase 1: keys and kinds of items; returns the item as the table names it
//   values(view, context, owner)  phase 2: value rules, in the order of the page; may be asynchronous
// `owner` is the map or tuple that holds the item, as far as it was read: body depends on kind.
// `context` is what the reader knows beside the bytes: the signer's kid, the root key.

import { compareBytes, toUtf8 } from "./bytes.js";
import { demand } from "./errors.js";

/** Both phases; returns maps and tuples as objects with the names of their table. */
export async function check(type, item, context = {}) {
  const view = type.shape(item);
  await type.values(view, context);
  return view;
}

const nothing = () => {};

function primitive(isKind, values = nothing) {
  return {
    shape(item) {
      demand(isKind(item), "field-type");
      return item;
    },
    values,
  };
}

const isInteger = (item) => typeof item === "number";
const isText = (item) => typeof item === "string";
const isBytes = (item) => item instanceof Uint8Array;

export const anything = { shape: (item) => item, values: nothing };
export const bool = primitive((item) => typeof item === "boolean");
export const i = primitive(isInteger);
export const u = primitive(isInteger, (value) => demand(value >= 0, "field-range"));
export const text = primitive(isText);
export const bytes = primitive(isBytes);
/** Tagged bytes of a nested signed object: opened in its own turn. */
export const object = bytes;

/** A type with one more value rule behind its own. */
export function ruled(type, rule) {
  return {
    shape: type.shape,
    async values(view, context, owner) {
      await type.values(view, context, owner);
      await rule(view, context, owner);
    },
  };
}

/** An integer, text or bstr whose every bad value has one error. */
export const integerWhere = (isGood, error) => primitive(isInteger, (value) => demand(isGood(value), error));
export const textWhere = (isGood, error) => primitive(isText, (value) => demand(isGood(value), error));

export const uIn = (min, max = Number.MAX_SAFE_INTEGER, error = "field-range") =>
  ruled(u, (value) => demand(value >= min && value <= max, error));

/** Text of min to max bytes. */
export const textIn = (min, max) =>
  primitive(isText, (value) => {
    const length = toUtf8(value).length;
    demand(length >= min && length <= max, "field-range");
  });

export const bytesOf = (length) =>
  primitive(isBytes, (value) => demand(value.length === length, "field-range"));

export const bytesUpTo = (max, error) =>
  primitive(isBytes, (value) => demand(value.length <= max, error));

export const enumeration = (...numbers) =>
  primitive(isInteger, (value) => demand(numbers.includes(value), "enum-unknown"));

export const nullable = (type) => ({
  shape: (item, owner) => (item === null ? null : type.shape(item, owner)),
  values: (view, context, owner) => (view === null ? undefined : type.values(view, context, owner)),
});

/** A type that another place of the same map or tuple decides. */
export const depends = (choose) => ({
  shape: (item, owner) => choose(owner).shape(item, owner),
  values: (view, context, owner) => choose(owner).values(view, context, owner),
});

/**
 * A list: its count rule, each element, then its order rule over neighbours.
 * options: min, max, error (count); order (a compare function: ascending, none twice); rule (whole list).
 */
export function list(type, { min = 0, max = Infinity, error = "field-range", order, rule } = {}) {
  return {
    shape(item) {
      demand(Array.isArray(item), "field-type");
      return item.map((element) => type.shape(element));
    },
    async values(views, context) {
      demand(views.length >= min && views.length <= max, error);
      for (const view of views) await type.values(view, context);
      if (order) checkAscending(views, order);
      if (rule) rule(views);
    },
  };
}

export function checkAscending(views, order) {
  for (let at = 1; at < views.length; at++) {
    const difference = order(views[at - 1], views[at]);
    demand(difference !== 0, "list-duplicate");
    demand(difference < 0, "list-order");
  }
}

/** List rule: no element twice, wherever it stands. */
export function checkDistinct(views, name) {
  const names = views.map(name);
  demand(new Set(names).size === names.length, "list-duplicate");
}

export const byNumber = (a, b) => a - b;
export const byBytes = compareBytes;

/** An array of exactly these places: fields = [[name, type], ...]; joins are rules over the places. */
export function tuple(fields, ...joins) {
  return record(fields, joins, (item) => {
    demand(Array.isArray(item) && item.length === fields.length, "field-type");
    return (place) => item[place];
  });
}

/** A map of exactly the keys 0, 1, ...: unknown keys first, then key by key. */
export function map(fields, ...joins) {
  return record(fields, joins, (item) => {
    demand(item instanceof Map, "field-type");
    for (const key of item.keys()) demand(key >= 0 && key < fields.length, "key-unknown");
    return (place) => {
      demand(item.has(place), "key-missing");
      return item.get(place);
    };
  });
}

function record(fields, joins, open) {
  return {
    shape(item) {
      const at = open(item);
      const view = {};
      fields.forEach(([name, type], place) => {
        view[name] = type.shape(at(place), view);
      });
      return view;
    },
    async values(view, context) {
      for (const [name, type] of fields) await type.values(view[name], context, view);
      for (const join of joins) await join(view, context);
    },
  };
}
