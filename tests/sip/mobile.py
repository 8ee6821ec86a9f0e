"""A client on the move: Ear makes a phone.Phone an endpoint of ua.Leg; Mobile keeps one registered as a client that
knows AR_SK does, in a thread of its own."""
import threading
import time

import stun
from message import Failure, Msg, finish, sdp


class Ear:
    """what ua.Leg wants of an endpoint; all goes by the one flow of the phone"""

    def __init__(self, phone):
        self.phone, self.proto, self.host = phone, phone.proto, phone.host

    def sent_by(self):
        return f"{self.phone.host}:{self.phone.port}"

    contact = sent_by

    def send(self, raw, _to):
        self.phone.send(raw)

    def wait(self, match, what, seconds=5.0, _copies=False):
        raw = self.phone.wait(lambda m: m[0] >= 4 and match(Msg(m)), seconds)
        if raw is None:
            raise Failure(f"client {self.sent_by()}: no {what} within {seconds:g} s")
        return Msg(raw)


class Mobile(threading.Thread):
    """`make_phone` gives a new flow. A keepalive each `every_s`; `patience_s` without its answer, or a lost connection,
    and it registers anew; otherwise it does so after half of what it was told. It answers calls, and lets the caller
    hang up."""

    def __init__(self, make_phone, every_s, patience_s, expires_s):
        super().__init__(daemon=True)
        self.make_phone, self.every_s, self.patience_s, self.expires_s = make_phone, every_s, patience_s, expires_s
        self.phone, self.over = make_phone(), False
        self.events = []                # (when, what): asked, registered, refused, invited
        self.why = "new"                # it registers now
        self.keepalive_at = self.refresh_at = 0.0
        self.asked = self.sent = None   # (when, CSeq) of a REGISTER, (when, id) of a keepalive that wait for answers
        self.lock = threading.Lock()

    def run(self):
        self.register("new")
        while not self.over:
            try:
                with self.lock:
                    raw = self.phone.wait(lambda m: True, 0.02)
                    if raw:
                        self.take(raw)
                    self.look(time.monotonic())
            except (Failure, OSError):
                self.reconnect()
            time.sleep(0.002)           # others want the lock, too

    def reconnect(self):
        self.phone.close()
        self.asked = self.sent = None
        try:
            self.phone = self.make_phone()
        except OSError:
            time.sleep(0.5)
            return
        self.register("connection lost")

    def note(self, what, why=""):
        self.events.append((time.monotonic(), what, why))

    def since(self, at, what):
        """the events of that kind from then on"""
        return [event for event in list(self.events) if event[0] >= at and event[1] == what]

    def plan(self, keepalive_s, refresh_s):
        """what it would do by itself comes that much later than now"""
        with self.lock:
            now = time.monotonic()
            self.keepalive_at, self.refresh_at, self.sent = now + keepalive_s, now + refresh_s, None

    # --- what it does in time
    def look(self, now):
        if self.sent and now >= self.sent[0] + self.patience_s:
            self.sent = None
            self.register("keepalive")
        elif now >= self.refresh_at and not self.asked:
            self.register("refresh")
        elif self.asked and now >= self.asked[0] + 32:
            self.register("silence")
        if now >= self.keepalive_at and not self.sent:
            self.keepalive_at = now + self.every_s
            number, raw = stun.request()
            self.sent = now, number
            self.phone.send(raw)

    def register(self, why):
        phone = self.phone
        contact = (f"Contact: <sip:{phone.user}@{phone.host}:{phone.port};transport={phone.proto}>;"
                   f"expires={self.expires_s};x-cisco-mra-ha=AR_SK\r\n")
        self.why = why
        phone.send(phone.request("REGISTER", contact))
        self.asked = time.monotonic(), phone.cseq
        self.refresh_at = self.asked[0] + self.expires_s / 2
        self.note("asked", why)

    # --- what it hears
    def take(self, raw):
        if raw[0] < 4:
            if self.sent and stun.number_of(raw) == self.sent[1]:
                self.sent = None
            return
        msg = Msg(raw)
        if msg.cseq[1] == "REGISTER" and self.asked and msg.cseq[0] == self.asked[1] and msg.status >= 200:
            self.registered(msg)
        elif msg.method == "INVITE":
            self.note("invited")
            self.reply(msg, "180 Ringing")
            self.reply(msg, "200 OK", sdp(self.phone.host))
        elif msg.method and msg.method != "ACK":
            self.reply(msg, "200 OK")

    def registered(self, msg):
        self.asked = None
        if msg.status == 200:
            self.note("registered", self.why)
            return
        self.note("refused", msg.start)
        self.refresh_at = time.monotonic() + int(msg.get("retry-after", "30"))

    def reply(self, request, status, body=None):
        phone = self.phone
        lines = [f"SIP/2.0 {status}", *(f"Via: {via}" for via in request.all("via")), f"From: {request.get('from')}",
                 f"To: {request.get('to')}" + ("" if request.tag("to") else f";tag={phone.tag}"),
                 f"Call-ID: {request.call_id}", f"CSeq: {request.get('cseq')}",
                 f"Contact: <sip:{phone.user}@{phone.host}:{phone.port};transport={phone.proto}>"]
        phone.send(finish(lines, body, []))

    def end(self):
        self.over = True
        self.join()
