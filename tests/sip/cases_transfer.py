"""Transfers and redirections, with our own user agents and with SIPp on all three ends."""
import re
import time

from case import Call, case, expect
from message import fresh, sdp
from sipp import Sipp
from ua import Leg


def refer(net, leg, user, replaces=None):
    """a REFER to a number, which may replace a dialog of the same end; it is taken, and news begin"""
    host = leg.peer.sent_by()
    name = "" if replaces is None else "?Replaces=" + \
        f"{replaces.call_id}%3Bto-tag%3D{replaces.remote_tag}%3Bfrom-tag%3D{replaces.local_tag}".replace("@", "%40")
    number = leg.request("REFER", headers=[f"Refer-To: <sip:{user}@{host}{name}>", f"Referred-By: <sip:boss@{host}>"])
    leg.expect(202, "REFER", number)
    news(leg, 100)


def news(leg, status):
    """the next NOTIFY says so"""
    notify = leg.await_request("NOTIFY")
    expect(f"SIP/2.0 {status}".encode() in notify.body, f"not {status} but {notify.body}")
    leg.reply(notify, 200)
    return notify


def meets(leg, port):
    """a re-INVITE with the description that has this port is taken"""
    there = leg.await_request("INVITE")
    expect(f"m=audio {port} ".encode() in there.body, f"not port {port}: {there.body}")
    leg.reply(there, 200, sdp(leg.peer.host))
    leg.await_request("ACK")


def talk_and_end(one, other):
    """what is joined hears each other"""
    number = one.request("INFO", b"x", ["Content-Type: text/plain"])
    other.reply(other.await_request("INFO"), 200)
    one.expect(200, "INFO", number)
    one.hang_up(other)


def causes(net, count):
    """of the records of so many calls, sorted; they are written a moment after"""
    net.calls = count
    end = time.monotonic() + 5
    while sum(len(legs) for legs in net.daemon.records().values()) < 2 * count and time.monotonic() < end:
        time.sleep(0.05)
    return sorted(leg["cause"] for legs in net.daemon.records().values() for leg in legs)


@case("answered", "left")
def blind_transfer(net, how):
    """the transferor hangs up when all is done, or at once"""
    call = Call(net).up()
    refer(net, call.b, "4930777")
    c = Leg.take(net.peer("a-udp"), "4930777")
    expect(c.invite.get("referred-by"), "no Referred-By")
    if how == "left":
        call.b.request("BYE")
        call.b.expect(200, "BYE")
    c.answer(body=sdp(c.peer.host, port=40070))
    c.await_request("ACK")
    if how == "answered":
        news(call.b, 200)
        call.b.request("BYE")
        call.b.expect(200, "BYE")
    meets(call.a, 40070)
    talk_and_end(call.a, c)
    expect(causes(net, 2) == ["bye", "bye", "transfer", "transfer"], "wrong causes")
    records = net.daemon.records()
    referred = [leg.get("referred_by") for legs in records.values() for leg in legs]
    expect(set(referred) - {None} <= set(records), f"referred_by names no call: {referred}")
    code, out, _ = net.daemon.ctl("metrics")
    expect(code == 0 and 'transfers_total{result="done"} 1' in out, "the transfer was not counted")


@case()
def blind_transfer_to_a_busy_one(net):
    """the old call goes on"""
    call = Call(net).up()
    refer(net, call.b, "4930778")
    c = Leg.take(net.peer("a-udp"), "4930778")
    c.answer(486, None)
    c.await_request("ACK")
    news(call.b, 486)
    call.bye()


def second_call(net, call, user):
    """the one who was called calls somebody else"""
    mine = Leg.place(call.b.peer, net.listener("b-udp"), user)
    c = Leg.take(net.peer("a-udp"), user)
    c.answer(body=sdp(c.peer.host, port=40070))
    c.await_request("ACK")
    mine.expect(200)
    mine.ack()
    return mine, c


def joined(call, mine, c):
    """the one worker has both calls: its parties are told of each other"""
    mine.reply(mine.await_request("BYE"), 200)
    news(call.b, 200)
    meets(call.a, 40070)
    there = c.await_request("INVITE")
    c.reply(there, 200, sdp(c.peer.host, port=40070))
    c.await_request("ACK")
    return c


