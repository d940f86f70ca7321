"""The API over HTTP beside a bare cpprestsdk listener that answers the same bytes, in one run on the same two cores.

  over_http.py [--seconds S] [--rounds N] [--quick]      called by scripts/bench api; the last line is the ratio of verify

Reads (GET /v1/verify of a known lot; the resolver by default link, gs1:pip, linkset and JSON) at 1, 16 and 64
connections, of the lotmark-api process itself; verify also with nginx in front, by the configuration of `lotmark nginx`,
then the yardstick behind the same nginx. Captures of documents of 100 events, of an enterprise's API whose node keeps
them. API and yardstick take turns, a round each, so that what the machine does meanwhile meets both.
"""
import argparse
import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPO / "tests/e2e/stack"))
from stack import Stack, free_ports  # noqa: E402

BIN = Path(os.environ["LOTMARK_BIN_DIR"])
BENCH = str(BIN / "lotmark-bench-api")
NGINX = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
READS = ("verify", "default", "pip", "linkset", "json")
CONNECTIONS = (1, 16, 64)
LOTS = 100  # of the 1,000 on the chain, asked for in turn
NODE, OPERATOR, API = "hualin-node", "mei", "api-1"
RULES = """
[epcis]
private_db = "{db}"
node = "{control}"
node_kid = "{kid}"
key = "{key}"
[access]
organisation = "hualin"
proxies = ["127.0.0.1"]
nameless_per_minute = 1000000
named_per_minute = 1000000
body_mib_per_minute = 900
[[access.certificates]]
common_name = "erp"
organisation = "hualin"
roles = ["capture"]
"""


@contextlib.contextmanager
def process(command, port, log):
    """Runs until the end of the block; there once the port listens."""
    with open(log, "ab") as out:
        running = subprocess.Popen([str(c) for c in command], stdout=out, stderr=out, stdin=subprocess.DEVNULL)
    try:
        for _ in range(200):
            if running.poll() is not None:
                raise RuntimeError(f"{command[0]} ended: {Path(log).read_text(errors='replace')[-2000:]}")
            if Stack.listens(port):
                break
            time.sleep(0.05)
        yield running
    finally:
        running.send_signal(signal.SIGTERM)
        try:
            running.wait(15)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


def bare(api_port, ask, folder, more=()):
    port, = free_ports(1)
    return port, process([BENCH, "bare", "--port", port, "--like", api_port, "--ask", ask, *more], port, folder / "bare.log")


def load(port, ask, *more):
    done = subprocess.run([BENCH, "load", "--port", str(port), "--ask", ask, *map(str, more)], capture_output=True, text=True,
                          timeout=300)
    if done.returncode != 0:
        raise RuntimeError(f"{ask} at port {port}: {done.stderr}")
    return {k: float(v) for k, v in re.findall(r"(\w+)=([\d.]+)", done.stdout)}


def in_turns(rounds, *calls):
    """Each call's rounds, ABAB."""
    figures = [[] for _ in calls]
    for _ in range(rounds):
        for of_call, call in zip(figures, calls):
            of_call.append(call())
    return figures


def middle(figures, key):
    values = sorted(f[key] for f in figures)
    return values[len(values) // 2]


def say(what, ours, theirs):
    ratio = middle(ours, "rate") / middle(theirs, "rate")
    print(f"{what}: {middle(ours, 'rate'):.0f} a second, p50 {middle(ours, 'p50_ms'):.2f} ms, p99 {middle(ours, 'p99_ms'):.2f} ms "
          f"(worst round {max(f['p99_ms'] for f in ours):.2f}); bare {middle(theirs, 'rate'):.0f}, {middle(theirs, 'p50_ms'):.2f}, "
          f"{middle(theirs, 'p99_ms'):.2f}; ratio {ratio:.2f}", flush=True)
    return ratio


def reads(a, folder, api_port):
    """The ratio of each read and number of connections; figures of both of verify at 64."""
    for ask in READS:
        port, yardstick = bare(api_port, ask, folder)
        with yardstick:
            load(api_port, ask, "--connections", 16, "--seconds", 1, "--lots", LOTS)  # what is known of a lot is known then
            for connections in CONNECTIONS:
                more = ("--connections", connections, "--seconds", a.seconds, "--lots", LOTS)
                ours, theirs = in_turns(a.rounds, lambda: load(api_port, ask, *more), lambda: load(port, ask, *more))
                say(f"{ask}, {connections} connections", ours, theirs)
                if ask == "verify" and connections == max(CONNECTIONS):
                    judged = ours, theirs
    return judged


def make_certificate(folder):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                    folder / "lot.key", "-out", folder / "lot.pem", "-subj", "/CN=lot.example", "-days", "2",
                    "-addext", "subjectAltName=DNS:lot.example"], check=True, capture_output=True)


