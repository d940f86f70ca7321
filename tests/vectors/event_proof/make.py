#!/usr/bin/python3
"""Makes cases.json from docs/format/event_proof.md: a third hand beside the C++ and the JavaScript reader.

    make.py > cases.json

Bytes come from third_hand.py, the canonical event hash from epcis_hash/check.py, both beside this folder. What each
case must give is written down here, not computed by a reader. Of a case whose fault is in the check `hash`,
`bytes_proven` says that a reader without that hash finds nothing wrong.
"""
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "epcis_hash")]
from third_hand import *  # noqa: E402,F403
from cases_file import write  # noqa: E402
from check import pre_hash  # noqa: E402

TIME = 1767618000000
URL = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
FARM = "https://farm.example/ns/"
NAMES = {"farm": FARM}
BODY = ('{"type": "ObjectEvent", "eventID": "urn:uuid:86f25ea2-1c1d-4c49-9d1a-0d3f2a6b1c11", '
        '"eventTime": "2026-01-05T08:00:00Z", "eventTimeZoneOffset": "+08:00", "action": "OBSERVE", '
        '"epcList": ["https://id.gs1.org/01/06901234567892/21/S-7"], "bizStep": "shipping", '
        '"farm:crate": "C-12"}').encode()
PERIOD = 12
CHECKS = ["anchor", "file", "statements", "block", "release", "application", "transaction", "record", "event", "hash",
          "votes", "quorum"]
MEDIA = "application/vnd.lotmark.epcis.v1+cbor"
PERIOD_KIND, STEP, DECOY, RELEASE, CORRECTION = 5, 0, 1, 2, 3
CONTRACT_LOT = payload_of(payload_of(payload_of(uncbor(bytes.fromhex(
    json.loads((CONTRACT / "receipt.json").read_text())["receipt"]))[1])[6])[0])
GTIN, LOT = CONTRACT_LOT[3], CONTRACT_LOT[5]
CASES = []


# ---- an event in a record ----

def hash_of(body=BODY, names=NAMES):
    return sha(pre_hash([URL, dict(names)], json.loads(body)).encode())


def salt(i):
    return sha(b"salt", bytes([i]))[:16]


class Record:
    """Seventeen events in the second of three segments, the one that is shown at place 3."""

    def __init__(self, kind=PERIOD_KIND, body=BODY, hashed=None, at=3, of=17, name="epcis", audience=2, media=MEDIA,
                 content=None, scope=None, author=None, counted=None, **head):
        self.lot = kind != PERIOD_KIND
        self.body, self.hash = body, hashed or hash_of()
        entries = [cbor([salt(i), sha(b"event", bytes([i])), sha(b"hash", bytes([i]))]) for i in range(of)]
        entries[at] = cbor([salt(at), sha(body), self.hash])
        root, path = root_and_path([leaf(e) for e in entries], at)
        self.event = [at, salt(at), self.hash, path]
        content = cbor([counted or of, root]) if content is None else content
        segments = [cbor([salt(100 + i), f"other {i}", 2, "text/plain", b"x"]) for i in range(3)]
        segments[1] = cbor([salt(99), name, audience, media, content])
        self.root, path = root_and_path([leaf(s) for s in segments], 1)
        self.segment = [1, segments[1], path]
        self.head = [("filling" if self.lot else None), kind, TIME - 5000, author or kid("enterprise"), None, 3]
        for place, value in head.items():
            self.head[int(place[1:])] = value
        self.scope = scope or (CONTRACT_LOT[1] if self.lot else ["maker", PERIOD])

    def commitment(self):
        return sha(cbor(["lotmark/record/1", CHAIN, self.scope, *self.head, self.root]))

    def transaction(self, by="enterprise", chain=CHAIN, kind="transaction", **changes):
        whole = {0: self.commitment(), 1: sha(b"before"), 2: TIME - 4000}
        whole.update({int(k[1:]): v for k, v in changes.items()})
        return signed(by, kind, whole, chain)


