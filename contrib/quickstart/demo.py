#!/usr/bin/env python3
"""`make demo`: starts twinleg with the quickstart configuration between a SIPp carrier and a SIPp call manager, places
some 200 calls of several kinds in both directions, then one whose legs have session timers of different length; shows
one of the many and that one on both legs, and counts all. Then a client registers with another configuration, and loses
its call manager. Exit 0: all went as wanted."""
import argparse
import json
import os
import re
import shutil
import socket
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "../../tests/sip")]
sys.dont_write_bytecode = True

import ladder                   # noqa: E402 (the paths come first)
import moving                   # noqa: E402
import sessions                 # noqa: E402
from daemon import Daemon       # noqa: E402
from sipp import Sipp           # noqa: E402

CONFIG = os.path.join(HERE, "twinleg.cfg")
HOST = "127.0.0.1"
OUTSIDE, INSIDE = (HOST, 5060), (HOST, 5062)
CARRIER, MANAGER = 5070, 5080
SECOND_MANAGER = moving.NODES["cm2"]
# what is seen, scenario of the caller, last digits of the number, calls, cause that the records give
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
TIMED = ("session timers: 422, refresh, hold", "caller_refreshes", "80", 1, "bye")
TIMED_CALLEE = "callee_wants_longer"


class Batch:
    """calls of one kind from one SIPp"""

    def __init__(self, folder, row, inbound, port):
        self.what, self.scenario, digits, self.wanted, self.cause = row
        self.inbound = inbound
        to, prefix = (OUTSIDE, "493012345") if inbound else (INSIDE, "4989876")
        self.sipp = Sipp(folder, self.scenario, HOST, port, "udp", to, self.wanted, 5, prefix + digits, 150)
        self.mark = re.compile(rf"^\d+-{self.sipp.run.pid}@")     # SIPp's Call-IDs

    def legs(self, calls):
        """its calls in the records"""
        return [legs for legs in calls.values() if any(self.mark.match(leg["sip_call_id"]) for leg in legs)]

    def line(self, calls):
        """(all as wanted, a line of the table)"""
        mine = self.legs(calls)
        right = [legs for legs in mine if len(legs) == 2 and {leg["cause"] for leg in legs} == {self.cause}]
        causes = ", ".join(sorted({leg["cause"] for legs in mine for leg in legs})) or "-"
        got = self.sipp.count("Successful call")
        good = got == self.wanted == len(right) and self.sipp.run.returncode == 0
        way = "carrier -> call manager" if self.inbound else "call manager -> carrier"
        text = f"  {way}  {self.what:<36}{self.wanted:>6}{got:>6}{len(right):>9}  {causes}"
        return good, text if good else f"{text}   <-- not as wanted\n      {self.sipp.errors()}"


def complain_of_busy_ports():
    for port in (OUTSIDE[1], INSIDE[1], CARRIER, MANAGER, SECOND_MANAGER):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            try:
                sock.bind((HOST, port))
            except OSError as error:
                sys.exit(f"demo: UDP port {port} of {HOST} cannot be used ({error.strerror}): another SIP program is "
                         f"running here; stop it and try again")


def configured_path(key, default):
    """of a file that the configuration names; its folder is made"""
    with open(CONFIG, encoding="utf-8") as lines:
        found = re.search(rf'^[^/\n]*\b{key}\s*=\s*"([^"]+)"', lines.read(), re.M)
    path = os.path.normpath(os.path.join(HERE, found.group(1) if found else default))
    os.makedirs(os.path.dirname(path), exist_ok=True)
    return path


def read_records(path, offset):
    """call -> its legs, of what was written since"""
    calls = {}
    with open(path, encoding="utf-8") as lines:
        lines.seek(offset)
        for line in lines:
            record = json.loads(line)
            calls.setdefault(record["call_id"], []).append(record)
    return calls


def place_calls(folder):
    """all kinds at once, each from a port of its own"""
    rows = [(row, True) for row in INBOUND] + [(row, False) for row in OUTBOUND]
    batches = [Batch(folder, row, inbound, 5101 + n) for n, (row, inbound) in enumerate(rows)]
    for batch in batches:
        batch.sipp.wait(45)
    return batches


def place_timed(folder):
    """the call with session timers, and its call manager"""
    manager = Sipp(folder, TIMED_CALLEE, HOST, MANAGER, more=("-aa",))
    try:
        batch = Batch(folder, TIMED, True, 5101 + len(INBOUND) + len(OUTBOUND))
        batch.sipp.wait(15)
    finally:
        manager.stop()
    return batch, manager


