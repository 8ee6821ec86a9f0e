"""Another configuration while calls are up: what changes for the next call, and what does not for those that are."""
import concurrent.futures
import os
import signal
import socket
import ssl

from case import Call, case, expect
from cases_ctl import ask, text
from message import Failure, Msg
from sipp import KINDS, Sipp, await_port

RULE = 'profiles = ( {{ name = "mark"; rules = ( "request ANY sip-header X-Mark add \\"X-Mark: {}\\"" ); }} );\n'
MARKED = 'profile_out = "mark";'


def put(net, name, content):
    with open(f"{net.bed.folder}/{name}", "w", encoding="utf-8") as out:
        out.write(content)


def edit(net, old, new, name="twinleg.cfg"):
    """the file with this in place of that"""
    with open(f"{net.bed.folder}/{name}", encoding="utf-8") as lines:
        content = lines.read()
    expect(old in content, f"{name} has no {old!r}")
    put(net, name, content.replace(old, new))


def reload(net, *changes):
    """these are the changes, and all of them"""
    answer = ask(net, "reload")
    told = [one["text"] for one in answer["changes"]]
    expect(told == list(changes), f"changes: {told}")
    return answer


def refused(net, *parts):
    """nothing is changed, and the problems have these parts"""
    code, out, err = net.daemon.ctl("reload")
    lines = err.splitlines()
    expect(code == 1 and not out and len(lines) == len(parts) + 1, f"exit {code}, {out!r}, {err!r}")
    for part, line in zip((*parts, "nothing was changed"), lines):
        expect(part in line, f"{line!r} has no {part!r}")


def await_snapshots(net, count):
    for _ in range(100):
        status = ask(net, "status")
        if status["snapshots"] == count and status["listeners_draining"] == 0:
            return
        net.daemon.await_status(0.1, nothing=1)
    raise Failure(f"{status['snapshots']} snapshots, {status['listeners_draining']} listeners drain")


def marks(leg):
    """what the rules have added to what this leg was sent"""
    return [Msg(raw).get("x-mark") for way, raw in leg.peer.log
            if way == "in" and leg.call_id.encode() in raw and not raw.startswith(b"SIP/2.0")]


@case(("a-udp", "b-udp"), ("a-tcp", "b-tcp"))
def reload_profile(net, src, dst):
    """a rule: the next call shows the new one, a call that is up its own, to its end"""
    put(net, "profiles.cfg", RULE.format("old"))
    net.begin(src, dst, b_keys=MARKED, root='profiles = ( "profiles.cfg" );')
    call = Call(net, src, dst).up()
    put(net, "profiles.cfg", RULE.format("new"))
    reload(net, "profiles.mark.rules changed")
    after = Call(net, src, dst).up()
    call.cross(call.a, call.b, "INFO")
    for one in (after, call):
        one.bye()
    expect(set(marks(call.b)) == {"old"}, f"the call that was up has {marks(call.b)}")
    expect(set(marks(after.b)) == {"new"}, f"the next call has {marks(after.b)}")
    await_snapshots(net, 1)


@case()
def reload_on_sighup(net):
    """the same by signal, told in the log; a bad file changes nothing and says what is wrong with it"""
    net.begin()
    call = Call(net).up()
    edit(net, "drain_seconds = 5", "drain_seconds = 4; drain_second = 4")
    net.daemon.signal(signal.SIGHUP)
    line = net.daemon.await_line("drain_second:", 3)
    expect(line and "twinleg.cfg:" in line and "did you mean drain_seconds" in line, f"{line}")
    expect(net.daemon.await_line("reload=failed errors=1", 3), "the reload has not failed")
    edit(net, "; drain_second = 4", "")
    net.daemon.signal(signal.SIGHUP)
    expect(net.daemon.await_line("node.drain_seconds changed from 5 s to 4 s", 3), "no word of the change")
    expect(net.daemon.await_line("reload=done changes=1 snapshots=2", 3), "the reload is not done")
    call.bye()


