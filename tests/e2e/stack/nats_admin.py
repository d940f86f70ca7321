"""What an administrator of the NATS servers does, in NATS's own text protocol over TLS: requests to JetStream's API."""
import json
import re
import socket
import ssl


def request(home, organisation, subject, body=b"", timeout=3):
    """The JSON that JetStream answers to nats-admin/ORGANISATION, at the first server that answers; {} if none does."""
    for conf in sorted((home / "nats").glob("*/nats-server.conf")):
        try:
            return _ask(home, organisation, client_port(conf), subject, body, timeout)
        except OSError:
            continue
    return {}


def client_port(conf):
    return int(re.search(r'(?m)^listen: "[^"]*:(\d+)"', conf.read_text()).group(1))


def _ask(home, organisation, port, subject, body, timeout):
    folder = home / "nats-admins" / organisation
    context = ssl.create_default_context(cafile=str(home / "ca/ca.crt"))
    context.load_cert_chain(folder / "tls.crt", folder / "tls.key")
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as plain:
        _line(plain)  # INFO, before TLS
        with context.wrap_socket(plain, server_hostname="127.0.0.1") as s:
            inbox = b"_INBOX.admin"
            s.sendall(b'CONNECT {"verbose":false,"protocol":1,"headers":true}\r\nSUB ' + inbox + b".* 1\r\n")
            s.sendall(b"PUB %s %s.1 %d\r\n%s\r\n" % (subject.encode(), inbox, len(body), body))
            while True:
                line = _line(s)
                if line.startswith(b"MSG "):
                    return json.loads(_exactly(s, int(line.split()[-1])))
                if line.startswith(b"PING"):
                    s.sendall(b"PONG\r\n")
                if line.startswith(b"-ERR"):
                    raise RuntimeError(f"{subject}: {line.decode()}")


def _line(s):
    line = b""
    while not line.endswith(b"\r\n"):
        line += _exactly(s, 1)
    return line[:-2]


def _exactly(s, count):
    data = b""
    while len(data) < count:
        more = s.recv(count - len(data))
        if not more:
            raise OSError("the server closed the connection")
        data += more
    return data
