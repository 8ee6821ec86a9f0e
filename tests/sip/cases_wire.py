"""Retransmissions, requests out of place, strangers, and bytes that are hardly SIP."""
import glob
import os
import socket
import time

from case import Call, case, expect
from daemon import CODES, listener
from ua import Failure, Leg, Msg, fresh, sdp


def probe(net, trunk="a-udp"):
    """the daemon still answers"""
    leg = Leg.place(net.peer(trunk), listener(trunk), "ping", body=None, method="OPTIONS")
    return leg.expect(200, "OPTIONS")


@case("a-udp", "a-tcp", "a-tls", "b-udp")
def options_out_of_dialog(net, trunk):
    probe(net, trunk)


@case("a-udp", "a-tcp")
def unknown_method(net, trunk):
    leg = Leg.place(net.peer(trunk), listener(trunk), "ping", body=None, method="FROBNICATE")
    leg.expect((405, 501), "FROBNICATE")


@case("a-udp", "a-tcp")
def unknown_require(net, trunk):
    """RFC 3261 8.2.2.3"""
    leg = Leg.place(net.peer(trunk), listener(trunk), "201000", headers=["Require: nothing-of-ours"])
    refusal = leg.expect(420)
    expect("nothing-of-ours" in refusal.get("unsupported"), "Unsupported does not name the tag")


@case("a-udp", "a-tcp")
def max_forwards_zero(net, trunk):
    leg = Leg.place(net.peer(trunk), listener(trunk), "201000", max_forwards=0)
    leg.expect(483)


@case("BYE", "INFO", "UPDATE", "PRACK", "INVITE")
def unknown_dialog_is_481(net, method):
    leg = Leg(net.peer("a-udp"), listener("a-udp"))
    leg.call_id, leg.local_tag, leg.remote_tag = fresh("call-"), fresh("tag"), fresh("tag")
    leg.local, leg.remote = "<sip:1000@127.0.1.1>", "<sip:2000@127.0.0.10>"
    leg.target = "sip:2000@{}:{}".format(*listener("a-udp"))
    leg.request(method, headers=["RAck: 1 1 INVITE"] if method == "PRACK" else [])
    leg.expect(481, method)


@case()
def cancel_of_nothing_is_481(net):
    leg = Leg(net.peer("a-udp"), listener("a-udp"))
    leg.call_id, leg.local_tag = fresh("call-"), fresh("tag")
    leg.local, leg.remote, leg.target = "<sip:1000@127.0.1.1>", "<sip:2000@127.0.0.10>", "sip:2000@127.0.0.10"
    leg.invite_cseq, leg.sent[1] = 1, ("INVITE", "z9hG4bK" + fresh(""), leg.target)
    leg.cancel()
    leg.expect(481, "CANCEL")


@case()
def stranger_gets_nothing(net):
    """a source that no trunk knows is dropped, and counted"""
    before = net.daemon.status().get("dropped", 0)
    leg = Leg.place(net.peer("stranger"), listener("a-udp"), "201000")
    leg.peer.silent(lambda m: True, "an answer to a stranger", 0.5)
    expect(net.daemon.status().get("dropped", 0) > before, "the drop was not counted")


@case()
def wrong_tag_is_481(net):
    call = Call(net).up()
    good, call.a.remote_tag = call.a.remote_tag, "guessed"
    number = call.a.request("BYE")
    call.a.expect(481, "BYE", number)
    call.a.remote_tag = good
    call.bye()


@case()
def invite_again_gets_the_same_answer(net):
    """RFC 3261 17.2.1: a retransmission meets the last response, and leg b sees nothing of it"""
    call = Call(net)
    call.b.ring()
    first = call.a.expect(180)
    call.a.peer.send(call.a.last, call.a.dest)
    again = call.a.expect(180, copies=True)
    expect(again.raw == first.raw, "the response to a retransmission differs")
    call.far.silent(lambda m: m.method == "INVITE" and m.user() == call.number and m.raw != call.b.invite.raw,
                    "a second INVITE", 0.2)
    call.up().bye()


@case()
def silent_target_gets_the_invite_again(net):
    """timer A: 500 ms, 1 s (UDP)"""
    call = Call(net)
    again = call.b.await_request("INVITE", 1.5, copies=True)
    expect(again.raw == call.b.invite.raw, "a retransmission differs from its first")
    call.up().bye()


