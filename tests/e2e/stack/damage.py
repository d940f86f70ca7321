"""A private row is damaged under a running node: the next look names it, its device is acked no more, the other device
goes on; `lotmark restore --rows` brings it back from a backup of the standby, and everything is taken again.
"""
import re
import signal
import sqlite3
import sys
import tempfile
import time
import urllib.request

from kills import agent_of, minute_bundles, stored, wait_all_acked
from stack import Stack, bin_dir
from standby import audit
from standby_node import MEMBER, Standby, rows, size

READINGS = 7200


def main():
    with tempfile.TemporaryDirectory(prefix="lotmark-damage-") as folder:
        with Stack(folder, bin_dir(), edit=minute_bundles) as stack:
            run(stack)


def run(stack):
    stack.found()
    standby = Standby(stack)
    config = standby.enterprise / "node.toml"
    text = re.sub(r"(?m)^open_metrics.*\n", "", config.read_text())
    text = text.replace("[control]\n", "[control]\nopen_metrics = true\n", 1)
    config.write_text(text.replace("[enterprise]\n", "[enterprise]\ncheck_s = 1\n", 1))
    stack.start_broker()
    for name in ("agency-1", "agency-2", "agency-3", MEMBER):
        stack.start_node(name)
    standby.start()
    own = standby.enterprise / "data" / "private.db"
    for device in ("fridge-1", "fridge-2"):
        start_agent(stack, device)
    stack.wait(lambda: size(own) > 40, 40, "bundles of both")
    row = damage(own)
    stack.wait(lambda: metric(stack, "lotmark_intake_devices_stopped") == 1, 30, "the device to be stopped")
    stack.logged(f"node-{MEMBER}", rf'private\.damaged fault="intake row {row}: ')
    lives = count_by_life(own)
    stack.wait(lambda: grown(lives, count_by_life(own)) == 1, 30, "the other device alone to go on")
    time.sleep(1)
    if grown(lives, count_by_life(own)) != 1:
        raise RuntimeError("the stopped device was acked")
    restore(stack, standby, row)
    for device in ("fridge-1", "fridge-2"):
        wait_all_acked(stack, device)
    stack.kill(f"node-{MEMBER}", signal.SIGTERM)
    audit(stack, own)
    got, _ = stored(own)
    if len(got) != 2 * READINGS:
        raise RuntimeError(f"{len(got)} readings stored, {2 * READINGS} were sent")
    print(f"damage: intake row {row} named, its device alone stopped, restored; {len(got)} readings")


def start_agent(stack, device):
    stack.start_agent(device, agent_of(stack, device, READINGS, READINGS // 30))


def damage(private_db):
    """One byte of one body; the row it is in."""
    db = sqlite3.connect(private_db, timeout=10)
    row, wire = db.execute("SELECT idx, wire FROM intake_wire WHERE idx = 5").fetchone()
    db.execute("UPDATE intake_wire SET wire = ? WHERE idx = ?", (wire[:-1] + bytes([wire[-1] ^ 1]), row))
    db.commit()
    db.close()
    return row


def metric(stack, name):
    with urllib.request.urlopen(f"http://127.0.0.1:{stack.control_port(MEMBER)}/metrics", timeout=5) as answer:
        found = re.search(rf"(?m)^{name} (\S+)$", answer.read().decode())
    return float(found.group(1)) if found else None


def count_by_life(private_db):
    return dict(rows(private_db, "SELECT life, count(*) FROM intake GROUP BY life"))


def grown(before, after):
    return sum(1 for life, n in after.items() if n > before.get(life, 0))


def restore(stack, standby, row):
    stack.kill(f"node-{MEMBER}", signal.SIGTERM)
    backup, data = stack.dir / "backup", standby.enterprise / "data"
    stack.run("lotmark", "backup", str(standby.data), "--out", str(backup))
    done = stack.run("lotmark", "restore", str(backup), "--into", str(data), "--anchor", str(stack.home / "anchor.cbor"),
                     "--rows")
    if f"restored intake row {row}\n" not in done.stdout or "every row holds" not in done.stdout:
        raise RuntimeError(f"restore says:\n{done.stdout}")
    stack.start_node(MEMBER)


if __name__ == "__main__":
    try:
        main()
    except RuntimeError as e:
        sys.exit(f"damage: {e}")
