"""How often credentials may be used, which of them are remembered, and who is not heard any more for wrong ones."""
import json
import re

from case import case, expect
from cases_ctl import ask
from cases_front import registrations
from cases_guard import banned, metric, until
from cases_maintenance import service
from cases_reload import edit
from daemon import Daemon
from front import Client, cluster, md5, write
from message import Failure


def own_registrar(net, registrar="", more=""):
    """alice, bob and carol may register at us"""
    with open(f"{net.bed.folder}/users.htdigest", "w", encoding="ascii") as users:
        for name in ("alice", "bob", "carol"):
            users.write(f"{name}:a.example:{md5(name, 'a.example', 'secret')}\n")
    local = f'local = ( {{ domain = "a.example"; users = "users.htdigest"; }} ); {registrar}'
    net.daemon = Daemon(net.program, write(net.bed, [], local, more=more), net.bed.folder)


def authorized(client):
    """the answer to a REGISTER with credentials, of which each is new"""
    return client.answer(client.send(headers=(f"Authorization: {client.authorization()}",)))


@case("udp", "tcp")
def limit_of_authorizations(net, proto):
    """eight in 300 s for one user at one address by default; what brings none is not counted; a reload takes it away"""
    own_registrar(net)
    alice, bob = Client(net, proto), Client(net, proto, user="bob", port=17302)
    alice.register()
    for _ in range(7):
        expect(authorized(alice).status == 200, "one of the first eight is refused")
    for _ in range(3):
        expect(alice.answer(alice.send()).status == 401, "a REGISTER without credentials is counted")
    over = authorized(alice)
    expect(over.status == 480 and 290 <= int(over.get("retry-after")) <= 300, f"the ninth: {over.start}")
    host = net.bed.listener("a", proto)[0]
    expect(over.get("warning") == f'399 {host} "Too Many Authorizations"', over.get("warning"))
    bob.register()
    expect(registrations(net)["current"] == 2, "the limit takes a registration away")
    _, text, _ = net.daemon.ctl("metrics")
    expect('registers_total{result="limited"} 1\n' in text, "not counted")
    edit(net, "registrar = {", "registrar = { authorizations = { max = 0; };")
    expect(ask(net, "reload")["reload"] == "done", "no reload")
    expect(authorized(alice).status == 200, "refused though there is no limit")
    state = service(ask(net, "status"), "Authorization limit")["state"]
    expect(state == "Not configured (set registrar.authorizations.max)", state)


@case()
def limit_with_a_node(net):
    """the limit holds before the call manager hears of it; from another address the same user may go on"""
    with cluster(net, 1, registrar="authorizations = { max = 2; period_s = 60; };") as (node,):
        alice = Client(net)
        alice.register()
        expect(authorized(alice).status == 200, "the second is refused")
        heard = len(node.said())
        expect(authorized(alice).status == 480, "the third is not refused")
        expect(len(node.said()) == heard, "the node heard of the third")
        edit(net, "max = 2", "max = 3")
        expect(ask(net, "reload")["reload"] == "done", "no reload")
        expect(authorized(alice).status == 200, "a higher limit does not hold at once")


def refreshed(net, client, node):
    """does the node hear of a refresh?"""
    before = node.count("good", "REGISTER")
    expect(authorized(client).status == 200, "the refresh fails")
    return node.count("good", "REGISTER") > before


@case()
def credentials_remembered(net):
    """a refresh on the flow that the node has accepted need not reach it; another flow must, and UDP always"""
    with cluster(net, 1) as (node,):
        tcp, udp = Client(net, "tcp"), Client(net, "udp", user="bob", port=17302)
        tcp.register()
        udp.register()
        expect(registrations(net)["current"] == 2, "two are registered")
        until("they are remembered", lambda: metric(net, "credentials_cached") == 2)
        expect(not refreshed(net, tcp, node), "the node is asked again")
        expect(metric(net, 'registers_total{result="absorbed"}') == 1, "not counted as absorbed")
        expect(refreshed(net, udp, node), "over UDP it could be anybody")
        tcp.peer.drop_connections()
        expect(refreshed(net, tcp, node), "a new connection is believed")
        expect(not refreshed(net, tcp, node), "the new connection is not remembered")
        detail = service(ask(net, "status"), "Credential cache")["detail"]
        expect(detail == "refresh 480 min, clean-up 720 min, 2 held now", detail)
        tcp.register(expires=0)
        udp.register(expires=0)
        expect(metric(net, "credentials_cached") == 0, "what is gone is remembered")


@case()
def credentials_not_remembered(net):
    """refresh_min = 0: the node is asked each time"""
    with cluster(net, 1, registrar="credentials = { refresh_min = 0; };") as (node,):
        client = Client(net, "tcp")
        client.register()
        expect(refreshed(net, client, node) and refreshed(net, client, node), "the node is not asked")
        expect(metric(net, "credentials_cached") == 0, "something is remembered")
        state = service(ask(net, "status"), "Credential cache")["state"]
        expect(state == "Not configured (set registrar.credentials.refresh_min)", state)


def guess(net, port, times):
    """wrong passwords; returns who brought them, and how many were answered"""
    client, answered = Client(net, password="guess", port=port), 0
    client.take_challenge(client.answer(client.send()))
    for _ in range(times):
        number = client.send(headers=(f"Authorization: {client.authorization()}",))
        try:
            client.answer(number, 1)
        except Failure:                 # nobody listens any more
            break
        answered += 1
    return client, answered


@case()
def limit_of_wrong_passwords_at_a_node(net):
    """the same where a call manager checks them, which asks again each time"""
    with cluster(net, 1, registrar="authorizations = { max = 0; };"):
        good = Client(net, port=17304)
        good.register()
        client, answered = guess(net, 17301, 20)
        expect(answered == 5, f"{answered} were answered, not 5")
        expect(banned(net)[client.peer.host]["category"] == "sip-auth", f"{banned(net)}")


@case("banned", "exempt", "exempt-from-another")
def limit_of_wrong_passwords(net, how):
    """sip-auth: five within 300 s, and the address is not heard for 600 s; an exempt prefix is, for its categories"""
    exempt = {"banned": "", "exempt": 'exempt = ( {{ source = "{}0/24"; categories = [ "sip-auth" ]; }} );',
              "exempt-from-another": 'exempt = ( {{ source = "{}0/24"; categories = [ "http-auth" ]; }} );'}[how]
    own_registrar(net, "authorizations = { max = 0; };", f"security = {{ {exempt.format(net.bed.net)} }};")
    client, answered = guess(net, 17301, 20)
    lines = re.findall(rf"security category=sip-auth source={re.escape(client.peer.host)} what=wrong-credentials",
                       net.daemon.log())
    if how == "exempt":
        expect(answered == 20 and not banned(net), f"banned after {answered}")
        expect(not lines, "lines that would have it banned by others")
        return
    expect(answered == 5, f"{answered} were answered, not 5")
    expect(len(lines) == 5, f"{len(lines)} lines for 5 failures")
    ban = banned(net)[client.peer.host]
    expect(ban["category"] == "sip-auth" and 590 <= ban["left_s"] <= 600, json.dumps(ban))
    expect(f"ban source={client.peer.host} state=on category=sip-auth seconds=600" in net.daemon.log(), "no line")
    ask(net, "ban", "remove", client.peer.host)
    Client(net, port=17303).register()
