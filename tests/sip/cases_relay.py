"""Calls and other requests of registered clients, through real Kamailios and back."""
import contextlib
import re

from baresip import Baresip
from case import case, expect
from cases_front import registrations
from front import Client, cluster, md5, until
from message import fresh, sdp, uri_of
from ua import Leg


def start(client, user, method="INVITE", headers=(), domain="a.example"):
    """a request of a client to a user of the domain, as it leaves"""
    leg = Leg(client.peer, client.dest)
    leg.call_id, leg.local_tag, leg.cseq = fresh("call-"), fresh("tag"), 100
    leg.local, leg.remote = f"<sip:{client.user}@{domain}>", f"<sip:{user}@{domain}>"
    leg.target = f"sip:{user}@{domain}"
    leg.request(method, sdp(client.peer.host) if method == "INVITE" else None, headers)
    return leg


def credentials(client, challenge, method, uri):
    nonce = re.search(r'nonce="([^"]*)"', challenge).group(1)
    qop = ', qop=auth, nc=00000001, cnonce="0a4f113b"' if "qop" in challenge else ""
    ha1, ha2 = md5(client.user, client.domain, client.password), md5(method, uri)
    response = md5(ha1, nonce, "00000001", "0a4f113b", "auth", ha2) if qop else md5(ha1, nonce, ha2)
    return (f'Proxy-Authorization: Digest username="{client.user}", realm="{client.domain}", nonce="{nonce}", '
            f'uri="{uri}", response="{response}"{qop}')


def ask(client, user, method="INVITE", headers=(), seconds=5.0):
    """the same with credentials, which the node asks for first"""
    first = start(client, user, method, headers)
    challenge = first.expect(407, method, seconds=seconds).get("proxy-authenticate")
    return start(client, user, method, (*headers, credentials(client, challenge, method, f"sip:{user}@a.example")))


def two(net, alice="udp", bob="tcp", **keys):
    pair = Client(net, alice, **keys), Client(net, bob, user="bob", port=17302, **keys)
    for client in pair:
        client.register()
    return pair


def up(a, client, user, seconds=5.0):
    b = Leg.take(client.peer, user, seconds)
    b.ring()
    a.expect(180)
    b.answer()
    a.confirm(b)
    number = a.request("INFO")        # behind the ACK, which each leg on the way has taken when this comes back
    b.reply(b.await_request("INFO"), 200)
    a.expect(200, "INFO", number)
    return b


@case(("udp", "tcp"), ("tcp", "udp"), ("udp", "udp"))
def relay_call(net, one, other):
    """a client calls another one through the node, which asks for its password; hold, and who is called hangs up"""
    with cluster(net, 1) as (node,):
        alice, bob = two(net, one, other)
        a = ask(alice, "bob")
        b = up(a, bob, "bob")
        expect(b.invite.uri == uri_of(bob.contact), f"Request-URI {b.invite.uri}")
        expect(b.invite.get("from").startswith("<sip:alice@a.example>;tag="), b.invite.get("from"))
        expect(not b.invite.get("route") and not b.invite.get("record-route"), f"{b.invite.raw}")
        expect("good INVITE from=sip:alice@a.example" in node.log(), "the node has not seen the INVITE")
        number = b.request("INVITE", sdp(bob.peer.host, 2, "sendonly"))
        there = a.await_request("INVITE")
        a.reply(there, 200, sdp(alice.peer.host, 2, "recvonly"))
        b.expect(200, "INVITE", number)
        b.ack()
        a.await_request("ACK")
        b.hang_up(a)


@case()
def relay_message(net):
    """MESSAGE from client to client through the node, and its answer; a body and unknown headers as they are"""
    with cluster(net, 1):
        alice, bob = two(net)
        a = ask(alice, "bob", "MESSAGE", ("X-Own: kept,  as is",))
        b = Leg.take(bob.peer, "bob", method="MESSAGE")
        expect(b.invite.get("x-own") == "kept,  as is" and b.invite.call_id == a.call_id, f"{b.invite.raw}")
        b.reply(b.invite, 202, headers=("X-Theirs: too",))
        expect(a.expect(202, "MESSAGE").get("x-theirs") == "too", "the answer")


