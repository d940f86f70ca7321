"""An MPS2 board in QEMU that runs one of the images: its line, its log, its EEPROM as a file, its debugger.

Instructions are counted (-icount shift=0: one takes 1 ns of the board's time), so a run repeats, and a busy machine makes the
board slow but never late. Uncounted, its clock is this machine's.
"""
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import frames
from qmp import Qmp

REPO = Path(__file__).resolve().parents[2]
BIN = Path(os.environ.get("LOTMARK_BIN_DIR", REPO / "build/dev/bin"))
IMAGES = Path(os.environ.get("LOTMARK_IMAGES_DIR", REPO / "build/dev/images"))
QEMU = shutil.which("qemu-system-arm")
NS_A_TICK = 40  # of the board's clock, and with -icount shift=0 an instruction a ns
PATIENCE_S = 240  # with a machine that does much else; nothing is measured by it
SKIP = 77  # what ctest takes for skipped (SKIP_RETURN_CODE)


def need_images():
    """Ends the test as skipped where there are no images; with LOTMARK_FIRMWARE=required it is a failure."""
    why = None if IMAGES.is_dir() and any(IMAGES.glob("*.elf")) else f"no images in {IMAGES}"
    why = why or (None if QEMU else "no qemu-system-arm")
    if why:
        print(f"SKIPPED: {why}: the firmware for Cortex-M is NOT TESTED (scripts/firmware-sources)", flush=True)
        sys.exit(1 if os.environ.get("LOTMARK_FIRMWARE") == "required" else SKIP)


def make_eeprom(file, machine, chain, *more):
    """The factory's step; its public key and kid as hex."""
    done = subprocess.run([str(BIN / "lotmark-factory"), "--nv", str(file), "--eeprom", "--machine", machine, "--chain",
                           chain, *map(str, more)], check=True, capture_output=True, text=True)
    return dict(line.split() for line in done.stdout.splitlines())


class Board:
    def __init__(self, folder, image, eeprom, debug=False, connect=True, counted=True):
        self.dir, self.image = Path(folder), IMAGES / f"{image}.elf"
        self.log_file = self.dir / f"{Path(eeprom).name}.log"
        self.line_path = self.dir / f"{Path(eeprom).name}.line"
        self.gdb_path = self.dir / f"{Path(eeprom).name}.gdb"
        self.qmp_path = self.dir / f"{Path(eeprom).name}.qmp"
        self.log_file.unlink(missing_ok=True)
        for path in (self.line_path, self.gdb_path, self.qmp_path):
            path.unlink(missing_ok=True)
        command = [QEMU, "-machine", "mps2-an385", "-display", "none", "-nodefaults",
                   "-kernel", str(self.image), "-monitor", "none",
                   "-chardev", f"socket,id=line,path={self.line_path},server=on,wait={'on' if connect else 'off'}",
                   "-serial", "chardev:line", "-serial", f"file:{self.log_file}",
                   "-device", "tmp105,id=sensor,address=0x48,bus=i2c",
                   "-qmp", f"unix:{self.qmp_path},server=on,wait=off",
                   "-drive", f"if=none,file={eeprom},format=raw,id=ee",
                   "-device", "at24c-eeprom,bus=i2c,address=0x50,rom-size=4096,drive=ee"]
        if counted:
            command += ["-icount", "shift=0"]
        if debug:
            command += ["-gdb", f"unix:{self.gdb_path},server=on,wait=off", "-S"]
        self.errors = open(self.dir / "qemu.log", "ab")
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.errors, stderr=self.errors)
        self.reader, self.line = frames.Reader(), None
        self.taken = []
        if connect:
            self.connect()
        self.debugger = Debugger(reach(self.gdb_path, self.process), self.image) if debug else None

    # -- the line ----------------------------------------------------------------------------------------
    def connect(self):
        self.line = reach(self.line_path, self.process)
        self.reader = frames.Reader()

    def send(self, kind, body=b""):
        self.line.sendall(frames.encode(kind, body))

    def send_raw(self, data):
        self.line.sendall(data)

    def frame(self, kind, seconds=PATIENCE_S):
        """The next frame of that type; others before it are passed over."""
        end = time.monotonic() + seconds
        while True:
            while self.taken:
                got, body = self.taken.pop(0)
                if got == kind:
                    return body
            left = end - time.monotonic()
            self.line.settimeout(max(left, 0.001))
            try:
                data = self.line.recv(4096)
            except TimeoutError:
                data = b""
            if not data:
                raise RuntimeError(f"no frame {kind} within {seconds} s; the log: {self.log()[-500:]}")
            self.taken += self.reader.feed(data)

    def hello(self, seconds=PATIENCE_S):
        text = self.frame(frames.HELLO, seconds).decode()
        return dict(word.split("=", 1) for word in text.split() if "=" in word)

    def set_temperature(self, milli_celsius):
        """Of the air around its thermometer."""
        world = Qmp(reach(self.qmp_path, self.process))
        world.set_temperature(milli_celsius)
        world.close()

    # -- what it says ------------------------------------------------------------------------------------
    def log(self):
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def uses(self, name):
        """Of each log line NAME: ticks of 40 ns, and the peaks of stack and array with their sizes."""
        pattern = rf"(?m)^{name} ticks=(\d+) stack=(\d+)/(\d+) arena=(\d+)/(\d+)$"
        return [tuple(map(int, m)) for m in re.findall(pattern, self.log())]

    def report(self, name):
        """Prints what the image takes; every figure is measured in this run."""
        size = subprocess.run(["arm-none-eabi-size", str(self.image)], check=True, capture_output=True, text=True)
        text, data, bss = map(int, size.stdout.split("\n")[1].split()[:3])
        answer, signs = self.uses("known-answer"), self.uses("sign")
        if not answer or not signs:
            raise RuntimeError(f"no measures in the log: {self.log()}")
        millions = sorted(use[0] * NS_A_TICK / 1e6 for use in signs)
        stack, stack_of, arena, arena_of = signs[-1][1:]
        if stack >= stack_of or arena >= arena_of:
            raise RuntimeError("stack or array ran full")
        print(f"{name}: image {text + data} bytes of flash, {data + bss} of RAM")
        print(f"{name}: stack at most {stack} of {stack_of} bytes, mbedTLS's array {arena} of {arena_of}; no other heap")
        print(f"{name}: {millions[len(millions) // 2]:.1f} million instructions a signature ({millions[0]:.1f} to "
              f"{millions[-1]:.1f} of {len(millions)}); {answer[0][0] * NS_A_TICK / 1e6:.1f} for the known answer at power-up",
              flush=True)

    def wait(self, ready, seconds, what):
        end = time.monotonic() + seconds
        while not ready():
            if time.monotonic() > end:
                raise RuntimeError(f"waited {seconds} s for {what}; the log: {self.log()[-500:]}")
            time.sleep(0.02)

    # -- its end -----------------------------------------------------------------------------------------
    def kill(self):
        """The power goes."""
        self.process.kill()
        self.process.wait(30)
        for end in (self.line, self.debugger and self.debugger.socket):
            if end:
                end.close()
        self.errors.close()

    def __enter__(self):
        return self

    def __exit__(self, *why):
        self.kill()
        return False


