#!/usr/bin/python3
"""Sealed segments, sound and not, from docs/format/sealed.md. Keys, salts and ivs are hashes of their names, so that every
run gives the same bytes; real ones are random."""
import json

import hand
from hand import base

CLAIM = "application/vnd.lotmark.claim.v1+cbor"
SEALED = []
REFUSED = []
SEGMENTS = []


def made(what, size):
    return base.sha(b"lotmark/test/", what.encode())[:size]


SCALARS = {name: made("reader " + name, 32) for name in ("enterprise", "reviewer", "regulator", "stranger")}
READERS = {name: base.Key(scalar) for name, scalar in SCALARS.items()}
OTHER_CHAIN = made("another chain", 32)


class Made:
    """One sealed segment and its parts."""

    def __init__(self, name, plain, audience=2, readers=("enterprise", "reviewer"), chain=base.CHAIN):
        self.name, self.plain, self.audience, self.chain = name, plain, audience, chain
        self.salt, self.iv, self.key = made("salt " + name, 16), made("iv " + name, 12), made("key " + name, 32)
        self.check = hand.key_check(self.key)
        self.text = hand.ciphertext(chain, self.salt, audience, self.iv, self.key, base.cbor(plain))
        self.readers = sorted(readers, key=lambda r: READERS[r].kid)
        self.ephemeral = {r: made(f"ephemeral {name} {r}", 32) for r in self.readers}
        self.recipients = [hand.recipient(self.key, READERS[r], self.ephemeral[r]) for r in self.readers]

    def cose(self, **changed):
        p = {"salt": self.salt, "audience": self.audience, "iv": self.iv, "check": self.check, "text": self.text,
             "recipients": self.recipients, **changed}
        return hand.cose(**p)

    def entry(self, **changed):
        p = {"salt": self.salt, "audience": self.audience, "iv": self.iv, "check": self.check, "text": self.text, **changed}
        return hand.entry(**p)


def sound(m):
    SEALED.append({
        "name": m.name, "plain": {"name": m.plain[0], "media": m.plain[1], "content": m.plain[2].hex()},
        "audience": m.audience, "salt": m.salt.hex(), "iv": m.iv.hex(), "content_key": m.key.hex(),
        "entry": m.entry().hex(), "leaf": base.leaf(m.entry()).hex(),
        "recipients": [{"reader": r, "ephemeral": m.ephemeral[r].hex(), "bytes": base.cbor(part).hex()}
                       for r, part in zip(m.readers, m.recipients)],
        "cose": m.cose().hex()})
    return m


def refused(name, cose, error="seal", reader="reviewer", chain=base.CHAIN):
    REFUSED.append({"name": name, "cose": cose.hex(), "reader": reader, "chain": chain.hex(), "error": error})


def segment(name, entry, key, error="seal"):
    SEGMENTS.append({"name": name, "entry": entry.hex(), "content_key": key.hex(), "error": error})


def with_text(name, plain):
    """A segment whose plaintext is these bytes, whatever they are."""
    m = Made(name, ["", "", b""])
    m.text = hand.ciphertext(m.chain, m.salt, m.audience, m.iv, m.key, plain)
    return m


def places(m, **at):
    """Its COSE_Encrypt with whole places replaced."""
    got = base.uncbor(m.cose()[2:])
    for place, value in at.items():
        got[int(place[1:])] = value
    return b"\xd8\x60" + base.cbor(got)


def with_recipient(m, header=None, unprotected=None, wrapped=None):
    """The reviewer's recipient changed."""
    out = []
    for reader, (h, u, w) in zip(m.readers, m.recipients):
        if reader == "reviewer":
            h, u, w = header or h, unprotected or u, wrapped or w
        out.append([h, u, w])
    return m.cose(recipients=out)


