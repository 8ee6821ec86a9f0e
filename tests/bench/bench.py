#!/usr/bin/env python3
"""`make bench`: what a call costs in twinleg and, in the same run on the same machine, in Kamailio as a stateful proxy
that hides the topology. Prints a table with the ratio; judges nothing. Machines are noisy: the ratio and the
instructions are what to compare between two days.

The element that is measured has one core to itself, the generator another.
usage: bench.py --daemon FILE --callgen FILE [-q] [--only NAME] [--figure WORD]"""
import argparse
import glob
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TICK_S = 1 / os.sysconf("SC_CLK_TCK")
CORES = sorted(os.sched_getaffinity(0))
CONFIG = """
node = {{ name = "bench"; workers = {workers}; state_dir = "{folder}"; drain_seconds = 1; }};
listen = ( {{ name = "outside"; transport = "udp"; address = "127.0.0.1"; port = 17460; }},
           {{ name = "inside"; transport = "udp"; address = "127.0.0.1"; port = 17462; }} );
trunks = ( {{ name = "carrier"; listen = "outside"; targets = ( {{ uri = "sip:127.0.0.1:17490"; }} );
             sources = [ "127.0.0.1" ]; }},
           {{ name = "manager"; listen = "inside"; targets = ( {{ uri = "sip:127.0.0.1:17480"; }} );
             sources = [ "127.0.0.1" ]; }} );
routes = ( "routes.cfg" );
admin = {{ http = ""; socket = ""; cdr = "cdr.jsonl"; log = "stderr"; log_level = "warn"; }};
"""
ROUTES = 'routes = ( { name = "all"; called = "9T"; to = ( { trunk = "manager"; } ); } );\n'


class Element:
    """what is measured: a program, where calls go in, and where they come out"""

    def __init__(self, name, command, target, callee_port):
        self.name, self.command, self.target, self.callee_port = name, command, target, callee_port
        self.run = None

    def start(self, folder, wrap=(), core=True, **settings):
        pin = ["taskset", "-c", str(CORES[0])] if core and len(CORES) > 1 else []
        self.run = subprocess.Popen([*pin, *wrap, *self.command(folder, **settings)], cwd=folder,
                                    stdout=open(f"{folder}/{self.name}.out", "w", encoding="utf-8"),
                                    stderr=subprocess.STDOUT)
        port, end = f":{int(self.target.split(':')[1]):04X} ", time.monotonic() + 60
        while port not in open("/proc/net/udp", encoding="ascii").read():
            if self.run.poll() is not None or time.monotonic() > end:
                said = open(f"{folder}/{self.name}.out", encoding="utf-8").read()
                sys.exit(f"{self.name} did not start:\n{said[-2000:]}")
            time.sleep(0.05)
        time.sleep(1 if not wrap else 4)

    def stop(self):
        for _ in range(2):              # the second: at once
            if self.run.poll() is None:
                self.run.send_signal(signal.SIGTERM)
                try:
                    self.run.wait(3 if _ == 0 else 60)
                except subprocess.TimeoutExpired:
                    pass
        if self.run.poll() is None:
            self.run.kill()
            self.run.wait()

    def pids(self):
        children, todo, found = {}, [self.run.pid], []
        for path in glob.glob("/proc/[0-9]*/stat"):
            try:
                text = open(path, encoding="utf-8", errors="replace").read()
            except OSError:
                continue
            children.setdefault(int(text.rpartition(")")[2].split()[1]), []).append(int(path.split("/")[2]))
        while todo:
            pid = todo.pop()
            found.append(pid)
            todo += children.get(pid, [])
        return found

    def cpu_s(self):
        return sum(cpu_of(f"/proc/{pid}/stat") for pid in self.pids())

    def threads_s(self):
        return {path: cpu_of(path) for pid in self.pids() for path in glob.glob(f"/proc/{pid}/task/*/stat")}

    def pss_kib(self):
        total = 0
        for pid in self.pids():
            try:
                text = open(f"/proc/{pid}/smaps_rollup", encoding="ascii").read()
            except OSError:
                continue
            total += int(re.search(r"^Pss:\s+(\d+)", text, re.M).group(1))
        return total


