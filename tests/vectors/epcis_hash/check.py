#!/usr/bin/python3
"""The canonical event hash of CBV 2.0 by a second hand, from its rules alone: an event becomes a tree of
(name, value, children), and the tree a text.
   check.py            reads every case beside it, derives pre_hash and hash again and compares
   check.py --write    puts what it derived into the cases"""
import datetime
import hashlib
import json
import pathlib
import re
import sys
import urllib.parse
from decimal import Decimal

HERE = pathlib.Path(__file__).resolve().parent
CBV = "https://ref.gs1.org/cbv/"
VOC = "https://gs1.org/voc/"
STANDARD_PREFIXES = {
    "epcis": "https://ref.gs1.org/epcis/", "cbv": CBV, "cbvmda": "urn:epcglobal:cbv:mda:", "gs1": VOC,
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#", "owl": "http://www.w3.org/2002/07/owl#",
    "xsd": "http://www.w3.org/2001/XMLSchema#", "dcterms": "http://purl.org/dc/terms/"}
COMMENT = "{http://www.w3.org/2000/01/rdf-schema#}comment"

# Canonical property order. "at end": sorted with the user extensions.
ORDER = """eventTime eventTimeZoneOffset certificationInfo parentID epcList inputEPCList childEPCs quantityList
 childQuantityList inputQuantityList outputEPCList outputQuantityList action transformationID bizStep disposition
 persistentDisposition readPoint bizLocation sensorElementList""".split()
AT_END = "bizTransactionList destinationList ilmd sourceList".split()
IGNORED = "@context type eventID recordTime errorDeclaration".split()
INNER = {
    "quantityElement": "epcClass quantity uom", "persistentDisposition": "set unset", "readPoint": "id",
    "bizLocation": "id", "bizTransactionList": "type bizTransaction", "sourceList": "type source",
    "destinationList": "type destination", "ilmd": "", "sensorElement": "sensorMetadata sensorReport",
    "sensorMetadata": "time startTime endTime deviceID deviceMetadata rawData dataProcessingMethod bizRules",
    "sensorReport": """type exception deviceID deviceMetadata rawData dataProcessingMethod bizRules time microorganism
      chemicalSubstance value component stringValue booleanValue hexBinaryValue uriValue minValue maxValue meanValue
      sDev percRank percValue uom coordinateReferenceSystem"""}
INNER = {name: fields.split() for name, fields in INNER.items()}
TIMES = {"eventTime", "time", "startTime", "endTime"}
VERBATIM = {"eventTimeZoneOffset", "hexBinaryValue"}
LISTS = {"epcList": "epc", "inputEPCList": "epc", "outputEPCList": "epc", "childEPCs": "epc",
         "quantityList": "quantityElement", "childQuantityList": "quantityElement",
         "inputQuantityList": "quantityElement", "outputQuantityList": "quantityElement",
         "sensorElementList": "sensorElement", "bizTransactionList": "", "sourceList": "", "destinationList": ""}
WORDS = {("", "bizStep"): CBV + "BizStep-", ("", "disposition"): CBV + "Disp-",
         ("persistentDisposition", "set"): CBV + "Disp-", ("persistentDisposition", "unset"): CBV + "Disp-",
         ("bizTransactionList", "type"): CBV + "BTT-", ("sourceList", "type"): CBV + "SDT-",
         ("destinationList", "type"): CBV + "SDT-", ("sensorReport", "type"): VOC,
         ("sensorReport", "exception"): VOC, ("sensorReport", "component"): CBV + "Comp-"}
URNS = {"bizstep": "BizStep", "disp": "Disp", "btt": "BTT", "sdt": "SDT", "er": "ER"}


# --- identities

def check_digit(digits):
    total = sum(int(d) * (3 if i % 2 == 0 else 1) for i, d in enumerate(reversed(digits)))
    return str(-total % 10)


def quoted(text):
    return urllib.parse.quote(text, safe="-._~")


def of_urn(uri):
    m = re.fullmatch(r"urn:epc:(id|class|idpat):([a-z]+):(\d{6,12})\.(.*)", uri)
    if not m:
        return None
    kind, scheme, company, rest = m.groups()
    head, _, tail = rest.partition(".")
    raw = urllib.parse.unquote
    if scheme in ("sgtin", "lgtin"):
        gtin = head[0] + company + head[1:]
        key = "01/" + gtin + check_digit(gtin)
        if kind == "idpat":
            return key if tail == "*" else None
        return key + ("/21/" if scheme == "sgtin" else "/10/") + quoted(raw(tail))
    if scheme == "sscc":
        sscc = head[0] + company + head[1:]
        return "00/" + sscc + check_digit(sscc)
    gln = company + head + (check_digit(company + head) if head.isdigit() or not head else "")
    if scheme == "sgln":
        return "414/" + gln + ("" if tail == "0" else "/254/" + quoted(raw(tail)))
    if scheme == "pgln":
        return "417/" + gln
    if scheme == "grai":
        return "8003/0" + gln + ("" if kind == "idpat" else quoted(raw(tail)))
    if scheme == "gdti":
        return "253/" + gln + ("" if kind == "idpat" else quoted(raw(tail)))
    if scheme == "giai":
        return "8004/" + quoted(company + raw(rest))
    return None


