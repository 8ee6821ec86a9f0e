"""Reliable provisional responses (RFC 3262) on each leg by itself, and UPDATE (RFC 3311) before the answer."""
from case import Call, case, expect
from message import sdp

RELIABLE = ["Require: 100rel", "RSeq: 7"]
WILLING = ["Supported: 100rel"]


def reliable_early(call):
    """the callee's reliable 183 with the answer, acknowledged on both legs"""
    call.b.ring(183, sdp(call.far.host), RELIABLE)
    early = call.a.expect(183)
    expect(early.get("rseq") and "100rel" in early.get("require"), "the caller's 183 is not reliable")
    call.a.expect(200, "PRACK", call.a.prack(early))
    prack = call.b.await_request("PRACK")
    expect(prack.get("rack").split()[0] == "7", f"RAck is {prack.get('rack')}")
    call.b.reply(prack, 200)
    return early


def answer(call, body=None):
    call.b.answer(200, body)
    call.a.confirm(call.b)
    return call


@case(("a-udp", "b-udp"), ("a-tcp", "b-tcp"), ("b-udp", "a-udp"))
def reliable_on_both_legs(net, src, dst):
    call = Call(net, src, dst, headers=WILLING)
    expect("100rel" in call.b.invite.get("supported"), "100rel was not offered to the callee")
    reliable_early(call)
    answer(call).bye()


@case()
def reliable_on_leg_b_only(net):
    """the caller knows nothing of 100rel, the trunk b requires it"""
    net.begin(b_keys='rel100 = "require";')
    call = Call(net)
    expect("100rel" in call.b.invite.get("require"), "100rel was not required of the callee")
    call.b.ring(183, sdp(call.far.host), RELIABLE)
    call.b.reply(call.b.await_request("PRACK"), 200)
    early = call.a.expect(183)
    expect(not early.get("rseq") and "100rel" not in early.get("require"), "the caller got a reliable 183")
    answer(call).bye()


@case()
def reliable_on_leg_a_only(net):
    """RFC 3262 3: the caller requires 100rel, the callee's provisional is not reliable"""
    call = Call(net, headers=["Require: 100rel"])
    call.b.ring()
    ringing = call.a.expect(180)
    expect("100rel" in ringing.get("require") and ringing.get("rseq"), "the caller requires 100rel, its 180 is not")
    call.a.expect(200, "PRACK", call.a.prack(ringing))
    answer(call, sdp(call.far.host)).bye()


@case()
def reliable_switched_off(net):
    """rel100 = off: not offered to the callee"""
    net.begin(b_keys='rel100 = "off";')
    call = Call(net, headers=WILLING)
    expect("100rel" not in call.b.invite.get("supported") + call.b.invite.get("require"), "100rel was offered")
    call.b.ring()
    ringing = call.a.expect(180)
    if ringing.get("rseq"):                 # leg a is its own matter
        call.a.expect(200, "PRACK", call.a.prack(ringing))
    answer(call, sdp(call.far.host)).bye()


@case()
def reliable_again_until_prack(net):
    """RFC 3262 3: retransmitted after T1"""
    call = Call(net, headers=WILLING)
    call.b.ring(183, sdp(call.far.host), RELIABLE)
    first = call.a.expect(183)
    again = call.a.expect(183, seconds=2, copies=True)
    expect(again.raw == first.raw, "the copy differs")
    call.a.expect(200, "PRACK", call.a.prack(first))
    call.b.reply(call.b.await_request("PRACK"), 200)
    answer(call).bye()


@case()
def prack_of_nothing_is_481(net):
    """RFC 3262 3: RAck matches no unacknowledged response"""
    call = Call(net, headers=WILLING)
    early = reliable_early(call)
    number, method = early.cseq
    wrong = call.a.request("PRACK", headers=[f"RAck: 99999 {number} {method}"])
    call.a.expect(481, "PRACK", wrong)
    answer(call).bye()


@case("a", "b")
def update_before_the_answer(net, who):
    """RFC 3311 5.1: offer and answer are through, so either side may offer anew"""
    call = Call(net, headers=[*WILLING, "Allow: INVITE, ACK, BYE, CANCEL, PRACK, UPDATE"])
    reliable_early(call)
    one, other = (call.a, call.b) if who == "a" else (call.b, call.a)
    offer, reply = call.offer(one, 2, "sendonly"), call.offer(other, 2, "recvonly")
    there, back = call.cross(one, other, "UPDATE", offer, reply=reply)
    expect(b"a=sendonly" in there.body and b"a=recvonly" in back.body, "offer or answer did not cross")
    answer(call).bye()
