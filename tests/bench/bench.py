#!/usr/bin/env python3
"""`make bench`: what a call costs in twinleg and, in the same run on the same machine, in Kamailio as a stateful proxy
that hides the topology. Prints a table with ratios; judges nothing. Machines are noisy: the ratios and the
instructions are what to compare between two days.

usage: bench.py --daemon FILE --callgen FILE [--cost FILE] [--load FILE] [--quick] [--only NAME] [--figure WORD]"""
import argparse
import os
import shutil
import tempfile
import time

import keepalives
import registrations
from dead_target import DEAD_KEYS, DEAD_TARGET
from element import Element, Trouble
from figures import FIGURES, Bench
from refreshes import standing_calls

HERE = os.path.dirname(os.path.abspath(__file__))
CONFIG = """
node = {{ name = "bench"; workers = {workers}; state_dir = "{folder}"; drain_seconds = 0; }};
{listen}
{profiles}
trunks = ( {{ name = "carrier"; listen = "outside"; targets = ( {{ uri = "sip:127.0.0.1:17490"; }} ); {keys}
             keepalive = {{ method = "none"; }}; }},
           {{ name = "manager"; listen = "inside"; targets = ( {dead}{{ uri = "sip:127.0.0.1:17480"; }} ); {keys}
             keepalive = {{ method = "none"; }}; }} );
routes = ( "routes.cfg" );
admin = {{ http = ""; cdr = "cdr.jsonl"; log = "stderr"; log_level = "{log_level}"; }};
"""
LISTEN = """listen = ( { name = "outside"; transport = "udp"; address = "127.0.0.1"; port = 17460; },
           { name = "inside"; transport = "udp"; address = "127.0.0.1"; port = 17462; } );"""
FRONTS = {keepalives.KEYS: keepalives.FRONT, registrations.KEYS: registrations.FRONT}
PROFILES = f'profiles = ( "{HERE}/../../profiles/rules/carrier-hygiene.cfg" );'
ROUTES = 'routes = ( { name = "all"; from = [ "carrier" ]; to = ( { trunk = "manager"; } ); } );\n'
NOTES = """
ratio: twinleg / kamailio, of the first number. CPU: user and system, with call records and log (twinleg: {log_level}).
Set-up: INVITE sent to 200 received, less the callee's own time; direct: the same without anything in between, take it
off. Memory: growth of RSS. twinleg keeps the transactions of a call for up to 32 s (RFC 3261 17, RFC 6026),
Kamailio for 5 s; a proxy keeps nothing of a standing call. Refreshes: {standing} standing calls, twinleg refreshes both
legs of each every 45 s (Session-Expires 90); CPU of all that it does meanwhile, by refresh. A proxy refreshes nothing.
Instructions: user space only; profiles: carrier-hygiene, in and out. Rules: over an INVITE of 1 KB, each with
something to do. Dead target: two targets share 200 calls/s, one is dead from the start and not probed; the first calls
find out, a silent one by no_reply_ms (4 s). STUN: 1,667 requests/s of registered UDP clients, as of 50,000 who ask each
30 s; batched: the same, from the cost of an answer when there are as many as it can take.
REGISTERs: UDP clients, ten at an address and with credentials, over one node, registrations on disk; new:
the first REGISTER of each of 100,000, the others refresh. 100,000 each 60 s: at that rate, and (full) from the cost of
one when there are as many as it can take. Bytes: growth of RSS from 10,000 to 100,000, after as many REGISTERs."""


def twinleg(daemon, log_level):
    def command(folder, workers, keys):
        config = CONFIG.format(workers=workers, folder=folder, log_level=log_level, keys=keys,
                               listen=FRONTS.get(keys, LISTEN),
                               profiles=PROFILES if "profile_" in keys else "",
                               dead=DEAD_TARGET if keys == DEAD_KEYS else "")
        for name, text in (("bench.cfg", config), ("routes.cfg", ROUTES)):
            with open(f"{folder}/{name}", "w", encoding="utf-8") as out:
                out.write(text)
        return [daemon, "-c", f"{folder}/bench.cfg"]
    return Element("twinleg", command, "127.0.0.1:17460", 17480)


def kamailio():
    def command(_folder, workers, _keys):
        return ["kamailio", "-DD", "-E", "-f", f"{HERE}/kamailio.cfg", "-x", "fm", "-X", "fm", "-m", "2048", "-M", "32",
                "-n", str(workers)]
    return Element("kamailio", command, "127.0.0.1:17461", 17481)


def shown(value, form):
    if isinstance(value, tuple):
        return " / ".join(shown(one, form) for one in value)
    return "-" if value is None else form.format(value)


def ratio(values):
    first = [value[0] if isinstance(value, tuple) and value else value for value in values[:2]]
    if len(first) < 2 or not all(isinstance(value, (int, float)) and value > 0 for value in first):
        return ""
    return f"{first[0] / first[1]:.2f}"


def figure(measure, bench, element, troubles):
    """None with a reason in `troubles`, or without one: there is no such figure of this element"""
    try:
        return measure(bench, element)
    except Trouble as why:
        element.stop()
        troubles.append(f"    {element.name}: {why}")
        return None


def table(bench, elements, word):
    direct = Element("direct", None, None, 17480)
    print(f"{'':40}" + "".join(f"{element.name:>20}" for element in elements) + f"{'ratio':>8}", flush=True)
    for title, form, measure, with_direct in FIGURES:
        if word not in title:
            continue
        troubles = []
        values = [figure(measure, bench, element, troubles) for element in elements]
        print(f"{title:40}" + "".join(f"{shown(value, form):>20}" for value in values) +
              f"{'' if measure.__name__ == 'split_of_workers' else ratio(values):>8}", flush=True)
        if with_direct:
            print(f"{'  the same, direct':40}{shown(figure(measure, bench, direct, troubles), form):>20}", flush=True)
        for trouble in troubles:
            print(trouble, flush=True)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--daemon", required=True)
    ap.add_argument("--callgen", required=True)
    ap.add_argument("--cost", help="the program that measures rules of profiles; without it they are left out")
    ap.add_argument("--load", help="the program that registers; without it the registration front is left out")
    ap.add_argument("-q", "--quick", action="store_true", help="shorter runs: about four minutes")
    ap.add_argument("--only", help="twinleg or kamailio")
    ap.add_argument("--figure", default="", help="a word of the figure's title")
    ap.add_argument("--log-level", default="info", help="of twinleg; below info it cannot say its lingering count")
    args = ap.parse_args()
    elements = [twinleg(os.path.abspath(args.daemon), args.log_level)]
    if shutil.which("kamailio"):
        elements.append(kamailio())
    else:
        print("no kamailio here: nothing to compare with")
    elements = [element for element in elements if args.only in (None, element.name)]
    folder, began = tempfile.mkdtemp(prefix="twinleg-bench."), time.monotonic()
    try:
        bench = Bench(args.callgen, args.cost, args.load, folder, args.quick)
        table(bench, elements, args.figure)
    finally:
        for element in elements:
            element.stop()
        shutil.rmtree(folder)
    print(NOTES.format(log_level=args.log_level, standing=standing_calls(bench)))
    print(f"took {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
