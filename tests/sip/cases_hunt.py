"""Targets that do not take the call, and the next one."""
from case import Call, case, expect

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
