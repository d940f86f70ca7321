"""Callers that send a byte now and then: heads, and bodies. A neighbour is served within a second all the while, and of
slow bodies behind nginx the API sees nothing. --bare: without nginx. --full: a thousand of each.
"""
import ssl
import sys
import time

from site_of_api import Site, check, need_nginx, raise_open_files

FULL = "--full" in sys.argv
BARE = "--bare" in sys.argv
COUNT = 1000 if FULL else 120
SECONDS = 20 if FULL else 6


def sources(kind):
    """Of one address, and of many."""
    if kind == "one":
        return lambda n: "127.0.0.3"
    return lambda n: f"127.2.{n // 250}.{n % 250 + 1}"


def open_slowly(site, first, count, source):
    sockets = []
    for n in range(count):
        try:
            s = site.connect(source=source(n), timeout=5)
            s.sendall(first)
            s.setblocking(False)
            sockets.append(s)
        except (OSError, ssl.SSLError):
            pass  # turned away: its limit
        if n % 100 == 99:
            site.neighbour_is_served(f"{n + 1} slow callers")
    return sockets


def hear_refusals(sockets, count, within_s=10):
    """How many have heard 429, once `count` did or the time is over."""
    silent, heard, end = list(sockets), 0, time.monotonic() + within_s
    while heard < count and time.monotonic() < end:
        for s in list(silent):
            try:
                heard += b" 429 " in s.recv(4096)[:20]
            except ssl.SSLWantReadError:
                continue  # nothing yet
            except OSError:
                pass
            silent.remove(s)
        time.sleep(0.05)
    return heard


def trickle(site, what, first, byte, kind, count):
    opening = time.monotonic()
    sockets = open_slowly(site, first, count, sources(kind))
    opened = len(sockets)
    if kind == "one" and first.startswith(b"POST") and not BARE:
        check(hear_refusals(sockets, opened - 4) >= opened - 4, f"{what}: more than four documents of one caller")
    base = site.api.memory_kib()
    most = 0
    begin = time.monotonic()
    while time.monotonic() - begin < SECONDS:
        for s in list(sockets):
            try:
                s.send(byte)
            except (OSError, ssl.SSLError):
                sockets.remove(s)
                s.close()
        site.neighbour_is_served(f"{what} of {kind}")
        if not BARE:
            most = max(most, int(site.get("/test/bodies", source="127.0.0.2").body))
        time.sleep(0.5)
    check(most == 0, f"{what}: nginx let {most} bytes of bodies through that are not whole")
    grown = site.api.memory_kib() - base
    check(grown < 8 * 1024, f"{what}: the API grew by {grown} KiB")
    print(f"{what}, {kind}: {opened} of {count} got in within {begin - opening:.1f} s, {len(sockets)} are left after "
          f"{SECONDS} s, {grown} KiB more", flush=True)
    for s in sockets:
        s.close()
    return len(sockets)


def main():
    raise_open_files(4096)
    if not BARE:
        need_nginx()
    head = b"GET / HTTP/1.1\r\nHost: lot.example\r\nX: "
    body = b"POST /capture HTTP/1.1\r\nHost: lot.example\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n{"
    # Without nginx many addresses together may fill the server until its deadlines are over: its limit is one address's.
    with Site(bare=BARE) as site:
        for kind in ("one",) if BARE else ("one", "many"):
            left = trickle(site, "slow heads", head, b"x", kind, COUNT)
            if FULL:
                check(left == 0, f"{left} slow heads are still there")
            trickle(site, "slow bodies", body, b" ", kind, COUNT)
        if BARE:
            trickle(site, "slow heads below the limit", head, b"x", "many", 900 if FULL else COUNT)


if __name__ == "__main__":
    main()
