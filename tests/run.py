#!/usr/bin/env python3
"""Runs the tests, cheapest first: Check programs, scenarios, the corpus of each fuzz target, real peers and the daemon.
Prints each one's own lines; the last line is `N passed, N failed` over all of them.

usage: tests/run.py [--daemon FILE] [--scenario FILE] [--fuzz BUILD] [CHECK-PROGRAM ...]"""
import argparse
import glob
import os
import re
import subprocess
import sys
import time

CHECK_LINE = re.compile(r"^\d+%: Checks: (\d+), Failures: (\d+), Errors: (\d+)", re.M)
OUR_LINE = re.compile(r"^(?:\w+: )?(\d+) passed, (\d+) failed", re.M)


def check_program(path):
    """(passed, failed); a program that dies before its line counts as one failure"""
    began = time.monotonic()
    run = subprocess.run([path if "/" in path else "./" + path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         text=True, errors="replace", check=False)
    lines = CHECK_LINE.findall(run.stdout)
    total, bad = (sum(int(x[0]) for x in lines), sum(int(x[1]) + int(x[2]) for x in lines)) if lines else (1, 1)
    if run.returncode and not bad:
        bad = 1
        total += 1
    name = "/".join(path.split("/")[-2:])
    print(f"{name:32} {total - bad:4} passed, {bad} failed  {time.monotonic() - began:5.1f} s", flush=True)
    if bad:
        print(run.stdout.rstrip() or f"exit {run.returncode}", flush=True)
    return total - bad, bad


def other(command):
    """a runner of ours: shows what it prints, takes the counts from its last line"""
    run = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, errors="replace")
    counts = None
    for line in run.stdout:
        print(line, end="", flush=True)
        found = OUR_LINE.match(line)
        counts = (int(found.group(1)), int(found.group(2))) if found else counts
    code = run.wait()
    if counts is None:
        print(f"{command[0]}: ended without a result, exit {code}")
        return 0, 1
    return counts if not code or counts[1] else (counts[0], 1)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--daemon")
    ap.add_argument("--scenario")
    ap.add_argument("--fuzz")
    ap.add_argument("programs", nargs="*")
    args = ap.parse_args()
    results = [check_program(path) for path in args.programs]
    if args.scenario:
        results.append(other([args.scenario, *sorted(glob.glob("tests/scenario/*.scn"))]))
    if args.fuzz:
        names = sorted(os.path.basename(path)[5:-2] for path in glob.glob("tests/fuzz/fuzz_*.c"))
        if names:
            results.append(other(["tests/fuzz.py", "--build", args.fuzz, "--seconds", "0", *names]))
    if args.daemon:
        results.append(other(["tests/sip/run.py", "--daemon", args.daemon]))
    passed, failed = sum(r[0] for r in results), sum(r[1] for r in results)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
