"""The sensor node's readings in the enterprise's intake log: from the board's thermometer by UART, the real agent and the broker,
through a killed agent and a board whose power goes; acks come back down the line.
"""
import re
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

import cbor2

from board import PATIENCE_S, REPO, Board, make_eeprom, need_images

sys.path.insert(0, str(REPO / "tests/e2e/stack"))
from stack import Stack, bin_dir, check  # noqa: E402

DEVICE, AGENT, MEMBER = "room-3", "fridge-1", "hualin-node"
ENTRY = f"""
[[devices]]
name = "{DEVICE}"
organisation = "hualin"
site = "cold room 3"
gateway = "{AGENT}"
channels = [{{ name = "temp", unit = "Cel", exp = -4 }}]

[[operators]]"""


def in_log(stack):
    """Bundles of the intake log in order: (life, boot, seq, gaps, readings, clock)."""
    file = stack.home / "members" / MEMBER / "data/private.db"
    if not file.exists():
        return []
    db = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    try:
        rows = db.execute("SELECT kind, wire FROM intake JOIN intake_wire USING (idx) ORDER BY idx").fetchall()
    except sqlite3.OperationalError:
        rows = []  # not made yet
    finally:
        db.close()
    out = []
    for kind, wire in rows:
        check(kind == 0, "a gap: something was lost")
        signed, _, (readings,) = cbor2.loads(wire)
        payload = cbor2.loads(cbor2.loads(signed).value[2])
        out.append((payload[1], payload[4], payload[2], payload[10], [tuple(r) for r in readings], payload[9]))
    return out


def values(stack, of_life=None):
    return [value for life, _, _, _, readings, _ in in_log(stack) for _, value in readings if of_life in (None, life)]


def start_agent(stack, board):
    source = f'\n[[source]]\nname = "room"\ntype = "frames"\ndevice = "{DEVICE}"\npath = "{board.line_path}"\n'
    stack.start_agent(AGENT, stack.agent_config(AGENT, source))


def start_board(stack, eeprom, temperature):
    # The agent opens the line again by itself; the board does not wait for it.
    board = Board(stack.dir, "sensor-node-mps2", eeprom, connect=False)
    board.set_temperature(temperature)
    return board


def run(stack):
    stack.found()
    stack.start_broker()
    stack.start_node(MEMBER)
    chain = "".join((stack.home / "fingerprint.txt").read_text().split())
    eeprom = stack.dir / "room.eeprom"
    make_eeprom(eeprom, DEVICE, chain, "--key", stack.home / "devices" / DEVICE / "record.key", "--interval", 1)
    with start_board(stack, eeprom, 4250) as board:
        start_agent(stack, board)
        stack.wait(lambda: 42500 in values(stack), PATIENCE_S, "4.25 degrees in the intake log")
        board.set_temperature(9500)
        stack.wait(lambda: 95000 in values(stack), PATIENCE_S, "9.5 degrees in the intake log")
        stack.kill(f"agent-{AGENT}")
        board.set_temperature(-3125)
        start_agent(stack, board)
        stack.wait(lambda: -31250 in values(stack), PATIENCE_S, "-3.125 degrees, after the agent was killed")
        acked(stack, board)
    with start_board(stack, eeprom, 21000) as board:
        stack.wait(lambda: 210000 in values(stack), PATIENCE_S, "21 degrees, after the board's power went")
    check_log(in_log(stack))


def acked(stack, board):
    """The board says on its log what was acked: all that the node has."""
    through = max(seq for _, _, seq, *_ in in_log(stack))
    board.wait(lambda: any(int(n) >= through for n in re.findall(r"(?m)^acked (\d+)$", board.log())), PATIENCE_S,
               f"the ack of bundle {through}")


def check_log(log):
    lives = list(dict.fromkeys(life for life, *_ in log))
    check(len(lives) == 2, f"{len(lives)} lives of two power-ups")
    for number, life in enumerate(lives):
        mine = [entry for entry in log if entry[0] == life]
        check([seq for _, _, seq, *_ in mine] == list(range(1, len(mine) + 1)), "a hole in the numbers")
        check({boot for _, boot, *_ in mine} == {number + 1}, "a boot count of another power-up")
        times = [t for *_, readings, _ in mine for t, _ in readings]
        # A board on a busy machine runs behind, and its gateway's time moves it on.
        check(times == sorted(times) and abs(times[-1] / 1000 - time.time()) < 3600, f"times of another day: {times}")
        check({clock for *_, clock in mine} == {1}, "the gateway's time was not taken")
        truth = {42500, 95000, -31250} if number == 0 else {210000, 0}
        check({value for *_, readings, _ in mine for _, value in readings} <= truth | {0}, "a value nobody measured")
    (gap,) = log[[life for life, *_ in log].index(lives[1])][3]
    check(gap[0] is None and gap[3] == 2, f"no word of the power that went: {gap}")
    print(f"sensor to node: {sum(len(entry[4]) for entry in log)} readings in {len(log)} bundles, two lives, no hole")


def main():
    need_images()
    with tempfile.TemporaryDirectory(prefix="lotmark-board-") as folder:
        with Stack(Path(folder), bin_dir(), edit=lambda text: text.replace("\n[[operators]]", ENTRY, 1)) as stack:
            run(stack)


if __name__ == "__main__":
    try:
        main()
    except RuntimeError as e:
        sys.exit(f"sensor to node: {e}")
