"""A month of Beijing's weather in place of a cold room, through the whole stack: the reviewer refuses the lot by
itself, and names the hour of January 2010 that was the first outside 2 to 8 Cel, with its path
that holds.

The recording is no part of the repository: without it nothing is tested, and this says so and ends with 0.
"""
import csv
import datetime
import re
import sys
import tempfile

import lot
from stack import REPO, Stack, bin_dir, check

RECORDING = REPO.parent / "shared/data/environment/beijing-pm25-2010-2014.csv"
LOT, LOW, HIGH, HOUR_MS = "BJ-2010-01", 2, 8, 3600000
SOURCE = f"""[[source]]
name = "beijing"
type = "replay"
file = "{RECORDING}"
time = {{ format = "columns", year = "year", month = "month", day = "day", hour = "hour" }}
columns = [{{ column = "TEMP", channel = "t", unit = "Cel", exp = 0 }}]
from = "2010-01-01"
to = "2010-02-01"
"""


def hourly(text):
    """The sample's consortium with whole degrees once an hour, and bundles of a day."""
    for wrong, right in ((r"exp = -2", "exp = 0"), (r"gap_max_ms = 61000", f"gap_max_ms = {HOUR_MS + 60000}"),
                         (r"interval_ms = 60000", f"interval_ms = {HOUR_MS}"), (r"bundle_s = 3600", "bundle_s = 86400")):
        text, count = re.subn(wrong, right, text)
        if count == 0:
            raise RuntimeError(f"the sample no longer has {wrong}")
    return text


def january():
    """[(time in ms, degrees)] as the recording has them."""
    with open(RECORDING, newline="") as f:
        rows = [r for r in csv.DictReader(f) if (r["year"], r["month"]) == ("2010", "1")]
    at = [datetime.datetime(2010, 1, int(r["day"]), int(r["hour"]), tzinfo=datetime.timezone.utc) for r in rows]
    return [(int(t.timestamp()) * 1000, int(r["TEMP"])) for t, r in zip(at, rows)]


def run(stack):
    stack.found()
    lot.start_everything(stack)
    lot.start_machine(stack, "fridge-1", "filler-1", SOURCE)
    lot.make(stack, LOT, 1, "2010-01-01", "2010-02-01", bundles=31)
    stack.wait(lambda: lot.review_state(stack, "inspector-a", LOT) == "refused", 120, "institute-a to refuse the lot")
    shown = stack.lotmark_json("inspector-a", "review", "show", LOT)
    found = [f for f in shown["findings"] if f["name"] == "value-out-of-limits"]
    check(found, f"findings are {[f['name'] for f in shown['findings']]}")
    readings = january()
    outside = [(t, v) for t, v in readings if not LOW <= v <= HIGH]
    t, value = min(outside)
    reading = found[0]["reading"]
    check((reading["t_ms"], reading["value"], reading["exp"]) == (t, value, 0),
          f"it names {reading}, the first outside is {value} at {t}")
    check(found[0]["more"] == len(outside) - 1, f"it counts {found[0]['more']} more, there are {len(outside) - 1}")
    check(found[0]["path"] == "ok", f"its path: {found[0]['path']}")
    claim = shown["claims"][0]
    temperatures = [v for _, v in readings]
    check(claim["annotation"]["count"] == len(readings) == claim["expected"], f"claim {claim}")
    check((claim["annotation"]["min"], claim["annotation"]["max"]) == (min(temperatures), max(temperatures)),
          f"claim {claim}")
    stack.wait(lambda: lot.batch_state(stack, LOT) == "refused", 60, "the refusal on the chain")
    print(f"beijing: {len(readings)} hours, refused for {reading['shown']} at {reading['t']}, path=ok")


def main():
    if not RECORDING.exists():
        print(f"beijing: SKIP: NOTHING WAS TESTED, there is no {RECORDING}")
        return
    with tempfile.TemporaryDirectory(prefix="lotmark-beijing-") as folder:
        with Stack(folder, bin_dir(), edit=hourly) as stack:
            run(stack)


if __name__ == "__main__":
    try:
        main()
    except RuntimeError as e:
        sys.exit(f"beijing: {e}")