def other_transaction(i):
    return signed("enterprise", "transaction", {0: sha(b"other", bytes([i])), 1: sha(b"before"), 2: TIME})


def block(body, kind, by="sup1", number=11, epoch=0, chain=CHAIN):
    return signed(by, "block", {0: kind, 1: epoch, 2: 2, 3: number, 4: b"\7" * 32, 5: TIME, 6: body}, chain)


def behind(last):
    """The block behind ten others, which a proof does not show."""
    return [block({0: 0, 1: [], 2: [], 3: [], 4: [], 5: []}, 2, number=i) for i in range(1, 11)] + [last]


def in_order(objects):
    return sorted(objects, key=lambda o: (uncbor(uncbor(o[1:])[0])[4], id_of(o)))


def period_block(transactions, **made):
    return block({0: PERIOD, 1: [], 2: [], 3: transactions, 4: [], 5: []}, 2, **made)


def names_of(names):
    return sorted([[p.encode(), s.encode()] for p, s in names.items()])


def whole_of(record, closed, transaction, index, path, votes, statements, names, changes):
    whole = {0: "lotmark/event/1", 1: votes or voted(behind(closed)), 2: list(statements), 3: transaction, 4: index,
             5: path, 6: record.head, 7: None if record.lot else PERIOD, 8: record.segment, 9: record.event,
             10: names_of(names), 11: record.body}
    whole.update({int(k[1:]): v for k, v in changes.items()})
    return cbor({k: v for k, v in whole.items() if v is not Ellipsis})


def of_period(record=None, transaction=None, made=None, votes=None, statements=(), names=NAMES, beside=2, **changes):
    """A file of a period record, whose transaction stands among others in its block."""
    record = record or Record()
    transaction = transaction or record.transaction()
    held = in_order([transaction] + [other_transaction(i) for i in range(beside)])
    closed = period_block(held, **(made or {}))
    return whole_of(record, closed, None, held.index(transaction), [], votes(closed) if votes else None, statements,
                    names, changes)


def of_lot(record=None, transaction=None, made=None, votes=None, statements=(), names=NAMES, at=2, application=None,
           released_by="reviewer1", applied_by="enterprise", kind=0, **changes):
    """A file of a lot's step: the third of seven transactions."""
    record = record or Record(STEP)
    transaction = transaction or record.transaction()
    ids = [sha(b"transaction", bytes([i])) for i in range(7)]
    ids[at] = id_of(transaction)
    root, path = root_and_path([leaf(i) for i in ids], at)
    lot = {**CONTRACT_LOT, 8: root, **(application or {})}
    release = {0: signed(applied_by, "application", lot), 1: "LR-1", 2: sha(b"report"), 3: None}
    closed = block(signed(released_by, "release", release), kind, **(made or {}))
    return whole_of(record, closed, transaction, at, path, votes(closed) if votes else None, statements, names, changes)


# ---- cases ----

PLAIN = {**{name: None for name in ("organisation", "kid", "author", "record", "period", "lot", "block", "time", "event",
                                    "final", "failed")},
         "verdict": "tampered", "not_proved": ["tampered-by-whom"]}


def expected_of(record, check, error, verdict, final):
    proved = verdict in ("committed", "not-final")
    said = dict(PLAIN)
    if proved:
        said.update({
            "organisation": "maker", "kid": kid("enterprise").hex(), "author": record.head[3].hex(),
            "record": record.commitment().hex(), "block": 11, "time": TIME,
            "event": {"sha256": sha(record.body).hex(), "hash": f"ni:///sha-256;{record.hash.hex()}?ver=CBV2.0",
                      "bytes": len(record.body), "index": record.event[0], "count": uncbor(uncbor(record.segment[1])[4])[0]},
            "final": {"votes": final, "quorum": 2, "members": 3}})
        if record.lot:
            said["lot"] = {"gtin": GTIN, "lot": LOT, "step": record.head[0]}
        else:
            said["period"] = PERIOD
    said["not_proved"] = {
        "committed": ["event-true", "event-alone", "event-readings", "term-signer", "removed-quorum"],
        "not-final": ["event-true", "event-alone", "event-readings", "term-signer"],
        "tampered": ["tampered-by-whom"], "unknown": ["unknown-why"]}[verdict]
    if proved and record.lot:
        said["not_proved"].insert(3, "author-named")
    said["verdict"] = verdict
    said["failed"] = [check, error] if check else None
    return said


