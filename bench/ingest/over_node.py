"""Intake against its yardstick, in one run: a real Mosquitto, a real enterprise node, MQTT over TLS.

  over_node.py [--bundles N]      called by scripts/bench ingest; prints the driver's lines, last the ratio
"""
import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPO / "tests/e2e/stack"))
from stack import Stack  # noqa: E402

DEVICES = 8


def public_key(pem):
    der = subprocess.run(["openssl", "ec", "-in", pem, "-pubout", "-outform", "DER"], check=True, capture_output=True).stdout
    return der[-65:].hex()


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--bundles", type=int, default=20000)
    a = p.parse_args()
    bin_dir = Path(os.environ["LOTMARK_BIN_DIR"])
    with tempfile.TemporaryDirectory(prefix="lotmark-bench-") as folder:
        keys = Path(folder) / "keys"
        subprocess.run([str(bin_dir / "lotmark-bench-ingest"), "--make-keys", str(keys), "--devices", str(DEVICES)], check=True)
        devices = "".join(
            f'\n[[devices]]\nname = "{pem.stem}"\norganisation = "hualin"\nsite = "bench"\npublic_key = "{public_key(pem)}"\n'
            'channels = [{ name = "temp", unit = "Cel", exp = -2 }]\n' for pem in sorted(keys.glob("*.pem")))
        with Stack(Path(folder) / "stack", bin_dir, edit=lambda text: text + devices) as stack:
            run(stack, keys, a)


def run(stack, keys, a):
    stack.found()
    broker = next((stack.home / "brokers").iterdir())
    with open(broker / "mosquitto.conf", "a") as conf:
        conf.write("max_queued_messages 0\nmax_inflight_messages 0\n")
    # One connection stands for all the gateways.
    with open(broker / "acl", "a") as acl:
        acl.write("\nuser hualin/fridge-1\ntopic write lotmark/v1/hualin/+/bundle\ntopic read lotmark/v1/hualin/+/ack\n")
    stack.start_broker()
    stack.start_node("hualin-node")
    stack.wait(lambda: stack.listens(stack.control_port("hualin-node")), 20, "the node")
    device = stack.home / "devices/fridge-1"
    url = next(line.split('"')[1] for line in (device / "agent.toml").read_text().splitlines() if line.startswith("url"))
    chain = (stack.home / "fingerprint.txt").read_text().replace(" ", "").strip()
    done = subprocess.run(
        [str(stack.bin / "lotmark-bench-ingest"), "--url", url, "--node-pid", str(stack.processes["node-hualin-node"].pid),
         "--chain", chain, "--keys", str(keys), "--organisation", "hualin", "--devices", str(DEVICES),
         "--bundles", str(a.bundles), "--ca", str(stack.home / "ca/ca.crt"), "--cert", str(device / "tls.crt"),
         "--key", str(device / "tls.key")])
    if done.returncode != 0:
        raise RuntimeError(f"the driver ended with {done.returncode}")


if __name__ == "__main__":
    main()
