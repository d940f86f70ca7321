#!/usr/bin/python3
"""Marks of use, good ones and ones with a fault, from docs/format/mark.md alone:
   make.py > cases.json"""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from third_hand import CHAIN, cbor, id_of, kid, signed  # noqa: E402

OBJECTS = []
PAYLOADS = []


def mark(**change):
    m = {0: "06901234567892", 1: "A-2026/01", 2: 1, 3: "S-0017", 4: 1, 5: 1767600000000, 6: bytes(range(16))}
    return {**m, **{int(k[1:]): v for k, v in change.items()}}


def payload(what, value, error=None):
    PAYLOADS.append({"what": what, "hex": cbor(value).hex(), "error": error})


def made(by, value):
    o = signed(by, "mark", value)
    OBJECTS.append({"kid": kid(by).hex(), "id": id_of(o).hex(), "object": o.hex()})


def payloads():
    of = payload
    of("as it should be", mark())
    of("used", mark(_2=0))
    of("destroyed", mark(_2=2))
    of("a kind above", mark(_2=3), "enum-unknown")
    of("a kind below", mark(_2=-1), "enum-unknown")
    of("a kind that is a text", mark(_2="sold"), "field-type")
    of("no serial", mark(_3=None))
    of("no serial, the most", mark(_3=None, _4=1000000000))
    of("no serial, one more", mark(_3=None, _4=1000000001), "field-range")
    of("no serial, none", mark(_3=None, _4=0), "field-range")
    of("a serial and two units", mark(_4=2), "mark-count")
    of("a serial and no unit", mark(_4=0), "field-range")
    of("a serial and too many units", mark(_4=1000000001), "field-range")
    of("a serial of 20 bytes", mark(_3="x" * 20))
    of("a serial of 21 bytes", mark(_3="x" * 21), "field-range")
    of("a serial of none", mark(_3=""), "field-range")
    of("a serial with a blank", mark(_3="A 1"), "field-range")
    of("a bad serial and two units", mark(_3="A 1", _4=2), "field-range")
    of("a serial that is a number", mark(_3=17), "field-type")
    of("a serial that is bytes", mark(_3=b"S-0017"), "field-type")
    of("a serial that is a list", mark(_3=["S-0017"]), "field-type")
    of("another check digit", mark(_0="06901234567893"), "gtin")
    of("13 digits", mark(_0="6901234567892"), "gtin")
    of("a lot of 21 bytes", mark(_1="x" * 21), "lot")
    of("no lot", mark(_1=""), "lot")
    of("lot null", mark(_1=None), "field-type")
    of("count null", mark(_4=None), "field-type")
    of("a time below 0", mark(_5=-1), "field-range")
    of("a nonce of 15 bytes", mark(_6=bytes(15)), "field-range")
    of("a nonce of 17 bytes", mark(_6=bytes(17)), "field-range")
    of("no nonce", {k: v for k, v in mark().items() if k != 6}, "key-missing")
    of("nonce null", mark(_6=None), "field-type")
    of("a key more", mark(_7=0), "key-unknown")


def main():
    payloads()
    made("sup1", mark())
    made("reviewer1", mark(_2=2, _3=None, _4=40))
    lines = lambda cases: ",\n".join(" " + json.dumps(c) for c in cases)
    print('{"made_by": "make.py, from docs/format/mark.md", "chain": "%s",\n"objects": [\n%s\n],\n"payloads": [\n%s\n]}'
          % (CHAIN.hex(), lines(OBJECTS), lines(PAYLOADS)))


main()
