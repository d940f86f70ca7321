"""A whole consortium as processes on loopback, for end-to-end tests.

Everything is made by `lotmark ca init` from samples/vaccines/consortium.toml, with ports picked at run time;
every process is ended by its pid. Python's own library and python3-cbor2 only.
"""
import hashlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

REPO = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(REPO / "tests"))
from free_ports import free_ports  # noqa: E402

MOSQUITTO = shutil.which("mosquitto", path=os.environ["PATH"] + ":/usr/sbin") or "mosquitto"
NATS_SERVER = shutil.which("nats-server", path=os.environ["PATH"] + ":/usr/sbin") or "nats-server"


def check(holds, what):
    if not holds:
        raise RuntimeError(what)


def kid_of(key_file):
    """First half of SHA-256 of the public key, as docs/format/cose.md says."""
    der = subprocess.run(["openssl", "ec", "-in", str(key_file), "-pubout", "-outform", "DER"], check=True,
                         capture_output=True).stdout
    return hashlib.sha256(der).hexdigest()[:32]


def ask(url, body=None, headers=None):
    """Status, and the answer's body; 0 if nobody answered."""
    request = urllib.request.Request(url, data=body, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as e:
        return e.code, e.read()
    except OSError:
        return 0, b""


class Stack:
    def __init__(self, folder, bin_dir, edit=lambda text: text):
        self.dir = Path(folder)
        self.dir.mkdir(parents=True, exist_ok=True)
        self.bin = Path(bin_dir)
        self.home = self.dir / "consortium"
        self.processes = {}
        self.edit = edit

    # -- making it ---------------------------------------------------------------------------------------
    def found(self, description=None):
        text = self.edit((description or REPO / "samples/vaccines/consortium.toml").read_text())
        places = list(re.finditer(r"(?m)^(\s*(?:[a-z]+_)?port\s*=\s*)\d+", text))
        ports = iter(free_ports(len(places)))
        text = re.sub(r"(?m)^(\s*(?:[a-z]+_)?port\s*=\s*)\d+", lambda m: m.group(1) + str(next(ports)), text)
        text = re.sub(r"(?m)^(\s*origin\s*=).*\n", "", text)
        file = self.dir / "consortium.toml"
        file.write_text(text)
        self.run("lotmark", "ca", "init", str(file), "--out", str(self.home))

    def run(self, program, *args, ok=(0,), **kw):
        done = subprocess.run([str(self.bin / program), *args], capture_output=True, text=True, **kw)
        if done.returncode not in ok:
            raise RuntimeError(f"{program} {' '.join(args)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def lotmark(self, operator, *args, ok=(0,)):
        profile = self.home / "operators" / operator / "lotmark.toml"
        return self.run("lotmark", "--profile", str(profile), *args, ok=ok)

    def lotmark_json(self, operator, *args):
        ok = (0, 1) if args[0] == "status" else (0,)  # 1: an alarm holds, which the JSON says as well
        done = self.lotmark(operator, *args, "--json", ok=ok)
        if not done.stdout:
            raise RuntimeError(f"{' '.join(args)}: {done.stderr}")
        return json.loads(done.stdout)

    # -- processes ---------------------------------------------------------------------------------------
    def start(self, name, command, cwd=None):
        log = open(self.dir / f"{name}.log", "ab")
        self.processes[name] = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=cwd)
        log.close()
        return self.processes[name]

    def start_broker(self, name=None):
        for conf in sorted((self.home / "brokers").glob(f"{name or '*'}/mosquitto.conf")):
            broker = conf.parent.name
            self.start(f"broker-{broker}", [MOSQUITTO, "-c", str(conf)])
            port = int(re.search(r"(?m)^listener (\d+)", conf.read_text()).group(1))
            self.wait(lambda: self.listens(port), 10, f"broker {broker} on {port}")

    def start_nats(self):
        """All NATS servers of the description; back once JetStream has a leader and MQTT listens."""
        confs = sorted((self.home / "nats").glob("*/nats-server.conf"))
        for conf in confs:
            self.start(f"nats-{conf.parent.name}", [NATS_SERVER, "-c", str(conf)])
        for conf in confs:
            monitor = int(re.search(r'(?m)^http: "127.0.0.1:(\d+)"', conf.read_text()).group(1))
            self.wait(lambda: self.well(monitor), 30, f"{conf.parent.name} on {monitor}")

    @staticmethod
    def well(monitor):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{monitor}/healthz", timeout=2) as answer:
                return json.load(answer).get("status") == "ok"
        except OSError:
            return False

    def start_node(self, name):
        file = self.home / "members" / name / "node.toml"
        self.start(f"node-{name}", [str(self.bin / "lotmark-ledger-node"), "--config", str(file)])

    def start_nodes(self):
        for folder in sorted((self.home / "members").iterdir()):
            self.start_node(folder.name)

    def agent_config(self, device, sources, **agent):
        """agent.toml of ca init with [agent] keys changed and sources added; the file to start it with."""
        made = (self.home / "devices" / device / "agent.toml").read_text()
        for key, value in agent.items():
            line = f"{key} = {json.dumps(value)}"
            if re.search(rf"(?m)^{key}\s*=", made):
                made = re.sub(rf"(?m)^{key}\s*=.*$", line, made)
            else:
                made = made.replace("[agent]\n", f"[agent]\n{line}\n", 1)
        file = self.home / "devices" / device / "agent-run.toml"
        file.write_text(made + "\n" + sources)
        return file

    def start_agent(self, device, file):
        self.start(f"agent-{device}", [str(self.bin / "lotmark-edge-agent"), "--config", str(file)])

    def configure_api(self, name, operator, rules, without=(), **values):
        """The API in plain HTTP, as behind a proxy, without those keys of its own and with `rules` behind the rest: {control},
        {kid} and {key} in them are the operator's, others are given. Where it is then called."""
        profile = (self.home / "operators" / operator / "lotmark.toml").read_text()
        value = lambda key: re.search(rf'(?m)^{key} = "([^"]+)"', profile).group(1)  # noqa: E731
        file = self.home / "apis" / name / "api.toml"
        text = re.sub(rf"(?m)^({'|'.join(('tls_cert', 'tls_key', *without))}) = .*\n", "", file.read_text())
        text = text.replace("https://", "http://")
        file.write_text(text + rules.format(control=value("control"), kid=value("node"),
                                            key=self.home / "operators" / operator / "record.key", **values))
        return re.search(r'(?m)^origin = "([^"]+)"', text).group(1)

    def start_api(self, name):
        self.start(f"api-{name}", [str(self.bin / "lotmark-api"), "--config", str(self.home / "apis" / name / "api.toml")])

    def kill(self, name, how=signal.SIGKILL):
        process = self.processes.pop(name)
        process.send_signal(how)
        process.wait(30)

    def stop(self):
        for process in self.processes.values():
            if process.poll() is None:
                process.terminate()
        for process in self.processes.values():
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes = {}

    # -- waiting -----------------------------------------------------------------------------------------
    @staticmethod
    def listens(port):
        with socket.socket() as s:
            s.settimeout(1)
            return s.connect_ex(("127.0.0.1", port)) == 0

    def wait(self, ready, seconds, what):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if ready():
                return
            time.sleep(0.1)
        raise RuntimeError(f"waited {seconds} s for {what}")

    def logged(self, process, pattern, seconds=20):
        """A log line may come after what it tells of was seen elsewhere."""
        log = self.dir / f"{process}.log"
        self.wait(lambda: re.search(pattern, log.read_text(errors="replace")), seconds, f"{pattern} in {log.name}")

    def control_port(self, member):
        text = (self.home / "members" / member / "node.toml").read_text()
        return int(re.search(r"(?s)\[control\].*?port = (\d+)", text).group(1))

    def logs(self, lines=15):
        for file in sorted(self.dir.glob("*.log")):
            print(f"--- {file.name}", file=sys.stderr)
            print("\n".join(file.read_text(errors="replace").splitlines()[-lines:]), file=sys.stderr)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if kind is not None:
            print(f"failed: {value}", file=sys.stderr, flush=True)
        self.stop()
        if kind is not None:
            self.logs()
        return False


def bin_dir():
    return Path(os.environ.get("LOTMARK_BIN_DIR", REPO / "build/dev/bin"))