def replaced(call, mine, c, invite):
    """another worker has it: its party gets an INVITE that names its own dialog"""
    wanted = {c.call_id, f"to-tag={c.local_tag}", f"from-tag={c.remote_tag}"}
    expect(wanted == set(invite.get("replaces").split(";")), f"Replaces: {invite.get('replaces')}, not {wanted}")
    new = Leg(c.peer, invite.path)
    new.invite, new.call_id, new.local_tag, new.remote_tag = invite, invite.call_id, fresh("tag"), invite.tag("from")
    new.local, new.remote = invite.get("to"), re.sub(r";\s*tag=[^;]*", "", invite.get("from"))
    new.target = re.search(r"<(.*)>", invite.get("contact")).group(1)
    new.answer(body=sdp(c.peer.host, port=40070))
    new.await_request("ACK")
    c.request("BYE")
    c.expect(200, "BYE")
    mine.reply(mine.await_request("BYE"), 200)
    news(call.b, 200)
    meets(call.a, 40070)
    return new


@case("1", "2")
def attended_transfer(net, workers):
    """RFC 5589 7.3; where there are two workers the calls are on one or on both of them"""
    net.begin(workers=int(workers))
    count = 1 if workers == "1" else 12
    across = 0
    for i in range(count):
        user = f"49307{i:03}"
        call = Call(net).up()
        mine, c = second_call(net, call, user)
        refer(net, call.b, user, mine)
        ids = (c.call_id, call.a.call_id)
        first = c.peer.wait(lambda m: m.method == "INVITE" and (m.call_id in ids or m.get("replaces")), "INVITE", 5.0)
        if first.get("replaces"):
            across += 1
            c = replaced(call, mine, c, first)
        else:
            c.peer.inbox.insert(0, first)       # joined() takes it as it comes
            c.peer.seen.discard(first.raw)
            joined(call, mine, c)
        call.b.request("BYE")
        call.b.expect(200, "BYE")
        talk_and_end(call.a, c)
    expect(workers == "1" and across == 0 or workers == "2" and 0 < across < count, f"{across} across workers")
    causes(net, 3 * count)


@case()
def refer_crosses(net):
    """refer = "passthru" """
    net.begin(b_keys='refer = "passthru";')
    call = Call(net).up()
    number = call.b.request("REFER", headers=[f"Refer-To: <sip:4930777@{call.b.peer.sent_by()}>"])
    there = call.a.await_request("REFER")
    expect("%s:%d" % net.listener("a-udp") in there.get("refer-to"), f"leads to {there.get('refer-to')}")
    call.a.reply(there, 202)
    call.b.expect(202, "REFER", number)
    call.a.request("NOTIFY", b"SIP/2.0 486 Busy Here\r\n",
                   ["Event: refer", "Subscription-State: terminated;reason=noresource",
                    "Content-Type: message/sipfrag"])
    news(call.b, 486)
    call.a.expect(200, "NOTIFY")
    call.bye()


@case()
def redirect_is_followed(net):
    """through the dial plan: the call manager's redirection goes where the call manager's calls go"""
    net.begin()
    call = Call(net)
    call.b.answer(302, None, ["Contact: <sip:4930779@192.0.2.1>"])
    call.b.await_request("ACK")
    c = Leg.take(net.peer("a-udp"), "4930779")
    expect(call.number in c.invite.get("diversion"), f"Diversion: {c.invite.get('diversion')}")
    c.answer()
    c.await_request("ACK")
    call.a.expect(200)
    call.a.ack()
    talk_and_end(call.a, c)
    call.recorded("bye", "a", 200, attempts=2)


@case()
def sipp_blind_transfers(net):
    """a caller, one who transfers it, a third one: forty calls"""
    net.begin("a-tcp", "b-udp")
    ends = {}
    for name, scenario, place in (("third", "callee", "a-tcp"), ("transferor", "callee_refers_blind", "b-udp")):
        proto, host, port = net.bed.place(place)
        ends[name] = Sipp(net.bed.folder, scenario, host, port, proto, side=place[0])
        net.callers.append(ends[name])
    proto, host, port = net.bed.place("a-udp")
    ends["caller"] = Sipp(net.bed.folder, "caller_is_transferred", host, port, proto, net.listener("a-udp"), 40, 20,
                          "493010", side="a")
    net.callers.append(ends["caller"])
    code = ends["caller"].wait(40)
    expect(code == 0, f"SIPp as caller says {code}: {ends['caller'].errors()}")
    net.daemon.await_status(5, calls=0, legs=0, transactions=0)
    for name in ("transferor", "third"):
        ends[name].stop()
        good = ends[name].count("Successful call")
        expect(good == 40, f"{name}: {good} of 40 calls: {ends[name].errors()}")
    found = causes(net, 80)
    expect(found.count("bye") == 80 and set(found) == {"bye", "transfer"}, f"causes: {sorted(set(found))}")
