"""Is it signed by that key? By the openssl program, from docs/format/cose.md."""
import hashlib
import subprocess
import tempfile
from pathlib import Path

import cbor2

SPKI_HEAD = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200")


def der_integer(raw):
    raw = raw.lstrip(b"\0") or b"\0"
    raw = b"\0" + raw if raw[0] & 0x80 else raw
    return b"\x02" + bytes([len(raw)]) + raw


def opened(data, public):
    """Header and payload as maps, and the id; fails unless `public` (an uncompressed point, hex) signed it."""
    tag = cbor2.loads(data)
    protected, unprotected, payload, signature = tag.value
    if tag.tag != 18 or unprotected != {} or len(signature) != 64:
        raise RuntimeError("not a signed object")
    to_be_signed = cbor2.dumps(["Signature1", protected, b"", payload])
    body = der_integer(signature[:32]) + der_integer(signature[32:])
    with tempfile.TemporaryDirectory() as folder:
        key, der = Path(folder) / "key.der", Path(folder) / "signature.der"
        key.write_bytes(SPKI_HEAD + bytes.fromhex(public))
        der.write_bytes(b"\x30" + bytes([len(body)]) + body)
        done = subprocess.run(["openssl", "dgst", "-sha256", "-keyform", "DER", "-verify", str(key), "-signature", str(der)],
                              input=to_be_signed, capture_output=True)
    if done.returncode != 0:
        raise RuntimeError(f"the signature does not hold: {done.stdout}{done.stderr}")
    return cbor2.loads(protected), cbor2.loads(payload), hashlib.sha256(to_be_signed).digest()


def arrival_naming(object_id):
    """As far as a device looks: the shape of a signed object, and the id in its payload."""
    return cbor2.dumps(cbor2.CBORTag(18, [b"", {}, cbor2.dumps({0: object_id, 1: 1, 2: 0}), bytes(64)]))
