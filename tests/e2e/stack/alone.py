"""A node and its folder: a second process on the same folder is refused by name, the lock goes with its holder however
that ends, and /healthz says when the database does not answer. One supervisory node, no broker.
"""
import re
import sqlite3
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

from stack import Stack, bin_dir, check, free_ports

MEMBER = "agency-2"


def health(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            return answer.status
    except urllib.error.HTTPError as e:
        return e.code


def run(stack):
    stack.found()
    config = stack.home / "members" / MEMBER / "node.toml"
    port = stack.control_port(MEMBER)
    ready = lambda: stack.listens(port)
    stack.start_node(MEMBER)
    stack.wait(ready, 20, "the node")
    first = stack.processes[f"node-{MEMBER}"].pid

    twin = config.with_name("twin.toml")
    ports = iter(free_ports(2))
    twin.write_text(re.sub(r"(?m)^(port\s*=\s*)\d+", lambda m: m.group(1) + str(next(ports)), config.read_text()))
    second = subprocess.run([str(stack.bin / "lotmark-ledger-node"), "--config", str(twin)], capture_output=True,
                            text=True, timeout=30)
    check(second.returncode == 1 and "store: " in second.stderr and f"process {first} " in second.stderr,
          f"a second process was not refused by name: exit {second.returncode}\n{second.stderr}")

    check(health(port) == 200, "the node alone is not well")
    stack.kill(f"node-{MEMBER}")  # SIGKILL: nobody tidies up
    stack.start_node(MEMBER)
    stack.wait(ready, 20, "the node after a kill")
    check(health(port) == 200, "not well after a kill")

    data = next(config.parent.rglob("chain.db"))
    with sqlite3.connect(data, timeout=10) as db:
        db.execute("ALTER TABLE block RENAME TO away")
    check(health(port) == 503, "well without its blocks")
    with sqlite3.connect(data, timeout=10) as db:
        db.execute("ALTER TABLE away RENAME TO block")
    check(health(port) == 200, "not well with its blocks back")


def main():
    with tempfile.TemporaryDirectory(prefix="lotmark-alone-") as folder:
        with Stack(folder, bin_dir()) as stack:
            run(stack)
    print("alone: one process a folder, and its health told")


if __name__ == "__main__":
    try:
        main()
    except RuntimeError as e:
        sys.exit(f"alone: {e}")
