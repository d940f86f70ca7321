"""Readings a second from a source to acked, beside Mosquitto passing the same bytes, in one run; and what the outbox costs.

  over_stack.py [--readings N] [--backlog BYTES]   called by scripts/bench agent; the last line is the ratio
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
from kills import write_readings  # noqa: E402
from stack import Stack  # noqa: E402

MEMBER, DEVICE = "hualin-node", "fridge-1"


def figures(program, folder, backlog):
    subprocess.run([program, "written", str(folder)], check=True)
    file = Path(folder) / "backlog.db"
    subprocess.run([program, "fill", str(file), "--bytes", str(backlog)], check=True)
    subprocess.run([program, "open", str(file)], check=True)
    file.unlink()


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
    url = re.search(r'(?m)^url = "(.*)"', (device / "agent.toml").read_text()).group(1)
    done = subprocess.run(
        [program, "pass", str(node / "data/private.db"), "--url", url, "--ca", str(stack.home / "ca/ca.crt"),
         "--cert", str(device / "tls.crt"), "--key", str(device / "tls.key"), "--to-cert", str(node / "tls.crt"),
         "--to-key", str(node / "tls.key"), "--topic", f"lotmark/v1/hualin/{DEVICE}/bundle"],
        check=True, capture_output=True, text=True)
    return float(done.stdout)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--readings", type=int, default=640000)
    p.add_argument("--backlog", type=int, default=1 << 30)
    a = p.parse_args()
    bin_dir = Path(os.environ["LOTMARK_BIN_DIR"])
    program = str(bin_dir / "lotmark-bench-agent")
    with tempfile.TemporaryDirectory(prefix="lotmark-bench-") as folder:
        figures(program, folder, a.backlog)
        edit = lambda text: re.sub(r"(?m)^bundle_s\s*=\s*\d+", "bundle_s = 64", text)  # noqa: E731
        with Stack(Path(folder) / "stack", bin_dir, edit=edit) as stack:
            stack.found()
            stack.start_broker("broker-1")
            stack.start_node(MEMBER)
            stack.wait(lambda: stack.listens(stack.control_port(MEMBER)), 20, "the node")
            stack.logged(f"node-{MEMBER}", r"bus\.connected")
            value = a.readings / agent_seconds(stack, a.readings)
            stack.kill(f"node-{MEMBER}")
            yardstick = a.readings / pass_seconds(stack, program)
    print(f"agent ratio={value / yardstick:.3f} value={value:.0f} unit=readings/s yardstick={yardstick:.0f}")


if __name__ == "__main__":
    main()
