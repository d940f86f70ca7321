#!/usr/bin/python3
"""Opens what core/sealed sealed: reads {"chain", "files": [{"cose", "scalar"}]} (hex) from the file named, prints
{"opened": [{"name", "media", "content", "entry"}]}."""
import json
import pathlib
import sys

import hand


def main():
    asked = json.loads(pathlib.Path(sys.argv[1]).read_text())
    opened = []
    for f in asked["files"]:
        name, media, content, entry = hand.open_cose(bytes.fromhex(f["cose"]), bytes.fromhex(f["scalar"]),
                                                     bytes.fromhex(asked["chain"]))
        opened.append({"name": name, "media": media, "content": content.hex(), "entry": entry.hex()})
    print(json.dumps({"opened": opened}))


if __name__ == "__main__":
    main()
