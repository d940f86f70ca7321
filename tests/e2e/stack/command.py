"""Commands of a node to a gateway, through the tool, the node, a real broker and the agent as processes.

seal-now bundles what a live source said; a reload, a check and a bundle for support are done; a command to nobody and one
while the broker is away are refused; what was obeyed is not obeyed again behind a kill -9.
"""
import re
import subprocess
import sys
import tarfile
import tempfile

from stack import Stack, bin_dir, check

MEMBER, DEVICE, BROKER = "hualin-node", "fridge-1", "broker-1"
SOURCE = """[[source]]
name = "air"
type = "exec"
command = ["sh", "-c", "while :; do echo '[{\\"n\\":\\"t\\",\\"u\\":\\"Cel\\",\\"v\\":4.25}]'; sleep 0.2; done"]

"""


def command(stack, what, *more, ok=(0,)):
    return stack.lotmark("mei", "device", "command", DEVICE, what, *more, ok=ok)


def listen(stack):
    """A process of the device's own rights that writes down what comes on its topic of commands."""
    device = stack.home / "devices" / DEVICE
    url = re.search(r'(?m)^url = "\w+://(.*):(\d+)"', (device / "agent.toml").read_text())
    return subprocess.Popen(
        ["mosquitto_sub", "-h", url.group(1), "-p", url.group(2), "--cafile", str(stack.home / "ca/ca.crt"), "--cert",
         str(device / "tls.crt"), "--key", str(device / "tls.key"), "-i", "listener", "-q", "1", "-C", "1", "-W", "30", "-N", "-t",
         f"lotmark/v1/hualin/{DEVICE}/command"], stdout=subprocess.PIPE)


def publish(stack, payload):
    node = stack.home / "members" / MEMBER
    url = re.search(r'(?m)^url = "\w+://(.*):(\d+)"', (node / "node.toml").read_text())
    subprocess.run(
        ["mosquitto_pub", "-h", url.group(1), "-p", url.group(2), "--cafile", str(stack.home / "ca/ca.crt"), "--cert",
         str(node / "tls.crt"), "--key", str(node / "tls.key"), "-i", "again", "-q", "1", "-s", "-t",
         f"lotmark/v1/hualin/{DEVICE}/command"], input=payload, check=True)


def run(stack):
    agent, node = f"agent-{DEVICE}", f"node-{MEMBER}"
    stack.found()
    stack.start_broker(BROKER)
    stack.start_node(MEMBER)
    stack.logged(node, r"broker\.connected")
    config = stack.agent_config(DEVICE, SOURCE, bundle_s=3600)
    stack.start_agent(DEVICE, config)
    stack.logged(agent, r"clock\.state")
    log = stack.dir / f"{agent}.log"

    listener = listen(stack)
    # The listener ends by the first that it hears; it may not listen yet when the first is sent.
    stack.wait(lambda: command(stack, "seal-now") and listener.poll() is not None and
               stack.lotmark_json("mei", "status")["intake_size"] >= 1, 40, "a bundle of what was said so far")
    signed = listener.communicate(timeout=40)[0]
    check(len(signed) > 100, "the command was seen on its topic")

    command(stack, "reload")
    stack.logged(agent, r"config\.reloaded")
    command(stack, "check")
    stack.logged(agent, r'check\.said line="check ')
    command(stack, "diag")
    stack.logged(agent, r"diag\.written")
    bundles = list(config.parent.glob("**/diag/diag-*.tar.gz"))
    check(len(bundles) == 1, f"one bundle for support: {bundles}")
    with tarfile.open(bundles[0]) as tar:
        check("lotmark-diag/check.json" in tar.getnames(), "and it holds what check said")

    check("not-found" in stack.lotmark("mei", "device", "command", "nobody", "diag", ok=(1,)).stderr, "nobody is not found")
    stack.kill(agent)
    stack.start_agent(DEVICE, config)
    stack.logged(agent, r"clock\.state")
    stack.wait(lambda: publish(stack, signed) or "command.refused" in log.read_text(), 20, "a command played back is refused")
    check("command-counter" in log.read_text(), "for its counter")
    stack.kill(f"broker-{BROKER}")
    stack.wait(lambda: "unavailable" in command(stack, "seal-now", ok=(0, 1)).stderr, 20, "no broker, no command")


def main():
    with tempfile.TemporaryDirectory(prefix="lotmark-command-") as folder:
        with Stack(folder, bin_dir()) as stack:
            run(stack)
    print("command: obeyed once, by the right gateway")


if __name__ == "__main__":
    try:
        main()
    except RuntimeError as e:
        sys.exit(f"command: {e}")
