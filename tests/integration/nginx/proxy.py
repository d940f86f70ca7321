"""What nginx with our configuration does for callers who mean well, and how it answers when something is amiss."""
import collections
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time

import documents
from site_of_api import BIN, Site, check, free_port, need_nginx


def heard(site, **how):
    """What the API hears of a caller: name to value."""
    lines = site.get("/test/headers", **how).body.decode().splitlines()
    return dict(line.split(": ", 1) for line in lines)


def certificates(site):
    none = heard(site)
    check(none["x-lotmark-client-verify"] == "NONE" and "x-lotmark-client-dn" not in none, f"without one: {none}")
    good = heard(site, client="erp")
    check(good["x-lotmark-client-verify"] == "SUCCESS", f"with a good one: {good}")
    check("hualin/erp" in good["x-lotmark-client-dn"].replace("\\", ""), f"its name: {good}")
    check(good["x-lotmark-client-certificate"].startswith("-----BEGIN%20CERTIFICATE"), f"itself: {good}")
    check("x-lotmark-client-fingerprint" not in good, f"no fingerprint of nginx's: {good}")
    bad = site.get("/test/headers", client="stranger")
    check(bad.status == 400 and bad.problem()["error"] == "denied", f"with another CA's: {bad.raw[:300]!r}")


def tls(site):
    for old in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
        try:
            site.connect(protocol=old).close()
        except (OSError, ssl.SSLError):
            continue
        raise AssertionError(f"{old} is spoken")
    for new in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        site.connect(protocol=new).close()
    with socket.create_connection(("127.0.0.1", site.front)) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\nHost: lot.example\r\n\r\n")
        answer = site.hear(plain)
    check(b" 400 " in answer[:20] and b"this port speaks https" in answer, f"plain HTTP: {answer[:300]!r}")


def http2(site):
    curl = shutil.which("curl")
    if curl is None or b"HTTP2" not in subprocess.run([curl, "--version"], capture_output=True).stdout:
        print("HTTP/2 was not tried: no curl that speaks it")
        return
    said = subprocess.run([curl, "-s", "--http2", "--cacert", "ca.pem", "--resolve", f"lot.example:{site.front}:127.0.0.1",
                           "-w", "%{http_version} %{http_code}", "-o", "/dev/null",
                           f"https://lot.example:{site.front}/healthz"], cwd=site.dir, capture_output=True, text=True).stdout
    check(said == "2 200", f"HTTP/2: {said}")


def headers_and_gzip(site):
    for path in ("/", "/healthz", "/nothing", "/events", "/metrics"):
        h = site.get(path).headers
        check(h.get("x-content-type-options") == "nosniff", f"{path}: {h}")
        check("max-age" in h.get("strict-transport-security", ""), f"{path}: {h}")
        check(h.get("server") in (None, "nginx"), f"{path} tells a version: {h}")
    page = site.get("/").headers
    check("script-src" in page["content-security-policy"] and page["content-security-policy"].count("default-src") == 1,
          f"the page's own policy stands alone: {page}")
    check(site.get("/healthz").headers["content-security-policy"].startswith("default-src 'none'"), "a policy for the rest")
    check(site.get("/metrics").status == 404, "metrics are nobody's here")
    events = documents.document([documents.event(n) for n in range(40)])
    check(site.post("/capture", events).status == 202, "capture")
    raw = site.get("/events", "Accept-Encoding: gzip\r\n")
    check(raw.headers.get("content-encoding") == "gzip" and raw.status == 200, f"gzip: {raw.headers}")
    check(site.get("/events").headers.get("content-encoding") is None, "gzip to nobody who does not ask")


