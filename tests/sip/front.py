"""What the cases of the registration front share: real Kamailios as call managers, a client that registers."""
import contextlib
import hashlib
import os
import re
import subprocess
import time

from daemon import Daemon
from kamailio import Kamailio
from message import Failure, Msg, fresh
from peer import Peer

HERE = os.path.dirname(os.path.abspath(__file__))
PORT = 17250


class CallManager(Kamailio):
    """one node of the cluster, on the n-th address"""

    def __init__(self, bed, number):
        self.host, self.name = bed.host(40 + number), f"cm{number}"
        self.log_path = f"{bed.folder}/{self.name}.log"
        self.folder = f"{bed.folder}/{self.name}"
        os.makedirs(self.folder, exist_ok=True)
        self.control = f"unix:{self.folder}/control"
        names = {"HERE": f"{self.host}:{PORT}", "HERE_URI": f"<sip:{self.host}:{PORT};lr>",
                 "CONTROL": f'"{self.control}"'}
        words = [word for name, value in names.items() for word in ("-A", f"{name}={value}")]
        with open(self.log_path, "a", encoding="utf-8") as log:
            command = ["kamailio", "-DD", "-E", "-f", f"{HERE}/kamailio_cm.cfg", "-m", "16", "-M", "4"]
            self.run = subprocess.Popen([*command, "-Y", self.folder, *words], stdout=log, stderr=log,
                                        start_new_session=True)
        self._await_port(self.host, PORT)

    def maintain(self, how):
        """0: no maintenance; 1: all that is new gets 503 with Warning 382; 2: REGISTER does"""
        subprocess.run(["kamcmd", "-s", self.control, "pv.shvSet", "maintenance", "int", str(how)], check=True,
                       capture_output=True, timeout=10)

    def kill(self):
        """as if the machine were gone, but for the refusals of its ports"""
        os.killpg(self.run.pid, 9)
        self.run.wait()

    def stop(self):
        if self.run.poll() is None:
            super().stop()


def write(bed, nodes, registrar="", cluster="", more=""):
    """side a is where clients are, on the listeners a-udp and a-tcp"""
    listens = [*bed._listens("a", ["udp", "tcp"]), *bed._listens("b", ["udp", "tcp"])]
    listen = ",\n".join(f'  {{ name = "{name}"; {keys} }}' for name, keys in listens)
    list_of = ", ".join(f'{{ name = "{node.name}"; uri = "sip:{node.host}:{PORT}"; }}' for node in nodes)
    path = f"{bed.folder}/twinleg.cfg"
    front = f'cluster = {{ listen = [ "b-udp", "b-tcp" ]; nodes = ( {list_of} ); {cluster} }};\n' if nodes else ""
    with open(path, "w", encoding="utf-8") as out:
        out.write(f'node = {{ name = "test"; workers = 2; state_dir = "state"; drain_seconds = 1; }};\n'
                  f'listen = (\n{listen}\n);\n'
                  f'{"" if "trunks = " in more else "trunks = ( );"}\n'
                  f'registrar = {{ listen = [ "a-udp", "a-tcp" ]; {registrar} }};\n{front}'
                  f'{more}\nadmin = {{ cdr = "cdr.jsonl"; log_level = "info"; }};\n')
    return path


@contextlib.contextmanager
def cluster(net, count, **keys):
    nodes = [CallManager(net.bed, number + 1) for number in range(count)]
    try:
        net.daemon = Daemon(net.program, write(net.bed, nodes, **keys), net.bed.folder)
        yield nodes
    finally:
        if net.daemon and net.daemon.alive():
            net.stopped = net.daemon.stop()
        for node in nodes:
            node.stop()


def md5(*parts):
    return hashlib.md5(":".join(parts).encode()).hexdigest()


def sha256(*parts):
    return hashlib.sha256(":".join(parts).encode()).hexdigest()


DIGESTS = {"MD5": md5, "SHA-256": sha256}


def algorithm_of(challenge):
    found = re.search(r'algorithm="?([\w-]+)', challenge)
    return found.group(1) if found else "MD5"


