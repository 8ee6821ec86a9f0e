"""Requests within a call."""
from case import Call, case, expect
from message import sdp
from ua import Leg

BOTH = [("a-udp", "b-udp"), ("a-tcp", "b-tcp")]


def ends(call, who):
    return (call.a, call.b) if who == "a" else (call.b, call.a)


def reinvite(call, one, other, offer, answer):
    """offer and answer cross, the ACK too; returns the INVITE that came"""
    one.request("INVITE", offer)
    there = other.await_request("INVITE")
    other.reply(there, 200, answer)
    back = one.confirm(other)
    return there, back


@case(("a-udp", "b-udp", "a"), ("a-udp", "b-udp", "b"), ("a-tcp", "b-tcp", "a"), ("a-tcp", "b-tcp", "b"))
def hold_and_resume(net, src, dst, who):
    call = Call(net, src, dst).up()
    one, other = ends(call, who)
    for version, mine, theirs in ((2, "sendonly", "recvonly"), (3, "sendrecv", "sendrecv")):
        there, back = reinvite(call, one, other, call.offer(one, version, mine), call.offer(other, version, theirs))
        expect(f"a={mine}".encode() in there.body, f"a={mine} did not cross")
        expect(f"a={theirs}".encode() in back.body, f"a={theirs} did not come back")
    call.bye()


@case("a", "b")
def offerless_reinvite(net, who):
    """where all requests are to cross, it does, too"""
    net.begin(a_keys='midcall = "passthru";', b_keys='midcall = "passthru";')
    call = Call(net).up()
    one, other = ends(call, who)
    one.request("INVITE")
    there = other.await_request("INVITE")
    expect(not there.body, "an offer came from nowhere")
    other.reply(there, 200, sdp(other.peer.host, 2, port=40020))
    expect(b"m=audio 40020" in one.expect(200).body, "the offer did not come back")
    one.ack(sdp(one.peer.host, 2, port=40022))
    expect(b"m=audio 40022" in other.await_request("ACK").body, "the answer in the ACK did not cross")
    call.bye()


@case("a", "b")
def refused_reinvite_leaves_the_call(net, who):
    call = Call(net).up()
    one, other = ends(call, who)
    one.request("INVITE", call.offer(one, 2, "sendonly"))
    other.reply(other.await_request("INVITE"), 488)
    one.expect(488)
    other.await_request("ACK")
    call.bye()


@case("a", "b")
def info_crosses(net, who):
    call = Call(net).up()
    there, _ = call.cross(*ends(call, who), "INFO", b"Signal=5\r\nDuration=160\r\n",
                          ["Content-Type: application/dtmf-relay", "X-Kept: yes"])
    expect(there.body == b"Signal=5\r\nDuration=160\r\n", "INFO's body is not what was sent")
    expect(there.get("content-type") == "application/dtmf-relay", "INFO's type is not what was sent")
    call.bye()


@case("a", "b")
def message_crosses(net, who):
    call = Call(net).up()
    there, _ = call.cross(*ends(call, who), "MESSAGE", b"hello", ["Content-Type: text/plain"])
    expect(there.body == b"hello", "MESSAGE's body is not what was sent")
    call.bye()


@case("a", "b")
def options_in_dialog_is_answered(net, who):
    """across or by us, but with 200 while the dialog lives (RFC 3261 11.2)"""
    call = Call(net).up()
    one, other = ends(call, who)
    one.request("OPTIONS")
    other.peer.poll(0.3)
    for msg in [m for m in other.peer.inbox if m.method == "OPTIONS" and m.call_id == other.call_id]:
        other.reply(msg, 200)
    one.expect(200, "OPTIONS")
    call.bye()


@case("a", "b")
def update_confirmed(net, who):
    call = Call(net).up()
    one, other = ends(call, who)
    answer = call.offer(other, 2, "recvonly")
    there, back = call.cross(one, other, "UPDATE", call.offer(one, 2, "sendonly"), reply=answer)
    expect(b"a=sendonly" in there.body and b"a=recvonly" in back.body, "offer or answer did not cross")
    call.bye()


