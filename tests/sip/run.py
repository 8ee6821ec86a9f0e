#!/usr/bin/env python3
"""Real peers against the real daemon on loopback: SIPp and a user agent of our own on both sides, one daemon for all
cases, and at its end: records, counters, and that neither side could learn anything of the other.

usage: tests/sip/run.py --daemon FILE [-v] [--keep] [NAME ...]      NAME: only cases whose names contain it"""
import argparse
import os
import re
import shutil
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

import capture                                              # noqa: E402 (the path comes first)
import cases_call                                           # noqa: E402,F401 (importing registers)
import cases_hunt                                           # noqa: E402,F401
import cases_mid                                            # noqa: E402,F401
import cases_wire                                           # noqa: E402
from case import CASES, Net                                 # noqa: E402
from daemon import CODES, TRUNKS, Daemon, listener, side_of  # noqa: E402
from sipp import KINDS, Sipp, await_port                    # noqa: E402
from ua import Failure                                      # noqa: E402


class Report:
    def __init__(self, verbose):
        self.verbose, self.passed, self.failed = verbose, 0, 0

    def result(self, name, trouble, seconds=None):
        took = "" if seconds is None else f" ({seconds:.1f} s)"
        if trouble:
            self.failed += 1
            print(f"  FAILED {name}: {trouble}", flush=True)
        else:
            self.passed += 1
            if self.verbose:
                print(f"  ok     {name}{took}", flush=True)


def run_case(net, name, function, arguments):
    """None, or what went wrong"""
    net.case = name
    try:
        net.flush()
        function(net, *arguments)
    except (Failure, OSError, KeyError, IndexError, ValueError) as trouble:
        return f"{type(trouble).__name__}: {trouble}" if not isinstance(trouble, Failure) else str(trouble)
    return None


def own_agent(net, report, chosen):
    for name, function, arguments in CASES:
        if not chosen(name):
            continue
        if not net.daemon.alive():
            report.result(name, "the daemon is gone")
            continue
        began = time.monotonic()
        report.result(name, run_case(net, name, function, arguments), time.monotonic() - began)


