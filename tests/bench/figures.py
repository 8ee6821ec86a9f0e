"""The figures of `make bench`. Each is a function (bench, element) -> value, tuple of values, or None."""
import os
import re
import statistics
import subprocess

import dead_target
from element import Trouble, pinned
from instructions import kinstructions, kinstructions_with_rules
from refreshes import cpu_per_refresh, kib_of_timed
from keepalives import keepalives
from registrations import (bytes_per_binding, cpu_of_many, cpu_per_register, highest_register_rate,
                           registers_a_cpu_second)
from rules import us_of_rules

HOLD_MS = 50
NO_START = 2


class Bench:
    def __init__(self, callgen, cost, load, folder, quick):
        self.callgen = os.path.abspath(callgen)
        self.cost, self.load = cost and os.path.abspath(cost), load and os.path.abspath(load)
        self.folder, self.quick = folder, quick
        self.kinstructions = {}  # by element, of a call without rules
        self.lingering_kib = {}  # by element: of one lingering transaction, once that is known
        self.timed = {}          # by element and method: runs with session timers
        self.registered = None   # runs of the registration front

    def pick(self, quick, full):
        return quick if self.quick else full

    def generator(self, element, rate, calls, hold_ms=HOLD_MS, stay_s=0, session_s=0):
        target = element.target or f"127.0.0.1:{element.callee_port}"
        return subprocess.Popen([*pinned(-1), self.callgen, "-t", target, "-c", "17490", "-s", str(element.callee_port),
                                 "-r", str(rate), "-n", str(calls), "-h", str(hold_ms), "-w", str(stay_s),
                                 "-e", str(session_s)],
                                stdout=subprocess.PIPE, text=True)

    def calls(self, element, rate, calls, hold_ms=HOLD_MS):
        """what the generator counted"""
        run = self.generator(element, rate, calls, hold_ms)
        out = run.communicate()[0]
        if run.returncode == NO_START:
            raise Trouble("the generator did not start: it says why on stderr")
        return {key: int(value) for key, value in re.findall(r"(\w+)=(\d+)", out)}


def cpu_per_call(bench, element):
    """us of user and system time, the median of some runs"""
    seen = []
    for _ in range(bench.pick(1, 3)):
        element.start(bench.folder)
        bench.calls(element, 500, 500)
        before = element.cpu_s()
        got = bench.calls(element, 1000, bench.pick(3000, 6000))
        if got.get("ok"):
            seen.append(1e6 * (element.cpu_s() - before) / got["ok"])
        element.stop()
    return statistics.median(seen) if seen else None


def setup_latency(bench, element):
    element.start(bench.folder)
    bench.calls(element, 200, 200)
    got = bench.calls(element, 200, bench.pick(600, 3000))
    element.stop()
    return tuple(got[key] for key in ("p50_us", "p95_us", "p99_us")) if got.get("ok") else None


def is_clean(got, rate, seconds):
    """all calls went through, in time, and at most one message came twice in 1000 calls"""
    calls = rate * seconds
    return (got.get("ok") == calls and got["again"] + got["copies"] <= calls / 1000
            and got["wall_ms"] <= 1050 * seconds + HOLD_MS + 300)


def step(bench, element, rate, seconds):
    element.start(bench.folder)
    got = bench.calls(element, rate, rate * seconds)
    element.stop()
    return is_clean(got, rate, seconds)


def highest_rate(bench, element):
    """calls/s; steps of 1.5, then halving the last step; in a full run a step fails when it has failed twice"""
    seconds, close = bench.pick(2, 4), bench.pick(0.35, 0.07)
    low, high, rate = 0, None, 2000
    while high is None or (low and high - low > close * high):
        if any(step(bench, element, rate, seconds) for _ in range(bench.pick(1, 2))):
            low = rate
        else:
            high = rate
        if rate > 40000 or rate < 100:
            break
        rate = rate * 3 // 2 if high is None else (low + high) // 2 if low else rate // 2
    return low or None


def goodput(bench, element):
    """calls a second that are answered, and that get no answer at all, when far more come than can be done"""
    rate, seconds = 12000, bench.pick(5, 10)
    element.start(bench.folder)
    bench.calls(element, 500, 500)
    got = bench.calls(element, rate, rate * seconds)
    element.stop()
    return (got["ok"] / seconds, got["missing"] / seconds) if got else None


