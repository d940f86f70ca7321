"""CBOR, P-256 with RFC 6979, signed objects, trees and statements, from docs/format: a third hand beside the C++ and
the JavaScript reader, so that every run gives the same bytes. Keys and anchor are the contract's."""
import functools
import hashlib
import hmac
import json
import pathlib

HERE = pathlib.Path(__file__).resolve().parent
CONTRACT = HERE / "contract"


# ---- CBOR ----

def head(major, n):
    if n < 24:
        return bytes([major << 5 | n])
    for size, info in ((1, 24), (2, 25), (4, 26), (8, 27)):
        if n < 1 << 8 * size:
            return bytes([major << 5 | info]) + n.to_bytes(size, "big")
    raise ValueError(n)


def cbor(v):
    if v is None or v is True or v is False:
        return {None: b"\xf6", True: b"\xf5", False: b"\xf4"}[v]
    if isinstance(v, int):
        return head(0, v) if v >= 0 else head(1, -1 - v)
    if isinstance(v, bytes):
        return head(2, len(v)) + v
    if isinstance(v, str):
        return head(3, len(v.encode())) + v.encode()
    if isinstance(v, (list, tuple)):
        return head(4, len(v)) + b"".join(map(cbor, v))
    pairs = sorted((cbor(k), cbor(x)) for k, x in v.items())
    return head(5, len(pairs)) + b"".join(k + x for k, x in pairs)


def uncbor(b):
    def item(i):
        major, n = b[i] >> 5, b[i] & 31
        i += 1
        if major == 7:
            return {20: False, 21: True, 22: None}[n], i
        if n >= 24:
            size = 1 << (n - 24)
            n, i = int.from_bytes(b[i:i + size], "big"), i + size
        if major < 2:
            return (n if major == 0 else -1 - n), i
        if major < 4:
            part = b[i:i + n]
            return (part if major == 2 else part.decode()), i + n
        out = []
        for _ in range(n if major == 4 else 2 * n):
            v, i = item(i)
            out.append(v)
        return (out if major == 4 else dict(zip(out[::2], out[1::2]))), i
    return item(0)[0]


# ---- P-256, RFC 6979 ----

P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551
G = (0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296,
     0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5)


def add(a, b):
    if a is None or b is None:
        return a or b
    if a[0] == b[0]:
        if (a[1] + b[1]) % P == 0:
            return None
        m = (3 * a[0] * a[0] - 3) * pow(2 * a[1], -1, P)
    else:
        m = (b[1] - a[1]) * pow(b[0] - a[0], -1, P)
    x = (m * m - a[0] - b[0]) % P
    return x, (m * (a[0] - x) - a[1]) % P


def times(k, point):
    out = None
    while k:
        if k & 1:
            out = add(out, point)
        point, k = add(point, point), k >> 1
    return out


def nonce(d, digest):
    mac = lambda key, m: hmac.new(key, m, hashlib.sha256).digest()
    seed = d.to_bytes(32, "big") + (int.from_bytes(digest, "big") % N).to_bytes(32, "big")
    k, v = b"\0" * 32, b"\1" * 32
    for byte in (b"\0", b"\1"):
        k = mac(k, v + byte + seed)
        v = mac(k, v)
    while True:
        v = mac(k, v)
        if 0 < int.from_bytes(v, "big") < N:
            return int.from_bytes(v, "big")
        k = mac(k, v + b"\0")
        v = mac(k, v)


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


class Key:
    def __init__(self, scalar):
        self.d = int.from_bytes(scalar, "big")
        x, y = times(self.d, G)
        self.point = b"\4" + x.to_bytes(32, "big") + y.to_bytes(32, "big")
        spki = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200") + self.point
        self.kid = sha(spki)[:16]

    @functools.cache  # the same bytes every time, and slow
    def sign(self, digest):
        k = nonce(self.d, digest)
        r = times(k, G)[0] % N
        s = pow(k, -1, N) * (int.from_bytes(digest, "big") + r * self.d) % N
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


KEYS = {k["label"].split("/")[-1]: Key(bytes.fromhex(k["scalar"]))
        for k in json.loads((CONTRACT / "cose.json").read_text())["keys"]}
