"""The sensor node on a board in QEMU: what its thermometer measures comes out of the line as signed bundles, each until it is
acked; a gateway that stays away leaves a signed gap. Prints what it takes.

  sensor_node.py [--away]      also the gateway that stays away, which takes a minute
"""
import argparse
import hashlib
import sys
import tempfile
from pathlib import Path

import cbor2

import frames
from board import Board, make_eeprom, need_images
from signed import opened

CHAIN = "c4" * 32
IMAGE = "sensor-node-mps2"
KEPT_MAX = 16
NOW_MS = 1767600000000


def check(holds, what):
    if not holds:
        raise RuntimeError(what)


def leaf(salt, index, t, value):
    """One reading's, docs/format/trees.md."""
    leaf_salt = hashlib.sha256(salt + bytes(4) + index.to_bytes(4, "big")).digest()[:16]
    return [1, value, value, t, t, 0], hashlib.sha256(b"\0" + cbor2.dumps([leaf_salt, t, value])).digest()


def join(left, right):
    (a, x), (b, y) = left, right
    gap = max(a[5], b[5], b[3] - a[4])
    both = [a[0] + b[0], min(a[1], b[1]), max(a[2], b[2]), a[3], b[4], gap]
    return both, hashlib.sha256(b"\1" + cbor2.dumps(a) + x + cbor2.dumps(b) + y).digest()


def root(leaves):
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return join(root(leaves[:split]), root(leaves[split:]))


class Gateway:
    """Hears the board, checks everything, and answers as a node would."""

    def __init__(self, board, public, kid):
        self.board, self.public, self.kid = board, public, bytes.fromhex(kid)
        self.seq, self.id, self.life, self.readings, self.gaps, self.time = 0, None, None, [], [], 1000
        self.clock = 2  # unset

    def hear(self):
        """The next bundle or gap that is not one taken before; acked."""
        while True:
            body = self.board.frame(frames.BUNDLE)
            new = self.take_gap(body) if body[0] == 0xd2 else self.take_bundle(body)
            self.ack()
            if new is not None:
                return new

    def follows(self, payload, last):
        if payload[1] != self.life:
            self.life, self.seq, self.id = payload[1], 0, None
        first = payload[2]
        if last <= self.seq or first > self.seq + 1:
            return False  # taken before, or on its way before one that was missed: both come again
        prev = payload[3] if len(payload) == 13 else payload[4]
        check(first <= self.seq or prev == self.id, "it does not name the one before")
        self.seq = last
        return True

    def take_bundle(self, body):
        check(len(body) <= 512, "too large for a frame")
        signed, salt, (readings,) = cbor2.loads(body)
        header, payload, object_id = opened(signed, self.public)
        check(header[15] == {1: CHAIN} and header[4] == self.kid == payload[0], "signed for another chain or as another")
        if not self.follows(payload, payload[2]):
            return None
        self.id = object_id
        name, kind, unit, exp, annotation, made_root = payload[12][0]
        check((name, kind, unit, exp, payload[9]) == ("temp", 0, "Cel", -4, self.clock), f"another channel: {payload[12]}")
        if readings:
            check([annotation, made_root] == list(root([leaf(salt, i, *r) for i, r in enumerate(readings)])),
                  "root or annotation")
        self.readings += [tuple(r) for r in readings]
        return payload

    def take_gap(self, body):
        _, payload, _ = opened(body, self.public)
        if not self.follows(payload, payload[3]):
            return None
        self.id = payload[5]
        self.gaps.append(payload)
        return payload

    def ack(self):
        self.time += 1
        body = cbor2.dumps({0: self.kid, 1: self.life, 2: self.seq, 3: self.id, 4: self.time, 5: 9, 6: bytes(32), 7: None,
                            8: []})
        self.board.send(frames.ACK, cbor2.dumps(cbor2.CBORTag(18, [b"", {}, body, bytes(64)])))


def measured(board, gateway):
    """Degrees around the thermometer, and a reading of each in a bundle soon after."""
    for milli in (4250, -18562):
        board.set_temperature(milli)
        wanted = milli * 10 // 625 * 625  # its step is a sixteenth of a degree
        have = len(gateway.readings)
        while not any(value == wanted for _, value in gateway.readings[have:]):
            check(len(gateway.readings) < have + 30, f"{milli} m°C is not in {gateway.readings[have:]}")
            gateway.hear()


def first_power_up(folder, eeprom, made, away):
    with Board(folder, IMAGE, eeprom) as board:
        hello = board.hello()
        check(hello["kid"] == made["kid"], "another device")
        gateway = Gateway(board, made["public"], made["kid"])
        anchor = (7).to_bytes(8, "big") + bytes(range(32))
        board.send(frames.ANCHOR, anchor)
        measured(board, gateway)
        check(gateway.hear()[5] == [7, anchor[8:]], "the checkpoint is not in it")
        steps = {b[0] - a[0] for a, b in zip(gateway.readings, gateway.readings[1:])}
        check(steps <= {999, 1000, 1001}, f"a reading is missing: steps of {steps} ms")
        if away:
            gateway_away(board, gateway)
        board.report("sensor node")


def gateway_away(board, gateway):
    """Longer than its memory lasts: what had to go is in a signed gap, and the rest follows without a hole."""
    before = gateway.seq
    newest = before
    while newest < before + KEPT_MAX + 2:  # a bundle every few seconds
        body = board.frame(frames.BUNDLE)
        if body[0] == 0x83:
            newest = max(newest, cbor2.loads(cbor2.loads(cbor2.loads(body)[0]).value[2])[2])
    while gateway.seq < newest:
        gateway.hear()
    check(len(gateway.gaps) >= 1, "nothing was lost, or nobody says so")
    lost = sum(g[6] for g in gateway.gaps)
    check(lost > 0 and all(g[7] == 3 for g in gateway.gaps), f"gaps say {gateway.gaps}")
    first, last = gateway.readings[0][0], gateway.readings[-1][0]
    due = round((last - first) / 1000) + 1
    check(len(gateway.readings) + lost == due, f"{len(gateway.readings)} readings and {lost} lost, {due} were due")
    print(f"sensor node: {len(gateway.readings)} readings, {lost} in {len(gateway.gaps)} signed gap; {due} were due")


def second_power_up(folder, eeprom, made):
    with Board(folder, IMAGE, eeprom) as board:
        board.hello()
        gateway = Gateway(board, made["public"], made["kid"])
        gateway.clock = 1  # free-running, once somebody said the time
        board.send(frames.TIME, NOW_MS.to_bytes(8, "big"))
        first = gateway.hear()
        check(first[2] == 1 and first[4] == 2 and first[10] == [[None, NOW_MS, NOW_MS, 2]], f"no word of the power: {first}")
        gateway.hear()
        check(0 <= gateway.readings[0][0] - NOW_MS <= 2000, f"dated {gateway.readings[0]}")


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--away", action="store_true")
    a = p.parse_args()
    need_images()
    with tempfile.TemporaryDirectory(prefix="lotmark-board-") as folder:
        folder = Path(folder)
        eeprom = folder / "room.eeprom"
        made = make_eeprom(eeprom, "cold-room-2", CHAIN, "--interval", 1)
        first_power_up(folder, eeprom, made, a.away)
        second_power_up(folder, eeprom, made)
    print("sensor node: readings signed, acked, and what was lost told")


if __name__ == "__main__":
    try:
        main()
    except RuntimeError as e:
        sys.exit(f"sensor node: {e}")
