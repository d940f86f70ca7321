"""EPCIS 2.0 of an enterprise, end to end: broker, nodes and the enterprise's API, then suites of Node against it.

    run.py SUITE ... [--events N] [--queries N]

A suite is SUITE.test.mjs of this folder; they run one after the other against one stack. Without the page's node
packages nothing can be run: it says so and ends with 77, which CTest takes for skipped.
"""
import argparse
import os
import re
import shutil
import ssl
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "stack"))
from stack import REPO, Stack, bin_dir  # noqa: E402  (and where free_ports is)
from free_ports import free_port  # noqa: E402

API = "hualin-api"
SKIPPED = 77


def missing():
    """Why nothing can be run, or nothing."""
    if shutil.which("node") is None:
        return "node is not installed"
    for package in ("epcis2.js", "digital-link.js", "ajv", "ajv-formats"):
        if not (REPO / "mobile-qr/node_modules" / package).exists():
            return f"mobile-qr/node_modules/{package} is not there (scripts/setup)"
    return None


class Enterprise(Stack):
    """The sample's consortium with the producer's API up."""

    def begin(self):
        self.found()
        self.allow_receiver()
        self.start_broker()
        self.start_nodes()
        data = self.home / "members/hualin-node/data"
        self.wait(lambda: all((data / name).exists() for name in ("chain.db", "private.db")), 60, "the node's databases")
        self.take_all()
        self.start_api(API)
        self.wait(self.is_up, 30, "the API")

    def allow_receiver(self):
        """A port of this machine that the producer's node may call: of the suite of subscriptions."""
        self.receiver = f"http://127.0.0.1:{free_port()}"
        file = self.home / "members/hualin-node/node.toml"
        file.write_text(file.read_text() + f'\n[webhooks]\nallow = ["{self.receiver}/"]\n')

    def take_all(self):
        """Suites ask more often than a site would let one system."""
        file = self.home / "apis" / API / "api.toml"
        rates = "named_per_minute = 1000000\nbody_mib_per_minute = 900\n"
        file.write_text(re.sub(r"(?m)^(\[access\]\n)", r"\1" + rates, file.read_text()))

    def token(self):
        """Of a system that may do all, by the key that ca init made."""
        key = self.home / "apis" / API / "token.key"
        command = [str(self.bin / "lotmark"), "token", "issue", "--key", str(key), "--issuer", self.origin,
                   "--audience", self.origin, "--subject", "suite", "--organisation", "hualin"]
        for role in ("capture", "reader", "admin"):
            command += ["--role", role]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    @property
    def origin(self):
        text = (self.home / "apis" / API / "api.toml").read_text()
        return re.search(r'(?m)^origin = "(.*)"', text).group(1)

    @property
    def ca(self):
        return self.home / "ca/ca.crt"

    def is_up(self):
        try:
            trust = ssl.create_default_context(cafile=str(self.ca))
            with urllib.request.urlopen(self.origin + "/healthz", timeout=2, context=trust) as answer:
                return answer.status == 200
        except OSError:
            return False

    def suite(self, name, environment):
        print(f"--- {name}", flush=True)
        file = HERE / f"{name}.test.mjs"
        done = subprocess.run(["node", "--test", str(file)], env={**os.environ, **environment})
        return done.returncode == 0


def main():
    p = argparse.ArgumentParser()
    p.add_argument("suites", nargs="+")
    p.add_argument("--events", default="1000")
    p.add_argument("--queries", default="100")
    p.add_argument("--dir", help="keep the stack's folder here")
    options = p.parse_args()
    reason = missing()
    if reason:
        print(f"SKIPPED: {reason}")
        return SKIPPED
    folder = options.dir or tempfile.mkdtemp(prefix="lotmark-epcis-")
    failed = []
    try:
        with Enterprise(folder, bin_dir()) as stack:
            stack.begin()
            environment = {"EPCIS_URL": stack.origin, "EPCIS_TOKEN": stack.token(), "NODE_EXTRA_CA_CERTS": str(stack.ca),
                           "EPCIS_RECEIVER": stack.receiver, "EPCIS_EVENTS": options.events, "EPCIS_QUERIES": options.queries,
                           "EPCIS_ANCHOR": str(stack.home / "anchor.cbor"), "LOTMARK_PROGRAM": str(stack.bin / "lotmark"),
                           "EPCIS_DATA": str(stack.home / "members/hualin-node/data")}
            failed = [name for name in options.suites if not stack.suite(name, environment)]
            if failed:
                stack.logs()
    finally:
        if not options.dir:
            shutil.rmtree(folder, ignore_errors=True)
    if failed:
        print("failed: " + ", ".join(failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
