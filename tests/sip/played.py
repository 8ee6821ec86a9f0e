"""Call managers that a case plays itself, message by message, and clients whose REGISTERs it writes byte by byte."""
import json
import re
import time

from daemon import Daemon
from front import until
from message import Failure, Msg, fresh, sdp, uri_of
from peer import Peer
from phone import Phone
from ua import Leg

PORT = 17260
QUIET = 'keepalive = { method = "none"; };'


def lines_of(raw):
    """start line and header lines, as they are"""
    return raw.partition(b"\r\n\r\n")[0].decode("utf-8").split("\r\n")


def without(raw, *names):
    """the same, without these headers: (line of the start, others)"""
    left = tuple(f"{name}:".lower() for name in names)
    return [line for line in lines_of(raw) if not line.lower().startswith(left)]


class Line:
    """A phone's flow as an endpoint of calls: all that it sends goes there."""

    def __init__(self, phone):
        self.phone, self.proto, self.host, self.port = phone, phone.proto, phone.host, phone.port

    def sent_by(self):
        return f"{self.host}:{self.port}"

    contact = sent_by

    def send(self, raw, _):
        self.phone.send(raw)

    def wait(self, match, what, seconds=5.0, copies=False):
        raw = self.phone.wait(lambda m: m[0] > 3 and match(Msg(m)), seconds)
        if raw is None:
            raise Failure(f"{self.proto} {self.sent_by()}: no {what} within {seconds:g} s")
        return Msg(raw, (self.host, self.port))

    def silent(self, match, what, seconds):
        if self.phone.wait(lambda m: m[0] > 3 and match(Msg(m)), seconds):
            raise Failure(f"{self.sent_by()}: {what} was not to come")


