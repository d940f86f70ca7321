"""Ten thousand readings a second through agent, broker and enterprise node, for minutes: every reading is in the intake log
once, in order, as fast as it came, and the agent's memory stays where it was.

  flow.py [--seconds N] [--rate R]      R readings a second, in ten channels
"""
import argparse
import datetime
import re
import signal
import sqlite3
import statistics
import sys
import tempfile
import time
from pathlib import Path

import cbor2

from cose import Signed
from kills import BEGIN
from stack import Stack, bin_dir

MEMBER, DEVICE = "hualin-node", "fridge-1"
CHANNELS = 10
MAY_GROW_KB = 512
MAY_LAG_S = 5


def value(row, channel):
    return (row * 7919 + channel * 104729) % 600


def write_rows(file, seconds, rate):
    """So many rows a second of ten readings each; values tell their place."""
    a_second = rate // CHANNELS
    with open(file, "w") as f:
        f.write("time," + ",".join(f"c{c}" for c in range(CHANNELS)) + "\n")
        for row in range(seconds * a_second):
            t = BEGIN + datetime.timedelta(milliseconds=row * 1000 // a_second)
            f.write(f"{t:%Y-%m-%dT%H:%M:%S}.{t.microsecond // 1000:03d}Z,")
            f.write(",".join(f"{value(row, c) / 100:.2f}" for c in range(CHANNELS)) + "\n")


def memory(pid):
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return tuple(int(re.search(rf"(?m)^{key}: +(\d+) kB", text).group(1)) for key in ("Pss", "Rss"))


def last_seq(private_db):
    db = sqlite3.connect(f"file:{private_db}?mode=ro", uri=True)
    try:
        return db.execute("SELECT coalesce(max(last), 0), count(*) FROM intake").fetchone()
    finally:
        db.close()


def check_rows(private_db, rows, a_second):
    """Ten readings of each row, once and in order, in bundles without a hole. Bundles and their bytes."""
    start, next_row, next_seq, size = int(BEGIN.timestamp() * 1000), [0] * CHANNELS, 1, 0
    db = sqlite3.connect(f"file:{private_db}?mode=ro", uri=True)
    for kind, seq, wire in db.execute("SELECT kind, seq, wire FROM intake JOIN intake_wire USING (idx) ORDER BY idx"):
        if kind != 0 or seq != next_seq:
            raise RuntimeError(f"seq {next_seq} is followed by {seq} of kind {kind}")
        next_seq, size = seq + 1, size + len(wire)
        opened = cbor2.loads(wire)
        for place, channel in enumerate(Signed.open(opened[0]).payload[12]):
            c = int(channel[0][1:])
            for t, v in opened[2][place]:
                row = next_row[c]
                if t != start + row * 1000 // a_second or v != value(row, c):
                    raise RuntimeError(f"channel {c}: row {row} is not as it was written")
                next_row[c] = row + 1
    db.close()
    if next_row != [rows] * CHANNELS:
        raise RuntimeError(f"{sum(next_row)} readings stored of {rows * CHANNELS}")
    return next_seq - 1, size


def judge_memory(samples):
    """The last third beside the first one after a warm-up of a fifth. By RSS: PSS grows when a neighbour that shares libraries ends."""
    steady = samples[len(samples) // 5:]
    third = len(steady) // 3
    early, late = steady[:third], steady[-third:]
    for name, place in (("PSS", 0), ("RSS", 1)):
        a, b = (statistics.median(s[place] for s in part) for part in (early, late))
        print(f"flow: {name} median {a:.0f} kB in the first third, {b:.0f} kB in the last, most {max(s[place] for s in samples)} kB",
              flush=True)
        if name == "RSS" and b > a + MAY_GROW_KB:
            raise RuntimeError(f"{name} grew by {b - a:.0f} kB")


def run(stack, a):
    a_second = a.rate // CHANNELS
    rows = a.seconds * a_second
    file = stack.dir / "rows.csv"
    write_rows(file, a.seconds, a.rate)
    columns = ",\n".join(f'  {{column = "c{c}", channel = "c{c}", unit = "Cel", exp = -2}}' for c in range(CHANNELS))
    config = stack.agent_config(
        DEVICE, f'[[source]]\nname = "rows"\ntype = "replay"\nfile = "{file}"\nformat = "csv"\npace = "recorded"\n'
        f'time = {{format = "iso", column = "time"}}\ncolumns = [\n{columns}\n]\n', bundle_s=1)
    stack.start_broker("broker-1")
    stack.start_node(MEMBER)
    stack.logged(f"node-{MEMBER}", r"bus\.connected")
    private_db = stack.home / "members" / MEMBER / "data/private.db"
    stack.start_agent(DEVICE, config)
    agent, begin, samples = stack.processes[f"agent-{DEVICE}"], time.monotonic(), []
    while time.monotonic() < begin + a.seconds:
        time.sleep(2)
        if agent.poll() is not None:
            raise RuntimeError("the agent ended")
        samples.append(memory(agent.pid))
        if len(samples) % 15 == 0:
            print(f"flow: {time.monotonic() - begin:.0f} of {a.seconds} s, PSS {samples[-1][0]} kB, RSS {samples[-1][1]} kB, "
                  f"{last_seq(private_db)[1]} bundles at the node", flush=True)
    stack.logged(f"agent-{DEVICE}", r"source\.done", MAY_LAG_S)
    outbox = stack.home / "devices" / DEVICE / "state/outbox.db"
    sealed = 0

    def all_there():
        nonlocal sealed
        db = sqlite3.connect(f"file:{outbox}?mode=ro", uri=True)
        sealed = db.execute("SELECT seq FROM outbox").fetchone()[0]
        db.close()
        return last_seq(private_db)[0] == sealed

    stack.wait(all_there, MAY_LAG_S, "the rest to be acked")
    took = time.monotonic() - begin
    text = Path(f"/proc/{agent.pid}/stat").read_text().rsplit(")", 1)[1].split()
    cpu = (int(text[11]) + int(text[12])) / 100
    written = int(re.search(r"write_bytes: (\d+)", Path(f"/proc/{agent.pid}/io").read_text()).group(1))
    stack.kill(f"agent-{DEVICE}", signal.SIGTERM)
    bundles, size = check_rows(private_db, rows, a_second)
    print(f"flow: {rows * CHANNELS} readings in {took:.1f} s, {rows * CHANNELS / took:.0f} a second, in {bundles} bundles; CPU of the agent "
          f"{100 * cpu / took:.0f} %; {written / size:.2f} bytes written a byte of bundle", flush=True)
    judge_memory(samples)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--seconds", type=int, default=60)
    p.add_argument("--rate", type=int, default=10000)
    a = p.parse_args()
    with tempfile.TemporaryDirectory(prefix="lotmark-flow-") as folder:
        with Stack(folder, bin_dir(), edit=lambda t: re.sub(r"(?m)^bundle_s\s*=\s*\d+", "bundle_s = 1", t)) as stack:
            stack.found()
            run(stack, a)


if __name__ == "__main__":
    try:
        main()
    except RuntimeError as e:
        sys.exit(f"flow: {e}")
