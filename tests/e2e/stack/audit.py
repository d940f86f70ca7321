"""`lotmark audit` on copies of a running enterprise's files after a released lot: clean as they are, and a reviewer's
where they lie too; and whatever a thief writes into the private rows, even with every later row hash made anew, is named
with row, lot and block.
"""
import hashlib
import json
import sqlite3
import sys
import tempfile

import cbor2

import lot
from stack import Stack, bin_dir, check

LOT, OTHER, TAMPERED = "AUDIT-1", "AUDIT-2", 3


def copy(source, target):
    with sqlite3.connect(f"file:{source}?mode=ro", uri=True) as a, sqlite3.connect(target) as b:
        a.backup(b)
    a.close()
    b.close()


def row_hash(commitment, time, previous):
    """docs/format/private.md, private chain."""
    return hashlib.sha256(cbor2.dumps([commitment, time, previous], canonical=True)).digest()


def chain_anew(db, start):
    """What a thief with the whole database does: every row's previous and hash again, from the first on."""
    previous = start
    rows = db.execute("SELECT n, commitment, time FROM record WHERE start = ? ORDER BY n", (start,)).fetchall()
    for n, commitment, time in rows:
        made = row_hash(commitment, time, previous)
        db.execute("UPDATE record SET previous = ?, hash = ? WHERE start = ? AND n = ?", (previous, made, start, n))
        previous = made


class Audit:
    def __init__(self, stack):
        self.stack = stack
        data = self.data("hualin-node")
        self.private, self.chain = stack.dir / "private.db", stack.dir / "chain.db"
        copy(data / "chain.db", self.chain)
        copy(data / "private.db", self.private)
        with sqlite3.connect(self.private) as db:
            self.lots = {name: (start, block) for name, start, block in
                         db.execute("SELECT lot, start, block FROM batch")}

    def data(self, node):
        return self.stack.home / "members" / node / "data"

    def reviewer(self, node):
        """The files of a reviewer that runs, where they lie; in words, as a person reads them."""
        data = self.data(node)
        done = self.stack.run("lotmark", "audit", "--private", str(data / "private.db"), "--chain",
                              str(data / "chain.db"), "--anchor", str(self.stack.home / "anchor.cbor"), ok=(0, TAMPERED))
        check(done.returncode == 0 and "audit ok" in done.stdout, f"{node}: exit {done.returncode}: {done.stdout}")
        check(" 2 reviews" in done.stdout, f"{node} reviewed two lots: {done.stdout}")
        print(f"audit: {node} ok", flush=True)

    def run(self, private):
        key = self.stack.home / "members" / "hualin-node" / "opening.key"
        done = self.stack.run("lotmark", "audit", "--private", str(private), "--chain", str(self.chain), "--anchor",
                              str(self.stack.home / "anchor.cbor"), "--opening-key", str(key), "--json", ok=(0, TAMPERED))
        return done.returncode, json.loads(done.stdout)

    def clean(self):
        code, report = self.run(self.private)
        check(code == 0 and report["ok"] and report["checked"]["records"] >= 11, f"clean copies: {report}")
        check(report["checked"]["sealed"] > 0 and report["checked"]["not_opened"] == 0, f"sealed, and opened: {report}")
        print(f"audit: clean ok, {report['checked']}", flush=True)

    def tampered(self, name, row, change):
        """`change` on a copy of its own; the audit must name that row of the lot, and the lot's block."""
        file = self.stack.dir / f"{name}.db"
        copy(self.private, file)
        start, block = self.lots[LOT]
        db = sqlite3.connect(file)
        with db:
            changed = change(db, start)
        db.close()
        check(changed == 1, f"{name}: {changed} rows were changed")
        code, report = self.run(file)
        check(code == TAMPERED and not report["ok"], f"{name}: exit {code}")
        place = ("record", row, LOT, block)
        named = [f for f in report["faults"] if (f["table"], f["row"], f["lot"], f["block"]) == place]
        check(named, f"{name}: row {row} of {LOT}, block {block}, is not named in {report['faults']}")
        print(f"audit: {name} ok: {named[0]['line']}", flush=True)


# -- thieves -------------------------------------------------------------------------------------------------
ROW = 1  # filling


def change_time(db, start):
    return db.execute("UPDATE record SET time = time + 1 WHERE start = ? AND n = ?", (start, ROW)).rowcount


def change_segment(db, start):
    """The note a person typed, which is sealed, by one bit."""
    segments, = db.execute("SELECT segments FROM record WHERE start = ? AND n = ?", (start, ROW)).fetchone()
    check(b"early" not in segments, "the note stands in the clear")
    other = segments[:-1] + bytes([segments[-1] ^ 1])
    return db.execute("UPDATE record SET segments = ? WHERE start = ? AND n = ?", (other, start, ROW)).rowcount


def forge_commitment(chain):
    """The note changed, the commitment that it gives in place of the signed one, hashes made anew."""
    def change(db, start):
        change_segment(db, start)
        head, segments = map(cbor2.loads, db.execute("SELECT head, segments FROM record WHERE start = ? AND n = ?",
                                                     (start, ROW)).fetchone())
        check(len(segments) == 1, "more than one note")
        root = hashlib.sha256(b"\0" + segments[0]).digest()
        made = hashlib.sha256(cbor2.dumps(["lotmark/record/1", chain, start, *head, root], canonical=True)).digest()
        changed = db.execute("UPDATE record SET commitment = ? WHERE start = ? AND n = ?", (made, start, ROW)).rowcount
        chain_anew(db, start)
        return changed
    return change


def put_record_of(other):
    """A whole record of the other lot, commitment, signature and all, in the row's place; hashes made anew."""
    def change(db, start):
        fields = "commitment, head, segments, object, evidence, time"
        row = db.execute(f"SELECT {fields} FROM record WHERE start = ? AND n = ?", (other, ROW)).fetchone()
        sets = ", ".join(f"{name} = ?" for name in fields.split(", "))
        changed = db.execute(f"UPDATE record SET {sets} WHERE start = ? AND n = ?", (*row, start, ROW)).rowcount
        chain_anew(db, start)
        return changed
    return change


def run(stack):
    stack.found()
    lot.start_everything(stack)
    for number, name in ((1, LOT), (2, OTHER)):
        lot.start_machine(stack, f"fridge-{number}", f"filler-{number}", lot.DAY)
        lot.make(stack, name, number, "2026-01-05", "2026-01-06", bundles=24 * number)
    for name in (LOT, OTHER):
        stack.wait(lambda: lot.review_state(stack, "inspector-a", name) == "reviewed", 120, f"the review of {name}")
        stack.lotmark("inspector-a", "review", "approve", name, "--if-clean")
        stack.wait(lambda: lot.batch_state(stack, name) == "released", 60, f"the release of {name} on the chain")


def main():
    with tempfile.TemporaryDirectory(prefix="lotmark-audit-") as folder:
        with Stack(folder, bin_dir()) as stack:
            run(stack)
            audit = Audit(stack)
            audit.clean()
            audit.reviewer("institute-a-node")
            audit.tampered("changed-time", ROW, change_time)
            audit.tampered("changed-note", ROW, change_segment)
            chain = bytes.fromhex("".join((stack.home / "fingerprint.txt").read_text().split()))
            audit.tampered("hashes-made-anew", ROW, forge_commitment(chain))
            audit.tampered("record-of-another-lot", ROW, put_record_of(audit.lots[OTHER][0]))
    print("audit: every thief was named")


if __name__ == "__main__":
    try:
        main()
    except RuntimeError as e:
        sys.exit(f"audit: {e}")