def case(name, data, check=None, error=None, verdict=None, record=None, final=2, anchor=None, proven=None):
    """check None: all hold. `proven`: the record that a reader without the canonical hash finds proven."""
    verdict = verdict or ("committed" if check is None else "tampered")
    entry = {"name": name, "file": data, "expected": expected_of(record or Record(), check, error, verdict, final)}
    if proven:
        entry["bytes_proven"] = expected_of(proven, None, None, "committed", 2)
    if anchor is not None:
        entry["anchor"] = anchor.hex()
    CASES.append(entry)


def good():
    case("an event of a period record", of_period())
    step = Record(STEP)
    case("an event of a lot's step", of_lot(), record=step)
    corrected = Record(CORRECTION, _4=sha(b"corrected"))
    case("an event of a lot's correction", of_lot(corrected), record=corrected)
    other = Record(STEP, author=kid("operator"))
    case("a lot's step by an operator", of_lot(other), record=other)
    alone = Record(at=0, of=1)
    case("the only event of its segment", of_period(alone, beside=0), record=alone)
    most = Record(at=16)
    case("the last event of its segment", of_period(most), record=most)
    case("three votes", of_period(votes=lambda b: voted(behind(b), ("sup1", "sup2", "sup3"))), final=3)
    case("of an epoch whose statement is in the file",
         of_period(made={"epoch": 1}, statements=[statement(1, 11)], votes=lambda b: voted(behind(b), epoch=1)))
    case("one vote", of_period(votes=lambda b: voted(behind(b), ("sup1",))), "quorum", "quorum", "not-final", final=1)
    case("no vote", of_period(votes=lambda b: unprotected(b, {394: []})), "quorum", "quorum", "not-final", final=0)
    case("a lot's step without a vote", of_lot(votes=lambda b: unprotected(b, {394: []})), "quorum", "quorum",
         "not-final", record=step, final=0)
    own = json.dumps({**json.loads(BODY), "@context": {"farm": FARM}}).encode()
    brings = Record(body=own, hashed=hash_of(own, {}))
    case("an event that brings its own prefixes", of_period(brings, names={}), record=brings)


