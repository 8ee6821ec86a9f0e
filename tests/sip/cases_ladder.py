"""The call ladder: what twinleg has kept of a call is what the wire had, with what was decided between."""
import re
import time

from case import Call, case, expect
from cases_ctl import ask, refused, text
from cases_hunt import QUICK, TWO, two_targets
from timer import TRUNKS, grants, wants


def ladder(net, name):
    return ask(net, "call", "ladder", name)


def messages(shown, leg=None):
    return [step for step in shown["ladder"] if "message" in step and step["leg"] in (leg or "ab")]


def notes(shown, leg=None):
    return [step["note"] for step in shown["ladder"] if "note" in step and step["leg"] in (leg or "ab")]


def same_as_the_wire(net, shown, leg, name, call_id):
    """all bytes of the leg in both directions, and from where"""
    peer = net.peer(name)
    wire = [(way, raw.decode()) for way, raw in peer.log if f"Call-ID: {call_id}\r\n".encode() in raw]
    kept = [("out" if step["direction"] == "in" else "in", step["message"]) for step in messages(shown, leg)]
    expect(sorted(wire) == sorted(kept), f"leg {leg}: {len(kept)} messages are kept, the wire had {len(wire)}")
    for step in messages(shown, leg):
        expect(step["transport"] == peer.proto.upper(), f"{step}")


@case(("a-udp", "b-udp"), ("a-tcp", "b-tls"), ("a-tls", "b-udp"))
def ladder_is_what_the_wire_had(net, src, dst):
    """both legs byte for byte, while the call is up and when it is over, by each of its names"""
    call = Call(net, src, dst).up()
    call_id = ask(net, "calls")["calls"][0]["call_id"]
    up = ladder(net, call_id)
    expect([leg["sip_call_id"] for leg in up["legs"]] == [call.a.call_id, call.b.call_id], f"{up['legs']}")
    expect([leg["trunk"] for leg in up["legs"]] == ["carrier", "callmanager"] and up["whole"], f"{up['legs']}")
    call.bye()
    net.daemon.await_status(3, calls=0)
    for name in (call_id, call_id[:10], call.a.call_id, call.b.call_id):
        over = ladder(net, name)
        expect(over["call_id"] == call_id, f"{name} is {over['call_id']}")
        same_as_the_wire(net, over, "a", src, call.a.call_id)
        same_as_the_wire(net, over, "b", dst, call.b.call_id)
    times = [step["at_us"] for step in over["ladder"]]
    expect(times == sorted(times) and abs(times[0] / 1e6 - time.time()) < 60, f"times {times}")
    expect("route in" in notes(over, "a") and "to trunk callmanager" in notes(over, "b"), f"{notes(over)}")
    expect("over: by a, bye" in notes(over, "a"), f"{notes(over)}")


@case()
def ladder_in_two_workers(net):
    """each call is found, whichever worker has it"""
    net.begin(workers=2)
    calls = [Call(net).up() for _ in range(6)]
    for call in calls:
        shown = ladder(net, call.a.call_id)
        same_as_the_wire(net, shown, "a", "a-udp", call.a.call_id)
        same_as_the_wire(net, shown, "b", "b-udp", call.b.call_id)
        call.bye()


@case(settle_s=40)
def ladder_of_a_hunted_call(net):
    """copies are marked, each target is told, and why it was left"""
    two_targets(net, QUICK)
    call = Call(net)
    call.up().bye()
    shown = ladder(net, call.a.call_id)
    invites = [step for step in messages(shown, "b") if step["message"].startswith("INVITE")]
    first = [step for step in invites if step["peer"] == invites[0]["peer"]]
    expect(len(first) > 1 and not first[0]["repeat"] and all(step["repeat"] for step in first[1:]), "copies")
    expect(len([leg for leg in shown["legs"] if leg["leg"] == "b"]) == len(TWO), f"{shown['legs']}")
    expect(notes(shown, "b").count("to trunk callmanager") == 2, f"{notes(shown)}")
    expect(any(re.fullmatch(r"attempt 1, callmanager at .*: silent", note) for note in notes(shown, "b")),
           f"{notes(shown)}")


@case()
def ladder_tells_of_timers_and_rules(net):
    """422, who refreshes and why, what a profile changed; the picture has it, too"""
    rule = 'request INVITE sip-header Subject add \\"Subject: x\\"'
    with open(f"{net.bed.folder}/profiles.cfg", "w", encoding="utf-8") as out:
        out.write(f'profiles = ( {{ name = "p"; rules = ( "{rule}" ); }} );')
    net.begin(a_keys=TRUNKS["a_keys"], b_keys=TRUNKS["b_keys"] + ' profile_out = "p";',
              root='profiles = ( "profiles.cfg" );')
    call = Call(net, headers=wants("uas", 90))
    first = call.b
    first.answer(422, None, ["Min-SE: 3600"])
    first.await_request("ACK")
    first.invite = call.far.wait(lambda m: m.method == "INVITE" and m.call_id == first.call_id, "INVITE again")
    call.up(grants("uac", 3600))
    said = notes(ladder(net, call.a.call_id), "b")
    for part in ("422: Min-SE 3600 s wanted, 1800 s was asked: asked again", "profile p, out: 1 rule changed it",
                 "session timer 3600 s, refresher twinleg: named by peer"):
        expect(part in said, f"no {part!r} in {said}")
    lines = text(net, "call", "ladder", call.a.call_id)
    expect(any("| <--- 422 " in line and "Min-SE 3600" in line for line in lines), "\n".join(lines))
    expect(any("* b: 422: Min-SE 3600 s wanted" in line for line in lines), "\n".join(lines))
    call.bye()


@case()
def ladder_hides_credentials(net):
    """neither what answers a challenge nor a key of the media is shown"""
    net.begin()
    body = (b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/SAVP 0\r\n"
            b"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:bWVkaWFrZXk=\r\n")
    call = Call(net, body=body, headers=['Authorization: Digest username="bob", realm="h", response="5ec4e7"',
                                         "Proxy-Authorization: Basic Ym9iOnB3"]).up()
    shown = str(ladder(net, call.a.call_id))
    for secret in ("bWVkaWFrZXk", "5ec4e7", "Ym9iOnB3"):
        expect(secret not in shown, f"{secret} is shown")
    expect('username="bob"' in shown and 'response="xxxxxx"' in shown, "who and where is hidden, too")
    call.bye()


@case()
def ladder_of_what_became_no_call(net):
    """a refused INVITE is found by its Call-ID, and by nothing else"""
    net.begin()
    leg = net.place(headers=wants("uac", 90))
    leg.expect(422)
    shown = ladder(net, leg.call_id)
    expect(shown["call_id"] is None and len(messages(shown)) >= 2, f"{shown}")
    expect(any(note.startswith("Session-Expires 90 s is too small: 422") for note in notes(shown)), f"{notes(shown)}")
    refused(net, 'no call "nothing"', "call", "ladder", "nothing")
    refused(net, "every call", "call", "ladder", "")
    net.calls = 0
