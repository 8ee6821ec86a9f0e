"""Targets that have names: where their calls go, while the zone changes and while its server is away."""
import time

from case import Call, case, expect
from cases_reload import edit
from message import Failure
from ua import Leg
from zone import Zone


def at(net, last, name="cm.test"):
    """an address record"""
    return "a", name, net.bed.host(last)


def two(net, first=10, second=20):
    """an SRV record for the call manager (.2) and one for the other (.3)"""
    return (("srv", "_sip._udp.cm.test", "cm1.test", 17200, first, 10),
            ("srv", "_sip._udp.cm.test", "cm2.test", 17280, second, 10), at(net, 2, "cm1.test"),
            at(net, 3, "cm2.test"))


def begin(net, *records, target="cm.test", timeout_ms=300, **keys):
    """the zone, served unless it is empty, and the daemon with a target of this name; the zone"""
    net.zone = Zone(net.bed)
    if records:
        net.zone.serve(*records)
    net.begin(b=(f"b-named:{target}",), root=net.zone.keys(timeout_ms), **keys)
    return net.zone


def await_address(net, host, port, after=0, seconds=15):
    line = net.daemon.await_line(f"address={host}:{port} ", seconds, after)
    expect(line, f"the log does not say that the target is at {host}:{port}")
    return line


def placed(net, dst="b-udp", **facts):
    """a whole call that goes there"""
    net.peer(dst)
    call = Call(net, dst=dst)
    call.up().bye()
    call.recorded(**facts)
    return call


def take_at_either(call, ends):
    end = time.monotonic() + 5
    while time.monotonic() < end:
        for peer in ends:
            peer.poll(0.02)
            if any(m.method == "INVITE" and m.user() == call.number for m in peer.inbox):
                call.far, call.b = peer, Leg.take(peer, call.number)
                return peer.host
    raise Failure("the INVITE came to neither")


@case()
def named_target_by_srv(net):
    """RFC 3263 4: the port is that of SRV; the Request-URI keeps the name"""
    begin(net, *two(net))
    line = await_address(net, net.bed.host(2), 17200)
    expect("strategy=srv transport=UDP" in line and "target=sip:cm.test" in line, line)
    call = placed(net, attempts=1)
    expect(call.b.invite.uri.endswith("@cm.test"), f"Request-URI {call.b.invite.uri}")


@case()
def named_target_next_srv_after_refusal(net):
    """RFC 3263 4.3: the second SRV target takes the call that the first does not"""
    begin(net, *two(net))
    await_address(net, net.bed.host(3), 17280)
    placed(net, "b-other", attempts=2)


@case()
def named_target_equal_srv_share(net):
    """RFC 2782: of equal records either takes calls"""
    begin(net, *two(net, 10, 10))
    await_address(net, net.bed.host(3), 17280)
    ends = [net.peer("b-udp"), net.peer("b-other")]
    taken = set()
    for _ in range(30):                     # that all go to one comes once in 500 million runs
        call = Call(net, take=False)
        taken.add(take_at_either(call, ends))
        call.up().bye()
        call.recorded(attempts=1)
        if len(taken) == 2:
            return
    expect(False, "30 calls went to the same of two equals")


@case()
def named_target_by_naptr(net):
    """RFC 3263 4.1: NAPTR says TCP"""
    begin(net, ("naptr", "cm.test", 10, 10, "s", "SIP+D2T", "_x._tcp.test"),
          ("srv", "_x._tcp.test", "cm1.test", 17200, 10, 10), at(net, 2, "cm1.test"))
    net.peer("b-tcp")
    line = await_address(net, net.bed.host(2), 17200)
    expect("strategy=naptr transport=TCP" in line, line)
    placed(net, "b-tcp")


