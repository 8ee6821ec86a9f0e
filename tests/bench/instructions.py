"""Instructions of a call, counted by callgrind: the same on every machine, and without the kernel's."""
import glob
import os
import re
import shutil
import time

from element import read

RULES = 'profile_in = "carrier-hygiene"; profile_out = "carrier-hygiene";'


def counted(bench, element, calls, keys):
    """(instructions, calls that went through) of one run"""
    for old in glob.glob(f"{bench.folder}/callgrind.*"):
        os.unlink(old)
    element.start(bench.folder, pin=False, keys=keys,
                  wrap=["valgrind", "--quiet", "--tool=callgrind", f"--callgrind-out-file={bench.folder}/callgrind.%p"])
    got = bench.calls(element, max(1, calls // bench.pick(4, 15)), calls)
    element.stop()
    time.sleep(1)
    totals = [re.search(r"^(?:summary|totals):\s*(\d+)", read(path), re.M)
              for path in glob.glob(f"{bench.folder}/callgrind.*")]
    return sum(int(match.group(1)) for match in totals if match), got.get("ok", 0)


def of_a_call(bench, element, keys=""):
    """in thousands: the difference of two equally long runs"""
    if not shutil.which("valgrind"):
        return None
    (few, some), (many, more) = (counted(bench, element, calls, keys) for calls in bench.pick((40, 200), (200, 1200)))
    return (many - few) / (more - some) / 1000 if more > some else None


def kinstructions(bench, element):
    if element.name not in bench.kinstructions:
        bench.kinstructions[element.name] = of_a_call(bench, element)
    return bench.kinstructions[element.name]


def kinstructions_with_rules(bench, element):
    """with a carrier's profile on both trunks, for both directions, and without one; a proxy has none"""
    if element.name != "twinleg":
        return None
    with_rules = of_a_call(bench, element, RULES)
    return (with_rules, kinstructions(bench, element)) if with_rules else None
