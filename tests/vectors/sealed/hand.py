"""Sealed segments from docs/format/sealed.md, by python3-cryptography: a second implementation beside core/sealed."""
import pathlib
import sys

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import third_hand as base  # noqa: E402

NAME, MEDIA = "sealed", "application/vnd.lotmark.sealed.v1+cbor"
CONTENT_HEADER = base.cbor({1: 3})
RECIPIENT_HEADER = base.cbor({1: -31})
PLACE = -65540


class Refused(Exception):
    """Carries the error's name."""


def private_key(scalar):
    return ec.derive_private_key(int.from_bytes(scalar, "big"), ec.SECP256R1())


def associated(chain, salt, audience, check):
    external = base.cbor(["lotmark/sealed/1", chain, salt, audience, check])
    return base.cbor(["Encrypt", CONTENT_HEADER, external])


def key_check(key):
    return base.sha(b"lotmark/sealed/1", key)


def ciphertext(chain, salt, audience, iv, key, plain, check=None):
    aad = associated(chain, salt, audience, check or key_check(key))
    return AESGCM(key).encrypt(iv, plain, aad)


def kek(scalar, point, kdf=None):
    peer = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    z = private_key(scalar).exchange(ec.ECDH(), peer)
    info = kdf or base.cbor([-5, [None] * 3, [None] * 3, [256, RECIPIENT_HEADER]])
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(z)


def recipient(key, reader, ephemeral, kdf=None):
    point = base.Key(ephemeral).point
    wrapped = aes_key_wrap(kek(ephemeral, reader.point, kdf), key)
    return [RECIPIENT_HEADER, {4: reader.kid, -1: {1: 2, -1: 1, -2: point[1:33], -3: point[33:]}}, wrapped]


def cose(salt, audience, iv, check, text, recipients):
    return b"\xd8\x60" + base.cbor([CONTENT_HEADER, {5: iv, PLACE: [salt, audience, check]}, text, recipients])


def entry(salt, audience, iv, check, text):
    return base.cbor([salt, NAME, audience, MEDIA, base.cbor([iv, check, text])])


def open_cose(envelope, scalar, chain):
    """(name, media, content, entry) of what a COSE_Encrypt holds for the reader with this key. The checks that an
    honest sender's file needs; the strict reading of hostile ones is the C++ and the JavaScript reader's."""
    reader = base.Key(scalar)
    if envelope[:2] != b"\xd8\x60":
        raise Refused("seal")
    protected, unprotected, text, recipients = base.uncbor(envelope[2:])
    if protected != CONTENT_HEADER or base.cbor([protected, unprotected, text, recipients]) != envelope[2:]:
        raise Refused("seal")
    salt, audience, check = unprotected[PLACE]
    own = [r for r in recipients if r[1][4] == reader.kid]
    if not own:
        raise Refused("seal-reader")
    header, inner, wrapped = own[0]
    if header != RECIPIENT_HEADER:
        raise Refused("seal")
    ephemeral = b"\4" + inner[-1][-2] + inner[-1][-3]
    try:
        key = aes_key_unwrap(kek(scalar, ephemeral), wrapped)
        if key_check(key) != check:
            raise Refused("seal")
        plain = AESGCM(key).decrypt(unprotected[5], text, associated(chain, salt, audience, check))
    except (InvalidTag, InvalidUnwrap, ValueError):
        raise Refused("seal") from None
    name, media, content = base.uncbor(plain)
    return name, media, content, entry(salt, audience, unprotected[5], check, text)
