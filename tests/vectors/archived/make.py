#!/usr/bin/python3
"""Makes cases.json from docs/format/archived.md: a third hand beside the C++ and the JavaScript reader.

    make.py > cases.json

Bytes come from third_hand.py beside this folder. What each case must give is written down here, not computed by a
reader.
"""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from cases_file import write  # noqa: E402
from third_hand import *  # noqa: E402,F403

TIME = 1767618000000
NEVER = 2**53 - 1
GTIN, LOT = "06901234567892", "A-2026/01"
CHECKS = ["anchor", "file", "statements", "block", "flags", "snapshot", "tombstone", "asked", "votes", "quorum"]
CASES = []


# ---- what a cut is made of ----

def tombstone(gtin=GTIN, lot=LOT, expires=20281231, block=3, key=None):
    return cbor([key or sha(cbor([gtin, lot])), expires, block])


def entries():
    """Five lots; the second is the one asked for."""
    found = [tombstone(lot=f"B{i}", block=4 + i) for i in range(4)] + [tombstone()]
    return sorted(found, key=lambda e: (uncbor(e)[0], uncbor(e)[2]))


def snapshot(leaves, first=1, last=8, **changes):
    root, _ = root_and_path([leaf(e) for e in leaves], 0)
    whole = {0: "lotmark/snapshot/1", 1: first, 2: last, 3: sha(b"block 8"), 4: [len(leaves), root], 5: sha(b"state")}
    whole.update({int(k[1:]): v for k, v in changes.items()})
    return cbor({k: v for k, v in whole.items() if v is not Ellipsis})


def flag(by, of, deadline=NEVER, chain=CHAIN, kind="promise"):
    return signed(by, kind, {0: of, 1: deadline}, chain)


def flagged(first, last, archive, head):
    return sha(cbor([first, last, archive, sha(head)]))


def cut(head, first=1, last=8, by=("sup1", "sup2"), flags=None, archive=sha(b"archive"), named=None):
    of = flagged(first, last, archive, head)
    flags = sorted((flag(n, of) for n in by), key=lambda f: uncbor(uncbor(f[1:])[0])[4]) if flags is None else flags
    return {0: first, 1: last, 2: archive, 3: named or sha(head), 4: flags}


def block(body, by="sup1", number=11, term=2, epoch=0, kind=5, time=TIME, chain=CHAIN):
    return signed(by, "block", {0: kind, 1: epoch, 2: term, 3: number, 4: b"\7" * 32, 5: time, 6: body}, chain)


def chain_to(last):
    """The block behind ten others, which a proof does not show."""
    return [block({0: 0, 1: [], 2: [], 3: [], 4: [], 5: []}, number=i, kind=2) for i in range(1, 11)] + [last]


def archived(body=None, head=None, entry=None, leaves=None, statements=(), block_of=None, votes=None, **changes):
    leaves = leaves or entries()
    entry = entry or tombstone()
    head = head or snapshot(leaves)
    at = leaves.index(entry) if entry in leaves else 1
    _, path = root_and_path([leaf(e) for e in leaves], at)
    closed = block_of or block(body or cut(head))
    whole = {0: "lotmark/archived/1", 1: votes or voted(chain_to(closed)), 2: list(statements), 3: head, 4: entry,
             5: at, 6: path}
    whole.update({int(k[1:]): v for k, v in changes.items()})
    return cbor({k: v for k, v in whole.items() if v is not Ellipsis})


# ---- cases ----

PLAIN = {"verdict": "tampered", "gtin": None, "lot": None, "product": None, "expires": None, "block": None, "time": None,
         "final": None, "claims": [], "cut": None, "failed": None, "not_proved": ["recall", "tampered-by-whom"]}


def case(name, data, check=None, error=None, verdict=None, gtin=GTIN, lot=LOT, anchor=None, **shown):
    """check None: all hold. `shown`: what differs from the plain proof in what is shown."""
    verdict = verdict or ("archived" if check is None else "tampered")
    proved = verdict in ("archived", "not-final")
    expected = {**PLAIN, "verdict": verdict, "failed": [check, error] if check else None}
    if proved:
        expected.update({
            "gtin": gtin, "lot": lot, "expires": 20281231, "block": 3, "final": {"votes": 2, "quorum": 2, "members": 3},
            "cut": {"block": 11, "time": TIME, "first": 1, "last": 8, "archive": sha(b"archive").hex(), "flags": 2}})
    expected.update(shown)
    expected["not_proved"] = {
        "archived": ["copy", "recall", "record", "holder", "term-signer", "removed-quorum"],
        "not-final": ["copy", "recall", "record", "holder", "term-signer"],
        "tampered": ["recall", "tampered-by-whom"], "unknown": ["recall", "unknown-why"]}[verdict]
    entry = {"name": name, "file": data, "gtin": gtin, "lot": lot, "expected": expected}
    if anchor is not None:
        entry["anchor"] = anchor.hex()
    CASES.append(entry)


