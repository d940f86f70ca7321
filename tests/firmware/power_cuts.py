"""The power goes at every step of what a board writes into its EEPROM, as bytes on its I2C bus: no boot count comes twice,
none is lost, and a key that was being made is the same one afterwards.

  power_cuts.py [--every N]      only each Nth step; 1 is all of them
"""
import argparse
import binascii
import subprocess
import sys
import tempfile
from pathlib import Path

from board import Board, make_eeprom, need_images

CHAIN = "c4" * 32
IMAGE = "start-device-mps2"
SLOTS, SLOT_BYTES = (448, 480), 16  # firmware/app/nv.h
STEPS = ("lm_i2c_put", "lm_i2c_stop")  # a byte goes out; the device is told to keep what came


def check(holds, what):
    if not holds:
        raise RuntimeError(what)


def slot(count):
    body = b"LMB0" + count.to_bytes(8, "little")
    return body + binascii.crc32(body).to_bytes(4, "little")


def counts(eeprom):
    page = eeprom.read_bytes()
    held = [page[at:at + SLOT_BYTES] for at in SLOTS]
    return [int.from_bytes(s[4:12], "little") if s == slot(int.from_bytes(s[4:12], "little")) else None for s in held]


def cut(folder, eeprom, function, step, steps=STEPS):
    """Runs to the first write within `function`, then `step` more steps, then the power goes. False: it had no more."""
    with Board(folder, IMAGE, eeprom, debug=True) as board:
        debugger = board.debugger
        debugger.stop_at(function)
        debugger.run()
        debugger.forget(function)
        debugger.stop_at("lm_eeprom_write")
        debugger.run()
        for name in steps:
            debugger.stop_at(name)
        debugger.stop_at("lm_app_poll")
        debugger.forget("lm_eeprom_write")
        for _ in range(step):
            if debugger.run() == debugger.address_of("lm_app_poll"):
                return False
        return True


def boot(folder, eeprom):
    with Board(folder, IMAGE, eeprom) as board:
        return board.hello()


def each_step(every, run):
    """run(step) for each step there is, from the one before the first."""
    step = tried = 0
    while run(step):
        tried += 1
        step += every
    return tried


def while_counting(folder, every):
    eeprom = folder / "counting.eeprom"
    make_eeprom(eeprom, "filler-3", CHAIN, "--key", make_key(folder))
    last = int(boot(folder, eeprom)["boot"])

    def run(step):
        nonlocal last
        before = max(c for c in counts(eeprom) if c is not None)
        check(before == last, f"the page says {before}, the device said {last}")
        more = cut(folder, eeprom, "lm_nv_count_boot", step)
        count = int(boot(folder, eeprom)["boot"])
        # Who was cut off used no count, or one that it wrote and nobody saw.
        check(last < count <= last + 2, f"cut at step {step}: count {count} after {last}")
        last = count
        return more

    tried = each_step(every, run)
    check(tried >= 18 // every, f"only {tried} steps: the count was written in some other way")
    print(f"power cuts: {tried} in the writing of the boot count, which is {last} and never came twice")


def torn_slots(folder, every):
    """A cell array that lost power while it programmed: any part of the new slot, the rest of the old."""
    eeprom = folder / "torn.eeprom"
    make_eeprom(eeprom, "filler-3", CHAIN, "--key", make_key(folder))
    last = int(boot(folder, eeprom)["boot"])
    for kept in range(0, SLOT_BYTES + 1, every):
        held = counts(eeprom)
        older = 0 if held[1] == last else 1
        page = bytearray(eeprom.read_bytes())
        page[SLOTS[older]:SLOTS[older] + kept] = slot(last + 1)[:kept]
        eeprom.write_bytes(page)
        count = int(boot(folder, eeprom)["boot"])
        check(last < count <= last + 2, f"torn after {kept} bytes: count {count} after {last}")
        last = count
    print(f"power cuts: slots torn after 0 to {SLOT_BYTES} bytes, counts rose to {last}")


def while_making_the_key(folder, every):
    def run(step):
        eeprom = folder / f"key-{step}.eeprom"
        made = make_eeprom(eeprom, "filler-3", CHAIN)
        more = cut(folder, eeprom, "lm_nv_read_identity", step, steps=("lm_i2c_stop",))
        hello = boot(folder, eeprom)
        check(hello["kid"] == made["kid"], f"cut at step {step} it made another key")
        page = eeprom.read_bytes()
        check(b"LMSD" not in page and page.count(b"LMNV") == 2, f"cut at step {step} the seed stayed")
        return more

    tried = each_step(every, run)
    check(tried >= 10 // every, f"only {tried} steps: the key was written in some other way")
    print(f"power cuts: {tried} in the making of the key, the same each time")


def make_key(folder):
    file = folder / "device.key"
    if not file.exists():
        subprocess.run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", str(file)], check=True)
    return file


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--every", type=int, default=1)
    a = p.parse_args()
    need_images()
    with tempfile.TemporaryDirectory(prefix="lotmark-board-") as folder:
        folder = Path(folder)
        while_counting(folder, a.every)
        torn_slots(folder, a.every)
        while_making_the_key(folder, a.every)


if __name__ == "__main__":
    try:
        main()
    except RuntimeError as e:
        sys.exit(f"power cuts: {e}")
