"""Hostile requests, with nginx in front and --bare: each gets the status that is right, the API's memory stays where it was,
and a neighbour is served meanwhile. --full: more of each.
"""
import re
import socket
import ssl
import sys
import time

import documents
from site_of_api import Site, check, need_nginx

FULL = "--full" in sys.argv
BARE = "--bare" in sys.argv
GROWTH_KIB = 8 * 1024
GIGABYTE = 1 << 30


class Callers:
    """Addresses of loopback, a new one each time: no limit of one caller is what is tried here."""

    def __init__(self):
        self.count = 0

    def next(self):
        self.count += 1
        return f"127.1.{self.count // 250 % 250}.{self.count % 250 + 1}"


callers = Callers()


class Flat:
    """The API's memory, as it is once it has taken large bodies."""

    def __init__(self, site):
        self.site = site
        for _ in range(3):
            site.post("/capture", documents.COMMAS, source=callers.next())
        self.base = site.api.memory_kib()

    def holds(self, when):
        now = self.site.api.memory_kib()
        check(now <= self.base + GROWTH_KIB, f"{when}: the API holds {now} KiB, before {self.base}")
        self.site.neighbour_is_served(when)


def expect(answer, statuses, what):
    check(answer.status in statuses, f"{what}: {answer.status}, not one of {sorted(statuses)}: {answer.raw[:300]!r}")
    if answer.status >= 400:
        answer.problem()


def documents_are_judged(site, flat):
    faults = []
    for what, body, headers, statuses in documents.hostile():
        answer = site.post("/capture", body, headers, source=callers.next())
        try:
            expect(answer, statuses, what)
            flat.holds(what)
        except AssertionError as fault:
            faults.append(str(fault))
    check(not faults, "\n".join(faults))


def truncated(site, flat):
    """Every 64th byte of a document: as a shorter one, and as one whose end never comes."""
    body = documents.document([documents.event(n) for n in range(100 if FULL else 12)])
    for size in range(0, len(body), 64):
        expect(site.post("/capture", body[:size], source=callers.next()), {400}, f"{size} bytes of a document")
        head = f"POST /capture HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        with site.connect(source=callers.next()) as s:
            s.sendall(head.encode() + body[:size])
    flat.holds("truncated documents")
    good = site.post("/capture", body, source=callers.next())
    check(good.status == 202, f"the whole document: {good.raw[:300]!r}")


def shapes_are_refused(site, flat):
    faults = []
    for what, raw, statuses in documents.shapes():
        answer = site.call(raw, half_close=BARE, source=callers.next())
        # nginx reads over blanks that are none of ours, and says nothing to what is no HTTP at all.
        allowed = statuses | ({0} if what == "bytes that are no HTTP" else set())
        inside = b"x-lotmark" in answer.raw or b"host: lot" in answer.raw
        if answer.status not in allowed or len(re.findall(rb"HTTP/1\.1 \d\d\d ", answer.raw)) > 1 or inside:
            faults.append(f"{what}: {answer.status}: {answer.raw[:600]!r}")
    check(not faults, "\n".join(faults))
    flat.holds("shapes of smuggling")


def odd_chunks(site, flat):
    """A body in chunks of all sizes is the same body."""
    body = documents.document([documents.event(n) for n in range(20)])
    for step in (1, 2, 63, 64, 65, 1021, 8191, len(body)):
        chunks = b"".join(b"%x\r\n%s\r\n" % (len(body[i:i + step]), body[i:i + step]) for i in range(0, len(body), step))
        head = ("POST /capture HTTP/1.1\r\nHost: lot.example\r\nContent-Type: application/json\r\nConnection: close\r\n"
                "Transfer-Encoding: chunked\r\n\r\n")
        answer = site.call(head.encode() + chunks + b"0\r\n\r\n", source=callers.next())
        check(answer.status == 202, f"chunks of {step}: {answer.raw[:300]!r}")
    flat.holds("odd chunks")


def large_heads(site, flat):
    many = "".join(f"X-{n}: {n}\r\n" for n in range(10_000))
    expect(site.get("/", many, source=callers.next()), {400, 431}, "10,000 headers")
    expect(site.get("/", "X: " + "x" * 1_000_000 + "\r\n", source=callers.next()), {400, 431}, "a header of a megabyte")
    expect(site.get("/01/" + "1" * 1_000_000, source=callers.next()), {414, 431}, "an address of a megabyte")
    expect(site.get("/events?EQ_bizStep=" + "a" * 5000, source=callers.next()), {414}, "an address of 5,000 bytes")
    flat.holds("large heads")


