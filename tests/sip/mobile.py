"""A client on the move: Ear makes a phone.Phone an endpoint of ua.Leg; Mobile keeps one registered as a client that
knows AR_SK does, in a thread of its own."""
import random
import threading
import time

import stun
from message import Failure, Msg, fresh, sdp


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
