"""kill -9 of an enterprise's node and of its standby while readings flow and are copied; then the enterprise's node
dies for good, its standby is promoted and goes on: every reading is in its intake log exactly once, none was lost
with an ack, and the audit finds nothing.

  standby.py [--kills N] [--readings M] [--seed S]      N kills of each of the two
"""
import argparse
import random
import re
import sys
import tempfile
import time

from kills import agent_of, check_each_once, minute_bundles, wait_all_acked
from stack import Stack, bin_dir
from standby_node import MEMBER, Standby, rows, size


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--kills", type=int, default=3)
    p.add_argument("--readings", type=int, default=12000)
    p.add_argument("--seed", type=int, default=int(time.time()))
    a = p.parse_args()
    print(f"standby: seed {a.seed}, {a.kills} kills each of enterprise and standby", flush=True)
    rng = random.Random(a.seed)
    with tempfile.TemporaryDirectory(prefix="lotmark-standby-") as folder:
        with Stack(folder, bin_dir(), edit=minute_bundles) as stack:
            run(stack, rng, a)
    print(f"standby: {a.readings} readings, each once in the log of the promoted standby")


def run(stack, rng, a):
    stack.found()
    standby = Standby(stack)
    agent = agent_of(stack, "fridge-1", a.readings, max(1, a.readings // max(12, 4 * a.kills)))
    stack.start_broker()
    for name in ("agency-1", "agency-2", "agency-3", MEMBER):
        stack.start_node(name)
    standby.start()
    stack.wait(lambda: (standby.data / "private.db").exists(), 20, "the standby's private.db")
    keeps_no_log(stack, standby)
    stack.start_agent("fridge-1", agent)
    own = standby.enterprise / "data" / "private.db"
    stack.wait(lambda: size(own) > 3, 30, "the first bundles")
    victims = [MEMBER, "hualin-standby"] * a.kills
    rng.shuffle(victims)
    for victim in victims:
        time.sleep(rng.uniform(0.2, 1.0))
        stack.kill(f"node-{victim}")
        time.sleep(rng.uniform(0.0, 0.4))
        stack.start_node(victim)
    time.sleep(rng.uniform(0.5, 1.5))
    if stack.processes["agent-fridge-1"].poll() is not None:
        raise RuntimeError("the readings had flowed before the enterprise's node died")
    stack.kill(f"node-{MEMBER}")
    standby.kill()
    held, had = size(standby.data / "private.db"), size(own)
    print(f"standby: the enterprise's node died with {had} objects, the standby holds {held}", flush=True)
    if rows(standby.data / "private.db") != rows(own)[:held]:
        raise RuntimeError("the copy is not the beginning of the log")
    standby.promote()
    stack.start_node(MEMBER)
    wait_all_acked(stack, "fridge-1")
    check_each_once(own, a.readings)
    audit(stack, own)


def keeps_no_log(stack, standby):
    """Who asks a standby for what only the enterprise's node keeps is told that it is one."""
    stack.logged("node-hualin-standby", r"node\.started")
    stack.wait(lambda: stack.listens(standby.control_port), 20, "the standby's control port")
    started = (stack.dir / "node-hualin-standby.log").read_text()
    kid = re.search(r"node\.started.*?kid=([0-9a-f]{32})", started).group(1)
    done = stack.lotmark("mei", "--control", f"http://127.0.0.1:{standby.control_port}", "--node-kid", kid, "accesses",
                         ok=(1,))
    if "not-ready: this is a standby" not in done.stderr:
        raise RuntimeError(f"a standby asked for its access log says: {done.stderr}")


def audit(stack, private_db):
    done = stack.run("lotmark", "audit", "--private", str(private_db), "--chain", str(private_db.parent / "chain.db"),
                     "--anchor", str(stack.home / "anchor.cbor"))
    if "audit ok" not in done.stdout:
        raise RuntimeError(f"the audit says:\n{done.stdout}")


if __name__ == "__main__":
    try:
        main()
    except RuntimeError as e:
        sys.exit(f"standby: {e}")
