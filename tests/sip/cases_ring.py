"""Several devices of one user, who is registered at us, ring at the same time."""
import contextlib
import json
import re

import schema
from baresip import Baresip
from case import case, expect
from cases_front import registrations
from cases_relay import start
from daemon import Daemon
from front import Client, md5, until, write
from ua import Leg

USERS = {"alice": "secret", "bob": "secret"}


def begin(net):
    with open(f"{net.bed.folder}/users.htdigest", "w", encoding="ascii") as users:
        users.writelines(f"{name}:a.example:{md5(name, 'a.example', word)}\n" for name, word in USERS.items())
    local = 'local = ( { domain = "a.example"; users = "users.htdigest"; } );'
    net.daemon = Daemon(net.program, write(net.bed, [], local), net.bed.folder)
    caller = Client(net, user="bob")
    caller.register()
    return caller


def call_of(net):
    code, text, error = net.daemon.ctl("-j", "calls")
    expect(code == 0, error)
    one, = json.loads(text)["calls"]
    code, text, error = net.daemon.ctl("-j", "call", "show", one["call_id"])
    expect(code == 0, error)
    return json.loads(text)


def records(net):
    with open(f"{net.bed.folder}/cdr.jsonl", encoding="utf-8") as lines:
        return {one["leg"]: one for one in map(json.loads, lines)}


@case()
def ring_devices(net):
    """RFC 3261 16.6, 16.7: both ring and can be seen; one answers, the other is cancelled, and answers all the same"""
    caller = begin(net)
    desk, mobile = (Client(net, user="alice", port=17310 + n, name=f"alice{n}") for n in (0, 1))
    desk.register()
    mobile.register()
    a = start(caller, "alice")
    first, second = Leg.take(mobile.peer, "alice"), Leg.take(desk.peer, "alice")
    first.ring()
    second.ring()
    tags = {a.expect(180).tag("to"), a.expect(180).tag("to")}
    expect(len(tags) == 2, f"both devices ring in one dialog: {tags}")
    call = call_of(net)
    wrong = list(schema.faults(call, schema.load("call")))
    expect(not wrong, f"{wrong}")
    devices = call["devices"]
    expect({one["peer"] for one in devices} == {one.peer.sent_by() for one in (desk, mobile)}, f"{devices}")
    expect([one["state"] for one in devices] == ["early", "early"], f"{devices}")
    _, text, _ = net.daemon.ctl("call", "show", devices[1]["sip_call_id"])
    expect("DEVICE" in text and desk.peer.sent_by() in text and mobile.peer.sent_by() in text, text)
    second.answer()
    answer = a.expect(200)
    expect(answer.tag("to") in tags, "it answers in a dialog that did not ring")
    a.ack()
    second.await_request("ACK")
    cancel = first.await_request("CANCEL")
    expect(cancel.get("reason") == 'SIP;cause=200;text="Call completed elsewhere"', cancel.raw)
    first.reply(cancel, 200)
    first.answer()
    first.await_request("ACK")
    first.reply(first.await_request("BYE"), 200)
    expect("devices" not in call_of(net), "others ring for a call that is answered")
    a.hang_up(second)
    _, ladder, _ = net.daemon.ctl("call", "ladder", call["call_id"])
    for number, one, leg in ((1, mobile, first), (2, desk, second)):
        expect(f"leg b{number}  Call-ID {leg.call_id}  {one.peer.sent_by()}\n" in ladder, ladder)
    expect(re.search(r"CANCEL -+> \| 1\n", ladder) and re.search(r"BYE -+> \| 2\n", ladder), ladder)
    until("records", 5, lambda: len(records(net)) == 2)
    b = records(net)["b"]
    expect(b["attempts"] == 2 and b["status"] == 200 and b["target"] == desk.peer.sent_by(), f"{b}")
    expect(b["sip_call_id"] == second.call_id, f"{b}")


@case("udp", "tcp", settle_s=10)
def ring_baresip(net, proto):
    """two real phones of one user ring; the second is picked up, and the first stops"""
    caller = begin(net)
    with contextlib.ExitStack() as phones:
        desk, mobile = (Baresip(net.bed, "alice", number, net.bed.listener("a", proto), proto) for number in (1, 2))
        phones.callback(desk.stop)
        phones.callback(mobile.stop)
        until("all are registered", 10, lambda: registrations(net)["current"] == 3)
        desk.hear()
        mobile.hear()
        a = start(caller, "alice")
        desk.await_event("CALL_INCOMING")
        mobile.await_event("CALL_INCOMING")
        mobile.command("accept")
        a.expect(200)
        a.ack()
        mobile.await_event("CALL_ESTABLISHED")
        desk.await_event("CALL_CLOSED")
        number = a.request("BYE")
        a.expect(200, "BYE", number)
        mobile.await_event("CALL_CLOSED")
        until("records", 5, lambda: len(records(net)) == 2)
        expect(records(net)["b"]["attempts"] == 2, f"{records(net)}")
