#!/usr/bin/python3
"""Makes cases.json from docs/format/membership.md: a third hand beside the C++ and the JavaScript reader.

    make.py > cases.json

CBOR, keys and signatures are those of ../evidence/make.py. Each case: an anchor, a rollover file or none, statements
that are appended one after another. `error` is what following the links gives, `statements` what each append does.
"""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "evidence"))
import make as base  # noqa: E402

GENESIS = base.uncbor(base.ANCHOR)[1]
ROOT = base.KEYS["root"].point
OLD, NEW, THIRD = "root", "stranger", "device1"
CASES = []


def link(by, to, first, chain=base.CHAIN, time=1767700000000):
    return base.signed(by, "rollover", {0: base.KEYS[to].point, 1: first, 2: time}, chain)


def file(*links, magic="lotmark/rollover/1"):
    return base.cbor({0: magic, 1: list(links)})


def anchor(*links, statements=()):
    if not links:
        return base.cbor({0: "lotmark/anchor/1", 1: GENESIS, 2: ROOT, 3: list(statements)})
    return base.cbor({0: "lotmark/anchor/2", 1: GENESIS, 2: ROOT, 3: list(statements), 4: list(links)})


def by(root, epoch, first=None, **more):
    return base.statement(epoch, first or 10 * epoch, signers=(root, "sup1", "sup2"), **more)


def case(name, held, rollover=None, error=None, statements=()):
    CASES.append({"name": name, "anchor": held.hex(), "rollover": rollover.hex() if rollover is not None else None,
                  "error": error, "statements": [{"object": o.hex(), "error": e} for o, e in statements]})


def main():
    plain, roll = anchor(), link(OLD, NEW, 2)
    both = [(by(OLD, 1), None), (by(NEW, 2), None), (by(NEW, 3), None)]
    case("no link", plain, statements=[(by(OLD, 1), None), (by(OLD, 2), None)])
    case("no link, signed by the new key", plain, statements=[(by(NEW, 1), "statement-signer")])
    case("a file's link", plain, file(roll), statements=both)
    case("an anchor's link", anchor(roll), statements=both)
    case("the same link in anchor and file", anchor(roll), file(roll), statements=both)
    case("the same link twice", plain, file(roll, roll), statements=both)
    case("the same link with another signature", plain, file(roll, base.resigned(roll)), statements=both)
    case("the old key from the link's epoch on", plain, file(roll),
         statements=[(by(OLD, 1), None), (by(OLD, 2), "statement-signer"), (by(NEW, 2), None)])
    case("the new key before the link's epoch", plain, file(roll), statements=[(by(NEW, 1), "statement-signer")])
    case("both root keys on one statement", plain, file(roll),
         statements=[(by(OLD, 1), None),
                     (base.statement(2, 20, signers=("root", "stranger", "sup1", "sup2")), "statement-signer")])
    case("two links", plain, file(roll, link(NEW, THIRD, 3)),
         statements=[(by(OLD, 1), None), (by(NEW, 2), None), (by(THIRD, 3), None), (by(NEW, 4), "statement-signer")])
    case("a link in the anchor, the next in the file", anchor(roll), file(link(NEW, THIRD, 3)),
         statements=[(by(OLD, 1), None), (by(NEW, 2), None), (by(THIRD, 3), None)])
    case("links in the wrong order", plain, file(link(NEW, THIRD, 3), roll), "rollover-signer")
    case("a link by a member", plain, file(link("sup1", NEW, 2)), "rollover-signer")
    case("a link by the key it leads to", plain, file(link(NEW, NEW, 2)), "rollover-signer")
    case("a link to the same key", plain, file(link(OLD, OLD, 2)), "rollover-signer")
    case("a link back to the first key", plain, file(roll, link(NEW, OLD, 3)), "rollover-signer")
    case("a spoiled signature", plain, file(base.spoiled(roll)), "cose-signature")
    case("a link of another chain", plain, file(link(OLD, NEW, 2, base.OTHER)), "cose-chain")
    case("epoch 0", plain, file(link(OLD, NEW, 0)), "field-range")
    case("the second link's epoch not above the first's", plain, file(roll, link(NEW, THIRD, 2)), "rollover-first")
    case("two links of one root", plain, file(roll, link(OLD, THIRD, 2)), "rollover-fork")
    case("two links of one root to one key", plain, file(roll, link(OLD, NEW, 3)), "rollover-fork")
    case("the second of one root in the file, the first in the anchor", anchor(roll), file(link(OLD, THIRD, 2)),
         "rollover-fork")
    case("two links of one root, one of them spoiled", plain, file(roll, base.spoiled(link(OLD, THIRD, 2))),
         "rollover-signer")
    case("two links of a later root", plain, file(roll, link(NEW, THIRD, 3), link(NEW, "device2", 3)), "rollover-fork")
    case("a statement pinned by the new key", anchor(roll, statements=[by(OLD, 1), by(NEW, 2)]),
         statements=[(by(NEW, 3), None)])
    case("a statement pinned by the wrong key", anchor(roll, statements=[by(OLD, 1), by(OLD, 2)]), error="statement-signer")
    case("another magic text", plain, file(roll, magic="lotmark/rollover/2"), "receipt-version")
    case("a file without links", plain, file(), "field-range")
    case("an anchor of version 3", base.cbor({0: "lotmark/anchor/3", 1: GENESIS, 2: ROOT, 3: []}), error="anchor")
    case("an anchor of version 1 with links", base.cbor({0: "lotmark/anchor/1", 1: GENESIS, 2: ROOT, 3: [], 4: [roll]}),
         error="key-unknown")
    lines = ",\n".join(" " + json.dumps(c) for c in CASES)
    print('{"made_by": "make.py, from docs/format/membership.md",\n"cases": [\n%s\n]}' % lines)


if __name__ == "__main__":
    main()
