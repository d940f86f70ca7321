"""A gateway's agent as it runs: four sources, an outbox, a broker and a node. Memory, time to ready, bytes written.

Memory is the agent's PSS as in Greengrass lite's reports (a share of what others have mapped too), beside RSS, which no neighbour
lessens, and what is private. Sources: a tree as /sys has it, a Modbus slave by libmodbus, a line of text on a pty, a child program.
"""
import contextlib
import os
import re
import signal
import socket
import sqlite3
import statistics
import subprocess
import threading
import time
import tty
import urllib.request
from pathlib import Path

from stack import free_ports, kid_of

MEMBER, DEVICE = "hualin-node", "fridge-1"
BUNDLE_S = 6  # ten readings a second: as many in a bundle as one a second gives in a minute
TREE = {
    "bus/iio/devices/iio:device0/name": "bme280", "bus/iio/devices/iio:device0/in_temp_input": "5310",
    "bus/iio/devices/iio:device0/in_pressure_input": "98.512", "class/hwmon/hwmon0/name": "tmp102",
    "class/hwmon/hwmon0/temp1_input": "4875",
}
SOURCES = """
[[source]]
name = "room"
type = "sysfs"
root = "{root}"
interval_ms = 100
channels = [
  {{channel = "air", device = "iio:bme280", attribute = "in_temp", exp = -2}},
  {{channel = "press", device = "iio:bme280", attribute = "in_pressure", exp = 0}},
  {{channel = "board", device = "hwmon:tmp102", attribute = "temp1", exp = -2}},
]

[[source]]
name = "plant"
type = "modbus"
address = "127.0.0.1"
port = {modbus}
interval_ms = 100
channels = [
  {{channel = "cold", slave = 7, register = "input", address = 1, type = "i16", scale = "0.1", unit = "Cel", exp = -1}},
  {{channel = "flow", slave = 7, register = "holding", address = 0, type = "u16", unit = "m3/s", exp = 0}},
]

[[source]]
name = "scale"
type = "serial"
path = "{pty}"
patterns = ["ST,GS,{{weight}} kg"]
channels = [{{channel = "weight", unit = "kg", exp = -3}}]

[[source]]
name = "probe"
type = "exec"
command = ["/bin/sh", "-c", '''while :; do echo '[{{"n":"core","u":"Cel","v":4.25}}]'; sleep 0.1; done''']
exp = -2
"""


class Scale:
    """A scale on a pty that says its weight ten times a second."""

    def __init__(self):
        self.end, device = os.openpty()
        tty.setraw(device)
        self.device, self.path, self.over = device, os.ttyname(device), threading.Event()
        self.thread = threading.Thread(target=self.say)
        self.thread.start()

    def say(self):
        grams = 0
        while not self.over.wait(0.1):
            grams = (grams + 7) % 1000
            os.write(self.end, b"ST,GS,12.%03d kg\r\n" % grams)

    def close(self):
        self.over.set()
        self.thread.join()
        os.close(self.end)
        os.close(self.device)


@contextlib.contextmanager
def sources(stack, slave):
    """The devices, there as long as the block lasts; the sources of a configuration that reads them."""
    root = stack.dir / "sys"
    for name, text in TREE.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text + "\n")
    port = free_ports(1)[0]
    stack.start("modbus", [str(slave), "tcp", str(port), "7", "i:1=42", "h:0=1234"])
    scale = Scale()
    try:
        stack.wait(lambda: stack.listens(port), 10, "the Modbus slave")
        yield SOURCES.format(root=root, modbus=port, pty=scale.path)
    finally:
        scale.close()
        stack.kill("modbus")


