#!/usr/bin/python3
"""The primary is killed and comes back: the others follow it again and finality goes on, each time.

  primary.py [--kills 3]
"""
import argparse
import sys
import tempfile

from stack import Stack, bin_dir

AGENCIES = {"agency-1": "officer-1", "agency-2": "officer-2", "agency-3": "officer-3"}  # the first is the primary
PATIENCE_S = 30


def sizes(stack, name):
    """Blocks held and blocks final, as the node reports them to its organisation's operator."""
    status = stack.lotmark_json(AGENCIES[name], "status")
    return status["size"], status["final_size"]


def follows(stack, least):
    return all(size > least and final > least for size, final in (sizes(stack, name) for name in AGENCIES))


def outages(stack):
    """How often another supervisor said that a node does not answer."""
    return (stack.dir / "node-agency-2.log").read_text().count("peer.unreachable")


def run(stack, kills):
    stack.found()
    for name in AGENCIES:
        stack.start_node(name)
    for name in AGENCIES:
        stack.wait(lambda: stack.listens(stack.control_port(name)), 20, name)
    stack.wait(lambda: follows(stack, 1), PATIENCE_S, "the first final blocks")
    for n in range(kills):
        before = max(size for size, _ in (sizes(stack, name) for name in AGENCIES))
        missed = outages(stack)
        stack.kill("node-agency-1")
        # The others must have missed it before it is back, or nothing is tried.
        stack.wait(lambda: outages(stack) > missed, PATIENCE_S, "that it is missed")
        stack.start_node("agency-1")
        stack.wait(lambda: stack.listens(stack.control_port("agency-1")), 20, "the primary again")
        stack.wait(lambda: follows(stack, before), PATIENCE_S, f"final blocks above {before} after kill {n + 1}")
    print(f"primary ok kills={kills} size={sizes(stack, 'agency-3')[0]}")


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--kills", type=int, default=3)
    a = p.parse_args()
    with tempfile.TemporaryDirectory(prefix="lotmark-primary-") as folder:
        with Stack(folder, bin_dir()) as stack:
            run(stack, a.kills)


if __name__ == "__main__":
    sys.exit(main())