def files():
    data = of_period()
    case("an empty anchor", data, "anchor", "cbor-truncated", "unknown", anchor=b"")
    case("another version", of_period(_0="lotmark/event/2"), "file", "receipt-version", "unknown")
    case("another kind of file", of_period(_0="lotmark/receipt/1"), "file", "receipt-version", "unknown")
    record, lot = Record(), Record(STEP)
    for name, error, bad in (
            ("magic a number", "field-type", {"_0": 1}), ("no magic", "key-missing", {"_0": ...}),
            ("no body", "key-missing", {"_11": ...}), ("a key too many", "key-unknown", {"_12": 0}),
            ("a body that is a text", "field-type", {"_11": "{}"}), ("an empty body", "field-range", {"_11": b""}),
            ("a body above 64 KiB", "field-range", {"_11": b"x" * 65537}),
            ("a negative index", "field-range", {"_4": -1}),
            ("a path of 65", "path-length", {"_5": [OTHER] * 65}),
            ("a record of 5 places", "field-type", {"_6": record.head[:5]}),
            ("a record without segments", "record-segments", {"_6": record.head[:5] + [0]}),
            ("a record of 257 segments", "record-segments", {"_6": record.head[:5] + [257]}),
            ("a kind of record that is none", "enum-unknown", {"_6": [None, 6] + record.head[2:]}),
            ("a segment's path of 65", "path-length", {"_8": [1, b"", [OTHER] * 65]}),
            ("a salt of 15 bytes", "field-range", {"_9": [3, salt(3)[1:], record.hash, record.event[3]]}),
            ("a hash of 31 bytes", "field-range", {"_9": [3, salt(3), record.hash[1:], record.event[3]]}),
            ("an event's path of 65", "path-length", {"_9": [3, salt(3), record.hash, [OTHER] * 65]}),
            ("names out of order", "list-order", {"_10": [[b"g", b"a:"], [b"f", b"a:"]]}),
            ("a name twice", "list-duplicate", {"_10": [[b"f", b"a:"], [b"f", b"b:"]]}),
            ("an empty prefix", "field-range", {"_10": [[b"", b"a:"]]}),
            ("a namespace above 512 bytes", "field-range", {"_10": [[b"f", b"a:" + b"x" * 511]]}),
            ("65 names", "field-range", {"_10": [[bytes([65 + i]), b"a:"] for i in range(65)]}),
            ("neither transaction nor period", "event-proof", {"_7": None}),
            ("transaction and period", "event-proof", {"_3": record.transaction()}),
            ("a path in a period record's", "event-proof", {"_5": [OTHER]}),
            ("a period record with a step", "event-proof", {"_6": ["filling"] + record.head[1:]}),
            ("a period record that corrects", "event-proof", {"_6": record.head[:4] + [OTHER, 3]}),
            ("a step in a period block", "event-proof", {"_6": [None, STEP] + record.head[2:]})):
        case(name, of_period(**bad), "file", error)
    for name, bad in (("a lot's decoy", {"_6": [None, DECOY] + lot.head[2:]}),
                      ("a lot's release record", {"_6": [None, RELEASE] + lot.head[2:]}),
                      ("a lot's step without a name", {"_6": [None] + lot.head[1:]}),
                      ("a period record in a lot", {"_6": record.head})):
        case(name, of_lot(**bad), "file", "event-proof")
    case("no bytes", b"", "file", "cbor-truncated")
    case("a byte too many", data + b"\0", "file", "cbor-trailing")
    case("an array", cbor([1]), "file", "field-type")
    case("above 1,310,720 bytes", bytes(1310721), "file", "object-too-large")


def blocks():
    def of(name, error, verdict=None, statements=(), check="block", **made):
        case(name, of_period(made=made, statements=statements), check, error, verdict)
    of("a block of another chain", "cose-chain", "unknown", chain=OTHER)
    of("a block of an epoch that is not held", "block-epoch", epoch=1)
    of("a block by a reviewing member", "block-signer", by="reviewer1")
    of("a block by nobody", "block-signer", by="stranger")
    case("a block whose signature does not hold", of_period(votes=lambda b: spoiled(voted(behind(b)))), "block",
         "cose-signature")
    case("a block without votes' place", of_period(votes=lambda b: b), "block", "cose-unprotected")
    case("a refusal block", of_lot(kind=6), "block", "block-kind")
    record = Record()
    period = period_block([record.transaction()])
    case("a lot's step in a period block", of_lot(votes=lambda b: voted(behind(period))), "block", "block-kind")
    case("a period record in a lot block",
         of_period(votes=lambda b: uncbor(of_lot())[1]), "block", "block-kind")
    case("a statement without quorum", of_period(statements=[statement(1, 12, ["root", "sup1"])]), "statements",
         "statement-quorum")
    case("a statement of another chain", of_period(statements=[statement(1, 12, chain=OTHER)]), "statements", "cose-chain",
         "unknown")
    case("a block that belongs to the next epoch", of_period(statements=[statement(1, 11)]), "block", "block-epoch")
    case("a statement after the block", of_period(statements=[statement(1, 12)]))


