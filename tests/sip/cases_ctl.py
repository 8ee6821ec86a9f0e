"""The operator's side: twinlegctl against the daemon while calls are up."""
import json
import os
import re
import socket
import stat

from case import Call, case, expect

CALL_ID = re.compile(r"[0-9a-f]{16}")


def ask(net, *words):
    """the answer of a command, as JSON"""
    code, out, err = net.daemon.ctl("-j", *words)
    expect(code == 0, f"{words}: exit {code}, {err or out}")
    return json.loads(out)


def text(net, *words):
    """the lines of an answer for people"""
    code, out, err = net.daemon.ctl(*words)
    expect(code == 0 and not err, f"{words}: exit {code}, {err}")
    return out.splitlines()


def refused(net, part, *words):
    """exit 1, nothing to stdout, one line to stderr with this part"""
    code, out, err = net.daemon.ctl(*words)
    expect(code == 1 and not out and err.count("\n") == 1 and part in err, f"{words}: exit {code}, {out!r}, {err!r}")


def only_call(net):
    calls = ask(net, "calls")["calls"]
    expect(len(calls) == 1, f"{len(calls)} calls are listed")
    return calls[0]


def hang_up(call):
    """both sides get BYE"""
    for leg in (call.a, call.b):
        leg.reply(leg.await_request("BYE"), 200)


def equal(got, **wanted):
    for key, value in wanted.items():
        expect(got[key] == value, f"{key} is {got[key]!r}, not {value!r}")


@case()
def ctl_shows_and_ends_a_call(net):
    """status, calls, call show, call end: what is shown is what the wire had, and both sides get BYE"""
    call = Call(net).up()
    equal(ask(net, "status"), node="test", state="running", workers=1, calls=1, legs=2, started=1, answered=1,
          trunks=[{"name": "carrier", "state": "up"}, {"name": "callmanager", "state": "up"}])
    listed = only_call(net)
    expect(CALL_ID.fullmatch(listed["call_id"]), f"call_id {listed['call_id']}")
    expect(call.number in listed["to"] and listed["answer"] >= listed["start"], f"{listed}")
    equal(listed, state="up", route="in", legs=[{"leg": "a", "trunk": "carrier", "state": "up"},
                                                {"leg": "b", "trunk": "callmanager", "state": "up"}])
    shown = [ask(net, "call", "show", name) for name in (listed["call_id"], listed["call_id"][:9].upper(),
                                                         call.a.call_id, call.b.call_id)]
    expect({one["call_id"] for one in shown} == {listed["call_id"]}, f"{shown}")
    for leg, end in zip(shown[0]["legs"], (call.a, call.b)):
        equal(leg, sip_call_id=end.call_id, transport="udp", attempts=1, peer=f"{end.peer.host}:{end.peer.port}")
    equal(ask(net, "call", "end", call.b.call_id), ended=listed["call_id"])
    hang_up(call)
    call.recorded("admin", "us", 200)
    net.daemon.await_status(3, calls=0)
    expect(ask(net, "calls") == {"calls": [], "total": 0, "cut": False}, "the call is still listed")
    refused(net, f'no call "{listed["call_id"]}"', "call", "end", listed["call_id"])


@case()
def ctl_ends_a_ringing_call(net):
    """503 to the caller, CANCEL to the called side"""
    call = Call(net)
    call.b.ring()
    call.a.expect(180)
    equal(only_call(net), state="early", answer=None, duration_ms=0)
    ask(net, "call", "end", call.a.call_id)
    call.b.reply(call.b.await_request("CANCEL"), 200)
    call.b.answer(487, None)
    call.b.await_request("ACK")
    call.a.expect(503)
    call.recorded("admin", "us")


