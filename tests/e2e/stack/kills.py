"""kill -9 of agent, broker and enterprise node at random moments while readings flow: every reading is in the
intake log exactly once, and acked.

  kills.py [--kills N] [--readings M] [--seed S]      N kills of each of the three
"""
import argparse
import datetime
import random
import re
import sqlite3
import sys
import tempfile
import time

import cbor2

from stack import Stack, bin_dir

BEGIN = datetime.datetime(2026, 1, 5, tzinfo=datetime.timezone.utc)


def write_readings(file, count):
    """One reading a second, values that tell their place."""
    with open(file, "w") as f:
        f.write("time,temp\n")
        for i in range(count):
            t = BEGIN + datetime.timedelta(seconds=i)
            f.write(f"{t:%Y-%m-%dT%H:%M:%SZ},{2 + (i * 7919 % 600) / 100:.2f}\n")


def expected(count):
    start = int(BEGIN.timestamp() * 1000)
    return {start + 1000 * i: 200 + i * 7919 % 600 for i in range(count)}


def stored(private_db):
    """All (time, value) of channel t in the intake log, in order, from the wires as they were signed."""
    db = sqlite3.connect(f"file:{private_db}?mode=ro", uri=True)
    readings, seqs = [], []
    for kind, seq, wire in db.execute("SELECT kind, seq, wire FROM intake JOIN intake_wire USING (idx) ORDER BY idx"):
        if kind != 0:
            raise RuntimeError(f"a gap at seq {seq}: something was lost")
        seqs.append(seq)
        readings += [tuple(r) for r in cbor2.loads(wire)[2][0]]
    db.close()
    return readings, seqs


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--kills", type=int, default=5)
    p.add_argument("--readings", type=int, default=20000)
    p.add_argument("--seed", type=int, default=int(time.time()))
    a = p.parse_args()
    print(f"kills: seed {a.seed}, {a.kills} kills each of agent, broker, enterprise", flush=True)
    rng = random.Random(a.seed)
    with tempfile.TemporaryDirectory(prefix="lotmark-kills-") as folder:
        with Stack(folder, bin_dir(), edit=lambda t: re.sub(r"(?m)^bundle_s\s*=\s*\d+", "bundle_s = 60", t)) as stack:
            run(stack, rng, a)
    print(f"kills: {a.readings} readings, each in the intake log once and acked")


def run(stack, rng, a):
    stack.found()
    member, broker = "hualin-node", "broker-1"
    readings = stack.dir / "readings.csv"
    write_readings(readings, a.readings)
    # Paced so that the kills fall while readings flow: about a second of it for each.
    pace = max(1, a.readings // max(10, 3 * a.kills))
    source = f'[[source]]\nname = "room"\ntype = "replay"\nfile = "{readings}"\nformat = "csv"\n' \
             f'time = {{format = "iso", column = "time"}}\npace = "{pace}x"\n' \
             'columns = [{column = "temp", channel = "t", unit = "Cel", exp = -2}]\n\n[outbox]\nresend_s = 2\n'
    config = stack.agent_config("fridge-1", source, exit_when_done=True, bundle_s=60)
    start = {
        "agent-fridge-1": lambda: stack.start_agent("fridge-1", config),
        f"broker-{broker}": lambda: stack.start_broker(broker),
        f"node-{member}": lambda: stack.start_node(member),
    }
    for name in (f"broker-{broker}", f"node-{member}", "agent-fridge-1"):
        start[name]()
    victims = [name for name in start for _ in range(a.kills)]
    rng.shuffle(victims)
    flowing = 0
    for n, victim in enumerate(victims):
        time.sleep(rng.uniform(0.1, 0.9))
        flowing += stack.processes["agent-fridge-1"].poll() is None
        stack.kill(victim)
        time.sleep(rng.uniform(0.0, 0.3))
        start[victim]()
        if (n + 1) % 15 == 0:
            print(f"kills: {n + 1} of {len(victims)}", flush=True)
    print(f"kills: {flowing} of {len(victims)} while readings flowed", flush=True)
    if flowing < len(victims) // 2:
        raise RuntimeError("most kills fell on a quiet stack: nothing was tried")
    stack.wait(lambda: stack.processes["agent-fridge-1"].poll() is not None, 180, "the agent to have everything acked")
    if stack.processes["agent-fridge-1"].returncode != 0:
        raise RuntimeError("the agent did not end well")
    got, seqs = stored(stack.home / "members" / member / "data" / "private.db")
    if seqs != list(range(1, len(seqs) + 1)):
        raise RuntimeError(f"seqs are not 1 to {len(seqs)} in order")
    if len(got) != len(set(got)):
        raise RuntimeError("a reading came twice")
    if dict(got) != expected(a.readings):
        raise RuntimeError(f"{len(got)} readings stored, {a.readings} were in the file, or values differ")
    outbox = sqlite3.connect(f"file:{stack.home}/devices/fridge-1/state/outbox.db?mode=ro", uri=True)
    left = outbox.execute("SELECT count(*) FROM bundle").fetchone()[0]
    if left != 0:
        raise RuntimeError(f"{left} objects unacked")


if __name__ == "__main__":
    try:
        main()
    except RuntimeError as e:
        sys.exit(f"kills: {e}")
