#!/usr/bin/env python3
"""`make faults`: a client that knows AR_SK loses its call manager in each way, over each transport: how long until it
is registered at the other one, and until a call reaches it there. Exit 0: each time within a minute."""
import argparse
import concurrent.futures
import os
import shutil
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "../sip")]
sys.dont_write_bytecode = True

from bed import Bed                                                     # noqa: E402 (the path comes first)
from fault import BUDGET_S, FAULTS, PACES, TRANSPORTS, measure          # noqa: E402
from message import Failure                                             # noqa: E402


def attempt(program, root, number, name, proto, pace):
    """an Outcome, or what went wrong"""
    try:
        return measure(program, Bed(f"{root}/{number}", number), name, proto, pace)[1]
    except (Failure, OSError) as trouble:
        return f"{name} over {proto}: {trouble}"


def cell(outcomes):
    """the median of the times, and the longest"""
    good = sorted((one for one in outcomes if not isinstance(one, str)), key=lambda one: one.registered_s)
    if len(good) < len(outcomes):
        return f"{'failed':>20}"
    middle, called = good[len(good) // 2], sorted(one.called_s for one in good)[len(good) // 2]
    longest = f" ({good[-1].registered_s:.1f})" if len(good) > 1 else ""
    return f"{middle.registered_s:8.1f} {called:6.1f}{longest:8}"


def table(pace, results, transports):
    print(f"\n  {pace.title}\n")
    heads = "".join(f"{proto.upper():>20}   " for proto in transports)
    print(f"  {'seconds until registered elsewhere, called':44}{heads}")
    for name, one in FAULTS.items():
        rows = [results[name, proto] for proto in transports if (name, proto) in results]
        if rows:
            print(f"  {one.title:44}" + "   ".join(cell(row) for row in rows) + f"   by {why(rows)}")


def why(rows):
    """what made the clients register"""
    return ", ".join(sorted({one.why for row in rows for one in row if not isinstance(one, str)})) or "-"


def run(args, pace, root):
    rows = [(name, proto) for name in args.fault or FAULTS for proto in args.transport or TRANSPORTS]
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        waiting = [(row, pool.submit(attempt, args.daemon, root, number, *row, pace))
                   for number, row in enumerate(row for row in rows for _ in range(args.times))]
        results = {}
        for row, one in waiting:
            results.setdefault(row, []).append(one.result())
    return results


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("--daemon", default="build/release/twinleg")
    ap.add_argument("--pace", choices=PACES, default="default")
    ap.add_argument("--fault", action="append", choices=FAULTS, help="this one alone; may be given more than once")
    ap.add_argument("--transport", action="append", choices=TRANSPORTS)
    ap.add_argument("--times", type=int, default=1, help="how often each")
    ap.add_argument("--jobs", type=int, default=6, help="at a time")
    args = ap.parse_args()
    root, pace = tempfile.mkdtemp(prefix="twinleg-faults."), PACES[args.pace]
    results = run(args, pace, root)
    table(pace, results, args.transport or TRANSPORTS)
    outcomes = [one for row in results.values() for one in row]
    failed = [one for one in outcomes if isinstance(one, str)]
    late = [one for one in outcomes if not isinstance(one, str) and max(one[:2]) > BUDGET_S]
    print(*(f"\n  {one}" for one in failed), sep="")
    print(f"  {len(outcomes)} faults, {len(late)} later than {BUDGET_S:g} s, {len(failed)} failed"
          + (f"; logs are in {root}" if failed else ""))
    if not failed:
        shutil.rmtree(root)
    return 1 if failed or late else 0


if __name__ == "__main__":
    sys.exit(main())
