#!/usr/bin/python3
"""The units of packaging/: systemd takes them, and rates what they allow. Skipped (77) where there is no systemd-analyze."""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

EXPOSURE_MAX = 2.5  # systemd's own scale, 0 to 10


def analyze(*arguments):
    done = subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, timeout=50)
    return done.returncode, done.stdout + done.stderr


def main():
    if shutil.which("systemd-analyze") is None:
        print("SKIPPED: no systemd-analyze")
        return 77
    units = sorted(pathlib.Path(sys.argv[1]).glob("*/*.service"))
    assert len(units) == 4, units
    for unit in units:
        with tempfile.TemporaryDirectory() as folder:
            # The programs are not installed here: another one that is stands for them.
            text = re.sub(r"=/usr/bin/lotmark\S*", "=/bin/true", unit.read_text(encoding="utf-8"))
            copy = pathlib.Path(folder, unit.name)
            copy.write_text(text, encoding="utf-8")
            code, said = analyze("verify", "--man=no", str(copy))
            ours = [line for line in said.splitlines() if unit.name in line]
            assert code == 0 and not ours, f"{unit.name}: {said}"
        _, said = analyze("security", "--offline=true", str(unit))
        exposure = float(re.search(r"exposure level for \S+: ([0-9.]+)", said)[1])
        print(f"{unit.name}: exposure {exposure}")
        assert exposure <= EXPOSURE_MAX, said
    agent = next(u for u in units if u.name == "lotmark-edge-agent.service").read_text(encoding="utf-8")
    for line in ("Type=notify", "WatchdogSec=60", "ExecReload=/bin/sh -c \"kill -HUP $MAINPID\""):
        assert line in agent, line
    # It would hide from the agent whether the clock is synchronised.
    assert "ProtectClock" not in re.sub(r"#.*", "", agent)
    return 0


if __name__ == "__main__":
    sys.exit(main())
