"""What the cases share: a registry, the endpoints, and a call from one side to the other."""
import itertools
import threading
from collections import namedtuple

from bed import Bed
from daemon import Daemon
from message import Failure, fresh, sdp
from peer import Peer
from ua import Leg

CASES = []
Case = namedtuple("Case", "name function arguments settle_s sleeps")
_number = itertools.count(1)
_ipv6 = threading.Lock()                # there is one IPv6 loopback address for all cases


def case(*arguments, settle_s=5, sleeps=False):
    """registers a case once, or once for each of the given arguments (a text, or a tuple). After it, all must be over
    within settle_s; a case that waits long is started early. One that `sleeps`, a session timer's time, plays beside
    all others"""
    def register(function):
        for one in arguments or [()]:
            one = one if isinstance(one, tuple) else (one,)
            CASES.append(Case("-".join([function.__name__.replace("_", "-"), *one]), function, one, settle_s, sleeps))
        return function
    return register


def expect(condition, what):
    if not condition:
        raise Failure(what)


def side_of(name):
    return name[0]


def kind_of(name):
    return name.partition("-")[2]


class Net:
    """One case: its daemon, its endpoints (made when first asked for), what the records are to say in the end."""

    def __init__(self, program, root, number):
        self.program, self.bed = program, Bed(f"{root}/{number}", number)
        self.beds = {"a": self.bed, "b": self.bed}
        self.daemon, self.second, self.peers, self.callers = None, None, {}, []
        self.zone = None                # the name server, where there is one
        self.records = []               # (Call-ID of a leg, {key: value})
        self.calls = None               # number of calls that have records, where the case knows
        self.stopped = None             # (exit code, counters) where the case stopped the daemon itself
        self.alone = False              # holds the lock on ::1

    def begin(self, a=("a-udp",), b=("b-udp",), **keys):
        """starts the daemon; a, b: targets of the two trunks; keys: see Bed.write"""
        expect(self.daemon is None, "begun twice")
        names = [[one] if isinstance(one, str) else list(one) for one in (a, b)]
        self.alone = any("v6" in name for name in names[0] + names[1]) and _ipv6.acquire()
        self.daemon = Daemon(self.program, self.bed.write(*names, **keys), self.bed.folder)
        return self

    def begin_in_series(self, keys):
        """two daemons: side a is the first one's, side b the second one's; keys of all four trunks"""
        far = Bed(self.bed.folder + "-second", self.bed.number, 60)
        self.bed.join(far)
        self.beds["b"] = far
        self.second = Daemon(self.program, far.write(["a-next"], ["b-udp"], keys, keys), far.folder)
        self.daemon = Daemon(self.program, self.bed.write(["a-udp"], ["b-next"], keys, keys), self.bed.folder)
        return self

    def peer(self, name):
        if name not in self.peers:
            proto, host, port = self.beds.get(name[0], self.bed).place(name)
            self.peers[name] = Peer(proto, host, port, self.bed.tls if proto == "tls" else None)
        return self.peers[name]

    def listener(self, name):
        """where an endpoint sends to"""
        side = "a" if name == "stranger" else side_of(name)
        kind = kind_of(name) or "udp"
        return self.beds[side].listener(side, {"other": "udp", "other-tcp": "tcp"}.get(kind, kind))

    def place(self, name="a-udp", user="4930123", **invite):
        """a request that needs no call behind it"""
        return Leg.place(self.peer(name), self.listener(name), user, **invite)

    def messages(self):
        """(side, sent by the daemon, bytes): what the endpoints of both sides sent and got"""
        for name, peer in self.peers.items():
            if not name.startswith("stranger"):
                yield from ((side_of(name), way == "in", raw) for way, raw in peer.log)
        for sipp in self.callers:
            yield from ((sipp.side, not sent, raw) for _, sent, raw in sipp.trace())

    def end(self):
        for sipp in self.callers:
            sipp.kill()
        for peer in self.peers.values():
            peer.close()
        for daemon in (self.daemon, self.second):
            if daemon and daemon.alive():
                daemon.run.kill()
                daemon.run.wait()
        if self.zone:
            self.zone.stop()
        if self.alone:
            _ipv6.release()


class Call:
    """A call from endpoint `src` to endpoint `dst`. a is the leg of who called, b of who is called."""

    def __init__(self, net, src="a-udp", dst="b-udp", take=True, **invite):
        if net.daemon is None:
            net.begin(**{side_of(src): src, side_of(dst): dst})
        self.net, self.number = net, f"4930{next(_number):06d}"
        self.far = net.peer(dst)
        self.a = Leg.place(net.peer(src), net.listener(src), self.number, **invite)
        self.b = Leg.take(self.far, self.number) if take else None

    def take(self, at=None, seconds=5.0):
        """the INVITE as it comes to (another) endpoint of the far side"""
        self.far = self.net.peer(at) if at else self.far
        self.b = Leg.take(self.far, self.number, seconds)
        return self.b

    def up(self, headers=()):
        """ringing, answered (with these headers), acknowledged"""
        self.b.ring()
        self.a.expect(180)
        self.b.answer(headers=headers)
        self.answer = self.a.confirm(self.b)
        return self.caught_up()

    def caught_up(self):
        """leg b's ACK does not wait for leg a's: an answered OPTIONS behind leg a's shows that it was taken, too"""
        ping = Leg(self.a.peer, self.a.dest)
        ping.call_id, ping.local_tag = self.a.call_id, fresh("tag")
        ping.local, ping.remote, ping.target = self.a.local, "<sip:ping@invalid>", self.a.target
        ping.request("OPTIONS")
        ping.expect(200, "OPTIONS")
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
        one.hang_up(other)
        self.recorded("bye", "a" if one is self.a else "b", 200)

    def recorded(self, cause=None, ended_by=None, status=None, **more):
        """what the records of this call are to say once all is over"""
        wanted = {"cause": cause, "ended_by": ended_by, "status": status, **more}
        self.net.records.append((self.a.call_id, {k: v for k, v in wanted.items() if v is not None}))

    def offer(self, leg, version, direction="sendrecv"):
        return sdp(leg.peer.host, version, direction)