@case()
def reload_bad_file(net):
    """every problem is told, nothing changes, calls go on; after that a good one"""
    net.begin(b_keys="midcall = \"passthru\";")
    call = Call(net).up()
    edit(net, 'midcall = "passthru";', 'midcall = "passthrough"; rel100 = 7;')
    refused(net, "twinleg.cfg:", "trunks[1].rel100: must be")
    edit(net, 'midcall = "passthrough"; rel100 = 7;', 'midcall = "block";')
    plan = ask(net, "reload", "--plan")
    expect(plan["reload"] == "planned" and plan["calls"] == 1, f"{plan}")
    expect(plan["trunks"] == [{"name": "callmanager", "change": "changed", "calls": 1}], f"{plan['trunks']}")
    expect(ask(net, "status")["snapshots"] == 1, "a plan has changed something")
    reload(net, "trunks.callmanager.midcall changed from passthru to block")
    status = ask(net, "status")
    expect((status["reloads"], status["reloads_failed"], status["snapshots"]) == (1, 1, 2), f"{status}")
    call.cross(call.a, call.b, "INFO")
    call.bye()


@case()
def reload_socket_in_use(net):
    """everything or nothing: a listener that cannot be had keeps all else from changing"""
    net.begin()
    taken = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    taken.bind((net.bed.host(10), 17020))
    extra = f'listen = (\n  {{ name = "extra"; address = "{net.bed.host(10)}"; port = 17020; }},'
    edit(net, "listen = (", extra)
    edit(net, "drain_seconds = 5", "drain_seconds = 4")
    refused(net, f"listen extra: cannot open UDP {net.bed.host(10)}:17020: Address already in use")
    taken.close()
    reload(net, "node.drain_seconds changed from 5 s to 4 s", "listen.extra added")
    Call(net).up().bye()


@case()
def reload_wants_a_restart(net):
    """what cannot change while it runs is said each time, and all else changes"""
    net.begin()
    edit(net, "workers = 1; drain_seconds = 5", "workers = 2; drain_seconds = 4")
    workers = "node.workers changed from 1 to 2; wants a restart, nothing changes before"
    reload(net, "node.drain_seconds changed from 5 s to 4 s", workers)
    expect(reload(net, workers)["reload"] == "same", "not the same")
    expect(ask(net, "status")["workers"] == 1, "another number of workers")
    Call(net).up().bye()


@case(("a-udp", "b-udp"), ("a-tcp", "b-tcp"))
def reload_trunk_removed(net, src, dst):
    """a trunk and its listeners are gone: its call goes on in both directions, no new one comes or goes; then its
    sockets are closed"""
    net.begin(src, dst)
    call = Call(net, src, dst).up()
    with open(f"{net.bed.folder}/twinleg.cfg", encoding="utf-8") as lines:
        kept = [line for line in lines if "b-udp" not in line and "b-tcp" not in line and ":17200" not in line]
    put(net, "twinleg.cfg", "".join(kept).replace("},\n);", "}\n);"))
    put(net, "routes.cfg", 'routes = ( { name = "none"; from = [ "carrier" ]; to = ( { trunk = "carrier"; } ); } );\n')
    answer = ask(net, "reload")
    told = {one["text"] for one in answer["changes"]}
    expect({"trunks.callmanager removed", "listen.b-udp removed", "listen.b-tcp removed"} <= told, f"{told}")
    expect({"name": "callmanager", "change": "removed", "calls": 1} in answer["trunks"], f"{answer['trunks']}")
    expect("callmanager: removed; its calls go on" in text(net, "trunks"), f"{text(net, 'trunks')}")
    call.cross(call.a, call.b, "INFO")
    call.cross(call.b, call.a, "INFO")
    net.place(dst, method="OPTIONS", body=None)
    net.peer(dst).silent(lambda m: m.status, "an answer to a stranger", 0.4)
    call.bye(call.b, call.a)
    await_snapshots(net, 1)
    host, port = net.listener(dst)
    expect(not await_port(dst[2:], host, port, 0), f"{host}:{port} is open still")


@case("udp", "tcp")
def reload_listener_added_and_removed(net, kind):
    """calls come by a new listener at once; when it goes, those that came by it go on"""
    src, dst = f"a-{kind}", f"b-{kind}"
    net.begin(src, dst)
    host = net.bed.host(10)
    entry = f'  {{ name = "extra"; transport = "{kind}"; address = "{host}"; port = 17020; }},\n'
    edit(net, "listen = (\n", "listen = (\n" + entry)
    edit(net, 'listen = [ "a-udp"', 'listen = [ "extra", "a-udp"')
    answer = ask(net, "reload")
    expect("listen.extra added" in [one["text"] for one in answer["changes"]], f"{answer['changes']}")
    number = "4930777"
    net.peer(dst)
    first = net.place(src, "4930776")
    first_b = type(first).take(net.peer(dst), "4930776")
    extra = type(first).place(net.peer(src), (host, 17020), number)
    extra_b = type(first).take(net.peer(dst), number)
    for a, b in ((first, first_b), (extra, extra_b)):
        b.ring()
        b.answer()
        a.confirm(b)
    expect("17020" in extra.target, f"our Contact there is {extra.target}")
    edit(net, entry, "")
    edit(net, '"extra", ', "")
    ask(net, "reload")
    type(first).place(net.peer(src), (host, 17020), "4930778")
    net.peer(dst).silent(lambda m: m.user() == "4930778", "a call by a listener that is gone", 0.4)
    for a, b in ((extra, extra_b), (first, first_b)):
        a.hang_up(b)
    await_snapshots(net, 1)
    expect(not await_port(kind, host, 17020, 0), "the port is open still")


