"""Bytes that are hardly SIP: RFC 4475, RFC 5118, noise. The daemon answers or is silent, stays up and does not grow."""
import os
import re
import socket
import time

from case import Call, case, expect
from cases_wire import probe

STATUS = re.compile(rb"^SIP/2\.0 (\d{3}) ", re.M)
VECTORS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../vectors")
ROUTED = {404, 480, 503, 500, 502, 408}
BAD = {400}
# What the final answer may be; SILENT: nothing may come. A name without a row may get any answer, or none. wsinv has a
# tag in To, so that 481 is right, too; ipv6-in-sdp has a body that is shorter than its Content-Length.
SILENT = frozenset()
ALLOWED = {"wsinv": ROUTED | {481}, "intmeth": {501, 405}, "esc01": ROUTED, "esc02": {501, 405}, "lwsdisp": {200, 404},
           "longreq": ROUTED | {413, 414, 513, 416}, "semiuri": {200, 404}, "transports": {200, 404},
           "unreason": SILENT, "noreason": SILENT, "scalarlg": SILENT, "bigcode": SILENT, "bcast": SILENT,
           "clerr": BAD, "ncl": BAD, "scalar02": BAD, "quotbal": BAD, "badvers": {505},
           "mismatch01": BAD, "mismatch02": {400, 501}, "insuf": BAD, "unkscm": {416, 404}, "novelsc": {416},
           "bext01": {420}, "invut": ROUTED | {415}, "multi01": BAD, "mcl01": BAD, "zeromf": {483, 200},
           "sdp01": ROUTED | {406}, "inv2543": ROUTED, "lwsruri": BAD, "ipv6-bad": BAD}
NO_LENGTH = ("inv2543",)


def vectors(kind):
    """(name, bytes) of those that the oracle speaks of"""
    with open(f"{VECTORS}/{kind}/ORACLE.tsv", encoding="utf-8") as lines:
        names = [line.split("\t")[0] for line in lines.read().splitlines()[1:]]
    for name in names:
        for path in (f"{VECTORS}/{kind}/{name}.dat", f"{VECTORS}/{kind}/wire/{name}.sip"):
            if os.path.exists(path):
                with open(path, "rb") as raw:
                    yield name, raw.read()
                break


def socket_of(net, name, number=0):
    """one that answers reach: an address of its own, and over UDP SIP's port, where a Via without port sends them"""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM if name == "a-udp" else socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((net.bed.host(128 + number), 5060 if name == "a-udp" else 0))
    sock.settimeout(3)
    sock.connect(net.listener(name))
    return sock


def answers(sock, seconds):
    """statuses that come back within some time after the last"""
    got = []
    sock.settimeout(seconds)
    try:
        while data := sock.recv(65536):
            got += [int(code) for code in STATUS.findall(data)]
    except OSError:
        pass
    return got


def judged(name, got, stream):
    final = [status for status in got if status >= 200]
    allowed = ALLOWED.get(name)
    if stream and name in NO_LENGTH:
        allowed = BAD                       # RFC 3261 18.3: without Content-Length a stream has no message borders
    if allowed is SILENT and got:
        return f"{name}: {got} instead of silence"
    if allowed and final and final[-1] not in allowed:
        return f"{name}: {final[-1]}, not one of {sorted(allowed)}"
    return None


@case(("rfc4475", "a-udp"), ("rfc4475", "a-tcp"), ("rfc5118", "a-udp"), ("rfc5118", "a-tcp"), settle_s=42)
def torture(net, kind, name):
    net.begin(b="b-refused")
    wrong, answered = [], 0
    for number, (vector, raw) in enumerate(vectors(kind)):
        with socket_of(net, name, number) as sock:
            sock.sendall(raw)
            got = answers(sock, 0.15)
        answered += bool(got)
        wrong.append(judged(vector, got, name == "a-tcp"))
        if kind == "rfc5118" and vector not in ("ipv6-bad", "ipv6-in-sdp") and 400 in got:
            wrong.append(f"{vector}: 400, but it is right")
        expect(net.daemon.alive(), f"{vector} ended the daemon")
    wrong = [sentence for sentence in wrong if sentence]
    expect(not wrong, "; ".join(wrong))
    expect(answered > 4, f"only {answered} vectors were answered at all")
    probe(net)


@case("a-udp", "a-tcp", settle_s=42)
def torture_costs_no_memory(net, name):
    """the second half of many rounds adds nothing: what the first left is transactions that linger"""
    net.begin(b="b-refused")
    batch = [raw for kind in ("rfc4475", "rfc5118") for _, raw in vectors(kind)]
    grown = []
    for _ in range(2):
        for _ in range(15):
            for raw in batch:
                with socket_of(net, name) as sock:
                    sock.sendall(raw)
        probe(net)
        time.sleep(0.3)
        grown.append(net.daemon.rss_kib())
    expect("asan" in net.daemon.program or grown[1] - grown[0] < 4096, f"resident memory after each half: {grown} KiB")


@case("a-udp", "a-tcp")
def noise(net, name):
    """bytes that are no SIP at all"""
    net.begin("a-udp")
    for raw in (b"\0", b"\0\1\0\0", b"\xff" * 1400, b"SIP/2.0", b"\r\n" * 700, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
                b"INVITE", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", os.urandom(1200), b"A" * 65000):
        with socket_of(net, name) as sock:
            try:
                sock.sendall(raw)
            except OSError:                 # closed on us while we were talking: good
                pass
    probe(net, name)
    Call(net, name).up().bye()