@case()
def lost_ack_brings_the_200_again(net):
    """RFC 3261 13.3.1.4: resent until the ACK"""
    call = Call(net)
    call.b.answer()
    first = call.a.expect(200)
    again = call.a.expect(200, seconds=2, copies=True)
    expect(again.raw == first.raw, "the 200 differs when sent again")
    call.a.ack()
    call.b.await_request("ACK")
    call.a.peer.poll(0.2)
    call.a.peer.inbox.clear()
    call.a.peer.silent(lambda m: m.status == 200 and m.call_id == call.a.call_id, "200 after the ACK", 1.2)
    call.bye()


@case()
def repeated_200_gets_the_ack_again(net):
    """RFC 3261 13.2.2.4"""
    call = Call(net)
    raw = call.b.answer()
    call.a.expect(200)
    call.a.ack()
    call.b.await_request("ACK")
    call.far.send(raw, call.b.invite.path)
    call.b.await_request("ACK", copies=True)
    call.bye()


@case()
def bye_again_gets_200_again(net):
    call = Call(net).up()
    call.bye()
    call.a.peer.send(call.a.last, call.a.where())
    call.a.expect(200, "BYE", copies=True)


@case()
def pieces_and_pairs_over_tcp(net):
    """a stream has no message borders: split, joined, with keepalives between"""
    leg = Leg(net.peer("a-tcp"), listener("a-tcp"))
    leg.call_id, leg.local_tag, leg.local = fresh("call-"), fresh("tag"), "<sip:1000@127.0.1.1>"
    leg.remote, leg.target = "<sip:ping@127.0.0.10>", "sip:ping@127.0.0.10"
    one, two = (leg.build("OPTIONS", n, "z9hG4bK" + fresh("")) for n in (1, 2))
    stream = b"\r\n" + one + b"\r\n\r\n" + two
    for at in range(0, len(stream), 97):
        leg.peer.send(stream[at:at + 97], leg.dest)
        time.sleep(0.005)
    leg.expect(200, "OPTIONS", 1)
    leg.expect(200, "OPTIONS", 2)


@case()
def crlf_keepalive_over_tcp(net):
    """RFC 5626 3.5.1: CRLFCRLF gets CRLF"""
    with socket.create_connection(listener("a-tcp"), 5, ("127.0.1.1", 0)) as conn:
        conn.sendall(b"\r\n\r\n")
        expect(conn.recv(16) == b"\r\n", "no pong")


@case()
def partial_message_is_closed(net):
    """a peer that sends half a message is not waited for longer than partial_message_timeout_s"""
    with socket.create_connection(listener("a-tcp"), 5, ("127.0.1.1", 0)) as conn:
        conn.sendall(b"INVITE sip:201@127.0.0.10 SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.1.1")
        conn.settimeout(8)
        expect(conn.recv(4096) == b"" or conn.recv(4096) == b"", "the connection stays open")


# --- torture: RFC 4475, RFC 5118
def vectors(kind):
    folder, names = f"tests/vectors/{kind}", []
    oracle = f"{folder}/ORACLE.tsv"
    if not os.path.exists(oracle):
        return
    for line in open(oracle, encoding="utf-8").read().splitlines()[1:]:
        names.append(line.split("\t"))
    for name, _, verdict, *_ in names:
        for path in (f"{folder}/{name}.dat", f"{folder}/wire/{name}.sip", f"{folder}/{name}.sip"):
            if os.path.exists(path):
                yield name, verdict, open(path, "rb").read()
                break


# What may come back; "drop": nothing. Not listed: any single final response, or nothing where no Via leads to us.
ROUTED = {404, 100, 480, 503, 500, 403, 405, 200}
ALLOWED = {"unreason": "drop", "noreason": "drop", "scalarlg": "drop", "bigcode": "drop", "bcast": "drop",
           "badvers": {505}, "unkscm": {416, 404}, "novelsc": {416, 404}, "bext01": {420}, "zeromf": {483, 200},
           "clerr": {400}, "ncl": {400}, "scalar02": {400}, "quotbal": {400}, "lwsruri": {400}, "mismatch01": {400},
           "mismatch02": {400, 501}, "insuf": {400}, "multi01": {400}, "mcl01": {400}, "ipv6-bad": {400},
           "wsinv": ROUTED, "inv2543": ROUTED, "longreq": ROUTED | {413, 513, 414}, "lwsdisp": {200, 404},
           "transports": {200, 404}, "semiuri": {200, 404}, "intmeth": {501, 405}, "esc02": {501, 405}}