def main():
    claim = sound(Made("a claim for two readers", ["claim", CLAIM, made("content", 32) * 9]))
    sound(Made("a note for one", ["note", "text/plain", "低温".encode()], 1, ["regulator"]))
    sound(Made("an empty content", ["", "", b""]))
    sound(Made("three readers", ["birth", "application/octet-stream", bytes(300)], 2, ["enterprise", "reviewer", "regulator"]))
    other = Made("another segment", ["note", "text/plain", b"another"])

    refused("no recipient for the key", claim.cose(), "seal-reader", "stranger")
    refused("another chain", claim.cose(), chain=OTHER_CHAIN)
    refused("another salt", claim.cose(salt=other.salt))
    refused("another audience", claim.cose(audience=1))
    refused("audience public", claim.cose(audience=0))
    refused("audience unknown", claim.cose(audience=3))
    refused("another iv", claim.cose(iv=other.iv))
    refused("another key check", claim.cose(check=other.check))
    refused("another segment's ciphertext", claim.cose(text=other.text))
    refused("another segment's recipients", claim.cose(recipients=other.recipients))
    refused("recipients not in order", claim.cose(recipients=claim.recipients[::-1]))
    refused("a recipient twice", claim.cose(recipients=[claim.recipients[0]] * 2 + [claim.recipients[1]]))
    refused("no recipients", claim.cose(recipients=[]))
    refused("a ciphertext of a tag alone", claim.cose(text=claim.text[-16:]))
    refused("a ciphertext without its last byte", claim.cose(text=claim.text[:-1]))
    refused("an iv of 11 bytes", claim.cose(iv=claim.iv[:11]))
    refused("a salt of 15 bytes", claim.cose(salt=claim.salt[:15]))
    refused("a check of 31 bytes", claim.cose(check=claim.check[:31]))
    refused("no tag", claim.cose()[2:])
    refused("tag 16", b"\xd0" + claim.cose()[2:])
    refused("a byte behind it", claim.cose() + b"\0")
    refused("cut by a byte", claim.cose()[:-1])
    refused("nothing", b"")
    refused("protected header A128GCM", places(claim, p0=base.cbor({1: 1})))
    refused("protected header empty", places(claim, p0=b""))
    header = base.uncbor(claim.cose()[2:])[1]
    refused("a header more", places(claim, p1={**header, 6: b""}))
    refused("no iv", places(claim, p1={k: v for k, v in header.items() if k != 5}))
    refused("no place", places(claim, p1={k: v for k, v in header.items() if k != hand.PLACE}))
    refused("ciphertext null", places(claim, p2=None))
    refused("five places", b"\xd8\x60" + base.cbor(base.uncbor(claim.cose()[2:]) + [None]))
    refused("above 131,072 bytes", claim.cose(), "object-too-large")
    REFUSED[-1]["zeros_behind"] = 131073 - len(claim.cose())

    reviewer = READERS["reviewer"]
    mine = next(u for r, (_, u, _) in zip(claim.readers, claim.recipients) if r == "reviewer")
    refused("recipient by another algorithm", with_recipient(claim, header=base.cbor({1: -29})))
    refused("recipient with a header more", with_recipient(claim, unprotected={**mine, -20: b"salt"}))
    refused("recipient with y by its sign", with_recipient(claim, unprotected={**mine, -1: {**mine[-1], -3: True}}))
    refused("ephemeral key on another curve", with_recipient(claim, unprotected={**mine, -1: {**mine[-1], -1: 2}}))
    off = {**mine[-1], -3: mine[-1][-3][:-1] + bytes([mine[-1][-3][-1] ^ 1])}
    refused("ephemeral key not on the curve", with_recipient(claim, unprotected={**mine, -1: off}))
    refused("ephemeral key of zeros", with_recipient(claim, unprotected={**mine, -1: {**mine[-1], -2: bytes(32), -3: bytes(32)}}))
    direct = hand.recipient(claim.key, reviewer, claim.ephemeral["reviewer"],
                            base.cbor([3, [None] * 3, [None] * 3, [256, hand.RECIPIENT_HEADER]]))
    refused("wrapped under a key derived for A256GCM", with_recipient(claim, wrapped=direct[2]))
    stranger = hand.recipient(claim.key, READERS["stranger"], claim.ephemeral["reviewer"])
    refused("the stranger's wrapped key under the reviewer's kid", with_recipient(claim, wrapped=stranger[2]))
    zeros = hand.recipient(bytes(32), reviewer, claim.ephemeral["reviewer"])
    refused("another content key wrapped", with_recipient(claim, wrapped=zeros[2]))

    segment("another content key", claim.entry(), other.key)
    segment("a check of another key, ciphertext under it", claim.entry(
        check=other.check, text=hand.ciphertext(claim.chain, claim.salt, 2, claim.iv, claim.key, base.cbor(claim.plain),
                                                other.check)), claim.key)
    for name, plain in [
            ("plaintext no array", base.cbor(b"text")), ("plaintext of two places", base.cbor(["a", "b"])),
            ("plaintext of four places", base.cbor(["a", "b", b"c", None])),
            ("plaintext with a name of bytes", base.cbor([b"a", "b", b"c"])),
            ("plaintext with content null", base.cbor(["a", "b", None])),
            ("plaintext with a byte behind it", base.cbor(["a", "b", b"c"]) + b"\0"),
            ("plaintext with a long head", b"\x83\x78\x01a\x61b\x41c"),
            ("plaintext with a name of 257 bytes", base.cbor(["n" * 257, "b", b"c"])),
            ("plaintext with a name not UTF-8", b"\x83\x61\xff\x61b\x41c"),
            ("a sealed segment within", base.cbor([hand.NAME, hand.MEDIA, base.cbor([bytes(12), bytes(32), bytes(20)])]))]:
        m = with_text(name, plain)
        segment(name, m.entry(), m.key)
    segment("another name", claim.entry().replace(b"fsealed", b"fSealed"), claim.key)
    segment("another media type", claim.entry().replace(b"sealed.v1", b"sealed.v2"), claim.key)
    content = lambda *parts: base.cbor([claim.salt, hand.NAME, 2, hand.MEDIA, base.cbor(list(parts))])
    segment("content of two places", content(claim.iv, claim.check), claim.key)
    segment("content of four places", content(claim.iv, claim.check, claim.text, b""), claim.key)
    segment("content with a check of text", content(claim.iv, "c" * 32, claim.text), claim.key)
    segment("content no cbor", base.cbor([claim.salt, hand.NAME, 2, hand.MEDIA, b"\xff"]), claim.key)

    lists = {"sealed": SEALED, "refuse": REFUSED, "refuse_segments": SEGMENTS}
    readers = {n: {"scalar": SCALARS[n].hex(), "public_key": k.point.hex(), "kid": k.kid.hex()} for n, k in READERS.items()}
    print('{"made_by": "make.py, from docs/format/sealed.md",\n"chain": "%s",\n"readers": %s' %
          (base.CHAIN.hex(), json.dumps(readers)), end="")
    for name, cases in lists.items():
        print(',\n"%s": [\n%s\n]' % (name, ",\n".join(" " + json.dumps(c, ensure_ascii=True) for c in cases)), end="")
    print("}")


if __name__ == "__main__":
    main()
