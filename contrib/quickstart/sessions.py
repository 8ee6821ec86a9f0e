"""The session timers of one call (RFC 4028), as its messages tell them: a table with a column for each leg, and whether
all went as `caller_refreshes` and `callee_wants_longer` mean it to go."""
import re

from ladder import header, status

COLUMN = 34


class Exchange:
    """a request and its final response"""

    def __init__(self, sender, answerer, request):
        self.sender, self.answerer, self.request, self.final = sender, answerer, request, ""

    def refresher(self):
        """`uac` is who sent this very request (section 9)"""
        roles = {"uac": self.sender, "uas": self.answerer}
        return roles.get(role(self.final) or role(self.request), "nobody")

    def named_by(self):
        if role(self.request):
            return f"{self.sender}, in its INVITE"
        return f"{self.answerer}, in its 200" if role(self.final) else "nobody"


class Leg:
    """what `peer` and twinleg said to each other, and the call record of it"""

    def __init__(self, peer, steps, record):
        found = {}
        self.record = record
        self.texts = [text for _, _, _, text in steps]
        for _, _, sent, text in steps:
            cseq, names = header(text, "CSeq"), (peer, "twinleg") if sent else ("twinleg", peer)
            if text.startswith(("INVITE ", "UPDATE ")):
                found.setdefault((names[0], cseq), Exchange(*names, text))
            elif status(text) >= 200 and (names[1], cseq) in found:
                found[names[1], cseq].final = text
        self.first = [x for x in found.values() if "tag=" not in header(x.request, "To")]
        self.later = [x for x in found.values() if x not in self.first]
        self.granted = self.first[-1]

    def too_small(self):
        return [x.final for x in self.first + self.later if status(x.final) == 422]

    def refreshes(self):
        """whatever 2xx brings a Session-Expires starts the interval anew"""
        return [x for x in self.later if status(x.final) == 200 and seconds(x.final)]


def seconds(text):
    return int(re.match(r"\d*", header(text, "Session-Expires")).group(0) or 0)


def role(text):
    found = re.search(r"refresher=(uac|uas)", header(text, "Session-Expires"))
    return found.group(1) if found else ""


def body(text):
    return text.partition("\n\n")[2].strip()


def media(text):
    """a session description but for its o= line, which is of each leg alone"""
    return re.sub(r"^o=.*\n", "", body(text), flags=re.M)


def crossed(exchange, other):
    """does a request of twinleg on the other leg carry the same media?"""
    return any(x.sender == "twinleg" and media(x.request) == media(exchange.request) for x in other.later)


def rows(leg, other):
    """what is shown of a leg"""
    asked = [x for x in leg.first if seconds(x.request)]
    small = [f"{x.answerer}: Min-SE {header(x.final, 'Min-SE')}" for x in leg.first if status(x.final) == 422]
    again = leg.refreshes()
    mine = [x for x in leg.later if x.sender == leg.granted.sender == "carrier"]
    over = [crossed(x, other) for x in mine]
    yield "asked for, s", " then ".join(str(seconds(x.request)) for x in asked) + f" by {leg.granted.sender}"
    yield "with Min-SE, s", " then ".join(header(x.request, "Min-SE") or "-" for x in asked)
    yield "422 (too small)", f"{len(leg.too_small())}  " + ", ".join(small)
    yield "interval, s", str(seconds(leg.granted.final))
    yield "refresher", leg.granted.refresher()
    yield "named by", leg.granted.named_by()
    yield "started anew", f"{len(again)} by re-INVITE of {again[0].sender}" if again else "0"
    yield "consumed / crossed", f"{over.count(False)} / {over.count(True)}" if over else "-"


def table(a, b):
    print(f"\n  {'what the session timers negotiated':<36}{'leg a: carrier':<{COLUMN}}leg b: call manager")
    for (what, left), (_, right) in zip(rows(a, b), rows(b, a)):
        print(f"  {what:<36}{left.strip():<{COLUMN}}{right.strip()}")


def recorded(leg):
    """(refreshes of the peer, consumed, forwarded)"""
    return tuple(leg.record.get(key) for key in ("refreshes_received", "midcalls_consumed", "midcalls_forwarded"))


def checks(a, b):
    """(what is to hold, does it?)"""
    refresh, hold = a.later if len(a.later) == 2 else (a.granted, a.granted)
    cseqs = [int(header(x.request, "CSeq").split()[0]) for x in b.first]
    yield ("leg a: 1800 s, the carrier refreshes",
           (seconds(a.granted.final), a.granted.refresher()) == (1800, "carrier"))
    yield ("leg b: 3600 s, the call manager refreshes",
           (seconds(b.granted.final), b.granted.refresher()) == (3600, "call manager"))
    yield ("the 422 was answered by the same call with the next CSeq, 3600 and Min-SE 3600",
           len(cseqs) == 2 and cseqs[1] == cseqs[0] + 1 and [status(x.final) for x in b.first] == [422, 200]
           and seconds(b.granted.request) == 3600 and header(b.granted.request, "Min-SE") == "3600")
    yield ("the carrier saw nothing of it: one INVITE, no 422, no 3600",
           len(a.first) == 1 and not any(status(text) == 422 or "3600" in header(text, "Session-Expires")
                                         or "3600" in header(text, "Min-SE") for text in a.texts))
    yield ("the carrier's refresh got 200 with 1800 s and the session description in force, byte for byte",
           status(refresh.final) == 200 and (seconds(refresh.final), refresh.refresher()) == (1800, "carrier")
           and refresh is not a.granted and body(refresh.final) == body(a.granted.final) != "")
    yield ("it did not reach the call manager: what came there after the call was up is the hold alone",
           len(b.later) == 1 and not crossed(refresh, b))
    yield ("the hold crossed, and its answer came back; there it says 3600 s",
           hold is not a.granted and crossed(hold, b) and status(hold.final) == 200
           and media(hold.final) == media(b.later[0].final) and "a=recvonly" in hold.final
           and seconds(b.later[0].request) == 3600)
    yield ("the call records agree: 2 refreshes by the carrier, 1 consumed, 1 forwarded; none by the call manager",
           recorded(a) == (2, 1, 1) and recorded(b) == (0, 0, 0))


def show(a, b):
    """prints table and checks; does all hold?"""
    table(a, b)
    print("\n  seen in the messages:")
    results = list(checks(a, b))
    for what, holds in results:
        print(f"    {'yes' if holds else 'NO '}  {what}")
    return all(holds for _, holds in results)
