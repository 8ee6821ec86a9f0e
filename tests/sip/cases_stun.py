"""Keepalives by STUN where they are switched off, not known, or not believed."""

import stun
from case import case, expect
from front import until
from peer import Peer
from played import Played


def mixed(phone, step):
    """SIP that is answered with STUN around it, all in pieces of so many bytes; was STUN answered, too?"""
    numbers, raw = [], b""
    for _ in range(2):
        number, one = stun.request()
        numbers.append(number)
        raw += one + phone.request("OPTIONS").replace(b"sip:a.example SIP", b"sip:%s:%d SIP" % (
            phone.to[0].encode(), phone.to[1]), 1)
    number, one = stun.request()
    numbers.append(number)
    raw += one
    for at in range(0, len(raw), step):
        phone.send(raw[at:at + step])
    for cseq in (phone.cseq - 1, phone.cseq):
        wanted = f"CSeq: {cseq} OPTIONS".encode()
        expect(phone.wait(lambda m, w=wanted: w in m and m.startswith(b"SIP/2.0 200"), 5), f"no answer to {cseq}")
    return [bool(phone.wait(lambda m, n=number: m[0] < 4 and m[8:20] == n, 0.2)) for number in numbers]


@case(("tcp", "configured"), ("tls", "configured"), ("tcp", "switched"), ("tls", "switched"))
def stun_off_on_a_stream(net, proto, how):
    """S0 3, 4: with STUN off, its bytes on a stream are skipped, whole and piece by piece; SIP between them goes on by
    the same connection; on again at run time they are answered"""
    scene = Played(net, proto, registrar="stun = false;" if how == "configured" else "")
    try:
        phone = scene.phone()
        scene.register(phone)
        if how == "switched":
            expect(mixed(phone, 4096) == [True] * 3, "no answers to begin with")
            scene.ctl("stun", "off")
        for step in (4096, 7, 1):
            expect(mixed(phone, step) == [False] * 3, "STUN is answered though it is off")
        told = scene.register(phone, more=["Supported: AR_SK"], granted=["Supported: X-cisco-supports-AR_SK"])[1]
        expect(not told.get("supported"), f"the 200 says {told.get('supported')}")
        scene.ctl("stun", "on")
        expect(mixed(phone, 1) == [True] * 3, "no answers though it is on")
        told = scene.register(phone, more=["Supported: AR_SK"], granted=["Supported: X-cisco-supports-AR_SK"])[1]
        expect(told.get("supported") == "X-cisco-supports-AR_SK", f"the 200 says {told.get('supported')}")
        expect(scene.ctl("status")["connections"] == 1, "another connection")
    finally:
        scene.end()


OFTEN = 'keepalive = { interval_s = 4; timeout_s = 3; };'


@case("path", "always")
def stun_answers(net, how):
    """S0 18, 19: the node is gone, and we are there: path is silent, always answers; who has not registered is answered
    in any case"""
    scene = Played(net, registrar=f'stun_answers = "{how}";', cluster=OFTEN)
    try:
        phone, nobody = scene.phone(), scene.phone("bob")
        scene.register(phone)
        expect(phone.keepalive() and nobody.keepalive(), "no answer to begin with")
        scene.nodes[0].close()
        until("the node is down", 20, lambda: scene.node_state()["state"] == "down")
        expect(phone.keepalive(1.0) == (how == "always"), "an answer" if how == "path" else "silence")
        expect(nobody.keepalive(), "silence to who has no path")
    finally:
        scene.end()


@case("said", "unsaid", sleeps=True)
def stun_unknown_to_node(net, how):
    """S1 69: a node without STUN is asked by OPTIONS, one that said AR_SK after its first silence; with no traffic at
    all it is never down, and its clients are answered"""
    scene = Played(net, cluster=OFTEN)
    try:
        phone, node = scene.phone(), scene.nodes[0]
        scene.register(phone, more=["Supported: AR_SK"],
                       granted=["Supported: X-cisco-supports-AR_SK"] if how == "said" else None)
        before = scene.node_state()
        expect(before["ar_sk"] == (how == "said"), f"{before}")
        scene.serve(20, lambda: scene.node_state()["probes"] >= before["probes"] + 3)
        state = scene.node_state()
        expect(state["state"] == "up" and state["probe"] == "options", f"{state}")
        expect(state["missed"] - before["missed"] == (1 if how == "said" else 0), f"missed: {state}")
        expect("state=down" not in net.daemon.log(), "it was down")
        expect(phone.keepalive(), "silence")
        asked = [m for m in node.inbox if m.raw[0] < 4]
        expect(bool(asked) == (how == "said"), f"asked by STUN: {len(asked)} times")
    finally:
        scene.end()


class Mixed(Peer):
    """A call manager that gets STUN between SIP on its connections."""

    def _cut(self, conn):
        found, self.parts[conn] = stun.cut(self.parts[conn])
        for raw in found:
            self._take(raw, conn)


@case("on", "off", sleeps=True)
def stun_on_the_connection_of_sip(net, clients):
    """S1 48, S0 4: a node that knows STUN is asked on the connection that SIP takes, and there is no other; what it
    asks itself there does not disturb SIP, whatever clients are told"""
    scene = Played(net, inside="tcp", cluster=OFTEN, node=Mixed)
    try:
        phone, node = scene.phone(), scene.nodes[0]
        asked, _ = scene.register(phone, more=["Supported: AR_SK"], granted=["Supported: X-cisco-supports-AR_SK"])
        scene.ctl("stun", clients)
        for _ in range(3):
            probe = node.wait(lambda m: m.raw[:2] == b"\0\1", "STUN request", 10)
            expect(probe.path is asked.path, "on another connection")
            node.send(stun.answer(probe.raw, *probe.path.getpeername()), probe.path)
            node.send(stun.request()[1], probe.path)
            message = scene.from_phone(phone, "sip:bob@a.example")
            expect(scene.crosses(message, node) is not None, "SIP ends there")
        state = scene.node_state()
        before = len([m for m in node.inbox if m.method == "OPTIONS"])      # as nobody knew of STUN yet
        expect(state["state"] == "up" and state["probe"] == "stun" and state["missed"] <= before, f"{state}")
        expect(len(node.parts) == 1, f"{len(node.parts)} connections")
    finally:
        scene.end()