def certificate_of(net):
    """what the TLS listener shows to a connection of now"""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(net.listener("a-tls"), 5, (net.bed.host(1), 0)) as conn, \
            context.wrap_socket(conn) as tls:
        return tls.getpeercert(True)


@case()
def reload_certificate(net):
    """new files of the same names: for new connections; those that there are go on"""
    net.begin("a-tls", "b-udp")
    call = Call(net, "a-tls", "b-udp").up()
    before = certificate_of(net)
    net.bed.strange_tls()
    for kind in ("cert", "key"):
        os.replace(f"{net.bed.folder}/strange-{kind}.pem", f"{net.bed.folder}/{kind}.pem")
    reload(net, "tls.default.certificate (content) changed", "tls.default.key (content) changed",
           "tls.default.ca (content) changed")
    expect(certificate_of(net) not in (before, None), "the old certificate is shown")
    call.cross(call.b, call.a, "INFO")
    call.bye()
    os.remove(f"{net.bed.folder}/key.pem")
    refused(net, f"tls key {net.bed.folder}/key.pem")


@case()
def reload_while_draining(net):
    """a program that goes changes no more"""
    net.begin(drain_s=20)
    call = Call(net).up()
    net.daemon.await_status(3, calls=1)
    net.daemon.signal(signal.SIGTERM)
    net.daemon.await_line('state="draining"', 3)
    edit(net, "drain_seconds = 20", "drain_seconds = 4")
    refused(net, "twinleg is stopping")
    call.bye()
    net.stopped = net.daemon.run.wait(10), net.daemon.stop()[1]


@case()
def reload_many_at_once(net):
    """one after the other, each gets its answer"""
    net.begin()
    call = Call(net).up()
    edit(net, "drain_seconds = 5", "drain_seconds = 4")
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: ask(net, "reload")["reload"], range(12)))
    expect(sorted(answers) == ["done"] + ["same"] * 11, f"{answers}")
    call.bye()


@case(settle_s=10)
def reload_storm_under_calls(net):
    """a hundred in a row at 200 calls a second, with trunks and listeners that change places: nothing is lost"""
    net.begin(workers=2)
    with open(f"{net.bed.folder}/twinleg.cfg", encoding="utf-8") as lines:
        first = lines.read()
    head, listen, rest = first.partition("listen = (\n")
    rows, end, tail = rest.partition("\n);\n")
    turned = ",\n".join(reversed(rows.split(",\n")))
    other = (head + listen + turned + end + tail).replace("drain_seconds = 5", "drain_seconds = 6") \
        .replace('name = "callmanager"; listen', 'name = "callmanager"; midcall = "passthru"; listen')
    expect(other != first, "nothing changes")
    proto, host, port = net.bed.place("b-udp")
    callee = Sipp(net.bed.folder, "callee", host, port, proto, side="b")
    proto, host, port = net.bed.place("a-udp")
    caller = Sipp(net.bed.folder, "caller_hangs_up", host, port, proto, net.listener("a-udp"), 800, 200,
                  "4930" + KINDS["caller_hangs_up"], side="a")
    net.callers += [callee, caller]
    for number in range(100):
        put(net, "twinleg.cfg", first if number % 2 else other)
        answer = ask(net, "reload")
        expect(answer["reload"] == "done", f"reload {number}: {answer}")
    code = caller.wait(40)
    expect(code == 0, f"SIPp as caller says {code}: {caller.errors()}")
    net.daemon.await_status(5, calls=0, legs=0, transactions=0)
    await_snapshots(net, 1)
    callee.stop()
    expect(callee.count("Successful call") == 800, f"{callee.errors()}")
    net.calls = 800
    ended = 'calls_total{trunk="carrier",direction="in",result="answered"} 800'
    expect(any(ended in line for line in text(net, "metrics")), "counters went back")
