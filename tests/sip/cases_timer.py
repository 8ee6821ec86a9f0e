"""Session timers and mid-call requests, as far as they need no waiting: what is granted, refused, answered by us, and
what crosses. Those that wait are in cases_timer_wait."""
from case import Call, case, expect
from message import Msg, sdp
from timer import ALLOW, TRUNKS, grants, wants

BOTH = [("a-udp", "b-udp"), ("a-tcp", "b-tcp")]
ENDS = [(*pair, who) for pair in BOTH for who in ("a", "b")]
ASSERTED = "P-Asserted-Identity: <sip:+4930{}@example.com>"


def begin(net, src="a-udp", dst="b-udp", keys=""):
    """timers from 90 s on both trunks; more keys"""
    return net.begin(src, dst, **{side: timer + keys for side, timer in TRUNKS.items()})


def ends(call, who):
    return (call.a, call.b) if who == "a" else (call.b, call.a)


def sent_last(call, leg):
    """the description in force that this end has of us"""
    return call.answer.body if leg is call.a else call.b.invite.body


def says_nothing(msg):
    for name in ("session-expires", "min-se", "require"):
        expect(not msg.get(name), f"{msg.start} has {name}: {msg.get(name)}")
    expect("timer" not in msg.get("supported"), f"{msg.start} lists timer")


# --- set-up
@case(*BOTH)
def target_says_422(net, src, dst):
    """RFC 4028 7.3: again in the same call with the next CSeq; the caller sees nothing of it"""
    call = Call(begin(net, src, dst), src, dst, headers=wants("uas", 90))
    first = call.b
    first.answer(422, None, ["Min-SE: 3600"])
    first.await_request("ACK")
    again = call.far.wait(lambda m: m.method == "INVITE" and m.call_id == first.call_id, "INVITE with more seconds")
    expect(again.cseq[0] == first.invite.cseq[0] + 1, f"CSeq {again.cseq} after {first.invite.cseq}")
    expect(again.get("session-expires").partition(";")[0] == "3600" and again.get("min-se") == "3600",
           f"asks for {again.get('session-expires')!r}, Min-SE {again.get('min-se')!r}")
    expect(again.body == first.invite.body, "the offer changed")
    first.invite = again
    call.up(grants("uac", 3600))
    seen = {Msg(raw).status for way, raw in net.peer(src).log if way == "in"}
    expect(seen <= {100, 180, 200}, f"the caller saw {seen}")
    expect(call.answer.get("session-expires") == "90;refresher=uas", "the caller's interval is not its own")
    call.bye()
    call.recorded(attempts=1)


@case(*BOTH)
def we_say_422(net, src, dst):
    """RFC 4028 9: below the 1800 s of a trunk as it comes; before routing, so without a call"""
    net.begin(src, dst)
    refused = net.place(src, headers=wants("uac", 90))
    expect(refused.expect(422).get("min-se") == "1800", "no Min-SE: 1800")
    net.peer(dst).silent(lambda m: m.method == "INVITE", "INVITE", 0.2)
    call = Call(net, src, dst, headers=wants("uac", 1800)).up(wants("uas", 1800))
    expect(call.answer.get("session-expires") == "1800;refresher=uac", "no 1800 s")
    call.bye()
    net.calls = 1


@case(*BOTH)
def timers_off(net, src, dst):
    """nothing of it crosses or is said; Require: timer gets 420 (RFC 3261 8.2.2.3)"""
    off = 'session_timer = { mode = "off"; };'
    net.begin(src, dst, a_keys=off, b_keys=off)
    refused = net.place(src, headers=["Require: timer", "Session-Expires: 90"])
    expect(refused.expect(420).get("unsupported") == "timer", "no Unsupported: timer")
    call = Call(net, src, dst, headers=wants("uac", 90, "Min-SE: 90")).up(grants("uac", 1800))
    says_nothing(call.b.invite)
    says_nothing(call.answer)
    number = call.a.request("UPDATE", None, ["Require: timer"])
    expect(call.a.expect(420, "UPDATE", number).get("unsupported") == "timer", "no Unsupported: timer in the call")
    call.bye()


@case(*BOTH)
def malformed_session_expires(net, src, dst):
    """400 outside and inside a call, and the call lives"""
    begin(net, src, dst)
    for line in ("Session-Expires: soon", "x: -90", "Session-Expires: 99999999999", "Min-SE: 9 0"):
        answer = net.place(src, headers=["Supported: timer", line]).expect(400)
        expect("Bad " + ("Min-SE" if "Min" in line else "Session-Expires") in answer.start, f"{answer.start} to {line}")
    call = Call(net, src, dst, headers=wants("uas")).up(wants("uas"))
    for leg in (call.a, call.b):
        leg.expect(400, "UPDATE", leg.request("UPDATE", None, ["Session-Expires: ;"]))
        leg.expect(400, "INVITE", leg.request("INVITE", sdp(leg.peer.host), ["Session-Expires: soon"]))
    call.cross(call.a, call.b, "INFO")
    call.bye()
    net.calls = 1