def of_link(uri):
    m = re.fullmatch(r"https?://[^/?#]+(/[^?#]*)?(\?[^#]*)?(#.*)?", uri)
    if not m or not m.group(1):
        return None
    parts = m.group(1).strip("/").split("/")
    for at, key in enumerate(parts[:-1]):
        if (len(parts) - at) % 2 or key not in ("00", "01", "253", "255", "401", "402", "414", "417", "8003",
                                                "8004", "8006", "8010", "8017", "8018"):
            continue
        value = parts[at + 1].rjust(14, "0") if key == "01" else parts[at + 1]
        fine = dict(zip(parts[at + 2::2], parts[at + 3::2]))
        for qualifier in ("21", "10", "235", "254", "8011"):
            if qualifier in fine and (qualifier, fine[qualifier]) != ("254", "0"):
                return f"{key}/{value}/{qualifier}/{quoted(urllib.parse.unquote(fine[qualifier]))}"
        return f"{key}/{value}"
    return None


def identity(text):
    found = of_urn(text) if text.startswith("urn:epc:") else of_link(text)
    return "https://id.gs1.org/" + found if found else text


# --- single values

def plain(number):
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def number_of(text):
    found = re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)(?:[eE]([+-]?\d+))?", text, re.ASCII)
    if not found or abs(int(found.group(2) or 0)) > 400:
        return None
    return plain(Decimal(text))


def time_of(text):
    day, clock, fraction, zone = re.fullmatch(
        r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)", text.strip()).groups()
    point = datetime.datetime.fromisoformat(f"{day}T{clock}" + ("+00:00" if zone == "Z" else zone))
    digits = ((fraction or "") + "0000")[:4]
    point += datetime.timedelta(milliseconds=int(digits[:3]) + (digits[3] >= "5"))
    return point.astimezone(datetime.timezone.utc).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


class Names:
    def __init__(self, *contexts):
        self.prefixes = dict(STANDARD_PREFIXES)
        for context in contexts:
            for part in context if isinstance(context, list) else [context]:
                if isinstance(part, dict):
                    self.prefixes.update(part)

    def expanded(self, text):
        prefix, colon, rest = text.partition(":")
        if colon and prefix in self.prefixes and not rest.startswith("//"):
            return self.prefixes[prefix] + rest
        return text

    def key(self, text):
        prefix, colon, rest = text.partition(":")
        if colon and prefix in self.prefixes and not rest.startswith("//"):
            return "{%s}%s" % (self.prefixes[prefix], rest)
        m = re.fullmatch(r"((?:urn:|[a-z]+://).*[#/:])([^#/:]+)", text)
        return "{%s}%s" % m.groups() if m else text

    def value(self, value, space=None):
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int):
            if not -2**63 <= value < 2**64:
                return plain(Decimal(repr(float(value))))
            return str(value)
        if isinstance(value, float):
            return plain(Decimal(repr(value)))
        text = value.strip(" \t\r\n")
        if space and text and ":" not in text:
            return space + text
        text = self.expanded(text)
        urn = re.fullmatch(r"urn:epcglobal:cbv:(bizstep|disp|btt|sdt|er):(.*)", text)
        if urn:
            return CBV + URNS[urn.group(1)] + "-" + urn.group(2)
        return number_of(text) or identity(text)


# --- the tree and its text

def text_of(node):
    name, value, children = node
    return name + ("=" + value if value else "") + "".join(sorted(children))


def standard(names, parent, field, value):
    """Texts for one field of the standard's."""
    if field in LISTS:
        item = LISTS[field]
        inner = [text for each in value for text in element(names, field, item or field, item, each)]
        return [text_of((field, "", inner))] if inner else []
    values = value if isinstance(value, list) else [value]
    return [text for each in values for text in element(names, parent, field, field, each)]


def element(names, parent, kind, shown, value):
    if isinstance(value, dict):
        text = fields(names, kind, INNER[kind], value)
        return [shown + text] if text else []
    if kind in TIMES:
        text = time_of(value)
    elif kind in VERBATIM:
        text = value.strip()
    else:
        text = names.value(value, WORDS.get((parent, kind)))
    return [shown + "=" + text] if text else []


def fields(names, kind, order, obj):
    text = "".join("".join(sorted(standard(names, kind, f, obj[f]))) for f in order if f in obj)
    extra = [t for k, v in obj.items() if k not in order for t in extension(names, k, v)]
    return text + "".join(sorted(extra))


def extension(names, key, value):
    if isinstance(value, list):
        return [text for each in value for text in extension(names, key, each)]
    key = names.key(key)
    if value is None or key == COMMENT:
        return []
    if isinstance(value, dict):
        children = [t for k, v in value.items() if k != "#text" for t in extension(names, k, v)]
        return [text_of((key, names.value(value.get("#text", "")), children))]
    return [text_of((key, names.value(value), []))]


def pre_hash(context, event):
    names = Names(context, event.get("@context", []))
    text = "eventType=" + names.value(event["type"])
    text += "".join("".join(sorted(standard(names, "", f, event[f]))) for f in ORDER if f in event)
    end = []
    for key, value in event.items():
        if key in AT_END:
            end += standard(names, "", key, value)
        elif key not in ORDER and key not in IGNORED:
            end += extension(names, key, value)
    return text + "".join(sorted(end))


def main():
    write = sys.argv[1:] == ["--write"]
    wrong = 0
    for path in sorted(HERE.glob("*.json")):
        case = json.loads(path.read_text(encoding="utf-8"))
        text = pre_hash(case["context"], case["event"])
        digest = hashlib.sha256(text.encode("utf-8")).hexdigest()
        found = {"pre_hash": text, "hash": f"ni:///sha-256;{digest}?ver=CBV2.0"}
        for other in case.get("equal", []):
            if pre_hash(other.get("context", case["context"]), other["event"]) != text:
                wrong += 1
                print(f"{path.name}: an equal event differs")
        if write:
            case.update(found)
            path.write_text(json.dumps(case, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        elif {k: case.get(k) for k in found} != found:
            wrong += 1
            print(f"{path.name}: {found}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
