"""What session timers cost: standing calls, both legs of which twinleg refreshes, first all by UPDATE, then all by
re-INVITE."""
import re
import statistics
import subprocess
import time
from itertools import pairwise

SESSION_S = 90
ROUND_S, SLICE_S = SESSION_S // 2, 5
KEYS = ('session_timer = {{ session_expires = %d; min_se = %d; refresher = "local"; method = "{}"; }};'
        % (SESSION_S, SESSION_S))


def standing_calls(bench):
    return bench.pick(1000, 10000)


def slices(run, element):
    """(seconds, CPU seconds) of each slice until the generator ends"""
    marks = [(time.monotonic(), element.cpu_s())]
    while run.poll() is None:
        try:
            run.wait(SLICE_S)
        except subprocess.TimeoutExpired:
            pass
        marks.append((time.monotonic(), element.cpu_s()))
    return [(after[0] - before[0], after[1] - before[1]) for before, after in pairwise(marks)]


def cpu_of(spent, is_even):
    """CPU seconds in all; where the load is even, without what a noisy neighbour adds to some slices"""
    if not is_even:
        return sum(cpu for _, cpu in spent)
    return sum(seconds for seconds, _ in spent) * statistics.median(cpu / seconds for seconds, cpu in spent)


def timed(bench, element, method):
    """standing calls, measured while twinleg refreshes them. In a full run they come up within one round, and two more
    follow: refreshes are spread evenly. In a quick run they come up fast, and the one round is over as soon"""
    calls, stay_s = standing_calls(bench), bench.pick(1, 2) * ROUND_S + 1
    rate = bench.pick(200, -(-calls // ROUND_S))
    element.start(bench.folder, keys=KEYS.format(method))
    bench.calls(element, 100, 100)
    kib, lingering = element.pss_kib(), element.status().get("lingering", 0)
    run = bench.generator(element, rate, calls, stay_s=stay_s, session_s=SESSION_S)
    began, said = time.monotonic(), re.search(r"up=(\d+)", run.stdout.readline())
    up, kib = int(said.group(1)) if said else 0, element.pss_kib() - kib
    lingering = element.status().get("lingering", 0) - lingering
    time.sleep(max(0, began + ROUND_S - 2 - time.monotonic()))
    spent = slices(run, element)
    said = re.search(r"refreshed=(\d+)", run.communicate()[0])
    cpu, refreshed = cpu_of(spent, not bench.quick), int(said.group(1)) if said else 0
    element.stop()
    if not up or not refreshed:
        return None
    each = bench.lingering_kib.get(element.name)
    return {"us": 1e6 * cpu / refreshed, "refreshed": refreshed, "kib": kib / up,
            "kib_without": (kib - lingering * each) / up if each else None}


def runs(bench, element):
    """both methods, measured once"""
    for method in ("update", "invite"):
        if element.name == "twinleg" and (element.name, method) not in bench.timed:
            bench.timed[element.name, method] = timed(bench, element, method)
    return [bench.timed.get((element.name, method)) for method in ("update", "invite")]


def cpu_per_refresh(bench, element):
    """us of user and system time for each refresh; a proxy refreshes nothing"""
    seen = runs(bench, element)
    return tuple(run["us"] for run in seen) if all(seen) else None


def kib_of_timed(bench, element):
    """of a standing call with its timers and both session descriptions; and without lingering transactions"""
    run = runs(bench, element)[0]
    return (run["kib"], run["kib_without"]) if run else None
