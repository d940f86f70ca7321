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

from kills import expected, stored, write_readings
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
        with Stack(folder, bin_dir(), edit=lambda t: re.sub(r"(?m)^bundle_s\s*=\s*\d+", "bundle_s = 60", t)) as stack:
            run(stack, rng, a)
    print(f"standby: {a.readings} readings, each once in the log of the promoted standby")


def flow(stack, a):
    readings = stack.dir / "readings.csv"
    write_readings(readings, a.readings)
    pace = max(1, a.readings // max(12, 4 * a.kills))
    source = f'[[source]]\nname = "room"\ntype = "replay"\nfile = "{readings}"\nformat = "csv"\n' \
             f'time = {{format = "iso", column = "time"}}\npace = "{pace}x"\n' \
             'columns = [{column = "temp", channel = "t", unit = "Cel", exp = -2}]\n\n[outbox]\nresend_s = 2\n'
    return stack.agent_config("fridge-1", source, exit_when_done=True, bundle_s=60)


def run(stack, rng, a):
    stack.found()
    standby = Standby(stack)
    agent = flow(stack, a)
    stack.start_broker()
    for name in ("agency-1", "agency-2", "agency-3", MEMBER):
        stack.start_node(name)
    standby.start()
    stack.wait(lambda: (standby.data / "private.db").exists(), 20, "the standby's private.db")
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
    stack.wait(lambda: stack.processes["agent-fridge-1"].poll() is not None, 120, "the agent to have everything acked")
    if stack.processes["agent-fridge-1"].returncode != 0:
        raise RuntimeError("the agent did not end well")
    got, seqs = stored(own)
    if seqs != list(range(1, len(seqs) + 1)):
        raise RuntimeError(f"seqs are not 1 to {len(seqs)} in order")
    if len(got) != len(set(got)) or dict(got) != expected(a.readings):
        raise RuntimeError(f"{len(got)} readings stored, {a.readings} were in the file, or values differ")
    audit(stack, own)


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