def answers(net, raw, trunk):
    """start lines that come back to one message on a socket of its own; None instead when the stream was closed"""
    got = []
    kind = socket.SOCK_DGRAM if trunk == "a-udp" else socket.SOCK_STREAM
    with socket.socket(socket.AF_INET, kind) as sock:
        # the Vias name places that do not exist: what answers to received and rport reaches this socket
        sock.bind(("127.0.1.9", 0))
        sock.settimeout(2)
        sock.connect(listener(trunk))
        sock.sendall(raw)
        sock.settimeout(0.15)
        try:
            while data := sock.recv(65536):
                got += [Msg(data)] if data.startswith(b"SIP/2.0") else []
        except OSError:
            pass
    return got


@case(("rfc4475", "a-udp"), ("rfc4475", "a-tcp"), ("rfc5118", "a-udp"), ("rfc5118", "a-tcp"))
def torture(net, kind, trunk):
    wrong, seen = [], 0
    for name, verdict, raw in vectors(kind):
        seen += 1
        got = [m.status for m in answers(net, raw, trunk)]
        allowed = ALLOWED.get(name)
        if allowed == "drop" and got:
            wrong.append(f"{name}: {got} instead of silence")
        elif isinstance(allowed, set) and got and got[-1] not in allowed:
            wrong.append(f"{name}: {got[-1]} ({verdict})")
        elif not allowed and "accept" in verdict and 400 in got:
            wrong.append(f"{name}: refused with 400 ({verdict})")
        expect(net.daemon.alive(), f"{name} ended the daemon")
    expect(not wrong, "; ".join(wrong))
    expect(seen or not glob.glob(f"tests/vectors/{kind}/*"), f"no vectors read from tests/vectors/{kind}")
    probe(net)


@case("a-udp", "a-tcp")
def torture_costs_no_memory(net, trunk):
    """the same again and again: what stays is the transactions of 32 s, a few KiB each"""
    batch = [raw for kind in ("rfc4475", "rfc5118") for _, _, raw in vectors(kind)]
    before = net.daemon.rss_kib()
    for _ in range(10):
        for raw in batch:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM if trunk == "a-udp" else socket.SOCK_STREAM) as sock:
                sock.bind(("127.0.1.9", 0))
                sock.connect(listener(trunk))
                sock.sendall(raw)
    probe(net)
    grown = net.daemon.rss_kib() - before
    expect("asan" in net.daemon.program or grown < 16384, f"grew by {grown} KiB over {10 * len(batch)} messages")


@case("a-udp", "a-tcp")
def noise(net, trunk):
    """bytes that are no SIP at all"""
    kind = socket.SOCK_DGRAM if trunk == "a-udp" else socket.SOCK_STREAM
    for raw in (b"\0", b"\0\1\0\0", b"\xff" * 1400, b"SIP/2.0", b"\r\n" * 700, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
                b"INVITE", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", os.urandom(1200), b"A" * 65000):
        with socket.socket(socket.AF_INET, kind) as sock:
            sock.bind(("127.0.1.9", 0))
            sock.connect(listener(trunk))
            try:
                sock.sendall(raw)
            except OSError:                 # closed on us while we were talking: good
                pass
    probe(net, trunk)
    Call(net, trunk).up().bye()


@case()
def call_from_a_stream_that_closes(net):
    """the connection goes, the call stays: BYE comes on a new one (RFC 3261 18)"""
    call = Call(net, "a-tcp", "b-tcp").up()
    call.a.peer.drop_connections()
    call.far.drop_connections()
    time.sleep(0.1)
    call.a.dest = listener("a-tcp")
    call.bye()


def slow_no_ack(net):
    """the 200 is never acknowledged: after 64*T1 both legs get BYE (RFC 3261 13.3.1.4). Runs beside the others."""
    number = CODES["b-slow"] + "900000"
    a = Leg.place(net.peer("a-slow"), listener("a-udp"), number)
    b = Leg.take(net.peer("b-slow"), number)
    b.answer()
    a.expect(200)
    end = time.monotonic() + 40
    while time.monotonic() < end:
        try:
            b.await_request("ACK", 0.05)
        except Failure:
            pass
        try:
            b.reply(b.await_request("BYE", 1), 200)
            break
        except Failure:
            continue
    else:
        raise Failure("no BYE to leg b within 40 s of an unacknowledged 200")
    a.reply(a.await_request("BYE", 5), 200)
    net.records.append(("slow-no-ack", a.call_id, {"cause": "no-ack", "ended_by": "us"}))
