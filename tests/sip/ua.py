"""A small SIP user agent for tests, written to say exactly what a test wants said, also what nobody should say.

Peer is a socket (UDP, TCP, TLS) with an inbox; Leg is one dialog on it. Nothing happens by itself: what a test does not
answer stays unanswered. Exact copies of what has come before (retransmissions) are skipped unless asked for."""
import itertools
import os
import re
import select
import socket
import time

_serial = itertools.count(1)
COMPACT = {"v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "l": "content-length",
           "c": "content-type", "k": "supported", "s": "subject", "e": "content-encoding", "x": "session-expires"}


class Failure(Exception):
    """What was expected did not come."""


def fresh(kind):
    return f"{kind}{os.getpid():x}x{next(_serial):x}{os.urandom(4).hex()}"


class Msg:
    """A message in pieces. `path` says where an answer goes: an address (UDP) or a connection."""

    def __init__(self, raw, path=None):
        self.raw, self.path = raw, path
        head, _, self.body = raw.partition(b"\r\n\r\n")
        lines = re.sub(r"\r\n[ \t]+", " ", head.decode("utf-8", "replace")).split("\r\n")
        self.start = lines[0]
        self.headers = []
        for line in lines[1:]:
            name, _, value = line.partition(":")
            name = name.strip().lower()
            self.headers.append((COMPACT.get(name, name), value.strip()))
        words = self.start.split(" ", 2)
        self.status = int(words[1]) if self.start.startswith("SIP/2.0 ") else None
        self.method = None if self.status else words[0]
        self.uri = words[1] if not self.status and len(words) > 1 else ""

    def get(self, name, default=""):
        return next((value for key, value in self.headers if key == name.lower()), default)

    def all(self, name):
        return [value for key, value in self.headers if key == name.lower()]

    @property
    def call_id(self):
        return self.get("call-id")

    @property
    def cseq(self):
        words = self.get("cseq").split()
        return (int(words[0]), words[1]) if len(words) == 2 else (0, "")

    def tag(self, name):
        found = re.search(r";\s*tag=([^;,\s>]+)", self.get(name).rpartition(">")[2] or self.get(name))
        return found.group(1) if found else ""

    def user(self):
        found = re.match(r"sips?:([^@;>]*)@", self.uri)
        return found.group(1) if found else ""


def uri_of(value):
    found = re.search(r"<([^>]*)>", value)
    return found.group(1) if found else value.split(";")[0].strip()


def address_of(uri):
    found = re.match(r"sips?:(?:[^@]*@)?(\[[^\]]+\]|[^:;?>]+)(?::(\d+))?", uri)
    if not found:
        raise Failure(f"no address in {uri}")
    return found.group(1).strip("[]"), int(found.group(2) or 5060)


def sdp(host, version=1, direction="sendrecv", port=40000, filler=0):
    kind = "IP6" if ":" in host else "IP4"
    lines = ["v=0", f"o=- 7001 {version} IN {kind} {host}", "s=-", f"c=IN {kind} {host}", "t=0 0",
             f"m=audio {port} RTP/AVP 8 101", "a=rtpmap:8 PCMA/8000", "a=rtpmap:101 telephone-event/8000",
             *[f"a=fill:{n:04d} {'x' * 40}" for n in range(filler)], f"a={direction}"]
    return ("\r\n".join(lines) + "\r\n").encode()