def lots():
    case("a release by a keeping member", of_lot(released_by="enterprise"), "release", "release-signer")
    case("an application by a reviewing member", of_lot(applied_by="reviewer1"), "application", "application-signer")
    case("a programme that is none", of_lot(application={2: "vaccine-b"}), "application", "programme-unknown")
    case("another number of transactions", of_lot(application={9: 6}), "application", "transaction-count")
    record = Record(STEP)
    tx = record.transaction()
    case("a lot's transaction by somebody else", of_lot(record, record.transaction(by="operator")), "transaction",
         "transaction-signer")
    case("a lot's transaction whose signature does not hold", of_lot(record, tx, _3=spoiled(tx)), "transaction",
         "cose-signature")
    case("a lot's transaction of another chain", of_lot(record, record.transaction(chain=OTHER)), "transaction",
         "cose-chain")
    case("a lot's transaction of another type", of_lot(record, record.transaction(kind="record")), "transaction",
         "cose-type")
    case("a transaction that is not the lot's", of_lot(record, tx, application={8: OTHER}), "transaction", "tree-path")
    case("another place in the lot", of_lot(record, tx, _4=3), "transaction", "tree-path")
    case("a place behind the lot", of_lot(record, tx, _4=7), "transaction", "tree-path")
    case("no path in the lot", of_lot(record, tx, _5=[]), "transaction", "tree-path")
    case("the record of another lot", of_lot(Record(STEP, scope=OTHER)), "record", "commitment-mismatch")
    case("another step", of_lot(record, tx, _6=["packing"] + record.head[1:]), "record", "commitment-mismatch")
    case("another author", of_lot(record, tx, _6=record.head[:3] + [kid("operator")] + record.head[4:]), "record",
         "commitment-mismatch")


def transactions():
    record = Record()
    case("a place behind the block's transactions", of_period(_4=3), "transaction", "event-proof")
    case("a block without transactions",
         of_period(votes=lambda b: voted(behind(period_block([])))), "transaction", "event-proof")
    place = uncbor(of_period())[4]
    case("another transaction of the block", of_period(_4=(place + 1) % 3), "record", "commitment-mismatch")
    case("a transaction by a reviewing member", of_period(record, record.transaction(by="reviewer1"), beside=0),
         "transaction", "transaction-signer")
    case("a transaction by nobody", of_period(record, record.transaction(by="stranger"), beside=0), "transaction",
         "transaction-signer")
    case("a transaction whose signature does not hold", of_period(record, spoiled(record.transaction()), beside=0),
         "transaction", "cose-signature")
    case("a transaction of another chain", of_period(record, record.transaction(chain=OTHER), beside=0), "transaction",
         "cose-chain")
    case("a transaction that is a map of two", of_period(record, record.transaction(_2=None), beside=0), "transaction",
         "field-type")


