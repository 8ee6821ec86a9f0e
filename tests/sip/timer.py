"""Session timers as the ends of a call see them: what the ends say, and a loop that answers refreshes while time
passes."""
import time
from collections import namedtuple

from case import Call, expect
from message import Failure

KEYS = "session_timer = { min_se = 90; };"
TRUNKS = {"a_keys": KEYS, "b_keys": KEYS}
SUPPORTED = "Supported: timer"
ALLOW = "Allow: INVITE, ACK, CANCEL, BYE, UPDATE"

# A refresh is due at half the interval, the end at 90 - 30 s (RFC 4028 7.4, 10). The lower bounds are the protocol's,
# less what a clock may be off; the upper ones leave a busy machine ten seconds.
SLACK_S, LATE_S = 1, 10
EXPIRY_S = (58, 70)

Refresh = namedtuple("Refresh", "seconds leg method msg")


def wants(refresher, seconds=90, *more):
    """headers of an end that can do session timers; in an INVITE uac is itself, in a 2xx uas"""
    return [SUPPORTED, f"Session-Expires: {seconds};refresher={refresher}", *more]


def grants(refresher, seconds=90, *more):
    """headers of a 2xx: with uac, who asked must be told to refresh"""
    return [*wants(refresher, seconds, *more), *(["Require: timer"] if refresher == "uac" else [])]


class Watch:
    """Both ends of a call that is up: while time runs they answer refreshes, note them, and want nothing else."""

    def __init__(self, net, a, b, src="a-udp", dst="b-udp", **keys):
        """a: the headers of the caller's INVITE, b: of the callee's 200; keys: see Net.begin"""
        if net.daemon is None:
            net.begin(src, dst, **(keys or TRUNKS))
        self.call = Call(net, src, dst, headers=a)
        self.began = time.monotonic()           # no interval begins before this
        self.call.up(b)
        self.ours = {self.call.a: self.call.answer.body, self.call.b: self.call.b.invite.body}
        self.replies = {leg: self._reply(leg, grants("uac")) for leg in self.ours}
        self.heard = []

    def _reply(self, leg, headers):
        def reply(msg):
            leg.reply(msg, 200, "answer" if msg.method == "INVITE" else None, headers)
            if msg.method == "INVITE":
                leg.await_request("ACK")
        return reply

    def interval(self, leg, seconds):
        """what an end's 2xx to a refresh says, if not 90 s"""
        self.replies[leg] = self._reply(leg, grants("uac", seconds))

    def plain(self, leg):
        """an end whose 2xx to a refresh says nothing of timers"""
        self.replies[leg] = self._reply(leg, [])

    def now(self):
        return time.monotonic() - self.began

    def next(self, leg, seconds=0.1):
        """a new request of the daemon on a leg, or None"""
        def fits(msg):
            return msg.call_id == leg.call_id and msg.method not in (None, "ACK")
        try:
            return leg.peer.wait(fits, "request", seconds)
        except Failure:
            return None

    def run(self, until_s):
        while self.now() < until_s:
            for leg in self.ours:
                msg = self.next(leg)
                if msg:
                    expect(msg.method in ("INVITE", "UPDATE"),
                           f"{leg.peer.sent_by()}: {msg.method} after {self.now():.1f} s")
                    self.heard.append(Refresh(self.now(), leg, msg.method, msg))
                    self.replies[leg](msg)

    def of(self, leg):
        return [one for one in self.heard if one.leg is leg]

    def refreshed(self, leg, method, seconds=90, times=1):
        """so often, each when it was due, saying who refreshes and changing nothing; and nothing else came"""
        heard, due = self.of(leg), 0.0
        said = [(one.method, round(one.seconds, 1)) for one in heard]
        expect(len(heard) == times, f"{leg.peer.sent_by()}: {said} instead of {times} times {method}")
        for one in heard:
            expect(one.method == method, f"{leg.peer.sent_by()}: refreshed by {one.method}, not by {method}")
            expect(due + seconds / 2 - SLACK_S <= one.seconds <= due + seconds / 2 + LATE_S,
                   f"{leg.peer.sent_by()}: refreshes after {said}")
            due = one.seconds
            self.changes_nothing(one)
            expect(one.msg.get("session-expires") == f"{seconds};refresher=uac",
                   f"a refresh with Session-Expires {one.msg.get('session-expires')}")
            expect(one.msg.get("min-se") == "90" and "timer" in one.msg.get("supported"),
                   f"a refresh with Min-SE {one.msg.get('min-se')!r}, Supported {one.msg.get('supported')!r}")

    def changes_nothing(self, one):
        ours = self.ours[one.leg] if one.method == "INVITE" else b""
        expect(one.msg.body == ours, f"a refresh by {one.method} with the body {one.msg.body!r}, not {ours!r}")

    def ended_by_us(self, cause):
        """nothing before the end of the interval, then BYE on both legs with the reason (RFC 4028 10, RFC 3326)"""
        early, late = EXPIRY_S
        self.run(early)
        for leg in self.ours:
            bye = leg.await_request("BYE", max(1, late - self.now()))
            reason = ", ".join(bye.all("reason"))
            expect("SIP;cause=408" in reason and "Q.850;cause=102" in reason, f"BYE with Reason {reason!r}")
            leg.reply(bye, 200)
        self.call.recorded(cause, "us")
