"""Log events as the sources have them, and as docs/operate/events.md has them."""
import pathlib
import re

FOLDERS = ("core", "edge-agent", "ledger-node", "api", "cli", "firmware")
CALL = re.compile(r"\blog::(debug|info|warn|error)\(")
NAME = re.compile(r'"([a-z_]+(?:\.[a-z0-9_]+)+)"')
FIELD = re.compile(r'\{\s*"([a-z0-9_]+)"\s*,')
ROW = re.compile(r"^\| `([^`]+)` \| ([a-z, ]+) \| ([^|]*) \|", re.M)


def arguments(text, start):
    """The call's text from behind its parenthesis to the one that closes it."""
    depth, at, quoted = 1, start, False
    while depth:
        c = text[at]
        if c == "\\" and quoted:
            at += 1
        elif c == '"':
            quoted = not quoted
        elif not quoted:
            depth += {"(": 1, ")": -1}.get(c, 0)
        at += 1
    return text[start:at - 1]


def in_sources(root):
    """name -> (levels, fields), joined over all places that log it."""
    events = {}
    for folder in FOLDERS:
        for file in sorted(pathlib.Path(root, folder).rglob("*")):
            if file.suffix not in (".cpp", ".h") or "node_modules" in file.parts:
                continue
            text = file.read_text(encoding="utf-8")
            for call in CALL.finditer(text):
                args = arguments(text, call.end())
                first = args.split("{", 1)[0]
                for name in NAME.findall(first):
                    levels, fields = events.setdefault(name, (set(), set()))
                    levels.add(call[1])
                    fields.update(FIELD.findall(args))
    return events


def in_page(root):
    text = pathlib.Path(root, "docs/operate/events.md").read_text(encoding="utf-8")
    split = lambda cell: {word.strip(" `") for word in cell.split(",") if word.strip(" `")}
    rows = ROW.findall(text)
    assert len({name for name, _, _ in rows}) == len(rows), "an event has two rows"
    return {name: (split(levels), split(fields)) for name, levels, fields in rows}