def sipp_calls(folder, report, chosen, placed):
    """every caller scenario over UDP and TCP, five calls each, then many calls at 100/s"""
    for proto in ("udp", "tcp"):
        dst, src = f"b-sipp-{proto}", f"a-{proto}"
        kinds = [(f"sipp-{kind.replace('_', '-')}-{proto}", kind, 5, 20) for kind in KINDS]
        if proto == "udp":
            kinds.append(("sipp-100-a-second-for-20-s", "caller_hangs_up", 2000, 100))
        kinds = [kind for kind in kinds if chosen(kind[0])]
        if not kinds:
            continue
        callee = Sipp(folder, "callee", "127.0.2.2", 17250, proto)
        await_port(proto, "127.0.2.2", 17250)
        for name, kind, calls, rate in kinds:
            began = time.monotonic()
            number = CODES[dst] + "000" + KINDS[kind]
            caller = Sipp(folder, kind, "127.0.1.2", 17150, proto, listener(src), calls, rate, number)
            code = caller.wait(calls // rate + 40)
            placed.append(calls)
            report.result(name, code and f"SIPp says {code}: {caller.errors()}", time.monotonic() - began)
        time.sleep(0.3)
        if callee.stop() > 0:
            screen = open(callee.screen, encoding="utf-8", errors="replace").read()
            failed = re.findall(r"Failed call\s*\|\s*\d+\s*\|\s*(\d+)", screen)
            count = failed[-1] if failed else "?"
            report.result(f"sipp-callee-{proto}", f"{count} calls failed: {callee.errors()[:600]}")


def check_records(net, placed, report):
    """one record a leg, and each of the calls that a case followed says what it should"""
    calls = net.daemon.records()
    trouble = []
    for call_id, legs in calls.items():
        names = sorted(leg["leg"] for leg in legs)
        if len(set(names)) != len(names) or "a" not in names:
            trouble.append(f"{call_id} has legs {names}")
    by_leg = {leg["sip_call_id"]: legs for legs in calls.values() for leg in legs}
    for case, call_id, wanted in net.records:
        legs = by_leg.get(call_id)
        if not legs:
            trouble.append(f"{case}: no record")
        for leg in legs or []:
            for key, value in wanted.items():
                if leg.get(key) != value and (key != "attempts" or leg["leg"] == "b"):
                    trouble.append(f"{case}: leg {leg['leg']}: {key} is {leg.get(key)}, not {value}")
    sipp = sum(1 for legs in calls.values() for leg in legs if leg["leg"] == "b" and leg["trunk"].startswith("b-sipp"))
    if sipp != sum(placed):
        trouble.append(f"{sipp} records of SIPp's calls instead of {sum(placed)}")
    report.result("call-records", "; ".join(trouble[:12]))


def check_end(daemon, report):
    code, last = daemon.stop()
    left = {key: last.get(key) for key in ("calls", "legs", "transactions")}
    report.result("nothing-left", None if not any(v != 0 for v in left.values()) else f"the last line says {left}")
    report.result("clean-exit", None if code == 0 else f"exit {code}: {daemon.log()[-1500:]}")


def check_leaks(net, pcap, report):
    messages = list(capture.wire_messages(pcap, side_of)) if pcap else []
    for name, peer in net.peers.items():
        if name != "stranger" and (peer.proto == "tls" or not pcap):
            messages += [(name[0], way == "in", raw) for way, raw in peer.log]
    found = capture.leaks(messages)
    if not messages:
        found = ["nothing was captured"]
    more = f" (and {len(found) - 6} more)" if len(found) > 6 else ""
    report.result(f"no-side-shows-the-other ({len(messages)} messages{'' if pcap else ', without capture'})",
                  "\n    ".join(found[:6]) + more if found else None)


def busy_ports():
    """listening ports of ours that somebody else holds"""
    import socket
    for listeners, *_ in TRUNKS.values():
        for proto, host, port in listeners:
            kind = socket.SOCK_DGRAM if proto == "udp" else socket.SOCK_STREAM
            with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, kind) as sock:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, int(proto != "udp"))
                try:
                    sock.bind((host, port))
                except OSError as error:
                    yield f"{proto} {host}:{port}: {error.strerror}"


def run_all(args, folder, report):
    def chosen(name):
        return not args.names or any(part in name for part in args.names)
    pcap = f"{folder}/wire.pcap"
    tcpdump = capture.start(pcap)
    daemon = Daemon(args.daemon, folder)
    net, placed = Net(daemon), []
    slow = threading.Thread(target=lambda: report.result("slow-no-ack", run_case_slow(net)), daemon=True)
    if chosen("slow-no-ack"):
        slow.start()
    own_agent(net, report, chosen)
    sipp_calls(folder, report, chosen, placed)
    if slow.is_alive():
        slow.join(60)
    check_end(daemon, report)
    check_records(net, placed, report)
    if tcpdump:
        capture.stop(tcpdump)
    check_leaks(net, pcap if tcpdump else None, report)
    net.close()


def run_case_slow(net):
    try:
        cases_wire.slow_no_ack(net)
    except (Failure, OSError) as trouble:
        return str(trouble)
    return None


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--daemon", required=True)
    ap.add_argument("-v", action="store_true", help="name what passes, too")
    ap.add_argument("--keep", action="store_true", help="keep the folder with configuration, log, records, capture")
    ap.add_argument("names", nargs="*")
    args = ap.parse_args()
    taken = list(busy_ports())
    if taken:
        print("\n".join(taken))
        return 1
    folder = tempfile.mkdtemp(prefix="twinleg-sip.")
    report, began = Report(args.v or bool(args.names)), time.monotonic()
    try:
        run_all(args, folder, report)
    except SystemExit as trouble:
        report.result("start", str(trouble))
    if report.failed or args.keep:
        print(f"  log, records and capture are in {folder}")
    else:
        shutil.rmtree(folder)
    print(f"sip: {report.passed} passed, {report.failed} failed  {time.monotonic() - began:.0f} s")
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
