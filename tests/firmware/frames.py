"""Frames on a serial line (docs/format/frames.md), written from that page alone."""
import binascii

START, BUNDLE, HELLO, ENROL, ERROR, ACK, STATE, PRESS, ANCHOR, TIME = range(1, 11)
BODY_MAX = 512


def cobs(data):
    out, group = bytearray(), bytearray()
    for byte in data:
        if byte != 0:
            group.append(byte)
        if byte == 0 or len(group) == 254:
            out += bytes([len(group) + 1]) + group
            group.clear()
            full = byte != 0
            continue
        full = False
    # After a full group at the very end stands nothing.
    if not data or data[-1] == 0 or not full:
        out += bytes([len(group) + 1]) + group
    return bytes(out)


def uncobs(data):
    out, at, last = bytearray(), 0, None
    while at < len(data):
        code = data[at]
        if code == 0 or at + code > len(data):
            return None
        if last is not None and last < 255:
            out.append(0)
        out += data[at + 1:at + code]
        at += code
        if code == 1 and last == 255 and at == len(data):
            return None
        last = code
    return bytes(out)


def encode(kind, body=b""):
    raw = bytes([kind]) + body
    return cobs(raw + binascii.crc32(raw).to_bytes(4, "little")) + b"\0"


def decode(stretch):
    """(type, body) of what stood before a 00, or nothing if it is no frame."""
    raw = uncobs(stretch)
    if raw is None or not 5 <= len(raw) <= BODY_MAX + 5:
        return None
    if binascii.crc32(raw[:-4]).to_bytes(4, "little") != raw[-4:]:
        return None
    return raw[0], raw[1:-4]


class Reader:
    """A stream of bytes as frames; what is no frame is counted."""

    def __init__(self):
        self.rest, self.bad = b"", 0

    def feed(self, data):
        *stretches, self.rest = (self.rest + data).split(b"\0")
        for stretch in stretches:
            if stretch:
                frame = decode(stretch)
                if frame is None:
                    self.bad += 1
                else:
                    yield frame