def records():
    record = Record()
    head = lambda place, value: record.head[:place] + [value] + record.head[place + 1:]
    case("a period record by an operator", of_period(Record(author=kid("operator"))), "record", "event-proof")
    case("another time", of_period(_6=head(2, TIME)), "record", "commitment-mismatch")
    case("another count of segments", of_period(_6=head(5, 4)), "record", "commitment-mismatch")
    case("so many segments that the path is too short", of_period(_6=head(5, 9)), "record", "tree-path")
    case("another period", of_period(_7=PERIOD + 1), "record", "commitment-mismatch")
    case("the record of another organisation", of_period(Record(scope=["lab", PERIOD])), "record",
         "commitment-mismatch")
    case("a segment of another name", of_period(Record(name="access")), "record", "event-proof")
    case("a segment of another media type", of_period(Record(media="text/plain")), "record", "event-proof")
    case("a public segment", of_period(Record(audience=0)), "record", "event-proof")
    case("a segment that is no array", of_period(_8=[1, cbor({}), record.segment[2]]), "record", "field-type")
    case("a byte behind the segment", of_period(_8=[1, record.segment[1] + b"\0", record.segment[2]]), "record",
         "cbor-trailing")
    case("another place of the segment", of_period(_8=[0, *record.segment[1:]]), "record", "commitment-mismatch")
    case("a place behind the segments", of_period(_8=[3, *record.segment[1:]]), "record", "tree-path")
    case("no path of the segment", of_period(_8=[1, record.segment[1], []]), "record", "tree-path")
    for name, error, content in (("no event in the segment", "field-range", cbor([0, sha()])),
                                 ("more than 4,096 events in the segment", "field-range", cbor([4097, OTHER])),
                                 ("a content that is a map", "field-type", cbor({})),
                                 ("a content of three places", "field-type", cbor([17, OTHER, 0])),
                                 ("a root of 31 bytes", "field-range", cbor([17, OTHER[1:]])),
                                 ("an empty content", "cbor-truncated", b"")):
        case(name, of_period(Record(content=content)), "record", error)


def events():
    record = Record()
    at, its_salt, its_hash, path = record.event
    case("another body", of_period(_11=BODY.replace(b"C-12", b"C-13")), "event", "tree-path")
    case("the same event written otherwise", of_period(_11=json.dumps(json.loads(BODY), indent=1).encode()), "event",
         "tree-path")
    case("another salt", of_period(_9=[at, salt(4), its_hash, path]), "event", "tree-path")
    case("another hash", of_period(_9=[at, its_salt, OTHER, path]), "event", "tree-path")
    case("another place of the event", of_period(_9=[at + 1, its_salt, its_hash, path]), "event", "tree-path")
    case("a place behind the events", of_period(_9=[17, its_salt, its_hash, path]), "event", "tree-path")
    case("no path of the event", of_period(_9=[at, its_salt, its_hash, []]), "event", "tree-path")
    case("a segment of another root", of_period(Record(content=cbor([17, OTHER]))), "event", "tree-path")


def hashes():
    def of(name, record, names=NAMES, **changes):
        case(name, of_period(record, names=names, **changes), "hash", "event-proof", proven=record)
    record = Record()
    of("no names", record, {})
    of("another namespace", record, {"farm": FARM + "x/"})
    of("another prefix", record, {"field": FARM})
    of("a name too many", record, {"farm": FARM, "field": "https://field.example/"})
    of("a name of GS1's own", record, {"cbv": "https://ref.gs1.org/cbv/", "farm": FARM})
    of("a namespace that is no URI", record, {"farm": "farm"})
    of("an entry of another hash", Record(hashed=sha(b"another event")))
    for name, body in (("a body that is no JSON", b"{"), ("a body that is a list", b"[" + BODY + b"]"),
                       ("a body that is not UTF-8", BODY.replace(b"C-12", b"C-\xff")),
                       ("an event without type", b"{}"),
                       ("two bodies", BODY + BODY),
                       ("a body with a name twice", b'{"action": "ADD", ' + BODY[1:])):
        of(name, Record(body=body, hashed=hash_of()))


def votes():
    def of(name, error, **made):
        case(name, of_period(votes=lambda b: voted(behind(b), **made)), "votes", error)
    of("votes of a lower term", "vote-term", term=1)
    of("votes before the block", "vote-time", seconds=TIME // 1000 - 1)
    of("votes along a path too short", "vote-path", path=[])
    of("votes on another root", "cose-signature", root=OTHER)
    of("a vote by a reviewing member", "vote-signer", voters=("reviewer1", "sup1"))
    of("votes of an epoch that is not held", "vote-epoch", epoch=1)


def main():
    for part in (good, files, blocks, lots, transactions, records, events, hashes, votes):
        part()
    write("event_proof.md", ANCHOR, PLAIN, CASES, CHECKS)


main()