def show_ladder(daemon, call_id):
    """both legs as twinleg has seen them; the command stands above, to be tried again"""
    path = configured_path("socket", "twinleg.sock")
    code, out, err = daemon.ctl("-s", path, "call", "ladder", call_id)
    print(f"\n  $ twinlegctl call ladder {call_id}\n")
    print("\n".join("  " + line for line in (out if code == 0 else err).rstrip().split("\n")))
    return code == 0


def show_plain(daemon, batches, manager, calls):
    """one of the many, with its names and records"""
    batch = next(one for one in batches if one.scenario == SHOWN and one.inbound)
    for legs in batch.legs(calls):
        ids = {leg["leg"]: leg["sip_call_id"] for leg in legs}
        steps = ladder.of_call(batch.sipp, manager, ids["a"], ids["b"]) if set(ids) == {"a", "b"} else []
        if steps and show_ladder(daemon, legs[0]["call_id"]):
            ladder.names(steps, ids)
            print("\n  its records:")
            for leg in legs:
                print("   ", json.dumps({key: value for key, value in leg.items() if value not in (None, 0, "")}))
            return True
    print("  no call with two legs to show")
    return False


def show_timed(daemon, batch, manager, calls):
    """what the session timers did; as wanted? Each SIPp has seen this one call alone"""
    ids = [ladder.first_call(sipp) for sipp in (batch.sipp, manager)]
    if not all(ids):
        print(f"\n  {batch.what}: nothing of it came to the call manager")
        return False
    steps = ladder.of_call(batch.sipp, manager, *ids)
    records = {leg["leg"]: leg for legs in batch.legs(calls) for leg in legs}
    print("\n\n  A call whose legs have session timers of their own (SE: Session-Expires)")
    if not records or not show_ladder(daemon, records["a"]["call_id"]):
        return False
    return sessions.show(*(sessions.Leg(peer, [step for step in steps if step[1] == side], records.get(side, {}))
                           for side, peer in (("a", "carrier"), ("b", "call manager"))))


def count(batches, calls):
    """prints the table of all kinds; all as wanted?"""
    good = True
    print(f"\n  {'':25}{'':<36}{'wanted':>6}{'got':>6}{'records':>9}  cause")
    for batch in batches:
        well, line = batch.line(calls)
        good = good and well
        print(line)
    return good


def clean_end(daemon):
    """nothing left behind, and it stops when told"""
    daemon.await_status(3, calls=0, legs=0, transactions=0)
    code, final = daemon.stop()
    print("\n  twinleg: " + " ".join(f"{key}={value}" for key, value in final.items()) + f" exit={code}")
    return code == 0 and all(final.get(key) == 0 for key in ("calls", "legs", "transactions"))


def show_moving(program, folder, cdr):
    """the client that loses its call manager: two calls reach it, with a record for each leg"""
    offset = os.path.getsize(cdr)
    if not moving.show(program, folder, clean_end):
        return False
    causes = [sorted(leg["cause"] for leg in legs) for legs in read_records(cdr, offset).values()]
    if causes != [["bye", "bye"]] * 2:
        print(f"  its two calls have records with causes {causes}   <-- not as wanted")
    return causes == [["bye", "bye"]] * 2


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--daemon", default="build/release/twinleg")
    args = ap.parse_args()
    complain_of_busy_ports()
    folder, cdr = tempfile.mkdtemp(prefix="twinleg-demo."), configured_path("cdr", "cdr.jsonl")
    offset = os.path.getsize(cdr) if os.path.exists(cdr) else 0
    total = sum(row[3] for row in [*INBOUND, *OUTBOUND, TIMED])
    print(f"demo: {total} calls on {HOST}: carrier :{CARRIER} - twinleg :{OUTSIDE[1]} and :{INSIDE[1]} - "
          f"call manager :{MANAGER}")
    daemon, peers = Daemon(args.daemon, CONFIG, folder), []
    try:
        peers = [Sipp(folder, "callee", HOST, port, more=("-aa",)) for port in (MANAGER, CARRIER)]   # -aa: OPTIONS
        batches = place_calls(folder)
        for peer in peers:
            peer.stop()
        timed, manager = place_timed(folder)
        time.sleep(0.5)                         # the last records are being written
        calls = read_records(cdr, offset)
        good = all([show_plain(daemon, batches, peers[0], calls), show_timed(daemon, timed, manager, calls),
                    count([*batches, timed], calls), clean_end(daemon), show_moving(args.daemon, folder, cdr)])
    finally:
        for sipp in peers:
            sipp.kill()
        if daemon.alive():
            daemon.run.kill()
    if good:
        shutil.rmtree(folder)
        print(f"\ndemo: all {total} calls went as they should; their records are in {os.path.relpath(cdr)}")
        return 0
    print(f"\ndemo: something went wrong; logs are in {folder}\n" + daemon.log()[-1500:])
    return 1


if __name__ == "__main__":
    sys.exit(main())
