"""Calls over TLS: certificates shown, asked for, refused."""
import re
import socket
import ssl
import subprocess

from case import Call, case, expect
from message import Failure
from peer import Peer


@case(("a-tls", "b-tls"), ("a-tls", "b-udp"), ("a-udp", "b-tls"), ("b-tls", "a-tls"))
def tls_answered(net, src, dst):
    call = Call(net, src, dst).up()
    call.cross(call.b, call.a, "INFO")
    call.bye(call.b, call.a)


@case()
def tls_verify_require(net):
    """both ends show a certificate of the authority that is trusted"""
    net.begin("a-tls", "b-tls", verify="require")
    Call(net, "a-tls", "b-tls").up().bye()


@case()
def tls_without_client_certificate(net):
    """verify = require: nothing is said to who shows no certificate"""
    net.begin("a-tls", "b-tls", verify="require")
    shy = {**net.bed.tls, "client": net.bed.tls["nameless"]}
    net.peers["a-tls"] = Peer(*net.bed.place("a-tls"), shy)
    try:
        net.place("a-tls", "ping", body=None, method="OPTIONS").expect(200, "OPTIONS", seconds=2)
    except (ssl.SSLError, OSError, Failure):
        return
    expect(False, "an OPTIONS was answered without a client certificate")


@case()
def tls_strange_server_certificate(net):
    """verify = require: a target whose certificate comes from elsewhere gets no call"""
    net.begin("a-tls", "b-tls", verify="require", b_keys="timers = { no_reply_ms = 1500; };")
    net.peers["b-tls"] = Peer(*net.bed.place("b-tls"), {**net.bed.tls, "server": net.bed.strange_tls()})
    call = Call(net, "a-tls", "b-tls", take=False)
    net.peers["b-tls"].silent(lambda m: m.method == "INVITE", "an INVITE to a stranger", 1)
    call.a.expect((408, 480, 500, 502, 503, 504))


@case()
def tls_reconnect(net):
    """connections go, the call stays"""
    call = Call(net, "a-tls", "b-tls").up()
    call.a.peer.drop_connections()
    call.far.drop_connections()
    net.daemon.await_status(3, connections=0)
    call.a.dest = net.listener("a-tls")
    call.bye()


@case()
def plain_text_to_a_tls_port(net):
    net.begin("a-tls")
    with socket.create_connection(net.listener("a-tls"), 5, (net.bed.host(1), 0)) as conn:
        conn.sendall(b"OPTIONS sip:x SIP/2.0\r\n\r\n")
    Call(net, "a-tls").up().bye()


@case()
def tls_files_checked(net):
    """-t names the file that a start would fail over; with good files it is content"""
    net.begin("a-tls")
    for key, code, part in (("none.pem", 1, "tls key"), (None, 0, "configuration is good")):
        path = net.daemon.config if key is None else f"{net.bed.folder}/checked.cfg"
        if key is not None:
            with open(net.daemon.config, encoding="utf-8") as was, open(path, "w", encoding="utf-8") as out:
                out.write(re.sub(r'key = "[^"]*"', f'key = "{key}"', was.read()))
        run = subprocess.run([net.program, "-t", "-c", path], capture_output=True, text=True, check=False)
        said = run.stdout + run.stderr
        expect(run.returncode == code and part in said and (key or "") in said, f"exit {run.returncode}: {said}")
    net.calls = 0