def cpu_of(path):
    try:
        fields = open(path, encoding="utf-8", errors="replace").read().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) * TICK_S


class Bench:
    def __init__(self, args, folder):
        self.args, self.folder, self.quick = args, folder, args.quick
        kamailio = ["kamailio", "-DD", "-E", "-f", f"{HERE}/kamailio.cfg", "-x", "fm", "-X", "fm",
                    "-m", "2048", "-M", "32"]
        self.elements = [Element("twinleg", self.twinleg, "127.0.0.1:17460", 17480)]
        if shutil.which("kamailio"):
            self.elements.append(Element("kamailio", lambda folder, **_: kamailio, "127.0.0.1:17461", 17481))
        if args.only:
            self.elements = [e for e in self.elements if e.name == args.only]

    def twinleg(self, folder, workers=1):
        with open(f"{folder}/bench.cfg", "w", encoding="utf-8") as out:
            out.write(CONFIG.format(workers=workers, folder=folder))
        with open(f"{folder}/routes.cfg", "w", encoding="utf-8") as out:
            out.write(ROUTES)
        return [os.path.abspath(self.args.daemon), "-c", f"{folder}/bench.cfg"]

    def callgen(self, element, rate, calls, hold_ms=50, stay_s=None):
        pin = ["taskset", "-c", str(CORES[-1])] if len(CORES) > 1 else []
        command = [*pin, self.args.callgen, "-t", element.target, "-c", "17490", "-s", str(element.callee_port), "-r",
                   str(rate), "-n", str(calls), "-h", str(hold_ms)] + (["-w", str(stay_s)] if stay_s else [])
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    def calls(self, element, rate, calls, hold_ms=50):
        """the generator's figures"""
        out = self.callgen(element, rate, calls, hold_ms).communicate()[0]
        return {key: int(value) for key, value in re.findall(r"(\w+)=(\d+)", out)}

    # --- one figure each: element -> value or None
    def cpu_per_call(self, element):
        calls = 3000 if self.quick else 10000
        element.start(self.folder)
        self.calls(element, 500, 500)
        before = element.cpu_s()
        got = self.calls(element, 1000, calls)
        spent = element.cpu_s() - before
        element.stop()
        return 1e6 * spent / got["ok"] if got.get("ok") else None

    def added_latency(self, element):
        element.start(self.folder)
        self.calls(element, 200, 200)
        got = self.calls(element, 200, 600 if self.quick else 3000)
        element.stop()
        return (got.get("p50_us"), got.get("p99_us")) if got.get("ok") else (None, None)

    def highest_rate(self, element):
        """calls/s on one core, none failed and at most 1 in 1000 resent; within 5 %"""
        seconds, low, high, rate = (2, 0, None, 2000) if self.quick else (5, 0, None, 2000)
        while high is None or (high - low) > 0.05 * high:
            element.start(self.folder)
            got = self.calls(element, rate, rate * seconds)
            element.stop()
            if got.get("ok") == rate * seconds and got["again"] + got["copies"] <= rate * seconds / 1000:
                low = rate
            else:
                high = rate
            if rate < 50 or low >= 30000:
                break
            rate = int(rate * 1.6) if high is None else (low + high) // 2 if low else rate // 2
        return low or None

    def kib_per_call(self, element):
        calls = 2000 if self.quick else 10000
        element.start(self.folder)
        self.calls(element, 500, 500)
        before = element.pss_kib()
        gen = self.callgen(element, 500, calls, stay_s=2)
        up = int(re.search(r"up=(\d+)", gen.stdout.readline() or "up=0").group(1))
        grown = element.pss_kib() - before
        gen.communicate()
        element.stop()
        return grown / up if up else None

    def kib_per_completed(self, element):
        """of a call that is over, while its transactions linger"""
        element.start(self.folder)
        self.calls(element, 100, 100)
        before = element.pss_kib()
        got = self.calls(element, 1000, 3000, 0)
        grown = element.pss_kib() - before
        element.stop()
        return grown / got["ok"] if got.get("ok") else None

    def instructions(self, element):
        """a call's, from the difference of two runs of the same length under callgrind"""
        if not shutil.which("valgrind"):
            return None
        totals = []
        for calls in (100, 400):
            for old in glob.glob(f"{self.folder}/callgrind.*"):
                os.unlink(old)
            wrap = ["valgrind", "--quiet", "--tool=callgrind", f"--callgrind-out-file={self.folder}/callgrind.%p"]
            element.start(self.folder, wrap, core=False)
            got = self.calls(element, calls // 4, calls)
            element.stop()
            time.sleep(1)
            total = 0
            for path in glob.glob(f"{self.folder}/callgrind.*"):
                found = re.search(r"^(?:summary|totals):\s*(\d+)", open(path, encoding="utf-8").read(), re.M)
                total += int(found.group(1)) if found else 0
            totals.append((total, got.get("ok", 0)))
        (few, some), (many, more) = totals
        return (many - few) / (more - some) if more > some else None

    def split_of_workers(self, element):
        """CPU of each busy thread, in per cent: two workers, all calls from one address"""
        element.start(self.folder, core=False, **({"workers": 2} if element.name == "twinleg" else {}))
        before = element.threads_s()
        self.calls(element, 1000, 3000 if self.quick else 10000)
        spent = [cpu - before.get(path, 0) for path, cpu in element.threads_s().items()]
        element.stop()
        total = sum(spent) or 1
        return " + ".join(f"{100 * s / total:.0f} %" for s in sorted(spent, reverse=True) if s > 0.03 * total)

    def run(self):
        figures = [("CPU a call at 1000 calls/s, us", self.cpu_per_call, "{:.1f}"),
                   ("added set-up latency p50 / p99, us", self.added_latency, "{:.0f}"),
                   ("highest rate on one core, calls/s", self.highest_rate, "{:.0f}"),
                   ("memory of an established call, KiB", self.kib_per_call, "{:.2f}"),
                   ("memory of a call that is over, KiB", self.kib_per_completed, "{:.2f}"),
                   ("instructions a call, thousand", self.instructions, "{:.0f}"),
                   ("two workers, one source", self.split_of_workers, "{}")]
        print(f"{'':38}" + "".join(f"{e.name:>22}" for e in self.elements) + f"{'ratio':>8}")
        for title, measure, form in figures:
            if self.args.figure and self.args.figure not in title:
                continue
            values = [measure(element) for element in self.elements]
            if "instructions" in title:
                values = [value and value / 1000 for value in values]
            print(f"{title:38}" + "".join(f"{show(value, form):>22}" for value in values) + f"{ratio(values):>8}",
                  flush=True)
        print("ratio: twinleg / kamailio. Of a call that is over twinleg keeps four transactions (INVITE and BYE, both "
              "sides).")


def show(value, form):
    if isinstance(value, tuple):
        return " / ".join(show(one, form) for one in value)
    return "-" if value is None else form.format(value)


def ratio(values):
    first = [value[0] if isinstance(value, tuple) else value for value in values]
    if len(first) < 2 or not all(isinstance(value, (int, float)) and value for value in first):
        return ""
    return f"{first[0] / first[1]:.2f}"


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--daemon", required=True)
    ap.add_argument("--callgen", required=True)
    ap.add_argument("-q", "--quick", action="store_true")
    ap.add_argument("--only", help="twinleg or kamailio")
    ap.add_argument("--figure", help="a word of the figure's title")
    args = ap.parse_args()
    args.callgen = os.path.abspath(args.callgen)
    folder = tempfile.mkdtemp(prefix="twinleg-bench.")
    try:
        Bench(args, folder).run()
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
