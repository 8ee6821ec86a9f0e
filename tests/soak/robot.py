"""An endpoint that calls and is called, well or badly, as its dice say. Nothing that it does waits: one thread reads
what comes and does what is due. What the number called begins with is what the one called does."""
import heapq
import itertools
import ssl
import threading
import time

from message import Failure, fresh, sdp, uri_of
from ua import Leg

FAILURES = {"busy": 486, "decline": 603, "away": 480, "down": 503, "asks": 407}
# what callees do, and how often they are asked for it
DEEDS = {"answer": 24, "quick": 10, "busy": 2, "decline": 1, "away": 1, "down": 1, "asks": 1, "ring": 2, "silent": 1,
         "moved": 2, "forks": 2, "twice": 1, "late": 2, "reliable": 2, "gone": 1, "barred": 1}
# what either end does in a call that is up, and how often
PLANS = {"bye": 8, "reinvite": 3, "hold": 2, "update": 2, "info": 2, "refer": 2, "attended": 1, "stay": 2, "vanish": 1,
         "both": 1, "wrong": 1}
TROUBLES = (OSError, ssl.SSLError, Failure, KeyError, IndexError, ValueError)


def draw(rng, weights):
    return rng.choices(list(weights), list(weights.values()))[0]


class Robot(threading.Thread):
    """`places`: (destination, who calls, what is called; None: any deed, maker of a leg) that it calls, `rate` times a
    second; `samples`: where messages are left for those who spoil them."""

    def __init__(self, endpoint, rng, tally, rate=0.0, places=(), samples=None):
        super().__init__(daemon=True)
        self.endpoint, self.rng, self.tally, self.rate, self.places = endpoint, rng, tally, rate, places
        self.samples, self.over, self.legs, self.due = samples, False, {}, []
        self.serial = itertools.count()

    # --- time
    def later(self, seconds, function, *arguments):
        heapq.heappush(self.due, (time.monotonic() + seconds, next(self.serial), function, arguments))

    def run(self):
        if self.rate:
            self.later(self.rng.expovariate(self.rate), self.next_call)
        while not self.over:
            self.turn()
        self.endpoint.close()

    def turn(self):
        self.attempt(self.endpoint.poll, 0.05)
        inbox, self.endpoint.inbox = self.endpoint.inbox, []
        for msg in inbox:
            self.attempt(self.take, msg)
        while self.due and self.due[0][0] <= time.monotonic():
            _, _, function, arguments = heapq.heappop(self.due)
            self.attempt(function, *arguments)
        if self.samples is not None:
            self.samples.extend(raw for way, raw in self.endpoint.log if way == "out" and len(raw) > 99)
        self.endpoint.log.clear()

    def attempt(self, function, *arguments):
        """the other end may be gone at any moment"""
        try:
            function(*arguments)
        except TROUBLES as trouble:
            self.tally[f"robot: {type(trouble).__name__}"] += 1

    def end(self):
        self.over = True
        self.join(10)

    # --- calling
    def next_call(self):
        self.later(self.rng.expovariate(self.rate), self.next_call)
        if len(self.legs) > 200:
            for call_id in list(self.legs)[:50]:
                del self.legs[call_id]
        self.call(*self.rng.choice(self.places))

    def call(self, dest, called=None):
        called = called or f"{draw(self.rng, DEEDS)}-{self.rng.randrange(10000)}"
        headers = ["Supported: timer, 100rel, replaces"] if self.rng.random() < 0.6 else []
        headers += ["Session-Expires: 90;refresher=uac"] if headers and self.rng.random() < 0.5 else []
        body = None if self.rng.random() < 0.15 else "offer"
        leg = Leg.place(self.endpoint, dest, called, body, headers, record_route=None)
        self.placed(leg, body)

    def placed(self, leg, body="offer"):
        leg.is_caller, leg.offerless, leg.done, leg.up = True, body is None, False, False
        self.legs[leg.call_id] = leg
        self.tally["placed"] += 1
        if self.rng.random() < 0.2:
            self.later(self.rng.choice((0, 0.01, 0.3, 1, 3)), self.cancel, leg)
        else:
            self.later(25, self.cancel, leg)

    def cancel(self, leg):
        if not leg.done:
            self.tally["cancelled"] += 1
            leg.cancel()

    # --- what comes
    def take(self, msg):
        leg = self.legs.get(msg.call_id)
        if msg.status:
            if leg and not getattr(leg, "is_gone", False):
                self.take_response(leg, msg)
        elif leg and getattr(leg, "is_gone", False):
            return
        elif msg.method == "INVITE" and not msg.tag("to"):
            self.invited(msg, leg)
        elif msg.method not in ("ACK",):
            self.asked(leg, msg)

    def take_response(self, leg, msg):
        number, method = msg.cseq
        self.tally[f"{method} {msg.status // 100}xx"] += 1
        if method != "INVITE":
            return
        if msg.status < 200:
            self.provisional(leg, msg)
        elif msg.status < 300:
            self.answered(leg, msg, number)
        elif number in leg.sent:
            leg.done = leg.done or not leg.up
            how, branch, uri = leg.sent[number]
            saved, leg.remote_tag = leg.remote_tag, msg.tag("to")
            raw = leg.build("ACK", number, branch, uri=uri)
            leg.remote_tag = saved or leg.remote_tag
            leg.peer.send(raw, leg.where() if leg.up else leg.dest)

    def provisional(self, leg, msg):
        if "100rel" in msg.get("require") and not leg.up:
            leg.learn(msg)
            if self.rng.random() < 0.9:
                leg.prack(msg, sdp(leg.peer.host) if leg.offerless and msg.body else None)

    def answered(self, leg, msg, number):
        leg.learn(msg)
        if not leg.up and self.rng.random() < 0.03:      # never acknowledged
            leg.up = leg.done = leg.is_gone = True
            return
        leg.ack(sdp(leg.peer.host) if leg.offerless and number == 101 else None, number)
        if not leg.up:
            leg.up = leg.done = True
            self.tally["up"] += 1
            self.plan(leg)

    # --- being called
    def invited(self, msg, leg):
        if leg:
            return
        leg = Leg(self.endpoint, msg.path)
        leg.invite, leg.call_id, leg.local_tag, leg.remote_tag = msg, msg.call_id, fresh("tag"), msg.tag("from")
        leg.local, leg.remote = msg.get("to"), msg.get("from").partition(";tag=")[0]
        leg.target, leg.cseq = uri_of(msg.get("contact")), 500
        leg.routes = [value for line in msg.all("record-route") for value in line.split(",")]
        leg.is_caller, leg.offerless, leg.done, leg.up = False, False, False, False
        self.legs[leg.call_id] = leg
        self.tally["invited"] += 1
        deed = self.deed(msg)
        self.later(self.rng.choice((0, 0, 0.02, 0.2)), getattr(self, "do_" + deed, self.do_answer), leg)

    def deed(self, msg):
        deed = msg.user().partition("-")[0]
        return "fail" if deed in FAILURES else deed

    def do_answer(self, leg):
        leg.ring()
        self.later(self.rng.choice((0.01, 0.2, 1)), self.do_quick, leg)

    def do_quick(self, leg):
        if not leg.done:
            leg.answer(headers=["Supported: timer", "Allow: INVITE, ACK, BYE, CANCEL, UPDATE, INFO, REFER, PRACK"]
                       if self.rng.random() < 0.5 else [])
            leg.done = leg.up = True
            self.plan(leg)

    def do_fail(self, leg):
        status = FAILURES[leg.invite.user().partition("-")[0]]
        more = ['Proxy-Authenticate: Digest realm="soak", nonce="1"'] if status == 407 else []
        leg.done = True
        leg.answer(status, None, more)

    def do_ring(self, leg):
        leg.ring()

    def do_silent(self, leg):
        """not even 100"""

    def do_moved(self, leg):
        leg.done = True
        uri = f"sip:{self.rng.choice(('answer', 'quick', 'busy', 'moved'))}-1@{leg.peer.sent_by()}"
        leg.answer(302, None, [f"Contact: <{uri}>"])

    def do_forks(self, leg):
        for _ in range(self.rng.randrange(2, 5)):
            leg.local_tag = fresh("tag")
            leg.ring(183, "answer" if self.rng.random() < 0.5 else None)
        self.do_answer(leg)

    def do_twice(self, leg):
        self.do_quick(leg)
        leg.local_tag, saved = fresh("tag"), leg.local_tag
        leg.answer()
        leg.local_tag = saved

    def do_late(self, leg):
        """answers when it is cancelled"""
        leg.ring()
        leg.is_late = True

    def do_reliable(self, leg):
        if "100rel" in leg.invite.get("supported"):
            leg.ring(183, "answer", ["Require: 100rel", f"RSeq: {self.rng.randrange(1, 9999)}"])
        self.later(0.5, self.do_quick, leg)

    def do_gone(self, leg):
        leg.ring()
        leg.is_gone = True

    # --- requests in a dialog
    def asked(self, leg, msg):
        self.tally[f"got {msg.method}"] += 1
        answerer = leg or Leg(self.endpoint, msg.path)
        answerer.local_tag = answerer.local_tag or fresh("tag")
        if msg.method == "CANCEL" and leg:
            self.cancelled(leg, msg)
        elif msg.method == "BYE" and leg:
            leg.done, leg.up = True, False
            leg.reply(msg, 200)
        elif leg is None and msg.tag("to") and msg.method != "NOTIFY":
            answerer.reply(msg, 481)
        elif msg.method in ("INVITE", "UPDATE"):
            status = draw(self.rng, {200: 30, 491: 2, 488: 2, 500: 1, 481: 1, 408: 1})
            answerer.reply(msg, status, "answer" if status == 200 and (msg.body or msg.method == "INVITE") else None)
        elif self.rng.random() < 0.97:
            answerer.reply(msg, 200)

    def cancelled(self, leg, msg):
        leg.reply(msg, 200)
        if getattr(leg, "is_late", False):
            self.do_quick(leg)
        elif not leg.done:
            leg.done = True
            leg.answer(487, None)

    # --- a call that is up
    def plan(self, leg):
        plan = draw(self.rng, PLANS)
        self.tally[f"plan {plan}"] += 1
        self.later(self.rng.uniform(0, 1.5), getattr(self, "plan_" + plan), leg)
        if plan not in ("stay", "vanish", "bye"):
            self.later(self.rng.uniform(1, 6), self.plan_bye, leg)

    def plan_bye(self, leg):
        if leg.up:
            leg.up = False
            leg.request("BYE")

    def plan_reinvite(self, leg):
        if leg.up:
            body = sdp(leg.peer.host, 2, port=40002) if self.rng.random() < 0.8 else None
            leg.offerless = body is None
            leg.request("INVITE", body)

    def plan_hold(self, leg):
        if leg.up:
            leg.request("INVITE", sdp(leg.peer.host, 2, "sendonly"))
            self.later(self.rng.choice((0, 0.5)), self.plan_reinvite, leg)

    def plan_update(self, leg):
        if leg.up:
            leg.request("UPDATE", sdp(leg.peer.host, 3) if self.rng.random() < 0.5 else None)

    def plan_info(self, leg):
        for _ in range(self.rng.randrange(1, 5)):
            leg.request(self.rng.choice(("INFO", "OPTIONS", "MESSAGE", "NOTIFY", "SUBSCRIBE", "STRANGE")))

    def plan_refer(self, leg):
        if leg.up:
            leg.request("REFER", None, [f"Refer-To: <sip:{draw(self.rng, DEEDS)}-{self.rng.randrange(99)}@"
                                        f"{leg.peer.sent_by()}>", f"Referred-By: {leg.local}"])

    def plan_attended(self, leg):
        others = [one for one in self.legs.values() if one.up and one is not leg]
        if leg.up and others:
            other = self.rng.choice(others)
            replaces = f"{other.call_id}%3Bto-tag%3D{other.remote_tag}%3Bfrom-tag%3D{other.local_tag}"
            leg.request("REFER", None, [f"Refer-To: <{other.target.partition(';')[0]}?Replaces={replaces}>"])

    def plan_stay(self, leg):
        self.later(self.rng.uniform(10, 60), self.plan_bye, leg)

    def plan_vanish(self, leg):
        leg.is_gone = True

    def plan_both(self, leg):
        """offers and BYE at the same moment"""
        self.plan_reinvite(leg)
        self.plan_update(leg)
        self.plan_bye(leg)

    def plan_wrong(self, leg):
        """an old CSeq, a stray ACK, a request for a dialog that there is not"""
        leg.request("INFO", number=1)
        leg.ack(None, 9999)
        saved, leg.remote_tag = leg.remote_tag, fresh("no")
        leg.request("BYE")
        leg.remote_tag = saved