class Debugger:
    """As much of GDB's remote protocol as stopping at a function takes."""

    def __init__(self, link, image):
        self.socket, self.image = link, image
        self.socket.settimeout(PATIENCE_S)
        self.buffer = b""
        self.points, self.addresses = set(), {}

    def address_of(self, function):
        if not self.addresses:
            names = subprocess.run(["arm-none-eabi-nm", str(self.image)], check=True, capture_output=True, text=True)
            found = re.findall(r"(?m)^([0-9a-f]+) [tT] (\S+)$", names.stdout)
            self.addresses = {name: int(address, 16) for address, name in found}
        return self.addresses[function]

    def _packet(self):
        while b"#" not in self.buffer or len(self.buffer) < self.buffer.index(b"#") + 3:
            got = self.socket.recv(4096)
            if not got:
                raise RuntimeError("the debugger's line is gone")
            self.buffer += got
        end = self.buffer.index(b"#")
        body, self.buffer = self.buffer[self.buffer.index(b"$") + 1:end], self.buffer[end + 3:]
        self.socket.sendall(b"+")
        return body

    def _ask(self, text):
        body = text.encode()
        self.socket.sendall(b"$" + body + b"#%02x" % (sum(body) % 256))
        return self._packet()

    def _point(self, letter, address):
        if self._ask(f"{letter}0,{address:x},2") != b"OK":
            raise RuntimeError(f"no breakpoint at {address:x}")

    def stop_at(self, function):
        self._point("Z", self.address_of(function))
        self.points.add(self.address_of(function))

    def forget(self, function):
        self._point("z", self.address_of(function))
        self.points.discard(self.address_of(function))

    def write(self, address, data):
        if self._ask(f"M{address:x},{len(data):x}:{data.hex()}") != b"OK":
            raise RuntimeError("memory was not written")

    def run(self):
        """Until it stops at a function. QEMU would stop again where it stands: one step beside the breakpoint first."""
        here = self.pc()
        if here in self.points:
            self._point("z", here)
            self._ask("s")
            self._point("Z", here)
        if not self._ask("c").startswith((b"T", b"S")):
            raise RuntimeError("the board did not stop at a breakpoint")
        return self.pc()

    def pc(self):
        registers = bytes.fromhex(self._ask("g").decode())
        return int.from_bytes(registers[60:64], "little")

    def leave(self):
        """It runs on alone."""
        body = b"D"
        self.socket.sendall(b"$" + body + b"#%02x" % (sum(body) % 256))


def reach(path, process, seconds=PATIENCE_S):
    end = time.monotonic() + seconds
    while True:
        link = socket.socket(socket.AF_UNIX)
        try:
            link.connect(str(path))
            return link
        except OSError:
            link.close()
            if time.monotonic() > end or process.poll() is not None:
                raise RuntimeError(f"QEMU does not answer on {path}") from None
            time.sleep(0.02)
