"""Each command and each endpoint while there are calls in all states: what it answers is as its schema says."""
import json

from case import Call, case, expect
from cases_ctl import ask, hang_up, text
from cases_http import document
from cases_transfer import news, refer
from ua import Leg
import schema

# What is asked, and the schema of the answer; ID is a call that is up. The list that `help` gives must be all here.
COMMANDS = {
    "status": "status", "calls": "calls", "call show ID": "call", "call ladder ID": "ladder", "timers": "timers",
    "trunks": "trunks", "registrations": "registrations", "route test 4930 --from carrier": "route", "nodes": "nodes",
    "peers": "peers", "maintenance off": "maintenance", "metrics": "metrics", "reload --plan": "reload",
    "log level": "log", "trace start PCAP": "trace", "trace show": "trace", "trace stop": "trace", "help": "help",
    "stun": "stun", "ban add 203.0.113.7 60": "banned", "bans": "bans", "ban remove 203.0.113.7": "banned",
    "node maintenance nobody on": "error", "call end ID": "ended"}
ENDPOINTS = {
    "/api/status": "status", "/api/calls": "calls", "/api/calls?trunk=carrier&limit=2": "calls",
    "/api/calls/ID": "call",
    "/api/calls/ID/ladder": "ladder", "/api/timers": "timers", "/api/timers/ID": "timers", "/api/trunks": "trunks",
    "/api/nodes": "nodes", "/api/registrations": "registrations", "/api/peers": "peers"}
TIMER = ["Supported: timer", "Session-Expires: 1800;refresher=uac"]


def valid(answer, name, what):
    wrong = list(schema.faults(answer, schema.load(name)))
    expect(not wrong, f"{what}: {wrong[:3]}")


def early(net):
    call = Call(net)
    call.b.ring()
    call.a.expect(180)
    return call


def refreshing(net):
    """a hold that is a refresh, too, and waits for its answer"""
    call = Call(net, headers=TIMER).up()
    call.number = call.a.request("INVITE", call.offer(call.a, 2, "sendonly"), TIMER)
    call.held = call.b.await_request("INVITE")
    return call


def transferred(net):
    """the one called has asked for it, and the third party rings"""
    call = Call(net).up()
    refer(net, call.b, "4930777")
    call.third = Leg.take(net.peer("a-udp"), "4930777")
    call.third.ring()
    news(call.b, 180)
    return call


def ending(net):
    """the caller has hung up, and the other side has not said that it knows"""
    call = Call(net).up()
    number = call.a.request("BYE")
    call.held = call.b.await_request("BYE")
    call.a.expect(200, "BYE", number)
    return call


def begin_all(net):
    """a call in each state, in the order of these names"""
    net.begin(b_keys='refer = "consume";')
    return [Call(net).up(), early(net), refreshing(net), transferred(net), ending(net)]


def not_taken(leg):
    """a CANCEL comes and is obeyed"""
    leg.reply(leg.await_request("CANCEL"), 200)
    leg.answer(487, None)
    leg.await_request("ACK")


def end_all(net, calls):
    """each as it would have gone on; the first was ended by the operator, and so is the transfer"""
    up, ringing, refresh, transfer, gone = calls
    hang_up(up)
    ringing.a.cancel()
    not_taken(ringing.b)
    ringing.a.expect(487)
    refresh.b.reply(refresh.held, 200, refresh.offer(refresh.b, 2, "recvonly"))
    refresh.b.await_request("ACK")
    refresh.a.expect(200, "INVITE", refresh.number)
    refresh.a.ack()
    refresh.bye()
    gone.b.reply(gone.held, 200)
    ask(net, "call", "end", transfer.third.call_id)
    not_taken(transfer.third)
    news(transfer.b, 503)
    transfer.bye()


@case()
def all_commands_in_all_states(net):
    """each command of `help`, as JSON that is as its schema says, and as text"""
    calls = begin_all(net)
    known = {one["command"] for one in ask(net, "help")["commands"]}
    missing = [name for name in known if not any(line == name or line.startswith(name + " ") for line in COMMANDS)]
    expect(not missing, f"not asked here: {missing}")
    one = ask(net, "call", "show", calls[0].a.call_id)["call_id"]
    for line, name in COMMANDS.items():
        words = [{"ID": one, "PCAP": f"{net.bed.folder}/ops.pcap"}.get(word, word) for word in line.split()]
        code, out, err = net.daemon.ctl("-j", *words)
        expect(code == (name == "error"), f"{line}: exit {code}, {err}")
        valid(json.loads(out), name, line)
        if words[0] not in ("trace", "ban", "call") and name != "error":
            expect(text(net, *words), f"{line}: no text")
    end_all(net, calls)
    net.calls = 6


@case()
def all_endpoints_in_all_states(net):
    """each GET of the API while there are calls in all states; the lists and each call by itself"""
    calls = begin_all(net)
    listed = document(net, "GET", "/api/calls", name="calls")["calls"]
    states = sorted(one["state"] for one in listed)
    expect(states == ["early", "early", "ending", "up", "up", "up"], f"{states}")
    for one in listed:
        for path, name in ENDPOINTS.items():
            document(net, "GET", path.replace("ID", one["call_id"]), name=name)
    gone = [one["call_id"] for one in listed if one["state"] == "ending"][0]
    document(net, "DELETE", f"/api/calls/{gone}", name="ended")
    document(net, "DELETE", f"/api/calls/{calls[0].a.call_id}", name="ended")
    end_all(net, calls)
    net.calls = 6
