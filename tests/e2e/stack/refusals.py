"""What broker and node refuse, with a real mosquitto and a real enterprise node: a device under another's topic
never gets past the broker; forged, misplaced and repeated objects never get into the intake log, each is counted
and logged under its own error, and the honest agent's bundles still arrive whole.
"""
import re
import signal
import sqlite3
import sys
import tempfile
import urllib.request

import cbor2

import lot
from cose import Signed, encode
from mqtt5 import NOT_AUTHORIZED, Client
from stack import Stack, bin_dir, check

MEMBER, DEVICE, OTHER = "hualin-node", "fridge-1", "fridge-2"
BUNDLES = 24  # a day in windows of an hour
COSE_SIGNATURE, NEED_SEQ, SEQ_CONFLICT = 28, 46, 47  # docs/format/errors.md


class Refusals:
    def __init__(self, stack):
        self.stack = stack
        self.devices = stack.home / "devices"
        self.agent = stack.agent_config(DEVICE, lot.DAY, exit_when_done=True)
        node = stack.home / "members" / MEMBER / "node.toml"
        node.write_text(node.read_text().replace("open_metrics = false", "open_metrics = true"))
        self.metrics_url = f"http://127.0.0.1:{stack.control_port(MEMBER)}/metrics"

    # -- the pieces --------------------------------------------------------------------------------------
    def topic(self, device, kind):
        return f"lotmark/v1/hualin/{device}/{kind}"

    def outbox(self):
        file = self.devices / DEVICE / "state/outbox.db"
        if not file.exists():
            return []
        db = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
        try:
            return db.execute("SELECT object, id FROM bundle ORDER BY seq").fetchall()
        except sqlite3.OperationalError:
            return []  # not made yet
        finally:
            db.close()

    def seal_bundles(self):
        """What a real agent seals while there is no broker to send to."""
        self.stack.start_agent(DEVICE, self.agent)
        self.stack.wait(lambda: len(self.outbox()) == BUNDLES, 30, f"{BUNDLES} sealed bundles")
        self.stack.kill(f"agent-{DEVICE}", signal.SIGTERM)
        self.wires = [wire for wire, _ in self.outbox()]
        self.ids = [digest for _, digest in self.outbox()]
        self.bundles = [Signed.open(cbor2.loads(wire)[0]) for wire in self.wires]
        check([b.id() for b in self.bundles] == self.ids, "ids of the outbox are not those of its objects")

    def connect(self, kind, name):
        """A client with that device's or member's certificate, beside the one it may have itself."""
        folder, conf = self.stack.home / kind / name, self.stack.home / "brokers/broker-1/mosquitto.conf"
        port = int(re.search(r"(?m)^listener (\d+)", conf.read_text()).group(1))
        return Client(port, f"test-{name}", self.stack.home / "ca/ca.crt", folder / "tls.crt", folder / "tls.key")

    def metric(self, name):
        with urllib.request.urlopen(self.metrics_url, timeout=10) as answer:
            lines = dict(line.rsplit(" ", 1) for line in answer.read().decode().splitlines())
        return int(float(lines.get(name, 0)))

    def size(self):
        return self.metric("lotmark_intake_size")

    def wire(self, index, bundle):
        """The wire of that bundle with another signed object in the place of its own."""
        _, salt, readings = cbor2.loads(self.wires[index])
        return encode([bundle.bytes(), salt, readings])

    def send(self, client, wire):
        reason = client.publish(self.topic(DEVICE, "bundle"), wire)
        check(reason == 0, f"the broker refused a rightful publish with reason {reason}")

    def ack(self, client):
        heard = client.hear(10)
        check(heard is not None, "no ack within 10 s")
        return Signed.open(heard[1]).payload

    def refused(self, client, wire, error, answered=None):
        """The node counts and logs exactly that error, stores nothing and, where it knows who asks, says so."""
        counter = f'lotmark_intake_refused_total{{error="{error}"}}'
        before, size = self.metric(counter), self.size()
        self.send(client, wire)
        self.stack.wait(lambda: self.metric(counter) == before + 1, 10, f"{counter} to grow")
        check(self.size() == size, f"{error}: the intake log grew")
        self.stack.logged(f"node-{MEMBER}", rf"intake\.refused device={DEVICE} .*error={error}\b")
        if answered:
            check(self.ack(client)[8] == [list(answered)], f"{error}: the ack does not name it")
        print(f"refusals: {error} ok", flush=True)

    # -- the story ---------------------------------------------------------------------------------------
    def foreign_topic(self, client):
        """Refused with reason 135; a subscriber to all bundles hears the rightful one, and that alone."""
        listener = self.connect("members", MEMBER)
        listener.subscribe(self.topic("+", "bundle"))
        reason = client.publish(self.topic(OTHER, "bundle"), self.wires[1])
        check(reason == NOT_AUTHORIZED, f"under another's topic: reason {reason}")
        self.send(client, self.wires[0])
        heard, more = listener.hear(10), listener.hear(1)
        listener.close()
        check(heard == (self.topic(DEVICE, "bundle"), self.wires[0]) and more is None,
              "a subscriber heard something else")
        check(self.ack(client)[2] == 1 and self.size() == 1, "the rightful bundle was not taken")
        print("refusals: foreign topic ok, reason 135", flush=True)

    def forged(self, client):
        key = self.devices / DEVICE / "record.key"
        second = self.bundles[1]
        broken = bytes([*second.signature[:-1], second.signature[-1] ^ 1])
        self.refused(client, self.wire(1, Signed(second.header, second.payload, broken)), "cose-signature",
                     (2, COSE_SIGNATURE))
        elsewhere = {**second.header, 15: {1: "ab" * 32}}
        self.refused(client, self.wire(1, Signed(elsewhere, second.payload).signed_with(key)), "cose-chain")
        start = Signed({**second.header, 16: "application/vnd.lotmark.start.v1+cose"},
                       {0: second.header[4], 1: DEVICE, 2: 1, 3: bytes(16), 4: None})
        self.refused(client, start.signed_with(key).bytes(), "cose-type")
        self.refused(client, self.wires[2], "need-seq", (3, NEED_SEQ))
        first = self.bundles[0]
        other = Signed(first.header, {**first.payload, 8: first.payload[8] + 1}).signed_with(key)
        self.refused(client, self.wire(0, other), "seq-conflict", (1, SEQ_CONFLICT))
        private = sqlite3.connect(f"file:{self.stack.home}/members/{MEMBER}/data/private.db?mode=ro", uri=True)
        kept = private.execute("SELECT first, second FROM evidence").fetchall()
        private.close()
        check(kept == [(self.wires[0], self.wire(0, other))], "both sides of the contradiction are not kept")

    def again(self, client, wire, size, digest):
        before = self.metric("lotmark_intake_again_total")
        self.send(client, wire)
        ack = self.ack(client)
        check((ack[2], ack[3], ack[5], ack[8]) == (size, digest, size, []), f"acked as {ack}")
        check(self.metric("lotmark_intake_again_total") == before + 1, "not counted as seen before")

    def twins(self, client):
        """n - s in place of s: same id, so what was taken is acked again, whichever of the two came first."""
        for bundle in self.bundles[:2]:
            check(bundle.twin().bytes() != bundle.bytes() and bundle.twin().id() == bundle.id(), "the twin's id differs")
        self.again(client, self.wire(0, self.bundles[0].twin()), 1, self.ids[0])
        self.send(client, self.wire(1, self.bundles[1].twin()))
        check(self.ack(client)[3] == self.ids[1], "the twin was not taken in the original's place")
        self.again(client, self.wires[1], 2, self.ids[1])
        print("refusals: n - s is the same object ok", flush=True)

    def run(self):
        self.seal_bundles()
        self.stack.start_broker("broker-1")
        self.stack.start_node(MEMBER)
        self.stack.wait(lambda: self.stack.listens(self.stack.control_port(MEMBER)), 20, "the node")
        self.stack.logged(f"node-{MEMBER}", r"bus\.connected")
        client = self.connect("devices", DEVICE)
        client.subscribe(self.topic(DEVICE, "ack"))
        self.foreign_topic(client)
        self.forged(client)
        self.twins(client)
        client.close()
        self.stack.start_agent(DEVICE, self.agent)
        agent = self.stack.processes[f"agent-{DEVICE}"]
        self.stack.wait(lambda: agent.poll() is not None, 60, "the agent to have everything acked")
        check(agent.returncode == 0 and self.size() == BUNDLES and not self.outbox(), "the honest bundles did not arrive")


def main():
    with tempfile.TemporaryDirectory(prefix="lotmark-refusals-") as folder:
        with Stack(folder, bin_dir()) as stack:
            stack.found()
            Refusals(stack).run()
    print(f"refusals: all refused; {BUNDLES} honest bundles arrived")


if __name__ == "__main__":
    try:
        main()
    except RuntimeError as e:
        sys.exit(f"refusals: {e}")
