"""Blocks to finality a second, at three supervisory nodes as processes over HTTPS, with both orderings, beside
JetStream's own publish rate with the expected sequence, one at a time, at three servers: all in one run.

  over_stack.py [--lots N] [--private]   called by scripts/bench ledger; the last line is the ratio. --private: once
                                         more with a producer's and two reviewers' nodes beside them
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPO / "tests/e2e/stack"))
from nats import with_jetstream  # noqa: E402
from stack import NATS_SERVER, Stack, free_ports  # noqa: E402

SUPERVISORS = ("agency-1", "agency-2", "agency-3")


def bare_jetstream(folder, bin_dir, seconds):
    """Three servers without TLS and accounts: nothing is asked of them but the order."""
    ports = free_ports(6)
    routes = ", ".join(f'"nats://127.0.0.1:{p}"' for p in ports[3:])
    servers = []
    try:
        for i in range(3):
            conf = Path(folder) / f"bare-{i}.conf"
            conf.write_text(f'server_name: b{i}\nlisten: "127.0.0.1:{ports[i]}"\nmax_payload: 2097152\n'
                            f'jetstream {{ store_dir: "{folder}/bare-{i}" }}\n'
                            f'cluster {{ name: b, listen: "127.0.0.1:{ports[3 + i]}", routes: [{routes}] }}\n')
            log = open(Path(folder) / f"bare-{i}.log", "ab")
            servers.append(subprocess.Popen([NATS_SERVER, "-c", str(conf)], stdout=log, stderr=log))
        urls = [f"nats://127.0.0.1:{p}" for p in ports[:3]]
        command = [str(bin_dir / "lotmark-bench-jetstream-rate"), "--replicas", "3", "--seconds", str(seconds), *urls]
        for _ in range(30):  # they elect first
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode == 0:
                print(done.stdout, end="", flush=True)
                return float(re.search(r"one_at_a_time rate=(\S+)", done.stdout).group(1))
            time.sleep(1)
        raise RuntimeError(done.stderr)
    finally:
        for s in servers:
            s.kill()
            s.wait()


def ledger(folder, bin_dir, ordering, lots, private):
    edit = with_jetstream if ordering == "jetstream" else (lambda text: text)
    with Stack(Path(folder) / f"{ordering}{'-private' if private else ''}", bin_dir, edit=edit) as stack:
        stack.found()
        if ordering == "jetstream":
            stack.start_nats()
        members = sorted(p.name for p in (stack.home / "members").iterdir()) if private else SUPERVISORS
        if private and ordering == "local":
            stack.start_broker()
        for name in members:
            stack.start_node(name)
        for name in members:
            stack.wait(lambda: stack.listens(stack.control_port(name)), 30, name)
        driver = [str(bin_dir / "lotmark-bench-ledger"), str(stack.home), "--primary", "agency-1"]
        subprocess.run([*driver, "--lots", "50", "--prefix", "WARM"], check=True, capture_output=True)
        done = subprocess.run([*driver, "--lots", str(lots)], check=True, capture_output=True, text=True)
        rate = float(re.search(r"rate=(\S+)", done.stdout).group(1))
        print(f"{ordering} {'with' if private else 'without'} the private level: {done.stdout}", end="", flush=True)
        return rate


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--lots", type=int, default=2000)
    p.add_argument("--seconds", type=int, default=5, help="of the yardstick")
    p.add_argument("--private", action="store_true")
    a = p.parse_args()
    bin_dir = Path(os.environ["LOTMARK_BIN_DIR"])
    with tempfile.TemporaryDirectory(prefix="lotmark-bench-") as folder:
        yardstick = bare_jetstream(folder, bin_dir, a.seconds)
        local = ledger(folder, bin_dir, "local", a.lots, False)
        if a.private:
            with_private = ledger(folder, bin_dir, "local", a.lots, True)
            print(f"private level on against off: {with_private / local:.2f}", flush=True)
        value = ledger(folder, bin_dir, "jetstream", a.lots, False)
        print(f"ledger-local ratio={local / yardstick:.3f} value={local:.1f} unit=blocks/s yardstick={yardstick:.0f}")
        print(f"ledger ratio={value / yardstick:.3f} value={value:.1f} unit=blocks/s yardstick={yardstick:.0f}")


if __name__ == "__main__":
    main()
