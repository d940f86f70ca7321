"""The operators' commands over a consortium that runs: what each says and how it exits.

A reviewer that was down when the machine started hears the start signal later and decides the lot; another looks again. On
that lot: complaint and rulings, recall, a key revoked and what rests on it, a backup of the running node and the audit of
it; then two of three supervisory nodes stop, and status says so until they are back.
"""
import json
import re
import sqlite3
import sys
import tempfile

import lot
from stack import Stack, bin_dir, check, kid_of

LOT = "OP-1"
OFFICERS = ("officer-1", "officer-2", "officer-3")
FAILED, TAMPERED = 1, 3
SOURCE = lot.DAY + """
[outbox]
resend_s = 2
"""


class Desk:
    """One operator at a time; each answer is checked by exit code and by what it prints."""

    def __init__(self, stack):
        self.stack = stack

    def says(self, operator, pattern, *words, code=0):
        done = self.stack.lotmark(operator, *words, ok=(0, 1, 2, 3))
        told = done.stdout + done.stderr
        check(done.returncode == code, f"{' '.join(words)}: exit {done.returncode} rather than {code}\n{told}")
        check(re.search(pattern, told), f"{' '.join(words)}: no {pattern!r} in\n{told}")
        return told

    def json(self, operator, *words, code=0):
        return json.loads(self.says(operator, "", *words, "--json", code=code))

    def submit(self, operator, *words):
        """Taken, and some blocks later final on the chain, at every agency's node; the number of its block."""
        taken = self.says(operator, "taken as [0-9a-f]{16}; on the chain once lotmark submissions says final", *words)
        begin = re.search("taken as ([0-9a-f]{16})", taken).group(1)

        def found():
            return next(s for s in self.json(operator, "submissions") if s["id"].startswith(begin))

        self.stack.wait(lambda: found()["state"] == "final", 20, f"{' '.join(words)} to be final")
        block = found()["block"]
        self.stack.wait(lambda: all(self.json(o, "status")["final_size"] > block for o in OFFICERS), 20,
                        f"block {block} to be final at every agency")
        return block


def configure(stack):
    for name in ("institute-a-node", "institute-b-node"):  # every lot is looked at again
        file = stack.home / "members" / name / "node.toml"
        file.write_text(file.read_text().replace("[review]\n", "[review]\nsecond_every = 1\n", 1))
    file = stack.home / "members" / "agency-1" / "node.toml"
    file.write_text(file.read_text() + "\n[limits]\nfinality_s = 3\n")


def signals(stack):
    """Of each start signal that the gateway keeps: whether enterprise and some reviewer answered."""
    with sqlite3.connect(f"file:{stack.home}/devices/fridge-1/state/outbox.db?mode=ro", uri=True, timeout=10) as db:
        return db.execute("SELECT by_enterprise, by_reviewer FROM start").fetchall()


def release_a_lot(stack, desk):
    stack.kill("node-institute-a-node")
    lot.start_machine(stack, "fridge-1", "filler-1", SOURCE)
    stack.logged("agent-fridge-1", r"start\.kept")
    stack.wait(lambda: signals(stack) in ([], [(1, 1)]), 20, "the enterprise and the other reviewer to answer")
    lot.open_lot(stack, LOT, 1)
    stack.wait(lambda: desk.says("mei", LOT, "batch", "list").count("institute-a: 0 of"), 10, "who does not take the lot")
    stack.start_node("institute-a-node")
    lot.finish(stack, LOT, "2026-01-05T00:00Z", "2026-01-06T00:00Z", bundles=24)
    stack.wait(lambda: "taken," not in desk.says("mei", LOT, "batch", "list"), 20, "that both take it")
    desk.says("inspector-b", "conflict|not-found", "review", "approve", LOT, code=FAILED)  # the first named decides
    stack.wait(lambda: lot.review_state(stack, "inspector-a", LOT) == "reviewed", 40, "the review")
    desk.says("inspector-a", LOT, "review", "approve", LOT, "--if-clean")
    stack.wait(lambda: lot.batch_state(stack, LOT) == "released", 30, "the release")
    check(signals(stack) == [], "the start signal is sent on though everybody answered")


