"""Clients that register over TLS, nodes that are reached by TLS, and both: SIP and STUN in the same connections."""
import contextlib
import subprocess

from case import case, expect
from mobile import Ear
from scene import Scene, answer_call, hang_up, until
from ua import Leg


def in_scene(play):
    """the case gets a scene with these transports, which ends whatever happens"""
    def run(net, outside, inside, *more):
        scene = Scene(net.program, net.bed, outside, inside)
        net.daemon = scene.daemon
        try:
            play(scene, *more)
            scene.settle()
        finally:
            scene.end()
    run.__name__ = play.__name__
    return run


def call_of(phone, user):
    """this client calls another one, by its node"""
    leg = Leg.place(Ear(phone), phone.to, user, caller=phone.user)
    return leg


BOTH = (("tls", "udp"), ("udp", "tls"), ("tls", "tls"))


def probed(scene, name):
    """by STUN, in the connection that SIP takes: a node over TLS speaks nothing else"""
    before = scene.node(name)["probes"]
    until("it is probed", 20, lambda: scene.node(name)["probes"] > before + 1)
    node = scene.node(name)
    expect(node["probe"] == "stun" and node["missed"] == 0 and node["state"] == "up", f"{node}")


@case(*BOTH, settle_s=8)
@in_scene
def registrar_tls(scene):
    """REGISTER, keepalives of the client and ours to the node, calls from and to the client"""
    alice, bob = scene.registered(), scene.registered("bob")
    expect(alice.keepalive() and bob.keepalive(), "keepalives are not answered")
    home = scene.home(alice)
    if scene.home(bob) != home:
        scene.ctl("node", "maintenance", scene.home(bob), "on")
        expect(bob.register().status == 200, "bob does not get to alice's node")
    scene.called(home, alice)
    leg = call_of(alice, "bob")
    answer_call(leg, bob)
    expect(alice.keepalive(), "no answer during a call")
    hang_up(leg)
    probed(scene, home)


@case(*BOTH, settle_s=8)
@in_scene
def registrar_tls_node_killed(scene):
    """keepalives fall silent, the REGISTER takes the client to the other node, calls come from there"""
    alice = scene.registered()
    home = scene.home(alice)
    scene.nodes[home].kill()
    until("keepalives fall silent", 30, lambda: not alice.keepalive(3.0))
    expect(alice.register().status == 200, "the second REGISTER was refused")
    expect(scene.home(alice) == scene.other(home), "it is registered where it was")
    scene.called(scene.home(alice), alice)
    scene.nodes[home].start()
    scene.await_node(home, "up", "recovering")


CERTIFICATES = {"strange": "self-signed", "elsewhere": "IP address mismatch", "expired": "certificate has expired"}


def make(scene, kind, host):
    if kind == "strange":
        return scene.keys.forge(kind, host)
    return scene.keys.issue(kind, host if kind == "expired" else scene.bed.host(1), -1 if kind == "expired" else 30)


@case(*(("udp", "tls", kind) for kind in CERTIFICATES), settle_s=8)
@in_scene
def registrar_tls_wrong_certificate(scene, kind):
    """RFC 5922 7: a node that shows a wrong one gets nothing; the log and `nodes` say why; it comes back with a right
    one"""
    alice = scene.registered()
    home = scene.home(alice)
    node = scene.nodes[home]
    right = node.files
    node.kill()
    (certificate, key, _), authority = make(scene, kind, node.host), right[2]
    node.start((certificate, key, authority))
    scene.await_node(home, "down")
    until("the reason is seen", 10, lambda: CERTIFICATES[kind] in scene.node(home)["reason"])
    at = len(scene.daemon.log())
    expect(alice.register().status == 200, "REGISTER was refused")
    expect(scene.home(alice) == scene.other(home), "it is registered at a node whose certificate is wrong")
    line = scene.daemon.await_line(f"node={home} ", 1) and scene.daemon.log()
    expect(CERTIFICATES[kind] in line, "the log does not say what is wrong")
    node.kill()
    node.start(right)
    scene.await_node(home, "up", "recovering")


@case(("tls", "udp"), ("tls", "tls"), settle_s=8)
@in_scene
def registrar_tls_connection_gone(scene):
    """RFC 5626 5.3: who has lost his connection is not called over another one: 430; registered again he is called"""
    alice = scene.registered()
    home = scene.home(alice)
    alice.close()
    scene.daemon.await_line("connection=closed", 2)
    scene.invite(home).expect(430)
    scene.phones.clear()
    again = scene.registered()
    expect(again.keepalive(), "no answer on the new connection")
    scene.called(scene.home(again), again)


@contextlib.contextmanager
def strict_server(node, authority):
    """OpenSSL's own in the node's place: it wants a certificate of this authority"""
    certificate, key, _ = node.files
    words = ["openssl", "s_server", "-quiet", "-accept", f"{node.host}:{node.port}", "-cert", certificate, "-key", key,
             "-CAfile", authority, "-Verify", "1", "-verify_return_error"]
    run = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        run.kill()
        run.wait()
        run.stdin.close()


@case(("udp", "tls"), settle_s=8)
@in_scene
def registrar_tls_we_are_refused(scene):
    """a node that does not trust our certificate says so when the connection is there already (RFC 8446 4.4.2.4): it is
    down, with the reason, and not asked more often than any other"""
    alice = scene.registered()
    home = scene.home(alice)
    node = scene.nodes[home]
    node.kill()
    at = len(scene.daemon.log())
    with strict_server(node, scene.keys.forge("other", node.host)[0]):
        scene.await_node(home, "down")
        until("the reason is seen", 10, lambda: "unknown ca" in scene.node(home)["reason"])
        before = scene.node(home)["probes"]
        until("it is probed", 20, lambda: scene.node(home)["probes"] > before + 3)
        lines, probes = scene.daemon.log()[at:].count("connection=closed"), scene.node(home)["probes"]
        expect(lines <= 2 * (probes + 2), f"{lines} connections for {probes} probes")
        expect(alice.register().status == 200 and scene.home(alice) != home, "it is not registered at the other node")
    node.start()
    scene.await_node(home, "up", "recovering")
