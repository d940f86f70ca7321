"""The start-signal device on a board in QEMU: makes its key of the factory's seed, signs what verifies, keeps its count,
and comes back by its watchdog. Prints what it takes.
"""
import re
import sys
import tempfile
from pathlib import Path

import frames
from board import Board, make_eeprom, need_images
from signed import arrival_naming, opened

CHAIN = "c4" * 32
IMAGE = "start-device-mps2"


def check(holds, what):
    if not holds:
        raise RuntimeError(what)


def press(board):
    board.send(frames.PRESS)
    return board.frame(frames.START)


def first_power_up(folder):
    eeprom = folder / "filler.eeprom"
    made = make_eeprom(eeprom, "filler-3", CHAIN)
    check(b"LMSD" in eeprom.read_bytes(), "the factory wrote no seed")
    with Board(folder, IMAGE, eeprom) as board:
        hello = board.hello()
        check(hello["kid"] == made["kid"] and hello["boot"] == "1", f"the device is another than announced: {hello}")
        page = eeprom.read_bytes()
        check(b"LMSD" not in page and page.count(b"LMNV") == 2, "the seed is still there, or the key is not")
        signals = [press(board) for _ in range(4)]
        nonces = set()
        for signal in signals:
            header, payload, _ = opened(signal, made["public"])
            check(header[15] == {1: CHAIN} and payload[1] == "filler-3" and payload[2] == 1, f"not as told: {payload}")
            nonces.add(payload[3])
        check(len(nonces) == 4, "a nonce came twice")
        board.send(frames.PRESS)
        check(b"too many" in board.frame(frames.ERROR), "a fifth signal was taken")
        again = {board.frame(frames.START) for _ in range(4)}
        check(again == set(signals), "what was sent again is not what was signed")
        for signal in signals[:3]:
            board.send(frames.ACK, arrival_naming(opened(signal, made["public"])[2]))
        # The next round of sending is all of the one that was not answered.
        while board.frame(frames.START) != signals[3]:
            pass
        check(board.frame(frames.START) == signals[3] and board.frame(frames.START) == signals[3], "answered in vain")
        board.report("start device")
    return eeprom, made, nonces


def later_power_ups(folder, eeprom, made, nonces):
    for boot in (2, 3):
        with Board(folder, IMAGE, eeprom) as board:
            hello = board.hello()
            check(hello["boot"] == str(boot) and hello["kid"] == made["kid"], f"power-up {boot} says {hello}")
            payload = opened(press(board), made["public"])[1]
            check(payload[2] == boot and payload[3] not in nonces, "a count or a nonce came again")
            nonces.add(payload[3])


def watchdog(folder, eeprom):
    """The loop is made to stand still: the board begins anew, as after a power-up. Not counted: four seconds of a loop that
    stands still are four billion instructions."""
    with Board(folder, IMAGE, eeprom, debug=True, counted=False) as board:
        board.debugger.stop_at("lm_app_poll")
        board.debugger.run()
        boot = int(board.hello()["boot"])  # the fourth, or later where a busy machine held the board up
        board.debugger.forget("lm_app_poll")
        board.debugger.write(board.debugger.address_of("lm_app_poll"), bytes.fromhex("fee7"))  # jump to itself
        board.debugger.leave()
        check(int(board.hello()["boot"]) > boot, "the watchdog did not start it anew")
        check(re.search(r"(?m)^watchdog$", board.log()), "nothing of the watchdog in the log")


def main():
    need_images()
    with tempfile.TemporaryDirectory(prefix="lotmark-board-") as folder:
        folder = Path(folder)
        eeprom, made, nonces = first_power_up(folder)
        later_power_ups(folder, eeprom, made, nonces)
        watchdog(folder, eeprom)
    print("start device: key from its seed, signatures verified, count kept, watchdog works")


if __name__ == "__main__":
    try:
        main()
    except RuntimeError as e:
        sys.exit(f"start device: {e}")
