#!/usr/bin/python3
"""Makes cases.json from docs/format/receipt.md, "Item proof": a third hand beside the C++ and the JavaScript reader.

    make.py > cases.json

Bytes come from third_hand.py beside this folder. What each case must give is written down here, not computed by a
reader.
"""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from third_hand import *  # noqa: E402,F403

BLOCK = sha(b"block of the lot")
SALT = sha(b"salt of the lot")
CASES = []


# ---- what a proof is made of ----

def entry(serial, salt=None):
    return cbor([salt or sha(SALT, serial.encode())[:16], serial])


def lot(count):
    """Entries of so many serials, in the tree's order."""
    return sorted(entry(f"S{i:06}") for i in range(count))


def items(entries):
    return [len(entries), root_and_path([leaf(e) for e in entries], 0)[0]]


def proof(entries, index, block=BLOCK, **changes):
    _, path = root_and_path([leaf(e) for e in entries], index)
    whole = {0: "lotmark/item/1", 1: block, 2: [index, entries[index], path]}
    whole.update({int(k[1:]): v for k, v in changes.items()})
    return cbor({k: v for k, v in whole.items() if v is not Ellipsis})


def serial_of(e):
    return uncbor(e)[1]


# ---- cases ----

def case(name, data, of, error=None, serial=None, index=None, asked=None, other=False, fill=None):
    """of: count and root the application names, or None. error: why it is refused; else `serial` at `index`."""
    ok = error is None and not other
    made = {"name": name, "file": data.hex(), "block": BLOCK.hex(),
            "items": None if of is None else {"size": of[0], "root": of[1].hex()}, "asked": asked,
            "expected": {"ok": ok, "serial": serial if ok else None, "index": index if ok else None,
                         "count": of[0] if ok else None, "error": error}}
    if fill:
        made["fill"] = fill
    CASES.append(made)


def good():
    for count, indexes in ((5, (0, 2, 3, 4)), (1, (0,)), (2, (0, 1)), (64, (0, 63)), (4096, (4095,)),
                           (4097, (0, 4095, 4096)), (10007, (5000, 10006))):
        entries = lot(count)
        for i in indexes:
            case(f"serial {i} of {count}", proof(entries, i), items(entries), serial=serial_of(entries[i]), index=i)
    entries = lot(5)
    case("the serial asked for", proof(entries, 1), items(entries), serial=serial_of(entries[1]), index=1,
         asked=serial_of(entries[1]))
    longest = sorted(entry(s) for s in ('!"%&\'()*+,-./:;<=>?_', "z", "A-2026/01"))
    for i, e in enumerate(longest):
        case(f"serial {serial_of(e)}", proof(longest, i), items(longest), serial=serial_of(e), index=i)


def asked():
    entries = lot(5)
    case("another serial than the one asked for", proof(entries, 1), items(entries), other=True, asked="S999999")
    case("asked for in other letters", proof(entries, 1), items(entries), other=True,
         asked=serial_of(entries[1]).lower())


def files():
    entries = lot(5)
    of = items(entries)
    whole = proof(entries, 2)
    case("no bytes", b"", of, "cbor-truncated")
    case("one byte short", whole[:-1], of, "cbor-truncated")
    case("a byte behind it", whole + b"\0", of, "cbor-trailing")
    case("as large as may be, and then trailing bytes", whole, of, "cbor-trailing", fill=[0, 65536 - len(whole)])
    case("too large", whole, of, "object-too-large", fill=[0, 65537 - len(whole)])
    case("no map", cbor([1]), of, "field-type")
    case("a receipt's magic", proof(entries, 2, _0="lotmark/receipt/1"), of, "receipt-version")
    case("a newer version", proof(entries, 2, _0="lotmark/item/2"), of, "receipt-version")
    case("a newer version with more keys", proof(entries, 2, _0="lotmark/item/2", _3=1), of, "receipt-version")
    case("magic no text", proof(entries, 2, _0=1), of, "field-type")
    case("no magic", proof(entries, 2, _0=...), of, "key-missing")
    case("no block", proof(entries, 2, _1=...), of, "key-missing")
    case("no proof", proof(entries, 2, _2=...), of, "key-missing")
    case("a key more", proof(entries, 2, _3=None), of, "key-unknown")
    case("block null", proof(entries, 2, _1=None), of, "field-type")
    case("block too short", proof(entries, 2, _1=BLOCK[:31]), of, "field-range")
    root, path = root_and_path([leaf(e) for e in entries], 2)
    case("two places", proof(entries, 2, _2=[2, entries[2]]), of, "field-type")
    case("four places", proof(entries, 2, _2=[2, entries[2], path, 1]), of, "field-type")
    case("index below 0", proof(entries, 2, _2=[-1, entries[2], path]), of, "field-range")
    case("index a text", proof(entries, 2, _2=["2", entries[2], path]), of, "field-type")
    case("index above 2^53-1", proof(entries, 2, _2=[2**53, entries[2], path]), of, "cbor-int-range")
    case("entry no bstr", proof(entries, 2, _2=[2, uncbor(entries[2]), path]), of, "field-type")
    case("a hash too long", proof(entries, 2, _2=[2, entries[2], path[:-1] + [bytes(33)]]), of, "field-range")
    case("65 hashes", proof(entries, 2, _2=[2, entries[2], [bytes(32)] * 65]), of, "path-length")
    case("64 hashes", proof(entries, 2, _2=[2, entries[2], [bytes(32)] * 64]), of, "tree-path")
    # Whatever is wrong with the file is said before what it is held against.
    case("65 hashes, of another block", proof(entries, 2, _1=OTHER, _2=[2, entries[2], [bytes(32)] * 65]), of, "path-length")


