"""Traces into pcap files, read by tshark, and what a capture server gets by HEP."""
import os
import re
import stat
import time

from exported import Hep, tshark
from case import Call, case, expect
from cases_ctl import ask, refused
from ua import Leg


def wire(net, names):
    """what the endpoints sent and got, as it would look in a trace"""
    return sorted(raw for name in names for _, raw in net.peer(name).log)


def path_of(net, name="t.pcap"):
    return os.path.join(net.bed.folder, name)


@case(("a-udp", "b-udp"), ("a-tls", "b-tcp"))
def trace_is_what_the_wire_had(net, src, dst):
    """all messages of all transports, TLS readable, in one file that tshark takes for SIP; nobody else may read it"""
    net.begin(src, dst)
    began = ask(net, "trace", "start", "t.pcap")
    expect(began["trace"] == "on" and began["file"] == path_of(net), f"{began}")
    refused(net, "already", "trace", "start", "u.pcap")
    Call(net, src, dst).up().bye()
    net.daemon.await_status(3, calls=0)     # the last 200 has come in
    over = ask(net, "trace", "stop")
    packets = tshark(path_of(net))
    expect(sorted(packet.sip for packet in packets) == wire(net, (src, dst)), f"{len(packets)} packets, another wire")
    expect(over["messages"] == len(packets) and over["bytes"] == os.path.getsize(path_of(net)), f"{over}")
    expect(stat.S_IMODE(os.stat(path_of(net)).st_mode) == 0o600, "others may read it")
    ends = {address for packet in packets for address in (packet.source, packet.target)}
    for side, name in (("a", src), ("b", dst)):
        expect(net.listener(name) in ends, f"our address of side {side} is not among {ends}")
    expect(all(abs(packet.time - time.time()) < 60 for packet in packets), "odd times")
    refused(net, "there is no trace", "trace", "stop")
    refused(net, "File exists", "trace", "start", "t.pcap")


@case("trunk=callmanager", "number=4930", "call-id=A", "call-id=B", "number=+4930")
def trace_takes_what_the_filter_wants(net, text):
    """both legs of a call, also of one that was up before; nothing else"""
    net.begin(workers=2)
    call = Call(net).up()
    number = text.replace("=A", "=" + call.a.call_id).replace("=B", "=" + call.b.call_id)
    ask(net, "trace", "start", "t.pcap", "--filter", number, "--filter", f"number={call.number}")
    for _ in range(3):
        stranger = net.place(user="9911", method="OPTIONS")
        stranger.expect((200, 404), "OPTIONS")
    other = Call(net, caller="2000").up()
    call.bye()
    other.bye()
    ask(net, "trace", "stop")
    seen = {re.search(rb"Call-ID: (\S+)", packet.sip).group(1).decode() for packet in tshark(path_of(net))}
    expect(seen == {call.a.call_id, call.b.call_id}, f"{seen}")


@case()
def trace_ends_at_its_size(net):
    """and says so; calls go on"""
    net.begin()
    ask(net, "trace", "start", "t.pcap", "--max-mb", "1")
    long = [f"X-{n}: " + "x" * 900 for n in range(30)]
    for _ in range(20):
        leg = Leg.place(net.peer("a-tcp"), net.listener("a-tcp"), "1", body=None, method="OPTIONS", headers=long)
        leg.expect(200, "OPTIONS")
        leg.request("OPTIONS", None, long)
        leg.expect(200, "OPTIONS", leg.cseq)
    expect(net.daemon.ctl("trace", "stop")[0] == 1, "it has not ended by itself")
    state = ask(net, "trace", "show")
    expect(state["trace"] == "off" and "size of 1 MB" in state["ended"], f"{state}")
    expect(950_000 < os.path.getsize(path_of(net)) <= 1_000_000 and tshark(path_of(net)), "too small, or too large")
    Call(net).up().bye()


@case(("a-udp", "b-tcp"))
def hep_has_both_legs(net, src, dst):
    """each message once, with its addresses and time; both legs have the call id in common; secrets are covered"""
    homer = Hep(net.bed.host(5))
    try:
        net.begin(src, dst, admin=f'hep = "{homer.where}";')
        call = Call(net, src, dst, headers=['Authorization: Digest username="bob", response="5ec4e7"']).up()
        call_id = ask(net, "calls")["calls"][0]["call_id"]
        call.bye()
        hidden = [raw.replace(b"5ec4e7", b"xxxxxx") for raw in wire(net, (src, dst))]
        got = homer.messages(len(hidden))
        expect(sorted(one["sip"] for one in got) == sorted(hidden), "another wire")
        for one in got:
            own = call.a if call.a.call_id.encode() in one["sip"] else call.b
            ends = {one["source"], one["target"]}
            expect(net.listener(src if own is call.a else dst) in ends, f"{one}")
            expect(one["proto"] == own.peer.proto and abs(one["time"] - time.time()) < 60, f"{one}")
            expect(one["call"] == call_id or b"OPTIONS" in one["sip"], f"{one['call']} is not {call_id}")
        text = net.daemon.ctl("metrics")[1]
        expect(f'twinleg_hep_messages_total{{result="sent"}} {len(got)}' in text, "no metric")
    finally:
        homer.close()
