"""What the cases share: a registry, the endpoints, and a call from one side to the other."""
import itertools
import ssl

from daemon import CODES, listener
from ua import Failure, Leg, Peer, sdp

CASES = []                      # (name, function, arguments)
_number = itertools.count(1)


def case(*arguments):
    """registers a case once, or once for each of the given arguments (a text, or a tuple)"""
    def register(function):
        for one in arguments or [()]:
            one = one if isinstance(one, tuple) else (one,)
            CASES.append(("-".join([function.__name__.replace("_", "-"), *one]), function, one))
        return function
    return register


def expect(condition, what):
    if not condition:
        raise Failure(what)


class Net:
    """The endpoints of both sides (made when first asked for) and what the call records are to say in the end."""
    PLACES = {"a-udp": ("udp", "127.0.1.1", 17100), "a-tcp": ("tcp", "127.0.1.1", 17100),
              "a-tls": ("tls", "127.0.1.1", 17101), "a-v6": ("udp", "::1", 17110),
              "b-udp": ("udp", "127.0.2.1", 17200), "b-tcp": ("tcp", "127.0.2.1", 17200),
              "b-tls": ("tls", "127.0.2.1", 17201), "b-other": ("udp", "127.0.2.4", 17280),
              "a-slow": ("udp", "127.0.1.6", 17183), "b-slow": ("udp", "127.0.2.6", 17283),
              "stranger": ("udp", "127.0.3.1", 17300)}

    def __init__(self, daemon):
        self.daemon, self.peers, self.records = daemon, {}, []
        self.case = ""
        client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        client.check_hostname = False
        client.load_verify_locations(f"{daemon.folder}/cert.pem")
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(f"{daemon.folder}/cert.pem", f"{daemon.folder}/key.pem")
        self.tls = {"client": client, "server": server}

    def peer(self, name):
        if name not in self.peers:
            proto, host, port = self.PLACES[name]
            self.peers[name] = Peer(proto, host, port, self.tls if proto == "tls" else None)
        return self.peers[name]

    def flush(self):
        """what an earlier case left unread is no business of the next"""
        for name, peer in self.peers.items():
            if not name.endswith("-slow"):
                peer.poll(0)
                peer.inbox.clear()

    def close(self):
        for peer in self.peers.values():
            peer.close()


class Call:
    """A call placed at trunk `src`'s listener for trunk `dst`. a and b are its legs as their endpoints see them."""

    def __init__(self, net, src="a-udp", dst="b-udp", at=None, take=True, **invite):
        self.net, self.src, self.dst = net, src, dst
        self.number = CODES[dst] + f"{next(_number):06d}"
        self.far = net.peer(at or Net.target(dst))
        self.a = Leg.place(net.peer(src), listener(src), self.number, **invite)
        self.b = Leg.take(self.far, self.number) if take else None

    def take(self, at=None, seconds=5.0):
        """the INVITE as it comes to (another) endpoint of the far side"""
        self.b = Leg.take(self.net.peer(at) if at else self.far, self.number, seconds)
        return self.b

    def up(self):
        """ringing, answered, acknowledged"""
        self.b.ring()
        self.a.expect(180)
        self.b.answer()
        self.answer = self.a.expect(200)
        self.a.ack()
        self.b.await_request("ACK")
        return self

    def cross(self, one, other, method, body=None, headers=(), status=200, reply=None):
        """a request in the dialog that goes through to the other end and is answered there; returns both messages"""
        number = one.request(method, body, headers)
        there = other.await_request(method)
        other.reply(there, status, reply)
        back = one.expect(status, method, number)
        return there, back

    def bye(self, one=None, other=None):
        one, other = one or self.a, other or self.b
        number = one.request("BYE")
        other.reply(other.await_request("BYE"), 200)
        one.expect(200, "BYE", number)
        self.recorded("bye", "a" if one is self.a else "b", 200)

    def recorded(self, cause=None, ended_by=None, status=None, **more):
        """what the records of this call are to say once all is over"""
        wanted = {"cause": cause, "ended_by": ended_by, "status": status, **more}
        self.net.records.append((self.net.case, self.a.call_id, {k: v for k, v in wanted.items() if v is not None}))

    def offer(self, leg, version, direction="sendrecv"):
        return sdp(leg.peer.host, version, direction)


def target(trunk):
    """the endpoint that a trunk's living target is"""
    if trunk in ("a-udp", "a-tcp", "a-tls", "a-v6", "b-tcp", "b-tls", "b-slow"):
        return trunk
    return {"b-refused-tcp": "b-tcp", "b-dead-silent": "b-other"}.get(trunk, "b-udp")


Net.target = staticmethod(target)
