#!/usr/bin/env python3
"""`make demo`: starts twinleg with the quickstart configuration between a SIPp carrier and a SIPp call manager, places
about 200 calls of several kinds in both directions, shows one of them on both legs and counts all. Exit 0: all went as
wanted."""
import argparse
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from datetime import datetime

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../tests/sip"))
sys.dont_write_bytecode = True

from sipp import Sipp, await_port       # noqa: E402 (the path comes first)

CONFIG = os.path.join(HERE, "twinleg.cfg")
HOST = "127.0.0.1"
OUTSIDE, INSIDE = (HOST, 5060), (HOST, 5062)
CARRIER, MANAGER = 5070, 5080
# what is seen, scenario of the caller, last digits of the number, calls, causes that the records may give
INBOUND = [("answered, caller hangs up", "caller_hangs_up", "10", 60, "bye"),
           ("answered, callee hangs up", "caller_waits", "60", 20, "bye"),
           ("early media", "caller_early", "40", 20, "bye"),
           ("offer in the 200, answer in the ACK", "caller_offerless", "50", 10, "bye"),
           ("hold and resume", "caller_holds", "11", 10, "bye"),
           ("reliable ringing (PRACK)", "caller_pracks", "70", 10, "bye"),
           ("busy", "caller_busy", "20", 20, "rejected"),
           ("cancelled while ringing", "caller_cancels", "30", 20, "cancel")]
OUTBOUND = [("answered, caller hangs up", "caller_hangs_up", "10", 20, "bye"),
            ("busy", "caller_busy", "20", 10, "rejected")]
SHOWN = "caller_early"
STAMP = re.compile(r"^-{20,} (\S+ \S+)$\n^\w+ message (sent|received) [^\n]*\n\n", re.M)


def complain_of_busy_ports():
    for port in (5060, 5062, CARRIER, MANAGER):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            try:
                sock.bind((HOST, port))
            except OSError as error:
                sys.exit(f"demo: UDP port {port} of {HOST} cannot be used ({error.strerror}): another SIP program is "
                         f"running here; stop it and try again")


def records_path():
    found = re.search(r'^[^/\n]*\bcdr\s*=\s*"([^"]+)"', open(CONFIG, encoding="utf-8").read(), re.M)
    return os.path.join(HERE, found.group(1) if found else "cdr.jsonl")


def start_daemon(program, folder):
    log = f"{folder}/twinleg.log"
    run = subprocess.Popen([program, "-c", CONFIG], stdout=subprocess.DEVNULL, stderr=open(log, "w", encoding="utf-8"))
    end = time.monotonic() + 10
    while time.monotonic() < end and run.poll() is None:
        if "twinleg ready" in open(log, encoding="utf-8").read():
            return run, log
        time.sleep(0.05)
    run.kill()
    sys.exit("demo: twinleg did not get ready:\n" + open(log, encoding="utf-8").read())


def place_calls(folder):
    """[(row, direction, SIPp)]: all kinds at once, each from a port of its own"""
    running, port = [], 5100
    both = (("in", INBOUND, OUTSIDE, "+493012345"), ("out", OUTBOUND, INSIDE, "9493012345"))
    for direction, rows, to, prefix in both:
        for row in rows:
            port += 1
            caller = Sipp(folder, row[1], HOST, port, "udp", to, row[3], 5, prefix + row[2], row[1] == SHOWN, 150)
            running.append((row, direction, caller))
    for _, _, caller in running:
        caller.wait(45)
    return running


def messages(path):
    """(time, sent, text) of a SIPp message log"""
    text = open(path, encoding="utf-8", errors="replace").read()
    marks = list(STAMP.finditer(text))
    for mark, after in zip(marks, [m.start() for m in marks[1:]] + [len(text)]):
        stamp = datetime.strptime(mark.group(1), "%Y-%m-%d %H:%M:%S.%f").timestamp()
        yield stamp, mark.group(2) == "sent", text[mark.end():after]


def header(text, name):
    found = re.search(rf"^{name}:[ \t]*(.*?)[ \t]*$", text, re.M | re.I)
    return found.group(1) if found else ""


def label(text):
    words = text.split("\n", 1)[0].strip()
    words = words[8:] if words.startswith("SIP/2.0 ") else words.split(" ")[0]
    return words + (" +SDP" if re.search(r"^v=0", text, re.M) else "")


