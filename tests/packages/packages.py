#!/usr/bin/python3
"""Makes the packages of a build, looks at what is in them, unpacks them and runs the programs from there.

    packages.py BUILD VERSION      skipped (77) without cpack, dpkg-deb and dpkg-shlibdeps
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile

PROGRAMS = {"agent": ["lotmark-edge-agent", "lotmark-edge-webhook"], "node": ["lotmark-ledger-node"],
            "api": ["lotmark-api"], "cli": ["lotmark"]}
UNITS = {"agent": "lotmark-edge-agent", "node": "lotmark-ledger-node", "api": "lotmark-api"}


def run(*command, **more):
    done = subprocess.run(command, capture_output=True, text=True, timeout=400, **more)
    assert done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


def field(deb, name):
    return run("dpkg-deb", "--field", deb, name).strip()


def look_at(part, deb, version):
    assert field(deb, "Package") == f"lotmark-{part}"
    assert field(deb, "Version") == version
    depends = field(deb, "Depends")
    assert "libc6" in depends and "libstdc++6" in depends, depends
    if part in UNITS:
        assert "sysusers" in depends, depends
    with tempfile.TemporaryDirectory() as folder:
        run("dpkg-deb", "--control", deb, folder)
        assert not pathlib.Path(folder, "conffiles").exists()  # enrolment and ca init write what is in /etc
        for script in pathlib.Path(folder).glob("p*"):
            run("sh", "-n", str(script))
    return depends


def try_out(root, part):
    for program in PROGRAMS[part]:
        file = root / "usr/bin" / program
        assert file.stat().st_mode & 0o777 == 0o755, oct(file.stat().st_mode)
        if program != "lotmark-edge-webhook":
            assert "0." in run(str(file), "--version"), program
    doc = root / f"usr/share/doc/lotmark-{part}"
    assert (doc / "copyright").is_file() and (doc / "CHANGELOG.md").is_file()
    if part in UNITS:
        unit = (root / "usr/lib/systemd/system" / f"{UNITS[part]}.service").read_text(encoding="utf-8")
        page = unit.split("Documentation=file:")[1].split()[0]
        assert (root / page.lstrip("/")).is_file(), page
        user = unit.split("\nUser=")[1].split()[0]
        lines = (root / "usr/lib/sysusers.d" / f"lotmark-{part}.conf").read_text(encoding="utf-8")
        assert f"u {user} " in lines


def main():
    build, version = pathlib.Path(sys.argv[1]), sys.argv[2]
    if not all(map(shutil.which, ("cpack", "dpkg-deb", "dpkg-shlibdeps"))):
        print("SKIPPED: no cpack or dpkg-dev")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        run("cpack", "-G", "DEB", "-B", folder, cwd=build)
        for part in PROGRAMS:
            (deb,) = pathlib.Path(folder).glob(f"lotmark-{part}_*.deb")
            print(f"{deb.name}: {deb.stat().st_size // 1024} KiB; {look_at(part, str(deb), version)}")
            root = pathlib.Path(folder, "root", part)
            root.parent.mkdir(exist_ok=True)
            run("dpkg-deb", "--extract", str(deb), str(root))
            try_out(root, part)
        # The template names every fault that is left to fill in, and no other.
        agent = pathlib.Path(folder, "root/agent")
        done = subprocess.run([agent / "usr/bin/lotmark-edge-agent", "--check-config", "--config",
                               agent / "usr/share/doc/lotmark-agent/examples/agent.toml"], capture_output=True, text=True, timeout=60)
        assert done.returncode == 2
        keys = {line.split(": ")[1] for line in done.stderr.splitlines()}
        assert keys == {"agent.organisation", "agent.device", "agent.chain", "node.enterprise", "source"}, done.stderr
    return 0


if __name__ == "__main__":
    sys.exit(main())