@case()
def ctl_text_for_people(net):
    """columns below their titles"""
    call = Call(net).up()
    title, row = text(net, "calls")
    expect(title.split()[:2] == ["CALL", "STATE"] and call.number in row and "carrier > callmanager" in row, row)
    expect(title.index("STATE") == row.index("up"), "columns are not below their titles")
    shown = "\n".join(text(net, "call", "show", call.a.call_id))
    expect(call.a.call_id in shown and call.b.call_id in shown, shown)
    expect(any(re.match(r"calls +1$", line) for line in text(net, "status")), "status says nothing of one call")
    expect(len(text(net, "timers")) == 3 and text(net, "trunks")[2].startswith("callmanager"), "two legs, two trunks")
    expect("twinleg_calls_active 1" in text(net, "metrics"), "metrics say nothing of one call")
    expect("call end" in "\n".join(text(net, "help")), "help does not list the commands")
    call.bye()


@case()
def ctl_refuses(net):
    """exit 1 and one line that names the nearest"""
    net.begin()
    refused(net, 'the nearest is "status"', "statsu")
    refused(net, 'the nearest is "call end ID"', "call", "edn", "1")
    refused(net, 'the nearest is "carrier"', "calls", "--trunk", "carier")
    refused(net, "too few arguments", "call", "show")
    refused(net, "too many arguments", "trunks", "all")
    refused(net, 'no call "no "such" one"', "call", "show", 'no "such" one')
    refused(net, 'the nearest is "debug"', "log", "level", "debgu")
    refused(net, "more than one line", "calls\nstatus")
    refused(net, "no twinleg listens there", "-s", "nowhere.sock", "status")
    refused(net, '"call" wants more words: call show ID | ', "call")
    refused(net, "unknown option", "--no-such")
    refused(net, "-s wants something", "-s")
    code, out, _ = net.daemon.ctl("-j", "statsu")
    expect(code == 1 and "status" in json.loads(out)["error"], f"-j: exit {code}, {out}")
    net.calls = 0


@case()
def ctl_two_workers(net):
    """the lists of all workers are one, and a call is ended wherever it lives"""
    net.begin(workers=2)
    calls = [Call(net).up() for _ in range(10)]
    listed = {one["call_id"] for one in ask(net, "calls", "--trunk", "carrier")["calls"]}
    expect(len(listed) == 10, f"{len(listed)} calls are listed")
    equal(ask(net, "status"), workers=2, calls=10, legs=20)
    expect([trunk["calls"] for trunk in ask(net, "trunks")["trunks"]] == [10, 10], "10 legs on each trunk")
    for words, rows in ((["calls"], 10), (["timers", "--trunk", "carrier"], 20)):
        for limit in (1, rows - 1, rows, rows + 1):
            some = ask(net, *words, "--limit", str(limit))
            expect(len(some[words[0]]) == min(limit, rows), f"{words}: {len(some[words[0]])} rows, not {limit}")
            equal(some, total=rows, cut=limit < rows)
    expect(text(net, "timers", "--limit", "3")[4:] == ["3 of 20 are shown; more with --limit N"], "nothing says so")
    for call in calls:
        ended = ask(net, "call", "end", call.a.call_id)["ended"]
        expect(ended in listed, f"ended {ended}")
        hang_up(call)
        call.recorded("admin", "us", 200)


@case()
def ctl_timers(net):
    """both legs with what they have negotiated, each by itself"""
    net.begin(a_keys="session_timer = { min_se = 90; };", b_keys='session_timer = { mode = "off"; };')
    call = Call(net, headers=["Supported: timer", "Session-Expires: 600;refresher=uac"]).up()
    a, b = ask(net, "timers", call.b.call_id)["timers"]
    equal(a, leg="a", trunk="carrier", interval_s=600, min_se_s=90, refresher="remote", why="named by peer", method="-",
          next_refresh_s=None)
    expect(500 < a["expires_s"] <= 600 and a["ends_s"] < a["expires_s"], f"{a}")
    equal(b, leg="b", trunk="callmanager", interval_s=0, refresher="-", why="-", expires_s=None)
    expect([leg["leg"] for leg in ask(net, "timers")["timers"]] == ["a", "b"], "not both legs without an id")
    call.bye()


