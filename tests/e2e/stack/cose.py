"""Signed objects (docs/format/cose.md) taken apart, changed and signed anew, for tests that play a dishonest or
broken device. Signatures are made by the openssl program, with keys as ca init wrote them.
"""
import hashlib
import subprocess

import cbor2

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256's base point


def encode(value):
    return cbor2.dumps(value, canonical=True)


class Signed:
    """One tagged COSE_Sign1: header and payload as maps, the signature as bytes."""

    def __init__(self, header, payload, signature=bytes(64)):
        self.header, self.payload, self.signature = header, payload, signature

    @classmethod
    def open(cls, data):
        protected, unprotected, payload, signature = cbor2.loads(data).value
        made = cls(cbor2.loads(protected), cbor2.loads(payload), signature)
        if unprotected != {} or made.bytes() != data:
            raise RuntimeError("these bytes are not in deterministic encoding")
        return made

    def bytes(self):
        return encode(cbor2.CBORTag(18, [encode(self.header), {}, encode(self.payload), self.signature]))

    def to_be_signed(self):
        return encode(["Signature1", encode(self.header), b"", encode(self.payload)])

    def id(self):
        return hashlib.sha256(self.to_be_signed()).digest()

    def signed_with(self, key_file):
        der = subprocess.run(["openssl", "dgst", "-sha256", "-sign", str(key_file)], input=self.to_be_signed(),
                             capture_output=True, check=True).stdout
        return Signed(self.header, self.payload, raw_signature(der))

    def twin(self):
        """The same object with s replaced by n - s: as good a signature of the same key."""
        s = ORDER - int.from_bytes(self.signature[32:], "big")
        return Signed(self.header, self.payload, self.signature[:32] + s.to_bytes(32, "big"))


def raw_signature(der):
    """r and s, 32 bytes each, of a DER ECDSA-Sig-Value."""
    r_end = 4 + der[3]
    s_end = r_end + 2 + der[r_end + 1]
    if der[0] != 0x30 or der[2] != 2 or der[r_end] != 2 or s_end != len(der):
        raise RuntimeError("not a DER signature of P-256")
    return b"".join(int.from_bytes(part, "big").to_bytes(32, "big") for part in (der[4:r_end], der[r_end + 2:]))
