"""Set-up and end of calls."""
from case import Call, case, expect
from daemon import listener
from ua import Failure, Leg, sdp

PAIRS = [("a-udp", "b-udp"), ("a-tcp", "b-tcp"), ("a-udp", "b-tcp"), ("a-tcp", "b-udp"), ("a-tls", "b-tls"),
         ("a-tls", "b-udp"), ("a-v6", "b-udp"), ("b-udp", "a-udp"), ("b-tcp", "a-tcp"), ("b-udp", "a-v6")]
TWO = PAIRS[:2]


@case(*PAIRS)
def answered_bye_from_a(net, src, dst):
    call = Call(net, src, dst).up()
    expect(b"m=audio 40000" in call.b.invite.body, "the offer did not cross")
    expect(b"m=audio 40000" in call.answer.body, "the answer did not cross")
    call.bye()


@case(*PAIRS)
def answered_bye_from_b(net, src, dst):
    call = Call(net, src, dst).up()
    call.bye(call.b, call.a)


@case()
def leg_b_has_its_own_dialog(net):
    call = Call(net, max_forwards=41, headers=["X-Tenant: blue", "P-Asserted-Identity: <sip:1000@example.com>"])
    invite = call.b.invite
    expect(invite.call_id != call.a.call_id, "leg b has leg a's Call-ID")
    expect(invite.tag("from") != call.a.local_tag, "leg b has leg a's tag")
    expect(len(invite.all("via")) == 1, "leg b shows leg a's Via")
    expect(invite.get("max-forwards") == "40", f"Max-Forwards is {invite.get('max-forwards')}, not 40")
    expect(invite.get("x-tenant") == "blue", "an unknown header did not cross")
    expect("1000@example.com" in invite.get("p-asserted-identity"), "the asserted identity did not cross")
    call.up().bye()


@case(*TWO)
def busy(net, src, dst):
    call = Call(net, src, dst)
    call.b.answer(486, None)
    call.a.expect(486)
    call.b.await_request("ACK")
    call.recorded("rejected", "b", 486)


@case()
def declined_keeps_its_status(net):
    call = Call(net)
    call.b.answer(603, None)
    call.a.expect(603)
    call.b.await_request("ACK")
    call.recorded("rejected", "b", 603)


@case("a-udp", "a-tcp")
def no_route_is_404(net, src):
    leg = Leg.place(net.peer(src), listener(src), "999000")
    leg.expect(404)


@case(*TWO)
def cancel_while_ringing(net, src, dst):
    call = Call(net, src, dst)
    call.b.ring()
    call.a.expect(180)
    call.a.cancel(["Reason: SIP;cause=200;text=\"Call completed elsewhere\""])
    call.a.expect(200, "CANCEL")
    cancel = call.b.await_request("CANCEL")
    call.b.reply(cancel, 200)
    call.b.answer(487, None)
    call.a.expect(487)
    call.b.await_request("ACK")
    call.recorded("cancel", "a", 487)


@case(*TWO)
def cancel_before_any_provisional(net, src, dst):
    call = Call(net, src, dst)
    call.a.cancel()
    call.a.expect(200, "CANCEL")
    call.a.expect(487)
    call.b.no_request("CANCEL", 0.2)        # RFC 3261 9.1: not before a provisional response
    call.b.ring()
    call.b.reply(call.b.await_request("CANCEL"), 200)
    call.b.answer(487, None)
    call.b.await_request("ACK")
    call.recorded("cancel", "a")


@case()
def cancel_crosses_200(net):
    call = Call(net)
    call.b.ring()
    call.a.expect(180)
    call.a.cancel()
    call.b.await_request("CANCEL")
    call.b.answer()                         # too late for the CANCEL: the call is up over there and has to be ended
    call.a.expect(200, "CANCEL")
    call.a.expect(487)
    call.b.await_request("ACK")
    call.b.reply(call.b.await_request("BYE"), 200)
    call.recorded("cancel", "a")


@case(*TWO)
def early_media(net, src, dst):
    call = Call(net, src, dst)
    call.b.ring(183, sdp(call.far.host, port=40002))
    early = call.a.expect(183)
    expect(b"m=audio 40002" in early.body, "early media's SDP did not cross")
    call.b.answer(200, sdp(call.far.host, port=40002))
    call.a.expect(200)
    call.a.ack()
    call.b.await_request("ACK")
    call.bye()


@case()
def several_provisionals_cross(net):
    call = Call(net)
    for status in (180, 181, 182, 183):
        call.b.ring(status)
        call.a.expect(status)
    call.b.answer()
    call.a.expect(200)
    call.a.ack()
    call.b.await_request("ACK")
    call.bye()


@case()
def trying_comes_at_once(net):
    call = Call(net, take=False)
    call.a.expect(100, seconds=0.5)
    call.take()
    call.up().bye()


@case(*TWO)
def offerless_answer_in_ack(net, src, dst):
    call = Call(net, src, dst, body=None)
    expect(not call.b.invite.body, "an offer came from nowhere")
    call.b.ring()
    call.a.expect(180)
    call.b.answer(200, sdp(call.far.host, port=40010))
    offer = call.a.expect(200)
    expect(b"m=audio 40010" in offer.body, "the offer in the 200 did not cross")
    call.b.no_request("ACK", 0.2)           # held back until the answer is there
    call.a.ack(sdp(call.a.peer.host, port=40012))
    expect(b"m=audio 40012" in call.b.await_request("ACK").body, "the answer in the ACK did not cross")
    call.bye()


