"""The registration front between clients that know AR_SK and two call managers that can be broken (node.py), over any
transport on either side. Over TLS the call managers are verified, and want a certificate of twinleg's."""
import json
import time

from daemon import Daemon
from keys import Authority
from message import Failure
from mobile import Ear
from node import CALLERS, Node
from peer import Peer
from phone import Phone
from ua import Leg

PORTS = {"a": {"udp": 17001, "tcp": 17001, "tls": 17003}, "b": {"udp": 17011, "tcp": 17011, "tls": 17013}}
NODE_PORT, CALLER_PORT, CALLER = 17400, 17460, 30
CONFIG = """node = {{ name = "test"; workers = 2; state_dir = "state"; drain_seconds = 1; }};
listen = (
{listen}
);
tls = ( {tls} );
trunks = ( );
registrar = {{ listen = "a-{outside}"; {registrar} }};
cluster = {{ listen = "b-{inside}"; nodes = ( {nodes} ); {cluster} }};
{more}
admin = {{ cdr = "cdr.jsonl"; http = ""; log_level = "info"; }};
"""
BRISK = "keepalive = { interval_s = 5; timeout_s = 2; }; try_ms = 1000; total_ms = 4000; hold_down_s = 0; ramp_s = 1;"


def demand(condition, what):
    if not condition:
        raise Failure(what)


def until(what, seconds, condition):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise Failure(f"{what}: not within {seconds:g} s")
        time.sleep(0.05)


class Scene:
    def __init__(self, program, bed, outside, inside, cluster=BRISK, registrar="", more=""):
        self.bed, self.outside, self.inside = bed, outside, inside
        self.phones, self.nodes, self.daemon, self.caller = [], {}, None, None
        self.keys = Authority(f"{bed.folder}/keys") if "tls" in (outside, inside) else None
        try:
            for number in (1, 2):
                host = bed.host(40 + number)
                files = self.keys.issue(f"cm{number}", host) if inside == "tls" else ()
                self.nodes[f"cm{number}"] = Node(inside, host, NODE_PORT, files)
            self.caller = Peer("udp", bed.host(CALLER), CALLER_PORT)
            self.daemon = Daemon(program, self._write(cluster, registrar, more), bed.folder)
        except (OSError, Failure):
            self.end()
            raise

    def _entry(self, name, host, verify):
        certificate, key, authority = self.keys.issue(name, host)
        return (f'{{ name = "{name}"; certificate = "{certificate}"; key = "{key}"; ca = "{authority}"; '
                f'verify = "{verify}"; }}')

    def _write(self, cluster, registrar, more):
        listen, tls = [], []
        for side, kind, verify in (("a", self.outside, "none"), ("b", self.inside, "require")):
            host, name = self.bed.host(10 if side == "a" else 20), ""
            if kind == "tls":
                tls.append(self._entry(f"side-{side}", host, verify))
                name = f' tls = "side-{side}";'
            listen.append(f'  {{ name = "{side}-{kind}"; transport = "{kind}"; address = "{host}"; '
                          f'port = {PORTS[side][kind]};{name} }}')
        nodes = ", ".join(f'{{ name = "{name}"; uri = "{node.uri()}"; }}' for name, node in self.nodes.items())
        path = f"{self.bed.folder}/twinleg.cfg"
        with open(path, "w", encoding="utf-8") as out:
            out.write(CONFIG.format(listen=",\n".join(listen), tls=", ".join(tls), nodes=nodes, cluster=cluster,
                                    registrar=registrar, more=more, outside=self.outside, inside=self.inside))
        return path

    def phone(self, user="alice", host=9):
        """a client that is told nothing yet"""
        tls = {"client": self.keys.client()} if self.outside == "tls" else None
        to = self.bed.host(10), PORTS["a"][self.outside]
        self.phones.append(Phone(self.outside, self.bed.host(host), to, tls, user))
        return self.phones[-1]

    def registered(self, user="alice"):
        phone = self.phone(user)
        answer = phone.register()
        demand(answer.status == 200, f"REGISTER got {answer.start}")
        demand("X-cisco-supports-AR_SK" in answer.get("supported"), "the 200 does not say AR_SK")
        return phone

    # --- what the operator sees
    def ctl(self, *words):
        code, out, err = self.daemon.ctl("-j", *words)
        demand(code == 0, f"twinlegctl {' '.join(words)}: {err}")
        return json.loads(out)

    def node(self, name):
        return next(one for one in self.ctl("nodes")["nodes"] if one["name"] == name)

    def home(self, phone):
        """the node where this client is registered"""
        found = [one for one in self.ctl("registrations", f"{phone.user}@a.example")["registrations"]
                 if f":{phone.port};" in one["contact"]]
        demand(len(found) == 1, f"{len(found)} registrations of {phone.user}'s client")
        return found[0]["node"]

    @staticmethod
    def other(name):
        return {"cm1": "cm2", "cm2": "cm1"}[name]

    def await_node(self, name, *states, seconds=20.0):
        until(f"{name} is {' or '.join(states)}", seconds, lambda: self.node(name)["state"] in states)

    # --- calls
    def invite(self, name, user="alice"):
        """somebody calls the user through this node"""
        return Leg.place(self.caller, (self.nodes[name].host, CALLERS), user)

    def called(self, name, phone):
        """a whole call to this client through this node; who calls hangs up"""
        caller = self.invite(name, phone.user)
        answer_call(caller, phone)
        hang_up(caller)

    def settle(self):
        """what goes on is done before its ends go"""
        time.sleep(0.25)                # the counters of the last moment are not published yet
        self.daemon.await_status(8, calls=0, legs=0, transactions=0)

    def end(self):
        for phone in self.phones:
            phone.close()
        for node in self.nodes.values():
            node.end()
        if self.caller:
            self.caller.close()


def answer_call(caller, phone, seconds=5.0):
    """the called leg: rings, is answered, acknowledged"""
    callee = Leg.take(Ear(phone), phone.user, seconds)
    callee.ring()
    caller.expect(180)
    callee.answer()
    caller.confirm(callee)
    caller.callee = callee
    return callee


def hang_up(caller):
    number = caller.request("BYE")
    caller.callee.reply(caller.callee.await_request("BYE"), 200)
    caller.expect(200, "BYE", number)
