"""Targets that do not take the call, and the next one."""
import json
import re
import signal
import time

from case import Call, case, expect
from sipp import Sipp

TWO = ("b-other", "b-udp")
QUICK = "timers = { no_reply_ms = 700; };"


def two_targets(net, keys=""):
    """both are there from the start"""
    net.begin(b=TWO, b_keys=keys)
    for name in TWO:
        net.peer(name)


@case(("a-udp", "udp"), ("a-tcp", "tcp"))
def next_target_after_refused_port(net, src, kind):
    dead = "b-refused" if kind == "udp" else "b-refused-tcp"
    net.begin(src, (dead, f"b-{kind}"))
    call = Call(net, src, f"b-{kind}")
    call.up().bye()
    call.recorded(attempts=2)


@case(settle_s=40)
def next_target_after_silence(net):
    """no_reply_ms"""
    two_targets(net, QUICK)                 # the first says nothing
    call = Call(net)
    call.up().bye()
    call.recorded(attempts=2)


@case("503", "500", "408")
def next_target_after_status(net, status):
    two_targets(net)
    call = Call(net, dst="b-other")
    first = call.b
    first.answer(int(status), None)
    first.await_request("ACK")
    second = call.take("b-udp")
    expect(second.invite.get("via") != first.invite.get("via"), "the second INVITE has the first one's branch")
    call.up().bye()
    call.recorded(attempts=2)


@case("486", "404", "603")
def no_next_target_after_status(net, status):
    """only what hunt_on lists tries the next"""
    two_targets(net)
    call = Call(net, dst="b-other")
    call.b.answer(int(status), None)
    call.b.await_request("ACK")
    call.a.expect(int(status))
    call.recorded("rejected", "b", int(status), attempts=1)


@case()
def rings_too_long(net):
    """no_answer_s: CANCEL over there, 408 here"""
    net.begin(b_keys="timers = { no_answer_s = 1; };")
    call = Call(net)
    call.b.ring()
    call.a.expect(180)
    call.b.reply(call.b.await_request("CANCEL"), 200)
    call.b.answer(487, None)
    call.b.await_request("ACK")
    call.a.expect(408)
    call.recorded("timeout", "us")


@case("refused", "silent", "tcp", settle_s=40)
def all_targets_dead(net, how):
    dead = {"refused": "b-refused", "silent": "b-other", "tcp": "b-refused-tcp"}[how]
    net.begin(b=(dead,), b_keys=QUICK)
    if how == "silent":
        net.peer("b-other")
    call = Call(net, take=False)
    call.a.expect((408, 480, 500, 502, 503, 504))
    call.recorded(ended_by="us")


@case(settle_s=40)
def late_200_of_a_left_target_is_hung_up(net):
    """the first target answers after the second was tried: that call is ended, the caller's goes on"""
    two_targets(net, QUICK)
    call = Call(net, dst="b-other")
    late = call.b
    call.take("b-udp")
    late.answer()
    late.await_request("ACK")
    late.reply(late.await_request("BYE"), 200)
    call.up().bye()


KEEPALIVE = ("keepalive = { up_interval_s = 1; down_interval_s = 1; retries = 2; }; "
             "timers = { no_reply_ms = 500; };")


def callee(net, name):
    """SIPp as a call manager that answers OPTIONS"""
    proto, host, port = net.bed.place(name)
    net.callers.append(Sipp(net.bed.folder, "callee", host, port, proto, side="b", more=("-aa",)))
    return net.callers[-1]


def place_of(net, uri):
    code, out, err = net.daemon.ctl("-j", "trunks")
    expect(code == 0, f"twinlegctl trunks: {err}")
    trunk = next(t for t in json.loads(out)["trunks"] if t["name"] == "callmanager")
    target = next(t for t in trunk["targets"] if t["uri"] == uri)
    return trunk, target["places"][0]


def await_place(net, uri, state, seconds):
    end = time.monotonic() + seconds
    while True:
        trunk, place = place_of(net, uri)
        if place["state"] == state or time.monotonic() > end:
            expect(place["state"] == state, f"{uri} is not {state}: {place}")
            return trunk, place
        time.sleep(0.1)


@case("killed", "frozen", settle_s=45)
def call_manager_dies_under_load(net, how):
    """two share 200 calls/s; one dies: each call is answered all the same, and what happened is shown"""
    calls, rate = 1000, 200
    net.begin(b=TWO, b_keys=KEEPALIVE, workers=2, alike=True)
    dying, _ = callee(net, "b-other"), callee(net, "b-udp")
    proto, host, port = net.bed.place("a-udp")
    caller = Sipp(net.bed.folder, "caller_hangs_up", host, port, proto, net.listener("a-udp"), calls, rate, "493040",
                  side="a", lasts_s=10)
    net.callers.append(caller)
    time.sleep(2)
    dying.run.send_signal(signal.SIGKILL if how == "killed" else signal.SIGSTOP)
    code = caller.wait(60)
    expect(code == 0 and caller.count("Successful call") == calls, f"SIPp as caller says {code}: {caller.errors()}")
    uri = net.bed.uri("b-other")
    trunk, place = await_place(net, uri, "down", 10)
    expect(trunk["state"] == "degraded", f"the trunk is {trunk['state']}")
    expect(place["evidence"].startswith("options-"), f"{place}")
    expect(trunk["attempts"]["silent"] + trunk["attempts"]["unreachable"] > 0, f"{trunk['attempts']}")
    expect(trunk["attempts"]["answered"] == calls, f"{trunk['attempts']}")
    _, metrics, _ = net.daemon.ctl("metrics")
    up = dict(re.findall(r'^twinleg_trunk_up\{trunk="callmanager",target="([^"]+)"\} ([01])$', metrics, re.M))
    expect(up == {uri: "0", net.bed.uri("b-udp"): "1"}, f"trunk_up: {up}")
    expect("state=down" in net.daemon.log() and "evidence=options-" in net.daemon.log(), "the log says nothing")
    net.calls = calls


@case()
def call_manager_comes_back(net):
    """down, 503 for callers with Retry-After; up again by itself, and calls go on"""
    net.begin(b_keys=KEEPALIVE)
    uri = net.bed.uri("b-udp")
    trunk, _ = await_place(net, uri, "down", 15)
    expect(trunk["state"] == "busy", f"the trunk is {trunk['state']}")
    refused = Call(net, take=False, dst="b-other")
    expect(refused.a.expect(503).get("retry-after") == "1", "no Retry-After")
    refused.recorded("rejected", "us", attempts=0)
    callee(net, "b-udp")
    await_place(net, uri, "up", 15)
    proto, host, port = net.bed.place("a-udp")
    caller = Sipp(net.bed.folder, "caller_hangs_up", host, port + 1, proto, net.listener("a-udp"), 5, 10, "493010",
                  side="a")
    net.callers.append(caller)
    expect(caller.wait(30) == 0, f"SIPp as caller: {caller.errors()}")
    net.calls = 6
