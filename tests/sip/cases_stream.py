"""TCP: borders of messages, connections that come and go, and when a request leaves by it."""
import socket
import time

from case import Call, case, expect
from cases_wire import outside
from message import fresh, sdp


@case()
def pieces_and_pairs_over_tcp(net):
    """a stream has no message borders: split, joined, with keepalives between"""
    leg = outside(net.begin(), "a-tcp")
    one, two = (leg.build("OPTIONS", n, "z9hG4bK" + fresh("")) for n in (1, 2))
    stream = b"\r\n" + one + b"\r\n\r\n" + two
    for at in range(0, len(stream), 97):
        leg.peer.send(stream[at:at + 97], leg.dest)
        time.sleep(0.005)
    leg.expect(200, "OPTIONS", 1)
    leg.expect(200, "OPTIONS", 2)


def connection(net):
    return socket.create_connection(net.listener("a-tcp"), 5, (net.bed.host(1), 0))


@case()
def crlf_keepalive_over_tcp(net):
    """RFC 5626 3.5.1: CRLFCRLF gets CRLF"""
    with connection(net.begin()) as conn:
        conn.sendall(b"\r\n\r\n")
        expect(conn.recv(16) == b"\r\n", "no pong")


@case()
def partial_message_is_closed(net):
    """a peer that sends half a message is not waited for longer than partial_message_timeout_s"""
    with connection(net.begin(security="partial_message_timeout_s = 1;")) as conn:
        conn.sendall(b"INVITE sip:201@127.0.0.10 SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.1.1")
        conn.settimeout(8)
        while conn.recv(4096):              # TimeoutError: the connection stays open
            pass


@case()
def large_request_leaves_by_tcp(net):
    """RFC 3261 18.1.1: beyond 1300 bytes, where the target named no transport and TCP is there"""
    net.begin("a-tcp", "b-any")
    call = Call(net, "a-tcp", "b-tcp", body=sdp(net.bed.host(1), filler=40))
    expect(call.b.invite.get("via").upper().startswith("SIP/2.0/TCP"), "its Via is not of TCP")
    expect(call.b.invite.body.count(b"a=fill:") == 40, "the body is not whole")
    call.up().bye()


@case()
def large_request_falls_back_to_udp(net):
    """RFC 3261 18.1.1: nobody listens on TCP there"""
    net.begin("a-tcp", "b-any")
    call = Call(net, "a-tcp", "b-udp", body=sdp(net.bed.host(1), filler=40))
    expect(call.b.invite.get("via").upper().startswith("SIP/2.0/UDP"), "its Via is not of UDP")
    expect(call.b.invite.body.count(b"a=fill:") == 40, "the body is not whole")
    call.up().bye()


@case()
def small_request_stays_on_udp(net):
    net.begin(b="b-any")
    Call(net, "a-udp", "b-udp").up().bye()


@case("a", "b", "a-named", "b-named")
def connection_closed_in_the_call(net, who):
    """RFC 3261 18: the connections go, the call stays; BYE travels on a new one. A Contact that is a name is not looked
    up: the connection goes to the trunk's target at the peer's address"""
    for name in ("a-tcp", "b-tcp"):
        net.peer(name).name = "switch.example.invalid" if who.endswith("named") else None
    call = Call(net, "a-tcp", "b-tcp").up()
    call.cross(call.a, call.b, "INFO")      # heard from a port that nobody listens on
    call.a.peer.drop_connections()
    call.far.drop_connections()
    net.daemon.await_status(3, connections=0)
    if who.startswith("a"):
        call.a.dest = net.listener("a-tcp")
        call.bye()
        return
    call.b.dest = net.listener("b-tcp")
    call.bye(call.b, call.a)
