"""How the cases.json of files that prove something is written (event_proof, archived, evidence), so that what one case
has of another is in it once.

    anchor    in hexadecimal, of each case that has none of its own
    plain     what a result says, but for what the case's `expected` says otherwise
    checks    the names of a result's checks, in their order; none where a result does not list them
    cases     name, file, expected and what each page needs beside; in place of the checks a result has
              `failed`: [check, error], behind the checks that hold and before those not run; null when all hold

A `file` is a list of pieces put one behind the other: a text is bytes in hexadecimal, [byte, n] that byte n times,
[case, from, n] n bytes of the file of an earlier case, counted from 0.
"""
import json

WINDOW = 12  # a piece that is not written out is no shorter
SEARCHED_MAX = 1 << 17  # a larger file is one of the same byte


def same_bytes(data, at):
    rest = data[at:]
    return len(rest) - len(rest.lstrip(rest[:1]))


def longest(data, at, held, places):
    """[case, from, n] of what an earlier case has of data[at:]; None for less than a window."""
    best = None
    for case, start in places.get(data[at:at + WINDOW], ()):
        n, limit = WINDOW, min(len(data) - at, len(held[case]) - start)
        while n < limit and data[at + n] == held[case][start + n]:
            n += 1
        if best is None or n > best[2]:
            best = [case, start, n]
    return best


def pieces(data, held, places):
    out, plain, at = [], b"", 0
    while at < len(data):
        run = same_bytes(data, at)
        piece = [data[at], run] if run >= WINDOW else longest(data, at, held, places)
        if piece is None:
            plain, at = plain + data[at:at + 1], at + 1
            continue
        if plain:
            out, plain = out + [plain.hex()], b""
        out.append(piece)
        at += piece[-1]
    return out + [plain.hex()] if plain else out


def joined(parts, held):
    def piece(part):
        if isinstance(part, str):
            return bytes.fromhex(part)
        if len(part) == 2:
            return bytes(part[:1]) * part[1]
        case, start, n = part
        return held[case][start:start + n]
    return b"".join(map(piece, parts))


def remember(data, case, places):
    """The first three places of every window, but for those of one byte only."""
    if len(data) > SEARCHED_MAX:
        return
    for at in range(len(data) - WINDOW + 1):
        window = data[at:at + WINDOW]
        found = places.setdefault(window, [])
        if len(found) < 3 and len(set(window)) > 1:
            found.append((case, at))


def write(page, anchor, plain, cases, checks=None):
    """Prints cases whose `file` is bytes and whose results are whole."""
    held, places, lines = [], {}, []
    short = lambda result: {k: v for k, v in result.items() if plain[k] != v}
    for n, case in enumerate(cases):
        data = case["file"]
        parts = pieces(data, held, places)
        assert joined(parts, held) == data
        remember(data, n, places)
        held.append(data)
        results = {k: short(case[k]) for k in ("expected", "bytes_proven") if k in case}
        lines.append(" " + json.dumps({**case, "file": parts, **results}, separators=(",", ":")))
    head = {"made_by": f"make.py, from docs/format/{page}, written as ../cases_file.py says", "anchor": anchor.hex(),
            "plain": plain}
    if checks:
        head["checks"] = checks
    print(json.dumps(head)[:-1] + ',\n"cases": [\n' + ",\n".join(lines) + "\n]}")
