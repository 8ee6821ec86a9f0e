"""What of a REGISTER and its answer crosses, and how: byte for byte between clients and call managers that a case plays
itself. The names are those of Cisco's soft clients, which register through."""
import subprocess

from case import case, expect
from front import until
from played import Played, answering, asking, contact_of, played, without

INSTANCE = '+sip.instance="<urn:uuid:00000000-0000-0000-0000-d4ae5272b8d3>"'
PARAMS = (f';{INSTANCE};+u.sip!devicename.ccm.cisco.com="CSFMRA01";+u.sip!model.ccm.cisco.com="503";video'
          ';x-cisco-mra-ha=AR_SK;x-cisco-reg-id=1;foo=bar;Odd = "a;b,c>" ;q=0.7')
MORE = ["Supported: replaces,join,X-cisco-srtp-fallback,X-cisco-sis-9.2.0", "x-odd:spaces  and\tTabs ",
        "Session-ID: 5f3a0c9e00105000a000d4ae5272b8d3;remote=00000000000000000000000000000000",
        'Reason: SIP;cause=200;text="cisco-alarm:25 Name=CSFMRA01"', "k: x-second"]
GRANT = ["Date: Thu, 30 Sep 2021 14:27:31 GMT", "Server: Cisco-CUCM12.5",
         "Supported: X-cisco-srtp-fallback,X-cisco-sis-9.2.0,X-cisco-supports-AR_SK",
         "Session-ID: d2ae35a0e4b59f3a1d4f9d2ba4b26a9d;remote=5f3a0c9e00105000a000d4ae5272b8d3", "X-Told:  as is "]


def same(ours, theirs, names, added=()):
    """all lines but those headers, in their order"""
    got = [line for line in without(ours, *names) if line not in added]
    expect(got == without(theirs, *names), f"{got} instead of {without(theirs, *names)}")


@case(("udp", "udp"), ("tcp", "tcp"), ("tls", "udp"))
@played
def register_crosses(scene):
    """S0 5-8, 10, 11, 14-16: each line and each Contact parameter, both ways; of ours are Via, Path, Max-Forwards and
    the option tag for Path there, Service-Route here"""
    phone = scene.phone()
    raw = asking(phone, contact_of(phone, PARAMS), MORE, 120, "sip:cmpub01.a.example;transport=udp")
    phone.send(raw)
    asked, node = scene.at_node(phone)
    same(asked.raw, raw, ("Via", "Path", "Max-Forwards"), ("Supported: path",))
    expect(asked.get("max-forwards") == "69" and len(asked.all("via")) == 1, f"{asked.raw}")
    expect(phone.host not in asked.get("via"), f"the node is told of the client: {asked.get('via')}")
    granted = [f'Contact: {contact_of(phone, PARAMS)};expires=120;+u.sip!userid.ccm.cisco.com="mra01";x-cisco-newreg']
    answer = answering(asked, [*GRANT, "Expires: 120", *granted, "Service-Route: <sip:inside.a.example;lr>",
                               f"Path: {asked.get('path')}"])
    node.send(answer, asked.path)
    told = phone.hear("REGISTER")
    same(told.raw, answer, ("Via", "Service-Route", "Path"))
    expect(f";rport={phone.port}" in told.get("via") and f";received={phone.host}" in told.get("via"), told.get("via"))
    expect(len(told.all("service-route")) == 1 and "inside" not in told.get("service-route"), f"{told.raw}")
    expect(not told.get("path"), "the Path is told to the client")
    one, = scene.bindings()
    expect(one["caps"] == ["AR", "SK"] and one["reg_id"] == 1 and one["contact"] == contact_of(phone, PARAMS), f"{one}")


@case(("udp", "udp"))
@played
def register_plain(scene):
    """S0 1, 5, 6: a client without the tag hears nothing of STUN from a node that knows it; one with the tag hears
    nothing from a node that does not; one that knows adaptive routing alone is known for that"""
    phone = scene.phone()
    asked, told = scene.register(phone, granted=GRANT)
    expect("x-cisco" not in asked.raw.decode().lower(), f"{asked.raw}")
    tags = [tag.strip() for tag in told.get("supported").split(",")]
    expect(tags == ["X-cisco-srtp-fallback", "X-cisco-sis-9.2.0"], f"Supported: {told.get('supported')}")
    expect(scene.bindings()[0]["caps"] == [], f"{scene.bindings()}")
    asked, told = scene.register(phone, contact_of(phone, ";x-cisco-mra-ha=AR_SK"))
    expect("AR_SK" not in told.get("supported") and scene.bindings()[0]["caps"] == [], f"{told.raw}")
    for way in ("Supported: gruu, X-Cisco-MRA-HA=ar_sk", "k: x-cisco-supports-AR_SK"):
        told = scene.register(phone, more=[way], granted=GRANT)[1]
        expect("X-cisco-supports-AR_SK" in told.get("supported"), f"{way}: {told.raw}")
        expect(scene.bindings()[0]["caps"] == ["AR", "SK"], f"{scene.bindings()}")
    told = scene.register(phone, contact_of(phone, ";x-cisco-mra-ha=AR"), granted=GRANT)[1]
    expect("AR_SK" not in told.get("supported") and scene.bindings()[0]["caps"] == ["AR"], f"{scene.bindings()}")