class Client:
    """registers; answers challenges; each REGISTER has the same Call-ID and the next CSeq. `speaks`: the algorithms
    that it knows"""

    def __init__(self, net, proto="udp", user="alice", domain="a.example", password="secret", port=17301,
                 name="a-client", speaks=("MD5",)):
        self.speaks, self.algorithm = speaks, "MD5"
        self.net, self.user, self.domain, self.password = net, user, domain, password
        self.peer = Peer(proto, net.bed.host(5), port)
        net.peers[f"{name}-{port}"] = self.peer
        self.dest = net.bed.listener("a", proto)
        self.call_id, self.tag, self.number, self.nonce, self.count = fresh("cid"), fresh("tag"), 0, None, 0
        self.contact = f"<sip:{user}@{self.peer.sent_by()};transport={proto}>;x-own=kept"

    def authorization(self, count=None):
        uri, self.count = f"sip:{self.domain}", (count or self.count + 1)
        digest = DIGESTS[self.algorithm]
        ha1, ha2 = digest(self.user, self.domain, self.password), digest("REGISTER", uri)
        nc, cnonce = f"{self.count:08x}", "0a4f113b"
        response = digest(ha1, self.nonce, nc, cnonce, "auth", ha2) if self.qop else digest(ha1, self.nonce, ha2)
        qop = f', qop=auth, nc={nc}, cnonce="{cnonce}"' if self.qop else ""
        return (f'Digest username="{self.user}", realm="{self.domain}", nonce="{self.nonce}", uri="{uri}", '
                f'response="{response}", algorithm={self.algorithm}{qop}')

    def send(self, expires=3600, headers=(), contact=None, aor=None, uri=None):
        self.number += 1
        aor = aor or f"{self.user}@{self.domain}"
        contact = self.contact if contact is None else contact
        lines = [f"REGISTER {uri or 'sip:' + self.domain} SIP/2.0",
                 f"Via: SIP/2.0/{self.peer.proto.upper()} {self.peer.sent_by()};branch=z9hG4bK{fresh('br')};rport",
                 "Max-Forwards: 70", f"From: <sip:{aor}>;tag={self.tag}", f"To: <sip:{aor}>",
                 f"Call-ID: {self.call_id}", f"CSeq: {self.number} REGISTER",
                 *([f"Contact: {contact}"] if contact else []), f"Expires: {expires}", *headers, "Content-Length: 0"]
        self.peer.send(("\r\n".join(lines) + "\r\n\r\n").encode(), self.dest)
        return self.number

    def answer(self, number, seconds=12.0) -> Msg:
        return self.peer.wait(lambda m: m.status and m.cseq == (number, "REGISTER") and m.status > 100,
                              f"answer to REGISTER {number}", seconds)

    def take_challenge(self, msg):
        """RFC 8760 2.4: the topmost that it knows"""
        known = [line for line in msg.all("www-authenticate") if algorithm_of(line) in self.speaks]
        if not known:
            raise Failure(f"no challenge of {self.speaks}: {msg.all('www-authenticate')}")
        challenge, self.algorithm = known[0], algorithm_of(known[0])
        self.nonce = re.search(r'nonce="([^"]*)"', challenge).group(1)
        self.qop, self.count = "qop" in challenge, 0

    def register(self, expires=3600, contact=None, status=200, headers=()):
        """with as many challenges as there are; returns the final answer"""
        more = (f"Authorization: {self.authorization()}",) if self.nonce else ()
        msg = self.answer(self.send(expires, (*more, *headers), contact))
        for _ in range(3):
            if msg.status != 401:
                break
            self.take_challenge(msg)
            msg = self.answer(self.send(expires, (f"Authorization: {self.authorization()}", *headers), contact))
        if msg.status != status:
            raise Failure(f"REGISTER got {msg.start}")
        return msg


def until(what, seconds, condition):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise Failure(f"{what}: not within {seconds} s")
        time.sleep(0.05)