class Peer:
    """One endpoint. It may send to any address; over TCP and TLS it opens one connection an address and keeps it."""

    def __init__(self, proto, host, port, tls=None, listen=True):
        self.proto, self.host, self.port, self.tls = proto, host, port, tls
        self.family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.log, self.inbox, self.seen, self.open, self.parts = [], [], set(), {}, {}
        kind = socket.SOCK_DGRAM if proto == "udp" else socket.SOCK_STREAM
        self.sock = socket.socket(self.family, kind)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.sock.bind((host, port))
        if proto != "udp" and listen:
            self.sock.listen(64)
        self.sock.setblocking(False)

    def sent_by(self):
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def close(self):
        for conn in list(self.parts):
            conn.close()
        self.parts.clear()
        self.open.clear()
        self.sock.close()

    def drop_connections(self):
        for conn in list(self.parts):
            conn.close()
        self.parts.clear()
        self.open.clear()

    def connect(self, to):
        if to not in self.open:
            conn = socket.socket(self.family, socket.SOCK_STREAM)
            conn.bind((self.host, 0))
            conn.settimeout(5)
            conn.connect(to[:2])
            if self.tls:
                conn = self.tls["client"].wrap_socket(conn, server_hostname=to[0])
            conn.setblocking(False)
            self.open[to] = conn
            self.parts[conn] = b""
        return self.open[to]

    def send(self, raw, to):
        """`to`: an address, or the path of a received message"""
        self.log.append(("out", raw))
        if self.proto == "udp":
            self.sock.sendto(raw, to[:2])
            return
        conn = to if hasattr(to, "recv") else self.connect(to)
        conn.setblocking(True)
        conn.settimeout(5)
        conn.sendall(raw)
        conn.setblocking(False)

    def _take(self, raw, path):
        self.log.append(("in", raw))
        if raw.strip(b"\r\n"):
            self.inbox.append(Msg(raw, path))

    def _accept(self):
        conn, _ = self.sock.accept()
        if self.tls:
            conn.settimeout(5)
            conn = self.tls["server"].wrap_socket(conn, server_side=True)
        conn.setblocking(False)
        self.parts[conn] = b""

    def _read(self, conn):
        try:
            data = conn.recv(65536)
            while self.tls and conn.pending():
                data += conn.recv(65536)
        except OSError as error:        # the TLS layer may have nothing whole yet
            if "did not complete" in str(error) or isinstance(error, BlockingIOError):
                return
            data = b""
        if not data:
            self.parts.pop(conn)
            self.open = {to: c for to, c in self.open.items() if c is not conn}
            conn.close()
            return
        self.parts[conn] += data
        self._cut(conn)

    def _cut(self, conn):
        buf = self.parts[conn].lstrip(b"\r\n")
        while b"\r\n\r\n" in buf:
            head, _, rest = buf.partition(b"\r\n\r\n")
            size = re.search(rb"\r\n(?:content-length|l)[ \t]*:[ \t]*(\d+)", head, re.I)
            size = int(size.group(1)) if size else 0
            if len(rest) < size:
                break
            self._take(head + b"\r\n\r\n" + rest[:size], conn)
            buf = rest[size:].lstrip(b"\r\n")
        self.parts[conn] = buf

    def poll(self, seconds):
        """reads what there is, waiting at most so long for the first of it"""
        ready, _, _ = select.select([self.sock, *self.parts], [], [], max(0, seconds))
        for sock in ready:
            if sock is not self.sock:
                self._read(sock)
            elif self.proto == "udp":
                try:
                    self._take(*self.sock.recvfrom(65536))
                except OSError:         # an ICMP error of an earlier send
                    pass
            else:
                self._accept()

    def wait(self, match, what, seconds=5.0, copies=False):
        """the first message that fits; others stay in the inbox"""
        end = time.monotonic() + seconds
        while True:
            for msg in self.inbox:
                if match(msg) and (copies or msg.raw not in self.seen):
                    self.inbox.remove(msg)
                    self.seen.add(msg.raw)
                    return msg
            left = end - time.monotonic()
            if left <= 0:
                had = "; ".join(f"{m.start} [{m.get('cseq')}]" for m in self.inbox[-4:]) or "nothing"
                raise Failure(f"{self.proto} {self.sent_by()}: no {what} within {seconds:g} s; unread: {had}")
            self.poll(left)

    def silent(self, match, what, seconds):
        """nothing that fits may come"""
        try:
            msg = self.wait(match, what, seconds)
        except Failure:
            return
        raise Failure(f"{self.sent_by()}: {what} was not to come: {msg.start}")


