#!/usr/bin/env python3
"""Runs each fuzz target over its corpus, then for the given time (0: the corpus alone, which repeats). The corpus in
the tree is only read: what a run adds goes to BUILD/corpus, what it finds to BUILD/findings.

usage: tests/fuzz.py --build BUILD --seconds N NAME ..."""
import argparse
import glob
import os
import subprocess
import sys


def fuzz(build, name, seconds):
    program = f"{build}/fuzz/tests/fuzz/fuzz_{name}"
    own, findings, given = f"{build}/corpus/{name}", f"{build}/findings", f"tests/fuzz/corpus/{name}"
    if not os.path.exists(program):
        return f"{program} is not built"
    for folder in (own, findings):
        os.makedirs(folder, exist_ok=True)
    seeds = [given] if os.path.isdir(given) else []
    command = [program, f"-artifact_prefix={findings}/{name}-", "-timeout=10", "-rss_limit_mb=2048", "-max_len=16384",
               "-print_final_stats=0", "-verbosity=0"]
    # the files of the tree one by one: an error there must fail however short the rest is
    for folder in seeds:
        files = sorted(glob.glob(folder + "/*"))
        run = subprocess.run([program, *command[1:3], *files], capture_output=True, text=True, errors="replace",
                             check=False) if files else None
        if run and run.returncode:
            return run.stderr[-4000:]
    if seconds == 0:
        return None
    dictionary = f"tests/fuzz/{name}.dict"
    if os.path.exists(dictionary):
        command.append(f"-dict={dictionary}")
    run = subprocess.run([*command, f"-max_total_time={seconds}", own, *seeds], capture_output=True, text=True,
                         errors="replace", check=False)
    return run.stderr[-4000:] if run.returncode else None


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--build", default="build")
    ap.add_argument("--seconds", type=int, default=60)
    ap.add_argument("names", nargs="*")
    args = ap.parse_args()
    failed = 0
    for name in args.names:
        trouble = fuzz(args.build, name, args.seconds)
        print(f"fuzz_{name:27} {'FAILED' if trouble else 'ok'} ({args.seconds} s)", flush=True)
        if trouble:
            print(trouble, flush=True)
            failed += 1
    print(f"fuzz: {len(args.names) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
