"""twinlegctl explain: what it says would leave is what leaves."""
import json
import re

import capture
from case import Call, case, expect
from cases_ctl import refused
from cases_front import registrations
from daemon import Daemon
from front import Client, cluster, md5, write
from message import Msg

RULES = """profiles = (
  { name = "in"; rules = ( "request INVITE sip-header X-Tenant copy \\"X-Tenant: (.*)\\" u01",
                           "request ANY sip-header User-Agent remove" ); },
  { name = "out"; rules = ( "request INVITE sip-header X-Seen add \\"X-Seen: \\\\u01\\"",
                            "request ANY sip-header Allow modify \\", UPDATE\\" \\"\\"",
                            "response ANY sip-header Server remove" ); } );
"""
HEADERS = ["Allow: INVITE, ACK, BYE, CANCEL, UPDATE", "Supported: timer", "Session-Expires: 3600", "X-Tenant: blue",
           "X-Internal: 7", "User-Agent: us", "P-Asserted-Identity: <sip:+491@127.0.0.1>"]
# what twinleg draws anew for each call
DRAWN = [(rb"(\r\nCall-ID: )\S+", rb"\1?"), (rb"(;tag=)\w+", rb"\1?"), (rb"(;branch=)[^;\r]+", rb"\1?"),
         (rb"(\r\nCSeq: )\d+", rb"\1?"), (rb"(\r\no=- )\d+", rb"\1?"), (rb"(\r\nContent-Length: )\d+", rb"\1?")]
TEXT, NUMBER, FLAG, LIST = str, int, bool, list
RULED = {"profile": TEXT, "rules": [{"rule": TEXT, "line": NUMBER, "result": TEXT, "why": TEXT, "removed?": [TEXT],
                                     "added?": [TEXT]}]}
PLACE = {"trunk": TEXT, "target": TEXT, "address?": TEXT, "transport?": TEXT, "state?": TEXT, "why?": TEXT}
SCHEMA = {
    "ban?": {"address": TEXT, "category": TEXT, "left_s?": NUMBER},
    "front?": {"from": TEXT, "registered_as?": TEXT, "to": TEXT},
    "file": TEXT, "configuration": TEXT, "result": TEXT, "status?": NUMBER, "at?": TEXT, "notes": [TEXT],
    "trunk": {"name": TEXT, "listener": TEXT, "transport": TEXT, "source": TEXT},
    "profile_in?": RULED, "check?": {"method": TEXT, "status?": NUMBER, "reason?": TEXT},
    "limits?": {"known": FLAG, "max_calls": NUMBER, "trunk_max_calls": NUMBER, "draining?": FLAG, "maintenance?": FLAG,
                "calls?": NUMBER, "trunk_calls?": NUMBER},
    "session_timer?": {"on": FLAG, "asked_s": NUMBER, "supported": FLAG, "status?": NUMBER, "min_se_s?": NUMBER,
                       "leg_a?": {"interval_s": NUMBER, "refresher": TEXT, "why": TEXT},
                       "leg_b?": {"session_expires_s": NUMBER, "min_se_s": NUMBER}},
    "route?": None, "targets?": [PLACE], "left_out?": [PLACE],
    "headers?": [{"name": TEXT, "fate": TEXT, "why": TEXT}], "profile_out?": RULED,
    "sent": {"trunk": TEXT, "target": TEXT, "listener": TEXT, "address?": TEXT, "transport": TEXT, "message": TEXT},
    "answer": TEXT}


def check(value, schema, where=""):
    """every key is known and of its kind; what has no "?" is there, and null stands for what there is not"""
    if schema is None or value is None:
        return
    if isinstance(schema, dict):
        expect(isinstance(value, dict), f"{where}: no object")
        known = {key.rstrip("?"): kind for key, kind in schema.items()}
        missing = [key for key in schema if not key.endswith("?") and key not in value]
        new = set(value) - set(known)
        expect(not missing and not new, f"{where}: {missing} missing, {new} new")
        for key, one in value.items():
            check(one, known[key], f"{where}.{key}")
    elif isinstance(schema, list):
        expect(isinstance(value, list), f"{where}: no list")
        for one in value:
            check(one, schema[0], f"{where}[]")
    else:
        expect(type(value) is schema, f"{where}: {value!r}")


