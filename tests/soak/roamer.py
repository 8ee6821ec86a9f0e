"""A client that registers, at a call manager or at us, and is called; and that leaves as clients do: in order, without
a word, or in the middle of one."""
import re
import socket
import struct
import time

import stun
from front import md5
from message import Failure, Msg, fresh
from phone import Phone
from robot import Robot, draw
from ua import Leg
from world import DOMAIN, LOCAL, USERS

KINDS = {"udp": 3, "tcp": 3, "tls": 2}
DEEDS = {"refresh": 6, "keepalive": 10, "pieces": 3, "call": 5, "say": 2, "leave": 1, "star": 1, "vanish": 2,
         "reset": 2, "cut": 1, "wrong": 1, "short": 1, "pong": 2, "spoiled": 1}
AGENTS = ("Phone/1.0", "Drop/2")


class Flow(Phone):
    """A phone as a robot wants its endpoint."""

    def __init__(self, *arguments, **keys):
        super().__init__(*arguments, **keys)
        self.log, self.inbox, self.name, self.answers = [], [], None, 0
        self.sock.settimeout(5)

    def sent_by(self):
        return f"{self.host}:{self.port}"

    contact = sent_by

    def send(self, raw, _to=None):
        self.log.append(("out", raw))
        self.sock.settimeout(5)
        self.sock.sendall(raw)
        self.sock.setblocking(False)

    def poll(self, seconds):
        self._read(seconds)
        heard, self.heard = self.heard, []
        for raw in heard:
            if raw[:1] and raw[0] < 4:
                self.answers += 1
            elif raw.strip():
                self.inbox.append(Msg(raw))

    def reset(self):
        """RST in place of an end"""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()


