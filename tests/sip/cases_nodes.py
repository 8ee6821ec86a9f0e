"""Call managers that die, stop and come back, and what their clients' keepalives are told."""
import json
import time

import stun
from case import case, expect
from cases_ctl import ask
from manager import Manager
from message import Failure
from phone import Phone

PORT = 17400
CLUSTER = ('cluster = {{ listen = [ "b-udp", "b-tcp" ]; nodes = ( {nodes} ); keepalive = {{ interval_s = 5; '
           'timeout_s = 2; }}; try_ms = 1000; total_ms = 4000; hold_down_s = 0; ramp_s = 1; }};\n'
           'registrar = {{ listen = [ {listen} ]; }};\n{more}')


class Scene:
    """Two call managers behind the daemon, one phone before it."""

    def __init__(self, net, proto, inside, more="", workers=2):
        self.net, self.proto = net, proto
        self.managers = {f"cm{n}": Manager(inside, net.bed.host(5 + n), PORT) for n in (1, 2)}
        self.phones = []
        nodes = ", ".join(f'{{ name = "{name}"; uri = "{one.uri()}"; }}' for name, one in self.managers.items())
        listen = ", ".join(f'"a-{kind}"' for kind in ("udp", "tcp") + (("tls",) if proto == "tls" else ()))
        end = "a-tls" if proto == "tls" else "a-udp"
        try:
            net.begin(end, "b-udp", root=CLUSTER.format(nodes=nodes, listen=listen, more=more), workers=workers)
        except OSError:
            self.end()
            raise

    def phone(self, user="alice"):
        host, port = self.net.bed.listener("a", self.proto)
        self.phones.append(Phone(self.proto, self.net.bed.host(9), (host, port),
                                 self.net.bed.tls if self.proto == "tls" else None, user))
        return self.phones[-1]

    def ctl(self, *words):
        code, out, err = self.net.daemon.ctl("-j", *words)
        expect(code == 0, f"twinlegctl {' '.join(words)}: {err}")
        return json.loads(out)

    def node(self, name):
        return next(one for one in self.ctl("nodes")["nodes"] if one["name"] == name)

    def home(self):
        """the node that has a registration"""
        return next(one["name"] for one in self.ctl("nodes")["nodes"] if one["registrations"] > 0)

    def await_node(self, name, *states, seconds=20.0):
        end = time.monotonic() + seconds
        while self.node(name)["state"] not in states:
            if time.monotonic() > end:
                raise Failure(f"{name} is {self.node(name)} and not {states} after {seconds:g} s")
            time.sleep(0.1)

    def end(self):
        for phone in self.phones:
            phone.close()
        for manager in self.managers.values():
            manager.end()


def in_scene(play):
    """the case gets a scene, which ends whatever happens"""
    def run(net, *arguments):
        scene = Scene(net, *arguments[:2])
        try:
            play(scene, *arguments[2:])
        finally:
            scene.end()
    run.__name__ = play.__name__
    return run


def silence(phone, seconds=60.0):
    """how long it takes until a keepalive is not answered; the client asks each second"""
    began = time.monotonic()
    while phone.keepalive(3.0):
        if time.monotonic() - began > seconds:
            raise Failure(f"keepalives are answered {seconds:g} s after the node's end")
        time.sleep(1)
    return time.monotonic() - began


@case(("udp", "udp", "kill"), ("udp", "udp", "stop"), ("tcp", "tcp", "kill"), ("tcp", "udp", "stop"),
      ("tls", "tcp", "stop"), ("tls", "udp", "kill"), sleeps=True)
@in_scene
def node_lost(scene, fault):
    """the client's keepalive falls silent, its REGISTER takes it to the other node, and the first one comes back"""
    phone = scene.phone()
    first = phone.register()
    expect(first.status == 200, f"REGISTER got {first.start}")
    expect("X-cisco-supports-AR_SK" in first.get("supported"), "the 200 does not say AR_SK")
    expect(phone.keepalive(), "no answer while the node is there")
    home = scene.home()
    expect(scene.node(home)["ar_sk"], "the node is not known for AR_SK")
    manager = scene.managers[home]
    manager.kill() if fault == "kill" else manager.stop()
    silence(phone)
    second = phone.register()
    expect(second.status == 200, f"the second REGISTER got {second.start}")
    expect(scene.home() != home, "it is registered where it was")
    expect(phone.keepalive(), "no answer though the other node is there")
    scene.await_node(home, "down")
    trunk = [one for one in ask(scene.net, "trunks")["trunks"] if one["name"] == "cluster"][0]
    places = [place["state"] for target in trunk["targets"] for place in target["places"]]
    expect(trunk["state"] == "degraded" and sorted(places) == ["down", "up"], f"{trunk['state']}: {places}")
    manager.start() if fault == "kill" else manager.go_on()
    scene.await_node(home, "up", "recovering")
    expect(phone.keepalive(), "no answer after the first node's return")


