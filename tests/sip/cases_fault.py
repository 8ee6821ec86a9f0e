"""The failure budget: a client that knows AR_SK is elsewhere within a minute, whatever becomes of its node."""
from case import case, expect
from fault import BUDGET_S, FAULTS, PACES, measure


@case(*((name, proto) for name, proto in zip(FAULTS, ("tls", "udp", "tcp", "tls", "udp", "tcp"))), sleeps=True)
def fault(net, name, proto):
    scene, outcome = measure(net.program, net.bed, name, proto, PACES["brisk"])
    net.daemon, net.stopped = scene.daemon, scene.stopped
    expect(outcome.registered_s <= BUDGET_S, f"registered after {outcome.registered_s:.1f} s")
    expect(outcome.called_s <= BUDGET_S, f"called after {outcome.called_s:.1f} s")
