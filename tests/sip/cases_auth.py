"""Digest against a real Kamailio, which checks each answer, and registration there."""
import contextlib
import re
import time

from case import Call, case, expect
from kamailio import Kamailio
from message import Failure
from ua import Leg

AUTH = 'auth = {{ username = "alice"; password = "{}"; realm = "{}"; }};'


@contextlib.contextmanager
def carrier(net, password="secret", realm="", more="", a_keys="", **keys):
    kamailio = Kamailio(net.bed, **keys)
    try:
        net.begin(b=("b-udp",), a_keys=a_keys, b_keys=AUTH.format(password, realm) + more)
        yield kamailio
    finally:
        if net.daemon and net.daemon.alive():
            net.stopped = net.daemon.stop()
        kamailio.stop()


@case("MD5", "SHA-256")
def auth_every_method(net, algorithm):
    """R7: INVITE, re-INVITE from both sides, UPDATE, INFO, BYE: one challenge for all, and the calls after it none"""
    with carrier(net, algorithm=algorithm, realm="carrier.example", more='midcall = "passthru";',
                 a_keys='midcall = "passthru";') as kamailio:
        call = Call(net, "a-udp", "b-other", take=False)
        call.take("b-other")
        expect("authorization" not in dict(call.b.invite.headers), "the credentials went on to the next one")
        call.up()
        call.cross(call.a, call.b, "INFO", b"x")
        call.cross(call.a, call.b, "UPDATE", call.offer(call.a, 2, "sendonly"), reply="answer")
        reinvite(call, call.a, call.b, 3)
        reinvite(call, call.b, call.a, 3)
        call.bye()
        expect(kamailio.said()[:2] == [("challenge", "INVITE"), ("good", "INVITE")], f"{kamailio.said()}")
        expect(all(what == "good" for what, _ in kamailio.said()[1:]), f"{kamailio.said()}")
        second = Call(net, "a-udp", "b-other", take=False)
        second.take("b-other")
        second.up()
        second.bye(second.b, second.a)
        expect(kamailio.count("challenge", "INVITE") == 1, f"{kamailio.said()}")
        code, text, _ = net.daemon.ctl("metrics")
        expect(code == 0 and 'auth_challenges_total{trunk="callmanager",result="answered"} 1' in text, "no metric")
        expect("secret" not in net.daemon.log() + text, "the password is in the log")


def reinvite(call, one, other, version):
    number = one.request("INVITE", call.offer(one, version, "sendonly" if version % 2 else "sendrecv"))
    there = other.await_request("INVITE")
    other.reply(there, 200, "answer")
    one.expect(200, "INVITE", number)
    one.ack(number=number)
    other.await_request("ACK")


@case(settle_s=10, sleeps=True)
def auth_stale(net):
    """RFC 7616 3.3: the nonce runs out within the call: the BYE and the re-INVITE are challenged again, and answered"""
    with carrier(net, expire_s=1) as kamailio:
        call = Call(net, "a-udp", "b-other", take=False)
        call.take("b-other")
        call.up()
        time.sleep(2.5)
        reinvite(call, call.a, call.b, 3)
        time.sleep(2.5)
        call.bye()
        for method in ("INVITE", "BYE"):
            expect(kamailio.count("good", method) == kamailio.count("challenge", method), f"{kamailio.said()}")
        expect(kamailio.count("challenge", "BYE") == 1, f"{kamailio.said()}")


@case("password", "realm")
def auth_wrong(net, what):
    """a wrong password: one answer, 403, one line in the log for many calls; a realm that is not configured: none"""
    password, realm = ("wrong", "") if what == "password" else ("secret", "another.example")
    with carrier(net, password, realm) as kamailio:
        for _ in range(3):
            call = Call(net, "a-udp", "b-other", take=False)
            answer = call.a.expect(403)
            expect(not answer.all("proxy-authenticate") and not answer.all("www-authenticate"), "its challenge crossed")
            call.recorded("rejected", "b")
        asked = 6 if what == "password" else 3
        expect(kamailio.said() == [("challenge", "INVITE")] * asked, f"{kamailio.said()}")
        lines = re.findall(r"auth=\w+", net.daemon.log())
        expect(lines == (["auth=refused"] if what == "password" else ["auth=none"] * 2), f"{lines}")


@case("MD5", "SHA-256")
def auth_register(net, algorithm):
    """registered, shown, refreshed, called at our Contact, and taken back at the end"""
    more = 'register = { aor = "sip:line1@carrier.example"; expires_s = 60; };'
    with carrier(net, algorithm=algorithm, more=more) as kamailio:
        kamailio.await_count("good", "REGISTER", 1)
        expect(net.daemon.await_line("Registered as 'sip:line1@carrier.example'", 5), "no line in the log")
        expect(kamailio.said() == [("challenge", "REGISTER"), ("good", "REGISTER")], f"{kamailio.said()}")
        code, text, _ = net.daemon.ctl("trunks")
        expect(code == 0 and re.search(r"callmanager .* Registered ", text), text)
        code, text, _ = net.daemon.ctl("metrics")
        expect('twinleg_trunk_registered{trunk="callmanager"} 1' in text, "no metric")
        inbound(net)
        net.stopped = net.daemon.stop()
        expect(kamailio.said()[-1] == ("good", "REGISTER") and "expires=0" in kamailio.log(), f"{kamailio.said()}")


def inbound(net):
    """a call through the registrar to our Contact, and on to side a"""
    _, host, port = net.bed.place("b-udp")
    far = net.peer("a-udp")             # its socket has to be there before the call
    caller = Leg.place(net.peer("b-other"), (host, port), "line1")
    there = Leg.take(far, "line1")
    there.ring()
    there.answer()
    caller.confirm(there)
    caller.hang_up(there)


@case()
def auth_register_refused(net):
    """a wrong password: Failed, with the reason; calls go on being tried"""
    more = 'register = { aor = "sip:line1@carrier.example"; };'
    with carrier(net, "wrong", more=more) as kamailio:
        kamailio.await_count("challenge", "REGISTER", 2)
        expect(net.daemon.await_line("registration=Failed", 5), "no line in the log")
        _, text, _ = net.daemon.ctl("trunks")
        expect(re.search(r"callmanager .* Failed +401 Unauthorized", text), text)
        _, text, _ = net.daemon.ctl("-j", "trunks")
        expect('"state":"Failed"' in text.replace(" ", "") and "wrong" not in text, text)
        if kamailio.count("challenge", "REGISTER") != 2:
            raise Failure(f"it asked more than once: {kamailio.said()}")
