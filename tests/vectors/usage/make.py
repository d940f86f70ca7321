#!/usr/bin/python3
"""Reports of use, good ones and ones with a fault, from docs/format/usage.md alone:
   make.py > cases.json"""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from third_hand import CHAIN, cbor, id_of, kid, signed  # noqa: E402

OBJECTS = []
PAYLOADS = []
NUMBERED = ["S-%04d" % n for n in range(1001)]


def usage(**change):
    u = {0: "06901234567892", 1: "A-2026/01", 2: 0, 3: ["10", "9", "A", "a"], 4: 6, 5: 1767600000000}
    return {**u, **{int(k[1:]): v for k, v in change.items()}}


def payload(what, value, error=None):
    PAYLOADS.append({"what": what, "hex": cbor(value).hex(), "error": error})


def made(by, value):
    o = signed(by, "usage", value)
    OBJECTS.append({"kid": kid(by).hex(), "id": id_of(o).hex(), "object": o.hex()})


def payloads():
    of = payload
    of("as it should be", usage())
    of("no serials", usage(_3=[], _4=1))
    of("as many as there are serials", usage(_4=4))
    of("fewer than there are serials", usage(_4=3), "usage-count")
    of("none", usage(_3=[], _4=0), "field-range")
    of("the most", usage(_4=1000000000))
    of("one more", usage(_4=1000000001), "field-range")
    of("sold", usage(_2=1))
    of("destroyed", usage(_2=2))
    of("a kind above", usage(_2=3), "enum-unknown")
    of("a kind below", usage(_2=-1), "enum-unknown")
    of("1,000 serials", usage(_3=NUMBERED[:1000], _4=1000))
    of("1,001 serials", usage(_3=NUMBERED, _4=1001), "field-range")
    of("a serial twice", usage(_3=["9", "9"]), "list-duplicate")
    of("serials that fall", usage(_3=["a", "A"]), "list-order")
    of("order by numbers", usage(_3=["9", "10"]), "list-order")
    of("a serial before one that begins with it", usage(_3=["A", "AB"]))
    of("a serial of 20 bytes", usage(_3=["x" * 20]))
    of("a serial of 21 bytes", usage(_3=["x" * 21]), "field-range")
    of("a serial of none", usage(_3=[""]), "field-range")
    of("a serial with a blank", usage(_3=["A 1"]), "field-range")
    of("a bad serial out of order", usage(_3=["b", "a b"]), "field-range")
    of("a serial that is a number", usage(_3=[1]), "field-type")
    of("serials null", usage(_3=None), "field-type")
    of("another check digit", usage(_0="06901234567893"), "gtin")
    of("13 digits", usage(_0="6901234567892"), "gtin")
    of("a lot of 21 bytes", usage(_1="x" * 21), "lot")
    of("no lot", usage(_1=""), "lot")
    of("lot null", usage(_1=None), "field-type")
    of("no time", {k: v for k, v in usage().items() if k != 5}, "key-missing")
    of("a key more", usage(_6=0), "key-unknown")
    of("a time below 0", usage(_5=-1), "field-range")


def main():
    payloads()
    made("sup1", usage())
    made("reviewer1", usage(_2=2, _3=[]))
    lines = lambda cases: ",\n".join(" " + json.dumps(c) for c in cases)
    print('{"made_by": "make.py, from docs/format/usage.md", "chain": "%s",\n"objects": [\n%s\n],\n"payloads": [\n%s\n]}'
          % (CHAIN.hex(), lines(OBJECTS), lines(PAYLOADS)))


main()
