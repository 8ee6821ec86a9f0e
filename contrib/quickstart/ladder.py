"""One call as both sides saw it: the messages of leg a and of leg b, by time."""
import re

CLOCK_S = 0.003


def header(text, name):
    found = re.search(rf"^{name}:[ \t]*(.*?)[ \t]*$", text, re.M | re.I)
    return found.group(1) if found else ""


def status(text):
    """0: a request"""
    return int(text[8:11]) if text.startswith("SIP/2.0 ") else 0


def plain(raw):
    return raw.decode("utf-8", "replace").replace("\r", "")


def first_call(sipp):
    """the Call-ID of the first INVITE (OPTIONS may come before), None: there was none"""
    return next((header(plain(raw), "Call-ID") for _, _, raw in sipp.trace() if raw.startswith(b"INVITE ")), None)


def steps_of(sipp, side, call_id):
    """(time, side, sent by that side, text) of one call in a SIPp's trace"""
    for at, sent, raw in sipp.trace():
        text = plain(raw)
        if header(text, "Call-ID") == call_id:
            yield at, side, sent, text


def merged(left, right):
    """both legs in one order. SIPp's clock ticks in ms: within some of them what went to twinleg comes first"""
    left, right, latest = list(left), list(right), 0
    while left or right:
        heads = [steps[0] for steps in (left, right) if steps]
        first = min(heads, key=lambda step: step[0])
        close = [step for step in heads if step[2] and step[0] < first[0] + CLOCK_S]
        first = min(close, key=lambda step: step[0]) if close and not first[2] else first
        (left if first[1] == "a" else right).pop(0)
        latest = max(latest, first[0])
        yield latest, *first[1:]


def of_call(caller, callee, call_a, call_b):
    """the steps of both legs, by time"""
    return list(merged(steps_of(caller, "a", call_a), steps_of(callee, "b", call_b)))


def names(steps, call_ids):
    """what each leg is called by"""
    for side, call_id in call_ids.items():
        invite = next((text for _, s, _, text in steps if s == side and text.startswith("INVITE ")), "")
        print(f"\n  leg {side}: Call-ID {call_id}")
        for shown in ("From", "To", "Contact", "Via"):
            print(f"         {shown} {header(invite, shown)}")