def explain(net, code, *words, config=False):
    got, out, err = net.daemon.ctl(*(["-c", net.daemon.config] if config else []), "-j", "explain", *words)
    expect(got == code and not err, f"explain {words}: exit {got}, {err or out}")
    answer = json.loads(out)
    check(answer, SCHEMA)
    return answer


def without_names(raw):
    for pattern, instead in DRAWN:
        raw = re.sub(pattern, instead, raw)
    return raw


def keep(net, name, raw):
    path = f"{net.bed.folder}/{name}"
    with open(path, "wb") as out:
        out.write(raw)
    return path


def invite_of(net, name, way):
    return next(raw for one, raw in net.peer(name).log if one == way and raw.startswith(b"INVITE "))


def begin_with_rules(net, src, dst):
    keep(net, "profiles.cfg", RULES.encode())
    strip = 'headers = { strip = [ "X-Int.*" ]; };'
    net.begin(src, dst, a_keys='profile_in = "in";', b_keys=f'profile_out = "out"; {strip}',
              root='profiles = ( "profiles.cfg" );')


@case(("a-udp", "b-udp"), ("a-tcp", "b-tcp"))
def explain_is_what_leaves(net, src, dst):
    """byte for byte but for what is drawn anew; and so it is from a capture"""
    begin_with_rules(net, src, dst)
    call = Call(net, src, dst, headers=HEADERS).up()
    path = keep(net, "invite.sip", invite_of(net, src, "out"))
    answer = explain(net, 0, path, "--from", "carrier")
    left = without_names(invite_of(net, dst, "in"))
    told = without_names(answer["sent"]["message"].encode())
    expect(told == left, f"told\n{told.decode()}\nleft\n{left.decode()}")
    expect(answer["limits"]["calls"] == 1 and answer["limits"]["known"], f"{answer['limits']}")
    fates = {one["name"]: one["fate"] for one in answer["headers"]}
    expect(fates["X-Tenant"] == "crosses" and fates["X-Internal"] == "dropped" and fates["Via"] == "ours", f"{fates}")
    expect([one["result"] for one in answer["profile_out"]["rules"]] == ["changed", "changed", "skipped"],
           f"{answer['profile_out']}")
    expect(answer["session_timer"]["leg_a"]["interval_s"] == 1800, f"{answer['session_timer']}")
    check_captures(net, src, left)
    call.bye()


def check_captures(net, src, left):
    raw, to = invite_of(net, src, "out"), net.listener(src)
    proto, host, port = net.bed.place(src)
    pack = capture.udp if proto == "udp" else capture.tcp
    noise = capture.udp(("127.0.0.9", 5), to, b"OPTIONS sip:x SIP/2.0\r\n\r\n")
    packets = noise + pack((host, port), to, raw)
    for link in capture.LINKS:
        capture.pcap(f"{net.bed.folder}/{link}.pcap", packets, link, ">" if link == "raw" else "<")
    capture.pcapng(f"{net.bed.folder}/some.pcapng", packets)
    capture.pcap(f"{net.bed.folder}/pieces.pcap", capture.fragments((host, port), to, raw))
    for name in [f"{link}.pcap" for link in capture.LINKS] + ["some.pcapng", "pieces.pcap"]:
        if name == "pieces.pcap" and proto != "udp":
            continue
        answer = explain(net, 0, name)
        expect(answer["trunk"]["source"] == f"{host}:{port}" and answer["trunk"]["name"] == "carrier",
               f"{name}: {answer['trunk']}")
        expect(without_names(answer["sent"]["message"].encode()) == left, f"{name}: {answer['sent']['message']}")


