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


def agent_of(stack, device, count, pace):
    """The configuration of an agent that plays so many readings at that pace and ends once all are acked."""
    readings = stack.dir / f"{device}.csv"
    write_readings(readings, count)
    source = f'[[source]]\nname = "room"\ntype = "replay"\nfile = "{readings}"\nformat = "csv"\n' \
             f'time = {{format = "iso", column = "time"}}\npace = "{pace}x"\n' \
             'columns = [{column = "temp", channel = "t", unit = "Cel", exp = -2}]\n\n[outbox]\nresend_s = 2\n'
    return stack.agent_config(device, source, exit_when_done=True, bundle_s=60)


def minute_bundles(text):
    return re.sub(r"(?m)^bundle_s\s*=\s*\d+", "bundle_s = 60", text)


def wait_all_acked(stack, device, seconds=120):
    agent = stack.processes[f"agent-{device}"]
    stack.wait(lambda: agent.poll() is not None, seconds, f"{device}'s agent to have everything acked")
    if agent.returncode != 0:
        raise RuntimeError(f"{device}'s agent did not end well")


def check_each_once(private_db, count):
    """Every reading that was written stands in the intake log, once, in bundles without a hole."""
    got, seqs = stored(private_db)
    if seqs != list(range(1, len(seqs) + 1)):
        raise RuntimeError(f"seqs are not 1 to {len(seqs)} in order")
    if len(got) != len(set(got)):
        raise RuntimeError("a reading came twice")
    if dict(got) != expected(count):
        raise RuntimeError(f"{len(got)} readings stored, {count} were in the file, or values differ")


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
        with Stack(folder, bin_dir(), edit=minute_bundles) as stack:
            run(stack, rng, a)
    print(f"kills: {a.readings} readings, each in the intake log once and acked")


def run(stack, rng, a):
    stack.found()
    member, broker = "hualin-node", "broker-1"
    # Paced so that the kills fall while readings flow: about a second of it for each.
    config = agent_of(stack, "fridge-1", a.readings, max(1, a.readings // max(10, 3 * a.kills)))
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
    wait_all_acked(stack, "fridge-1", 180)
    check_each_once(stack.home / "members" / member / "data" / "private.db", a.readings)
    outbox = sqlite3.connect(f"file:{stack.home}/devices/fridge-1/state/outbox.db?mode=ro", uri=True)
    left = outbox.execute("SELECT count(*) FROM bundle").fetchone()[0]
    if left != 0:
        raise RuntimeError(f"{left} objects unacked")


if __name__ == "__main__":
    try:
        main()
    except RuntimeError as e:
        sys.exit(f"kills: {e}")
