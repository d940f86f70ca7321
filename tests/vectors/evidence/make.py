#!/usr/bin/python3
"""Makes cases.json from docs/format/evidence.md: a third hand beside the C++ and the JavaScript reader.

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

# ---- the file ----

KINDS = ["block-fork", "vote-inconsistent", "transaction-fork", "bundle-fork", "promise-unmet", "turn-fork"]


def evidence(kind, objects, statements=(), proof=None, **changes):
    whole = {0: "lotmark/evidence/1", 1: KINDS.index(kind) if kind in KINDS else kind, 2: list(objects),
             3: list(statements), 4: proof}
    for key, value in changes.items():
        place = int(key[1:])
        if value is Ellipsis:
            del whole[place]
        else:
            whole[place] = value
    return cbor(whole)


CASES = []
ROLES = {"sup1": ("agency", "supervising"), "stranger": ("newcomer", "keeping"),
         "sup2": ("agency2", "supervising"), "enterprise": ("maker", "keeping")}
ALL = ["holder", "intent", "which", "still-member"]


def case(name, kind, data, check=None, error=None, by=None, objects=(), device=None, not_proved=None, **more):
    """check None: proven, by that key. `more`: anchor (bytes)."""
    unread = check in ("anchor", "file")
    expected = {
        "outcome": "proven" if check is None else "unreadable" if unread else "not-proven",
        "kind": None if unread else kind,
        "chain": None if check == "anchor" else CHAIN.hex(),
        "check": check, "error": error, "by": None, "objects": [o.hex() for o in objects],
        "not_proved": not_proved or (ALL if check is None else ["nothing"]),
    }
    if check is None:
        organisation, role = device[:2] if device else ROLES[by]
        expected["by"] = {"kid": kid(by).hex(), "organisation": organisation, "role": role,
                          "device": {"name": device[2], "enroller": kid(device[3]).hex()} if device else None}
    entry = {"name": f"{KINDS[kind] if isinstance(kind, int) else kind}: {name}", "file": data,
             "expected": expected}
    if "anchor" in more:
        entry["anchor"] = more["anchor"].hex()
        entry["expected"]["chain"] = more.get("chain", expected["chain"])
    CASES.append(entry)


# ---- blocks ----

TIME = 1767618000000


def block(by="sup1", number=5, term=2, epoch=0, kind=2, prev=b"\7" * 32, time=TIME, body=..., period=0, chain=CHAIN):
    body = {0: period, 1: [], 2: [], 3: [], 4: [], 5: []} if body is ... else body
    return signed(by, "block", {0: kind, 1: epoch, 2: term, 3: number, 4: prev, 5: time, 6: body}, chain)


def blocks():
    k = "block-fork"
    a, b = block(), block(period=1)
    ids = (id_of(a), id_of(b))
    fork = evidence(k, [a, b])
    case("two blocks of one number and term", k, fork, by="sup1", objects=ids)
    case("in the other order", k, evidence(k, [b, a]), by="sup1", objects=ids[::-1])
    case("n - s in one signature of two blocks", k, evidence(k, [resigned(a), b]), by="sup1", objects=ids)
    for name, second, check, error in (
            ("one block twice", a, "contradiction", "list-duplicate"),
            ("one block, n - s for s", resigned(a), "contradiction", "list-duplicate"),
            ("two signers", block("sup2", period=1), "contradiction", "cose-kid"),
            ("two terms", block(term=3, period=1), "contradiction", "block-term"),
            ("two numbers", block(number=6), "contradiction", "block-number"),
            ("the second of another chain", block(period=1, chain=OTHER), "objects", "cose-chain"),
            ("a signature that does not hold", spoiled(b), "signers", "cose-signature"),
            ("the second of an epoch that is not held", block(epoch=1), "signers", "block-epoch"),
            ("no block", signed("sup1", "promise", {0: OTHER, 1: 0}), "objects", "cose-type"),
            ("votes in the second", unprotected(b, {394: []}), "objects", "cose-unprotected"),
            ("an empty second", b"", "objects", "cbor-truncated")):
        case(name, k, evidence(k, [a, second]), check, error)
    for name, by in (("a reviewing member", "reviewer1"), ("nobody's key", "stranger"), ("the root key", "root")):
        case(f"signed by {name}", k, evidence(k, [block(by), block(by, period=1)]), "signers", "block-signer")
    later = [block(epoch=1), block(epoch=1, period=1)]
    one = statement(1, 3)
    ids = tuple(map(id_of, later))
    case("of an epoch whose statement is in the file", k, evidence(k, later, [one]), by="sup1", objects=ids)
    case("without that statement", k, evidence(k, later), "signers", "block-epoch")
    gone = [block("sup3", epoch=1), block("sup3", epoch=1, period=1)]
    case("by a member that the statement removed", k, evidence(k, gone, [statement(1, 3, without=["sup3"])]), "signers",
         "block-signer")
    case("a statement without quorum", k, evidence(k, later, [statement(1, 3, ["root", "sup1"])]), "statements",
         "statement-quorum")
    case("a statement that skips one", k, evidence(k, later, [statement(2, 3)]), "statements", "statement-epoch")
    files(k, a, b, fork)


def files(k, a, b, fork):
    for name, error, data in (
            ("another version", "receipt-version", evidence(k, [a, b], _0="lotmark/evidence/2")),
            ("another kind of file", "receipt-version", evidence(k, [a, b], _0="lotmark/receipt/1")),
            ("magic a number", "field-type", evidence(k, [a, b], _0=1)),
            ("no magic", "key-missing", evidence(k, [a, b], _0=...)),
            ("no proof", "key-missing", evidence(k, [a, b], _4=...)),
            ("a key too many", "key-unknown", evidence(k, [a, b], _5=0)),
            ("kind unknown", "enum-unknown", evidence(6, [a, b])),
            ("kind unknown, with a proof", "enum-unknown", evidence(6, [a, b], proof=[1, 2])),
            ("kind negative", "enum-unknown", evidence(-1, [a, b])),
            ("kind a text", "field-type", evidence(k, [a, b], _1="block-fork")),
            ("one object", "field-range", evidence(k, [a])),
            ("three objects", "field-range", evidence(k, [a, b, b])),
            ("an object that is no bstr", "field-type", evidence(k, [a, 1])),
            ("statements null", "field-type", evidence(k, [a, b], _3=None)),
            ("a proof where none belongs", "field-type", evidence(k, [a, b], proof=b"")),
            ("trailing byte", "cbor-trailing", fork + b"\0"),
            ("cut", "cbor-truncated", fork[:-1]),
            ("no bytes", "cbor-truncated", b""),
            ("an array", "field-type", cbor([1])),
            ("a float", "cbor-float", fork[:-1] + b"\xf9\0\0")):
        case(name, k, data, "file", error)
    # map, key, magic, key, kind, key, array: seven items before the first null.
    start = b"\xa5" + cbor(0) + cbor("lotmark/evidence/1") + cbor(1) + cbor(0) + cbor(2)
    for count, error in ((65529, "cbor-truncated"), (65530, "object-too-large")):
        case(f"{count + 7} items", k, start + head(4, count) + b"\xf6" * count, "file", error)
    case("16 MiB and a byte", k, bytes(16777217), "file", "object-too-large")
    case("16 MiB of nothing", k, bytes(16777216), "file", "cbor-trailing")
    case("an anchor that is none", k, fork, "anchor", "field-type", anchor=cbor([]))
    case("an anchor whose root key is another", k, fork, "anchor", "genesis",
         anchor=cbor({**uncbor(ANCHOR), 2: KEYS["root2"].point}))
    foreign, chain = other_anchor()
    case("the anchor of another consortium", k, fork, "objects", "cose-chain", anchor=foreign, chain=chain.hex())


def other_anchor():
    """The same members under another root key."""
    payload = uncbor(STATEMENT_0)[0]
    object_0 = cbor([payload, [sign1("root2", "membership", None, None, detached=payload)]])
    genesis = sign1("root2", "block", cbor({0: 1, 1: 0, 2: 0, 3: 0, 4: None, 5: TIME, 6: object_0}), None)
    return cbor({0: "lotmark/anchor/1", 1: genesis, 2: KEYS["root2"].point, 3: []}), id_of(genesis)


# ---- votes ----

def votes():
    k = "vote-inconsistent"
    honest = [leaf(CHAIN)] + [leaf(bytes([i]) * 32) for i in range(1, 7)]
    other = honest[:2] + [leaf(b"other")] + honest[3:]
    at = lambda leaves, size, index=0: root_and_path(leaves[:size], index)
    r3, p3 = at(honest, 3, 2)
    r6, p6 = at(other, 6, 2)
    same3 = at(other, 3)[0]
    def proven(name, first, second, roots, split=None, statements=()):
        ids = (id_of(first, roots[0]), id_of(second, roots[1]))
        case(name, k, evidence(k, [first, second], statements, [*roots, split]), by="sup1", objects=ids)
    a, b = vote("sup1", 3, r3), vote("sup1", 3, same3, seconds=1767618061)
    proven("two roots of one size", a, b, (r3, same3))
    long = vote("sup1", 6, r6)
    split = [2, honest[2], p3, other[2], p6]
    proven("two sizes, two leaves at one place", a, long, (r3, r6), split)
    proven("the larger first", long, a, (r6, r3), [2, other[2], p6, honest[2], p3])
    later = [vote("sup1", 3, r3, epoch=1), vote("sup1", 3, same3)]
    proven("of two epochs", *later, (r3, same3), statements=[statement(1, 2)])
    again = vote("sup1", 3, r3, seconds=1767618099)
    for name, second, roots, sp, check, error in (
            ("one root at two times", again, (r3, r3), None, "contradiction", "list-duplicate"),
            ("one vote twice", a, (r3, r3), None, "contradiction", "list-duplicate"),
            ("two voters", vote("sup2", 3, same3), (r3, same3), None, "contradiction", "cose-kid"),
            ("two terms", vote("sup1", 3, same3, term=5), (r3, same3), None, "contradiction", "vote-term"),
            ("one size with a split", b, (r3, same3), split, "contradiction", "vote-size"),
            ("two sizes without a split", long, (r3, r6), None, "contradiction", "vote-size"),
            ("a tree that extends the other", vote("sup1", 6, at(honest, 6)[0]), (r3, at(honest, 6)[0]),
             [2, honest[2], p3, honest[2], at(honest, 6, 2)[1]], "contradiction", "list-duplicate"),
            ("a path to another root", long, (r3, r6), [2, honest[2], p3, other[2], p6[::-1]], "proof", "tree-path"),
            ("another leaf", long, (r3, r6), [2, leaf(b"x"), p3, other[2], p6], "proof", "tree-path"),
            ("another place", long, (r3, r6), [1, honest[2], p3, other[2], p6], "proof", "tree-path"),
            ("a place beyond the smaller", long, (r3, r6), [3, honest[2], p3, other[3], at(other, 6, 3)[1]], "proof",
             "tree-path"),
            ("a node as the leaf", long, (r3, r6), [2, honest[2], p3, at(other[2:4], 2)[0], p6[1:]], "proof",
             "tree-path"),
            ("roots exchanged", long, (r6, r3), split, "signers", "cose-signature"),
            ("a root nobody signed", b, (r3, r6), None, "signers", "cose-signature"),
            ("a signature that does not hold", spoiled(b), (r3, same3), None, "signers", "cose-signature"),
            ("an epoch that is not held", vote("sup1", 3, same3, epoch=1), (r3, same3), None, "signers", "vote-epoch"),
            ("another chain", vote("sup1", 3, same3, chain=OTHER), (r3, same3), None, "objects", "cose-chain"),
            ("a vote of a receipt", unprotected(b, {396: {-1: [b""]}}), (r3, same3), None, "objects",
             "cose-unprotected"),
            ("no vote", block(), (r3, same3), None, "objects", "cose-type")):
        case(name, k, evidence(k, [a, second], (), [*roots, sp]), check, error)
    for name, by in (("a keeping member", "enterprise"), ("nobody's key", "stranger")):
        pair = [vote(by, 3, r3), vote(by, 3, same3)]
        case(f"by {name}", k, evidence(k, pair, (), [r3, same3, None]), "signers", "vote-signer")
    for name, proof, error in (("proof null", None, "field-type"), ("proof a bstr", b"", "field-type"),
                               ("a short root", [r3[1:], same3, None], "field-range"),
                               ("a split of four", [r3, r6, split[:4]], "field-type"),
                               ("a path of 65", [r3, r6, [2, honest[2], [r3] * 65, other[2], p6]], "path-length"),
                               ("a negative place", [r3, r6, [-1, *split[1:]]], "field-range")):
        case(name, k, evidence(k, [a, b], (), proof), "file", error)


# ---- transactions and turns ----

def transactions():
    k = "transaction-fork"
    tx = lambda by="enterprise", c=b"\1", prev=b"\5", chain=CHAIN: signed(
        by, "transaction", {0: c * 32, 1: prev * 32, 2: TIME}, chain)
    a, b = tx(), tx(c=b"\2")
    case("two of one predecessor", k, evidence(k, [a, b]), by="enterprise", objects=(id_of(a), id_of(b)))
    for name, second, check, error in (
            ("one twice", a, "contradiction", "list-duplicate"),
            ("one, n - s for s", resigned(a), "contradiction", "list-duplicate"),
            ("two predecessors", tx(c=b"\2", prev=b"\6"), "contradiction", "prev-mismatch"),
            ("two signers", tx("stranger", b"\2"), "contradiction", "cose-kid"),
            ("a signature that does not hold", spoiled(b), "signers", "cose-signature"),
            ("another chain", tx(c=b"\2", chain=OTHER), "objects", "cose-chain")):
        case(name, k, evidence(k, [a, second]), check, error)
    new = [tx("stranger"), tx("stranger", b"\2")]
    joined = statement(1, 3, more=[[kid("stranger"), KEYS["stranger"].point, [0], "newcomer", "31", [], []]])
    case("by a member of a statement in the file", k, evidence(k, new, [joined]), by="stranger",
         objects=tuple(map(id_of, new)))
    for by in ("reviewer1", "sup1", "operator", "stranger"):
        case(f"signed by {by}", k, evidence(k, [tx(by), tx(by, b"\2")]), "signers", "transaction-signer")


def turns():
    k = "turn-fork"
    turn = lambda by="sup2", term=7, asker="sup1", vote=None, chain=CHAIN: signed(
        by, "turn", {0: term, 1: vote, 2: kid(asker)}, chain)
    a, b = turn(), turn(asker="sup3")
    codes = ["holder", "intent", "still-member"]
    case("two askers", k, evidence(k, [a, b]), by="sup2", objects=(id_of(a), id_of(b)), not_proved=codes)
    later = statement(1, 3, without=["sup2"])
    case("by a member that a later statement removed", k, evidence(k, [a, b], [later]), by="sup2",
         objects=(id_of(a), id_of(b)), not_proved=codes)
    for name, second, check, error in (
            ("one twice", a, "contradiction", "list-duplicate"),
            ("one asker, another vote", turn(vote=b"v"), "contradiction", "list-duplicate"),
            ("two terms", turn(term=8, asker="sup3"), "contradiction", "vote-term"),
            ("two signers", turn("sup1", asker="sup3"), "contradiction", "cose-kid"),
            ("a signature that does not hold", spoiled(b), "signers", "cose-signature"),
            ("another chain", turn(asker="sup3", chain=OTHER), "objects", "cose-chain"),
            ("term 0", turn(term=0, asker="sup3"), "objects", "field-range")):
        case(name, k, evidence(k, [a, second]), check, error)
    for by in ("reviewer1", "enterprise", "stranger"):
        pair = [turn(by), turn(by, asker="sup3")]
        case(f"signed by {by}", k, evidence(k, pair), "signers", "vote-signer")


# ---- bundles ----

def bundle(by="device1", seq=3, made=TIME, life=b"lifelife", device=None, chain=CHAIN):
    return signed(by, "bundle", {0: kid(device or by), 1: life, 2: seq, 3: None, 4: 1, 5: None, 6: made, 7: made,
                                 8: made, 9: 0, 10: [], 11: [], 12: []}, chain)


def gap(seq=2, last=3, lost=b"\3" * 32, reason=2, ack=None, by="device1"):
    return signed(by, "gap", {0: kid(by), 1: b"lifelife", 2: seq, 3: last, 4: None, 5: lost, 6: 60, 7: reason, 8: ack})


def enrolment(of="stranger", by="enterprise", kind=0, organisation="maker", chain=CHAIN):
    return signed(by, "enrolment", {0: KEYS[of].point, 1: kind, 2: "fridge-9", 3: organisation, 4: "hall-2", 5: [],
                                    6: None}, chain)


def bundles():
    k = "bundle-fork"
    a, b = bundle(), bundle(made=TIME + 1)
    dev1 = ("maker", "device", "dev1", "root")
    two = (id_of(a), id_of(b))
    case("two of one number", k, evidence(k, [a, b]), by="device1", objects=two, device=dev1)
    g = gap()
    case("a bundle and a gap that calls another lost", k, evidence(k, [a, g]), by="device1", objects=(id_of(a), id_of(g)),
         device=dev1)
    new = [bundle("stranger"), bundle("stranger", made=TIME + 1)]
    dev9 = ("maker", "device", "fridge-9", "enterprise")
    case("of a device enrolled in the file", k, evidence(k, new, (), enrolment()), by="stranger",
         objects=map(id_of, new), device=dev9,
         not_proved=["holder", "intent", "which", "still-member", "enrolment-place"])
    for name, second, check, error in (
            ("one twice", a, "contradiction", "list-duplicate"),
            ("one, n - s for s", resigned(a), "contradiction", "list-duplicate"),
            ("two lives", bundle(life=b"another1"), "contradiction", "life-closed"),
            ("two numbers", bundle(seq=4), "contradiction", "need-seq"),
            ("two devices", bundle("stranger"), "contradiction", "cose-kid"),
            ("a gap that covers the bundle", gap(last=4), "contradiction", "need-seq"),
            ("a gap without the id of the lost", gap(lost=None), "contradiction", "gap-below-position"),
            ("a gap made for the receiver", gap(reason=4, ack=b""), "contradiction", "gap-below-position"),
            ("a gap that names the bundle", gap(lost=two[0]), "contradiction", "list-duplicate"),
            ("a signature that does not hold", spoiled(b), "signers", "cose-signature"),
            ("a gap's signature that does not hold", spoiled(g), "signers", "cose-signature"),
            ("another chain", bundle(made=TIME + 1, chain=OTHER), "objects", "cose-chain"),
            ("neither bundle nor gap", block(), "objects", "cose-type"),
            ("a bundle that names another device", bundle(device="device2"), "objects", "cose-kid")):
        case(name, k, evidence(k, [a, second]), check, error)
    case("two gaps", k, evidence(k, [g, gap(seq=1)]), "objects", "cose-type")
    case("the gap first", k, evidence(k, [g, a]), "objects", "cose-type")
    case("of a key nobody enrolled", k, evidence(k, new), "signers", "device-unknown")
    start = [bundle("device2"), bundle("device2", made=TIME + 1)]
    case("of a key enrolled for starts", k, evidence(k, start), "signers", "device-unknown")
    for name, objects, proof, error in (
            ("an enrolment beside statement 0's", [a, b], enrolment("device1"), "list-duplicate"),
            ("an enrolment of another key", new, enrolment("operator"), "device-unknown"),
            ("an enrolment for starts", new, enrolment(kind=1), "device-unknown"),
            ("an enrolment of another organisation", new, enrolment(organisation="lab"), "cose-kid"),
            ("an enrolment by nobody", new, enrolment(by="operator"), "cose-kid"),
            ("an enrolment of another chain", new, enrolment(chain=OTHER), "cose-chain"),
            ("an enrolment that does not verify", new, spoiled(enrolment()), "cose-signature"),
            ("no enrolment", new, a, "cose-type"),
            ("an empty enrolment", new, b"", "cbor-truncated")):
        case(name, k, evidence(k, objects, (), proof), "signers", error)
    case("proof a number", k, evidence(k, [a, b], (), 1), "file", "field-type")


# ---- promises ----

DEADLINE = TIME + 60000
LIMIT = DEADLINE + 120000


def linked(*steps, first=CHAIN):
    """Blocks 1, 2, ... of the changes given."""
    out, prev = [], first
    for number, step in enumerate(steps, 1):
        out.append(block(**{"number": number, "prev": prev, "period": number - 1, **step}))
        prev = id_of(out[-1])
    return out


def promises():
    k = "promise-unmet"
    codes = ["holder", "intent", "still-member", "promise-why", "promise-later", "removed-quorum"]
    wanted = sha(b"wanted")
    promise = lambda of=wanted, deadline=DEADLINE, by="sup1", chain=CHAIN: signed(
        by, "promise", {0: of, 1: deadline}, chain)
    recall = signed("sup2", "recall", {0: "06901234567892", 1: None, 2: True, 3: "test", 4: TIME})
    intake = signed("enterprise", "head", {0: 0, 1: 0, 2: sha(), 3: TIME, 4: 0, 5: []})
    lot_body = payload_of(uncbor(bytes.fromhex(json.loads((CONTRACT / "receipt.json").read_text())["receipt"]))[1])[6]
    application = payload_of(lot_body)[0]
    cut = {0: 1, 1: 1, 2: sha(b"a"), 3: sha(b"s"), 4: [signed("sup3", "promise", {0: OTHER, 1: 2**53 - 1})]}
    one = statement(1, 6)
    steps = [{"time": TIME},
             {"kind": 4, "body": recall, "time": DEADLINE},
             {"time": LIMIT, "body": {0: 1, 1: [intake], 2: [enrolment()], 3: [], 4: [], 5: []}},
             {"kind": 0, "body": lot_body, "time": LIMIT},
             {"kind": 5, "body": cut, "time": LIMIT},
             {"kind": 1, "epoch": 1, "body": one, "time": LIMIT},
             {"kind": 7, "epoch": 1, "body": None, "time": LIMIT},
             {"epoch": 1, "time": LIMIT + 1}]
    chain_blocks = linked(*steps)
    voters = ("sup1", "sup3")
    whole = lambda p, bs, sts=(one,): evidence(k, [p, *bs[:-1], voted(bs, voters, epoch=1)], sts)
    p = promise()
    last = id_of(chain_blocks[-1])
    data = whole(p, chain_blocks)
    case("not on the chain 120 s after its deadline", k, data, by="sup1", objects=(id_of(p), wanted, last),
         not_proved=codes)
    late = linked({"time": LIMIT}, {"kind": 4, "body": recall, "time": LIMIT + 1})
    of_recall = promise(id_of(recall))
    case("on the chain in the block past the deadline", k, evidence(k, [of_recall, late[0], voted(late)]), by="sup1",
         objects=(id_of(of_recall), id_of(recall), id_of(late[-1])), not_proved=codes)
    for what, of in (("a block", id_of(chain_blocks[0])), ("a recall", id_of(recall)), ("a head", id_of(intake)),
                     ("an enrolment", id_of(enrolment())), ("a release", id_of(lot_body)),
                     ("an application", id_of(application)), ("a cut's flag", id_of(cut[4][0])),
                     ("a cut", sha(cbor([1, 1, cut[2], cut[3]]))), ("a statement", sha(uncbor(one)[0]))):
        case(f"kept: {what} is on the chain", k, whole(promise(of), chain_blocks), "contradiction", "list-duplicate")
    short = linked({"time": TIME}, {"time": LIMIT}, {"time": LIMIT + 1})
    def broken(name, check, error, p=p, bs=short, **v):
        case(name, k, evidence(k, [p, *bs[:-1], voted(bs, **v)]), check, error)
    broken("the last block not past the deadline", "contradiction", "block-time", bs=short[:2])
    broken("two blocks past the deadline", "contradiction", "block-time",
           bs=linked({}, {"time": LIMIT + 1}, {"time": LIMIT + 2}))
    broken("a deadline never passed", "contradiction", "block-time", p=promise(deadline=2**53 - 1))
    broken("the first block missing", "contradiction", "block-number", bs=short[1:])
    broken("a block missing", "contradiction", "block-number", bs=[short[0], short[2]])
    broken("blocks of another beginning", "contradiction", "block-prev",
           bs=linked({}, {"time": LIMIT + 1}, first=b"\1" * 32))
    broken("a block exchanged", "contradiction", "block-prev",
           bs=[short[0], linked({}, {"time": LIMIT, "period": 9})[1], short[2]])
    broken("a body that is no object", "contradiction", "cose-shape",
           bs=linked({"kind": 4, "body": b"\0"}, {"time": LIMIT + 1}))
    broken("a body with nil payload", "contradiction", "cose-payload",
           bs=linked({"kind": 4, "body": vote("sup1", 2, OTHER)}, {"time": LIMIT + 1}))
    broken("promised by a reviewing member", "signers", "cose-kid", p=promise(by="reviewer1"))
    broken("promised by nobody", "signers", "cose-kid", p=promise(by="stranger"))
    broken("a promise of another chain", "objects", "cose-chain", p=promise(chain=OTHER))
    broken("a promise whose signature does not hold", "signers", "cose-signature", p=spoiled(p))
    broken("a block whose signature does not hold", "signers", "cose-signature", bs=[spoiled(short[0]), *short[1:]])
    broken("a block by a reviewing member", "signers", "block-signer",
           bs=linked({"by": "reviewer1"}, {"time": LIMIT + 1}))
    broken("a block of an epoch that is not held", "signers", "block-epoch",
           bs=linked({"epoch": 1}, {"time": LIMIT + 1}))
    broken("one vote", "proof", "quorum", voters=("sup1",))
    broken("no vote", "proof", "quorum", voters=())
    broken("votes on another root", "proof", "cose-signature", root=OTHER)
    broken("votes along a path too short", "proof", "vote-path", path=[])
    broken("a vote by a reviewing member", "proof", "vote-signer", voters=("reviewer1", "sup1"))
    broken("votes of a lower term", "proof", "vote-term", term=1)
    broken("votes before the block", "proof", "vote-time", seconds=LIMIT // 1000 - 1)
    case("the last block without votes' place", k, evidence(k, [p, *short]), "objects", "cose-unprotected")
    case("votes in a block before the last", k, evidence(k, [p, unprotected(short[0], {394: []}), *short[1:]]), "objects",
         "cose-unprotected")
    case("a block in place of the promise", k, evidence(k, [*short[:-1], voted(short)]), "objects", "cose-type")
    case("without the statement", k, whole(p, chain_blocks, ()), "signers", "block-epoch")


def main():
    blocks()
    votes()
    transactions()
    turns()
    bundles()
    promises()
    plain = {"outcome": "not-proven", "kind": None, "chain": CHAIN.hex(), "check": None, "error": None, "by": None,
             "objects": [], "not_proved": ["nothing"]}
    write("evidence.md", ANCHOR, plain, CASES)


if __name__ == "__main__":
    main()
