"""A client of MQTT 5.0 over TLS, just large enough to publish with QoS 1, see the broker's reason code, and hear
what comes. One thread: what arrives is read while waiting for something.
"""
import socket
import ssl
import struct
import time

CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK, DISCONNECT = 1, 2, 3, 4, 8, 9, 14
NOT_AUTHORIZED = 135


def _text(value):
    data = value.encode()
    return struct.pack(">H", len(data)) + data


def _varint(value):
    out = bytearray()
    while True:
        value, digit = divmod(value, 128)
        out.append(digit | (0x80 if value else 0))
        if not value:
            return bytes(out)


def _take_varint(data, at):
    value, shift = 0, 0
    while True:
        digit = data[at]
        value |= (digit & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if digit < 0x80:
            return value, at


class Client:
    def __init__(self, port, name, ca, cert, key):
        context = ssl.create_default_context(cafile=str(ca))
        context.load_cert_chain(str(cert), str(key))
        plain = socket.create_connection(("127.0.0.1", port), 10)
        self.socket = context.wrap_socket(plain, server_hostname="127.0.0.1")
        self.buffer, self.inbox, self.packet_id = bytearray(), [], 0
        clean_start, keep_alive = 0x02, 60
        self._send(CONNECT << 4, _text("MQTT") + bytes([5, clean_start]) + struct.pack(">H", keep_alive) + b"\0" +
                   _text(name))
        answer = self._await(CONNACK)
        if answer[1] != 0:
            raise RuntimeError(f"{name}: the broker refused the connection with reason {answer[1]}")

    def subscribe(self, topic):
        self._send(SUBSCRIBE << 4 | 2, self._next_id() + b"\0" + _text(topic) + b"\x01")
        answer = self._await(SUBACK)
        if answer[-1] > 2:
            raise RuntimeError(f"subscribe {topic}: reason {answer[-1]}")

    def publish(self, topic, payload):
        """Sends with QoS 1; the reason code of the PUBACK, 0 or 16 where it was taken."""
        self._send(PUBLISH << 4 | 2, _text(topic) + self._next_id() + b"\0" + payload)
        answer = self._await(PUBACK)
        return answer[2] if len(answer) > 2 else 0

    def hear(self, seconds):
        """The next (topic, payload) that was or gets published to this client; None when none came."""
        end = time.monotonic() + seconds
        while not self.inbox and self._read(end - time.monotonic()):
            pass
        return self.inbox.pop(0) if self.inbox else None

    def close(self):
        self._send(DISCONNECT << 4, b"")
        self.socket.close()

    def _next_id(self):
        self.packet_id += 1
        return struct.pack(">H", self.packet_id)

    def _send(self, head, body):
        self.socket.settimeout(10)
        self.socket.sendall(bytes([head]) + _varint(len(body)) + body)

    def _await(self, kind):
        end = time.monotonic() + 10
        while time.monotonic() < end:
            packet = self._read(end - time.monotonic())
            if packet and packet[0] == kind:
                return packet[1]
        raise RuntimeError(f"no packet of type {kind} within 10 s")

    def _read(self, seconds):
        """One packet as (type, body), those published put into the inbox and acknowledged; None in time."""
        end = time.monotonic() + seconds
        while (whole := self._whole()) is None:
            self.socket.settimeout(max(0.001, end - time.monotonic()))
            try:
                data = self.socket.recv(65536)
            except TimeoutError:
                return None
            if not data:
                raise RuntimeError("the broker closed the connection")
            self.buffer += data
        head, body = whole
        if head >> 4 == PUBLISH:
            self._take(head, body)
        return head >> 4, body

    def _whole(self):
        for length_bytes in range(1, 5):
            if len(self.buffer) <= length_bytes:
                return None
            if self.buffer[length_bytes] < 0x80:
                break
        length, at = _take_varint(self.buffer, 1)
        if len(self.buffer) < at + length:
            return None
        head, body = self.buffer[0], bytes(self.buffer[at:at + length])
        del self.buffer[:at + length]
        return head, body

    def _take(self, head, body):
        size = struct.unpack(">H", body[:2])[0]
        topic, at = body[2:2 + size].decode(), 2 + size
        if head >> 1 & 3:
            self._send(PUBACK << 4, body[at:at + 2])
            at += 2
        properties, at = _take_varint(body, at)
        self.inbox.append((topic, body[at + properties:]))
