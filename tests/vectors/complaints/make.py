#!/usr/bin/python3
"""Complaints and rulings, good ones and ones with a fault, from docs/format/complaints.md alone:
   make.py > cases.json"""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from third_hand import CHAIN, cbor, id_of, kid, signed  # noqa: E402

OBJECTS = []
PAYLOADS = []
H = lambda n: bytes([n]) * 32


def complaint(**change):
    c = {0: kid("reviewer1"), 1: [H(2), H(1)], 2: 1, 3: "the same readings in two lots", 4: None, 5: 1767600000000}
    return {**c, **{int(k[1:]): v for k, v in change.items()}}


def ruling(**change):
    r = {0: H(7), 1: 0, 2: [0, 1], 3: 30, 4: 10, 5: "the file proves it", 6: 1767700000000}
    return {**r, **{int(k[1:]): v for k, v in change.items()}}


def payload(kind, what, value, error=None):
    PAYLOADS.append({"type": kind, "what": what, "hex": cbor(value).hex(), "error": error})


def without(value, key):
    return {k: v for k, v in value.items() if k != key}


def made(by, kind, value):
    o = signed(by, kind, value)
    OBJECTS.append({"type": kind, "kid": kid(by).hex(), "id": id_of(o).hex(), "object": o.hex()})


def complaints():
    of = lambda what, value, error=None: payload("complaint", what, value, error)
    of("as it should be", complaint())
    of("with evidence, about nothing", complaint(_1=[], _4=H(9)))
    of("16 ids", complaint(_1=[H(n) for n in range(16)]))
    of("17 ids", complaint(_1=[H(n) for n in range(17)]), "field-range")
    of("an id twice", complaint(_1=[H(1), H(2), H(1)]), "list-duplicate")
    of("an id of 31 bytes", complaint(_1=[H(1)[1:]]), "field-range")
    of("the last kind", complaint(_2=4))
    of("a kind above", complaint(_2=5), "enum-unknown")
    of("no text", complaint(_3=""), "field-range")
    of("a text of 256 bytes", complaint(_3="x" * 256))
    of("a text of 257 bytes", complaint(_3="x" * 257), "text-too-long")
    of("evidence missing", without(complaint(), 4), "key-missing")
    of("a key more", complaint(_6=0), "key-unknown")
    of("subject null", complaint(_0=None), "field-type")
    of("a time below 0", complaint(_5=-1), "field-range")


def rulings():
    of = lambda what, value, error=None: payload("ruling", what, value, error)
    of("as it should be", ruling())
    of("dismissed", ruling(_1=1, _2=[], _3=0, _4=0))
    of("dismissed with a penalty", ruling(_1=1, _2=[0], _3=0, _4=0), "field-range")
    of("upheld without a penalty", ruling(_2=[], _3=0), "field-range")
    of("false, with points", ruling(_1=2, _2=[1], _4=0))
    of("false, with a reward", ruling(_1=2, _2=[1]), "field-range")
    of("points without their penalty", ruling(_2=[0]), "field-range")
    of("their penalty without points", ruling(_3=0), "field-range")
    of("penalties that fall", ruling(_2=[1, 0]), "list-order")
    of("a penalty twice", ruling(_2=[1, 1]), "list-duplicate")
    of("all penalties", ruling(_2=[0, 1, 2, 3, 4, 5]))
    of("a penalty above", ruling(_2=[1, 6]), "enum-unknown")
    of("an outcome above", ruling(_1=3), "enum-unknown")
    of("points at the limit", ruling(_3=1000000, _4=1000000))
    of("points above it", ruling(_3=1000001), "field-range")
    of("a reward above it", ruling(_4=1000001), "field-range")
    of("no text", ruling(_5=""), "field-range")
    of("a complaint of 31 bytes", ruling(_0=H(7)[1:]), "field-range")
    of("no time", without(ruling(), 6), "key-missing")


def main():
    complaints()
    rulings()
    made("sup1", "complaint", complaint())
    made("reviewer1", "complaint", complaint(_0=kid("sup1"), _4=H(9)))
    made("sup1", "ruling", ruling())
    lines = lambda cases: ",\n".join(" " + json.dumps(c) for c in cases)
    print('{"made_by": "make.py, from docs/format/complaints.md", "chain": "%s",\n"objects": [\n%s\n],\n"payloads": [\n%s\n]}'
          % (CHAIN.hex(), lines(OBJECTS), lines(PAYLOADS)))


main()