def kib_of_finished(bench, element):
    """of a call that is over, while its transactions linger; and of one of those, by the daemon's own count"""
    element.start(bench.folder)
    bench.calls(element, 100, 100)
    kib, lingering = element.pss_kib(), element.status().get("lingering", 0) if element.name == "twinleg" else 0
    got = bench.calls(element, 1000, bench.pick(2000, 4000), 0)
    kib = element.pss_kib() - kib
    if element.name == "twinleg":
        lingering = element.status().get("lingering", 0) - lingering
    element.stop()
    if not got.get("ok"):
        return None
    bench.lingering_kib[element.name] = kib / lingering if lingering > 0 else None
    return kib / got["ok"], bench.lingering_kib[element.name]


def kib_of_standing(bench, element):
    """of an answered call with its lingering transactions; and without them"""
    calls = bench.pick(2000, 5000)
    element.start(bench.folder)
    bench.calls(element, 100, 100)
    kib, lingering = element.pss_kib(), element.status().get("lingering", 0) if element.name == "twinleg" else 0
    run = bench.generator(element, 1000, calls, stay_s=2)
    said = re.search(r"up=(\d+)", run.stdout.readline())
    kib, up = element.pss_kib() - kib, int(said.group(1)) if said else 0
    each = bench.lingering_kib.get(element.name)
    if each:
        lingering = element.status().get("lingering", 0) - lingering
    run.communicate()
    element.stop()
    return (kib / up, (kib - lingering * each) / up if each else None) if up else None


def split_of_workers(bench, element):
    """per cent of the CPU of each busy thread: two workers, all calls from one address"""
    element.start(bench.folder, pin=False, workers=2)
    before = element.threads_s()
    bench.calls(element, 1000, bench.pick(3000, 8000))
    spent = [cpu - before.get(path, 0) for path, cpu in element.threads_s().items()]
    element.stop()
    total = sum(spent) or 1
    return tuple(sorted((100 * s / total for s in spent if s > 0.03 * total), reverse=True))


# title, unit's form, function, is the direct path measured as well
FIGURES = (
    ("CPU per call at 1,000 calls/s, us", "{:.0f}", cpu_per_call, False),
    ("set-up added, p50 / p95 / p99, us", "{:.0f}", setup_latency, True),
    ("one of two targets refuses: set-up, us", "{:.0f}", dead_target.refusing, False),
    ("one of two targets silent: set-up, us", "{:.0f}", dead_target.silent, False),
    ("highest rate on one core, calls/s", "{:.0f}", highest_rate, False),
    ("answered / in vain at 12,000 calls/s", "{:.0f}", goodput, False),
    ("KiB per finished call / transaction", "{:.2f}", kib_of_finished, False),
    ("KiB per standing call / without trans.", "{:.2f}", kib_of_standing, False),
    ("CPU per refresh, UPDATE / INVITE, us", "{:.0f}", cpu_per_refresh, False),
    ("KiB per timed call / without trans.", "{:.2f}", kib_of_timed, False),
    ("instructions per call, thousand", "{:.0f}", kinstructions, False),
    ("instr. per call, profiles / none, k", "{:.0f}", kinstructions_with_rules, False),
    ("0 / 1 / 10 / 50 rules, us a message", "{:.2f}", us_of_rules, False),
    ("STUN of 50,000 clients: CPU %, batched", "{:.1f}", keepalives, False),
    ("REGISTER, us of CPU: 10k / 100k / new", "{:.0f}", cpu_per_register, False),
    ("REGISTERs a CPU second, 10k / 100k", "{:.0f}", registers_a_cpu_second, False),
    ("REGISTERs/s on one core, 10k / 100k", "{:.0f}", highest_register_rate, False),
    ("REGISTERs, 100k each 60 s: CPU %, full", "{:.1f}", cpu_of_many, False),
    ("REGISTERed: bytes a binding", "{:.0f}", bytes_per_binding, False),
    ("two workers, one source: CPU, %", "{:.0f}", split_of_workers, False),
)
