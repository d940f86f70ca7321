"""The API's routes as a process (nginx_api), nginx in front of it with the configuration of `lotmark nginx`, and callers
that say exactly what a test wants to say. Everything on loopback with ports picked at run time, ended by its pid.
"""
import ctypes
import json
import os
import pwd
import resource
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from free_ports import free_port  # noqa: E402

BIN = Path(os.environ["LOTMARK_BIN_DIR"])
NGINX_API = os.environ["NGINX_API"]
NGINX = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
SKIPPED = 77


def need_nginx():
    if NGINX is None:
        print("skipped: nginx is not installed")
        sys.exit(SKIPPED)


def raise_open_files(count):
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = count if hard == resource.RLIM_INFINITY else min(count, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def check(holds, what):
    if not holds:
        raise AssertionError(what)


def end_with_parent():
    """In a child: whoever kills the test, by a timeout, does not leave a server behind."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


class Answer:
    def __init__(self, raw):
        self.raw = raw
        head, _, self.body = raw.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        first = lines[0].split(" ")
        self.status = int(first[1]) if len(first) > 1 and first[0].startswith("HTTP/") else 0
        self.headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            self.headers[name.strip().lower()] = value.strip()

    def problem(self):
        check(self.headers.get("content-type") == "application/problem+json", f"no problem: {self.raw[:300]!r}")
        value = json.loads(self.body)
        check(value["status"] == self.status and value["title"], f"odd problem: {value}")
        return value


class Api:
    """The process whose memory is watched."""

    def __init__(self, folder):
        self.process = subprocess.Popen([NGINX_API, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=open(Path(folder) / "api.log", "ab"))
        self.port = int(self.process.stdout.readline())

    def memory_kib(self, what="VmRSS"):
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(what + ":"):
                return int(line.split()[1])
        raise AssertionError("the API is gone")

    def stop(self):
        self.process.stdin.close()
        self.process.wait(15)
        check(self.process.returncode == 0, f"the API ended with {self.process.returncode}")


class Site:
    """nginx (unless bare) and the API. `call` speaks to whoever stands in front."""

    def __init__(self, bare=False, options=()):
        self.dir = Path(tempfile.mkdtemp(prefix="lotmark-nginx-"))
        self.nginx = None
        self.api = Api(self.dir)
        self.front = self.api.port
        if not bare:
            self.make_certificates()
            self.front = free_port()
            self.start_nginx(options)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is not None:
            for log in ("run/logs/error.log", "api.log"):
                if (self.dir / log).exists():
                    print(f"--- {log}\n" + (self.dir / log).read_text(errors="replace")[-2000:], file=sys.stderr)
        self.stop_nginx()
        try:
            self.api.stop()
        finally:
            shutil.rmtree(self.dir, ignore_errors=True)

    # -- making it ---------------------------------------------------------------------------------------
    def openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=self.dir)

    def make_certificates(self):
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        for name, subject in (("ca", "/CN=A CA"), ("other", "/CN=Another CA")):
            self.openssl("req", "-x509", *key, "-keyout", f"{name}.key", "-out", f"{name}.pem", "-subj", subject,
                         "-days", "2")
        (self.dir / "san").write_text("subjectAltName=DNS:lot.example\n")
        for name, subject, issuer in (("lot", "/CN=lot.example", "ca"), ("erp", "/CN=hualin\\/erp", "ca"),
                                      ("stranger", "/CN=hualin\\/erp", "other")):
            self.openssl("req", *key, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", subject)
            self.openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{issuer}.pem", "-CAkey", f"{issuer}.key",
                         "-CAcreateserial", "-days", "2", "-extfile", "san", "-out", f"{name}.pem")

    def configure(self, name="nginx.conf", upstreams=(), options=(), api="capture.toml"):
        upstreams = upstreams or [f"127.0.0.1:{self.api.port}"]
        command = [str(BIN / "lotmark"), "nginx", "--api", str(self.dir / api), "--server-name", "lot.example",
                   "--cert", str(self.dir / "lot.pem"), "--key", str(self.dir / "lot.key"), "--client-ca",
                   str(self.dir / "ca.pem"), "--listen", f"127.0.0.1:{self.front}", "--prefix", str(self.dir / "run"),
                   "--out", str(self.dir / name), *options]
        for upstream in upstreams:
            command += ["--upstream", upstream]
        made = subprocess.run(command, capture_output=True, text=True)
        check(made.returncode == 0, f"lotmark nginx: {made.stderr}")

    def start_nginx(self, options=(), **how):
        self.configure(options=options, **how)
        run, user = self.dir / "run", {}
        if os.getuid() == 0:  # it needs no rights: it is given none
            nobody = pwd.getpwnam("nobody")
            user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            for path in [self.dir, self.dir / "lot.key", run, *run.rglob("*")]:
                os.chown(path, nobody.pw_uid, nobody.pw_gid)
        command = [NGINX, "-c", str(self.dir / "nginx.conf"), "-p", str(run), "-e", str(run / "logs/error.log")]
        tried = subprocess.run([*command, "-t"], capture_output=True, text=True, **user)
        check(tried.returncode == 0 and "warn" not in tried.stderr, f"nginx -t: {tried.stderr}")
        self.nginx = subprocess.Popen([*command, "-g", "daemon off;"], stdin=subprocess.DEVNULL,
                                      preexec_fn=end_with_parent, **user)
        for _ in range(600):
            if self.nginx.poll() is not None:
                raise AssertionError("nginx ended at once")
            with socket.socket() as s:
                if s.connect_ex(("127.0.0.1", self.front)) == 0:
                    return
            time.sleep(0.05)
        raise AssertionError("nginx does not listen")

    def stop_nginx(self):
        if self.nginx is None:
            return
        self.nginx.terminate()
        self.nginx.wait(15)
        self.nginx = None

    # -- calling it --------------------------------------------------------------------------------------
    def connect(self, source="127.0.0.1", timeout=10, client=None, protocol=None):
        """A socket to whoever stands in front, from any address of loopback."""
        plain = socket.create_connection(("127.0.0.1", self.front), timeout, (source, 0))
        if self.nginx is None:
            return plain
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(self.dir / "ca.pem")
        if client:
            context.load_cert_chain(self.dir / f"{client}.pem", self.dir / f"{client}.key")
        if protocol:
            context.minimum_version = context.maximum_version = protocol
            context.set_ciphers("ALL:@SECLEVEL=0")
        return context.wrap_socket(plain, server_hostname="lot.example")

    @staticmethod
    def hear(s):
        """What comes until the other side closes."""
        raw = bytearray()
        try:
            while part := s.recv(65536):
                raw += part
        except (OSError, ssl.SSLError):
            pass
        return bytes(raw)

    def call(self, raw, half_close=False, **how):
        """Says bytes, hears until the end; what cannot be said any more is not."""
        with self.connect(**how) as s:
            try:
                s.sendall(raw)
                if half_close:
                    (s.unwrap() if isinstance(s, ssl.SSLSocket) else s).shutdown(socket.SHUT_WR)
            except (OSError, ssl.SSLError):
                pass
            return Answer(self.hear(s))

    def get(self, path, headers="", **how):
        return self.call(f"GET {path} HTTP/1.1\r\nHost: lot.example\r\n{headers}Connection: close\r\n\r\n".encode(), **how)

    def post(self, path, body, headers="Content-Type: application/json\r\n", **how):
        head = f"POST {path} HTTP/1.1\r\nHost: lot.example\r\n{headers}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        return self.call(head.encode() + body, **how)

    def neighbour_is_served(self, when, within_s=1.0 if "--full" in sys.argv else 3.0):
        """Somebody else is, in time; the slower of two tries on a busy machine does not count."""
        took = []
        for _ in range(2):
            begin = time.monotonic()
            answer = self.get("/healthz", source="127.0.0.2")
            took.append(time.monotonic() - begin)
            check(answer.status == 200, f"{when}: a neighbour got {answer.status} {answer.raw[:200]!r}")
            if took[-1] < within_s:
                return
        raise AssertionError(f"{when}: a neighbour waited {took} s")