def nginx(folder, name, upstream):
    """One in front of `upstream`, as `lotmark nginx` writes it; its limits of a caller beyond one that measures."""
    port, = free_ports(1)
    run = folder / name
    made = subprocess.run([str(BIN / "lotmark"), "nginx", "--api", folder / "api.toml", "--server-name", "lot.example",
                           "--cert", folder / "lot.pem", "--key", folder / "lot.key", "--listen", f"127.0.0.1:{port}",
                           "--upstream", f"127.0.0.1:{upstream}", "--prefix", run, "--rate", "100000",
                           "--connections", "1000", "--out", folder / f"{name}.conf"], capture_output=True, text=True)
    if made.returncode != 0:
        raise RuntimeError(f"lotmark nginx: {made.stderr}")
    conf = folder / f"{name}.conf"
    if os.getuid() == 0:  # its workers would be nobody, whom the folder is closed to
        conf.write_text("user root;\n" + conf.read_text())
    return port, process([NGINX, "-c", conf, "-p", run, "-e", run / "logs/error.log", "-g", "daemon off;"], port, folder / f"{name}.log")


def behind_nginx(a, folder, api_port):
    if NGINX is None:
        print("behind nginx: not measured, it is not installed", flush=True)
        return
    make_certificate(folder)
    port, yardstick = bare(api_port, "verify", folder)
    front, before_api = nginx(folder, "before-api", api_port)
    with yardstick, before_api:
        other, before_bare = nginx(folder, "before-bare", port)
        with before_bare:
            for connections in CONNECTIONS:
                more = ("--tls", "--connections", connections, "--seconds", a.seconds, "--lots", LOTS)
                say(f"verify behind nginx, TLS, {connections} connections",
                    *in_turns(a.rounds, lambda: load(front, "verify", *more), lambda: load(other, "verify", *more)))


def configure(stack):
    """The enterprise's API, in plain HTTP as behind a proxy; its port."""
    data = stack.home / "members" / NODE / "data"
    stack.configure_api(API, OPERATOR, RULES, without=("page_dir",), db=data / "private.db")
    file = stack.home / "apis" / API / "api.toml"
    text = re.sub(r'(?m)^chain_db = .*$', f'chain_db = "{data / "chain.db"}"', file.read_text())
    file.write_text(text)
    return int(re.search(r"(?m)^port = (\d+)", text).group(1))


def captures(a, folder):
    with Stack(folder / "stack", BIN) as stack:
        stack.found()
        api_port = configure(stack)
        stack.start_broker()
        stack.start_node(NODE)
        stack.wait(lambda: stack.listens(stack.control_port(NODE)), 30, NODE)
        stack.start_api(API)
        stack.wait(lambda: stack.listens(api_port), 30, API)
        port, yardstick = bare(api_port, "capture", folder, ("--first", "1000000"))
        with yardstick:
            taken = 0
            for connections in CONNECTIONS:
                def ours():
                    nonlocal taken
                    taken += a.documents
                    return load(api_port, "capture", "--first", taken, "--documents", a.documents, "--connections", connections)

                def theirs():
                    return load(port, "capture", "--documents", a.documents, "--connections", connections)

                figures = in_turns(a.rounds, ours, theirs)
                say(f"capture of 100 events, {connections} connections", *figures)
                print(f"  {100 * middle(figures[0], 'rate'):.0f} events a second", flush=True)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--seconds", type=float, default=3, help="of each round of a read")
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--documents", type=int, default=200, help="of each round of captures")
    p.add_argument("--quick", action="store_true", help="one short round of each: to see that it runs")
    a = p.parse_args()
    if a.quick:
        a.seconds, a.rounds, a.documents = 0.5, 1, 20
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])  # all that is started here inherits it
    with tempfile.TemporaryDirectory(prefix="lotmark-bench-api-") as name:
        folder = Path(name)
        api_port, = free_ports(1)
        subprocess.run([BENCH, "make", "--dir", str(folder), "--port", str(api_port)], check=True)
        with process([BIN / "lotmark-api", "--config", folder / "api.toml"], api_port, folder / "api.log"):
            ours, theirs = reads(a, folder, api_port)
            behind_nginx(a, folder, api_port)
        captures(a, folder)
    value, yardstick = middle(ours, "rate"), middle(theirs, "rate")
    print(f"api-p99 ratio={20 / middle(ours, 'p99_ms'):.2f} value={middle(ours, 'p99_ms'):.2f} unit=ms yardstick=20")
    print(f"api ratio={value / yardstick:.2f} value={value:.0f} unit=requests/s yardstick={yardstick:.0f}")


if __name__ == "__main__":
    main()