def held_against():
    entries = lot(5)
    of = items(entries)
    _, path = root_and_path([leaf(e) for e in entries], 2)
    case("of another block", proof(entries, 2, block=OTHER), of, "block-prev")
    case("of another block, no items", proof(entries, 2, block=OTHER), None, "block-prev")
    case("the application names no items", proof(entries, 2), None, "tree-path")
    case("no items, entry no entry", proof(entries, 2, _2=[2, b"\xff", path]), None, "tree-path")
    case("another root", proof(entries, 2), [5, sha(b"another")], "tree-path")
    case("another count", proof(entries, 2), [4, of[1]], "tree-path")
    case("index beyond the count", proof(entries, 2, _2=[5, entries[2], path]), of, "tree-path")
    case("another index", proof(entries, 2, _2=[3, entries[2], path]), of, "tree-path")
    case("largest index", proof(entries, 2, _2=[2**53 - 1, entries[2], path]), of, "tree-path")
    case("path too short", proof(entries, 2, _2=[2, entries[2], path[:-1]]), of, "tree-path")
    case("path too long", proof(entries, 2, _2=[2, entries[2], path + [bytes(32)]]), of, "tree-path")
    case("path turned round", proof(entries, 2, _2=[2, entries[2], path[::-1]]), of, "tree-path")
    case("entry of another lot's salt", proof(entries, 2, _2=[2, entry(serial_of(entries[2]), bytes(16)), path]), of,
         "tree-path")
    case("an inner node passed off as an entry", proof(entries, 2, _2=[0, path[0] + path[1], path[1:]]), of,
         "cbor-tag")


def entries_alone():
    """An entry that is in the tree and none of the formats'."""
    for name, e, error in (
            ("no CBOR", b"\xff", "cbor-indefinite"), ("empty", b"", "cbor-truncated"),
            ("trailing bytes", entry("A") + b"\0", "cbor-trailing"), ("a map", cbor({0: bytes(16), 1: "A"}), "field-type"),
            ("three places", cbor([bytes(16), "A", 0]), "field-type"), ("one place", cbor([bytes(16)]), "field-type"),
            ("serial a bstr", cbor([bytes(16), b"A"]), "field-type"), ("salt of 15", cbor([bytes(15), "A"]), "field-range"),
            ("salt of 17", cbor([bytes(17), "A"]), "field-range"), ("serial empty", cbor([bytes(16), ""]), "field-range"),
            ("serial of 21", cbor([bytes(16), "A" * 21]), "field-range"), ("serial with a space", cbor([bytes(16), "A B"]), "field-range"),
            ("serial with #", cbor([bytes(16), "A#"]), "field-range"), ("serial beyond ASCII", cbor([bytes(16), "Ä"]), "field-range"),
            ("serial of 257", cbor([bytes(16), "A" * 257]), "text-too-long"),
            ("salt and serial wrong", cbor([bytes(15), b"A"]), "field-type"),
            ("longer head", b"\x82\x58\x10" + bytes(16) + b"\x61A", "cbor-not-shortest")):
        entries = sorted([e] + lot(3))
        case(f"entry: {name}", proof(entries, entries.index(e)), items(entries), error)


if __name__ == "__main__":
    good()
    asked()
    files()
    held_against()
    entries_alone()
    print(json.dumps({"cases": CASES}, indent=1))