@case()
def explain_knows_the_daemon(net):
    """a place that has failed comes last; a daemon that drains takes no calls; a file that was changed is told"""
    net.begin(b=("b-refused", "b-udp"))
    call = Call(net).up()
    path = keep(net, "invite.sip", invite_of(net, "a-udp", "out"))
    answer = explain(net, 0, path, "--from", "carrier")
    states = [(one["state"], one["target"]) for one in answer["targets"]]
    expect([state for state, _ in states] == ["up", "suspect"], f"{states}")
    expect(states[0][1] == answer["sent"]["target"] and "17200" in states[0][1], f"{states}")
    expect(not answer["notes"], f"{answer['notes']}")
    with open(net.daemon.config, encoding="utf-8") as file:
        text = file.read()
    keep(net, "twinleg.cfg", text.replace('name = "test"', 'name = "other"').encode())
    expect("reload --plan" in explain(net, 0, path, "--from", "carrier")["notes"][0], "nobody says so")
    known = explain(net, 0, path, "--from", "callmanager")
    expect(known["sent"]["trunk"] == "carrier", f"{known['sent']}")
    net.daemon.ctl("maintenance", "on", "--retry-after", "77")
    answer = explain(net, 2, path, "--from", "carrier")
    expect("Retry-After: 77" in answer["answer"] and answer["limits"]["maintenance"], f"{answer}")
    net.daemon.ctl("maintenance", "off")
    net.daemon.signal(15)
    expect(net.daemon.await_line('state="draining"', 5), "it does not drain")
    answer = explain(net, 2, path, "--from", "carrier")
    expect((answer["status"], answer["at"], answer["limits"]["draining"]) == (503, "limits", True), f"{answer}")
    call.bye()
    net.stopped = net.daemon.run.wait(10), net.daemon.stop()[1]


@case("a", "b")
def explain_beyond_limits(net, side):
    """a trunk that carries what it may: refused at the limits, or left out of the targets"""
    net.begin(**{f"{side}_keys": "limits = { calls = 1; };"})
    call = Call(net).up()
    path = keep(net, "invite.sip", invite_of(net, "a-udp", "out"))
    answer = explain(net, 2, path, "--from", "carrier")
    net.place(user="4930999").expect(503)
    expect((answer["status"], answer["at"]) == (503, "limits" if side == "a" else "targets"), f"{answer}")
    if side == "b":
        expect("as many calls" in answer["left_out"][0]["why"], f"{answer['left_out']}")
    call.bye()


def asks(user, domain, caller, to=None):
    """an INVITE as a file: no connection was asked for it"""
    return (f"INVITE {to or f'sip:{user}@{domain}'} SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx\r\n"
            f"From: <sip:{caller}@{domain}>;tag=x\r\nTo: <sip:{user}@{domain}>\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\n"
            f"Contact: <sip:{caller}@192.0.2.1>\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n").encode()


@case("udp", "tcp", settle_s=8)
def explain_between_clients_and_nodes(net, proto):
    """a client's call goes to its node, and to the other one when that is down; a node's call goes to the client"""
    with cluster(net, 2) as nodes:
        client = Client(net, proto)
        client.register()
        known, = registrations(net)["registrations"]
        name = known["node"]
        home = next(node for node in nodes if node.name == name)
        out = keep(net, "out.sip", asks("bob", "a.example", "alice"))
        into = keep(net, "in.sip", asks("alice", "a.example", "bob", client.contact[1:].partition(">")[0]))
        answer = explain(net, 0, out, "--from", "registrar")
        expect(answer["trunk"]["source"] == known["peer"], f"{answer['trunk']} is not {known['peer']}")
        expect(answer["front"]["registered_as"] == "alice@a.example", f"{answer['front']}")
        expect(answer["targets"][0]["target"] == name and answer["sent"]["address"].startswith(home.host), f"{answer}")
        answer = explain(net, 0, into, "--from", "cluster")
        expect(answer["sent"]["trunk"] == "registrar" and answer["sent"]["transport"] == proto.upper(), f"{answer}")
        expect(answer["sent"]["address"] == known["peer"], f"{answer['sent']}")
        stranger = keep(net, "stranger.sip", asks("bob", "a.example", "mallory"))
        answer = explain(net, 2, stranger, "--from", "registrar")
        expect((answer["status"], answer["at"]) == (403, "route"), f"{answer}")
        net.daemon.ctl("node", "maintenance", name, "on")
        answer = explain(net, 0, out, "--from", "registrar")
        expect(answer["targets"][0]["target"] != name, f"{answer['targets']}")
        expect(answer["left_out"][0]["target"] == name and "maintenance" in answer["left_out"][0]["why"], f"{answer}")
        text = net.daemon.ctl("explain", out, "--from", "registrar")[1]
        expect("from a client, registered as alice@a.example to the call managers" in text, text)
        net.daemon.ctl("node", "maintenance", name, "off")
        client.register(expires=0)
    net.calls = 0


