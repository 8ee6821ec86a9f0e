"""Clients register through at real Kamailios, and at us."""
import json
import re

import schema

from case import case, expect
from cases_reload import edit
from daemon import Daemon
from front import CallManager, Client, cluster, md5, sha256, until, write
from ua import Leg


def registrations(net):
    code, text, error = net.daemon.ctl("-j", "registrations")
    expect(code == 0, error)
    answer = json.loads(text)
    wrong = list(schema.faults(answer, schema.load("registrations")))
    expect(not wrong, f"{wrong[:3]}")
    return answer


@case("udp", "tcp")
def front_kamailio(net, proto):
    """RFC 3261 10, RFC 3327: challenged, registered with its own Contact and our Path, refreshed, gone"""
    with cluster(net, 1) as (node,):
        client = Client(net, proto)
        answer = client.register()
        seen = re.search(r"good REGISTER contact=(\S+) path=(\S+) uri=(\S+) via=(.*)", node.log())
        expect(seen and seen.group(1) == client.contact, f"Contact at the node: {seen and seen.group(1)}")
        host, port = net.bed.listener("b", "udp")
        expect(re.fullmatch(rf"<sip:[\w-]+@{re.escape(host)}:{port};lr>", seen.group(2)), f"Path {seen.group(2)}")
        expect(seen.group(3) == "sip:a.example" and client.peer.host not in seen.group(4), seen.group(0))
        told = int(re.search(r"expires=(\d+)", answer.get("contact")).group(1))
        expect((54 <= told <= 60) if proto == "udp" else (540 <= told <= 600), f"told {told}")
        expect(not answer.get("path"), answer.raw)
        host, port = net.bed.listener("a", proto)
        transport = "" if proto == "udp" else f";transport={proto}"
        expect(answer.get("service-route") == f"<sip:{host}:{port}{transport};lr>", answer.get("service-route"))
        one, = registrations(net)["registrations"]
        expect(one["aor"] == "alice@a.example" and one["node"] == "cm1" and one["contact"] == client.contact, f"{one}")
        client.register()
        expect(registrations(net)["current"] == 1, "a refresh is another binding")
        client.register(expires=0)
        both = registrations(net)
        expect(both["current"] == 0 and both["peak"] == 1, f"{both}")
        code, text, _ = net.daemon.ctl("metrics")
        expect("twinleg_registrations_peak 1\n" in text and 'registers_total{result="challenged"}' in text, "metrics")
        expect("secret" not in net.daemon.log(), "a password in the log")


@case(settle_s=8)
def front_node_killed(net):
    """a node that is killed: the next REGISTER goes to the other one, whose challenge is answered there"""
    with cluster(net, 2) as nodes:
        client = Client(net)
        client.register()
        name = registrations(net)["registrations"][0]["node"]
        dead = next(node for node in nodes if node.name == name)
        alive = next(node for node in nodes if node.name != name)
        dead.kill()
        client.register()
        one, = registrations(net)["registrations"]
        expect(one["node"] == alive.name, f"{one}")
        expect(alive.count("challenge", "REGISTER") == 1, f"{alive.said()}: a nonce of its own, asked for once")
        client.register(expires=0)
        alive.kill()
        expect(client.register(status=503).get("retry-after") == "120", "no Retry-After")


def node_of(net, name):
    _, text, _ = net.daemon.ctl("-j", "nodes")
    return next(one for one in json.loads(text)["nodes"] if one["name"] == name)


BRISK = "keepalive = { interval_s = 2; timeout_s = 1; }; up_after = 2; ramp_s = 1; hold_down_s = 0;"


@case("all", "register", settle_s=8, sleeps=True)
def front_node_maintained(net, how):
    """503 with Warning 382: the next node within the same REGISTER; back when OPTIONS are answered and REGISTER is"""
    with cluster(net, 2, cluster=BRISK) as nodes:
        client = Client(net)
        client.register()
        home = registrations(net)["registrations"][0]["node"]
        first, other = sorted(nodes, key=lambda node: node.name != home)
        first.maintain(1 if how == "all" else 2)
        client.register()
        expect(first.count("maintained", "REGISTER") == 1, f"{first.said()}")
        expect(registrations(net)["registrations"][0]["node"] == other.name, "it is registered where it was")
        expect(f'node={home} state=maintenance was=up evidence="503 in maintenance"' in net.daemon.log(), "the log")
        if how == "all":
            client.register()
            expect(first.count("maintained", "REGISTER") == 1, "it is asked though it is in maintenance")
            first.await_count("maintained", "OPTIONS", 3, 15)
            expect(node_of(net, home)["state"] == "maintenance", "OPTIONS with 503 end its maintenance")
        first.maintain(0)
        until("it is up again", 15, lambda: node_of(net, home)["state"] == "up")
        net.daemon.ctl("node", "maintenance", other.name, "on")
        client.register()
        expect(registrations(net)["registrations"][0]["node"] == home, "it gets no registrations any more")


