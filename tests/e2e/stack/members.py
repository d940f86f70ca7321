#!/usr/bin/python3
"""The rules change while lots are released: a fourth supervisory node comes, the quorum rises, the primary goes, a reviewer's
key is renewed, the root key rolls over. Every receipt, made before and after, verifies from the first anchor. With
--jetstream the order stands in three NATS servers, and the role leaves a primary that is to go by itself.

  members.py [--jetstream]
"""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile

from nats import with_jetstream
from primary import PATIENCE_S
from stack import Stack, bin_dir, check, free_ports, kid_of

OFFICERS = {"agency-1": "officer-1", "agency-2": "officer-2", "agency-3": "officer-3", "agency-4": "officer-4"}
GTIN = "09506000134352"


def openssl(*words):
    return subprocess.run(["openssl", *words], check=True, capture_output=True).stdout


def make_key(file):
    """A record key where it is used; its point in hex."""
    file.parent.mkdir(parents=True, exist_ok=True)
    pem = openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout")
    file.write_bytes(pem)
    os.chmod(file, 0o600)
    return openssl("ec", "-in", str(file), "-pubout", "-outform", "DER")[-65:].hex()


class Ceremony:
    """What operators do, one after another; the root key's file stands for the machine without a network."""

    def __init__(self, stack):
        self.stack = stack
        self.root = stack.home / "root/record.key"
        self.anchor = stack.home / "anchor.cbor"
        self.n = 0

    def status(self, name):
        """What the node says of itself; nothing while it opens itself anew."""
        done = self.stack.lotmark(OFFICERS[name], "status", "--json", ok=(0, 1))
        silent = {"final_size": 0, "size": 0, "roles": None, "votes": 0}
        return json.loads(done.stdout) if done.returncode == 0 else silent

    def follows(self, names, epoch):
        for name in names:
            done = self.stack.lotmark(OFFICERS[name], "member", "status", "--json", ok=(0, 1))
            if done.returncode != 0:
                return False
            told = json.loads(done.stdout)
            if told["epoch"] != epoch or not told["final"]:
                return False
        return True

    def propose(self, at, *change):
        self.n += 1
        file = self.stack.dir / f"{self.n}.proposal"
        self.stack.lotmark(OFFICERS[at], "member", "propose", *change, "--out", str(file))
        return file

    def approve(self, file, names):
        for name in names:
            self.stack.lotmark(OFFICERS[name], "member", "sign", str(file), "--yes")

    def hold(self, file, at):
        self.stack.wait(lambda: self.stack.lotmark(OFFICERS[at], "member", "hold", str(file), "--for", "120", "--wait",
                                                   "20", ok=(0, 1)).returncode == 0, 60, f"a place for {file.name}")

    def root_signs(self, file):
        self.stack.run("lotmark", "member", "sign", str(file), "--signing-key", str(self.root), "--anchor",
                       str(self.anchor), "--yes")

    def submit(self, file, at, ok=(0,)):
        return self.stack.lotmark(OFFICERS[at], "member", "submit", str(file), ok=ok)

    def change(self, names, at, *words):
        file = self.propose(at, *words)
        self.approve(file, names)
        self.hold(file, at)
        self.root_signs(file)
        self.submit(file, at)
        return file


def add_node(stack, name):
    """Key, certificate and configuration of a node that is no member yet; its address to the others."""
    home = stack.home / "members" / name
    point = make_key(home / "record.key")
    kid = kid_of(home / "record.key")
    openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
            f"/CN={name}\\/{name}", "-keyout", str(home / "tls.key"), "-out", str(home / "tls.csr"))
    os.chmod(home / "tls.key", 0o600)
    stack.run("lotmark", "ca", "issue", "--dir", str(stack.home), "--kind", "node", "--csr", str(home / "tls.csr"),
              "--name", f"{name}/{name}", "--host", "127.0.0.1", "--out", str(home / "tls.crt"))
    peer, control = free_ports(2)
    sample = (stack.home / "members/agency-3/node.toml").read_text()
    others = sample.split("\n[[peers]]")
    own3 = re.search(r'(?s)\[peer\].*?port = (\d+)', others[0]).group(1)
    kid3 = stack.lotmark_json("officer-3", "status")["kid"]
    text = others[0].replace('"agency-3"', f'"{name}"').replace("poll_ms", "follow = true\npoll_ms")
    text = re.sub(r"(?s)(\[peer\].*?port = )\d+", rf"\g<1>{peer}", text)
    text = re.sub(r"(?s)(\[control\].*?port = )\d+", rf"\g<1>{control}", text)
    text += "".join("\n[[peers]]" + each for each in others[1:])
    text += f'\n[[peers]]\nname = "agency-3"\nkid = "{kid3}"\nurl = "https://127.0.0.1:{own3}"\n'
    (home / "node.toml").write_text(text)
    for other in sorted((stack.home / "members").iterdir()):
        if other.name != name:
            file = other / "node.toml"
            file.write_text(file.read_text() + f'\n[[peers]]\nname = "{name}"\nkid = "{kid}"\nurl = "https://127.0.0.1:{peer}"\n')
    profile = stack.home / "operators" / OFFICERS[name] / "lotmark.toml"
    profile.parent.mkdir(parents=True)
    profile.write_text(f'control = "http://127.0.0.1:{control}"\nnode = "{kid}"\nkey = "../../members/{name}/record.key"\n'
                       'anchor = "../../anchor.cbor"\n')
    member = stack.dir / f"{name}.toml"
    member.write_text(f'public_key = "{point}"\nroles = ["supervising"]\norganisation = "{name}"\n')
    return member