def fail(net, status):
    """a call that the target refuses"""
    call = Call(net)
    call.b.answer(status, None)
    call.b.await_request("ACK")
    call.a.expect(status)
    call.recorded("rejected", "b", status)


@case()
def ctl_trunks(net):
    """what a trunk may carry and does, how many of its calls were answered, what went wrong last"""
    net.begin(a_keys="limits = { calls = 7; calls_per_second = 100; };", b_keys="hunt_on = [ ];")
    call = Call(net).up()
    for status in (486, 503, 503):
        fail(net, status)
    a, b = ask(net, "trunks")["trunks"]
    equal(a["limits"]["calls"], now=1, most=7)
    equal(b["limits"]["calls"], now=1, most=None)
    expect(a["limits"]["calls_per_second"]["most"] == 100 and b["limits"]["calls_per_second"]["now"] == 0, f"{a}")
    for trunk, way in ((a, "in"), (b, "out")):
        equal(trunk["success"][way]["recent"], calls=3, answered=0, effective=1, effective_percent=33)
        error, = trunk["errors"]
        equal(error, direction=way, status=503, reason="Service Unavailable", ended_by="b", cause="rejected", count=2)
        ask(net, "call", "ladder", error["call_id"])
    expect(b["success"]["in"]["recent"]["answered_percent"] is None, "a share of no calls")
    call.bye()
    net.daemon.await_status(3, calls=0)
    equal(ask(net, "trunks")["trunks"][0]["success"]["in"]["since_start"], calls=4, answered=1, answered_percent=25)
    shown = "\n".join(text(net, "trunks"))
    expect(re.search(r"^carrier +0 of 7 .*25 % \(50 %\) of 4 ", shown, re.M), shown)
    expect(re.search(r"^carrier +in +503 +Service Unavailable +rejected +b +2 ", shown, re.M), shown)


@case()
def ctl_log_levels(net):
    """one room says more, another less; all together; each as it was after that"""
    net.begin()
    expect({one["level"] for one in ask(net, "log", "level")["rooms"]} == {"info"}, "not all at info")
    ask(net, "log", "level", "call", "debug")
    call = Call(net).up()
    call.bye()
    net.daemon.await_status(3, calls=0)
    debug = [line for line in net.daemon.log().splitlines() if " debug " in line]
    expect(debug and all(" call=" in line for line in debug), f"lines of another room: {debug}")
    title, *rooms = text(net, "log", "level", "call", "error")
    expect(title.startswith("ROOM") and any(re.match(r"call +error ", line) for line in rooms), "\n".join(rooms))
    expect({one["level"] for one in ask(net, "log", "level", "warn")["rooms"]} == {"warn"}, "not all at warn")
    refused(net, 'the nearest is "net"', "log", "level", "nett", "debug")
    ask(net, "log", "level", "info")    # what is left behind is read from the log


@case()
def ctl_socket_is_private(net):
    """mode 0600; gone after the end; a silent or endless client holds up nobody"""
    net.begin()
    path = f"{net.daemon.folder}/twinleg.sock"
    expect(stat.S_IMODE(os.stat(path).st_mode) == 0o600, "others may ask, too")
    with socket.socket(socket.AF_UNIX) as silent, socket.socket(socket.AF_UNIX) as endless:
        silent.connect(path)
        endless.connect(path)
        endless.sendall(b"x" * 1024)
        expect(b"1 KiB" in endless.recv(1000), "an endless line is not refused")
        ask(net, "status")
    net.stopped = net.daemon.stop()
    expect(not os.path.exists(path), "the socket file is still there")
    net.calls = 0


@case()
def ctl_socket_of_the_living(net):
    """a second daemon does not take the socket of the first, and says so"""
    net.begin()
    code, log = net.daemon.second()
    expect(code == 2 and "twinleg.sock: another twinleg listens there" in log, f"exit {code}: {log}")
    ask(net, "status")
    net.calls = 0