@case(settle_s=8)
def front_node_forgets(net):
    """a refresh that needs not reach its node does when the node may have begun anew"""
    with cluster(net, 1, cluster=BRISK) as nodes:
        client = Client(net, "tcp")
        client.register()
        client.register()
        expect(nodes[0].count("good", "REGISTER") == 1, f"each refresh reaches the node: {nodes[0].said()}")
        nodes[0].kill()
        until("it is down", 15, lambda: node_of(net, "cm1")["state"] == "down")
        nodes[0] = CallManager(net.bed, 1)
        until("it is up again", 15, lambda: node_of(net, "cm1")["state"] == "up")
        before = nodes[0].count("good", "REGISTER")
        client.register()
        expect(nodes[0].count("good", "REGISTER") == before + 1, "the refresh was answered without the node")


@case()
def front_contact_mode(net):
    """a registrar without Path: it gets our Contact, the client its own"""
    with cluster(net, 1, registrar="path = false;") as (node,):
        client = Client(net)
        answer = client.register()
        seen = re.search(r"good REGISTER contact=(\S+)", node.log()).group(1)
        host, port = net.bed.listener("b", "udp")
        expect(re.fullmatch(rf"<sip:[0-9a-f]{{16}}@{re.escape(host)}:{port};orig-hostport=[\d.]+:17301>;x-own=kept",
                            seen), seen)
        own = client.contact.partition(";x-own")[0]     # Kamailio keeps no parameters that it does not know
        expect(answer.get("contact").startswith(own + ";expires="), answer.get("contact"))
        client.register(expires=0)
        expect(registrations(net)["current"] == 0, "still there")


@case()
def front_local(net):
    """a domain of our own: digest users, wrong passwords, other users, copies of credentials, several Contacts"""
    with open(f"{net.bed.folder}/users.htdigest", "w", encoding="ascii") as users:
        users.write("# who may register\n")
        for name, password in (("alice", "secret"), ("bob", "hidden")):
            users.write(f"{name}:a.example:{md5(name, 'a.example', password)}\n")
    local = 'local = ( { domain = "a.example"; users = "users.htdigest"; } );'
    net.daemon = Daemon(net.program, write(net.bed, [], local), net.bed.folder)
    client = Client(net)
    answer = client.register()
    expect(re.search(r"x-own=kept;expires=(5[4-9]|60)$", answer.get("contact")), answer.get("contact"))
    again = client.answer(client.send(headers=(f"Authorization: {client.authorization(count=1)}",)))
    expect(again.status == 401 and "stale=TRUE" in again.get("www-authenticate"), f"a copy got {again.start}")
    client.take_challenge(again)
    more = client.answer(client.send(headers=(f"Authorization: {client.authorization()}",),
                                     contact="<sip:desk@192.0.2.9>;q=0.3"))
    expect(len(more.all("contact")) == 2, f"{more.all('contact')}")
    other = client.answer(client.send(headers=(f"Authorization: {client.authorization()}",), aor="bob@a.example"))
    expect(other.status == 403, f"another user's AoR: {other.start}")
    wrong = Client(net, password="guess", port=17302)
    wrong.register(status=403)
    expect("security category=sip-auth" in net.daemon.log(), "nobody is told of a wrong password")
    foreign = Client(net, domain="b.example", port=17303)
    expect(foreign.answer(foreign.send()).status == 403, "a domain that is not ours")
    client.register(expires=0, contact="*")
    expect(registrations(net)["current"] == 0, "still there")
    expect("guess" not in net.daemon.log() and 'error=credentials' in net.daemon.log(), "the log")


class Users:
    """the file of our own domain"""

    def __init__(self, net):
        self.net, self.path = net, f"{net.bed.folder}/users.htdigest"

    def write(self, **users):
        """name=(password, digest ...)"""
        with open(self.path, "w", encoding="ascii") as out:
            for name, (password, *digests) in users.items():
                out.writelines(f"{name}:a.example:{digest(name, 'a.example', password)}\n" for digest in digests)

    def start(self):
        local = 'local = ( { domain = "a.example"; users = "users.htdigest"; } );'
        self.net.daemon = Daemon(self.net.program, write(self.net.bed, [], local), self.net.bed.folder)