@case(("udp", "udp"), ("tcp", "udp"))
@played
def register_devices(scene):
    """S0 8, 9: an instance from another port is the same registration, by reg-id or x-cisco-reg-id; another reg-id is
    another flow; a device that says neither is known by its Contact"""
    first, again, other = (scene.phone() for _ in range(3))
    for phone, flow in ((first, "x-cisco-reg-id=1"), (again, "x-cisco-reg-id=1"), (again, "reg-id=1")):
        scene.register(phone, contact_of(phone, f";{INSTANCE};{flow}"))
        one, = scene.bindings()
        expect(one["peer"] == f"{phone.host}:{phone.port}", f"it is reached at {one['peer']}")
    scene.register(other, contact_of(other, f";{INSTANCE};x-cisco-reg-id=2"))
    found = {one["reg_id"]: one["peer"] for one in scene.bindings()}
    expect(found == {1: f"{again.host}:{again.port}", 2: f"{other.host}:{other.port}"}, f"{found}")
    scene.register(first, contact_of(first, f";{INSTANCE};x-cisco-reg-id=1;reg-id=3"))
    expect(sorted(one["reg_id"] for one in scene.bindings()) == [1, 2, 3], "reg-id does not win")
    for phone in (first, again):
        scene.register(phone)
    expect(len(scene.bindings()) == 5, f"{scene.bindings()}")


def counts(scene):
    """(current, peak) as the operator sees them"""
    status = scene.ctl("status")
    return status["registrations_current"], status["registrations_peak"]


@case()
def register_counts(net):
    """S1 33, 34: as many as there are now, and the most since the start: registered, gone, expired, started anew"""
    scene = Played(net, registrar="expires = { min_s = 1; };")
    try:
        phones = [scene.phone(f"user{n:02d}") for n in range(20)]
        for phone in phones:
            scene.register(phone)
        expect(counts(scene) == (20, 20), f"{counts(scene)}")
        for phone in phones[:15]:
            scene.register(phone, expires=0)
        for phone in phones[15:18]:
            scene.register(phone, expires=1)
        until("three have expired", 10, lambda: scene.metric("registrations_current") == 2)
        expect(scene.metric("registrations_peak") == 20, "the peak is forgotten")
        expect(sorted(one["aor"] for one in scene.bindings()) == ["user18@a.example", "user19@a.example"], "others")
        for phone in phones[18:]:
            scene.register(phone, expires=0)
        expect(net.daemon.stop()[0] == 0, "it did not stop")
        scene.start()
        expect(counts(scene) == (0, 0), f"after a new start: {counts(scene)}")
    finally:
        scene.end()


def in_trace(path):
    """what tshark finds: [(what, source port, target port)]"""
    fields = ["sip.Method", "sip.Status-Code", "stun.type", "udp.srcport", "udp.dstport"]
    run = subprocess.run(["tshark", "-r", path, "-T", "fields", "-E", "separator=/t",
                          *[word for field in fields for word in ("-e", field)]],
                         capture_output=True, text=True, check=True)
    lines = [line.split("\t") for line in run.stdout.splitlines()]
    return [("".join(line[:3]), int(line[3]), int(line[4])) for line in lines]


@case(("udp", "udp"), ("tls", "tcp"))
@played
def register_in_a_trace(scene):
    """S0 21: a trace has a REGISTER on both legs, and the client's STUN with what it got; a filter leaves STUN out"""
    phone, bed = scene.phone(), scene.net.bed
    scene.ctl("trace", "start", "t.pcap")
    scene.register(phone)
    expect(phone.keepalive(), "no answer")
    scene.ctl("stun", "off")
    expect(not phone.keepalive(0.5), "an answer")
    scene.ctl("trace", "stop")
    here = bed.listener("a", scene.proto)[1]
    found = in_trace(f"{bed.folder}/t.pcap")
    client = [(what, way) for what, *way in found if phone.port in way]
    node = [what for what, *way in found if phone.port not in way]
    expect(client == [("REGISTER", [phone.port, here]), ("200", [here, phone.port]), ("0x0001", [phone.port, here]),
                      ("0x0101", [here, phone.port]), ("0x0001", [phone.port, here])], f"the client's: {client}")
    expect(node == ["REGISTER", "200"], f"the node's: {node}")
    scene.ctl("stun", "on")
    scene.ctl("trace", "start", "u.pcap", "--filter", "number=alice")
    scene.register(phone)
    expect(phone.keepalive(), "no answer")
    scene.ctl("trace", "stop")
    found = [what for what, *_ in in_trace(f"{bed.folder}/u.pcap")]
    expect(sorted(found) == ["200", "200", "REGISTER", "REGISTER"], f"{found}")
