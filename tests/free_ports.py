"""Ports of loopback for the servers that a test starts.

A port that the kernel chooses lies in the range of outgoing connections, so any of those can take it before the server
listens, or while it is started again. These lie below that range, and were free a moment ago.
"""
import random
import socket
from pathlib import Path

FIRST = 10_000  # above what is well known


def below_outgoing():
    try:
        end = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    except (OSError, ValueError):
        end = 0
    return range(FIRST, end if end >= 2 * FIRST else 32_768)  # 32768: unreadable, or it leaves no room below


def free_ports(count):
    """`count` different ones: each is held until the last is chosen."""
    held, any_port = [], random.SystemRandom()
    try:
        for _ in range(10_000):
            if len(held) == count:
                return [s.getsockname()[1] for s in held]
            s = socket.socket()
            try:
                s.bind(("127.0.0.1", any_port.choice(below_outgoing())))
                held.append(s)
            except OSError:
                s.close()
        raise RuntimeError("no free port below those of outgoing connections")
    finally:
        for s in held:
            s.close()


def free_port():
    return free_ports(1)[0]