def no_alarm_stands(desk):
    """A busy machine may be late with a block for once, and status says so."""
    desk.stack.wait(lambda: not desk.stack.lotmark_json("officer-1", "status")["alarms"], 30, "no alarm to stand")


def looks_at_the_chain(desk):
    no_alarm_stands(desk)
    desk.says("officer-1", r"\d+ blocks checked, nothing found", "chain", "check")
    desk.says("officer-1", "nothing was cut yet", "archive", "list")
    check(desk.json("officer-1", "archive", "list")["archives"] == [], "no archive")
    for operator in ("officer-1", "mei", "inspector-a"):
        desk.says(operator, "final", "status")
    profiles = [str(desk.stack.home / "operators" / o / "lotmark.toml") for o in ("officer-1", "officer-2", "mei")]
    told = desk.says("officer-1", "agency-2", "status", *profiles)
    check("hualin-node" in told and "alarm" not in told.lower().replace("alarms", ""), f"three nodes at a glance: {told}")


def complaint(desk, kid):
    desk.says("officer-1", "nobody complained of anybody", "report", "list")
    desk.says("inspector-b", "device-unknown", "report", "send", "--subject", "0" * 32, "--text", "nobody", code=FAILED)
    desk.submit("inspector-b", "report", "send", "--subject", kid, "--kind", "negligence", "--text", "door left open")
    listed = desk.json("officer-1", "report", "list")
    check(len(listed) == 1 and listed[0]["settled"] is None and listed[0]["text"] == "door left open", f"{listed}")
    rule = ("report", "rule", listed[0]["id"][:8], "--outcome", "upheld", "--penalty", "points", "--points", "30",
            "--reward", "10", "--text", "seen in the records")
    desk.says("mei", "cose-kid|denied", *rule, code=FAILED)
    desk.submit("officer-1", *rule)
    check(desk.json("officer-2", "report", "list")[0]["settled"] is None, "one of three is no quorum")
    desk.submit("officer-2", *rule)
    desk.says("officer-3", "upheld, 30 points, reward 10", "report", "list")
    desk.says("officer-3", "list-duplicate", *rule, code=FAILED)


def recall(stack, desk):
    receipt = stack.dir / "lot.receipt"
    desk.says("officer-1", "", "receipt", lot.GTIN, LOT, "--out", str(receipt))
    chain = stack.home / "members" / "agency-1" / "data" / "chain.db"
    verify = ("verify", str(receipt), "--anchor", str(stack.home / "anchor.cbor"), "--chain", str(chain))
    desk.says("officer-1", "released", *verify)
    desk.says("officer-1", "no recall stands open", "recall", "list")
    desk.says("mei", "cose-kid|denied", "recall", "open", lot.GTIN, LOT, "--reason", "not by the producer", code=FAILED)
    desk.submit("officer-1", "recall", "open", lot.GTIN, LOT, "--reason", "glass in vials")
    desk.says("officer-2", rf"{LOT}.*glass in vials", "recall", "list")
    desk.says("officer-1", "recalled", *verify, code=FAILED)
    desk.submit("officer-1", "recall", "close", lot.GTIN, LOT, "--reason", "other vials")
    desk.says("officer-2", "no recall stands open", "recall", "list")
    desk.says("officer-1", "released", *verify)


def revoked_key(desk, kid, other):
    desk.says("officer-1", "no key is revoked", "revocations")
    block = desk.submit("officer-1", "revoke", kid, "--text", "gateway stolen")
    desk.submit("officer-1", "revoke", kid, "--from", "1", "--text", "since the beginning")
    listed = desk.json("officer-2", "revocations")
    check([(r["kid"], r["suspected_since"]) for r in listed] == [(kid, 1)], f"revocations: {listed}")
    for operator in ("officer-1", "mei", "inspector-a"):
        desk.says(operator, rf"{LOT}.*(?s:.)*1 lots rest on the key of", "tainted", "--key", kid, "--since", "1",
                  code=FAILED)
        desk.says(operator, "no lot rests on that key", "tainted", "--key", other, "--since", "1")
    desk.says("officer-1", "no lot rests on that key", "tainted", "--key", kid, "--since", str(block))