def memory(pid):
    """kB of PSS, RSS and what is private, as they are now."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    kb = {k: int(v) for k, v in re.findall(r"(?m)^(\w+): +(\d+) kB", text)}
    return kb["Pss"], kb["Rss"], kb["Private_Clean"] + kb["Private_Dirty"]


def io(pid):
    return {k: int(v) for k, v in re.findall(r"(\w+): (\d+)", Path(f"/proc/{pid}/io").read_text())}


class Notified:
    """What systemd would hear: READY=1 on a socket of our own."""

    def __init__(self, folder):
        self.path = str(Path(folder) / "notify")
        Path(self.path).unlink(missing_ok=True)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.settimeout(30)

    def start(self, stack, config):
        """Starts the agent; ms from exec to ready."""
        begin = time.monotonic()
        log = open(stack.dir / f"agent-{DEVICE}.log", "ab")
        agent = subprocess.Popen([str(stack.bin / "lotmark-edge-agent"), "--config", str(config)], stdout=log, stderr=log,
                                 stdin=subprocess.DEVNULL, env={**os.environ, "NOTIFY_SOCKET": self.path})
        log.close()
        stack.processes[f"agent-{DEVICE}"] = agent
        while b"READY=1" not in self.socket.recv(4096):
            pass
        return (time.monotonic() - begin) * 1000

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()


def sample(agent, warm, seconds, every, page=None):
    """Medians of memory after a while, and the most."""
    taken, end = [], time.monotonic() + warm + seconds
    begin = time.monotonic() + warm
    while time.monotonic() < end:
        if page:
            with urllib.request.urlopen(f"http://127.0.0.1:{page}/metrics", timeout=5) as answer:
                answer.read()
        if time.monotonic() >= begin:
            taken.append(memory(agent.pid))
        time.sleep(every)
    pss, rss, private = (statistics.median(column) for column in zip(*taken))
    return {"pss": pss, "rss": rss, "private": private, "most": max(t[0] for t in taken), "samples": len(taken)}


def say_memory(name, m):
    print(f"agent-memory {name} pss_kb={m['pss']:.0f} most_kb={m['most']} rss_kb={m['rss']:.0f} private_kb={m['private']:.0f} "
          f"samples={m['samples']}", flush=True)


def acked_wire_bytes(stack):
    db = sqlite3.connect(f"file:{stack.home}/members/{MEMBER}/data/private.db?mode=ro", uri=True)
    count, size = db.execute("SELECT count(*), coalesce(sum(length(wire)), 0) FROM intake_wire").fetchone()
    db.close()
    return count, size


def measure(stack, slave, a):
    """With broker and node there; the same with the page read; then with both away and the queue growing."""
    with sources(stack, slave) as text, Notified(stack.dir) as notified:
        plain = stack.agent_config(DEVICE, text, bundle_s=BUNDLE_S)
        page = free_ports(1)[0]
        ready = []
        for _ in range(a.starts):
            ready.append(notified.start(stack, plain))
            stack.kill(f"agent-{DEVICE}", signal.SIGTERM)
        print(f"agent-ready median_ms={statistics.median(ready):.0f} most_ms={max(ready):.0f} starts={len(ready)} target_ms=300",
              flush=True)
        for name, addition, metrics in (("four-sources", "", None),
                                        ("four-sources+page", f'\n[metrics]\nlisten = "127.0.0.1:{page}"\n', page)):
            config = stack.agent_config(DEVICE, text + addition, bundle_s=BUNDLE_S)
            notified.start(stack, config)
            agent = stack.processes[f"agent-{DEVICE}"]
            time.sleep(2 * BUNDLE_S)
            count, size, written = *acked_wire_bytes(stack), io(agent.pid)["write_bytes"]
            say_memory(name, sample(agent, a.warm, a.span, a.every, metrics))
            later, more, wrote = *acked_wire_bytes(stack), io(agent.pid)["write_bytes"]
            print(f"agent-writes {name} bundles={later - count} bundle_bytes={more - size} written={wrote - written} "
                  f"ratio={(wrote - written) / max(1, more - size):.2f}", flush=True)
            stack.kill(f"agent-{DEVICE}", signal.SIGTERM)
        stack.kill("broker-broker-1")
        notified.start(stack, plain)
        say_memory("four-sources-broker-away", sample(stack.processes[f"agent-{DEVICE}"], a.warm, a.span, a.every))
        stack.kill(f"agent-{DEVICE}", signal.SIGTERM)
        stack.start_broker("broker-1")


def backlog(stack, slave, filled, starts):
    """The whole agent, started on an outbox that was filled: it is made the device's own."""
    folder = stack.home / "devices" / DEVICE
    made = (folder / "agent.toml").read_text()
    chain = re.search(r'(?m)^chain = "(\w+)"', made).group(1)
    key = re.search(r'(?ms)^\[key\].*?^file = "(.*?)"', made).group(1)
    db = sqlite3.connect(filled)
    db.execute("UPDATE outbox SET device = ?, chain = ?", (bytes.fromhex(kid_of(folder / key)), bytes.fromhex(chain)))
    db.commit()
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    state = folder / "state-backlog"
    state.mkdir()
    Path(filled).rename(state / "outbox.db")
    size = (state / "outbox.db").stat().st_size
    stack.kill("broker-broker-1")
    with sources(stack, slave) as text, Notified(stack.dir) as notified:
        config = stack.agent_config(DEVICE, text + f"\n[outbox]\nmax_bytes = {2 * size}\n", state_dir=str(state), bundle_s=BUNDLE_S)
        for cold in (True, False):
            ready, peak = [], []
            for _ in range(starts):
                if cold:
                    leave_cache(state / "outbox.db")
                ready.append(notified.start(stack, config))
                agent = stack.processes[f"agent-{DEVICE}"]
                time.sleep(2)
                status = Path(f"/proc/{agent.pid}/status").read_text()
                peak.append((int(re.search(r"VmHWM:\s+(\d+)", status).group(1)), memory(agent.pid)[0]))
                stack.kill(f"agent-{DEVICE}", signal.SIGTERM)
            print(f"agent-backlog file_bytes={size} cache={'cold' if cold else 'warm'} ready_ms={statistics.median(ready):.0f} "
                  f"most_ms={max(ready):.0f} peak_rss_kb={max(p[0] for p in peak)} pss_kb={max(p[1] for p in peak)} "
                  f"starts={starts} target_ms=2000 target_kb=20480", flush=True)
    stack.start_broker("broker-1")


def leave_cache(file):
    with open(file, "rb") as f:
        os.fsync(f.fileno())
        os.posix_fadvise(f.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
