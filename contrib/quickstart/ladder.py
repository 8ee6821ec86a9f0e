"""One call as both sides saw it: the messages of leg a on the left, those of leg b on the right, by time."""
import re

WIDTH = 30
CLOCK_S = 0.003


def header(text, name):
    found = re.search(rf"^{name}:[ \t]*(.*?)[ \t]*$", text, re.M | re.I)
    return found.group(1) if found else ""


def label(text):
    words = text.split("\n", 1)[0].strip()
    words = words[8:] if words.startswith("SIP/2.0 ") else words.split(" ")[0]
    return words + (" +SDP" if re.search(r"^v=0", text, re.M) else "")


def steps_of(sipp, side, call_id):
    """(time, side, sent by that side, text) of one call in a SIPp's trace"""
    for at, sent, raw in sipp.trace():
        text = raw.decode("utf-8", "replace").replace("\r", "")
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


def arrow(name, right):
    line = "-" * (WIDTH - len(name) - 3)
    return f"{name} {line}>" if right else f"<{line} {name}"


def show(caller, callee, call_a, call_b):
    """prints it; returns the number of messages"""
    steps = list(merged(steps_of(caller, "a", call_a), steps_of(callee, "b", call_b)))
    if not steps:
        return 0
    print(f"\n  {'ms':>8}  {'carrier':<{WIDTH}}{'twinleg':^9}{'call manager':>{WIDTH}}")
    for at, side, sent, text in steps:
        drawn = arrow(label(text), sent == (side == "a"))
        left, right = (drawn, "") if side == "a" else ("", drawn)
        print(f"  {1000 * (at - steps[0][0]):8.1f}  {left:<{WIDTH - 1}}{'|':^11}{right}".rstrip())
    for name, call, side in (("leg a", call_a, "a"), ("leg b", call_b, "b")):
        invite = next((text for _, s, _, text in steps if s == side and label(text).startswith("INVITE")), "")
        print(f"\n  {name}: Call-ID {call}")
        for shown in ("From", "To", "Contact", "Via"):
            print(f"         {shown} {header(invite, shown)}")
    return len(steps)
