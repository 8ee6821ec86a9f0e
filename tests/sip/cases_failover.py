"""A call manager is lost: which one gets the client's next REGISTER, call and request, and what is not taken over."""
from case import case, expect
from front import until
from peer import Peer
from played import Played, answering, asking, contact_of

AR_SK = ["Supported: X-cisco-supports-AR_SK"]
WARNED = ['Warning: 382 10.0.0.1 "System in Maintenance Mode"', "Retry-After: 120"]
QUICK = "try_ms = 500; total_ms = 4000; "
NO_PROBES = 'keepalive = { method = "none"; };'


def home(scene):
    """(the node that has the only registration, another one), and their names"""
    name = scene.bindings()[0]["node"]
    number = int(name[2:]) - 1
    return scene.nodes[number], scene.nodes[1 - number], name


def registered(scene, phone, at=None):
    """the phone's REGISTER, granted by the node that it comes to: what that saw, what the phone got, and the node"""
    phone.send(asking(phone, contact_of(phone, ";x-cisco-mra-ha=AR_SK"), uri="sip:cmpub01.a.example"))
    asked, node = (scene.to(at, phone), at) if at else scene.at_node(phone)
    routes = [f"Service-Route: <sip:{node.sent_by()};lr;own=yes>"]
    node.send(answering(asked, [*AR_SK, *routes]), asked.path)
    told = phone.hear("REGISTER")
    expect(told.status == 200, f"REGISTER got {told.start}")
    return asked, told, node


@case("refused", "warned", "silent")
def failover_of_register(net, how):
    """S1 50-52, 54: the node is gone, silent or in maintenance: the same REGISTER goes to the other one with its
    Request-URI as it was; later requests of the client and to it take the new way"""
    scene = Played(net, nodes=2, cluster=QUICK + NO_PROBES)
    try:
        phone = scene.phone()
        first = registered(scene, phone)[0]
        old, new, name = home(scene)
        if how == "refused":
            old.close()
        phone.send(asking(phone, contact_of(phone, ";x-cisco-mra-ha=AR_SK"), uri="sip:cmpub01.a.example"))
        if how != "refused":
            asked = scene.to(old, phone)
        if how == "warned":
            old.send(answering(asked, WARNED, "503 Service Unavailable"), asked.path)
        asked = scene.to(new, phone)
        expect(asked.uri == "sip:cmpub01.a.example" and asked.uri == first.uri, f"Request-URI {asked.uri}")
        expect(asked.get("contact") == first.get("contact"), f"{asked.get('contact')}")
        new.send(answering(asked, [*AR_SK, f"Service-Route: <sip:{new.sent_by()};lr;own=yes>"]), asked.path)
        expect(phone.hear("REGISTER").status == 200, "it is refused")
        one, = scene.bindings()
        expect(one["node"] != name, f"{one}")
        expect("state=moved" in net.daemon.log(), "nobody is told that it moved")
        caller = scene.from_phone(phone, "sip:bob@a.example", "INVITE")
        callee = scene.call(caller, new)
        expect("own=yes" in callee.invite.get("route"), f"its Service-Route: {callee.invite.raw}")
        caller.hang_up(callee)
        scene.crosses(scene.from_node(new, contact_of(phone)[1:-1], [asked.get("path")]), phone)
        if how == "warned":
            expect(scene.node_state(name)["state"] == "maintenance", f"{scene.node_state(name)}")
            other = scene.phone("carol")
            expect(registered(scene, other, new)[2] is new, "somebody new goes there")
    finally:
        scene.end()


@case("client", "node")
def failover_takes_no_calls(net, side):
    """S1 53: what is a dialog at the one that died is none here: 481, so that the other end clears"""
    scene = Played(net, cluster=NO_PROBES)
    try:
        phone, node = scene.phone(), scene.nodes[0]
        asked, _ = scene.register(phone)
        caller = scene.from_phone(phone, "sip:bob@a.example", "INVITE")
        callee = scene.call(caller, node)
        until("the registration is on disk", 5, lambda: scene.metric('store_writes_total{kind="put"}') > 0)
        net.daemon.run.kill()
        net.daemon.run.wait()
        scene.start()
        one = caller if side == "client" else callee
        for method in ("INVITE", "UPDATE", "INFO", "BYE"):
            number = one.request(method)
            one.expect(481, method, number)
    finally:
        scene.end()


def reopened(scene, node):
    """the same call manager, back at its place"""
    back = Peer(node.proto, node.host, node.port)
    scene.nodes.append(back)
    scene.net.peers[f"stranger-back-{node.host}"] = back
    return back


