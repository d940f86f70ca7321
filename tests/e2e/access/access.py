"""Who reads private data leaves a trace, whoever is killed: API and enterprise's node as processes, either of which ends
by SIGKILL while others read. Each read that was answered is in the node's log, and in the end each entry of the log is
under the root that a period record binds, recomputed here from docs/format/access.md.
"""
import hashlib
import json
import random
import sqlite3
import sys
import tempfile
import threading
import time
import urllib.parse
from pathlib import Path

import cbor2

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "stack"))
from stack import Stack, ask, bin_dir, check  # noqa: E402

NODE, OPERATOR, API = "hualin-node", "mei", "api-1"
RULES = """
[epcis]
private_db = "{db}"
node = "{control}"
node_kid = "{kid}"
key = "{key}"
[access]
organisation = "hualin"
proxies = ["127.0.0.1"]
nameless_per_minute = 600000
named_per_minute = 600000
[[access.certificates]]
common_name = "erp"
organisation = "hualin"
roles = ["capture"]
[[access.certificates]]
common_name = "desk"
organisation = "hualin"
roles = ["reader"]
"""


class Site:
    def __init__(self, stack):
        self.stack = stack
        self.db = stack.home / "members" / NODE / "data" / "private.db"
        self.url = None

    def configure(self):
        self.url = self.stack.configure_api(API, OPERATOR, RULES, without=("page_dir",), db=self.db)

    def call(self, target, who=None, body=None):
        headers = {"Content-Type": "application/json"} if body else {}
        if who:
            headers |= {"X-Lotmark-Client-Verify": "SUCCESS", "X-Lotmark-Client-DN": f"CN={who}"}
        return ask(self.url + target, body, headers)

    def rows(self, sql):
        with sqlite3.connect(f"file:{self.db}?mode=ro", uri=True, timeout=20) as db:
            return db.execute(sql).fetchall()

    def log(self):
        """(target, status) of every entry."""
        entries = [cbor2.loads(entry) for (entry,) in self.rows("SELECT entry FROM access ORDER BY n")]
        return [(e[11].decode(), e[12]) for e in entries]

    def start_node(self):
        self.stack.start_node(NODE)
        port = self.stack.control_port(NODE)
        self.stack.wait(lambda: self.stack.listens(port), 30, "the enterprise's node")

    def start_api(self):
        self.stack.start_api(API)
        self.stack.wait(lambda: self.call("/healthz")[0] == 200, 30, "the API")


def document(serial):
    return json.dumps({
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
        "type": "EPCISDocument", "schemaVersion": "2.0", "creationDate": "2026-05-04T09:00:00Z",
        "epcisBody": {"eventList": [{
            "type": "ObjectEvent", "eventTime": "2026-05-04T08:00:00Z", "eventTimeZoneOffset": "+08:00",
            "action": "OBSERVE", "bizStep": "shipping",
            "epcList": [f"https://id.gs1.org/01/06901234567892/21/{serial}"]}]}}).encode()


def first_reads(site):
    status, body = site.call("/capture", "erp", document(1))
    check(status == 202, f"a capture was not taken: {status} {body}")
    for number in range(5):
        target = f"/events?EQ_bizStep=shipping&perPage={number + 1}"
        status, body = site.call(target, "desk")
        check(status == 200 and b"06901234567892" in body, f"no event: {status} {body}")
        check((target, 200) in site.log(), f"{target} was answered before it was in the log")
    for who, wanted in ((None, 401), ("erp", 403), ("stranger", 403)):
        check(site.call("/events", who)[0] == wanted, f"{who} was not refused with {wanted}")
    site.stack.wait(lambda: [s for _, s in site.log()].count(403) == 2, 10, "refusals in the log")


class Readers:
    """Reads in threads; what was answered."""

    def __init__(self, site, threads=4):
        self.site, self.answered, self.statuses = site, [], set()
        self.stopped = threading.Event()
        self.threads = [threading.Thread(target=self.run, args=(n,)) for n in range(threads)]
        for t in self.threads:
            t.start()

    def run(self, name):
        number = 0
        while not self.stopped.is_set():
            number += 1
            target = f"/events?EQ_eventID={urllib.parse.quote(f'urn:x:{id(self)}-{name}-{number}')}"
            status, _ = self.site.call(target, "desk")
            self.statuses.add(status)
            if status == 200:
                self.answered.append(target)
            else:
                time.sleep(0.02)

    def end(self):
        self.stopped.set()
        for t in self.threads:
            t.join()
        held = set(self.site.log())
        check(len(self.answered) > 10, f"only {len(self.answered)} reads were answered")
        missing = [target for target in self.answered if (target, 200) not in held]
        check(not missing, f"{len(missing)} of {len(self.answered)} answered reads are not in the log: {missing[:3]}")
        check(self.statuses <= {0, 200, 503}, f"statuses {self.statuses}")
        return self


