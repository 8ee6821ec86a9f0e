"""What must hold when all is over: sentences about what does not."""
import glob
import json
import os
import re
import statistics

import judge

METRIC = re.compile(r"^(twinleg_\w+(?:\{[^}]*\})?) (\S+)$", re.M)
RSS_SPARE_KIB, RSS_FACTOR = 16 * 1024, 1.25
LOST = ("records_lost_total", "store_lost_total", "store_damaged_total")


def metrics(world):
    code, text, err = world.ctl("metrics")
    if code:
        raise OSError(f"metrics: {err}")
    return {name.removeprefix("twinleg_"): float(value) for name, value in METRIC.findall(text)}


def records(world):
    """by call; all files"""
    calls, lines = {}, 0
    for path in glob.glob(f"{world.daemon.cdr_path}*"):
        if os.path.islink(path):        # what stood for the full disk
            continue
        with open(path, encoding="utf-8") as file:
            for line in file:
                one = json.loads(line)
                calls.setdefault(one["call_id"], []).append(one)
                lines += 1
    return calls, lines


def of_records(world, found):
    calls, lines = records(world)
    yield from judge.records(calls, [])
    if found.get("records_written_total") != lines:
        yield f"{lines} records are in the files, and {found.get('records_written_total'):g} were written, it says"
    legs = sum(value for name, value in found.items() if name.startswith("calls_total{"))
    if legs != lines:
        yield f"calls_total counts {legs:g} legs, and there are {lines} records"


def of_metrics(found):
    for name, value in found.items():
        if not value >= 0:
            yield f"{name} is {value:g}"
        if name.partition("{")[0] in LOST and value:
            yield f"{name} is {value:g}"
        if name.partition("{")[0] in ("calls_active", "registers_pending") and value:
            yield f"{name} is {value:g} when nobody calls"


def of_memory(samples):
    """the last third needs no more than the second did"""
    third = len(samples) // 3
    if third < 10:
        return
    before, after = (statistics.median(samples[n * third:(n + 1) * third]) for n in (1, 2))
    if after > before * RSS_FACTOR + RSS_SPARE_KIB or after > samples[third] * 1.5 + 2 * RSS_SPARE_KIB:
        yield f"resident memory rises: {samples[third]} KiB after a third, then {before:g}, then {after:g}"


def of_log(world):
    text = world.daemon.log()
    yield from judge.log(world.daemon)
    at = re.search(r"ERROR: AddressSanitizer|ERROR: LeakSanitizer|runtime error", text)
    if at:
        yield text[at.start():at.start() + 6000]


def of_traffic(tally):
    """a soak in which nothing went through has shown nothing"""
    for name in ("up", "INVITE 4xx", "cancelled", "REGISTER 200", "REGISTER 401", "got BYE", "got CANCEL", "got REFER",
                 "REFER 2xx", "BYE 2xx", "UPDATE 2xx", "operator reload", "node kill", "node hang", "menace spoil"):
        if not tally[name]:
            yield f"nothing of this: {name}"