def good():
    case("a lot under the tombstones of a cut", archived())
    three = voted(chain_to(block(cut(snapshot(entries()), by=("sup1", "sup2", "sup3")))), ("sup1", "sup2", "sup3"))
    shown = {"final": {"votes": 3, "quorum": 2, "members": 3}}
    plain = {"block": 11, "time": TIME, "first": 1, "last": 8, "archive": sha(b"archive").hex(), "flags": 3}
    case("three flags and three votes", archived(votes=three), **shown, cut=plain)
    case("the only lot of a cut", archived(leaves=[tombstone()]))
    later = block(cut(snapshot(entries())), epoch=1)
    one = statement(1, 11)
    case("of an epoch whose statement is in the file",
         archived(statements=[one], votes=voted(chain_to(later), epoch=1)))
    case("one vote", archived(votes=voted(chain_to(block(cut(snapshot(entries())))), ("sup1",))), "quorum", "quorum",
         "not-final", final={"votes": 1, "quorum": 2, "members": 3})
    case("no vote", archived(votes=unprotected(block(cut(snapshot(entries()))), {394: []})), "quorum", "quorum",
         "not-final", final={"votes": 0, "quorum": 2, "members": 3})


def files():
    data = archived()
    case("an empty anchor", data, "anchor", "cbor-truncated", "unknown", anchor=b"")
    case("another version", archived(_0="lotmark/archived/2"), "file", "receipt-version", "unknown")
    case("another kind of file", archived(_0="lotmark/receipt/1"), "file", "receipt-version", "unknown")
    for name, error, bad in (("magic a number", "field-type", {"_0": 1}), ("no magic", "key-missing", {"_0": ...}),
                             ("no path", "key-missing", {"_6": ...}), ("a key too many", "key-unknown", {"_7": 0}),
                             ("a snapshot that is a map", "field-type", {"_3": {}}),
                             ("a negative index", "field-range", {"_5": -1}),
                             ("a path of 65", "path-length", {"_6": [OTHER] * 65}),
                             ("a hash of 31 bytes in the path", "field-range", {"_6": [OTHER[1:]]})):
        case(name, archived(**bad), "file", error)
    case("no bytes", b"", "file", "cbor-truncated")
    case("a byte too many", data + b"\0", "file", "cbor-trailing")
    case("an array", cbor([1]), "file", "field-type")
    case("above 256 KiB", bytes(262145), "file", "receipt-too-large")


def blocks():
    head = snapshot(entries())
    def of(name, error, verdict=None, check="block", statements=(), **made):
        closed = block(cut(head), **made)
        case(name, archived(block_of=closed, statements=statements), check, error, verdict)
    of("a block of another chain", "cose-chain", "unknown", chain=OTHER)
    of("a block of an epoch that is not held", "block-epoch", epoch=1)
    of("a block by a reviewing member", "block-signer", by="reviewer1")
    of("a block by nobody", "block-signer", by="stranger")
    case("a period block", archived(block_of=block({0: 0, 1: [], 2: [], 3: [], 4: [], 5: []}, kind=2)), "block",
         "block-kind")
    spoilt = voted(chain_to(block(cut(head))))
    case("a block whose signature does not hold", archived(votes=spoiled(spoilt)), "block", "cose-signature")
    case("a block without votes' place", archived(votes=block(cut(head))), "block", "cose-unprotected")
    wide = snapshot(entries(), last=11)
    case("a range that reaches its own block", archived(head=wide, body=cut(wide, last=11)), "block", "cut-range")
    case("a range backwards", archived(body=cut(head, first=9)), "block", "field-range")
    one = statement(1, 12)
    case("a statement without quorum", archived(statements=[statement(1, 12, ["root", "sup1"])]), "statements",
         "statement-quorum")
    case("a block that belongs to the next epoch", archived(statements=[statement(1, 11)]), "block", "block-epoch")
    case("a statement after the block", archived(statements=[one]))


