"""SIPp on both sides: each kind of call, five times at once, and many calls at a rate."""
from case import case, expect
from sipp import KINDS, Sipp
from timer import TRUNKS

# kind -> cause in the records
CAUSES = {"caller_busy": "rejected", "caller_cancels": "cancel"}


def place_calls(net, kind, src, dst, calls, rate, callee="callee", lasts_s=0):
    callee_side, caller_side = dst[0], src[0]
    proto, host, port = net.bed.place(dst)
    callee = Sipp(net.bed.folder, callee, host, port, proto, side=callee_side)
    net.callers.append(callee)
    proto, host, port = net.bed.place(src)
    caller = Sipp(net.bed.folder, kind, host, port, proto, net.listener(src), calls, rate,
                  "4930" + KINDS.get(kind, "00"), side=caller_side, lasts_s=lasts_s)
    net.callers.append(caller)
    code = caller.wait(calls // rate + lasts_s + 40)
    expect(code == 0, f"SIPp as caller says {code}: {caller.errors()}")
    status = net.daemon.await_status(3, calls=0, legs=0, transactions=0)
    expect(status.get("calls") == 0, f"calls are left when the caller is through: {status}")
    callee.stop()
    good = callee.count("Successful call")
    expect(good == calls, f"SIPp as callee took {good} of {calls} calls: {callee.errors()}")
    net.calls = calls
    causes = {leg["cause"] for legs in net.daemon.records().values() for leg in legs}
    expect(causes == {CAUSES.get(kind, "bye")}, f"causes in the records: {causes}")


@case(*[(kind, proto) for kind in KINDS for proto in ("udp", "tcp")])
def sipp(net, kind, proto):
    net.begin(f"a-{proto}", f"b-{proto}")
    place_calls(net, kind, f"a-{proto}", f"b-{proto}", 5, 20)


@case(("a-udp", "b-tcp"), ("a-tcp", "b-udp"), ("b-udp", "a-udp"), ("b-tcp", "a-tcp"), ("a-v6", "b-udp"))
def sipp_across(net, src, dst):
    net.begin(**{src[0]: src, dst[0]: dst})
    place_calls(net, "caller_hangs_up", src, dst, 5, 20)


@case()
def sipp_500_calls_at_100_a_second(net):
    """real time: what is held a call must be given back"""
    net.begin()
    place_calls(net, "caller_hangs_up", "a-udp", "b-udp", 500, 100)
    expect(net.daemon.status().get("answered") == 500, "not every call was answered")


@case("udp", "tcp")
def sipp_two_workers(net, proto):
    """a call belongs to the worker of its Call-ID, whoever got its bytes"""
    net.begin(f"a-{proto}", f"b-{proto}", workers=2)
    place_calls(net, "caller_holds", f"a-{proto}", f"b-{proto}", 60, 60)


@case("udp", "tcp", sleeps=True)
def sipp_session_timer(net, proto):
    """the caller refreshes its leg, we the callee's: by re-INVITE after 45 s, with the same description"""
    net.begin(f"a-{proto}", f"b-{proto}", **TRUNKS)
    place_calls(net, "caller_timer", f"a-{proto}", f"b-{proto}", 3, 10, "callee_timer", 70)
