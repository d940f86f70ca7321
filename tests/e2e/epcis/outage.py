"""An enterprise's node is killed and started again while events are captured through its API.

    outage.py [--kills N]

What was answered with 201 or 202 is there afterwards, once, whenever the kill came; of a document that was to be rolled
back and was not answered all or nothing is; what was not taken is taken when it is sent again. Meanwhile reading goes
on. In the end all of it is under final blocks.
"""
import argparse
import json
import shutil
import ssl
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

from run import Enterprise, bin_dir

CONTEXT = ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"]
NODE = "hualin-node"


def event(number):
    return {"@context": CONTEXT, "type": "ObjectEvent", "eventID": f"https://farm.example/events/o{number}",
            "eventTime": "2026-05-04T00:00:00Z", "eventTimeZoneOffset": "+08:00", "action": "OBSERVE",
            "epcList": [f"https://id.gs1.org/01/06901234567892/21/{number}"]}


def document(events):
    inner = [{k: v for k, v in e.items() if k != "@context"} for e in events]
    return {"@context": CONTEXT, "type": "EPCISDocument", "schemaVersion": "2.0",
            "creationDate": "2026-05-04T00:00:00Z", "epcisBody": {"eventList": inner}}


class Client:
    def __init__(self, stack):
        self.origin = stack.origin
        self.token = stack.token()
        self.trust = ssl.create_default_context(cafile=str(stack.ca))

    def ask(self, method, target, body=None, more=None):
        """Status, headers and what JSON it is."""
        url = target if target.startswith("http") else self.origin + target
        request = urllib.request.Request(url, method=method, headers={"Content-Type": "application/json",
                                                                     "Authorization": "Bearer " + self.token,
                                                                     **(more or {})},
                                         data=None if body is None else json.dumps(body).encode())
        try:
            with urllib.request.urlopen(request, timeout=60, context=self.trust) as answer:
                status, headers, text = answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as refusal:
            status, headers, text = refusal.code, refusal.headers, refusal.read()
        return status, headers, json.loads(text) if text else None

    def events(self):
        found, target = [], "/events?perPage=1000&orderBy=recordTime&orderDirection=ASC"
        while target:
            status, headers, body = self.ask("GET", target)
            assert status == 200, body
            found += body["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
            link = headers.get("Link")
            target = link[1:link.index(">")] if link else None
        return found


class Sender(threading.Thread):
    """One event after the other; notes what was answered."""

    def __init__(self, client, lane):
        super().__init__()
        self.client, self.lane = client, lane
        self.taken, self.open, self.answers, self.on = [], [], {}, True

    def run(self):
        number = self.lane * 1_000_000
        while self.on:
            number += 1
            status, _, _ = self.client.ask("POST", "/events", event(number))
            self.answers[status] = self.answers.get(status, 0) + 1
            (self.taken if status == 201 else self.open).append(number)
            if status != 201:
                time.sleep(0.05)


class DocumentSender(Sender):
    """Documents, in turn to be rolled back and of what is good, the latter of more than goes to the disk at once."""

    def run(self):
        number, turn = self.lane * 1_000_000, 0
        while self.on:
            turn += 1
            size, proceed = ((1500, True) if turn % 2 == 0 else (300, False))
            numbers = list(range(number + 1, number + 1 + size))
            number += size
            headers = {"GS1-Capture-Error-Behaviour": "proceed" if proceed else "rollback"}
            status, _, _ = self.client.ask("POST", "/capture", document([event(n) for n in numbers]), headers)
            self.answers[status] = self.answers.get(status, 0) + 1
            (self.taken if status == 202 else self.open).append((numbers, proceed))
            if status != 202:
                time.sleep(0.05)


def run(stack, kills):
    client = Client(stack)
    singles = [Sender(client, lane) for lane in range(1, 4)]
    documents = DocumentSender(client, 5)
    senders = [*singles, documents]
    for s in senders:
        s.start()
    try:
        for i in range(kills):
            time.sleep(0.7 + 0.13 * (i % 5))
            stack.kill(f"node-{NODE}")
            assert client.ask("GET", "/events?perPage=1")[0] == 503, "no read goes unlogged"
            stack.start_node(NODE)
            control = stack.control_port(NODE)
            stack.wait(lambda: stack.listens(control), 30, "the node")
        time.sleep(1)
    finally:
        for s in senders:
            s.on = False
        for s in senders:
            s.join()
    answers = {}
    for s in senders:
        for status, count in s.answers.items():
            answers[status] = answers.get(status, 0) + count
    taken = {n for s in singles for n in s.taken} | {n for numbers, _ in documents.taken for n in numbers}
    left = sorted(n for s in singles for n in s.open)
    print(f"{kills} kills: answers {answers}, {len(left)} events and {len(documents.open)} documents not taken")
    assert set(answers) <= {201, 202, 502, 503}, answers
    assert left, "no kill met a capture"

    # What was asked while the node was away is told to it first: until then reads are put off.
    stack.wait(lambda: client.ask("GET", "/events?perPage=1")[0] == 200, 30, "reads again")
    ids = [e["eventID"] for e in client.events()]
    held = set(ids)
    assert len(ids) == len(held), "an event stands twice"
    lost = [n for n in taken if event(n)["eventID"] not in held]
    assert not lost, f"answered and lost: {lost[:5]}"
    for numbers, proceed in documents.open:
        there = sum(event(n)["eventID"] in held for n in (numbers[0], numbers[-1]))
        assert proceed or there in (0, 2), f"half of a document that was to be rolled back: {numbers[0]}"

    # Sent again: what did arrive unanswered is held already.
    status, headers, body = client.ask("POST", "/capture", document([event(n) for n in left]))
    assert status == 202, body
    job = headers["Location"]
    assert client.ask("GET", job)[2]["success"] is True
    for numbers, _ in documents.open:
        status, headers, body = client.ask("POST", "/capture", document([event(n) for n in numbers]))
        assert status == 202, body
        assert client.ask("GET", headers["Location"])[2]["success"] is True
        taken |= set(numbers)
    found = client.events()
    assert {e["eventID"] for e in found} == {event(n)["eventID"] for n in taken | set(left)}
    times = [e["recordTime"] for e in found]
    assert times == sorted(times), "recordTime falls"

    status, headers, body = client.ask("POST", "/capture", document([event(0)]))
    assert status == 202, body
    last = headers["Location"]
    stack.wait(lambda: client.ask("GET", last)[2]["lotmark:chain"]["final"] == 1, 90, "the last event's final block")
    stack.wait(lambda: all(c["final"] == c["events"] for c in chains(client)), 90, "final blocks of all jobs")


def chains(client):
    status, _, jobs = client.ask("GET", "/capture?perPage=1000")
    assert status == 200, jobs
    return [job["lotmark:chain"] for job in jobs]


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--kills", type=int, default=5)
    options = p.parse_args()
    folder = tempfile.mkdtemp(prefix="lotmark-epcis-outage-")
    try:
        with Enterprise(folder, bin_dir()) as stack:
            stack.begin()
            run(stack, options.kills)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print("ok")
    return 0


if __name__ == "__main__":
    sys.exit(main())
