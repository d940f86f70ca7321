"""An agent's outbox under trial, with a real broker and a real node: acks and gaps together cover every seq, nothing twice.

  outbox.py kills [--kills N] [--seed S] [--disk]   kill -9 at random points, the broker up and down; with --disk its folder
                                                    is a disk of 3 MiB, which fills up
  outbox.py silence      the broker takes everything and no node answers: nothing is deleted, and an alarm is in the log
  outbox.py refused      the node refuses a bundle for its content: it is set aside, a gap stands in its place
"""
import argparse
import random
import re
import sqlite3
import subprocess
import sys
import tempfile
import time

import cbor2

from cose import Signed
from kills import expected, write_readings
from stack import Stack, bin_dir, check

MEMBER, DEVICE, BROKER = "hualin-node", "fridge-1", "broker-1"
OUTBOX_FULL, NOT_A_NUMBER = 3, 0  # docs/format/keys.md, reason
ROOM, AIR = "t", "a"


def source(stack, name, channel, count, pace, when_full):
    file = stack.dir / f"{name}.csv"
    if not file.exists():
        write_readings(file, count)
    return (f'[[source]]\nname = "{name}"\ntype = "replay"\nfile = "{file}"\nformat = "csv"\nwhen_full = "{when_full}"\n'
            f'time = {{format = "iso", column = "time"}}\npace = "{pace}"\n'
            f'columns = [{{column = "temp", channel = "{channel}", unit = "Cel", exp = -2}}]\n\n')


def intake(stack):
    """Entries of the device's log in order, as (first, last, bundle or None, gap or None, readings)."""
    db = sqlite3.connect(f"file:{stack.home}/members/{MEMBER}/data/private.db?mode=ro", uri=True)
    rows = db.execute("SELECT kind, seq, last, wire FROM intake JOIN intake_wire USING (idx) ORDER BY idx").fetchall()
    db.close()
    out = []
    for kind, seq, last, wire in rows:
        if kind == 1:
            out.append((seq, last, None, Signed.open(wire).payload, []))
        else:
            opened = cbor2.loads(wire)
            out.append((seq, last, Signed.open(opened[0]).payload, None, opened[2]))
    return out


def cover_every_seq(entries):
    next_seq = 1
    for first, last, *_ in entries:
        check(first == next_seq, f"seq {next_seq} is followed by {first}")
        next_seq = last + 1


def readings_of(entries, channel):
    out = []
    for _, _, bundle, _, readings in entries:
        if bundle:
            for place, c in enumerate(bundle[12]):
                if c[0] == channel:
                    out += [tuple(r) for r in readings[place]]
    return out


def outbox(stack, sql):
    db = sqlite3.connect(f"file:{stack.home}/devices/{DEVICE}/state/outbox.db?mode=ro", uri=True)
    try:
        return db.execute(sql).fetchone()
    finally:
        db.close()


class Small:
    """A disk of the agent's own: a tmpfs in a mount namespace that one process keeps."""
    def __init__(self, stack, folder, size):
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.holder = stack.start("disk", ["unshare", "--mount", "--propagation", "private", "sh", "-c",
                                           f"mount -t tmpfs -o size={size} none '{folder}' && echo mounted && exec sleep 3600"])
        stack.logged("disk", "mounted")

    def within(self, command):
        return ["nsenter", f"--mount=/proc/{self.holder.pid}/ns/mnt", *command]

    def look(self, sql):
        """The agent's database is seen from within only."""
        done = subprocess.run(self.within(["sqlite3", "-readonly", str(self.folder / "outbox.db"), sql]),
                              capture_output=True, text=True)
        return done.stdout.strip()


def may_mount():
    done = subprocess.run(["unshare", "--mount", "--propagation", "private", "mount", "-t", "tmpfs", "none", "/mnt"],
                          capture_output=True)
    return done.returncode == 0


