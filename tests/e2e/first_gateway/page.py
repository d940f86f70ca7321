"""The commands of a page: its fenced blocks of kind sh, in order. A block marked `systemd` or `without-systemd` is one of two ways."""
import dataclasses
import re


@dataclasses.dataclass
class Block:
    line: int
    way: str  # "", "systemd" or "without-systemd"
    text: str


def blocks(page):
    found, opened = [], None
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        fence = re.fullmatch(r"```(\S*) ?(.*)", line)
        if fence and opened is None:
            opened = (number, fence[1], fence[2], [])
        elif fence:
            first, kind, way, lines = opened
            if kind == "sh":
                assert way in ("", "systemd", "without-systemd"), f"line {first}: {way}"
                found.append(Block(first, way, "\n".join(lines) + "\n"))
            opened = None
        elif opened is not None:
            opened[3].append(line)
    assert opened is None and found, page
    return found


def way_of(all_blocks, systemd):
    other = "without-systemd" if systemd else "systemd"
    return [b for b in all_blocks if b.way != other]
