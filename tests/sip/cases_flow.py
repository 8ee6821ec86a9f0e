"""The ways to registered clients: how call managers name them, and what becomes of who is behind a way that is gone."""
import re

from case import case, expect
from message import uri_of
from played import Played, contact_of, played

INSTANCE = '+sip.instance="<urn:uuid:00000000-0000-0000-0000-d4ae5272b8d3>"'


@case()
def flow_contact_mode(net):
    """S0 13, S1 67: without Path the node has our Contact with every parameter and where the client really is; requests
    to it arrive at the client's own"""
    scene = Played(net, "tcp", registrar="path = false;")
    try:
        phone = scene.phone()
        params = f";{INSTANCE};reg-id=1;+u.sip!devicename.ccm.cisco.com=\"CSFMRA01\";video;foo=bar"
        own = contact_of(phone, params).replace(";transport=tcp>", ";transport=tcp;own=1>")
        asked, told = scene.register(phone, own, ["Supported: outbound, x-own"], granted=None)
        host, port = net.bed.listener("b", "udp")
        expect(not asked.get("path"), "there is a Path")
        wanted = (rf"<sip:[0-9a-f]{{16}}@{re.escape(host)}:{port};orig-hostport={re.escape(phone.host)}:{phone.port}"
                  rf";own=1>{re.escape(params.replace(';reg-id=1', ''))}")
        expect(re.fullmatch(wanted, asked.get("contact")), f"the node's Contact: {asked.get('contact')}")
        expect(asked.get("supported") == "x-own", f"Supported: {asked.get('supported')}")
        expect(told.get("contact").startswith(uri_of(own).join("<>")), f"the client's Contact: {told.get('contact')}")
        expect("reg-id=1" in told.get("contact") and "foo=bar" in told.get("contact"), told.get("contact"))
        got = scene.crosses(scene.from_node(scene.nodes[0], uri_of(asked.get("contact"))), phone)
        expect(got.uri == uri_of(own), f"Request-URI at the client: {got.uri}")
        scene.from_node(scene.nodes[0], f"sip:{'0' * 16}@{host}:{port}").expect(480, "MESSAGE")
    finally:
        scene.end()


@case(("udp", "udp"), ("tcp", "udp"))
@played
def flow_gruu(scene):
    """RFC 5627: both GRUUs of the node reach the client; what is sent to one goes to the node that made it, and from
    there by the Path"""
    phone = scene.phone()
    gruus = ';pub-gruu="sip:alice@a.example;gr=urn:uuid:0001";temp-gruu="sip:tgruu.7hs==jd7vnz@a.example;gr"'
    own = contact_of(phone, f";{INSTANCE};reg-id=1")
    asked, told = scene.register(phone, own, ["Supported: gruu, path"], granted=[f"Contact: {own}{gruus};expires=600"])
    expect(asked.get("supported") == "gruu, path", f"Supported: {asked.get('supported')}")
    expect(gruus in told.get("contact"), told.get("contact"))
    there = scene.from_phone(phone, "sip:alice@a.example;gr=urn:uuid:0001")
    got = scene.crosses(there, scene.nodes[0])
    expect(got.uri == "sip:alice@a.example;gr=urn:uuid:0001", f"Request-URI at the node: {got.uri}")
    back = scene.from_node(scene.nodes[0], "sip:alice@a.example;gr=urn:uuid:0001", [asked.get("path")])
    expect(scene.crosses(back, phone).uri == uri_of(own), "not to the client's Contact")


@case(("tcp", "udp"), ("tls", "udp"))
@played
def flow_dies(scene):
    """RFC 5626 5.3: by a flow that is gone the next one of the same device is reached, without any 430; with the last
    one gone 430; a token that was touched 403; nobody is connected to"""
    first, second = scene.phone(), scene.phone()
    paths = []
    for number, phone in enumerate((first, second), 1):
        asked, told = scene.register(phone, contact_of(phone, f";{INSTANCE};reg-id={number}"),
                                     ["Supported: path, outbound"])
        expect(asked.get("path").endswith(";lr;ob>"), asked.get("path"))
        expect(told.get("require") == "outbound" and told.get("flow-timer") == "120", f"{told.raw}")
        paths.append(asked.get("path"))
    node, target = scene.nodes[0], f"sip:alice@{first.host}:{first.port};transport={first.proto}"
    for method in ("MESSAGE", "INVITE"):
        leg = scene.from_node(node, target, paths[:1], method)
        expect(scene.crosses(leg, first, method).uri == target, "not by the flow that was named")
        end(scene, leg, first, method)
    scene.hang(first)
    for method in ("MESSAGE", "INVITE"):
        leg = scene.from_node(node, target, paths[:1], method)
        got = scene.crosses(leg, second, method)
        expect(f":{second.port}" in got.uri, f"Request-URI at the other flow: {got.uri}")
        end(scene, leg, second, method)
    scene.hang(second)
    at = paths[1].index("sip:") + 8
    forged = paths[1][:at] + ("A" if paths[1][at] != "A" else "B") + paths[1][at + 1:]
    for method in ("MESSAGE", "INVITE", "SUBSCRIBE"):
        for path in paths:
            scene.from_node(node, target, [path], method).expect(430, method)
        scene.from_node(node, target, [forged], method).expect(403, method)


