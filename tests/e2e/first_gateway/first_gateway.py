#!/usr/bin/python3
"""A new deployer's tour: docs/operate/first-gateway.md is followed to the letter on a bare Debian 12, and what is acked in the end is
what the device said. Then the packages are upgraded, removed and purged.

    first_gateway.py PAGE BUILD boot|chroot [--base DIR]     exit code 77: it cannot be tried here, and why

boot: systemd runs in it, by systemd-nspawn, and the units are the packages'. chroot: there is none, and the page's other way is taken.
"""
import argparse
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

import cbor2

import page
from machine import Machine, NoMachine, fetch_packages, make_system, sh

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "stack"))
from cose import Signed  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
ADDRESS, PORT = "10.0.0.7", 502  # of the device, as the page has it
BUNDLES = 3  # acked ones that are compared, at the least
DATA = "var/lib/lotmark-node/acme-node/private.db"
PARTS = ["lotmark-agent", "lotmark-node", "lotmark-api"]
KEPT = ["var/lib/lotmark-edge/record.key", "var/lib/lotmark-edge/outbox.db"]


def check(holds, what):
    if not holds:
        raise RuntimeError(what)


def wait(ready, seconds, what):
    end = time.monotonic() + seconds
    while not ready():
        check(time.monotonic() < end, f"waited {seconds} s for {what}")
        time.sleep(0.3)


# -- the page ------------------------------------------------------------------------------------------------

def follow(machine, blocks, folder):
    """All blocks in one shell, as typed at one terminal; the line of the page is named before each."""
    script = "".join(f"echo '== line {b.line}' >&2\n{b.text}" for b in blocks)
    (machine.root / "root/page.sh").write_text(script)
    out = folder / "page.log"
    # To a file and not a pipe: what the page starts in the background keeps it open.
    with open(out, "wb") as log:
        done = subprocess.run(machine.inside(["env", "-i", "HOME=/root", "TERM=dumb", "LC_ALL=C", "DEBIAN_FRONTEND=noninteractive",
                                              "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "bash", "-c",
                                              "cd /root/packages && exec bash -e /root/page.sh"]),
                              stdout=log, stderr=log, stdin=subprocess.DEVNULL, timeout=360)
    said = out.read_text(errors="replace")
    check(done.returncode == 0, f"the page's commands ended with {done.returncode}:\n{said[-6000:]}")
    return said


def acked(machine):
    """What the keeping node took of gateway-1: values in tenths of a degree, in the order of bundles, which must lack none."""
    db = sqlite3.connect(f"file:{machine.root / DATA}?mode=ro", uri=True)
    try:
        rows = db.execute("SELECT kind, seq, last, wire FROM intake JOIN intake_wire USING (idx) ORDER BY idx").fetchall()
    except sqlite3.OperationalError:
        rows = []
    finally:
        db.close()
    values, next_seq = [], 1
    for kind, seq, last, wire in rows:
        check(kind == 0 and seq == next_seq, f"entry of kind {kind}, seq {seq}, where bundle {next_seq} belongs")
        next_seq = last + 1
        opened = cbor2.loads(wire)
        (channel,) = Signed.open(opened[0]).payload[12]
        check(channel[0] == "cold", f"channel {channel}")
        values += [reading[1] for reading in opened[2][0]]
    return len(rows), values


def compare(machine, truth):
    """Node's readings are the device's answers, each once, none between left out. mbpoll asked first, and is no reading."""
    wait(lambda: acked(machine)[0] >= BUNDLES, 90, f"{BUNDLES} bundles")
    bundles, values = acked(machine)
    told = [int(line) for line in truth.read_text().split()]
    check(len(values) >= 10, f"{len(values)} readings")
    first = told.index(values[0])
    check(first >= 1, "the first answer was mbpoll's")
    check(values == told[first:first + len(values)], f"acked {values}\ndevice {told}")
    print(f"{bundles} bundles of {len(values)} readings acked, {values[0] / 10} to {values[-1] / 10} Cel, as the device said")


def has_units_well(machine):
    units = ["mosquitto", "lotmark-ledger-node@office-node", "lotmark-ledger-node@acme-node", "lotmark-edge-agent"]
    for unit in units:
        shown = machine.run(["systemctl", "show", "--property=ActiveState,NRestarts,MainPID", unit]).stdout
        check("ActiveState=active" in shown and "NRestarts=0" in shown, f"{unit}: {shown}")
    machine.run(["systemctl", "reload", "lotmark-edge-agent"])
    check("ActiveState=active" in machine.run(["systemctl", "show", "lotmark-edge-agent"]).stdout, "not after a reload")


# -- the packages --------------------------------------------------------------------------------------------

def make_packages(build, to):
    to.mkdir(parents=True)
    done = sh("cpack", "-G", "DEB", "-B", str(to), cwd=build)
    check(done.returncode == 0, done.stdout + done.stderr)
    shutil.rmtree(to / "_CPack_Packages", ignore_errors=True)
    for deb in sorted(to.glob("*.deb")):
        print(f"{deb.name}: {deb.stat().st_size} bytes")


def newer(deb, to):
    """The same package with a version behind its own."""
    with tempfile.TemporaryDirectory() as folder:
        sh("dpkg-deb", "-R", str(deb), folder)
        control = pathlib.Path(folder, "DEBIAN/control")
        lines = [line + "+1" if line.startswith("Version:") else line for line in control.read_text().splitlines()]
        control.write_text("\n".join(lines) + "\n")
        done = sh("dpkg-deb", "--root-owner-group", "-Znone", "-b", folder, str(to / deb.name.replace("_amd64", "+1_amd64")))
        check(done.returncode == 0, done.stderr)