def kills(stack, a):
    rng = random.Random(a.seed)
    seconds = a.kills * 0.35 + 5
    count = int(seconds * 300)
    disk = Small(stack, stack.home / "devices" / DEVICE / "state", "3584k") if a.disk else None
    max_bytes = 1 << 26 if disk else 1 << 20
    pace = f"{max(1, int(count / seconds))}x"
    config = stack.agent_config(
        DEVICE, source(stack, "room", ROOM, count // 10, pace, "block") +
        source(stack, "air", AIR, count, pace, "drop-oldest") +
        f'[outbox]\nresend_s = 2\nmax_bytes = {max_bytes}\nbacklog_rate = 0\n', exit_when_done=True, bundle_s=1)
    command = [str(stack.bin / "lotmark-edge-agent"), "--config", str(config)]
    name = f"agent-{DEVICE}"
    start_agent = lambda: stack.start(name, disk.within(command) if disk else command)  # noqa: E731
    stack.start_node(MEMBER)
    start_agent()
    up = False
    for n in range(a.kills):
        time.sleep(rng.uniform(0.02, 0.5))
        if rng.random() < 0.12:
            if up:
                stack.kill(f"broker-{BROKER}")
            else:
                stack.start_broker(BROKER)
            up = not up
        if stack.processes[name].poll() is not None:
            check(stack.processes[name].returncode == 0, "the agent did not end well")
            print(f"outbox: all was acked after {n} kills", flush=True)
            break
        stack.kill(name)
        start_agent()
        if (n + 1) % 25 == 0:
            print(f"outbox: {n + 1} kills of {a.kills}", flush=True)
    if not up:
        stack.start_broker(BROKER)
    agent = stack.processes[name]
    stack.wait(lambda: agent.poll() is not None, 240, "the agent to have everything acked")
    check(agent.returncode == 0, "the agent did not end well")
    entries = intake(stack)
    cover_every_seq(entries)
    room, air = readings_of(entries, ROOM), readings_of(entries, AIR)
    check(len(room) == count // 10 and dict(room) == expected(count // 10), "a source that blocks lost or doubled a reading")
    check(len(air) == len(set(air)) and set(air) <= set(expected(count).items()), "a reading came twice, or is no reading")
    gaps = [g for _, _, _, g, _ in entries if g]
    lost = sum(g[6] for g in gaps)
    check(all(g[7] == OUTBOX_FULL for g in gaps), "a gap of another reason")
    check(count - len(air) <= lost, f"{count - len(air)} readings are missing, {lost} are declared")
    check(disk is not None or gaps, "nothing ever gave way: the outbox was not full")
    log = (stack.dir / f"{name}.log").read_text(errors="replace")
    if disk:
        check("disk-full" in log, "the disk was never full")
    left = disk.look("SELECT count(*) FROM bundle") if disk else outbox(stack, "SELECT count(*) FROM bundle")[0]
    check(int(left) == 0, f"{left} objects unacked")
    print(f"outbox: {len(entries)} entries cover every seq; {len(gaps)} gaps declare {lost} readings", flush=True)


def silence(stack, a):
    """Mosquitto alone: it acknowledges every publish."""
    count = 600
    config = stack.agent_config(DEVICE, source(stack, "room", ROOM, count, "max", "block") +
                                '[outbox]\nresend_s = 1\nalarm_s = 3\n', bundle_s=1)
    stack.start_broker(BROKER)
    stack.start_agent(DEVICE, config)
    log = f"agent-{DEVICE}"
    stack.logged(log, r"outbox\.stalled broker=connected unacked=\d+ ")
    stack.wait(lambda: outbox(stack, "SELECT count(*) FROM bundle")[0] == count, 30, "all to be in the outbox")
    check(outbox(stack, "SELECT count(*), min(seq), max(seq) FROM bundle") == (count, 1, count), "something was deleted")
    stack.start_node(MEMBER)
    stack.logged(log, r"outbox\.flows")
    stack.wait(lambda: len(intake(stack)) == count, 30, "all to arrive")
    cover_every_seq(intake(stack))
    print("outbox: nothing was deleted while nobody answered; then all arrived", flush=True)


def refused(stack, a):
    """The agent's windows are longer than the node's: one that crosses a multiple of it is refused for ever."""
    file = stack.dir / "cross.csv"
    file.write_text("time,temp\n2026-01-05T00:00:00Z,2\n2026-01-05T00:00:06Z,3\n2026-01-05T00:00:10Z,4\n"
                    "2026-01-05T00:00:16Z,5\n2026-01-05T00:00:20Z,6\n")
    config = stack.agent_config(DEVICE, source(stack, "cross", ROOM, 0, "max", "block") + '[outbox]\nresend_s = 1\n',
                                exit_when_done=True, bundle_s=10)
    stack.start_broker(BROKER)
    stack.start_node(MEMBER)
    stack.start_agent(DEVICE, config)
    agent = stack.processes[f"agent-{DEVICE}"]
    stack.wait(lambda: agent.poll() is not None, 60, "the agent to go on")
    check(agent.returncode == 0, "the agent did not end well")
    entries = intake(stack)
    cover_every_seq(entries)
    check([v for _, v in readings_of(entries, ROOM)] == [600], "another bundle was refused")
    check([(g[2], g[3], g[6], g[7]) for _, _, _, g, _ in entries if g] ==
          [(1, 1, 2, NOT_A_NUMBER), (2, 2, 2, NOT_A_NUMBER)], "other gaps")
    folder = stack.home / "devices" / DEVICE / "state/rejected"
    check(len(list(folder.glob("*.bundle"))) == 2, "the bundles are not set aside")
    acks = [Signed.open(f.read_bytes()).payload for f in sorted(folder.glob("*.ack"))]
    check([ack[8][0][0] for ack in acks] == [1, 2], "the node's word is not beside them")
    print("outbox: two bundles are set aside with the node's word, and the chain went on", flush=True)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("what", choices=["kills", "silence", "refused"])
    p.add_argument("--kills", type=int, default=50)
    p.add_argument("--seed", type=int, default=int(time.time()))
    p.add_argument("--disk", action="store_true")
    a = p.parse_args()
    if a.disk and not may_mount():
        print("outbox: NOT RUN: a mount namespace of its own is not permitted here")
        return
    print(f"outbox: {a.what}, seed {a.seed}", flush=True)
    seconds = "5" if a.what == "refused" else "1"
    with tempfile.TemporaryDirectory(prefix="lotmark-outbox-") as folder:
        with Stack(folder, bin_dir(), edit=lambda t: re.sub(r"(?m)^bundle_s\s*=\s*\d+", f"bundle_s = {seconds}", t)) as stack:
            stack.found()
            {"kills": kills, "silence": silence, "refused": refused}[a.what](stack, a)


if __name__ == "__main__":
    try:
        main()
    except RuntimeError as e:
        sys.exit(f"outbox: {e}")
