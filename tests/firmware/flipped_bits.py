"""Every single flipped bit of a frame is refused, both ways on a board's line: of what the board sends, and of each type of
frame that the board takes.
"""
import sys
import tempfile
from pathlib import Path

import frames
from board import PATIENCE_S, Board, make_eeprom, need_images
from signed import arrival_naming, opened

CHAIN = "c4" * 32
IMAGE = "start-device-mps2"


def check(holds, what):
    if not holds:
        raise RuntimeError(what)


def flips(line):
    for bit in range(8 * len(line)):
        damaged = bytearray(line)
        damaged[bit // 8] ^= 1 << bit % 8
        yield bytes(damaged)


def on_the_host(signal):
    """A flip of the closing 00 runs the frame into the one behind it; a flip to 00 makes two of it."""
    line, behind = frames.encode(frames.START, signal), frames.encode(frames.HELLO, b"behind")
    check(list(frames.Reader().feed(line + behind)) == [(frames.START, signal), (frames.HELLO, b"behind")],
          "the frame itself is not read")
    tried = 0
    for damaged in flips(line):
        got = list(frames.Reader().feed(damaged + behind))
        check(got in ([(frames.HELLO, b"behind")], []), f"a damaged frame was read as {got}")
        tried += 1
    print(f"flipped bits: {tried} of a start signal's frame, none passes")


def into_the_board(board, made):
    """After all damaged frames of all types the board is as it was: one signal waits, no anchor, nobody pressed."""
    board.send(frames.PRESS)
    signal = board.frame(frames.START)
    _, payload, object_id = opened(signal, made["public"])
    check(payload[4] is None, "an anchor that was not given")
    anchor = (5).to_bytes(8, "big") + bytes(range(32))
    tried = 0
    for kind, body in ((frames.PRESS, b""), (frames.ACK, arrival_naming(object_id)), (frames.ANCHOR, anchor),
                       (frames.ENROL, bytes(32))):
        for damaged in flips(frames.encode(kind, body)):
            board.send_raw(damaged + b"\0")
            tried += 1
    board.send(frames.ENROL, bytes.fromhex(CHAIN))  # answered by an empty error: all before it was read
    seen = []
    while (frames.ERROR, b"") not in seen:
        seen += [(kind, body) for kind, body in all_frames(board)]
    check(set(seen) <= {(frames.ERROR, b""), (frames.START, signal)}, f"a damaged frame was taken: {seen}")
    check(board.frame(frames.START) == signal, "a damaged ack was taken")
    board.send(frames.PRESS)
    while (second := board.frame(frames.START)) == signal:
        pass
    check(opened(second, made["public"])[1][4] is None, "a damaged anchor was taken")
    board.send(frames.ANCHOR, anchor)
    board.send(frames.PRESS)
    while (third := board.frame(frames.START)) in (signal, second):
        pass
    check(opened(third, made["public"])[1][4] == [5, anchor[8:]], "the whole anchor was not taken")
    print(f"flipped bits: {tried} of frames into the board, it took none")
    return signal


def all_frames(board):
    board.line.settimeout(PATIENCE_S)
    return list(board.reader.feed(board.line.recv(4096)))


def main():
    need_images()
    with tempfile.TemporaryDirectory(prefix="lotmark-board-") as folder:
        eeprom = Path(folder) / "filler.eeprom"
        made = make_eeprom(eeprom, "filler-3", CHAIN)
        with Board(folder, IMAGE, eeprom) as board:
            board.hello()
            on_the_host(into_the_board(board, made))


if __name__ == "__main__":
    try:
        main()
    except RuntimeError as e:
        sys.exit(f"flipped bits: {e}")
