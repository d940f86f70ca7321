#!/usr/bin/python3
"""Do the pages of events and errors say what the sources say?

    check_docs.py ROOT          one line a fault; exit 1 if there is one
    check_docs.py ROOT --rows   rows for docs/operate/events.md, meanings left to write
"""
import pathlib
import re
import sys

import events


def errors_in_source(root):
    """number -> name, by joining the enumeration with its table of names."""
    header = pathlib.Path(root, "core/base/errc.h").read_text(encoding="utf-8")
    source = pathlib.Path(root, "core/base/errc.cpp").read_text(encoding="utf-8")
    numbers = {key: int(n) for key, n in re.findall(r"^  (k\w+) = (\d+),", header, re.M)}
    names = dict(re.findall(r'case Errc::(k\w+):\s*return "([a-z0-9-]+)"', source))
    assert numbers and set(numbers) == set(names), "errc.h and errc.cpp name different errors"
    return {n: names[key] for key, n in numbers.items()}


def errors_in_page(root, page):
    text = pathlib.Path(root, page).read_text(encoding="utf-8")
    return {int(n): name for n, name in re.findall(r"^\| (\d+) \| `?([a-z0-9-]+)`? \|", text, re.M)}


def compare_errors(root):
    source = errors_in_source(root)
    for page, wanted in (("docs/format/errors.md", range(1, 256)),
                         ("docs/operate/errors.md", range(1000, 65536))):
        ours = {n: name for n, name in source.items() if n in wanted}
        theirs = errors_in_page(root, page)
        for n in sorted(set(ours) | set(theirs)):
            if ours.get(n) != theirs.get(n):
                yield f"{page}: error {n}: {theirs.get(n, 'missing')}, core/base/errc.h says {ours.get(n, 'nothing')}"


def compare_events(root):
    source, page = events.in_sources(root), events.in_page(root)
    assert source, "no event found in the sources"
    for name in sorted(set(source) | set(page)):
        if name not in page:
            yield f"docs/operate/events.md: {name} is missing"
        elif name not in source:
            yield f"docs/operate/events.md: {name} is logged nowhere"
        elif source[name] != page[name]:
            yield f"docs/operate/events.md: {name}: levels and fields are {source[name]}, not {page[name]}"


def compare_metrics(root):
    """Every metric of the edge agent has a row in gateway.md, and every row a metric."""
    found = set()
    for file in pathlib.Path(root, "edge-agent").rglob("*.cpp"):
        found |= set(re.findall(r"\"(lotmark_agent_[a-z_]+)\"", file.read_text(encoding="utf-8")))
    page = "docs/operate/gateway.md"
    listed = set(re.findall(r"^\| `(lotmark_agent_[a-z_]+)` \|", pathlib.Path(root, page).read_text(encoding="utf-8"), re.M))
    assert found, "no metric found in the sources"
    for name in sorted(found ^ listed):
        yield f"{page}: {name} is {'missing' if name in found else 'no metric'}"


def rows(root):
    for name, (levels, fields) in sorted(events.in_sources(root).items()):
        listed = ", ".join(f"`{f}`" for f in sorted(fields))
        yield f"| `{name}` | {', '.join(sorted(levels))} | {listed} |  |"


def main():
    root = sys.argv[1]
    if sys.argv[2:] == ["--rows"]:
        print(*rows(root), sep="\n")
        return 0
    faults = [*compare_errors(root), *compare_events(root), *compare_metrics(root)]
    print(*faults, sep="\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
