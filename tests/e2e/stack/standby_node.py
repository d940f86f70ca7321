"""A standby of hualin-node, and what private.db files hold: for standby.py, backup.py and bench/records."""
import re
import shutil
import sqlite3
import subprocess

from stack import free_ports

MEMBER = "hualin-node"


class Standby:
    """Makes the standby's key, certificate and configuration, and names it in the enterprise's."""

    def __init__(self, stack):
        self.stack = stack
        self.enterprise = stack.home / "members" / MEMBER
        self.home = stack.home / "members" / "hualin-standby"
        self.data = self.home / "data"
        self.home.mkdir()
        self.peer_port, self.control_port = free_ports(2)
        self._make_keys()
        self._configure()

    def _make_keys(self):
        def run(*command):
            subprocess.run(command, check=True, capture_output=True)

        for name in ("record.key", "tls.key"):
            run("openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", str(self.home / name))
            (self.home / name).chmod(0o600)
        run("openssl", "req", "-new", "-key", str(self.home / "tls.key"), "-subj", "/CN=hualin\\/hualin-standby",
            "-out", str(self.home / "tls.csr"))
        self.stack.run("lotmark", "ca", "issue", "--dir", str(self.stack.home), "--kind", "node", "--csr",
                       str(self.home / "tls.csr"), "--host", "127.0.0.1", "--out", str(self.home / "tls.crt"))
        der = subprocess.run(["openssl", "ec", "-in", str(self.home / "record.key"), "-pubout", "-outform", "DER"],
                             check=True, capture_output=True).stdout
        self.public_key = der[-65:].hex()

    def _configure(self):
        text = (self.enterprise / "node.toml").read_text()
        port = int(re.search(r"(?s)\[peer\].*?port = (\d+)", text).group(1))
        others = (self.stack.home / "members" / "agency-1" / "node.toml").read_text()
        kid = re.search(rf'(?m)^name = "{MEMBER}"\nkid = "(.*?)"', others).group(1)
        anchor = (self.enterprise / re.search(r'anchor = "(.*?)"', text).group(1)).resolve()
        ca = (self.enterprise / re.search(r'(?s)\[peer\].*?ca = "(.*?)"', text).group(1)).resolve()
        (self.home / "node.toml").write_text(
            f'[node]\nname = "hualin-standby"\norganisation = "hualin"\nkey = "record.key"\nanchor = "{anchor}"\n'
            f'data_dir = "data"\nprimary = "{kid}"\n\n[standby]\nof = "https://127.0.0.1:{port}"\nkid = "{kid}"\n\n'
            f'[peer]\nport = {self.peer_port}\nca = "{ca}"\ncert = "tls.crt"\nkey = "tls.key"\n\n'
            f'[control]\nport = {self.control_port}\nopen_metrics = true\n')
        self.alone = text
        (self.enterprise / "node.toml").write_text(
            text + f'\n[[standbys]]\nname = "hualin-standby"\npublic_key = "{self.public_key}"\n')

    def start(self):
        self.stack.start_node("hualin-standby")

    def kill(self):
        self.stack.kill("node-hualin-standby")

    def promote(self):
        """Of a stopped standby; then hualin-node is started on its folder, without a standby of its own."""
        self.stack.run("lotmark", "standby", "promote", str(self.data), "--anchor",
                       str(self.stack.home / "anchor.cbor"))
        shutil.move(self.enterprise / "data", self.enterprise / "data-of-before")
        shutil.move(self.data, self.enterprise / "data")
        (self.enterprise / "node.toml").write_text(self.alone)


def rows(private_db, sql="SELECT idx, id, wire FROM intake JOIN intake_wire USING (idx) ORDER BY idx"):
    db = sqlite3.connect(f"file:{private_db}?mode=ro", uri=True, timeout=10)
    try:
        return db.execute(sql).fetchall()
    finally:
        db.close()


def size(private_db):
    try:
        return rows(private_db, "SELECT count(*) FROM intake")[0][0]
    except sqlite3.OperationalError:
        return 0