class Leg:
    """One dialog. place() and take() make it; request/expect and await_request/reply move it."""

    def __init__(self, peer, dest):
        self.peer, self.dest = peer, dest
        self.call_id = self.local = self.remote = self.target = ""
        self.local_tag = self.remote_tag = ""
        self.routes, self.cseq, self.invite_cseq = [], 0, 0
        self.invite = None              # the INVITE to us
        self.sent = {}                  # CSeq number -> (method, branch, R-URI)

    # --- making
    @classmethod
    def place(cls, peer, dest, user, body="offer", headers=(), caller="1000", record_route=None, max_forwards=70,
              method="INVITE"):
        leg = cls(peer, dest)
        where = f"[{dest[0]}]:{dest[1]}" if ":" in dest[0] else f"{dest[0]}:{dest[1]}"
        leg.call_id = fresh("call-")
        leg.local_tag = fresh("tag")
        leg.local = f"<sip:{caller}@{peer.sent_by()}>"
        leg.remote = f"<sip:{user}@{where}>"
        leg.target = f"sip:{user}@{where}" + ("" if peer.proto == "udp" else f";transport={peer.proto}")
        leg.cseq = 100
        extra = [f"Record-Route: {record_route}"] if record_route else []
        leg.request(method, sdp(peer.host) if body == "offer" else body, [*extra, *headers], max_forwards=max_forwards)
        return leg

    @classmethod
    def take(cls, peer, user, seconds=5.0, method="INVITE"):
        """the request to a number that has come in: this end is the UAS"""
        invite = peer.wait(lambda m: m.method == method and m.user() == user and not m.tag("to"),
                           f"{method} to {user}", seconds)
        leg = cls(peer, invite.path)
        leg.invite, leg.call_id = invite, invite.call_id
        leg.local_tag, leg.remote_tag = fresh("tag"), invite.tag("from")
        leg.local, leg.remote = re.sub(r";\s*tag=[^;]*", "", invite.get("to")), invite.get("from")
        leg.remote = re.sub(r";\s*tag=[^;]*", "", leg.remote)
        leg.target = uri_of(invite.get("contact"))
        leg.routes = [value for line in invite.all("record-route") for value in line.split(",")]
        leg.cseq = 500
        return leg

    # --- requests of this end
    def build(self, method, number, branch, body=None, headers=(), max_forwards=70, uri=None):
        to = self.remote + (f";tag={self.remote_tag}" if self.remote_tag else "")
        transport = self.peer.proto
        suffix = "" if transport == "udp" else f";transport={transport}"
        lines = [f"{method} {uri or self.target} SIP/2.0",
                 f"Via: SIP/2.0/{transport.upper()} {self.peer.sent_by()};branch={branch};rport",
                 f"Max-Forwards: {max_forwards}", *[f"Route: {route}" for route in self.routes],
                 f"From: {self.local};tag={self.local_tag}", f"To: {to}", f"Call-ID: {self.call_id}",
                 f"CSeq: {number} {method}"]
        if method not in ("ACK", "BYE", "CANCEL", "PRACK"):
            lines.append(f"Contact: <sip:peer@{self.peer.sent_by()}{suffix}>")
        return finish(lines, body, headers)

    def request(self, method, body=None, headers=(), max_forwards=70, number=None, branch=None, uri=None):
        """sends; the CSeq number is returned, for expect()"""
        if number is None:
            self.cseq += 1
            number = self.cseq
        branch = branch or "z9hG4bK" + fresh("")
        if method == "INVITE":
            self.invite_cseq = number
        self.sent[number] = (method, branch, uri or self.target)
        self.last = self.build(method, number, branch, body, headers, max_forwards, uri)
        self.peer.send(self.last, self.where())
        return number

    def where(self):
        """the next hop: the topmost route, else the remote target; a connection is kept where there is one"""
        if self.peer.proto != "udp" and not isinstance(self.dest, tuple):
            return self.dest
        if self.remote_tag and self.peer.proto == "udp" and not self.routes:
            return address_of(self.target)
        return self.dest

    def cancel(self, headers=()):
        method, branch, uri = self.sent[self.invite_cseq]
        raw = self.build("CANCEL", self.invite_cseq, branch, None, headers, 70, uri)
        self.peer.send(raw, self.where())

    def ack(self, body=None, number=None):
        self.last_ack = self.build("ACK", number or self.invite_cseq, "z9hG4bK" + fresh(""), body)
        self.peer.send(self.last_ack, self.where())

    def prack(self, response, body=None):
        number, method = response.cseq
        return self.request("PRACK", body, [f"RAck: {response.get('rseq')} {number} {method}"])

    def expect(self, status, method="INVITE", number=None, seconds=5.0, copies=False):
        """the response with this status (one, or one of several); other provisionals are skipped, a failed INVITE gets
        its ACK"""
        wanted = (status,) if isinstance(status, int) else tuple(status)

        def fits(msg):
            return (msg.status and msg.call_id == self.call_id and msg.cseq[1] == method and
                    (number is None or msg.cseq[0] == number) and (msg.status >= 200 or msg.status in wanted))
        msg = self.peer.wait(fits, f"{status} to {method}", seconds, copies)
        if method in ("INVITE", "SUBSCRIBE", "UPDATE") and 100 < msg.status < 300:
            self.learn(msg)
        if method == "INVITE" and msg.status >= 300:
            how, branch, uri = self.sent[msg.cseq[0]]
            saved, self.remote_tag = self.remote_tag, msg.tag("to")
            self.peer.send(self.build("ACK", msg.cseq[0], branch, uri=uri), self.where() if saved else self.dest)
            self.remote_tag = saved
        if msg.status not in wanted:
            raise Failure(f"{self.peer.sent_by()}: {method} was answered {msg.start}, not {status}")
        return msg

    def learn(self, msg):
        if msg.tag("to"):
            self.remote_tag = msg.tag("to")
        if msg.get("contact"):
            self.target = uri_of(msg.get("contact"))
        if msg.all("record-route"):
            routes = [value.strip() for line in msg.all("record-route") for value in line.split(",")]
            self.routes = routes[::-1]

    # --- requests of the other end
    def await_request(self, method, seconds=5.0, copies=False):
        return self.peer.wait(lambda m: m.method == method and m.call_id == self.call_id, method, seconds, copies)

    def no_request(self, method, seconds=0.3):
        self.peer.silent(lambda m: m.method == method and m.call_id == self.call_id, method, seconds)

    def reply(self, request, status, body=None, headers=(), reason="Test", contact=True):
        if body == "answer":
            body = sdp(self.peer.host)
        to = request.get("to")
        if status > 100 and not request.tag("to"):
            to += f";tag={self.local_tag}"
        lines = [f"SIP/2.0 {status} {reason}", *[f"Via: {via}" for via in request.all("via")],
                 *[f"Record-Route: {value}" for value in request.all("record-route") if 100 < status < 300],
                 f"From: {request.get('from')}", f"To: {to}", f"Call-ID: {request.call_id}",
                 f"CSeq: {request.get('cseq')}"]
        if contact and 100 < status < 300:
            suffix = "" if self.peer.proto == "udp" else f";transport={self.peer.proto}"
            lines.append(f"Contact: <sip:peer@{self.peer.sent_by()}{suffix}>")
        raw = finish(lines, body, headers)
        self.peer.send(raw, request.path)
        return raw

    def ring(self, status=180, body=None, headers=()):
        return self.reply(self.invite, status, body, headers)

    def answer(self, status=200, body="answer", headers=()):
        return self.reply(self.invite, status, body, headers)


def finish(lines, body, headers):
    lines = [*lines, *headers]
    if body and not any(line.lower().startswith("content-type:") for line in headers):
        lines.append("Content-Type: application/sdp")
    lines.append(f"Content-Length: {len(body or b'')}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + (body or b"")
