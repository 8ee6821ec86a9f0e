"""Targets that do not take the call, and the next one."""
from case import Call, case, expect


@case(("a-udp", "b-refused"), ("a-udp", "b-silent"), ("a-tcp", "b-refused-tcp"))
def next_target_when_the_first_is_dead(net, src, dst):
    if dst == "b-silent":
        net.peer("b-other")                 # bound, and says nothing
    call = Call(net, src, dst)              # taken by the second
    call.up().bye()
    net.records[-1][2]["attempts"] = 2


@case("503", "500")
def next_target_after(net, status):
    call = Call(net, dst="b-busy", at="b-other")
    first = call.b
    first.answer(int(status), None)
    first.await_request("ACK")
    second = call.take("b-udp")
    expect(second.invite.get("via") != first.invite.get("via"), "the second INVITE has the first one's branch")
    call.up().bye()


@case("486", "404", "603")
def no_next_target_after(net, status):
    """only what hunt_on lists tries the next"""
    call = Call(net, dst="b-busy", at="b-other")
    call.b.answer(int(status), None)
    call.b.await_request("ACK")
    call.a.expect(int(status))
    call.recorded("rejected", "b", int(status))


@case()
def next_target_when_nobody_answers(net):
    """no_answer_s: the first is cancelled, the caller is not told"""
    call = Call(net, dst="b-ringing", at="b-other")
    first = call.b
    first.ring()
    call.a.expect(180)
    first.reply(first.await_request("CANCEL"), 200)
    first.answer(487, None)
    call.take("b-udp")
    call.b.ring()
    call.b.answer()
    call.a.expect(200)
    call.a.ack()
    call.b.await_request("ACK")
    call.bye()


@case("b-dead", "b-dead-silent")
def all_targets_dead(net, dst):
    if dst == "b-dead-silent":
        net.peer("b-other")
    call = Call(net, dst=dst, take=False)
    final = call.a.expect((408, 480, 500, 502, 503, 504))
    call.recorded(status=final.status, ended_by="us")


@case()
def late_200_of_a_left_target_is_hung_up(net):
    """the first target answers after the second was tried: that call is ended, the caller's goes on"""
    call = Call(net, dst="b-silent", at="b-other")
    late = call.b
    call.take("b-udp")
    late.answer()
    late.await_request("ACK")
    late.reply(late.await_request("BYE"), 200)
    call.up().bye()
