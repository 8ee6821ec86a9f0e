"""The failure budget: a client that knows AR_SK is elsewhere within a minute, whatever becomes of its node."""
from case import case, expect
from fault import BUDGET_S, FAULTS, PACES, measure, scene_of
from message import Failure
from scene import Scene


@case(*((name, proto) for name, proto in zip(FAULTS, ("tcp", "tls", "udp", "tcp", "tls", "udp", "tcp"))), sleeps=True)
def fault(net, name, proto):
    scene, outcome = measure(net.program, net.bed, name, proto, PACES["brisk"])
    net.daemon, net.stopped = scene.daemon, scene.stopped
    expect(outcome.registered_s <= BUDGET_S, f"registered after {outcome.registered_s:.1f} s")
    expect(outcome.called_s <= BUDGET_S, f"called after {outcome.called_s:.1f} s")


@case("tcp", "tls", sleeps=True)
def fault_forgotten(net, proto):
    """a node that is back, and knows nobody: keepalives of who was registered there fall silent until he is again"""
    with scene_of(net.program, net.bed, proto, PACES["brisk"]) as scene:
        net.daemon = scene.daemon
        alice = scene.registered()
        home = scene.home(alice)
        scene.nodes[home].kill()
        scene.await_node(home, "down")
        scene.nodes[home].start()
        scene.await_node(home, "up", "recovering")
        expect(not alice.keepalive(), "its keepalive is answered, and nobody would call it")
        expect(alice.register().status == 200, "REGISTER was refused")
        expect(alice.keepalive(), "no answer though it is registered")
        scene.called(scene.home(alice), alice)
        scene.settle()
    net.stopped = scene.stopped


@case("tcp", "tls")
def fault_full(net, proto):
    """clients that hold all connections that there may be do not part us from our call managers"""
    scene = Scene(net.program, net.bed, proto, proto, more="security = { max_connections = 2; };")
    net.daemon = scene.daemon
    try:
        alice, _ = scene.phone(), scene.phone("bob")
        try:
            scene.phone("carol").keepalive(1.0)
            expect(False, "a third connection is kept")
        except (OSError, Failure):
            pass
        expect(alice.register().status == 200, "REGISTER does not reach its node")
        expect(scene.node(scene.home(alice))["state"] == "up", "the node is down")
        scene.settle()
    finally:
        scene.end()
