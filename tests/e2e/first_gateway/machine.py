"""A bare Debian 12 made by debootstrap, with a network of its own: booted by systemd-nspawn where that works, else entered by chroot.

Nothing of it is left behind: its processes live in a PID namespace that ends with it, its mounts in a mount namespace.
"""
import os
import pathlib
import shutil
import subprocess
import time

SUITE, MIRROR = "bookworm", "http://deb.debian.org/debian"
CLEAN = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LC_ALL": "C",
         "DEBIAN_FRONTEND": "noninteractive", "TERM": "dumb"}


class NoMachine(Exception):
    """It cannot be made here: no network, no rights, or a tool is missing."""


def sh(*command, seconds=400, **more):
    return subprocess.run(command, capture_output=True, text=True, timeout=seconds, stdin=subprocess.DEVNULL, **more)


def need(tool, package):
    if os.geteuid() != 0:
        raise NoMachine("needs root")
    if shutil.which(tool) is None:
        sh("apt-get", "install", "-q", "-y", "--no-install-recommends", package, env={**os.environ, **CLEAN})
    if shutil.which(tool) is None:
        raise NoMachine(f"no {tool}, and {package} cannot be installed")


def in_root(root, *command):
    """A command of the bare system, with this machine's network."""
    done = sh("chroot", str(root), *command, env=CLEAN)
    if done.returncode != 0:
        raise NoMachine(f"{' '.join(command)}: {done.stdout[-400:]}{done.stderr[-600:]}")


def make_system(root):
    need("debootstrap", "debootstrap")
    done = sh("debootstrap", "--variant=minbase", SUITE, str(root), MIRROR)
    if done.returncode != 0:
        raise NoMachine(f"debootstrap: {done.stdout[-400:]}{done.stderr[-400:]}")


def fetch_packages(root, packages, systemd):
    """What the packages need is fetched and not installed: the machine itself will have no network. Where it is to be booted it
    has systemd first, as every Debian that was not made by hand."""
    shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
    in_root(root, "apt-get", "-q", "update")
    if systemd:
        in_root(root, "apt-get", "install", "-q", "-y", "--no-install-recommends", "systemd", "systemd-sysv")
    in_root(root, "apt-get", "install", "-q", "-y", "--download-only", *packages)


class Machine:
    def __init__(self, root, log):
        self.root, self.log, self.process, self.init, self.systemd = root, log, None, None, False

    def start(self, command):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)

    def children(self):
        file = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in file.read_text().split()] if file.exists() else []

    def boot(self):
        """True once systemd has come up as process 1."""
        need("systemd-nspawn", "systemd-container")
        self.start(["systemd-nspawn", "--quiet", "--directory", str(self.root), "--boot", "--private-network", "--register=no",
                    "--keep-unit", "--machine", f"lotmark-{os.getpid()}", "--console=pipe"])
        end = time.monotonic() + 60
        while time.monotonic() < end and self.process.poll() is None:
            for self.init in self.children():
                state = self.run(["systemctl", "is-system-running"], check=False).stdout.strip()
                if state in ("running", "degraded"):
                    self.systemd = True
                    return True
            time.sleep(0.5)
        self.stop()
        return False

    def enter(self):
        """Without systemd: /proc, /dev and /sys mounted in a namespace of its own."""
        script = ('set -e; mount --rbind /dev "$0/dev"; mount -t proc proc "$0/proc"; mount -t sysfs sysfs "$0/sys"; ip link set lo up; '
                  'exec chroot "$0" sleep infinity')
        self.start(["unshare", "--mount", "--propagation", "private", "--net", "--pid", "--fork", "--kill-child", "sh", "-c", script,
                    str(self.root)])
        end = time.monotonic() + 20
        while time.monotonic() < end:
            for self.init in self.children():
                if os.readlink(f"/proc/{self.init}/root") == str(self.root):
                    return
            time.sleep(0.1)
        raise NoMachine("no namespaces of its own: " + pathlib.Path(self.log).read_text()[-400:])

    def inside(self, command):
        return ["nsenter", "--target", str(self.init), "--mount", "--net", "--pid", "--uts", "--ipc", "--root", "--wd", *command]

    def run(self, command, check=True, seconds=200, **more):
        done = sh(*self.inside(command), seconds=seconds, env=CLEAN, **more)
        if check and done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def beside(self, command):
        """A command of this machine, on the other's network: what stands outside it, such as a device."""
        return ["nsenter", "--target", str(self.init), "--net", *command]

    def stop(self):
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(40)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None