@case()
def front_local_sha256(net):
    """RFC 8760 2.3, 2.4: SHA-256 stands first; who has no such HA1, or does not speak it, registers by MD5"""
    users = Users(net)
    users.write(alice=("secret", sha256), bob=("secret", md5), carol=("secret", md5, sha256))
    users.start()
    both, old = ("SHA-256", "MD5"), ("MD5",)
    rows = [("alice", both, "SHA-256"), ("bob", both, "MD5"), ("bob", old, "MD5"), ("carol", both, "SHA-256"),
            ("carol", old, "MD5")]
    for number, (user, speaks, used) in enumerate(rows):
        client = Client(net, user=user, speaks=speaks, port=17301 + number)
        client.register()
        expect(client.algorithm == used, f"{user} who speaks {speaks} has used {client.algorithm}")
        client.register()
    for number, user in enumerate(("alice", "bob", "nobody")):
        Client(net, user=user, speaks=both, password="guess", port=17311 + number).register(status=403)
    Client(net, user="alice", port=17320).register(status=403)
    code, text, _ = net.daemon.ctl("metrics")
    expect(code == 0 and 'security_events_total{what="wrong-credentials"} 4\n' in text, "wrong ones are not counted")


@case()
def front_local_reload(net):
    """the file is read anew: who is gone from it stays until his registration ends; who is new can come"""
    users = Users(net)
    users.write(alice=("secret", md5), bob=("secret", md5))
    users.start()
    alice, bob, carol = (Client(net, user=user, port=17301 + n) for n, user in enumerate(("alice", "bob", "carol")))
    alice.register()
    bob.register()
    users.write(alice=("secret", md5), carol=("secret", sha256))
    code, text, error = net.daemon.ctl("reload", "--plan")
    expect(code == 0 and "users (content) changed" in text, f"the plan: {text}{error}")
    bob.register()
    code, text, error = net.daemon.ctl("reload")
    expect(code == 0, error)
    expect(registrations(net)["current"] == 2, "a reload ends registrations")
    alice.register()
    bob.register(status=403)
    carol.speaks = ("SHA-256",)
    carol.register()
    left = sorted(one["aor"] for one in registrations(net)["registrations"])
    expect(left == ["alice@a.example", "bob@a.example", "carol@a.example"], f"{left}")
    with open(users.path, "a", encoding="ascii") as out:
        out.write("dave:a.example:0123\n")
    code, text, error = net.daemon.ctl("reload")
    expect(code == 1 and "users.htdigest:3: " in error + text, f"a broken file: {code} {text}{error}")
    alice.register()


@case("udp", "tcp")
def front_reloads(net, proto):
    """REGISTERs during reloads get their answers, and no binding is lost"""
    with cluster(net, 1, registrar="authorizations = { max = 0; }; credentials = { refresh_min = 0; };",
                 cluster="retry_after_s = 120;"):
        clients = [Client(net, proto, port=17301 + n, user=f"user{n}") for n in range(5)]
        for client in clients:
            client.register()
        for round_ in range(10):
            numbers = [client.send(headers=(f"Authorization: {client.authorization()}",)) for client in clients]
            edit(net, f"retry_after_s = {120 + round_};", f"retry_after_s = {121 + round_};")
            code, text, _ = net.daemon.ctl("-j", "reload")
            expect(code == 0 and json.loads(text)["reload"] == "done", text)
            expect(re.search(rf"reload=done .* took_ms={json.loads(text)['took_ms']}\n", net.daemon.log()), "no time")
            for client, number in zip(clients, numbers):
                expect(client.answer(number).status == 200, "a REGISTER fails during a reload")
        expect(registrations(net)["current"] == 5, "a binding is lost")
        expect(net.daemon.log().count("state=registered") == 5, "a client had to register anew")


@case()
def front_own_names(net):
    """a Request-URI or Route with the name of the cluster, our name, or our address leads to us"""
    with cluster(net, 1) as (node,):
        client = Client(net)
        client.register()
        host, port = net.bed.listener("a", "udp")
        edit(net, f'address = "{host}"; port = {port};', f'address = "{host}"; port = {port}; advertise = "sbc.test";')
        code, text, _ = net.daemon.ctl("reload")
        expect(code == 0, text)
        for number, uri in enumerate(("sip:sbc.test", f"sip:{host}:{port}", "sip:cluster.test;transport=udp")):
            before = node.count("good", "REGISTER") + node.count("challenge", "REGISTER")
            sent = client.send(uri=uri, headers=(f"Route: <{uri};lr>",))
            expect(client.answer(sent).status == 401, f"REGISTER {uri}")
            expect(node.count("good", "REGISTER") + node.count("challenge", "REGISTER") == before + 1,
                   f"{number}: {uri} did not reach the node")
        for uri in ("sip:sbc.test", f"sip:{host}:{port}"):
            leg = Leg(client.peer, client.dest)
            leg.call_id, leg.local_tag, leg.target = f"own-{uri}", "own", uri
            leg.local, leg.remote = "<sip:alice@a.example>", f"<{uri}>"
            leg.request("OPTIONS")
            answer = leg.expect(200, "OPTIONS")
            expect("kamailio" not in answer.get("server") and answer.get("allow"), answer.raw)
