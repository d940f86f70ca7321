"""Backups of an enterprise's node that runs, and what comes back of them.

  backup.py [--kills N] [--seed S]      N kills each of backup and of restore, at random moments

1. `lotmark backup` and `lotmark restore` are killed at random moments: nothing that looks whole is left of them.
2. A backup is taken, the devices' bundles go on and are acked, and the node's disk is lost. What is restored is older
   than the acks: the device says so with the ack it holds, and everything after it is taken. The audit finds nothing.
"""
import argparse
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

import cbor2

from kills import agent_of, minute_bundles, wait_all_acked
from stack import Stack, bin_dir
from standby import audit
from standby_node import MEMBER, rows, size

RATE = 450  # readings a second
READINGS = 9000
READINGS_A_KILL = RATE  # there is more to come when the last backup and restore are over, on a busy machine too
RECEIVER_LOST = 4  # docs/format/keys.md, reason
AGENCIES = ("agency-1", "agency-2", "agency-3")


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--kills", type=int, default=4)
    p.add_argument("--seed", type=int, default=int(time.time()))
    a = p.parse_args()
    print(f"backup: seed {a.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="lotmark-backup-") as folder:
        with Stack(folder, bin_dir(), edit=minute_bundles) as stack:
            run(stack, random.Random(a.seed), a.kills)


def run(stack, rng, kills):
    stack.found()
    data = stack.home / "members" / MEMBER / "data"
    stack.start_broker()
    for name in (*AGENCIES, MEMBER):
        stack.start_node(name)
    start_agent(stack, READINGS + kills * READINGS_A_KILL)
    stack.wait(lambda: size(data / "private.db") > 20, 30, "the first bundles")
    kill_backups(stack, rng, kills, data)
    # From here on no head is logged: what is lost lies behind the newest one.
    for name in AGENCIES:
        stack.kill(f"node-{name}")
    backup = stack.dir / "backup"
    stack.run("lotmark", "backup", str(data), "--out", str(backup))
    kill_restores(stack, rng, kills, backup)
    lose_and_restore(stack, data, backup)


def start_agent(stack, readings):
    stack.start_agent("fridge-1", agent_of(stack, "fridge-1", readings, RATE))


def killed(stack, rng, *command):
    """True if it was killed before its end."""
    # What a process keeps beside its files while it works, it cannot remove once it is killed.
    process = subprocess.Popen([str(stack.bin / "lotmark"), *command], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, env={**os.environ, "TMPDIR": str(stack.dir)})
    time.sleep(rng.uniform(0.0, 0.15))
    process.send_signal(signal.SIGKILL)
    return process.wait() == -signal.SIGKILL


def kill_backups(stack, rng, kills, data):
    cut = 0
    for n in range(kills):
        out = stack.dir / f"torn-{n}"
        if killed(stack, rng, "backup", str(data), "--out", str(out)):
            cut += 1
        if out.exists():  # then it is whole
            stack.run("lotmark", "restore", str(out), "--into", str(stack.dir / f"from-torn-{n}"), "--anchor",
                      str(stack.home / "anchor.cbor"))
        stack.run("lotmark", "backup", str(data), "--out", str(stack.dir / f"again-{n}"))
    print(f"backup: {cut} of {kills} backups killed midway", flush=True)


def kill_restores(stack, rng, kills, backup):
    cut = 0
    for n in range(kills):
        into = stack.dir / f"node-{n}"
        arguments = ("restore", str(backup), "--into", str(into), "--anchor", str(stack.home / "anchor.cbor"))
        cut += killed(stack, rng, *arguments)
        if not into.exists():
            stack.run("lotmark", *arguments)
        if rows(into / "private.db") != rows(backup / "private.db"):
            raise RuntimeError("what was restored is not the backup")
    print(f"backup: {cut} of {kills} restores killed midway", flush=True)


def lose_and_restore(stack, data, backup):
    held = size(backup / "private.db")
    stack.wait(lambda: size(data / "private.db") > held + 5, 30, "bundles after the backup")
    wait_let_go(stack, held)
    stack.kill(f"node-{MEMBER}")
    lost = size(data / "private.db")
    shutil.move(data, stack.dir / "lost")
    stack.run("lotmark", "restore", str(backup), "--into", str(data), "--anchor", str(stack.home / "anchor.cbor"))
    stack.start_node(MEMBER)
    for name in AGENCIES:
        stack.start_node(name)
    wait_all_acked(stack, "fridge-1")
    got = rows(data / "private.db", "SELECT kind, seq, last FROM intake ORDER BY idx")
    gaps = [r for r in got if r[0] == 1]
    if len(gaps) != 1 or gaps[0][1] != held + 1:
        raise RuntimeError(f"one gap from {held + 1} on was to be there: {gaps}")
    ends = [(r[1], r[2]) for r in got]
    if ends[0][0] != 1 or any(b[0] != a[1] + 1 for a, b in zip(ends, ends[1:])):
        raise RuntimeError("the device's log has a hole")
    gap = cbor2.loads(cbor2.loads(rows(
        data / "private.db", "SELECT wire FROM intake JOIN intake_wire USING (idx) WHERE kind = 1")[0][0]).value[2])
    if gap[7] != RECEIVER_LOST:
        raise RuntimeError(f"the gap's reason is {gap[7]}")
    print(f"backup: restored {held} of {lost} objects; the device declared {gaps[0][1]} to {gaps[0][2]} lost here", flush=True)
    stack.kill(f"node-{MEMBER}", signal.SIGTERM)
    audit(stack, data / "private.db")


def wait_let_go(stack, held):
    """Until the agent let go of bundles that the backup does not hold."""
    outbox = stack.home / "devices" / "fridge-1" / "state" / "outbox.db"

    def gone():
        db = sqlite3.connect(f"file:{outbox}?mode=ro", uri=True)
        try:
            least = db.execute("SELECT min(seq) FROM bundle").fetchone()[0]
        finally:
            db.close()
        return least is not None and least > held + 2

    stack.wait(gone, 30, "the agent to let go of acked bundles")


if __name__ == "__main__":
    try:
        main()
    except RuntimeError as e:
        sys.exit(f"backup: {e}")
