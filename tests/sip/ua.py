"""A small SIP user agent for tests, written to say exactly what a test wants said, also what nobody should say. Nothing
happens by itself: what a test does not answer stays unanswered."""
import re

from message import Failure, address_of, finish, fresh, sdp, uri_of


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
              method="INVITE", name=""):
        leg = cls(peer, dest)
        where = f"[{dest[0]}]:{dest[1]}" if ":" in dest[0] else f"{dest[0]}:{dest[1]}"
        leg.call_id = fresh("call-")
        leg.local_tag = fresh("tag")
        leg.local = f"{name}<sip:{caller}@{peer.sent_by()}>"
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
            lines.append(f"Contact: <sip:peer@{self.peer.contact()}{suffix}>")
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

    def confirm(self, other):
        """the 200 that `other` has given comes here, and its ACK goes there"""
        answer = self.expect(200)
        self.ack()
        other.await_request("ACK")
        return answer

    def hang_up(self, other):
        """BYE, which `other` answers"""
        number = self.request("BYE")
        other.reply(other.await_request("BYE"), 200)
        self.expect(200, "BYE", number)

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
            lines.append(f"Contact: <sip:peer@{self.peer.contact()}{suffix}>")
        raw = finish(lines, body, headers)
        self.peer.send(raw, request.path)
        return raw

    def ring(self, status=180, body=None, headers=()):
        return self.reply(self.invite, status, body, headers)

    def answer(self, status=200, body="answer", headers=()):
        return self.reply(self.invite, status, body, headers)
