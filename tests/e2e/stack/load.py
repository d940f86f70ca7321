"""The load of failover.py: lotmark-test-releaser's lines, kept as they come, and questions about them."""
import json
import subprocess
import threading
import time


class Load:
    def __init__(self, stack, pace_ms):
        self.log = open(stack.dir / "releaser.log", "ab")
        self.process = subprocess.Popen([str(stack.bin / "lotmark-test-releaser"), str(stack.home), "--pace-ms",
                                         str(pace_ms)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log)
        self.changed = threading.Condition()
        self.blocks = {}    # id: the first line that showed it
        self.final = {}     # number: line
        self.made = {}      # lot: t
        self.promised = {}  # lot: line
        self.released = {}  # lot: [line]
        self.holds = {}     # node: the newest block that it calls final
        self.forks = []
        self.done = None
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            e = json.loads(line)
            with self.changed:
                self._take(e)
                self.changed.notify_all()

    def _take(self, e):
        kind = e["event"]
        if kind == "block":
            self.blocks[e["id"]] = e
        elif kind == "final":
            self.final[e["number"]] = e
        elif kind == "made":
            self.made[e["lot"]] = e["t"]
        elif kind == "promised":
            self.promised[e["lot"]] = e
        elif kind == "released":
            self.released.setdefault(e["lot"], []).append(e)
        elif kind == "holds":
            self.holds[e["node"]] = e["number"]
        elif kind == "fork":
            self.forks.append(e)
        elif kind == "done":
            self.done = e

    def until(self, find, seconds, what):
        """What find() gives once it is something; asked whenever a line came."""
        end = time.monotonic() + seconds
        with self.changed:
            while True:
                found = find()
                if found:
                    return found
                left = end - time.monotonic()
                if left <= 0 or self.process.poll() is not None:
                    raise RuntimeError(f"waited {seconds} s for {what}")
                self.changed.wait(min(left, 1))

    def newest(self):
        """The block of the highest term and number that any node showed."""
        return max(self.blocks.values(), key=lambda b: (b["term"], b["number"]), default=None)

    def term_opened(self, above, by_others_than):
        return next((b for b in self.blocks.values()
                     if b["kind"] == "term" and b["term"] > above and b["signer"] not in by_others_than), None)

    def released_after(self, t):
        """The first line that tells the release of a lot that was made after t."""
        lines = [lines[0] for lot, lines in self.released.items() if self.made[lot] > t]
        return min(lines, key=lambda e: e["t"], default=None)

    def finish(self, seconds):
        self.process.stdin.close()
        self.until(lambda: self.done, seconds, "all lots to be final")
        self.process.wait(10)
        return self.done

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.log.close()