# --- in the call
@case(*ENDS)
def refresh_is_consumed(net, src, dst, who):
    """re-INVITE and UPDATE that change nothing: 200 with our description in force, and the other side is silent"""
    call = Call(begin(net, src, dst), src, dst, headers=wants("uac", 90, ALLOW)).up(wants("uas", 90, ALLOW))
    one, other = ends(call, who)
    for method, body in (("INVITE", sdp(one.peer.host)), ("UPDATE", sdp(one.peer.host)), ("UPDATE", None),
                         ("INVITE", sdp(one.peer.host, 2))):
        number = one.request(method, body, wants("uac"))
        back = one.expect(200, method, number)
        if method == "INVITE":
            one.ack()
        expect(back.body == (sent_last(call, one) if body else b""), f"{method} got the body {back.body!r}")
        expect(back.get("session-expires") == "90;refresher=uac", f"{method} got {back.get('session-expires')!r}")
        expect("timer" in back.get("require"), "Require does not tell the refresher")
    for method in ("INVITE", "UPDATE"):
        other.no_request(method, 0.1)
    call.bye()


@case(*ENDS)
def hold_crosses(net, src, dst, who):
    """a changed description is the other side's business; the intervals are not"""
    call = Call(begin(net, src, dst), src, dst, headers=wants("uac", 90)).up(wants("uas", 100))
    one, other = ends(call, who)
    mine, theirs = (90, 100) if who == "a" else (100, 90)
    one.request("INVITE", call.offer(one, 2, "sendonly"), wants("uac", mine))
    there = other.await_request("INVITE")
    expect(b"a=sendonly" in there.body, "the hold did not cross")
    expect(there.get("session-expires") == f"{theirs};refresher=uas", f"went on as {there.get('session-expires')!r}")
    other.reply(there, 200, call.offer(other, 2, "recvonly"), wants("uas", theirs))
    back = one.expect(200)
    expect(b"a=recvonly" in back.body, "the answer did not come back")
    expect(back.get("session-expires") == f"{mine};refresher=uac", f"came back as {back.get('session-expires')!r}")
    one.ack()
    other.await_request("ACK")
    call.bye()


@case("a", "b")
def new_identity_crosses(net, who):
    """RFC 3325: an UPDATE that says only who speaks now; said again it changes nothing"""
    call = Call(begin(net)).up()
    one, other = ends(call, who)
    there, _ = call.cross(one, other, "UPDATE", None, [ASSERTED.format(1)])
    expect("+49301@example.com" in there.get("p-asserted-identity") and not there.body, "not what was sent")
    one.expect(200, "UPDATE", one.request("UPDATE", None, [ASSERTED.format(1)]))
    other.no_request("UPDATE", 0.2)
    there, _ = call.cross(one, other, "UPDATE", None, [ASSERTED.format(2)])
    expect("+49302@example.com" in there.get("p-asserted-identity"), "not what was sent")
    call.bye()


@case("a", "b")
def passthru_crosses_all(net, who):
    call = Call(begin(net, keys='midcall = "passthru";'), headers=wants("uac")).up(wants("uas"))
    one, other = ends(call, who)
    one.request("INVITE", sdp(one.peer.host), wants("uac"))
    there = other.await_request("INVITE")
    expect(there.body == sent_last(call, other), "the same description did not cross as it was")
    expect(there.get("session-expires") == "90;refresher=uas", f"went on as {there.get('session-expires')!r}")
    other.reply(there, 200, "answer", wants("uas"))
    expect(one.expect(200).body == sent_last(call, one), "the same answer did not come back as it was")
    one.ack()
    other.await_request("ACK")
    there, _ = call.cross(one, other, "UPDATE", None, wants("uac"))
    expect(not there.body, "a body came from nowhere")
    call.bye()


@case("a", "b")
def block_refuses_changes(net, who):
    """488 to a change on either leg, 200 to a refresh; the strict trunk may be the other one"""
    net.begin(a_keys=TRUNKS["a_keys"], b_keys=TRUNKS["b_keys"] + 'midcall = "block";')
    call = Call(net, headers=wants("uac")).up(wants("uas"))
    one, other = ends(call, who)
    one.expect(488, number=one.request("INVITE", call.offer(one, 2, "sendonly")))
    one.expect(488, "UPDATE", one.request("UPDATE", call.offer(one, 2, "sendonly")))
    back = one.expect(200, number=one.request("INVITE", sdp(one.peer.host), wants("uac")))
    one.ack()
    expect(back.body == sent_last(call, one), "not the description in force")
    for method in ("INVITE", "UPDATE"):
        other.no_request(method, 0.1)
    call.bye()


@case(*BOTH)
def early_offer(net, src, dst):
    """an offerless INVITE leaves with an offer of ours; the caller's answer reaches the target by re-INVITE"""
    net.begin(src, dst, b_keys="early_offer = true;")
    call = Call(net, src, dst, body=None)
    offer = call.b.invite.body
    expect(b"m=audio 9 RTP/AVP 8 0 101" in offer, f"no offer of ours: {offer!r}")
    expect(f"c=IN IP4 {net.bed.host(20)}".encode() in offer, "its address is not ours")
    call.b.ring()
    call.a.expect(180)
    call.b.answer(200, sdp(call.far.host, port=40010))
    call.b.await_request("ACK")
    expect(b"m=audio 40010" in call.a.expect(200).body, "the caller is not offered what the target has")
    call.a.ack(sdp(call.a.peer.host, port=40012))
    there = call.b.await_request("INVITE")
    expect(b"m=audio 40012" in there.body, "the caller's answer did not reach the target")
    call.b.reply(there, 200, sdp(call.far.host, port=40010))
    call.b.await_request("ACK")
    call.a.no_request("INVITE", 0.2)
    call.bye()
