"""Our own registrations at a provider of two peers behind one name: where they go, and where when a peer is lost."""
import re
import time

from case import case, expect
from cases_ctl import ask
from cases_guard import metric
from front import until
from manager import Manager
from zone import Zone

PORT = 17410
KEYS = 'register = { aor = "sip:1001@prov.test"; expires_s = 60; }; timers = { no_reply_ms = 500; };'
BUSY = '503 Service Unavailable / System in Maintenance Mode'
FAULTS = {"maintained": (Manager.maintain, BUSY), "killed": (Manager.kill, "Connection lost"),
          "silent": (Manager.stop, "No answer")}


class Scene:
    """Two peers that grant two seconds, so that refreshes are seen."""

    def __init__(self, net, proto="tcp", hosts=(5, 6), up=(5, 6)):
        self.net = net
        self.peers = {f"{net.bed.host(n)}:{PORT}": Manager(proto, net.bed.host(n), PORT, 2) for n in hosts if n in up}
        self.zone = net.zone = Zone(net.bed)

    def begin(self, *records, target="prov.test"):
        self.zone.serve(*records)
        self.net.begin(b=(f"b-named:{target}",), b_keys=KEYS, root=self.zone.keys())
        return self

    def registration(self):
        return next(one for one in ask(self.net, "trunks")["trunks"] if one["name"] == "callmanager")["registration"]

    def await_place(self, seconds=15, but=None):
        """where it is registered: not there"""
        end = time.monotonic() + seconds
        while True:
            one = self.registration()
            if one["state"] == "Registered" and one["reason"] == "" and one["address"] not in ("", but):
                return one["address"]
            expect(time.monotonic() < end, f"it is {one}, not registered but at {but} within {seconds} s")
            time.sleep(0.05)

    def end(self):
        for peer in self.peers.values():
            peer.end()


def in_scene(play):
    def run(net, *arguments):
        scene = Scene(net)
        try:
            play(scene, *arguments)
            net.stopped = net.daemon.stop()
        finally:
            scene.end()
    run.__name__ = play.__name__
    return run


def srv(scene, *services):
    """equal priority and weight for both peers; each service has its port"""
    bed = scene.net.bed
    for service, port in services:
        for number in (5, 6):
            yield "srv", f"{service}.prov.test", f"peer{number}.test", port, 10, 10
    for number in (5, 6):
        yield "a", f"peer{number}.test", bed.host(number)


@case("maintained", "killed", "silent")
@in_scene
def provider_peer_lost(scene, how):
    """it stays with the peer that it is registered at; when that is lost it is at the other one, which is told"""
    net = scene.net
    scene.begin(*srv(scene, ("_sip._tcp", PORT)))
    first = scene.await_place()
    refreshed = metric(net, 'trunk_registers_total{trunk="callmanager",result="ok"}')
    until("three refreshes", 20, lambda: metric(
        net, 'trunk_registers_total{trunk="callmanager",result="ok"}') >= refreshed + 3)
    expect(scene.registration()["address"] == first, "a refresh went to the other peer")
    expect(net.daemon.log().count("Registered as") == 1, "more than one line for refreshes")
    lose, reason = FAULTS[how]
    lose(scene.peers[first])
    second = scene.await_place(but=first)
    log = net.daemon.log()
    expect(second in scene.peers and second != first, f"it is at {second}")
    expect(re.search(rf'registration=\w+ aor=\S+ target=\S+ (address={first} status=\d+ )?reason="{reason}"', log), log)
    expect(f"Registered as 'sip:1001@prov.test' to '{second}'" in log, log)
    if how == "silent":
        scene.peers[first].go_on()


@case()
@in_scene
def provider_without_tls(scene):
    """SRV records for TLS come first, and are left out where no listener of the trunk has it; the log has all places"""
    net = scene.net
    scene.begin(*srv(scene, ("_sips._tcp", 17411), ("_sip._tcp", PORT), ("_sip._udp", 17412)))
    scene.await_place()
    log = net.daemon.log()
    for address in scene.peers:
        expect(f"trunk=callmanager target=sip:prov.test strategy=srv transport=TCP address={address} "
               "priority=10 weight=10\n" in log, log)
    expect("17411" not in log and "17412" not in log, "another transport is tried")


@case()
@in_scene
def provider_by_addresses(scene):
    """two A records: what refuses is left for the next; after the TTL a changed record is used, and its age is told"""
    net, bed = scene.net, scene.net.bed
    gone = scene.peers.pop(f"{bed.host(5)}:{PORT}")
    gone.end()
    target = f"prov.test:{PORT};transport=tcp"
    scene.begin(("a", "prov.test", bed.host(5)), ("a", "prov.test", bed.host(6)), target=target)
    expect(scene.await_place() == f"{bed.host(6)}:{PORT}", "it is not at the one that listens")
    age = ask(net, "trunks")["trunks"][1]["targets"][0]["looked_up_s"]
    expect(age <= 60, f"the addresses are {age} s old")
    _, text, _ = net.daemon.ctl("trunks")
    expect(re.search(rf"^sip:{re.escape(target)} looked up \d+s ago$", text, re.M), text)
    scene.peers[f"{bed.host(7)}:{PORT}"] = Manager("tcp", bed.host(7), PORT, 2)
    scene.zone.serve(("a", "prov.test", bed.host(7)))
    expect(scene.await_place(but=f"{bed.host(6)}:{PORT}") == f"{bed.host(7)}:{PORT}", "not at the new address")


def shipped(scene):
    """the records of contrib/dns with names and addresses of the case"""
    hosts = {"192.0.2.1": scene.net.bed.host(5), "192.0.2.2": scene.net.bed.host(6)}
    with open("contrib/dns/example.com.zone", encoding="ascii") as lines:
        for line in lines:
            words = line.partition(";")[0].split()
            if words[1:3] == ["IN", "SRV"]:
                port = PORT if words[5] == "5060" else 17411
                yield "srv", f"{words[0]}.prov.test", f"{words[6]}.prov.test", port, words[3], words[4]
            elif words[1:3] == ["IN", "A"]:
                yield "a", f"{words[0]}.prov.test", hosts[words[3]]


@case()
@in_scene
def provider_by_shipped_zone(scene):
    """the zone that is shipped leads to both peers"""
    records = list(shipped(scene))
    expect(len(records) == 10, f"{records}")
    scene.begin(*records)
    scene.await_place()
    for address in scene.peers:
        expect(f"strategy=srv transport=TCP address={address} priority=10 weight=10\n" in scene.net.daemon.log(),
               f"{address} is not there")


@case()
@in_scene
def provider_refuses(scene):
    """all peers in maintenance: Failed, and why, in the log, in trunks, in status; then registered by itself"""
    net = scene.net
    for peer in scene.peers.values():
        peer.maintain()
    scene.begin(*srv(scene, ("_sip._tcp", PORT)))
    until("it has failed", 10, lambda: scene.registration()["reason"] == BUSY)
    expect(scene.registration()["state"] == "Failed", f"{scene.registration()}")
    _, text, _ = net.daemon.ctl("status")
    expect(f"callmanager: {BUSY}; see trunks.callmanager.register" in text, text)
    line = rf'registration=Failed aor=\S+ target=sip:prov.test (address=\S+ status=503 )?reason="{BUSY}"'
    expect(re.search(line, net.daemon.log()), "no line")
