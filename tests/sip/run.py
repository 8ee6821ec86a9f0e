#!/usr/bin/env python3
"""Real peers against the real daemon on loopback: SIPp and a user agent of our own on both sides. Each case has a
daemon and addresses of its own; after each: nothing left behind, one record a leg, neither side could learn of the
other.

usage: tests/sip/run.py --daemon FILE [-v] [--keep] [--jobs N] [NAME ...]     NAME: only cases whose names contain it"""
import argparse
import concurrent.futures
import os
import shutil
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

import cases_auth               # noqa: E402,F401
import cases_call               # noqa: E402,F401 (the path comes first; importing registers)
import cases_ctl                # noqa: E402,F401
import cases_deb                # noqa: E402,F401
import cases_http               # noqa: E402,F401
import cases_dns                # noqa: E402,F401
import cases_explain            # noqa: E402,F401
import cases_failover           # noqa: E402,F401
import cases_flow               # noqa: E402,F401
import cases_front              # noqa: E402,F401
import cases_front_tls          # noqa: E402,F401
import cases_fault              # noqa: E402,F401
import cases_guard              # noqa: E402,F401
import cases_hunt               # noqa: E402,F401
import cases_install            # noqa: E402,F401
import cases_ladder             # noqa: E402,F401
import cases_life               # noqa: E402,F401
import cases_limits             # noqa: E402,F401
import cases_maintenance        # noqa: E402,F401
import cases_manual             # noqa: E402,F401
import cases_mid                # noqa: E402,F401
import cases_nodes              # noqa: E402,F401
import cases_peers              # noqa: E402,F401
import cases_ops                # noqa: E402,F401
import cases_privacy            # noqa: E402,F401
import cases_provider           # noqa: E402,F401
import cases_profile            # noqa: E402,F401
import cases_rel                # noqa: E402,F401
import cases_relay              # noqa: E402,F401
import cases_register           # noqa: E402,F401
import cases_reload             # noqa: E402,F401
import cases_ring              # noqa: E402,F401
import cases_route              # noqa: E402,F401
import cases_sipp               # noqa: E402,F401
import cases_store              # noqa: E402,F401
import cases_stun               # noqa: E402,F401
import cases_stream             # noqa: E402,F401
import cases_systemd            # noqa: E402,F401
import cases_timer              # noqa: E402,F401
import cases_timer_say          # noqa: E402,F401
import cases_timer_wait         # noqa: E402,F401
import cases_tls                # noqa: E402,F401
import cases_torture            # noqa: E402,F401
import cases_trace              # noqa: E402,F401
import cases_transfer           # noqa: E402,F401
import cases_wire               # noqa: E402,F401
import judge                    # noqa: E402
from case import CASES, Net     # noqa: E402
from message import Failure     # noqa: E402

if shutil.which("chromium"):    # `make page` installs it
    import cases_page           # noqa: F401


def play(one, net):
    """what went wrong in the case itself"""
    try:
        one.function(net, *one.arguments)
    except Failure as trouble:
        yield str(trouble)
    except (OSError, KeyError, IndexError, ValueError) as trouble:
        yield f"{type(trouble).__name__}: {trouble}"


def verdict(one, net):
    """the case, and what must hold after every case"""
    trouble = list(play(one, net))
    if net.daemon is None:
        return trouble
    daemons = [daemon for daemon in (net.daemon, net.second) if daemon]
    for daemon in daemons:
        if daemon.alive():
            trouble += judge.idle(daemon, one.settle_s if not trouble else 0.5)
    for sipp in net.callers:
        sipp.stop()
    for daemon in daemons:
        trouble += judge.ended(daemon, net.stopped if daemon is net.daemon else None)
        trouble += judge.log(daemon)
    trouble += judge.records(net.daemon.records(), net.records, net.calls)
    messages = list(net.messages())
    if net.calls and not any(sent for _, sent, _ in messages):
        trouble.append("there were calls, and no peer has written down what it got")
    return trouble + list(judge.leaks(messages, net.bed.foreign))[:4]


def run_case(one, number, args, root):
    net, began = Net(args.daemon, root, number), time.monotonic()
    try:
        trouble = verdict(one, net)
    finally:
        net.end()
    if not trouble and not args.keep:
        for bed in set(net.beds.values()):
            bed.remove()
    return trouble, net.bed.folder, time.monotonic() - began


def run_all(cases, args, root):
    """(passed, failed)"""
    failed = 0
    pool = concurrent.futures.ThreadPoolExecutor
    with pool(args.jobs) as busy, pool(max(1, sum(one.sleeps for one in cases))) as asleep:
        order = sorted(cases, key=lambda one: (-one.sleeps, -one.settle_s))
        running = {(asleep if one.sleeps else busy).submit(run_case, one, n + 1, args, root): one
                   for n, one in enumerate(order)}
        for done in concurrent.futures.as_completed(running):
            trouble, folder, seconds = done.result()
            name = running[done].name
            failed += bool(trouble)
            if trouble:
                print(f"  FAILED {name} ({folder})", *trouble, sep="\n    ", flush=True)
            elif args.v:
                print(f"  ok     {name} ({seconds:.1f} s)", flush=True)
    return len(cases) - failed, failed


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--daemon", required=True)
    ap.add_argument("-v", action="store_true", help="name what passes, too")
    ap.add_argument("--keep", action="store_true", help="keep configuration, log, records of what passes, too")
    ap.add_argument("--jobs", type=int, default=6, help="cases at a time, beside those that sleep")
    ap.add_argument("names", nargs="*")
    args = ap.parse_args()
    cases = [one for one in CASES if not args.names or any(part in one.name for part in args.names)]
    root, began = tempfile.mkdtemp(prefix="twinleg-sip."), time.monotonic()
    passed, failed = run_all(cases, args, root)
    if failed or args.keep:
        print(f"  logs and records are in {root}")
    else:
        shutil.rmtree(root)
    print(f"sip: {time.monotonic() - began:.0f} s\n{passed} passed, {failed} failed")
    return 1 if failed or not cases else 0


if __name__ == "__main__":
    sys.exit(main())