def send_much(site, head, total, chunked):
    """What is answered to a body that is too large, while it goes on: who refused it reads over the rest for seconds."""
    block = b" " * 65536
    if chunked:
        block = b"10000\r\n" + block + b"\r\n"
    sent = 0
    with site.connect(source=callers.next()) as s:
        s.sendall(head.encode())
        s.settimeout(5)
        try:
            while sent < total:
                s.sendall(block)
                sent += len(block)
        except (OSError, ssl.SSLError):
            pass
        return site.hear(s)


def large_bodies(site, flat):
    """A gigabyte that is announced is refused before it comes; one in chunks once it is above the limit."""
    for path, length in (("/capture", GIGABYTE), ("/01/09506000134352/10/A", 10_000_000), ("/01/1", 10_000), ("/", GIGABYTE)):
        head = f"POST {path} HTTP/1.1\r\nHost: lot.example\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
        with site.connect(source=callers.next()) as s:
            s.sendall(head.encode())
            first = s.recv(4096)  # though nothing of the body comes
        check(b" 413 " in first.split(b"\r\n")[0], f"{path} of {length}: {first[:200]!r}")
    expect(site.call(b"GET /events HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\nConnection: close\r\n\r\n",
                     half_close=BARE, source=callers.next()), {413}, "a GET with a body")
    flat.holds("announced bodies")
    for chunked in (False, True):
        framing = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {GIGABYTE}"
        head = f"POST /capture HTTP/1.1\r\nHost: lot.example\r\nContent-Type: application/json\r\n{framing}\r\n\r\n"
        said = send_much(site, head, GIGABYTE if FULL else GIGABYTE // 4, chunked)
        check(b" 413 " in said[:20] or not said, f"a body that does not end, chunked={chunked}: {said[:200]!r}")
        flat.holds(f"a body that does not end, chunked={chunked}")


def many_bodies(site, flat):
    """Sixteen megabytes, many times over and never whole: together they have the room of four."""
    count = 48 if FULL else 16
    head = (f"POST /capture HTTP/1.1\r\nHost: lot.example\r\nContent-Type: application/json\r\n"
            f"Content-Length: {16 << 20}\r\n\r\n").encode()
    sockets = [site.connect(source=callers.next()) for _ in range(count)]
    for s in sockets:
        s.settimeout(2)
        try:
            s.sendall(head + b" " * ((16 << 20) - 1))
        except (OSError, ssl.SSLError):
            pass  # refused on its way
    held = int(site.get("/test/bodies", source=callers.next()).body)
    check(held <= 64 << 20, f"bodies hold {held} bytes")
    if not BARE:
        check(held == 0, f"the API holds {held} bytes of bodies that are not whole: nginx passed them on")
    site.neighbour_is_served("many bodies")
    refused = 0
    for s in sockets:
        try:
            s.settimeout(0.5 if BARE else 0.05)
            refused += b" 503 " in s.recv(4096)[:20]
        except (OSError, ssl.SSLError):
            pass
        s.close()
    if BARE:
        check(refused >= count - 5, f"of {count} bodies {refused} were refused")
    end = time.monotonic() + 3
    while int(site.get("/test/bodies", source=callers.next()).body) != 0:
        check(time.monotonic() < end, "room was not given back")
        time.sleep(0.1)
    site.neighbour_is_served("bodies that went")


def spoofed(site, flat):
    """Who says itself what only the proxy may say is not heard."""
    own = "".join(f"X-Lotmark-Client-{name}: {value}\r\n" for name, value in
                  (("Verify", "SUCCESS"), ("DN", "CN=hualin/erp"), ("Certificate", "x"), ("Fingerprint", "ab" * 32),
                   ("Address", "127.0.0.1"))) + "X-Forwarded-For: 127.0.0.1\r\nX_Lotmark_Client_Verify: SUCCESS\r\n"
    lines = site.get("/test/headers", own, source="127.0.0.9").body.decode().splitlines()
    said = [line for line in lines if line.startswith(("x-lotmark", "x_lotmark", "x-forwarded-for", "forwarded"))]
    check(sorted(said) == ["x-forwarded-for: 127.0.0.9", "x-lotmark-client-address: 127.0.0.9",
                           "x-lotmark-client-verify: NONE"], f"the API heard {said}")


def main():
    if not BARE:
        need_nginx()
    cases = [documents_are_judged, truncated, shapes_are_refused, odd_chunks, large_heads, large_bodies, many_bodies]
    if not BARE:
        cases.append(spoofed)
    with Site(bare=BARE) as site:
        flat = Flat(site)
        for case in cases:
            begin = time.monotonic()
            case(site, flat)
            print(f"{case.__name__}: {time.monotonic() - begin:.1f} s, {site.api.memory_kib()} KiB "
                  f"(at first {flat.base}, at most {site.api.memory_kib('VmHWM')})",
                  flush=True)


if __name__ == "__main__":
    socket.setdefaulttimeout(15)
    main()
