"""A call manager fails: how long until its client is registered at the other one, and is called there again."""
import contextlib
import random
import time
from collections import namedtuple

from message import Failure
from mobile import Mobile
from scene import BRISK, Scene, demand, until

def again(node):
    node.kill()
    time.sleep(0.5)                     # as a supervisor does
    node.start()


# name -> (what is seen of it, what is done to a node, do its other clients' requests show it?)
Fault = namedtuple("Fault", "title strike shown")
FAULTS = {
    "restart": Fault("killed, and back at once, empty", lambda node: again(node), False),
    "kill": Fault("killed (kill -9)", lambda node: node.kill(), False),
    "stop": Fault("stopped in order", lambda node: node.stop(), False),
    "refuse": Fault("refuses connections", lambda node: node.order("refuse"), False),
    "hang": Fault("hangs: nothing is answered", lambda node: node.hang(), False),
    "maintenance": Fault("503 with Warning 382", lambda node: node.order("maintenance"), True),
    "busy": Fault("503 with Retry-After", lambda node: node.order("busy"), True),
}
TRANSPORTS = ("udp", "tcp", "tls")
# keepalives of the client: each so often, answered within; what it asks to be registered for; keys of `cluster`
Pace = namedtuple("Pace", "title every_s patience_s expires_s cluster")
PACES = {
    "default": Pace("keepalives each 30 s, 3 s for an answer, on both sides: the defaults", 30, 3, 120, ""),
    "brisk": Pace("keepalives each 4 s, 3 s for an answer; nodes each 5 s, 2 s", 4, 3, 60, BRISK),
}
Outcome = namedtuple("Outcome", "registered_s called_s why wait_s")
BUDGET_S = 60.0
PATIENCE_S = 150.0


@contextlib.contextmanager
def scene_of(program, bed, proto, pace):
    scene = Scene(program, bed, proto, proto, pace.cluster)
    try:
        yield scene
    finally:
        scene.end()
        if scene.daemon.alive():
            scene.stopped = scene.daemon.stop()


@contextlib.contextmanager
def mobile_of(scene, pace):
    mobile = Mobile(scene.phone, pace.every_s, pace.patience_s, pace.expires_s)
    mobile.start()
    try:
        yield mobile
    finally:
        mobile.end()


def call(scene, name):
    """through this node, to its end; false: the client is not to be had there"""
    leg = scene.invite(name)
    if leg.expect((200, 480), seconds=10).status == 480:
        return False
    leg.ack()
    leg.request("BYE")
    leg.expect(200, "BYE")
    return True


def first(mobile, at, what, condition):
    """the event that this is true for; asked once an event"""
    end, seen = time.monotonic() + PATIENCE_S, 0
    while time.monotonic() < end:
        events = mobile.since(at, what)
        for event in events[seen:]:
            if condition(event):
                return event
        seen = len(events)
        time.sleep(0.02)
    raise Failure(f"not {what} within {PATIENCE_S:g} s: {[event[1:] for event in mobile.since(at, 'asked')]}")


def measure(program, bed, name, proto, pace):
    """one fault, of the node where the client is; its keepalive and its refresh are due at any moment"""
    with scene_of(program, bed, proto, pace) as scene, mobile_of(scene, pace) as mobile:
        until("it is registered", 10, lambda: mobile.since(0, "registered"))
        home = scene.home(mobile.phone)
        other = scene.other(home)
        demand(call(scene, home), "it is not called before anything has happened")
        mate = scene.registered("bob")
        if scene.home(mate) != home:
            scene.ctl("node", "maintenance", other, "on")
            demand(mate.register().status == 200 and scene.home(mate) == home, "its mate is not where it is")
            scene.ctl("node", "maintenance", other, "off")
            scene.await_node(other, "up", "recovering")
        mobile.plan(random.uniform(0, pace.every_s), random.uniform(0, pace.expires_s / 2))
        at = time.monotonic()
        FAULTS[name].strike(scene.nodes[home])
        if FAULTS[name].shown:
            demand(mate.register().status == 200, "another client of the node is refused")
        moved = first(mobile, at, "registered", lambda event: name == "restart" or scene.home(mobile.phone) == other)
        there = scene.home(mobile.phone)
        asked = [event[0] for event in mobile.since(at, "asked") if event[0] <= moved[0]][-1]
        until("it is called again", 10, lambda: call(scene, there))
        scene.settle()
        return scene, Outcome(moved[0] - at, mobile.since(moved[0], "invited")[0][0] - at, moved[2], moved[0] - asked)
