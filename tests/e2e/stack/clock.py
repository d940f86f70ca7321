"""An agent whose clock starts in 1970, is set to now, and is set back an hour, with a real broker over TLS and a real
node: the connection comes about each time, times never fall in the log, and every bundle says what its clock was.

  clock.py      the agent runs under libfaketime; broker and node have the machine's own clock
"""
import json
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cbor2

from cose import Signed
from stack import Stack, bin_dir, check

MEMBER, DEVICE, BROKER = "hualin-node", "fridge-1", "broker-1"
SYNCHRONISED, FREE_RUNNING, UNSET = 0, 1, 2
FAKETIME = next(iter(Path("/usr/lib").glob("*/faketime/libfaketime.so.1")), None)
PROBE = ["/bin/sh", "-c", "while :; do echo '[{\"n\":\"t\",\"u\":\"Cel\",\"v\":4.5}]'; sleep 0.2; done"]


class Clocks:
    def __init__(self, stack):
        self.stack = stack
        self.offset = stack.dir / "faketime"
        self.config = stack.agent_config(
            DEVICE, f'[[source]]\nname = "room"\ntype = "exec"\ncommand = {json.dumps(PROBE)}\nexp = -2\n\n'
            '[outbox]\nresend_s = 2\n', bundle_s=2)

    def set_clock(self, text):
        """What the agent takes for now: a date, from which its clock runs on, or an offset of the machine's."""
        part = self.offset.with_suffix(".part")
        part.write_text(text + "\n")
        part.rename(self.offset)

    def start_agent(self):
        log = open(self.stack.dir / f"agent-{DEVICE}.log", "ab")
        env = {**os.environ, "LD_PRELOAD": str(FAKETIME), "FAKETIME_TIMESTAMP_FILE": str(self.offset),
               "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        self.stack.processes["agent"] = subprocess.Popen(
            [str(self.stack.bin / "lotmark-edge-agent"), "--config", str(self.config)], stdout=log, stderr=log,
            stdin=subprocess.DEVNULL, env=env)
        log.close()

    def bundles(self):
        file = self.stack.home / "members" / MEMBER / "data/private.db"
        db = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
        rows = db.execute("SELECT kind, wire FROM intake JOIN intake_wire USING (idx) ORDER BY idx").fetchall()
        db.close()
        check(all(kind == 0 for kind, _ in rows), "a gap: something was lost")
        return [(Signed.open(cbor2.loads(wire)[0]).payload, cbor2.loads(wire)[2]) for _, wire in rows]

    def more_bundles(self, clocks, what, count=3):
        """Waits until so many new bundles came, of which the last was sealed with one of these states."""
        before = len(self.bundles())
        def come():
            now = self.bundles()
            return len(now) >= before + count and now[-1][0][9] in clocks
        self.stack.wait(come, 30, f"{count} bundles {what}")
        print(f"clock: {what} ok", flush=True)

    def run(self):
        s = self.stack
        s.start_broker(BROKER)
        s.start_node(MEMBER)
        s.wait(lambda: s.listens(s.control_port(MEMBER)), 20, "the node")
        s.logged(f"node-{MEMBER}", r"bus\.connected")
        self.set_clock(f"@1970-01-01 00:10:00")
        self.start_agent()
        self.more_bundles([UNSET], "sealed in 1970")
        s.kill("agent")
        self.start_agent()
        self.more_bundles([UNSET], "sealed in 1970, started again")
        self.set_clock("+0")
        self.more_bundles([SYNCHRONISED, FREE_RUNNING], "sealed after the step to now")
        self.set_clock("-1h")
        self.more_bundles([UNSET], "sealed after the step back")
        s.kill(f"broker-{BROKER}")
        s.start_broker(BROKER)
        self.more_bundles([UNSET], "sealed after the step back, connected again")
        self.set_clock("+0")
        self.more_bundles([SYNCHRONISED, FREE_RUNNING], "sealed after the hour came back")
        s.kill("agent")
        log = (s.dir / f"agent-{DEVICE}.log").read_text(errors="replace")
        # As it starts, the clock of libfaketime may itself fall by some milliseconds between two threads.
        steps = [s for s in map(int, re.findall(r"clock\.stepped by_ms=(-?\d+)", log)) if abs(s) > 1000]
        check(len(steps) == 3, f"steps in the log: {steps}")
        self.check_order()

    def check_order(self):
        bundles = self.bundles()
        check([b[2] for b, _ in bundles] == list(range(1, len(bundles) + 1)), "seqs are not in order")
        times = [t for _, channels in bundles for t, _ in channels[0]]
        check(times == sorted(times), "times fall")
        lost = [g for b, _ in bundles for g in b[10] if g[3] == 5]
        check(not lost, f"readings were dropped as late: {lost[:3]}")
        now = time.time() * 1000
        believed = [b for b, _ in bundles if b[9] != UNSET]
        check(all(abs(b[8] - now) < 120000 for b in believed), "a clock that was believed was not right")
        hour = 3600000
        in_1970 = [b for b, _ in bundles if b[8] < 24 * hour]
        check(in_1970 and all(b[9] == UNSET for b in in_1970), "1970 was believed, or never seen")
        check(all(b[8] < 24 * hour or abs(b[8] - now) < 120000 for b, _ in bundles), "a bundle made an hour ago")
        print(f"clock: {len(bundles)} bundles, {len(times)} readings in order, {len(believed)} of a clock that was right",
              flush=True)


def main():
    if FAKETIME is None:
        raise RuntimeError("libfaketime is not installed")
    with tempfile.TemporaryDirectory(prefix="lotmark-clock-") as folder:
        with Stack(folder, bin_dir(), edit=lambda t: re.sub(r"(?m)^bundle_s\s*=\s*\d+", "bundle_s = 2", t)) as stack:
            stack.found()
            Clocks(stack).run()


if __name__ == "__main__":
    try:
        main()
    except RuntimeError as e:
        sys.exit(f"clock: {e}")
