// The two ways of writing a GS1 identifier, EPC URN and Digital Link, as the Tag Data Standard (section 6) and the
// Digital Link standard have them; for the six kinds that the made events use. Apart from the product's own code.

const DOMAIN = "https://id.gs1.org";

/** Check digit of a GS1 key: weights 3, 1, 3, ... from the right (GS1 General Specifications 7.9). */
export function checkDigit(digits) {
  const sum = [...digits].reverse().reduce((total, digit, place) => total + Number(digit) * (place % 2 === 0 ? 3 : 1), 0);
  return String((10 - (sum % 10)) % 10);
}

const closed = (digits) => digits + checkDigit(digits);
// The indicator of a GTIN, and the extension digit of an SSCC, stand before the prefix in the key and behind it in the URN.
const turned = (prefix, reference) => closed(reference[0] + prefix + reference.slice(1));

const link = {
  sgtin: (prefix, item, serial) => `/01/${turned(prefix, item)}/21/${encodeURIComponent(serial)}`,
  lgtin: (prefix, item, lot) => `/01/${turned(prefix, item)}/10/${encodeURIComponent(lot)}`,
  gtin: (prefix, item) => `/01/${turned(prefix, item)}`,
  sscc: (prefix, serial) => `/00/${turned(prefix, serial)}`,
  giai: (prefix, asset) => `/8004/${prefix}${encodeURIComponent(asset)}`,
  sgln: (prefix, location, extension) => `/414/${closed(prefix + location)}${extension === "0" ? "" : `/254/${extension}`}`,
};

const urn = {
  sgtin: (...parts) => `urn:epc:id:sgtin:${parts.join(".")}`,
  lgtin: (...parts) => `urn:epc:class:lgtin:${parts.join(".")}`,
  gtin: (...parts) => `urn:epc:idpat:sgtin:${parts.join(".")}.*`,
  sscc: (...parts) => `urn:epc:id:sscc:${parts.join(".")}`,
  giai: (...parts) => `urn:epc:id:giai:${parts.join(".")}`,
  sgln: (...parts) => `urn:epc:id:sgln:${parts.join(".")}`,
};

/** { kind, parts } in one of its spellings: as URN, as link of GS1's domain, as link of a company's own with a stem. */
export function spelling(identifier, form) {
  const { kind, parts } = identifier;
  if (form === "urn") return urn[kind](...parts);
  return (form === "own" ? "https://products.yunhe.example/trace" : DOMAIN) + link[kind](...parts);
}

/** The one text that all spellings of an identifier have: the link of GS1's domain; other URIs are what they are. */
export function identityOf(uri) {
  const found = /^urn:epc:(id:sgtin|class:lgtin|id:sscc|id:sgln|id:giai):(.+)$/.exec(uri);
  if (found) return DOMAIN + link[found[1].split(":")[1]](...found[2].split("."));
  const wholeClass = /^urn:epc:idpat:sgtin:(\d+)\.(\d+)\.\*$/.exec(uri);
  if (wholeClass) return DOMAIN + link.gtin(wholeClass[1], wholeClass[2]);
  const path = /^https?:\/\/[^/]+(?:\/[^/]+)*?(\/(?:01|00|414|8004)\/[^/?]+(?:\/(?:10|21|254)\/[^/?]+)?)$/.exec(uri);
  return path ? DOMAIN + path[1] : uri;
}

/** Whether a MATCH_ value asks for an EPC or class (EPCIS 2.0 section 8.2.7.1.1): the same, or a pattern covers it. */
export function isAskedFor(uri, value) {
  const everything = /^urn:epc:idpat:sgtin:(\d+)\.(\d+|\*)\.\*$/.exec(value);
  if (!everything) return identityOf(uri) === identityOf(value);
  const gtin = /\/01\/(\d)(\d{12})\d(?:\/21\/.+)?$/.exec(identityOf(uri));
  if (!gtin) return false;
  const [, prefix, item] = everything;
  if (item === "*") return gtin[2].startsWith(prefix);
  return gtin[1] === item[0] && gtin[2] === prefix + item.slice(1);
}
