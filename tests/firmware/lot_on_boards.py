"""A lot that rests on two boards in QEMU: opened on the start signal of one, its cold storage proven by the other's thermometer, by
UART, the real agent, both brokers and every node. Both reviewers recompute it, and it is released.
"""
import datetime
import re
import sys
import tempfile
from pathlib import Path

import frames
from board import PATIENCE_S, REPO, Board, make_eeprom, need_images
from opens_lot import two_brokers
from sensor_to_node import AGENT, DEVICE, ENTRY, in_log

sys.path.insert(0, str(REPO / "tests/e2e/stack"))
import lot  # noqa: E402
from stack import Stack, bin_dir, check  # noqa: E402

MACHINE, LOT = "filler-1", "QEMU-2"
STEP = re.compile(r'devices = \["fridge-1"\], channels = \["t"\], exp = -2, (.*?)gap_max_ms = \d+, interval_ms = \d+')
SECONDS = 20


def on_boards(text):
    """Line 1's cold storage measured by the sensor node. A board on a busy machine runs behind: its gaps may be long."""
    text, count = STEP.subn(rf'devices = ["{DEVICE}"], channels = ["temp"], exp = -4, \g<1>gap_max_ms = 60000, '
                            'interval_ms = 1000', text)
    check(count == 1, "the sample's line has another step")
    text, count = re.subn(r'channel = "t", unit = "Cel", exp = -2, (.*?)gap_max_ms = \d+',
                          r'channel = "temp", unit = "Cel", exp = -4, \g<1>gap_max_ms = 60000', text)
    check(count == 1, "the sample's programme has other limits")
    return two_brokers(text.replace("\n[[operators]]", ENTRY, 1))


def source(device, board):
    return f'\n[[source]]\nname = "{device}"\ntype = "frames"\ndevice = "{device}"\npath = "{board.line_path}"\n'


def start_board(stack, device, image, *more):
    chain = "".join((stack.home / "fingerprint.txt").read_text().split())
    eeprom = stack.dir / f"{device}.eeprom"
    make_eeprom(eeprom, device, chain, "--key", stack.home / "devices" / device / "record.key", *more)
    return Board(stack.dir, image, eeprom, connect=False)


def measure(stack, sensor):
    """Some seconds of dated readings in the enterprise's log: their first and last whole second."""
    sensor.set_temperature(5500)
    stack.start_agent(AGENT, stack.agent_config(AGENT, source(DEVICE, sensor)))
    stack.wait(lambda: len(dated(stack)) > 1, PATIENCE_S, "dated readings")
    start = int(dated(stack)[0]) + 1
    stack.wait(lambda: max(dated(stack)) > start + SECONDS + 2, PATIENCE_S, f"{SECONDS} seconds of readings")
    return start, start + SECONDS


def start_machine(stack, machine, sensor):
    """Its signal waits on the line until the agent is there. The lot's slots pass while the operator types: no waiting here."""
    machine.connect()
    machine.send(frames.PRESS)
    machine.frame(frames.START)
    machine.line.close()
    stack.kill(f"agent-{AGENT}", 15)
    stack.start_agent(AGENT, stack.agent_config(AGENT, source(DEVICE, sensor) + source(MACHINE, machine)))


def dated(stack):
    """Times in s of the readings in the intake log that have a date."""
    return [t / 1000 for *_, readings, clock in in_log(stack) if clock == 1 for t, _ in readings]


def at(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def run(stack):
    stack.found()
    lot.start_everything(stack)
    with start_board(stack, DEVICE, "sensor-node-mps2", "--interval", 1) as sensor, \
            start_board(stack, MACHINE, "start-device-mps2") as machine:
        start, end = measure(stack, sensor)
        start_machine(stack, machine, sensor)
        lot.open_lot(stack, LOT, 1)
        lot.finish(stack, LOT, at(start), at(end), bundles=1)
        stack.wait(lambda: lot.review_state(stack, "inspector-a", LOT) == "reviewed", PATIENCE_S, "the review")
        shown = stack.lotmark_json("inspector-a", "review", "show", LOT)
        names = {f["name"] for f in shown["findings"]}
        check(names <= {"clock-not-synchronised"}, f"the review finds {shown['findings']}")
        annotation = shown["claims"][0]["annotation"]
        check((annotation["min"], annotation["max"]) == (55000, 55000), f"5.5 degrees are {annotation}")
        stack.lotmark("inspector-a", "review", "approve", LOT)
        stack.wait(lambda: lot.batch_state(stack, LOT) == "released", PATIENCE_S, "the release")
    print(f"lot on boards: {LOT} released, on {annotation['count']} readings between {at(start)} and {at(end)}")


def main():
    need_images()
    with tempfile.TemporaryDirectory(prefix="lotmark-board-") as folder:
        with Stack(Path(folder), bin_dir(), edit=on_boards) as stack:
            run(stack)


if __name__ == "__main__":
    try:
        main()
    except RuntimeError as e:
        sys.exit(f"lot on boards: {e}")
