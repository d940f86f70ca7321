#!/usr/bin/python3
"""An operator gives the primary's role to another node: while the old primary runs, after it was killed, and back.

  delegate.py
"""
import sys
import tempfile

from primary import AGENCIES, PATIENCE_S, follows, sizes
from stack import Stack, bin_dir


def primaries(stack, names):
    """Of each node, whom it holds for the primary, and the term."""
    told = [stack.lotmark_json(AGENCIES[name], "status") for name in names]
    return {(status["orders"], status["term"]) for status in told}


def delegate(stack, to):
    return stack.lotmark_json(AGENCIES[to], "supervise", "delegate")


def agreed(stack, names, to, term):
    kid = stack.lotmark_json(AGENCIES[to], "status")["kid"]
    return primaries(stack, names) == {(kid, term)}


def run(stack):
    stack.found()
    for name in AGENCIES:
        stack.start_node(name)
    for name in AGENCIES:
        stack.wait(lambda: stack.listens(stack.control_port(name)), 20, name)
    stack.wait(lambda: follows(stack, 1), PATIENCE_S, "the first final blocks")

    answer = delegate(stack, "agency-2")
    assert answer["primary"] and answer["term"] == 1, answer
    stack.wait(lambda: agreed(stack, AGENCIES, "agency-2", 1), PATIENCE_S, "that all follow agency-2")
    before = max(size for size, _ in (sizes(stack, name) for name in AGENCIES))
    stack.wait(lambda: follows(stack, before), PATIENCE_S, "final blocks of term 1")

    stack.kill("node-agency-2")
    answer = delegate(stack, "agency-3")
    assert answer["primary"] and answer["term"] == 2, answer
    stack.start_node("agency-2")
    stack.wait(lambda: stack.listens(stack.control_port("agency-2")), 20, "the old primary again")
    stack.wait(lambda: agreed(stack, AGENCIES, "agency-3", 2), PATIENCE_S, "that the old primary follows")

    answer = delegate(stack, "agency-1")
    assert answer["primary"] and answer["term"] == 3, answer
    before = max(size for size, _ in (sizes(stack, name) for name in AGENCIES))
    stack.wait(lambda: follows(stack, before), PATIENCE_S, "final blocks of term 3")
    print(f"delegate ok term={answer['term']} size={sizes(stack, 'agency-2')[0]}")


def main():
    with tempfile.TemporaryDirectory(prefix="lotmark-delegate-") as folder:
        with Stack(folder, bin_dir()) as stack:
            run(stack)


if __name__ == "__main__":
    sys.exit(main())