class Roamer(Robot):
    def __init__(self, world, number, rng, tally, samples):
        self.world, self.number = world, number
        super().__init__(None, rng, tally, samples=samples)
        self.is_lost = False
        self.arrive()

    def arrive(self):
        """on a new flow, as somebody else perhaps"""
        self.user = f"user{self.rng.randrange(USERS)}"
        self.domain = self.rng.choice((DOMAIN, LOCAL))
        kind = draw(self.rng, KINDS)
        self.endpoint = Flow(kind, self.world.host(90 + self.number), self.world.edge(kind),
                             self.world.bed.tls if kind == "tls" else None, self.user, self.domain)
        self.agent, self.instance = self.rng.choice(AGENTS), fresh("urn")
        self.challenge, self.count, self.ours = None, 0, set()
        self.due = [one for one in self.due if one[2] == self.act]        # what was to be done on the old flow
        self.legs = {}
        self.register()

    def run(self):
        self.later(1, self.act)
        while not self.over:
            self.turn()
            if self.is_lost:
                self.again()
        self.endpoint.close()

    def again(self):
        self.is_lost = False
        try:
            self.arrive()
        except OSError:
            self.is_lost = True
            time.sleep(0.3)

    def attempt(self, function, *arguments):
        try:
            function(*arguments)
        except (Failure, OSError):
            self.tally["flow lost"] += 1
            self.endpoint.close()
            self.is_lost = True
        except (KeyError, IndexError, ValueError) as trouble:
            self.tally[f"roamer: {type(trouble).__name__}"] += 1

    # --- REGISTER
    def register(self, expires=20, contact=None):
        caps = ";x-cisco-mra-ha=AR_SK" if self.rng.random() < 0.7 else ""
        contact = contact or (f"<sip:{self.user}@{self.endpoint.sent_by()};transport={self.endpoint.proto}>{caps};"
                              f"q={self.rng.choice(('1', '0.5'))}")
        more = f"Contact: {contact}\r\nExpires: {expires}\r\nX-Agent: {self.agent}\r\n"
        raw = self.endpoint.request("REGISTER", more + self.authorization())
        self.ours.add(self.endpoint.cseq)
        self.endpoint.send(raw.replace(b"Phone/1.0", self.agent.encode()))

    def authorization(self):
        if not self.challenge:
            return ""
        realm, nonce, uri = self.domain, self.challenge, f"sip:{self.domain}"
        self.count += 1
        word = "secret" if self.rng.random() < 0.97 else "wrong"
        answer = md5(md5(self.user, realm, word), nonce, f"{self.count:08x}", "0a4f113b", "auth", md5("REGISTER", uri))
        return (f'Authorization: Digest username="{self.user}", realm="{realm}", nonce="{nonce}", uri="{uri}", '
                f'response="{answer}", algorithm=MD5, qop=auth, nc={self.count:08x}, cnonce="0a4f113b"\r\n')

    def take(self, msg):
        if msg.cseq[1] != "REGISTER" or not msg.status:
            super().take(msg)
            return
        self.tally[f"REGISTER {msg.status}"] += 1
        if msg.status == 401 and len(self.ours) < 30:
            lines = [line for line in msg.all("www-authenticate") if "SHA-256" not in line]
            found = re.search(r'nonce="([^"]*)"', lines[0]) if lines else None
            self.challenge, self.count = found and found.group(1), 0
            self.later(0.01, self.register)
        elif msg.status == 200:
            self.ours.clear()

    def deed(self, msg):
        return self.rng.choice(("answer", "answer", "quick", "ring", "fail", "late", "silent"))

    def do_fail(self, leg):
        leg.done = True
        leg.answer(self.rng.choice((486, 603, 480, 404, 503)), None)

    # --- what it does by itself
    def act(self):
        self.later(self.rng.uniform(0.1, 1.2), self.act)
        deed = draw(self.rng, DEEDS)
        self.tally[f"client {deed}"] += 1
        getattr(self, "act_" + deed)()

    def act_refresh(self):
        self.register()

    def act_keepalive(self):
        self.endpoint.send(stun.request()[1])

    def act_pieces(self):
        raw, at = stun.request()[1] + b"\r\n\r\n" + stun.request()[1], 0
        while at < len(raw):
            size = self.rng.randrange(1, 12)
            self.endpoint.send(raw[at:at + size])
            at += size

    def act_pong(self):
        self.endpoint.send(b"\r\n\r\n")

    def act_call(self):
        called = self.rng.choice((f"user{self.rng.randrange(USERS)}", f"answer-{self.rng.randrange(99)}"))
        self.place("INVITE", called)

    def act_say(self):
        self.place(self.rng.choice(("MESSAGE", "OPTIONS", "SUBSCRIBE", "PUBLISH", "STRANGE")),
                   f"user{self.rng.randrange(USERS)}")

    def place(self, method, called):
        leg = Leg(self.endpoint, self.endpoint.to)
        leg.call_id, leg.local_tag, leg.cseq = fresh("call-"), fresh("tag"), 100
        leg.local, leg.remote = f"<sip:{self.user}@{self.domain}>", f"<sip:{called}@{self.domain}>"
        leg.target = f"sip:{called}@{self.domain}"
        body = b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n"
        leg.request(method, body if method == "INVITE" else None)
        if method == "INVITE":
            self.placed(leg)

    def act_leave(self):
        self.register(0)
        self.is_lost = True

    def act_star(self):
        self.register(0, "*")

    def act_vanish(self):
        self.endpoint.close()
        self.is_lost = True

    def act_reset(self):
        self.endpoint.reset()
        self.is_lost = True

    def act_cut(self):
        """in the middle of a message"""
        raw = self.endpoint.request("REGISTER", "Contact: <sip:x@y>\r\n")
        self.endpoint.send(raw[:self.rng.randrange(1, len(raw))])
        self.endpoint.reset()
        self.is_lost = True

    def act_wrong(self):
        self.challenge = None
        self.register(20, f"<sip:{self.user}@{self.endpoint.sent_by()}>;reg-id=1;+sip.instance=\"<{self.instance}>\"")

    def act_short(self):
        self.register(1)

    def act_spoiled(self):
        """STUN with an attribute that has to be understood, and is not; or a wrong length"""
        _, raw = stun.request()
        unknown, odd = raw[:2] + b"\0\x04" + raw[4:] + b"\0\x7f\0\0", raw[:2] + b"\0\x03" + raw[4:]
        self.endpoint.send(self.rng.choice((unknown, odd)))