def flags():
    head = snapshot(entries())
    of = flagged(1, 8, sha(b"archive"), head)
    order = lambda *names: sorted(names, key=kid)
    first, second = order("sup1", "sup2")
    def with_flags(name, error, *list_of):
        case(name, archived(body=cut(head, flags=list(list_of))), "flags", error)
    with_flags("no flag", "cut-flag")
    with_flags("one flag", "cut-flag", flag("sup1", of))
    with_flags("one flag twice", "list-duplicate", flag("sup1", of), flag("sup1", of))
    with_flags("flags in the other order", "list-order", flag(second, of), flag(first, of))
    low, high = order("reviewer1", "sup1")
    with_flags("a flag by a reviewing member", "cut-flag", flag(low, of), flag(high, of))
    low, high = order("stranger", "sup1")
    with_flags("a flag by nobody", "cut-flag", flag(low, of), flag(high, of))
    with_flags("a flag of another cut", "cut-flag", flag(first, of), flag(second, OTHER))
    with_flags("a flag with a deadline", "cut-flag", flag(first, of), flag(second, of, deadline=NEVER - 1))
    with_flags("a flag of another chain", "cose-chain", flag(first, of, chain=OTHER), flag(second, of))
    with_flags("a flag of another type", "cose-type",
               signed(first, "recall", {0: GTIN, 1: None, 2: True, 3: "x", 4: TIME}), flag(second, of))
    with_flags("a flag whose signature does not hold", "cose-signature", flag(first, of), spoiled(flag(second, of)))
    case("an archive exchanged under its flags",
         archived(body={**cut(head), 2: sha(b"another archive")}), "flags", "cut-flag")


def snapshots():
    leaves = entries()
    head = snapshot(leaves)
    def of(name, error, made, check="snapshot"):
        case(name, archived(head=made, body=cut(made)), check, error)
    case("another snapshot", archived(head=snapshot(leaves, _5=OTHER), body=cut(head)), "snapshot", "cut-content")
    of("a snapshot of another range", "cut-content", snapshot(leaves, first=2))
    of("a snapshot that ends elsewhere", "cut-content", snapshot(leaves, last=7))
    of("a snapshot of another version", "receipt-version", snapshot(leaves, _0="lotmark/snapshot/2"))
    of("a snapshot without state", "key-missing", snapshot(leaves, _5=...))
    of("a snapshot with a key too many", "key-unknown", snapshot(leaves, _6=0))
    of("a snapshot above 1 KiB", "object-too-large", snapshot(leaves, _6=bytes(1024)))
    of("a snapshot that is a list", "field-type", cbor([1]))


def tombstones():
    leaves = entries()
    case("a tombstone of another lot", archived(entry=leaves[1]), "asked", "lot", "unknown")
    case("asked for another lot", archived(), "asked", "lot", "unknown", lot="A-2026/02")
    case("asked for another product", archived(), "asked", "lot", "unknown", gtin="09506000134352")
    case("no lot asked for", archived(), "asked", "lot", "unknown", lot=None)
    case("nothing asked for", archived(), "asked", "lot", "unknown", gtin=None, lot=None)
    case("an expiry changed", archived(entry=tombstone(expires=20291231), leaves=leaves), "tombstone", "tree-path")
    for name, error, entry in (("no such day", "expires", tombstone(expires=20280231)),
                               ("a key of 31 bytes", "field-range", tombstone(key=OTHER[1:])),
                               ("a tombstone that is a map", "field-type", cbor({0: 1})),
                               ("a tombstone of two places", "field-type", cbor([OTHER, 20281231])),
                               ("a byte behind the tombstone", "cbor-trailing", tombstone() + b"\0")):
        case(name, archived(entry=entry, leaves=leaves), "tombstone", error)
    outside = tombstone(block=9)
    case("a lot's block behind the range", archived(entry=outside, leaves=[outside, *leaves]), "tombstone",
         "cut-range")
    case("another index", archived(_5=2), "tombstone", "tree-path")
    case("an index outside the tree", archived(_5=5), "tombstone", "tree-path")
    case("an empty path", archived(_6=[]), "tombstone", "tree-path")
    case("no lot in the cut", archived(head=snapshot([tombstone()], _4=[0, sha()]),
                                        body=cut(snapshot([tombstone()], _4=[0, sha()]))), "tombstone", "tree-path")


def votes():
    closed = block(cut(snapshot(entries())))
    def of(name, error, **made):
        case(name, archived(votes=voted(chain_to(closed), **made)), "votes", error)
    of("votes of a lower term", "vote-term", term=1)
    of("votes before the block", "vote-time", seconds=TIME // 1000 - 1)
    of("votes along a path too short", "vote-path", path=[])
    of("votes on another root", "cose-signature", root=OTHER)
    of("a vote by a reviewing member", "vote-signer", voters=("reviewer1", "sup1"))
    of("votes of an epoch that is not held", "vote-epoch", epoch=1)


def main():
    for part in (good, files, blocks, flags, snapshots, tombstones, votes):
        part()
    write("archived.md", ANCHOR, PLAIN, CASES, CHECKS)


main()