@case(("udp", "udp"), ("tcp", "tcp"))
@in_scene
def node_probed_by_stun(scene):
    """a node that says AR_SK is probed by STUN on the way that SIP takes"""
    phone = scene.phone()
    phone.register()
    home = scene.home()
    expect(scene.node(home)["probe"] == "stun", f"it is probed by {scene.node(home)['probe']}")
    before = scene.node(home)["probes"]
    end = time.monotonic() + 20
    while scene.node(home)["probes"] < before + 2:
        expect(time.monotonic() < end, "no probes")
        time.sleep(0.2)
    expect(scene.node(home)["missed"] == 0, f"probes were missed: {scene.node(home)}")
    expect(scene.node(home)["state"] == "up", "it is not up")


@case(("tcp", "udp"), ("tls", "udp"))
@in_scene
def stun_between_messages(scene):
    """STUN before, between and behind SIP on one stream, in one piece and byte by byte"""
    phone = scene.phone()
    phone.register()
    for step in (4096, 1):
        numbers, raw = [], b""
        for _ in range(2):
            number, one = stun.request()
            numbers.append(number)
            raw += one + phone.request("OPTIONS")
        for at in range(0, len(raw), step):
            phone.send(raw[at:at + step])
        for number in numbers:
            expect(phone.wait(lambda m, n=number: m[0] < 4 and m[8:20] == n, 5), "a STUN request has no answer")
        for cseq in (phone.cseq - 1, phone.cseq):
            wanted = f"CSeq: {cseq} OPTIONS".encode()
            expect(phone.wait(lambda m, w=wanted: w in m, 5), f"OPTIONS {cseq} has no answer")


@case(("udp", "udp"), ("tls", "udp"))
@in_scene
def stun_switch(scene):
    """twinlegctl stun off: silence, SIP goes on, and nobody new is told of AR_SK"""
    phone = scene.phone()
    phone.register()
    expect(scene.ctl("stun")["stun"] == "on", "it is off")
    scene.ctl("stun", "off")
    expect(not phone.keepalive(1.0), "an answer though it is off")
    again = phone.register()
    expect(again.status == 200, f"REGISTER got {again.start}")
    expect("AR_SK" not in again.get("supported"), "the 200 says AR_SK")
    scene.ctl("stun", "on")
    expect(phone.keepalive(), "no answer though it is on")


@case(("udp", "udp"), ("tcp", "udp"))
@in_scene
def maintenance(scene):
    """503 with Warning 382 for what is new, and all as before afterwards"""
    phone = scene.phone()
    phone.register()
    scene.ctl("maintenance", "on", "--retry-after", "77")
    told = phone.register()
    host = scene.net.bed.listener("a", "udp")[0]
    expect(told.status == 503 and told.get("retry-after") == "77", f"REGISTER got {told.start}")
    expect(told.get("warning") == f'382 {host} "System in Maintenance Mode"', f"Warning: {told.get('warning')}")
    status = scene.ctl("status")
    expect("(Maintenance mode)" in status["state"], f"state: {status['state']}")
    expect(status["maintenance"]["registrations"] == 1, f"{status['maintenance']}")
    scene.ctl("maintenance", "off")
    expect(phone.register().status == 200, "REGISTER fails after maintenance")
    expect(scene.ctl("status")["maintenance"] is None, "still in maintenance")


@case(("udp", "udp"), sleeps=True)
@in_scene
def node_maintenance(scene):
    """a node that the operator takes out of service loses its clients at their next REGISTER, which the silence of
    their keepalives asks for, and gets none"""
    phone = scene.phone()
    phone.register()
    home = scene.home()
    scene.ctl("node", "maintenance", home, "on")
    silence(phone)
    expect(phone.register().status == 200, "REGISTER fails")
    expect(scene.home() != home, "it is registered where it was")
    expect(phone.keepalive(), "no answer though the other node is there")
    scene.ctl("node", "maintenance", home, "off")
    scene.await_node(home, "recovering", "up")
