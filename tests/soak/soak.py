#!/usr/bin/env python3
"""`make soak`: the daemon in bad company for SOAK_SECONDS, and then: is all as it was? The dice come from --seed, so
that what each of the company does can be had again; the moments are the machine's."""
import argparse
import collections
import json
import os
import random
import shutil
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "../sip")]
sys.dont_write_bytecode = True

import verdict                                              # noqa: E402 (the path comes first)
from bed import Bed                                         # noqa: E402
from menace import Menace                                   # noqa: E402
from message import Failure                                 # noqa: E402
from node import CALLERS                                    # noqa: E402
from peer import Peer                                       # noqa: E402
from roamer import Roamer                                   # noqa: E402
from robot import Robot                                     # noqa: E402
from steward import Breaker, Steward                        # noqa: E402
from world import CARRIER, MANAGER, OTHER, USERS, World     # noqa: E402

ROAMERS, MENACES, QUIET_S, SAMPLE_S = 8, 2, 100, 2
LONG_S = 300            # by then everybody has done everything
SPOILED_MAX = 5         # registrations that somebody who spoils messages may have asked for, for long


class NodeCaller(Robot):
    """calls clients through the call managers, by name"""

    def call(self, dest, called=None):
        super().call(dest, called or f"user{self.rng.randrange(USERS)}")


def company(world, rng, tally):
    """everybody, with dice of his own"""
    samples = collections.deque(maxlen=200)
    dice = lambda: random.Random(rng.random())      # noqa: E731
    carrier = Peer("udp", world.host(1), CARRIER)
    other = Peer("tcp", world.host(3), OTHER)
    homes = [(world.outside(), called) for called in (None, None, None, "user1")]
    nodes = [((node.host, CALLERS),) for node in world.nodes.values()]
    everybody = [Robot(carrier, dice(), tally, 2.0, homes, samples),
                 Robot(Peer("udp", world.host(2), MANAGER), dice(), tally, 1.0, [(world.inside(), None)], samples),
                 Robot(other, dice(), tally, 0.5, [(world.inside(), None)], samples),
                 Robot(Peer("tcp", world.host(129), 17150), dice(), tally, 0.7, homes, samples),
                 NodeCaller(Peer("udp", world.host(30), 17460), dice(), tally, 1.0, nodes)]
    everybody += [Roamer(world, number, dice(), tally, samples) for number in range(ROAMERS)]
    everybody += [Menace(world, dice(), tally, samples) for _ in range(MENACES)]
    stewards = [Steward(world, dice(), tally, pause_s) for pause_s in (0.5, 2)]
    return everybody + stewards + [Breaker(world, dice(), tally, 6)]


def watch(world, seconds, tally):
    """resident memory until then, or until the daemon is gone"""
    samples, end = [], time.monotonic() + seconds
    while time.monotonic() < end and world.daemon.alive():
        samples.append(world.daemon.rss_kib())
        if len(samples) % 15 == 0:
            print(f"  {int(end - time.monotonic()):5} s to go: {samples[-1]} KiB, {world.fds()} descriptors, "
                  f"{tally['placed']} calls placed, {tally['up']} up, {tally['REGISTER 200']} registered", flush=True)
        time.sleep(SAMPLE_S)
    return samples


def calm(world):
    """as it was configured first, all well; what is still there is ended"""
    world.write()
    for words in (("reload",), ("maintenance", "off"), ("stun", "on"), ("log", "level", "info"),
                  *(("node", "maintenance", name, "off") for name in world.nodes)):
        code, _, err = world.ctl(*words)
        if code:
            yield f"{' '.join(words)}: {err}"
    for one in json.loads(world.ctl("-j", "calls")[1])["calls"]:
        world.ctl("call", "end", one["call_id"])
    status = world.daemon.await_status(QUIET_S, calls=0, legs=0, transactions=0)
    left = {key: status.get(key) for key in ("calls", "legs", "transactions") if status.get(key) != 0}
    if left:
        yield f"left behind after {QUIET_S} s of quiet: {left}; {world.ctl('calls')[1][:2000]}"


def forgotten(world, fds, seconds=60):
    """what the last calls and clients have left goes by itself"""
    end = time.monotonic() + seconds
    while True:
        status = json.loads(world.ctl("-j", "status")[1])
        left = {"descriptors": (world.fds(status["connections"]), fds), "snapshots": (status["snapshots"], 1),
                "listeners_draining": (status["listeners_draining"], 0),
                "registrations": (status["registrations_current"], SPOILED_MAX)}
        left = {name: pair for name, pair in left.items() if pair[0] > pair[1]}
        if not left or time.monotonic() > end:
            break
        time.sleep(1)
    for name, (has, wanted) in left.items():
        yield f"{name}: {has}, not {wanted}" + (f":\n{world.holds()}" if name == "descriptors" else "")


def play(world, rng, seconds, tally):
    world.start()
    time.sleep(5)                       # connections to the call managers are there
    before = world.fds(json.loads(world.ctl("-j", "status")[1])["connections"])
    everybody = company(world, rng, tally)
    for one in everybody:
        one.start()
    samples = watch(world, seconds, tally)
    for one in everybody:
        one.end()
    yield from (fault for one in everybody for fault in getattr(one, "faults", ()))
    if not world.daemon.alive():
        yield f"the daemon is gone: exit {world.daemon.run.returncode}"
        yield from verdict.of_log(world)
        return
    yield from calm(world)
    yield from forgotten(world, before)
    found = verdict.metrics(world)
    yield from verdict.of_metrics(found)
    yield from verdict.of_memory(samples)
    yield from verdict.judge.ended(world.daemon)
    yield from verdict.of_log(world)
    yield from verdict.of_records(world, found)
    if seconds >= LONG_S:
        yield from verdict.of_traffic(tally)


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("--daemon", default="build/asan/twinleg")
    ap.add_argument("--seconds", type=int, default=600)
    ap.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    ap.add_argument("--folder", help="where its files stay")
    args = ap.parse_args()
    root = args.folder or tempfile.mkdtemp(prefix="twinleg-soak.")
    os.makedirs(root, exist_ok=True)
    print(f"soak: {args.seconds} s, --seed {args.seed}, files in {root}", flush=True)
    world, tally = World(args.daemon, Bed(f"{root}/soak", 0)), collections.Counter()
    try:
        faults = list(play(world, random.Random(args.seed), args.seconds, tally))
    except (OSError, Failure) as trouble:
        faults = [f"{type(trouble).__name__}: {trouble}"]
    finally:
        world.end()
    print("  " + ", ".join(f"{name} {count}" for name, count in sorted(tally.items())))
    print(*(f"fault: {fault}" for fault in faults), f"soak: {len(faults)} faults", sep="\n")
    if not faults and not args.folder:
        shutil.rmtree(root)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
