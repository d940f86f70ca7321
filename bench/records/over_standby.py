"""Signed records a second, kept by an enterprise's node and by its standby and acked to the device, beside what
Hyperledger Fabric does on such a machine (design: 1,400 a second, p99 1 s, 1.3 ms of CPU, 7.7 kB of disk a record).

  over_standby.py [--records N]      called by scripts/bench records; one reading a bundle, then 64

A real Mosquitto, MQTT over TLS, a node and its standby as processes; the generator signed beforehand and runs on the
same cores. An ack waits for the standby: what is acked stands on two disks.
"""
import argparse
import re
import signal
import sys
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPO / "tests/e2e/stack"))
sys.path.insert(0, str(REPO / "bench/ingest"))
from over_node import drive, gateways, start_broker  # noqa: E402
from standby_node import MEMBER, Standby  # noqa: E402

YARDSTICK = {"rate": 1400, "p99_ms": 1000, "cpu_us": 1300, "disk": 7700}


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--records", type=int, default=30000)
    a = p.parse_args()
    single = measure(1, a.records)
    say(1, single)
    many = measure(64, max(1000, a.records // 2))
    say(64, many)
    print(f"readings: {64 * many['rate']:.0f} a second, {64 * many['rate'] / YARDSTICK['rate']:.0f} times the yardstick's records")
    print(f"records ratio={single['rate'] / YARDSTICK['rate']:.2f} value={single['rate']:.0f} unit=records/s "
          f"yardstick={YARDSTICK['rate']}")


def say(readings, m):
    cpu = m["node_us"] + m["standby_us"]
    print(f"{readings} readings a record: {m['rate']:.0f} records/s; ack p50 {m['p50_ms']:.0f} ms, p99 {m['p99_ms']:.0f} ms; "
          f"CPU a record {m['node_us']:.0f} us node + {m['standby_us']:.0f} us standby "
          f"({cpu / YARDSTICK['cpu_us']:.2f} of 1.3 ms together), generator {m['generator_us']:.0f} us; disk a record "
          f"{m['disk']:.0f} bytes a node ({m['disk'] / YARDSTICK['disk']:.3f} of 7.7 kB), wire {m['wire_bytes']:.0f}", flush=True)


def measure(readings, records):
    with gateways() as (stack, keys):
        return run(stack, keys, readings, records)


def run(stack, keys, readings, records):
    stack.found()
    standby = Standby(stack)
    start_broker(stack)
    stack.start_node(MEMBER)
    standby.start()
    log = stack.dir / f"node-{MEMBER}.log"
    stack.wait(lambda: "standby.here" in log.read_text(), 20, "the standby")
    own = [standby.enterprise / "data" / "private.db", standby.data / "private.db"]
    empty = [disk(f) for f in own]
    done = drive(stack, keys, records, "--records", "--standby-pid", str(stack.processes["node-hualin-standby"].pid),
                 "--readings", str(readings), "--outstanding", "1500", capture_output=True, text=True)
    measured = {k: float(v) for k, v in re.findall(r"(\w+)=([\d.]+)", done.stdout)}
    for name in (f"node-{MEMBER}", "node-hualin-standby"):  # their logs go into the files
        stack.kill(name, signal.SIGTERM)
    measured["disk"] = max((disk(f) - e) / records for f, e in zip(own, empty))
    return measured


def disk(file):
    return sum(f.stat().st_size for f in file.parent.glob("private.db*"))


if __name__ == "__main__":
    main()