def ladder(caller, callee, call_a, call_b):
    """both legs of one call, by time"""
    steps = [(at, "a", sent, text) for at, sent, text in messages(caller) if header(text, "Call-ID") == call_a]
    steps += [(at, "b", sent, text) for at, sent, text in messages(callee) if header(text, "Call-ID") == call_b]
    steps.sort(key=lambda step: step[0])
    width = 30
    print(f"\n  {'ms':>8}  {'carrier':<{width}}{'twinleg':^9}{'call manager':>{width}}")
    for at, side, sent, text in steps:
        right = sent == (side == "a")           # towards the right edge of the page
        name = label(text)
        line = "-" * (width - len(name) - 3)
        arrow = f"{name} {line}>" if right else f"<{line} {name}"
        left, far = (arrow, "") if side == "a" else ("", arrow)
        print(f"  {1000 * (at - steps[0][0]):8.1f}  {left:<{width - 1}}{'|':^11}{far:<{width - 1}}")
    for name, call, side in (("leg a", call_a, "a"), ("leg b", call_b, "b")):
        invite = next((text for _, s, _, text in steps if s == side and label(text).startswith("INVITE")), "")
        print(f"\n  {name}: Call-ID {call}")
        for shown in ("From", "Contact", "Via"):
            print(f"         {shown} {header(invite, shown)}")


def read_records(path, offset):
    calls = {}
    if os.path.exists(path):
        with open(path, encoding="utf-8") as lines:
            lines.seek(offset)
            for line in lines:
                record = json.loads(line)
                calls.setdefault(record["call_id"], []).append(record)
    return calls


def table(running, calls):
    """prints what came of each kind; True when all is as wanted"""
    good = True
    print(f"\n  {'calls':<45}{'wanted':>8}{'got':>6}{'records':>9}  cause")
    for row, direction, caller in running:
        what, _, _, wanted, cause = row
        screen = open(caller.screen, encoding="utf-8", errors="replace").read()
        found = re.findall(r"Successful call\s*\|\s*\d+\s*\|\s*(\d+)", screen)
        got = int(found[-1]) if found else 0
        mark = re.compile(rf"^\d+-{caller.run.pid}@")
        mine = [legs for legs in calls.values() if any(mark.match(leg["sip_call_id"]) for leg in legs)]
        right = [legs for legs in mine if len(legs) == 2 and {leg["cause"] for leg in legs} == {cause}]
        causes = ", ".join(sorted({leg["cause"] for legs in mine for leg in legs})) or "-"
        well = got == wanted == len(right) and caller.run.returncode == 0
        good = good and well
        arrow = "carrier -> call manager" if direction == "in" else "call manager -> carrier"
        print(f"  {what + ', ' + arrow if direction == 'out' else what:<45}{wanted:>8}{got:>6}{len(right):>9}  {causes}"
              f"{'' if well else '   <-- not as wanted'}")
        if not well:
            print("      " + caller.errors().replace("\n", "\n      ")[:700])
    return good


def show_one(running, callee, calls):
    caller = next(c for row, direction, c in running if row[1] == SHOWN and direction == "in")
    mark = re.compile(rf"^\d+-{caller.run.pid}@")
    for legs in calls.values():
        by_leg = {leg["leg"]: leg["sip_call_id"] for leg in legs}
        if set(by_leg) == {"a", "b"} and mark.match(by_leg["a"]):
            ladder(caller.messages, callee.messages, by_leg["a"], by_leg["b"])
            return
    print("  no call with two legs to show")


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--daemon", default="build/release/twinleg")
    args = ap.parse_args()
    complain_of_busy_ports()
    folder = tempfile.mkdtemp(prefix="twinleg-demo.")
    cdr = records_path()
    offset = os.path.getsize(cdr) if os.path.exists(cdr) else 0
    daemon, log = start_daemon(args.daemon, folder)
    callees = [Sipp(folder, "callee", HOST, MANAGER, trace=True), Sipp(folder, "callee", HOST, CARRIER)]
    await_port("udp", HOST, MANAGER)
    await_port("udp", HOST, CARRIER)
    total = sum(row[3] for row in INBOUND + OUTBOUND)
    print(f"demo: {total} calls on {HOST}: carrier :{CARRIER} - twinleg :{OUTSIDE[1]} and :{INSIDE[1]} - "
          f"call manager :{MANAGER}")
    running = place_calls(folder)
    for callee in callees:
        callee.stop()
    time.sleep(0.5)                             # the last records are being written
    alive = daemon.poll() is None
    calls = read_records(cdr, offset)
    show_one(running, callees[0], calls)
    good = table(running, calls) and alive
    if alive:
        daemon.send_signal(signal.SIGTERM)      # drains; the second stops at once
        time.sleep(0.2)
        daemon.send_signal(signal.SIGTERM)
        daemon.wait(20)
    if good:
        shutil.rmtree(folder)
        print(f"\ndemo: all {total} calls went as they should")
        return 0
    print(f"\ndemo: something went wrong; logs are in {folder}\n" + open(log, encoding="utf-8").read()[-1500:])
    return 1


if __name__ == "__main__":
    sys.exit(main())