def problems(site):
    """Of nginx's own answers: EPCIS's types where the path is EPCIS's."""
    large = b"x" * 20_000
    check(site.post("/01/09506000134352/10/A", large).problem()["error"] == "too-large", "413 of ours")
    huge = "Content-Length: 99999999\r\n"
    answer = site.call(f"POST /capture HTTP/1.1\r\nHost: a\r\n{huge}Connection: close\r\n\r\n".encode())
    check(answer.problem()["type"] == "epcisException:CaptureLimitExceededException", "413 of EPCIS")
    check(site.get("/events/" + "x" * 20_000).status == 414, "414")
    check(site.get("/events", "X: " + "x" * 20_000 + "\r\n").problem()["status"] == 431, "431")
    traced = site.call(b"TRACE /events HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    check(traced.problem()["type"] == "epcisException:ImplementationException", "405")


def limits(site):
    """One caller too fast is told so; another is served."""
    with site.connect(source="127.0.0.7") as s:
        s.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n" * 600 + b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        raw = site.hear(s)
    served, refused = raw.count(b"HTTP/1.1 200"), raw.count(b"HTTP/1.1 429")
    check(served >= 200 and refused > 100, f"of 601 requests {served} were served and {refused} refused")
    check(raw.count(b"Retry-After: 1") == refused and b'"error":"unavailable"' in raw, "429 says when to come again")
    site.neighbour_is_served("a caller too fast")


def processes(site):
    """Of two processes one is away; then none is there."""
    site.stop_nginx()
    gone = f"127.0.0.1:{free_port()}"
    site.start_nginx(upstreams=[gone, f"127.0.0.1:{site.api.port}"])
    for _ in range(20):
        check(site.get("/healthz").status == 200, "one process of two is enough")
    check(site.post("/capture", documents.document([documents.event(9000)])).status == 202, "a document is not lost either")
    site.stop_nginx()
    site.start_nginx(upstreams=[gone])
    answer = site.get("/events")
    check(answer.status == 502 and answer.headers.get("retry-after") == "1", f"none: {answer.raw[:300]!r}")
    check(answer.problem()["type"] == "epcisException:ImplementationException", "in EPCIS's words")
    large = site.post("/capture", b"{" * 100_000)
    check(large.status == 502 and large.problem(), f"with a body: {large.raw[:300]!r}")


def scans_leave_no_trace(site):
    """Whatever becomes of a scan, no log of nginx has its serial: not of the redirect, nor of an API that is away."""
    plain, gone, serial = free_port(), f"127.0.0.1:{free_port()}", "SN%2F21%2FMINE"
    logs = [site.dir / "run/logs" / name for name in ("access.log", "error.log")]
    link, asked = f"/01/09506000134352/10/A/21/{serial}", f"/v1/verify?gtin=09506000134352&lot=A&serial={serial}"
    for upstream in (f"127.0.0.1:{site.api.port}", gone):
        site.stop_nginx()
        site.start_nginx(upstreams=[upstream], options=["--redirect-port", str(plain)])
        for path in (link, asked):
            check((site.get(path).status == 502) == (upstream == gone), path)
            with socket.create_connection(("127.0.0.1", plain), 10) as s:
                s.sendall(f"GET {path} HTTP/1.1\r\nHost: lot.example\r\nConnection: close\r\n\r\n".encode())
                check(b" 301 " in site.hear(s)[:20], "plain HTTP says where https is")
    site.stop_nginx()
    written = "".join(log.read_text(errors="replace") for log in logs)
    check("/01/09506000134352/10/A/21/*" in written, f"the access log has the lot: {written[-500:]}")
    check("MINE" not in written and "serial=" not in written, f"a log has the serial: {written[-2000:]}")
    site.start_nginx()


def die_of_each(listener, taken):
    """Takes a request from each caller and hangs up; counts them by method, until the listener is shut."""
    while True:
        try:
            one, _ = listener.accept()
        except OSError:
            return
        with one:
            one.settimeout(10)
            try:
                taken[one.recv(65536).split(b" ")[0].decode()] += 1
            except OSError:
                pass  # nginx thought better of it


def posts_once(site):
    """A process that takes a document and dies with it: it is not sent to another one."""
    with socket.socket() as dying:
        dying.bind(("127.0.0.1", 0))
        dying.listen(50)
        taken = collections.Counter()
        process = threading.Thread(target=die_of_each, args=(dying, taken))
        process.start()
        try:
            site.stop_nginx()
            port = dying.getsockname()[1]
            site.start_nginx(upstreams=[f"127.0.0.1:{port}", f"127.0.0.1:{port}"])
            for method, body in ("POST", b"{}"), ("GET", b""):
                answer = site.call(f"{method} /events HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                                   f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body)
                check(answer.status == 502, f"{method}: {answer.raw[:300]!r}")
        finally:
            dying.shutdown(socket.SHUT_RDWR)
            process.join()
        check(taken == {"POST": 1, "GET": 2}, f"times sent: {taken}")


def real_program(site):
    """lotmark-api itself, on the chain's files."""
    config = (site.dir / "api.toml").read_text()
    port = free_port()
    (site.dir / "real.toml").write_text(config.replace("port = 0", f"port = {port}"))
    api = subprocess.Popen([BIN / "lotmark-api", "--config", site.dir / "real.toml"], stderr=subprocess.DEVNULL,
                           stdout=subprocess.DEVNULL)
    try:
        site.stop_nginx()
        site.start_nginx(api="real.toml", upstreams=[f"127.0.0.1:{port}"])
        for _ in range(100):
            if site.get("/healthz").status == 200:
                break
            time.sleep(0.1)
        check(site.get("/").body.startswith(b"<!doctype html>"), "the page")
        check(json.loads(site.get("/v1/checkpoint").body)["size"] >= 1, "the checkpoint")
        check(site.get("/v1/verify/09506000134352/A").status == 404, "a lot that is unknown")
        check(site.post("/01/09506000134352/10/A", b"x" * 10_000_000).status == 413, "a body nobody asked for")
    finally:
        api.terminate()
        api.wait(15)


def main():
    need_nginx()
    with Site() as site:
        for case in (certificates, tls, http2, headers_and_gzip, problems, limits, processes, scans_leave_no_trace, posts_once, real_program):
            begin = time.monotonic()
            case(site)
            print(f"{case.__name__}: {time.monotonic() - begin:.1f} s", flush=True)


if __name__ == "__main__":
    os.environ.setdefault("LANG", "C.UTF-8")
    sys.exit(main())