ANCHOR = bytes.fromhex(json.loads((CONTRACT / "receipt.json").read_text())["anchor"])


# ---- signed objects ----

def kid(name):
    return KEYS[name].kid


def sign1(by, kind, payload, chain, detached=None, vote=None, unprotected=None):
    key = KEYS[by]
    header = {1: -7, 4: key.kid, 16: f"application/vnd.lotmark.{kind}.v1+cose"}
    if chain is not None:
        header[15] = {1: chain.hex()}
    if vote is not None:
        header[395] = 1
        header[15].update(zip((6, -65537, -65538, -65539), vote))
    protected = cbor(header)
    digest = sha(cbor(["Signature1", protected, b"", payload if detached is None else detached]))
    return b"\xd2" + cbor([protected, unprotected or {}, payload, key.sign(digest)])


def id_of(o, detached=None):
    protected, _, payload, _ = uncbor(o[1:])
    return sha(cbor(["Signature1", protected, b"", payload if detached is None else detached]))


def payload_of(o):
    return uncbor(uncbor(o[1:])[2])


def resigned(o):
    """The same object with n - s in place of s."""
    places = uncbor(o[1:])
    s = int.from_bytes(places[3][32:], "big")
    places[3] = places[3][:32] + (N - s).to_bytes(32, "big")
    return b"\xd2" + cbor(places)


def spoiled(o):
    """The same object with one bit of its signature flipped."""
    places = uncbor(o[1:])
    places[3] = places[3][:-1] + bytes([places[3][-1] ^ 1])
    return b"\xd2" + cbor(places)


def unprotected(o, held):
    places = uncbor(o[1:])
    places[1] = held
    return b"\xd2" + cbor(places)


CHAIN = id_of(uncbor(ANCHOR)[1])
OTHER = bytes(32)
STATEMENT_0 = payload_of(uncbor(ANCHOR)[1])[6]
MEMBERS = uncbor(uncbor(STATEMENT_0)[0])


def signed(by, kind, payload, chain=CHAIN):
    return sign1(by, kind, cbor(payload), chain)


# ---- trees ----

def leaf(entry):
    return sha(b"\0", entry)


def root_and_path(leaves, index):
    """Root, and the path of a leaf from its sibling to the child of the root."""
    if len(leaves) == 1:
        return leaves[0], []
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    left, path_left = root_and_path(leaves[:k], index if index < k else 0)
    right, path_right = root_and_path(leaves[k:], index - k if index >= k else 0)
    return sha(b"\1", left, right), path_left + [right] if index < k else path_right + [left]


# ---- statements ----

def statement(epoch, first, signers=("root", "sup1", "sup2"), without=(), more=(), chain=CHAIN):
    body = dict(MEMBERS)
    body.update({0: epoch, 4: first, 5: first, 6: sha(b"root"), 7: []})
    body[1] = sorted([m for m in body[1] if m[0] not in [kid(n) for n in without]] + list(more))
    payload = cbor(body)
    parts = sorted((kid(n), sign1(n, "membership", None, chain, detached=payload)) for n in signers)
    return cbor([payload, [o for _, o in parts]])


# ---- votes ----

def vote(by, size, root, term=4, epoch=0, seconds=1767618001, chain=CHAIN):
    return sign1(by, "vote", None, chain, detached=root, vote=(seconds, size, epoch, term))


def voted(chain_blocks, voters=("sup1", "sup2"), path=None, term=2, epoch=0, seconds=None, root=None):
    """The last block as a receipt holds it."""
    ids = [CHAIN] + [id_of(b) for b in chain_blocks]
    found, right = root_and_path([leaf(i) for i in ids], len(ids) - 1)
    last = chain_blocks[-1]
    seconds = payload_of(last)[5] // 1000 if seconds is None else seconds
    proof = cbor([len(ids), len(ids) - 1, right if path is None else path])
    cast = sorted((kid(n), vote(n, len(ids), root or found, term, epoch, seconds)) for n in voters)
    return unprotected(last, {394: [unprotected(v, {396: {-1: [proof]}}) for _, v in cast]})