@case()
def named_target_moves(net):
    """the zone changes while it runs: the next call goes to the new address, the one that is up goes on"""
    zone = begin(net, at(net, 2), target="cm.test:17200")
    await_address(net, net.bed.host(2), 17200)
    old = Call(net).up()
    zone.serve(*two(net)[2:], at(net, 3))
    await_address(net, net.bed.host(3), 17200, len(net.daemon.log()) // 2)
    expect("cause" not in str(net.daemon.records()), "the call that was up has ended")
    old.bye(old.b, old.a)


@case("gone", "frozen")
def named_target_while_the_server_is_away(net, how):
    """the last answer goes on to hold"""
    zone = begin(net, at(net, 2), target="cm.test:17200")
    await_address(net, net.bed.host(2), 17200)
    if how == "gone":
        zone.stop()
    else:
        zone.freeze()
    expect(net.daemon.await_line("dns=stale", 15), "the log does not say that the answer is stale")
    placed(net)
    at_byte = len(net.daemon.log())
    if how == "gone":
        zone.serve(at(net, 2))
    else:
        zone.thaw()
    expect(net.daemon.await_line("dns=fresh", 15, at_byte), "the log does not say that the answer is fresh again")
    metrics = net.daemon.ctl("metrics")[1]
    expect('twinleg_dns_queries_total{result="answered"}' in metrics, "no metric for answers")
    result = "refused" if how == "gone" else "timeout"
    expect(f'twinleg_dns_queries_total{{result="{result}"}} 0' not in metrics, f"no query counted as {result}")


@case()
def named_target_before_there_is_a_server(net):
    """the daemon starts; its calls get 503 until the name is known"""
    zone = begin(net, target="cm.test:17200")
    expect(net.daemon.await_line("address=none", 15), "the log does not say that the target has no address")
    call = Call(net, take=False)
    call.a.expect(503)
    call.recorded(ended_by="us")
    zone.serve(at(net, 2))
    await_address(net, net.bed.host(2), 17200)
    placed(net)


@case()
def named_target_that_does_not_exist(net):
    zone = begin(net, at(net, 2, "another.test"), target="cm.test:17200")
    line = net.daemon.await_line("address=none", 15)
    expect(line and "no such name" in line, f"the log says {line}")
    zone.serve(at(net, 2))
    await_address(net, net.bed.host(2), 17200)
    placed(net)


@case()
def named_target_may_call(net):
    """sources = [ ]: who is called may call, at the address that the name has now"""
    zone = begin(net, at(net, 2), target="cm.test:17200")
    await_address(net, net.bed.host(2), 17200)
    call = Call(net, "b-udp", "a-udp")
    call.up().bye()
    leg = net.place("b-other")              # .3 is nobody's address
    leg.peer.silent(lambda m: True, "an answer to a stranger", 0.5)
    zone.serve(at(net, 3))
    await_address(net, net.bed.host(3), 17200)
    call = Call(net, "b-other", "a-udp")
    call.up().bye()


@case()
def named_target_in_hosts(net):
    """localhost needs no name server"""
    begin(net, target="localhost:17299")
    await_address(net, "127.0.0.1", 17299)
    net.calls = 0


@case()
def named_target_by_reload(net):
    """another name, then another name server: the call that is up goes on"""
    zone = begin(net, at(net, 2), at(net, 3, "new.test"), target="cm.test:17200")
    await_address(net, net.bed.host(2), 17200)
    call = Call(net).up()
    edit(net, "sip:cm.test:17200", "sip:new.test:17280")
    expect(net.daemon.ctl("reload")[0] == 0, "the new name is not taken")
    await_address(net, net.bed.host(3), 17280)
    placed(net, "b-other")
    zone.stop()
    moved = Zone(net.bed, 54)
    net.zone = moved.serve(at(net, 2, "last.test"))
    edit(net, "sip:new.test:17280", "sip:last.test:17200")
    edit(net, zone.address, moved.address)
    expect(net.daemon.ctl("reload")[0] == 0, "the new name server is not taken")
    await_address(net, net.bed.host(2), 17200, len(net.daemon.log()) // 2)
    placed(net)
    call.bye()