def audit_of_a_backup(stack, desk):
    """The producer's node runs on; of the reviewer that looked again the files as they lie."""
    backup, sheet = stack.dir / "backup", stack.dir / "sheet"
    told = stack.run("lotmark", "backup", str(stack.home / "members/hualin-node/data"), "--out", str(backup)).stdout
    check("24 objects in the intake log" in told, told)
    words = ("audit", "--private", str(backup / "private.db"), "--private",
             str(stack.home / "members/institute-b-node/data/private.db"), "--chain", str(backup / "chain.db"),
             "--anchor", str(stack.home / "anchor.cbor"), "--second", "1")
    report = desk.json("mei", *words, "--out", str(sheet))
    drawn = report["second"]
    check(report["ok"] and report["second_count"] == 1 and drawn[0]["lot"] == LOT, f"second reviews: {drawn}")
    check(drawn[0]["second_report"] == desk.json("inspector-b", "review", "second")[0]["report"], "whose report")
    check(LOT in (sheet / "audit.html").read_text() and len(list((sheet / "receipts").iterdir())) == 1, "the sheet")
    desk.says("mei", "audit ok", *words)
    with sqlite3.connect(backup / "private.db") as db:
        db.execute("UPDATE record SET time = time + 1 WHERE n = 1")
    desk.says("mei", rf"record row 1 .*of lot {LOT}", *words, code=TAMPERED)


def quorum_lost(stack, desk):
    for name in ("agency-2", "agency-3"):
        stack.kill(f"node-{name}")

    def alarms():
        return desk.stack.lotmark_json("officer-1", "status")["alarms"]

    stack.wait(lambda: "quorum-lost" in alarms(), 30, "the lost quorum")
    desk.says("officer-1", "1 supervisory nodes vote, 2 are needed", "status", code=FAILED)
    profiles = [str(stack.home / "operators" / o / "lotmark.toml") for o in ("officer-1", "officer-2")]
    desk.says("officer-1", "quorum-lost", "status", *profiles, code=FAILED)
    for name in ("agency-2", "agency-3"):
        stack.start_node(name)
    no_alarm_stands(desk)
    desk.says("officer-1", "final", "status")


def run(stack):
    stack.found()
    configure(stack)
    lot.start_everything(stack)
    desk = Desk(stack)
    release_a_lot(stack, desk)
    kids = {name: kid_of(stack.home / "devices" / name / "record.key") for name in ("fridge-1", "fridge-2")}
    looks_at_the_chain(desk)
    complaint(desk, kids["fridge-1"])
    recall(stack, desk)
    stack.wait(lambda: [s["state"] for s in desk.json("inspector-b", "review", "second")] == ["agrees"], 20,
               "the second review")
    desk.says("inspector-b", f"{LOT}.*agrees", "review", "second")
    check(desk.json("inspector-a", "review", "second") == [], "who released it does not look again")
    audit_of_a_backup(stack, desk)
    revoked_key(desk, kids["fridge-1"], kids["fridge-2"])
    quorum_lost(stack, desk)
    for log in stack.dir.glob("node-*.log"):
        check("private.damaged" not in log.read_text(errors="replace"), f"{log.name}: rows of a sound node are called damaged")


def main():
    with tempfile.TemporaryDirectory(prefix="lotmark-operators-") as folder:
        with Stack(folder, bin_dir()) as stack:
            run(stack)
    print("operators: every command said what it should")


if __name__ == "__main__":
    try:
        main()
    except RuntimeError as e:
        sys.exit(f"operators: {e}")