@case()
def explain_for_a_local_user(net):
    """who is registered at us is called where he is; who is not is not there"""
    with open(f"{net.bed.folder}/users.htdigest", "w", encoding="ascii") as users:
        for name in ("alice", "bob"):
            users.write(f"{name}:a.example:{md5(name, 'a.example', 'secret')}\n")
    local = 'local = ( { domain = "a.example"; users = "users.htdigest"; } );'
    net.daemon = Daemon(net.program, write(net.bed, [], local), net.bed.folder)
    alice, bob = Client(net), Client(net, "tcp", "bob", port=17302)
    alice.register()
    path = keep(net, "call.sip", asks("bob", "a.example", "alice"))
    answer = explain(net, 2, path, "--from", "registrar")
    expect((answer["status"], answer["at"], answer["targets"]) == (480, "route", []), f"{answer}")
    bob.register()
    answer = explain(net, 0, path, "--from", "registrar")
    peers = {one["aor"]: one["peer"] for one in registrations(net)["registrations"]}
    expect(answer["sent"]["address"] == peers["bob@a.example"], f"{answer['sent']} is not {peers}")
    expect([one["target"] for one in answer["targets"]] == [bob.contact[1:].partition(">")[0]], f"{answer['targets']}")
    answer = explain(net, 2, path, "--from", "registrar", config=True)
    expect("nobody is registered" in answer["notes"][0], f"{answer['notes']}")
    for client in (alice, bob):
        client.register(expires=0)
    net.calls = 0


@case()
def explain_to_a_banned_source(net):
    """what a banned address sends is not read, and how long that will be so"""
    net.begin()
    stranger = "203.0.113.7"
    raw = asks("bob", "a.example", "mallory")
    capture.pcap(f"{net.bed.folder}/banned.pcap", capture.udp((stranger, 5), net.listener("a-udp"), raw))
    net.daemon.ctl("ban", "add", stranger, "600")
    answer = explain(net, 2, "banned.pcap")
    expect((answer["result"], answer["at"], answer["ban"]["address"]) == ("dropped", "ban", stranger), f"{answer}")
    expect(500 < answer["ban"]["left_s"] <= 600 and answer["answer"] is None, f"{answer['ban']}")
    expect(f"{stranger} is banned (manual) for " in net.daemon.ctl("explain", "banned.pcap")[1], "nobody says so")
    net.daemon.ctl("ban", "remove", stranger)
    expect(explain(net, 2, "banned.pcap")["at"] == "trunk", "still banned")
    net.calls = 0


@case()
def explain_as_refused(net):
    """what it says would be answered is what is answered"""
    net.begin(a_keys="session_timer = { min_se = 900; };")
    net.place(headers=["Supported: timer", "Session-Expires: 100"]).expect(422)
    raw = invite_of(net, "a-udp", "out")
    heard = next(Msg(raw) for way, raw in net.peer("a-udp").log if way == "in" and raw.startswith(b"SIP/2.0 422"))
    answer = explain(net, 2, keep(net, "short.sip", raw), "--from", "carrier")
    told = Msg(answer["answer"].encode())
    expect(answer["at"] == "session_timer" and answer["status"] == 422, f"{answer}")
    expect([name for name, _ in told.headers] == [name for name, _ in heard.headers], f"{told.headers}")
    expect(told.get("min-se") == heard.get("min-se") == "900", f"Min-SE {told.get('min-se')}")
    stranger = capture.udp(("127.0.0.9", 5), net.listener("a-udp"), raw)
    capture.pcap(f"{net.bed.folder}/stranger.pcap", stranger)
    dropped = explain(net, 2, "stranger.pcap")
    expect(dropped["result"] == "dropped" and dropped["trunk"]["name"] is None and "answer" in dropped, f"{dropped}")
    capture.pcap(f"{net.bed.folder}/empty.pcap", [])
    refused(net, "no INVITE", "explain", "empty.pcap")
    refused(net, "did you mean", "explain", "short.sip", "--from", "carier")
