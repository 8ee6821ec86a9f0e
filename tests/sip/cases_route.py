"""The dial plan at work: numbers on their way, calls that a route rejects, and what twinlegctl says of both."""
import json

from case import Call, case, expect
from ua import Leg

PLAN = r'''
groups = ( { name = "inside"; hunt = "round-robin"; to = ( { trunk = "callmanager"; } ); } );
routes = (
  { name = "all";      to = ( { group = "inside"; } ); },
  { name = "national"; from = [ "carrier" ]; called = "+4930T"; called_translate = "s/^\\+49/0/";
    calling_translate = "s/^\\+49/0/"; to = ( { group = "inside"; } ); },
  { name = "moved";    from = [ "carrier" ]; called_map = "moved.map"; to = ( { group = "inside"; } ); },
  { name = "barred";   called = "+49309T"; reject = 603; reason = "Nobody Wants That"; }
);
'''
E164 = r'translate_in = { called = "s/^49/+49/"; };'


def begin(net):
    """with a map of 20,000 numbers"""
    with open(f"{net.bed.folder}/moved.map", "w", encoding="ascii") as out:
        out.writelines(f"+4989{n:05d} +4930777{n:05d}\n" for n in range(20000))
    return net.begin(a_keys=E164, b_keys=r'translate_out = { called = "s/^0//"; };', routes=PLAN)


def asked(net, *words):
    """route test, asked of the daemon and of the files: one answer"""
    said = [net.daemon.ctl(*first, "-j", "route", "test", *words) for first in ((), ("-c", net.daemon.config))]
    expect(said[0][0] == 0 and said[0][1] == said[1][1], f"{said}")
    return json.loads(said[0][1])


@case()
def route_translates_numbers(net):
    """trunk, route, trunk: Request-URI, To, From and Contact over there; here all is as the caller wrote it"""
    begin(net)
    call = Call(net, take=False, caller="+49891000")
    call.b = Leg.take(call.far, call.number[2:])
    expect(call.b.remote.startswith("<sip:0891000@"), call.b.remote)
    expect(call.b.invite.get("contact").startswith("<sip:0891000@"), call.b.invite.get("contact"))
    call.up()
    expect(call.answer.get("to").startswith(f"<sip:{call.number}@"), call.answer.get("to"))
    listed = json.loads(net.daemon.ctl("-j", "calls")[1])["calls"]
    expect(listed[0]["route"] == "national", f"{listed}")
    answer = asked(net, call.number, "--from", "carrier", "--calling", "+49891000")
    expect(answer["route"] == "national" and answer["called"] == "0" + call.number[2:], f"{answer}")
    expect(answer["targets"] == [{"trunk": "callmanager", "preference": 0, "weight": 1, "group": "inside",
                                  "called": call.number[2:]}], f"{answer}")
    call.bye()
    call.recorded(route="national")


@case()
def route_takes_numbers_from_a_map(net):
    """the entry's number is the one that leaves"""
    begin(net)
    far = net.peer("b-udp")
    leg = net.place(user="498901234", caller="1000")
    there = Leg.take(far, "+493077701234")
    there.answer(486, None)
    there.await_request("ACK")
    leg.expect(486)
    answer = asked(net, "+498901234", "--from", "carrier")
    expect(answer["route"] == "moved" and answer["literals"] == 10, f"{answer}")


@case()
def route_rejects(net):
    """the code and phrase of the route; one record, of the leg that there was"""
    begin(net)
    leg = net.place(user="4930900123")
    refusal = leg.expect(603)
    expect(refusal.start == "SIP/2.0 603 Nobody Wants That", refusal.start)
    answer = asked(net, "+4930900123")
    expect(answer["reject"] == 603 and answer["targets"] == [], f"{answer}")
    code, out, err = net.daemon.ctl("route", "test", "1", "--from", "carier")
    expect(code == 1 and not out and 'no trunk "carier", did you mean "carrier"?' in err, f"{code} {out} {err}")
    net.daemon.await_status(10, calls=0, transactions=0)
    net.stopped = net.daemon.stop()
    records = [one for call in net.daemon.records().values() for one in call]
    expect([(one["leg"], one["status"], one["route"], one["cause"]) for one in records] ==
           [("a", 603, "barred", "rejected")], f"{records}")
