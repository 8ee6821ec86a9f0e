"""Retransmissions, requests out of place, strangers, routes."""
from case import Call, case, expect
from message import fresh
from ua import Leg


def probe(net, name="a-udp"):
    """the daemon still answers"""
    return net.place(name, "ping", body=None, method="OPTIONS").expect(200, "OPTIONS")


def outside(net, name="a-udp"):
    """a dialog that nobody but us knows of"""
    leg = Leg(net.peer(name), net.listener(name))
    leg.call_id, leg.local_tag = fresh("call-"), fresh("tag")
    where = "{}:{}".format(*leg.dest)
    leg.local, leg.remote = f"<sip:1000@{leg.peer.sent_by()}>", f"<sip:2000@{where}>"
    leg.target = f"sip:2000@{where}"
    return leg


@case("a-udp", "a-tcp", "a-v6", "b-udp")
def options_out_of_dialog(net, name):
    net.begin(a=name if name[0] == "a" else "a-udp")
    probe(net, name)


@case("a-udp", "a-tcp")
def unknown_method(net, name):
    net.begin()
    net.place(name, "ping", body=None, method="FROBNICATE").expect((405, 501), "FROBNICATE")


@case("a-udp", "a-tcp")
def unknown_require(net, name):
    """RFC 3261 8.2.2.3"""
    net.begin()
    refusal = net.place(name, headers=["Require: nothing-of-ours"]).expect(420)
    expect("nothing-of-ours" in refusal.get("unsupported"), "Unsupported does not name the tag")


@case("a-udp", "a-tcp")
def max_forwards_zero(net, name):
    net.begin()
    net.place(name, max_forwards=0).expect(483)


@case("BYE", "INFO", "UPDATE", "PRACK", "INVITE")
def unknown_dialog_is_481(net, method):
    leg = outside(net.begin())
    leg.remote_tag = fresh("tag")
    leg.request(method, headers=["RAck: 1 1 INVITE"] if method == "PRACK" else [])
    leg.expect(481, method)


@case()
def cancel_of_nothing_is_481(net):
    leg = outside(net.begin())
    leg.invite_cseq, leg.sent[1] = 1, ("INVITE", "z9hG4bK" + fresh(""), leg.target)
    leg.cancel()
    leg.expect(481, "CANCEL")


@case()
def stranger_gets_nothing(net):
    """a source that no trunk knows is dropped, and counted"""
    leg = net.begin().place("stranger")
    leg.peer.silent(lambda m: True, "an answer to a stranger", 0.5)
    expect(net.daemon.await_status(2, dropped=1).get("dropped") == 1, "the drop was not counted")
    net.calls = 0


@case()
def stranger_is_rejected(net):
    """unknown_source = reject"""
    net.begin(security='unknown_source = "reject";')
    net.place("stranger").expect(403)
    net.calls = 0


@case()
def wrong_tag_is_481(net):
    call = Call(net).up()
    good, call.a.remote_tag = call.a.remote_tag, "guessed"
    number = call.a.request("BYE")
    call.a.expect(481, "BYE", number)
    call.a.remote_tag = good
    call.bye()


@case()
def invite_again_gets_the_same_answer(net):
    """RFC 3261 17.2.1: a retransmission meets the last response, and leg b sees nothing of it"""
    call = Call(net)
    call.b.ring()
    first = call.a.expect(180)
    call.a.peer.send(call.a.last, call.a.dest)
    again = call.a.expect(180, copies=True)
    expect(again.raw == first.raw, "the response to a retransmission differs")
    call.far.silent(lambda m: m.method == "INVITE" and m.user() == call.number and m.raw != call.b.invite.raw,
                    "a second INVITE", 0.2)
    call.b.answer()
    call.a.confirm(call.b)
    call.bye()


@case()
def silent_target_gets_the_invite_again(net):
    """timer A: 500 ms, 1 s (UDP)"""
    call = Call(net)
    again = call.b.await_request("INVITE", 1.5, copies=True)
    expect(again.raw == call.b.invite.raw, "a retransmission differs from its first")
    call.up().bye()


@case()
def lost_ack_brings_the_200_again(net):
    """RFC 3261 13.3.1.4: resent until the ACK"""
    call = Call(net)
    call.b.answer()
    first = call.a.expect(200)
    again = call.a.expect(200, seconds=2, copies=True)
    expect(again.raw == first.raw, "the 200 differs when sent again")
    call.a.ack()
    call.b.await_request("ACK")
    call.a.peer.poll(0.2)
    call.a.peer.inbox.clear()
    call.a.peer.silent(lambda m: m.status == 200 and m.call_id == call.a.call_id, "200 after the ACK", 1.2)
    call.bye()


@case()
def repeated_200_gets_the_ack_again(net):
    """RFC 3261 13.2.2.4"""
    call = Call(net)
    raw = call.b.answer()
    call.a.confirm(call.b)
    call.far.send(raw, call.b.invite.path)
    call.b.await_request("ACK", copies=True)
    call.bye()


@case()
def bye_again_gets_200_again(net):
    call = Call(net).up()
    call.bye()
    call.a.peer.send(call.a.last, call.a.where())
    call.a.expect(200, "BYE", copies=True)


@case("a", "b", "both")
def record_route(net, where):
    """RFC 3261 12.2.1.1: a proxy on a side: our requests in the dialog follow its route"""
    near, far = (f"<sip:{net.bed.host(n)}:{port};lr;x=proxy>" for n, port in ((1, 17100), (2, 17200)))
    call = Call(net, record_route=near if where != "b" else None)
    extra = [f"Record-Route: {far}"] if where != "a" else []
    call.b.ring(180, None, extra)
    call.a.expect(180)
    call.b.answer(200, "answer", extra)
    answer = call.a.expect(200)
    if where != "b":
        expect("x=proxy" in answer.get("record-route"), "Record-Route of the request is missing in the 200")
        call.a.routes = []
    call.a.ack()
    ack = call.b.await_request("ACK")
    expect(where == "a" or "x=proxy" in ack.get("route"), "the ACK does not follow side b's route")
    call.cross(call.a, call.b, "INFO")
    call.b.request("BYE")
    bye = call.a.await_request("BYE")
    expect(where == "b" or "x=proxy" in bye.get("route"), "the BYE to side a does not follow its route")
    call.a.reply(bye, 200)
    call.b.expect(200, "BYE")
    call.recorded("bye", "b", 200)
