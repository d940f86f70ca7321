"""A lot through a whole consortium whose devices and nodes speak MQTT to three NATS servers as `lotmark ca init` configured
them. In the middle the server they are connected to is killed and comes back: nothing is lost.
"""
import sys
import tempfile

import lot
from stack import NATS_SERVER, Stack, bin_dir

LOT, BUNDLES = "N-1", 24  # a day in windows of an hour


def with_nats(text):
    """The sample's consortium with three NATS servers in place of Mosquitto."""
    port = "port = 7883\n"
    if text.count(port) != 1:
        raise RuntimeError("the sample no longer has its broker on 7883")
    text = text.replace(port, 'nats = "nats-1"\n') + "\n[nats]\nstore_mb = 256\n"
    for i in (1, 2, 3):
        text += (f'\n[[nats.servers]]\nname = "nats-{i}"\norganisation = "agency-{i}"\nclient_port = 78{i}1\n'
                 f'cluster_port = 78{i}2\nmqtt_port = 78{i}3\nmonitor_port = 78{i}4\n')
    return text


def with_jetstream(text):
    """And the order in them."""
    return 'ordering = "jetstream"\n' + with_nats(text).replace('primary = "agency-1"\n', "")


def run(stack):
    stack.found()
    stack.start_nats()
    lot.start_everything(stack)
    lot.start_machine(stack, "fridge-1", "filler-1", lot.DAY)
    stack.wait(lambda: stack.lotmark_json("mei", "status")["intake_size"] > 0, 40, "a bundle")
    stack.kill("nats-nats-1")
    conf = stack.home / "nats/nats-1/nats-server.conf"
    stack.start("nats-nats-1", [NATS_SERVER, "-c", str(conf)])
    lot.make(stack, LOT, 1, "2026-01-05T00:00Z", "2026-01-06T00:00Z", bundles=BUNDLES)
    stack.wait(lambda: lot.does(stack, "inspector-a", "review", "approve", LOT, "--if-clean"), 60, "the approval")
    stack.wait(lambda: lot.batch_state(stack, LOT) == "released", 60, "the release on the chain")
    print(f"nats: {BUNDLES} bundles, lot {LOT} released, over MQTT of nats-server")


def main():
    with tempfile.TemporaryDirectory(prefix="lotmark-nats-") as folder:
        with Stack(folder, bin_dir(), edit=with_nats) as stack:
            run(stack)


if __name__ == "__main__":
    try:
        main()
    except RuntimeError as e:
        sys.exit(f"nats: {e}")