@case("both", "a-only", "b-required")
def reliable_provisional(net, how):
    """RFC 3262 on each leg by itself"""
    headers = [] if how == "b-required" else ["Supported: 100rel"]
    call = Call(net, dst="b-require" if how == "b-required" else "b-udp", headers=headers)
    offered = call.b.invite.get("require") + call.b.invite.get("supported")
    if how != "a-only":
        expect("100rel" in offered, "100rel was not offered to side b")
        call.b.ring(183, sdp(call.far.host), ["Require: 100rel", "RSeq: 7"])
        prack = call.b.await_request("PRACK")
        expect(prack.get("rack").split()[0] == "7", f"RAck is {prack.get('rack')}")
        call.b.reply(prack, 200)
    else:
        call.b.ring(183, sdp(call.far.host))
    early = call.a.expect(183)
    if early.get("rseq"):
        number = call.a.prack(early)
        call.a.expect(200, "PRACK", number)
    elif how == "both":
        raise Failure("side a supports 100rel and its peer used it, yet its 183 was not reliable")
    call.b.answer(200, sdp(call.far.host))
    call.a.expect(200)
    call.a.ack()
    call.b.await_request("ACK")
    call.bye()


@case()
def required_100rel_is_kept(net):
    call = Call(net, headers=["Require: 100rel"])
    call.b.ring()
    ringing = call.a.expect(180)
    expect("100rel" in ringing.get("require") and ringing.get("rseq"), "the caller requires 100rel, its 180 is not")
    number = call.a.prack(ringing)
    call.a.expect(200, "PRACK", number)
    call.b.answer()
    call.a.expect(200)
    call.a.ack()
    call.b.await_request("ACK")
    call.bye()


@case()
def redirect_is_followed_or_passed(net):
    """302 from b: the trunk's `redirect` says which; either way the caller gets an end and nothing of side b"""
    call = Call(net)
    call.b.answer(302, None, ["Contact: <sip:elsewhere@127.0.2.1:17200>"])
    call.b.await_request("ACK")
    try:
        again = Leg.take(call.far, "elsewhere", 1.0)
        again.answer(480, None)
        again.await_request("ACK")
    except Failure:
        pass
    final = call.a.expect((302, 404, 480, 500, 502, 503))
    expect("127.0.2." not in final.get("contact"), "the redirect shows the caller side b's addresses")


@case("a", "b", "both")
def record_route(net, where):
    """a proxy on a side: our requests in the dialog follow its route (RFC 3261 12.2.1.1)"""
    proxy_a, proxy_b = "<sip:127.0.1.1:17100;lr;x=near>", "<sip:127.0.2.1:17200;lr;x=far>"
    call = Call(net, record_route=proxy_a if where != "b" else None)
    extra = [f"Record-Route: {proxy_b}"] if where != "a" else []
    call.b.ring(180, None, extra)
    call.a.expect(180)
    call.b.answer(200, "answer", extra)
    answer = call.a.expect(200)
    if where != "b":
        expect("x=near" in answer.get("record-route"), "Record-Route of the request is missing in the 200")
        call.a.routes = []
    call.a.ack()
    ack = call.b.await_request("ACK")
    if where != "a":
        expect("x=far" in ack.get("route"), "the ACK does not follow side b's route")
    call.a.request("BYE")
    bye = call.b.await_request("BYE")
    if where != "a":
        expect("x=far" in bye.get("route"), "the BYE does not follow side b's route")
    call.b.reply(bye, 200)
    call.a.expect(200, "BYE")
    call.recorded("bye", "a", 200)


@case("a", "b")
def hangup_follows_route_to_a(net, ended_by):
    call = Call(net, record_route="<sip:127.0.1.1:17100;lr;x=near>").up()
    call.a.routes = []
    if ended_by == "a":
        call.bye()
        return
    call.b.request("BYE")
    bye = call.a.await_request("BYE")
    expect("x=near" in bye.get("route"), "the BYE to side a does not follow its route")
    call.a.reply(bye, 200)
    call.b.expect(200, "BYE")
    call.recorded("bye", "b", 200)


@case()
def bye_from_both_at_once(net):
    call = Call(net).up()
    call.a.request("BYE")
    call.b.request("BYE")
    call.a.expect(200, "BYE")
    call.b.expect(200, "BYE")
    for leg in (call.a, call.b):            # ours may have crossed with theirs
        try:
            leg.reply(leg.await_request("BYE", 0.3), 200)
        except Failure:
            pass
    call.recorded("bye")


@case()
def large_request_leaves_by_tcp(net):
    """RFC 3261 18.1.1: beyond 1300 bytes, where the target named no transport and TCP is there"""
    call = Call(net, "a-tcp", "b-both", at="b-tcp", body=sdp("127.0.1.1", filler=40))
    expect(call.b.invite.get("via").upper().startswith("SIP/2.0/TCP"), "its Via is not of TCP")
    expect(call.b.invite.body.count(b"a=fill:") == 40, "the body is not whole")
    call.up().bye()


@case()
def small_request_stays_on_udp(net):
    call = Call(net, "a-udp", "b-both")
    call.up().bye()


@case("a-udp", "a-tcp")
def early_bye_ends_the_call(net, src):
    """RFC 3261 15: the caller may end an early dialog with BYE"""
    call = Call(net, src)
    call.b.ring()
    call.a.expect(180)
    call.a.request("BYE")
    call.a.expect(200, "BYE")
    call.b.reply(call.b.await_request("CANCEL"), 200)
    call.b.answer(487, None)
    call.a.expect(487)
    call.b.await_request("ACK")