class Played:
    """The daemon, and the call managers cm1, cm2, ... behind it."""

    def __init__(self, net, proto="udp", inside="udp", nodes=1, registrar="", cluster=QUIET, advertise="", workers=1,
                 more="", node=Peer):
        self.net, self.proto, self.inside, self.phones = net, proto, inside, []
        # the names of nodes are told to clients and the other way round: a stranger is on no side
        self.nodes = [node(inside, net.bed.host(40 + n), PORT) for n in range(1, nodes + 1)]
        for number, one in enumerate(self.nodes):
            net.peers[f"stranger-cm{number + 1}"] = one
        self.config = self._write(registrar, cluster, advertise, workers, more)
        self.start()

    def _write(self, registrar, cluster, advertise, workers, more):
        bed, kinds = self.net.bed, ["udp", "tcp"]
        outside = kinds + ["tls"] if self.proto == "tls" else kinds
        tls = ""
        if self.proto == "tls":
            bed.make_tls()
            tls = 'tls = ( { name = "default"; certificate = "cert.pem"; key = "key.pem"; } );\n'
        named = f' advertise = "{advertise}";' if advertise else ""
        listens = [*bed._listens("a", outside), *bed._listens("b", kinds)]
        listen = ",\n".join(f'  {{ name = "{name}"; {keys}{named} }}' for name, keys in listens)
        nodes = ", ".join(f'{{ name = "cm{n + 1}"; uri = "sip:{one.sent_by()};transport={self.inside}"; }}'
                          for n, one in enumerate(self.nodes))
        fronts = ", ".join(f'"a-{kind}"' for kind in outside)
        path = f"{bed.folder}/twinleg.cfg"
        with open(path, "w", encoding="utf-8") as out:
            out.write(f'node = {{ name = "test"; workers = {workers}; state_dir = "state"; drain_seconds = 1; }};\n'
                      f'listen = (\n{listen}\n);\n{tls}trunks = ( );\n'
                      f'registrar = {{ listen = [ {fronts} ]; {registrar} }};\n'
                      f'cluster = {{ listen = [ "b-udp", "b-tcp" ]; nodes = ( {nodes} ); {cluster} }};\n'
                      f'{more}\nadmin = {{ cdr = "cdr.jsonl"; log_level = "info"; http = "{bed.host(10)}:17080"; }};\n')
        return path

    def start(self):
        self.net.daemon = Daemon(self.net.program, self.config, self.net.bed.folder)

    def ctl(self, *words):
        code, out, err = self.net.daemon.ctl("-j", *words)
        if code != 0:
            raise Failure(f"twinlegctl {' '.join(words)}: {err}")
        return json.loads(out)

    def bindings(self):
        return self.ctl("registrations")["registrations"]

    def metric(self, name):
        _, text, _ = self.net.daemon.ctl("metrics")
        found = re.search(rf"^twinleg_{re.escape(name)} (\d+)$", text, re.M)
        return int(found.group(1)) if found else -1

    def phone(self, user="alice", proto=None):
        proto = proto or self.proto
        self.phones.append(Phone(proto, self.net.bed.host(9), self.net.bed.listener("a", proto),
                                 self.net.bed.tls if proto == "tls" else None, user))
        return self.phones[-1]

    def end(self):
        for phone in self.phones:
            phone.close()

    def hang(self, phone):
        """its flow ends, and the daemon has seen that"""
        before = self.ctl("status")["connections"]
        phone.close()
        self.phones.remove(phone)
        until("the connection is gone", 5, lambda: self.ctl("status")["connections"] < before)

    # --- REGISTERs
    def at_node(self, phone, seconds=5.0):
        """the phone's last REGISTER where it comes to, and that node"""
        end = time.monotonic() + seconds
        while True:
            for node in self.nodes:
                try:
                    return self.to(node, phone, 0.02), node
                except Failure:
                    if time.monotonic() > end:
                        raise

    @staticmethod
    def to(node, phone, seconds=5.0):
        return node.wait(lambda m: m.method == "REGISTER" and m.call_id == phone.call_id and m.cseq[0] == phone.cseq,
                         f"REGISTER {phone.cseq}", seconds)

    def register(self, phone, contact=None, more=(), expires=600, granted=None, status="200 OK", uri=None):
        """all the way and back: (as the node saw it, as the phone got it)"""
        phone.send(asking(phone, contact or contact_of(phone), more, expires, uri))
        asked, node = self.at_node(phone)
        node.send(answering(asked, granted if granted is not None else (), status), asked.path)
        return asked, phone.hear("REGISTER")

    def serve(self, seconds, over=lambda: False):
        """the nodes answer OPTIONS, and nothing else, until it is over"""
        end = time.monotonic() + seconds
        while not over() and time.monotonic() < end:
            for node in self.nodes:
                try:
                    asked = node.wait(lambda m: m.method == "OPTIONS", "OPTIONS", 0.05)
                except Failure:
                    continue
                node.send(answering(asked), asked.path)

    def node_state(self, name="cm1"):
        return next(one for one in self.ctl("nodes")["nodes"] if one["name"] == name)

    # --- calls and other requests
    def from_node(self, node, target, routes=(), method="MESSAGE", to="alice@a.example"):
        """a request of a node to a client"""
        leg = Leg(node, self.net.bed.listener("b", self.inside))
        leg.call_id, leg.local_tag, leg.cseq = fresh("call-"), fresh("tag"), 100
        leg.local, leg.remote = "<sip:bob@a.example>", f"<sip:{to}>"
        leg.target, leg.routes = target, list(routes)
        leg.request(method, sdp(node.host) if method == "INVITE" else None)
        leg.routes = []
        return leg

    def from_phone(self, phone, target, method="MESSAGE", headers=()):
        leg = Leg(Line(phone), phone.to)
        leg.call_id, leg.local_tag, leg.cseq = fresh("call-"), fresh("tag"), 100
        leg.local, leg.remote, leg.target = f"<sip:{phone.user}@{phone.domain}>", f"<{target}>", target
        leg.request(method, sdp(phone.host) if method == "INVITE" else None, headers)
        return leg

    @staticmethod
    def taken(peer, leg, method, seconds=5.0):
        """the request of this leg at the other end; a call has other names there"""
        def fits(msg):
            return msg.method == method and not msg.tag("to") and (method == "INVITE" or msg.call_id == leg.call_id)
        peer = Line(peer) if isinstance(peer, Phone) else peer
        request = peer.wait(fits, f"{method} to {leg.remote}", seconds)
        other = Leg(peer, request.path)
        other.invite, other.call_id, other.cseq = request, request.call_id, 500
        other.local_tag, other.remote_tag = fresh("tag"), request.tag("from")
        other.local = request.get("to")
        other.remote = re.sub(r";\s*tag=[^;]*", "", request.get("from"))
        other.target = uri_of(request.get("contact")) if request.get("contact") else ""
        other.routes = [value for line in request.all("record-route") for value in line.split(",")]
        return other

    def crosses(self, leg, peer, method="MESSAGE"):
        """a request that gets through, and its answer; as it arrives"""
        other = self.taken(peer, leg, method)
        other.reply(other.invite, 200)
        leg.expect(200, method)
        return other.invite

    @staticmethod
    def reply(phone, raw):
        """200 to a request that a phone has got"""
        phone.send(answering(Msg(raw)))

    def call(self, caller, callee):
        """an INVITE that has been sent, answered at the other end: the two legs"""
        other = self.taken(callee, caller, "INVITE")
        other.ring()
        caller.expect(180)
        other.answer()
        caller.confirm(other)
        return other


def contact_of(phone, params=""):
    return f"<sip:{phone.user}@{phone.host}:{phone.port};transport={phone.proto}>{params}"


def asking(phone, contact, more=(), expires=600, uri=None):
    extra = "".join(f"{line}\r\n" for line in (f"Contact: {contact}", f"Expires: {expires}", *more))
    raw = phone.request("REGISTER", extra)
    return raw if uri is None else raw.replace(f"sip:{phone.domain} SIP/2.0".encode(), f"{uri} SIP/2.0".encode(), 1)


def answering(asked, lines=(), status="200 OK"):
    """the node's answer: its Contacts are those of the request unless `lines` has some; each granted as asked"""
    keep = [line for line in lines_of(asked.raw) if re.match(r"(?i)(via|v|from|f|call-id|i|cseq)[ \t]*:", line)]
    lines = list(lines)
    granted = asked.method == "REGISTER" and status.startswith("2")
    if granted and not any(line.lower().startswith("contact:") for line in lines):
        lines += [f"Contact: {value};expires={asked.get('expires')}" for value in asked.all("contact")]
    to = asked.get("to") + ("" if asked.tag("to") else f";tag={fresh('node')}")
    return "\r\n".join([f"SIP/2.0 {status}", *keep, f"To: {to}", *lines, "Content-Length: 0", "", ""]).encode()


def played(play):
    """the case gets a Played for its arguments (proto, inside), which ends whatever happens"""
    def run(net, *arguments):
        scene = Played(net, *arguments)
        try:
            play(scene)
        finally:
            scene.end()
    run.__name__ = play.__name__
    return run
