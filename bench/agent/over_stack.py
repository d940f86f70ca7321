"""The agent's figures: readings a second from a source to acked, beside Mosquitto passing the same bytes in the same run;
memory, time to ready and bytes written of a gateway with four sources; what the outbox costs flash and start.

  over_stack.py [all|outbox|gateway|rate] [--readings N] [--backlog BYTES] [--span S --warm S --every S]
  called by scripts/bench agent; the last line of `all` and `rate` is the ratio
"""
import argparse
import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPO / "tests/e2e/stack"))
import gateway  # noqa: E402
from gateway import DEVICE, MEMBER  # noqa: E402
from kills import write_readings  # noqa: E402
from stack import Stack  # noqa: E402


@contextlib.contextmanager
def founded(folder, bin_dir, bundle_s):
    """A consortium of which the broker and the enterprise's node run."""
    edit = lambda text: re.sub(r"(?m)^bundle_s\s*=\s*\d+", f"bundle_s = {bundle_s}", text)  # noqa: E731
    with Stack(folder, bin_dir, edit=edit) as stack:
        stack.found()
        stack.start_broker("broker-1")
        stack.start_node(MEMBER)
        stack.wait(lambda: stack.listens(stack.control_port(MEMBER)), 20, "the node")
        stack.logged(f"node-{MEMBER}", r"bus\.connected")
        yield stack


def agent_seconds(stack, readings):
    file = stack.dir / "readings.csv"
    write_readings(file, readings)
    config = stack.agent_config(
        DEVICE, f'[[source]]\nname = "room"\ntype = "replay"\nfile = "{file}"\nformat = "csv"\n'
        'time = {format = "iso", column = "time"}\n'
        'columns = [{column = "temp", channel = "t", unit = "Cel", exp = -2}]\n', exit_when_done=True)
    begin = time.monotonic()
    stack.start_agent(DEVICE, config)
    agent = stack.processes[f"agent-{DEVICE}"]
    if agent.wait(600) != 0:
        raise RuntimeError("the agent did not end well")
    return time.monotonic() - begin


def pass_seconds(stack, program):
    device, node = stack.home / "devices" / DEVICE, stack.home / "members" / MEMBER
    broker = (device / "agent.toml").read_text().split("[broker]")[1]
    url = re.search(r'(?m)^url = "(.*)"', broker).group(1)
    done = subprocess.run(
        [program, "pass", str(node / "data/private.db"), "--url", url, "--ca", str(stack.home / "ca/ca.crt"),
         "--cert", str(device / "tls.crt"), "--key", str(device / "tls.key"), "--to-cert", str(node / "tls.crt"),
         "--to-key", str(node / "tls.key"), "--topic", f"lotmark/v1/hualin/{DEVICE}/bundle"],
        capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"pass: {done.stderr}")
    return float(done.stdout.split()[-1])


def rate(folder, bin_dir, program, a):
    with founded(folder, bin_dir, 64) as stack:
        value = a.readings / agent_seconds(stack, a.readings)
        stack.kill(f"node-{MEMBER}", signal.SIGTERM)
        yardstick = a.readings / pass_seconds(stack, program)
    print(f"agent ratio={value / yardstick:.3f} value={value:.0f} unit=readings/s yardstick={yardstick:.0f}")


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("what", nargs="?", default="all", choices=["all", "outbox", "gateway", "rate"])
    p.add_argument("--readings", type=int, default=640000)
    p.add_argument("--backlog", type=int, default=1 << 30)
    p.add_argument("--commits", type=int, default=3000)
    p.add_argument("--starts", type=int, default=11)
    p.add_argument("--warm", type=float, default=20)
    p.add_argument("--span", type=float, default=60)
    p.add_argument("--every", type=float, default=1)
    a = p.parse_args()
    bin_dir = Path(os.environ["LOTMARK_BIN_DIR"])
    program = str(bin_dir / "lotmark-bench-agent")
    slave = bin_dir.parent / "tests/integration/edge_agent/modbus_slave"
    with tempfile.TemporaryDirectory(prefix="lotmark-bench-") as folder:
        if a.what in ("all", "outbox"):
            subprocess.run([program, "written", folder, "--commits", str(a.commits)], check=True)
            filled = f"{folder}/backlog.db"
            subprocess.run([program, "fill", filled, "--bytes", str(a.backlog)], check=True)
            subprocess.run([program, "open", filled], check=True)
            with founded(f"{folder}/backlog", bin_dir, gateway.BUNDLE_S) as stack:
                gateway.backlog(stack, slave, filled, max(3, a.starts // 2))
        if a.what in ("all", "gateway"):
            with founded(f"{folder}/gateway", bin_dir, gateway.BUNDLE_S) as stack:
                gateway.measure(stack, slave, a)
        if a.what in ("all", "rate"):
            rate(f"{folder}/rate", bin_dir, program, a)


if __name__ == "__main__":
    try:
        main()
    except RuntimeError as e:
        sys.exit(f"bench agent: {e}")