@case(sleeps=True)
def failover_queued(net):
    """S0 20: a node lost during a client's call: the client stays for the call, and moves at its first REGISTER after
    it, though the node is back; from then on it stays"""
    scene = Played(net, nodes=2, cluster=QUICK + "keepalive = { interval_s = 2; timeout_s = 1; }; hold_down_s = 0; "
                                                 "up_after = 1; ramp_s = 1;")
    try:
        phone = scene.phone()
        registered(scene, phone)
        old, new, name = home(scene)
        caller = scene.from_phone(phone, "sip:bob@a.example", "INVITE")
        callee = scene.call(caller, old)
        old.close()
        scene.nodes.remove(old)
        scene.serve(20, lambda: scene.node_state(name)["state"] == "down")
        expect(scene.node_state(name)["state"] == "down", f"{scene.node_state(name)}")
        callee.peer = old = reopened(scene, old)
        scene.serve(20, lambda: scene.node_state(name)["state"] == "up")
        expect(scene.node_state(name)["state"] == "up", f"{scene.node_state(name)}")
        registered(scene, phone, old)
        expect(scene.bindings()[0]["calls"] == 1, f"{scene.bindings()}")
        caller.hang_up(callee)
        until("the call is over", 5, lambda: scene.bindings()[0]["calls"] == 0)
        registered(scene, phone, new)
        registered(scene, phone, new)
    finally:
        scene.end()


@case(sleeps=True)
def failover_levelled(net):
    """S1 60, 62-64: a node that returns is given clients that know AR and have no call, by their own REGISTERs, until
    it is level enough; who does not know AR stays, and it ends"""
    scene = Played(net, nodes=2, cluster=QUICK + NO_PROBES + """ ramp_s = 1;
        rebalance = { start_percent = 20; start_count = 2; stop_percent = 60; settle_s = 1; };""")
    try:
        scene.ctl("node", "maintenance", "cm2", "on")
        phones = [scene.phone(f"user{n:02d}") for n in range(12)]
        plain, busy = scene.phone("plain"), phones[0]
        for phone in phones:
            registered(scene, phone, scene.nodes[0])
        scene.register(plain)

        def again():
            for phone in phones:
                registered(scene, phone)
            scene.register(plain)
        caller = scene.from_phone(busy, "sip:bob@a.example", "INVITE")
        callee = scene.call(caller, scene.nodes[0])
        scene.ctl("node", "maintenance", "cm2", "off")
        until("it begins", 30, lambda: scene.metric("rebalancing") == 1)
        rounds = 0
        while scene.metric("rebalancing") == 1:
            expect(rounds < 200, f"it does not end: {scene.ctl('nodes')}")
            rounds += 1
            again()
        where = {one["aor"].partition("@")[0]: one["node"] for one in scene.bindings()}
        loads = [one["registrations"] for one in scene.ctl("nodes")["nodes"]]
        expect(sum(loads) == 13 and 3 <= loads[1] <= 9, f"registrations: {loads}")
        expect(where["plain"] == "cm1" and where["user00"] == "cm1", f"they have moved, too: {where}")
        moved = scene.ctl("nodes")["moved"]
        expect(moved == loads[1] == scene.metric("registrations_moved_total"), f"moved {moved}, there {loads}")
        again()
        expect(scene.ctl("nodes")["moved"] == moved, "it goes on when it is over")
        caller.hang_up(callee)
    finally:
        scene.end()


def challenged(scene, phone, node, nonce, more=()):
    """a REGISTER (with these credentials) that this node answers by a challenge, as the phone gets it"""
    phone.send(asking(phone, contact_of(phone), more))
    asked = scene.to(node, phone)
    line = f'WWW-Authenticate: Digest realm="a.example", nonce="{nonce}", algorithm=MD5'
    node.send(answering(asked, [line], "401 Unauthorized"), asked.path)
    return phone.hear("REGISTER").get("www-authenticate")


def credentials(nonce, user="alice"):
    return [f'Authorization: Digest username="{user}", realm="a.example", nonce="{nonce}", uri="sip:a.example", '
            'response="00"']


@case()
def failover_of_nonce(net):
    """RFC 7616 3.3: the node that asked for the password is gone; the other one's challenge says stale=TRUE to a client
    whose password was right, and not to one that has yet to show it"""
    scene = Played(net, nodes=2, cluster=QUICK + NO_PROBES)
    try:
        alice, bob = scene.phone(), scene.phone("bob")
        scene.ctl("node", "maintenance", "cm2", "on")
        expect("stale" not in challenged(scene, alice, scene.nodes[0], "n1"), "stale at once")
        expect(scene.register(alice, more=credentials("n1"))[1].status == 200, "refused")
        expect("stale" not in challenged(scene, bob, scene.nodes[0], "n2"), "stale at once")
        scene.ctl("node", "maintenance", "cm2", "off")
        scene.nodes.pop(0).close()
        told = challenged(scene, alice, scene.nodes[0], "n3", credentials("n1"))
        expect(told == 'Digest realm="a.example", nonce="n3", algorithm=MD5, stale=TRUE', told)
        expect("stale" not in challenged(scene, alice, scene.nodes[0], "n4", credentials("n3")), "stale once more")
        expect("stale" not in challenged(scene, bob, scene.nodes[0], "n5", credentials("n2", "bob")), "stale for bob")
        expect(scene.register(alice, more=credentials("n4"))[1].status == 200, "refused")
        expect(scene.bindings()[0]["node"] == "cm2", f"{scene.bindings()}")
    finally:
        scene.end()
