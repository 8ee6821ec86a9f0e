"""What must hold after every case, whatever it was about."""
import re
import time

from bed import MEDIA_LINE

OTHER = {"a": "b", "b": "a"}
TOKEN = re.compile(rb"[^\s;,<>\"=]{6,}")
CRASH = re.compile(r"^.*(?:Sanitizer|runtime error|Assertion|\bZ error ).*$", re.M)
CALL_ID = re.compile(rb"^(?:call-id|i)[ \t]*:[ \t]*(\S+)", re.I | re.M)
PARAMETER = re.compile(rb"[;?]\s*(?:tag|branch)\s*=\s*([^\s;,>\"]{6,})", re.I)


def identifiers(head):
    """Call-ID, tags and branches of a message"""
    found = set(PARAMETER.findall(head))
    for value in CALL_ID.findall(head):
        found.add(value)
        if len(value.split(b"@")[0]) >= 8:
            found.add(value.split(b"@")[0])
    return found


def leaks(messages, foreign):
    """what a side could learn of the other from what it was sent: sentences. A message is (side, sent by us, bytes)"""
    own = {"a": set(), "b": set()}
    for side, _, raw in messages:
        own[side] |= identifiers(raw.partition(b"\r\n\r\n")[0])
    for side, sent, raw in messages:
        if not sent:
            continue
        text = MEDIA_LINE.sub(b"", raw)
        theirs = own[OTHER[side]] - own[side]
        strange = {m.group(0) for m in foreign[side].finditer(text)} | (set(TOKEN.findall(text)) & theirs)
        strange |= identifiers(raw.partition(b"\r\n\r\n")[0]) & own[OTHER[side]]
        for token in strange:
            line = next((x for x in text.split(b"\r\n") if token in x), b"")
            start = text.split(b"\r\n")[0]
            yield f"leak to side {side}: {token!r} in {line[:140]!r} of {start[:80]!r}"


def idle(daemon, seconds):
    """all calls and transactions are over"""
    time.sleep(0.25)                        # the counters of the last moment are not published yet
    status = daemon.await_status(seconds, calls=0, legs=0, transactions=0)
    left = {key: status.get(key) for key in ("calls", "legs", "transactions") if status.get(key) != 0}
    if left:
        yield f"left behind: {left}"


def ended(daemon, stopped=None):
    code, final = stopped or daemon.stop()
    if code != 0:
        yield f"exit {code}"
    left = {key: final.get(key) for key in ("calls", "legs", "transactions") if final.get(key) != 0}
    if left:
        yield f"the final line says {left}"


def log(daemon):
    for line in CRASH.findall(daemon.log())[:3]:
        yield f"log: {line[:300]}"


def records(calls, wanted, count=None):
    """one record a leg; what the case said of its calls [(Call-ID of a leg, {key: value})]; how many calls"""
    by_leg = {leg["sip_call_id"]: legs for legs in calls.values() for leg in legs}
    for call_id, legs in calls.items():
        names = sorted(leg["leg"] for leg in legs)
        if names not in (["a"], ["a", "b"]):
            yield f"call {call_id} has records of legs {names}"
    for call_id, keys in wanted:
        legs = by_leg.get(call_id, [])
        if len(legs) != 2:
            yield f"{len(legs)} records instead of 2 of {call_id}"
        for leg in legs:
            for key, value in keys.items():
                if leg.get(key) != value and (key != "attempts" or leg["leg"] == "b"):
                    yield f"record of leg {leg['leg']}: {key} is {leg.get(key)!r}, not {value!r}"
    if count is not None and len(calls) != count:
        yield f"records of {len(calls)} calls instead of {count}"
