"""Intake against its yardstick, in one run: a real Mosquitto, a real enterprise node, MQTT over TLS.

  over_node.py [--bundles N]      called by scripts/bench ingest; prints the driver's lines, last the ratio

The stack of many gateways and the driver's call are bench/records/over_standby.py's too.
"""
import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPO / "tests/e2e/stack"))
from stack import Stack  # noqa: E402

DEVICES = 8
MEMBER = "hualin-node"


def public_key(pem):
    der = subprocess.run(["openssl", "ec", "-in", pem, "-pubout", "-outform", "DER"], check=True, capture_output=True).stdout
    return der[-65:].hex()


@contextlib.contextmanager
def gateways():
    """A stack, not yet founded, whose consortium has DEVICES more devices; and the folder of their keys."""
    bin_dir = Path(os.environ["LOTMARK_BIN_DIR"])
    with tempfile.TemporaryDirectory(prefix="lotmark-bench-") as folder:
        keys = Path(folder) / "keys"
        subprocess.run([str(bin_dir / "lotmark-bench-ingest"), "--make-keys", str(keys), "--devices", str(DEVICES)], check=True)
        devices = "".join(
            f'\n[[devices]]\nname = "{pem.stem}"\norganisation = "hualin"\nsite = "bench"\npublic_key = "{public_key(pem)}"\n'
            'channels = [{ name = "temp", unit = "Cel", exp = -2 }]\n' for pem in sorted(keys.glob("*.pem")))
        with Stack(Path(folder) / "stack", bin_dir, edit=lambda text: text + devices) as stack:
            yield stack, keys


def start_broker(stack):
    """One connection stands for all the gateways, and nothing is held back from it."""
    broker = next((stack.home / "brokers").iterdir())
    with open(broker / "mosquitto.conf", "a") as conf:
        conf.write("max_queued_messages 0\nmax_inflight_messages 0\n")
    with open(broker / "acl", "a") as acl:
        acl.write("\nuser hualin/fridge-1\ntopic write lotmark/v1/hualin/+/bundle\ntopic read lotmark/v1/hualin/+/ack\n")
    stack.start_broker()


def drive(stack, keys, bundles, *more, **kw):
    """The driver, over that connection, at the enterprise's node."""
    device = stack.home / "devices/fridge-1"
    url = next(line.split('"')[1] for line in (device / "agent.toml").read_text().splitlines() if line.startswith("url"))
    chain = (stack.home / "fingerprint.txt").read_text().replace(" ", "").strip()
    done = subprocess.run(
        [str(stack.bin / "lotmark-bench-ingest"), *more, "--url", url,
         "--node-pid", str(stack.processes[f"node-{MEMBER}"].pid), "--chain", chain, "--keys", str(keys),
         "--organisation", "hualin", "--devices", str(DEVICES), "--bundles", str(bundles),
         "--ca", str(stack.home / "ca/ca.crt"), "--cert", str(device / "tls.crt"), "--key", str(device / "tls.key")], **kw)
    if done.returncode != 0:
        raise RuntimeError(f"the driver ended with {done.returncode}: {done.stderr or ''}")
    return done


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--bundles", type=int, default=20000)
    a = p.parse_args()
    with gateways() as (stack, keys):
        stack.found()
        start_broker(stack)
        stack.start_node(MEMBER)
        stack.wait(lambda: stack.listens(stack.control_port(MEMBER)), 20, "the node")
        drive(stack, keys, a.bundles)


if __name__ == "__main__":
    main()