class Load:
    """Lots, released one after another from now on (tests/e2e/releaser)."""

    def __init__(self, stack):
        self.stack = stack
        self.file = stack.dir / "releaser.out"
        with open(self.file, "wb") as out, open(stack.dir / "releaser.log", "wb") as err:
            command = [str(stack.bin / "lotmark-test-releaser"), str(stack.home), "--pace-ms", "500"]
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out, stderr=err)

    def lots(self):
        """Number of the block -> lot, of what was seen released."""
        said = [json.loads(line) for line in self.file.read_text().splitlines() if line.endswith("}")]
        return {each["number"]: each["lot"] for each in said if each["event"] == "released"}

    def end(self):
        self.process.stdin.close()
        check(self.process.wait(120) == 0, "the releaser")
        done = [json.loads(line) for line in self.file.read_text().splitlines()][-1]
        check(done["event"] == "done" and done["made"] == done["final"], f"all that was made is final: {done}")
        return done["made"]


def verify(stack, lot, words):
    """The verdict on a receipt that the fourth agency gives now."""
    file = stack.dir / f"{lot}.receipt"
    file.unlink(missing_ok=True)
    stack.lotmark("officer-4", "receipt", GTIN, lot, "--out", str(file))
    done = stack.run("lotmark", "verify", str(file), *words, "--field", "verdict", ok=(0, 1, 3))
    return done.stdout.strip()


THREE = ["agency-1", "agency-2", "agency-3"]


def restart(stack, names):
    for name in names:
        stack.kill(f"node-{name}")
        stack.start_node(name)
        stack.wait(lambda: stack.listens(stack.control_port(name)), 20, name)


def begin(stack, jetstream):
    """Three supervisory nodes, a fourth that follows, and lots that are released; the fourth's member file."""
    if jetstream:
        stack.start_nats()
    stack.start_broker()
    stack.start_nodes()
    for name in THREE:
        stack.wait(lambda: stack.listens(stack.control_port(name)), 20, name)
    ceremony = Ceremony(stack)
    stack.wait(lambda: all(ceremony.status(n)["final_size"] > 1 for n in THREE), PATIENCE_S, "the first final blocks")
    member = add_node(stack, "agency-4")
    restart(stack, THREE)  # they learn its address
    stack.start_node("agency-4")
    stack.wait(lambda: stack.listens(stack.control_port("agency-4")), 20, "agency-4")
    stack.wait(lambda: ceremony.status("agency-4")["final_size"] > 1, PATIENCE_S, "that agency-4 follows")
    check(ceremony.status("agency-4")["roles"] == [], "agency-4 has no role yet")
    load = Load(stack)
    stack.wait(lambda: len(load.lots()) > 2, PATIENCE_S, "the first lots")
    return ceremony, member, load


def overtaken(stack, ceremony, file):
    """A statement whose place another block took needs the root key alone."""
    ceremony.hold(file, "agency-3")
    ceremony.root_signs(file)
    stack.lotmark("officer-2", "supervise", "delegate")  # a term block takes the place
    late = ceremony.submit(file, "agency-1", ok=(1,))
    check("statement-first" in late.stderr, f"overtaken: {late.stderr}")


def fourth_comes(stack, ceremony, member, jetstream):
    """One of three does not approve: two are a quorum."""
    file = ceremony.propose("agency-1", "--add", str(member), "--quorum", "3")
    ceremony.approve(file, ["agency-1", "agency-3"])
    if not jetstream:
        overtaken(stack, ceremony, file)
    ceremony.hold(file, "agency-1")
    ceremony.root_signs(file)
    ceremony.submit(file, "agency-1")
    stack.wait(lambda: ceremony.follows([*THREE, "agency-4"], 1), PATIENCE_S, "epoch 1 everywhere")
    stack.wait(lambda: ceremony.status("agency-4")["roles"] == ["supervising"], 20, "agency-4's role")
    stack.wait(lambda: ceremony.status("agency-4")["votes"] == 4, PATIENCE_S, "four votes")