def kill_api(site, rounds, rng):
    readers = Readers(site)
    for _ in range(rounds):
        time.sleep(rng.uniform(0.1, 0.5))
        site.stack.kill(f"api-{API}")
        site.start_api()
    time.sleep(0.3)
    readers.end()


def kill_node(site, rounds, rng):
    readers = Readers(site)
    for _ in range(rounds):
        time.sleep(rng.uniform(0.1, 0.5))
        site.stack.kill(f"node-{NODE}")
        status, body = site.call("/events", "desk")
        check(status == 503 and b"epcisException" in body, f"read without a log: {status} {body}")
        check(site.call("/v1/lots")[0] == 200, "what is everybody's is not served without the log")
        site.start_node()
    site.stack.wait(lambda: site.call("/events", "desk")[0] == 200, 20, "reads after the kills")
    check(503 in readers.end().statuses, "no reader met the node's absence")


def tree(leaves):
    """RFC 9162's root."""
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + tree(leaves[:split]) + tree(leaves[split:])).digest()


def bound(site):
    """Every entry of the log stands under a period record's root, in order."""
    last = site.rows("SELECT max(n) FROM access")[0][0]
    site.stack.wait(lambda: (site.rows("SELECT max(last) FROM access_span")[0][0] or 0) >= last, 60, "period records")
    following = 1
    for first, end, commitment, segment in site.rows(
            "SELECT first, last, commitment, segment FROM access_span ORDER BY first"):
        check(first == following, "an entry was passed over or stands twice")
        following = end + 1
        literal = "x'" + commitment.hex() + "'"
        (segments,) = site.rows(f"SELECT segments FROM period_record WHERE commitment = {literal}")[0]
        entry = cbor2.loads(segments)[segment]
        salt, name, audience, media, content = cbor2.loads(entry) if isinstance(entry, bytes) else entry
        check((name, audience) == ("access", 2) and media == "application/vnd.lotmark.access.v1+cbor", name)
        leaves = [cbor2.dumps([salt, by, hashlib.sha256(kept).digest()])
                  for salt, by, kept in site.rows(
                      f"SELECT salt, \"by\", entry FROM access WHERE n BETWEEN {first} AND {end} ORDER BY n")]
        check(cbor2.loads(content) == [len(leaves), tree(leaves)], "a record binds other entries")
    check(following > last, "an entry stands in no record")


def given(site):
    """Each period record goes out by its commitment: head, scope and leaves give it again (docs/format/private.md)."""
    period_kind = 5
    records = site.rows("SELECT commitment, segments FROM period_record ORDER BY period")
    for commitment, segments in records:
        status, body = site.call(f"/lotmark/v1/records/{commitment.hex()}", "desk")
        check(status == 200, f"a period record is not given: {status} {body}")
        record = json.loads(body)
        entries = [cbor2.dumps(e) if isinstance(e, list) else e for e in cbor2.loads(segments)]
        check([bytes.fromhex(s["entry"]) for s in record["segments"]] == entries, "other entries")
        leaves = [hashlib.sha256(b"\0" + e).digest() for e in entries]
        check([bytes.fromhex(s["leaf"]) for s in record["segments"]] == leaves, "other leaves")
        head, scope = record["head"], record["scope"]
        check((head["step"], head["kind"], head["corrects"]) == (None, "period", None), f"head {head}")
        told = ["lotmark/record/1", bytes.fromhex(record["chain"]), [scope["organisation"], scope["period"]], None, period_kind,
                head["time"], bytes.fromhex(head["author"]), None, len(leaves), tree(entries)]
        check(hashlib.sha256(cbor2.dumps(told)).digest() == commitment, "what is given does not make the commitment")
    check(records, "no period record")
    check(site.call(f"/lotmark/v1/records/{records[0][0].hex()}", "erp")[0] == 403, "a record for who only captures")


def run(stack, seed):
    rng = random.Random(seed)
    stack.found()
    site = Site(stack)
    site.configure()
    stack.start_broker()
    stack.start_nodes()
    port = stack.control_port(NODE)
    stack.wait(lambda: stack.listens(port) and site.db.exists(), 30, "the enterprise's node")
    chain = stack.home / "members" / "agency-1" / "data" / "chain.db"
    stack.wait(chain.exists, 30, "the chain")
    site.start_api()
    first_reads(site)
    kill_api(site, 5, rng)
    kill_node(site, 3, rng)
    bound(site)
    given(site)
    print(f"{len(site.log())} entries, each under a record's root")


def main():
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else random.randrange(1 << 30)
    print(f"seed {seed}")
    with tempfile.TemporaryDirectory(prefix="lotmark-access-") as folder, Stack(folder, bin_dir()) as stack:
        run(stack, seed)


if __name__ == "__main__":
    main()