def owned(root):
    """Files below the places that packages of ours may touch."""
    places = ["etc/lotmark", "usr/bin", "usr/lib/systemd/system", "usr/lib/sysusers.d", "etc/systemd/system", "var/lib"]
    return {str(f.relative_to(root)) for p in places for f in (root / p).rglob("*") if "lotmark" in str(f.relative_to(root))}


def agent_pid(machine):
    return machine.run(["systemctl", "show", "--property=MainPID", "lotmark-edge-agent"]).stdout.strip()


def upgrade_and_remove(machine, packages):
    root = machine.root
    before = {f: (root / f).read_bytes() for f in ("etc/lotmark/agent.toml", KEPT[0])}
    pid = agent_pid(machine) if machine.systemd else ""
    newest = root / "root/newer"
    newest.mkdir()
    for deb in packages.glob("*.deb"):
        newer(deb, newest)
    said = machine.run(["sh", "-c", "apt-get -q -y install /root/newer/*.deb"])
    check("+1" in machine.run(["dpkg-query", "-W", "lotmark-agent"]).stdout, said.stdout)
    check(all((root / f).read_bytes() == text for f, text in before.items()), "an upgrade changed configuration or key")
    if machine.systemd:
        check(agent_pid(machine) == pid, "an upgrade restarted the agent")
        machine.run(["systemctl", "restart", "lotmark-edge-agent"])
    machine.run(["sh", "-c", "apt-get -q -y --reinstall install /root/newer/*.deb"])
    machine.run(["apt-get", "-q", "-y", "remove", *PARTS, "lotmark-cli"])
    if machine.systemd:
        for unit in ("lotmark-edge-agent", "lotmark-ledger-node@acme-node"):
            check(machine.run(["systemctl", "is-active", unit], check=False).stdout.strip() != "active", f"{unit} runs on")
    check(all((root / f).read_bytes() == text for f, text in before.items()), "remove took configuration or key")
    check(not [f for f in owned(root) if f.startswith(("usr/", "etc/systemd"))], f"remove left {owned(root)}")
    said = machine.run(["apt-get", "-q", "-y", "purge", *PARTS])  # of the tool nothing was left
    check("/var/lib/lotmark-edge is kept" in said.stdout + said.stderr, said.stdout + said.stderr)
    check(not (root / "etc/lotmark/agent.toml").exists() and not (root / "etc/lotmark/agent.d").exists(), "purge left configuration")
    check(all((root / f).exists() for f in KEPT), "purge took a key or an outbox")
    print("upgraded, reinstalled, removed, purged")


def install_and_purge(machine):
    """On a system that ran nothing of it, purge leaves nothing."""
    for kept in ("var/lib/lotmark-edge", "var/lib/lotmark-node", "etc/lotmark"):
        shutil.rmtree(machine.root / kept)
    machine.run(["sh", "-c", "apt-get -q -y install /root/packages/*.deb"])
    check((machine.root / "var/lib/lotmark-edge").is_dir(), "no folder of the agent's own")
    machine.run(["apt-get", "-q", "-y", "purge", *PARTS, "lotmark-cli"])
    check(not owned(machine.root), f"purge left {owned(machine.root)}")


# -- all of it -----------------------------------------------------------------------------------------------

def tour(a, folder):
    root, packages = folder / "machine", folder / "packages"
    make_packages(a.build, packages)
    fetched = ["mosquitto", "mbpoll"] + [f"/root/packages/{deb.name}" for deb in packages.glob("*.deb")]
    if a.base:
        sh("cp", "-a", str(a.base), str(root))
    else:
        make_system(root)
    shutil.copytree(packages, root / "root/packages")
    fetch_packages(root, fetched, a.way == "boot")
    machine = Machine(root, folder / "machine.log")
    device = None
    try:
        if a.way == "boot" and not machine.boot():
            raise NoMachine("systemd-nspawn cannot boot it here: " + machine.log.read_text(errors="replace")[-600:])
        if a.way == "chroot":
            machine.enter()
        done = sh(*machine.beside(["ip", "addr", "add", f"{ADDRESS}/32", "dev", "lo"]))
        check(done.returncode == 0, done.stderr)
        truth = folder / "device.txt"
        device = subprocess.Popen(machine.beside(["/usr/bin/python3", "-B", str(HERE / "device.py"), ADDRESS, str(PORT), str(truth)]),
                                  stdout=subprocess.PIPE, text=True)
        check(device.stdout.readline() == "listens\n", "the device does not listen")
        started = time.monotonic()
        follow(machine, page.way_of(page.blocks(a.page), machine.systemd), folder)
        print(f"the page took {time.monotonic() - started:.0f} s")
        compare(machine, truth)
        if machine.systemd:
            has_units_well(machine)
        upgrade_and_remove(machine, packages)
        if machine.systemd:
            install_and_purge(machine)
    finally:
        if device is not None:
            device.send_signal(signal.SIGTERM)
            device.wait(10)
        machine.stop()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("page", type=pathlib.Path)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("way", choices=("boot", "chroot"))
    parser.add_argument("--base", type=pathlib.Path, help="a system of debootstrap to take, rather than make one")
    a = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="first-gateway-") as folder:
        try:
            tour(a, pathlib.Path(folder).resolve())
        except NoMachine as why:
            print(f"SKIPPED: {why}")
            return 77
        except Exception:
            for log in sorted(pathlib.Path(folder).glob("*.log")):
                print(f"--- {log.name}\n{log.read_text(errors='replace')[-4000:]}", file=sys.stderr)
            for log in sorted(pathlib.Path(folder, "machine/var/log").glob("*.log")):
                print(f"--- {log.name}\n{log.read_text(errors='replace')[-2500:]}", file=sys.stderr)
            raise
    return 0


if __name__ == "__main__":
    sys.exit(main())