def end(scene, leg, phone, method):
    """of a call that has been answered"""
    if method != "INVITE":
        return
    leg.ack()
    number = leg.request("BYE")
    bye = phone.wait(lambda m: m.startswith(b"BYE "), 5)
    expect(bye is not None, "no BYE at the client")
    scene.reply(phone, bye)
    leg.expect(200, "BYE", number)


@case(("udp", "udp"), ("tcp", "tcp"))
def flow_named(net, proto, inside):
    """S1 58: a listener's name instead of its address stands in Path, Via, Service-Route and Contact, and what comes
    back by it finds the client"""
    for path in (True, False):
        scene = Played(net, proto, inside, registrar="" if path else "path = false;", advertise="sbc.a.example")
        try:
            named(scene, scene.phone(), path)
        finally:
            scene.end()
        if path:
            expect(net.daemon.stop()[0] == 0, "it did not stop")
            for name in [name for name in net.peers if name.startswith("stranger-cm")]:
                net.peers.pop(name).close()


def named(scene, phone, path):
    node = scene.nodes[0]
    asked, told = scene.register(phone)
    port = scene.net.bed.listener("b", scene.inside)[1]
    place = re.escape(f"sbc.a.example:{port}") + (";transport=tcp" if scene.inside == "tcp" else "")
    expect(asked.get("via").split()[1].startswith(f"sbc.a.example:{port};"), asked.get("via"))
    expect(scene.net.bed.host(20) not in asked.raw.decode(), f"an address of ours: {asked.raw}")
    if path:
        expect(re.fullmatch(rf"<sip:[\w-]+@{place};lr>", asked.get("path")), asked.get("path"))
    else:
        expect(re.match(rf"<sip:[\w-]+@{place};orig-hostport=", asked.get("contact")), asked.get("contact"))
    port = scene.net.bed.listener("a", scene.proto)[1]
    place = f"<sip:sbc.a.example:{port}" + (";transport=tcp" if scene.proto == "tcp" else "") + ";lr>"
    expect(told.get("service-route") == place, told.get("service-route"))
    way = (uri_of(contact_of(phone)), [asked.get("path")]) if path else (uri_of(asked.get("contact")),)
    scene.crosses(scene.from_node(node, *way), phone)
    caller = scene.from_phone(phone, "sip:bob@a.example", "INVITE", [f"Route: {place}"])
    callee = scene.call(caller, node)
    expect(uri_of(callee.invite.get("contact")).partition("@")[2].startswith("sbc.a.example:"),
           f"Contact at the node: {callee.invite.get('contact')}")
    expect(not callee.invite.get("route"), f"{callee.invite.raw}")
    caller.hang_up(callee)
    watcher = scene.from_phone(phone, "sip:bob@a.example", "SUBSCRIBE", ["Event: presence", "Expires: 60"])
    got = scene.crosses(watcher, node, "SUBSCRIBE")
    expect(got.get("record-route").partition("@")[2].startswith("sbc.a.example:"), got.get("record-route"))


@case("tcp", "tls")
def flow_dies_before_the_answer(net, proto):
    """RFC 5626 5.3: a connection that ends while its client is asked: the other flow of the device is asked at once,
    and when that ends, too, there is 430; on whichever worker the request and the connections are"""
    scene = Played(net, proto, workers=3)
    try:
        for turn in range(4):
            first, second = (scene.phone(f"user{turn}") for _ in range(2))
            asked = scene.register(first, contact_of(first, f";{INSTANCE};reg-id=1"))[0]
            scene.register(second, contact_of(second, f";{INSTANCE};reg-id=2"))
            leg = scene.from_node(scene.nodes[0], uri_of(contact_of(first)), [asked.get("path")],
                                  to=f"user{turn}@a.example")
            for phone in (first, second):
                expect(phone.wait(lambda m: m.startswith(b"MESSAGE "), 5), "no MESSAGE")
                phone.close()
                scene.phones.remove(phone)
            leg.expect(430, "MESSAGE")
    finally:
        scene.end()
