"""One lot through a whole Stack: the start device's signal, six steps, cold storage resting on a replayed file,
the application, and what the reviewers make of it. Operators' commands are the tool's own.
"""
from stack import REPO

GTIN = "09506000134352"
NODES = {"mei": "hualin-node", "inspector-a": "institute-a-node", "inspector-b": "institute-b-node",
         "officer-1": "agency-1", "officer-2": "agency-2", "officer-3": "agency-3"}
TYPED = ("formulation", "filling", "inspection", "labelling")
# A day of the sample's cold room, for the agent's configuration.
DAY = f"""[[source]]
name = "day"
type = "replay"
file = "{REPO}/samples/vaccines/cold-room.csv"
time = {{ format = "iso", column = "time" }}
columns = [{{ column = "temperature", channel = "t", unit = "Cel", exp = -2 }}]
"""


def start_everything(stack):
    stack.start_broker()
    stack.start_nodes()
    for operator in NODES:
        stack.wait(lambda: does(stack, operator, "status"), 40, f"the node of {operator}")
    # A reviewer takes no opening on a start signal that it has not heard itself.
    for folder in (stack.home / "members").iterdir():
        if "[broker]" in (folder / "node.toml").read_text():
            stack.logged(f"node-{folder.name}", r"broker\.connected", 60)


def does(stack, operator, *args):
    """Whether the tool says it is done; what it printed otherwise is kept for who reads the failure."""
    done = stack.lotmark(operator, *args, ok=(0, 1))
    (stack.dir / "last-answer.log").write_text(f"{' '.join(args)}\n{done.stdout}{done.stderr}")
    return done.returncode == 0 or (args[0] == "status" and "alarm " in done.stdout)


def start_machine(stack, device, machine, source):
    """The agent with that source, and the machine's start-signal device behind it."""
    folder = stack.home / "devices" / machine
    nv = folder / f"{machine}.nv"
    chain = "".join((stack.home / "fingerprint.txt").read_text().split())
    stack.run("lotmark-factory", "--nv", str(nv), "--machine", machine, "--chain", chain, "--key",
              str(folder / "record.key"))
    command = [str(stack.bin / "lotmark-start-device"), "--nv", str(nv), "--machine", machine, "--resend", "1000"]
    words = ", ".join(f'"{word}"' for word in command)
    frames = f'\n[[source]]\nname = "machine"\ntype = "frames"\ndevice = "{machine}"\ncommand = [{words}]\n'
    stack.start_agent(device, stack.agent_config(device, source + frames))


def make(stack, lot, number, start, end, bundles):
    """On line-NUMBER: opened on its machine's signal, all steps signed once that many bundles are in, applied for."""
    open_lot(stack, lot, number)
    finish(stack, lot, start, end, bundles)


def open_lot(stack, lot, number):
    stack.wait(lambda: does(stack, "mei", "batch", "start", "--programme", "cold-vaccine", "--line", f"line-{number}",
                            "--gtin", GTIN, "--lot", lot, "--reviewer", "institute-a", "--reviewer", "institute-b",
                            "--device", f"filler-{number}"), 40, f"the start signal of filler-{number}")


def finish(stack, lot, start, end, bundles):
    stack.wait(lambda: stack.lotmark_json("mei", "status")["intake_size"] >= bundles, 40, f"{bundles} bundles")
    for label in TYPED:
        stack.lotmark("mei", "batch", "step", lot, label, "--note", "shift=early")
    stack.lotmark("mei", "batch", "step", lot, "cold-storage", "--start", start, "--end", end)
    stack.lotmark("mei", "batch", "step", lot, "dispatch", "--public-note", "pack=10 vials")
    stack.lotmark("mei", "batch", "apply", lot, "--product", "vaccine, 10 vials", "--expires", "20281231")


def review_state(stack, operator, lot):
    done = stack.lotmark(operator, "review", "show", lot, "--field", "state", ok=(0, 1))
    return done.stdout.strip() if done.returncode == 0 else ""


def batch_state(stack, lot):
    (batch,) = stack.lotmark_json("mei", "batch", "list", "--lot", lot)
    return batch["state"]
