"""Set-up and end of calls."""
from case import Call, case, expect
from message import Failure, sdp

PAIRS = [("a-udp", "b-udp"), ("a-tcp", "b-tcp"), ("a-udp", "b-tcp"), ("a-tcp", "b-udp"), ("a-v6", "b-udp"),
         ("a-udp", "b-v6"), ("a-v6", "b-v6"), ("b-udp", "a-udp"), ("b-tcp", "a-tcp"), ("b-udp", "a-v6")]
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
    cancel = call.b.await_request("CANCEL")
    call.b.answer()                         # too late for the CANCEL: the call is up over there and has to be ended
    call.b.reply(cancel, 200)
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
    call.a.confirm(call.b)
    call.bye()


@case()
def several_provisionals_cross(net):
    call = Call(net)
    for status in (180, 181, 182, 183):
        call.b.ring(status)
        call.a.expect(status)
    call.b.answer()
    call.a.confirm(call.b)
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
