"""A board in QEMU opens a lot: its start signal goes by UART to the real agent, by the agent to both brokers, to the
enterprise and to both reviewers; the arrivals come back down the line.
"""
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

import frames
from board import PATIENCE_S, REPO, Board, make_eeprom, need_images

sys.path.insert(0, str(REPO / "tests/e2e/stack"))
import lot  # noqa: E402
from stack import Stack, bin_dir, check  # noqa: E402

MACHINE, AGENT, LOT = "filler-1", "fridge-1", "QEMU-1"


def two_brokers(text):
    """The enterprise's for its devices, and the consortium's, where the reviewers hear the signal."""
    one = "consortium = true\nport = 7883"
    check(text.count(one) == 1, "the sample has other brokers")
    return text.replace(one, 'port = 7883\n\n[[brokers]]\nname = "broker-2"\nconsortium = true\nport = 7884')


def start_board(stack):
    folder = stack.home / "devices" / MACHINE
    chain = "".join((stack.home / "fingerprint.txt").read_text().split())
    eeprom = stack.dir / "board.eeprom"
    make_eeprom(eeprom, MACHINE, chain, "--key", folder / "record.key")
    return Board(stack.dir, "start-device-mps2", eeprom)


def unanswered(stack):
    """Signals the agent keeps because somebody who is to answer did not."""
    with sqlite3.connect(f"file:{stack.home}/devices/{AGENT}/state/outbox.db?mode=ro", uri=True) as db:
        return db.execute("SELECT count(*) FROM start").fetchone()[0]


def run(stack):
    stack.found()
    lot.start_everything(stack)
    with start_board(stack) as board:
        check(board.hello()["enrolled"] == "yes", "the page's chain is not taken")
        # The press comes before there is a gateway: the device sends its signal again until one answers.
        board.send(frames.PRESS)
        signal = board.frame(frames.START)
        board.line.close()
        source = f'\n[[source]]\nname = "machine"\ntype = "frames"\ndevice = "{MACHINE}"\npath = "{board.line_path}"\n'
        stack.start_agent(AGENT, stack.agent_config(AGENT, source))
        stack.logged(f"agent-{AGENT}", r"start\.kept", PATIENCE_S)
        lot.open_lot(stack, LOT, 1)
        opened = next(b for b in stack.lotmark_json("mei", "batch", "list") if b["lot"] == LOT)
        print(f"opens lot: {LOT} is {opened['state']}, on a start signal of {len(signal)} bytes from the board")
        stack.wait(lambda: unanswered(stack) == 0, PATIENCE_S, "arrivals of the enterprise and both reviewers")
        stack.kill(f"agent-{AGENT}", 15)
        quiet(board)


def quiet(board):
    """Answered, the device sends its signal no more: for three times the pause between two sendings."""
    board.connect()
    board.line.settimeout(0.5)
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            taken = list(board.reader.feed(board.line.recv(4096)))
        except TimeoutError:
            continue
        check(all(kind != frames.START for kind, _ in taken), "the device did not hear that it was answered")


def main():
    need_images()
    with tempfile.TemporaryDirectory(prefix="lotmark-board-") as folder:
        with Stack(Path(folder), bin_dir(), edit=two_brokers) as stack:
            run(stack)
    print("opens lot: answered by the enterprise and both reviewers, over both brokers")


if __name__ == "__main__":
    try:
        main()
    except RuntimeError as e:
        sys.exit(f"opens lot: {e}")