def primary_goes(stack, ceremony, jetstream):
    """It cannot order its own removal. With local order the hold says so until an operator moved the role; else it moves
    when the hold begins. Who is left."""
    kids = {ceremony.status(name)["kid"]: name for name in [*THREE, "agency-4"]}
    goes = kids[ceremony.status("agency-4")["orders"]]
    left = [name for name in [*THREE, "agency-4"] if name != goes]
    file = ceremony.propose("agency-4", "--remove", goes, "--quorum", "2")
    ceremony.approve(file, left)
    if not jetstream:
        stack.wait(lambda: "supervise delegate" in stack.lotmark("officer-1", "member", "hold", str(file), ok=(1,)).stderr,
                   20, "that operators are told to delegate")
        stack.lotmark("officer-3", "supervise", "delegate")
    ceremony.hold(file, left[1])
    ceremony.root_signs(file)
    ceremony.submit(file, left[1])
    stack.wait(lambda: ceremony.follows(left, 2), PATIENCE_S, "epoch 2")
    stack.wait(lambda: ceremony.status(goes)["roles"] == [], 20, f"that {goes} laid down its role")
    stack.logged(f"node-{goes}", r"node\.no_member")
    before = ceremony.status(goes)["size"]
    stack.wait(lambda: ceremony.status(goes)["size"] > before, PATIENCE_S, f"that {goes} follows without a role")
    return left


def root_rolls_over(stack, ceremony, left):
    """A new root key signs from epoch 4 on; the link to it and the anchor that follows it."""
    link, pinned = stack.dir / "rollover.cbor", stack.dir / "anchor-2.cbor"
    point = make_key(stack.dir / "root-2/record.key")
    stack.run("lotmark", "root", "roll", "--root-key", str(ceremony.root), "--to", point, "--first", "4", "--anchor",
              str(ceremony.anchor), "--out", str(link))
    stack.run("lotmark", "root", "pin", "--anchor", str(ceremony.anchor), "--rollover", str(link), "--out", str(pinned))
    (stack.home / "anchor.cbor").write_bytes(pinned.read_bytes())
    restart(stack, left)
    stack.wait(lambda: ceremony.follows(left, 3), PATIENCE_S, "the nodes again")
    file = ceremony.propose(left[0], "--quorum", "3")
    ceremony.approve(file, left)
    ceremony.hold(file, left[0])
    old = stack.run("lotmark", "member", "sign", str(file), "--signing-key", str(ceremony.root), "--anchor",
                    str(ceremony.anchor), "--yes", ok=(1,))
    check("statement-signer" in old.stderr, f"the old root key signs no more: {old.stderr}")
    ceremony.root = stack.dir / "root-2/record.key"
    ceremony.root_signs(file)
    ceremony.submit(file, left[0])
    stack.wait(lambda: ceremony.follows(left, 4), PATIENCE_S, "epoch 4")
    return link, pinned


def verify_epochs(stack, lots, first_anchor, link, pinned):
    """Of each epoch the first and the last lot, from all anchors."""
    told, page = [], True
    while page:
        page = stack.lotmark_json("officer-4", "chain", "show", "--from", str(len(told)), "--limit", "500")
        told += page
    firsts = [block["number"] for block in told if block["kind"] == "membership"]
    check(len(firsts) == 5, f"five epochs: {firsts}")
    old = ["--anchor", str(first_anchor)]
    for epoch, first in enumerate(firsts):
        upto = firsts[epoch + 1] if epoch < 4 else max(lots) + 1
        own = [lots[number] for number in sorted(lots) if first < number < upto]
        check(own, f"lots of epoch {epoch}")
        for lot in {own[0], own[-1]}:
            by_link = verify(stack, lot, [*old, "--rollover", str(link)])
            check(by_link == "released", f"{lot} of epoch {epoch}, by the signed link")
            check(verify(stack, lot, ["--anchor", str(pinned)]) == "released", f"{lot} of epoch {epoch}, by the new anchor")
            alone = "released" if epoch < 4 else "tampered"
            check(verify(stack, lot, old) == alone, f"{lot} of epoch {epoch}, by the first anchor alone")


def run(stack, jetstream):
    stack.found()
    first_anchor = stack.dir / "first-anchor.cbor"
    first_anchor.write_bytes((stack.home / "anchor.cbor").read_bytes())
    ceremony, member, load = begin(stack, jetstream)
    fourth_comes(stack, ceremony, member, jetstream)
    left = primary_goes(stack, ceremony, jetstream)
    # A reviewer's new key, in one step.
    key = stack.dir / "renewed.toml"
    key.write_text(f'public_key = "{make_key(stack.dir / "renewed/record.key")}"\n')
    ceremony.change(left, left[0], "--renew", f"institute-b={key}")
    stack.wait(lambda: ceremony.follows(left, 3), PATIENCE_S, "epoch 3")
    link, pinned = root_rolls_over(stack, ceremony, left)
    more = len(load.lots())
    stack.wait(lambda: len(load.lots()) > more + 2, PATIENCE_S, "lots under the new root key")
    made = load.end()
    verify_epochs(stack, load.lots(), first_anchor, link, pinned)
    print(f"members ok lots={made} epoch=4 size={ceremony.status('agency-4')['size']}")


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--jetstream", action="store_true")
    a = p.parse_args()
    with tempfile.TemporaryDirectory(prefix="lotmark-members-") as folder:
        with Stack(folder, bin_dir(), edit=with_jetstream if a.jetstream else lambda text: text) as stack:
            run(stack, a.jetstream)


if __name__ == "__main__":
    sys.exit(main())