@case()
def crossing_reinvites_get_491(net):
    """RFC 3261 14.2: an offer of ours is open, theirs has to wait"""
    call = Call(net).up()
    call.a.request("INVITE", call.offer(call.a, 2, "sendonly"))
    there = call.b.await_request("INVITE")
    call.b.request("INVITE", call.offer(call.b, 2, "sendonly"))
    call.b.expect(491)
    call.b.reply(there, 200, call.offer(call.b, 2, "recvonly"))
    call.a.confirm(call.b)
    call.bye()


@case()
def second_reinvite_gets_500(net):
    """RFC 3261 14.2: with Retry-After, while the first has no final response"""
    call = Call(net).up()
    first = call.a.request("INVITE", call.offer(call.a, 2, "sendonly"))
    there = call.b.await_request("INVITE")
    second = call.a.request("INVITE", call.offer(call.a, 3, "inactive"))
    refusal = call.a.expect((500, 491), number=second)
    expect(refusal.status != 500 or refusal.get("retry-after"), "500 without Retry-After")
    call.b.reply(there, 200, call.offer(call.b, 2, "recvonly"))
    call.a.expect(200, number=first)
    call.a.ack(number=first)
    call.b.await_request("ACK")
    call.bye()


@case()
def bye_wins_over_open_reinvite(net):
    call = Call(net).up()
    call.a.request("INVITE", call.offer(call.a, 2, "sendonly"))
    there = call.b.await_request("INVITE")
    call.b.request("BYE")
    call.b.expect(200, "BYE")
    call.a.reply(call.a.await_request("BYE"), 200)
    call.b.reply(there, 487)
    call.a.expect((487, 481, 408, 500, 503))
    call.recorded("bye", "b", 200)


@case()
def old_cseq_is_refused(net):
    """RFC 3261 12.2.2: lower than before gets 500"""
    call = Call(net).up()
    call.cross(call.a, call.b, "INFO")
    call.a.request("INFO", number=call.a.cseq - 5)
    call.a.expect(500, "INFO")
    call.bye()


@case(*BOTH)
def unknown_method_in_dialog(net, src, dst):
    """across with its answer, or refused; either way the call goes on"""
    call = Call(net, src, dst).up()
    number = call.a.request("FROBNICATE")
    call.b.peer.poll(0.3)
    for msg in [m for m in call.b.peer.inbox if m.method == "FROBNICATE"]:
        call.b.reply(msg, 501)
    call.a.expect((405, 501), "FROBNICATE", number)
    call.bye()


@case()
def lost_dialog_ends_the_call(net):
    """481 to a request in the dialog: that leg is gone, so is the call (RFC 5057)"""
    call = Call(net).up()
    number = call.a.request("INFO")
    call.b.reply(call.b.await_request("INFO"), 481)
    call.a.expect(481, "INFO", number)
    try_reply(call.b)
    call.a.reply(call.a.await_request("BYE"), 200)


def try_reply(leg):
    """a BYE to a peer that says it has no call is allowed, not asked for"""
    leg.peer.poll(0.2)
    for msg in [m for m in leg.peer.inbox if m.method == "BYE" and m.call_id == leg.call_id]:
        leg.reply(msg, 481)


@case()
def replaces_names_the_other_side(net):
    """RFC 3891, with two workers: whoever owns the call that is named, the name is the one of the side it crosses to"""
    net.begin(workers=2)
    for _ in range(8):
        call = Call(net).up()
        named = f"{call.b.call_id};to-tag={call.b.remote_tag};from-tag={call.b.local_tag}"
        number = call.number + "9"
        third = Leg.place(net.peer("b-other"), net.listener("b-udp"), number, headers=[f"Replaces: {named}"])
        there = Leg.take(net.peer("a-udp"), number)
        wanted = f"{call.a.call_id};to-tag={call.a.local_tag};from-tag={call.a.remote_tag}"
        expect(there.invite.get("replaces") == wanted, f"Replaces: {there.invite.get('replaces')}, not {wanted}")
        there.answer(486)
        third.expect(486)
        call.bye()
    unknown = net.place("b-udp", headers=["Replaces: nobody;to-tag=1;from-tag=2"])
    unknown.expect(481)
