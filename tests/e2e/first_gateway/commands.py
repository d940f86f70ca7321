#!/usr/bin/python3
"""Do the programs know every command and option that a page uses?

    commands.py PAGE BIN
"""
import pathlib
import re
import shlex
import subprocess
import sys

import page

PROGRAMS = ("lotmark", "lotmark-edge-agent", "lotmark-ledger-node")


def commands(text):
    """Words of each call of one of our programs, its name first."""
    text = re.sub(r"<<'END'.*?\nEND\n", "\n", text, flags=re.S)
    for part in re.split(r"[\n;|]|\$\(|\)|&(?!\d)", re.sub(r"\d?>>?\S+", "", text)):
        words = shlex.split(part, comments=True) if part.count('"') % 2 == 0 else part.split()
        for place, word in enumerate(words):
            if word in PROGRAMS and (place == 0 or words[place - 1] in ("--", "until", "export")):
                yield words[place:]
                break


def help_of(folder, words):
    done = subprocess.run([folder / words[0], *words[1:], "--help"], capture_output=True, text=True, timeout=20)
    return done.stdout if done.returncode == 0 else ""


def faults(folder, words):
    """The longest row of words that has a help is the subcommand; each option must be in its help, or in one above."""
    known = [words[0]]
    while len(known) < len(words) and re.fullmatch(r"[a-z]+", words[len(known)]):
        if not help_of(folder, [*known, words[len(known)]]):
            break
        known.append(words[len(known)])
    helps = "".join(help_of(folder, known[:count]) for count in range(1, len(known) + 1))
    if len(words) > len(known) and not words[len(known)].startswith("-"):
        if "positional" not in helps.lower():
            yield f"{' '.join(words)}: no subcommand {words[len(known)]}"
    for word in words[len(known):]:
        if word.startswith("--") and not re.search(rf"(?m){re.escape(word.split('=')[0])}\b", helps):
            yield f"{' '.join(known)} has no {word}"


def main():
    folder = pathlib.Path(sys.argv[2])
    calls = [words for block in page.blocks(pathlib.Path(sys.argv[1])) for words in commands(block.text)]
    used = {words[0] for words in calls}
    assert used == set(PROGRAMS), used
    wrong = [fault for words in calls for fault in faults(folder, words)]
    # A test that finds nothing must be able to: neither of these is there.
    assert list(faults(folder, ["lotmark", "status", "--no-such"])) and list(faults(folder, ["lotmark", "no-such"]))
    print(f"{len(calls)} calls", *wrong, sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