@case()
def relay_subscribe(net):
    """SUBSCRIBE from client to client, NOTIFY back, refresh, end: each in the dialog, each by our Record-Route"""
    with cluster(net, 1):
        alice, bob = two(net, name="stranger")
        event = "Event: presence"
        a = ask(alice, "bob", "SUBSCRIBE", (event, "Expires: 600"))
        b = Leg.take(bob.peer, "bob", method="SUBSCRIBE")
        expect(b.routes and f"{bob.dest[0]}:{bob.dest[1]}" in b.routes[0], f"Record-Route at bob: {b.routes}")
        b.reply(b.invite, 200, headers=("Expires: 600",))
        a.expect(200, "SUBSCRIBE")
        expect(f"{alice.dest[0]}:{alice.dest[1]}" in a.routes[0], f"Route of alice: {a.routes}")
        for state in ("active", "active;expires=500", "terminated"):
            number = b.request("NOTIFY", headers=(event, f"Subscription-State: {state}"))
            a.reply(a.await_request("NOTIFY"), 200)
            b.expect(200, "NOTIFY", number)
            if state == "active":
                number = a.request("SUBSCRIBE", headers=(event, "Expires: 500"))
                b.reply(b.await_request("SUBSCRIBE"), 200, headers=("Expires: 500",))
                a.expect(200, "SUBSCRIBE", number)


@case()
def relay_connection_gone(net):
    """who is called has lost its connection: 430 at once, no new connection; the call before it goes on to the end"""
    with cluster(net, 1):
        alice, bob = two(net)
        a = ask(alice, "bob")
        up(a, bob, "bob")
        bob.peer.drop_connections()
        a.request("BYE")
        a.expect(200, "BYE")
        again = ask(alice, "bob")
        again.expect((430, 480), seconds=3)
        expect(not bob.peer.parts, "a connection was opened towards a client")


@case()
def relay_stranger(net):
    """who has not registered on this flow may only register; what a client writes into a Route leads to its node"""
    with cluster(net, 1):
        alice, bob = two(net)
        stranger = Client(net, port=17303)
        start(stranger, "bob").expect(403)
        start(stranger, "bob", "MESSAGE").expect(403, "MESSAGE")
        host, port = stranger.peer.host, stranger.peer.port
        for method in ("INVITE", "MESSAGE"):
            start(alice, "bob", method, (f"Route: <sip:{host}:{port};lr>",)).expect(407, method)
        stranger.peer.silent(lambda m: not m.status, "request", 0.3)
        expect(not [m for m in bob.peer.inbox if not m.status], "bob was called without credentials")


@case(settle_s=8)
def relay_node_killed(net):
    """the node of the caller is killed: the next call goes to the other one, at once"""
    with cluster(net, 2) as nodes:
        alice, bob = Client(net), Client(net, "tcp", user="bob", port=17302)
        alice.register()
        first = next(node for node in nodes if node.count("good", "REGISTER"))
        other = next(node for node in nodes if node is not first)
        first.kill()
        bob.register()
        a = ask(alice, "bob")
        b = up(a, bob, "bob")
        a.hang_up(b)
        expect(other.count("good", "INVITE") == 1, f"{other.said()}")


@case("udp", "tcp", settle_s=10)
def relay_baresip(net, proto):
    """two real phones, with what they do by themselves: challenges, answers, BYE"""
    with cluster(net, 1) as (node,), contextlib.ExitStack() as phones:
        alice, bob = (Baresip(net.bed, user, number, net.bed.listener("a", proto), proto)
                      for number, user in enumerate(("alice", "bob")))
        phones.callback(alice.stop)
        phones.callback(bob.stop)
        until("both are registered", 10, lambda: registrations(net)["current"] == 2)
        bob.hear()
        alice.hear()
        alice.command("dial", "sip:bob@a.example")
        bob.await_event("CALL_INCOMING")
        alice.await_event("CALL_RINGING")
        bob.command("accept")
        alice.await_event("CALL_ESTABLISHED")
        bob.await_event("CALL_ESTABLISHED")
        busy = {one["aor"]: one["calls"] for one in registrations(net)["registrations"]}
        expect(busy == {"alice@a.example": 1, "bob@a.example": 1}, f"calls of registrations: {busy}")
        bob.command("hangup")
        alice.await_event("CALL_CLOSED")
        until("no calls", 5, lambda: not any(one["calls"] for one in registrations(net)["registrations"]))
        expect(node.count("good", "INVITE") == 1, f"{node.said()}")
