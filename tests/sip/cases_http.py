"""The operator's side over HTTP: each endpoint against the daemon while calls are up, and what it refuses."""
import http.client
import json
import os
import re
import socket
import subprocess

import schema
from case import Call, case, expect
from cases_ctl import ask, hang_up

TOKEN = "0123456789abcdef-tried"
# Metric names that scripts rely on, with their labels.
METRICS = {
    "calls_active": "", "calls_total": "trunk direction result", "calls_ended_total": "trunk ended_by cause",
    "sip_requests_total": "method direction", "sip_responses_total": "class direction", "sip_retransmissions_total": "",
    "call_setup_seconds_bucket": "trunk direction le", "call_duration_seconds_bucket": "trunk direction le",
    "session_refreshes_total": "trunk role method result", "session_expired_total": "trunk",
    "session_422_total": "direction", "midcall_total": "trunk action", "profile_rules_applied_total": "profile",
    "trunk_up": "trunk target", "stun_requests_total": "result", "dropped_total": "reason",
    "registrations_current": "", "registrations_peak": "", "messages_handed_over_total": ""}
CONTRIB = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "contrib")
# Everything that has metrics of its own.
FULL = ('registrar = {{ listen = "a-tcp"; flow_secret = "0123456789abcdef"; domains = [ "front.example" ]; }};\n'
        'cluster = {{ listen = "b-udp"; nodes = ( {{ name = "cm1"; uri = "sip:{0}:17300"; }} );\n'
        '            peers = ( {{ name = "sbc2"; uri = "sip:{1}:17300"; }} ); }};')
PROFILES = 'profiles = ( "quiet.cfg" );'


def request(net, method, path, body=None, token=None, **headers):
    """(status, headers, text) of one request on a connection of its own"""
    connection = http.client.HTTPConnection(*net.bed.http(), timeout=20)
    if token:
        headers["Authorization"] = f"Bearer {token}"
    connection.request(method, path, body, headers)
    reply = connection.getresponse()
    text = reply.read().decode()
    connection.close()
    return reply.status, reply, text


def document(net, method, path, body=None, status=200, name="error", **more):
    """the JSON of an endpoint, as its schema says"""
    got, reply, text = request(net, method, path, body, **more)
    expect(got == status, f"{method} {path}: {got}, not {status}: {text[:300]}")
    expect(reply.headers["Content-Type"] == "application/json", f"{path}: {reply.headers['Content-Type']}")
    found = json.loads(text)
    wrong = list(schema.faults(found, schema.load(name)))
    expect(not wrong, f"{method} {path}: {wrong[:3]}")
    return found


def raw(net, data, end=True):
    """what comes back for these bytes, up to the end of the connection"""
    with socket.create_connection(net.bed.http(), timeout=20) as connection:
        try:
            connection.sendall(data)
            if end:
                connection.shutdown(socket.SHUT_WR)
            got = b""
            while piece := connection.recv(65536):
                got += piece
        except OSError:                 # it was refused before all of it was sent
            return b""
        return got


def samples(text):
    """{name: [({label: value}, number)]} of a page of metrics; each name has help and type before it"""
    found, known = {}, set()
    for line in text.splitlines():
        if line.startswith("#"):
            known.add(line.split()[2])
            continue
        name, labels, number = re.fullmatch(r'(\w+)(?:\{(.*)\})? (\S+)', line).groups()
        base = re.sub(r"_(bucket|sum|count)$", "", name)
        expect(name in known or base in known, f"{name} has no help")
        labels = dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', labels or ""))
        found.setdefault(name, []).append((labels, float(number)))
    return found


def named(text):
    """the metrics that rules or panels speak of"""
    return {re.sub(r"_(bucket|sum|count)$", "", name) for name in re.findall(r"\btwinleg_\w+", text)}


def number(metrics, name, **labels):
    return sum(value for have, value in metrics[f"twinleg_{name}"] if labels.items() <= have.items())


@case()
def http_gives_what_the_socket_gives(net):
    """each document is that of twinlegctl -j, as its schema says, with a call up and one that rings"""
    call = Call(net).up()
    ringing = Call(net)
    ringing.b.ring()
    ringing.a.expect(180)
    calls = document(net, "GET", "/api/calls", name="calls")["calls"]
    expect(sorted(one["state"] for one in calls) == ["early", "up"], f"{calls}")
    up = [one["call_id"] for one in calls if one["state"] == "up"][0]
    for path, name, words in (("/api/status", "status", ["status"]), ("/api/trunks", "trunks", ["trunks"]),
                              ("/api/timers", "timers", ["timers"]), (f"/api/timers/{up}", "timers", ["timers", up]),
                              (f"/api/calls/{up}", "call", ["call", "show", up]),
                              (f"/api/calls/{up}/ladder", "ladder", ["call", "ladder", up]),
                              ("/api/nodes", "nodes", ["nodes"]), ("/api/peers", "peers", ["peers"]),
                              ("/api/registrations", "registrations", ["registrations"]),
                              ("/api/calls?trunk=carrier", "calls", ["calls", "--trunk", "carrier"])):
        over_http, over_socket = document(net, "GET", path, name=name), ask(net, *words)
        expect(shape(over_http) == shape(over_socket), f"{path}: {over_http} is not {over_socket}")
    expect(document(net, "GET", "/api/calls?limit=1", name="calls")["total"] == 2, "a limit hides how many there are")
    some = document(net, "GET", "/api/timers?limit=1&trunk=carrier", name="timers")
    expect(len(some["timers"]) == 1 and some["total"] == 4 and some["cut"], f"{some}")
    quoted = call.a.call_id.replace("-", "%2D")
    expect(document(net, "GET", f"/api/calls/{quoted}", name="call")["call_id"] == up, "no escapes in paths")
    expect(document(net, "DELETE", f"/api/calls/{up}", name="ended")["ended"] == up, "another call was ended")
    hang_up(call)
    call.recorded("admin", "us", 200)
    document(net, "DELETE", f"/api/calls/{ringing.a.call_id}", name="ended")
    ringing.b.reply(ringing.b.await_request("CANCEL"), 200)
    ringing.b.answer(487, None)
    ringing.b.await_request("ACK")
    ringing.a.expect(503)
    ringing.recorded("admin", "us")


def shape(value):
    """without what a moment changes"""
    if isinstance(value, dict):
        moving = re.compile(r"_([mu]?s|percent)$|^transactions$|^last_updated$")
        return {key: shape(inner) for key, inner in value.items() if not moving.search(key)}
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT.*Z", value):
        return "a time"
    return [shape(inner) for inner in value] if isinstance(value, list) else value


@case()
def http_metrics(net):
    """every name and label that scripts rely on; histograms add up; promtool, where there is one, finds no fault"""
    with open(f"{net.bed.folder}/quiet.cfg", "w", encoding="utf-8") as out:
        out.write('profiles = ( { name = "quiet"; rules = ( "request ANY sip-header X-Secret remove" ); } );')
    net.begin(root=PROFILES, a_keys='profile_in = "quiet";')
    call = Call(net).up()
    call.bye()
    net.daemon.await_status(3, calls=0)
    status, reply, text = request(net, "GET", "/metrics")
    expect(status == 200 and reply.headers["Content-Type"].startswith("text/plain; version=0.0.4"), f"{reply.headers}")
    metrics = samples(text)
    for name, labels in METRICS.items():
        expect(f"twinleg_{name}" in metrics, f"no {name}")
        have = set(metrics[f"twinleg_{name}"][0][0])
        expect(set(labels.split()) == have, f"{name} has the labels {have}")
    for name in ("call_setup_seconds", "call_duration_seconds"):
        for trunk, way in (("carrier", "in"), ("callmanager", "out")):
            labels = {"trunk": trunk, "direction": way}
            expect(number(metrics, name + "_bucket", le="+Inf", **labels) == 1, f"{name}: not one call of {trunk}")
            expect(number(metrics, name + "_count", **labels) == 1, f"{name}: no count of {trunk}")
            rising = [value for have, value in metrics[f"twinleg_{name}_bucket"] if labels.items() <= have.items()]
            expect(rising == sorted(rising), f"{name}: {rising}")
        expect(number(metrics, name + "_count") == 2, f"{name}: calls that never were")
    if subprocess.run(["which", "promtool"], capture_output=True, check=False).returncode == 0:
        run = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False)
        expect(run.returncode == 0 and "error" not in run.stderr, run.stderr[:500])
        rules = f"{CONTRIB}/prometheus/twinleg.rules.test.yml"
        run = subprocess.run(["promtool", "test", "rules", rules], capture_output=True, text=True, check=False)
        expect(run.returncode == 0, run.stdout[:500] + run.stderr[:500])


@case()
def http_metrics_of_contrib(net):
    """what alert rules and the dashboard name is there, with their labels, where all of twinleg is configured"""
    there = [net.bed.host(last) for last in (5, 6)]
    net.begin(root=FULL.format(*there), b_keys='auth = { username = "a"; password = "b"; }; '
              'register = { aor = "sip:a@a.example"; expires_s = 60; };')
    text = request(net, "GET", "/metrics")[2]
    metrics = samples(text)
    have = {line.split()[2] for line in text.splitlines() if line.startswith("# HELP")}
    for file in ("prometheus/twinleg.rules.yml", "grafana/twinleg.json"):
        with open(f"{CONTRIB}/{file}", encoding="utf-8") as out:
            used = out.read()
        unknown = {name for name in named(used) if name not in have}
        expect(not unknown, f"{file} uses {unknown}")
        for name, chosen in re.findall(r"(twinleg_\w+)\{([^}]*)\}", used):
            labels = set(re.findall(r"(\w+)=", chosen)) - {"instance", "job"}
            known = set(metrics[name][0][0]) if metrics.get(name) else labels
            expect(labels <= known, f"{file}: {name} has {known}, not {labels}")
    net.calls = 0


@case()
def http_reloads(net):
    """a plan changes nothing, a reload does, a bad file is 422 with each problem"""
    net.begin()
    path = f"{net.bed.folder}/twinleg.cfg"
    with open(path, encoding="utf-8") as text:
        was = text.read()
    with open(path, "w", encoding="utf-8") as out:
        out.write(was.replace("admin = {", "admin = { token = \"%s\";" % TOKEN))
    for body, path_of in ((None, "/api/reload?plan"), ('{"plan": true}', "/api/reload")):
        plan = document(net, "POST", path_of, body, name="reload")
        expect(plan["reload"] == "planned" and [one["key"] for one in plan["changes"]] == ["admin.token"], f"{plan}")
        expect(TOKEN not in json.dumps(plan), "the plan shows the token")
    expect(document(net, "POST", "/api/reload", name="reload")["reload"] == "done", "not done")
    document(net, "GET", "/api/status", status=401)
    document(net, "GET", "/api/status", token=TOKEN, name="status")
    with open(path, "w", encoding="utf-8") as out:
        out.write(was.replace("carrier", "call manager", 1))
    wrong = document(net, "POST", "/api/reload", token=TOKEN, status=422)
    expect(wrong["problems"] and ".cfg:" in wrong["problems"][0], f"{wrong}")
    expect(TOKEN not in net.daemon.log(), "the log has the token")
    net.calls = 0


@case()
def http_maintenance(net):
    """on, with the time that it is told to callers; off, and calls go through again"""
    net.begin()
    on = '{"maintenance": "on", "retry_after_s": 77}'
    told = document(net, "POST", "/api/maintenance", on, name="maintenance")["maintenance"]
    expect(told["retry_after_s"] == 77, f"{told}")
    refused = net.place().expect(503)
    expect(refused.get("retry-after") == "77" and refused.get("warning").startswith("382 "), f"{refused}")
    expect("Maintenance" in document(net, "GET", "/api/status", name="status")["state"], "status says nothing of it")
    over = document(net, "POST", "/api/maintenance", '{"maintenance": false}', name="maintenance")
    expect(over["maintenance"] is None, f"{over}")
    call = Call(net).up()
    call.bye()


@case()
def http_commands(net):
    """twinlegctl speaks HTTP, and what writes files is for the socket alone"""
    net.begin(admin=f'token = "{TOKEN}";')
    url = "http://{}:{}".format(*net.bed.http())
    code, out, err = net.daemon.ctl("-s", url, "-j", "status")
    expect(code == 1 and "TWINLEG_TOKEN" in err, f"without a token: exit {code}, {out}{err}")
    os.environ["TWINLEG_TOKEN"] = TOKEN
    try:
        code, out, err = net.daemon.ctl("-s", url + "/", "-j", "status")
        expect(code == 0 and json.loads(out)["node"] == "test", f"exit {code}, {out}{err}")
        code, out, err = net.daemon.ctl("-s", url, "call", "show", 'no "such" one')
        expect(code == 1 and err.startswith('twinlegctl: no call "no "such" one" is up'), f"exit {code}, {out}{err}")
        code, out, err = net.daemon.ctl("-s", url, "trace", "start", "/tmp/x")
        expect(code == 1 and "socket" in err, f"exit {code}, {out}{err}")
        code, out, err = net.daemon.ctl("-s", "http://{}:1".format(net.bed.http()[0]), "status")
        expect(code == 1 and "no twinleg listens there" in err, f"exit {code}, {out}{err}")
    finally:
        del os.environ["TWINLEG_TOKEN"]
    net.calls = 0


@case()
def http_wants_the_token(net):
    """nothing but the page without it; too many wrong ones: 429 for the right one, too; each is a line of the log"""
    net.begin(admin=f'token = "{TOKEN}";')
    expect(request(net, "GET", "/")[0] == 200, "the page itself is no secret")
    for path in ("/metrics", "/api/status", "/api/nothing"):
        status, reply, _ = request(net, "GET", path)
        expect(status == 401 and reply.headers["WWW-Authenticate"] == 'Bearer realm="twinleg"', f"{path}: {status}")
    document(net, "GET", "/api/status", token=TOKEN, name="status")
    for wrong in (TOKEN[:-1], TOKEN + "x", TOKEN.upper(), "x"):
        document(net, "GET", "/api/status", status=401, token=wrong)
    status, reply, _ = request(net, "GET", "/api/status", token=TOKEN)
    expect(status == 429 and 0 < int(reply.headers["Retry-After"]) <= 60, f"{status}, {reply.headers}")
    lines = re.findall(r"security category=http-auth source=127\.\S+ what=wrong-credentials", net.daemon.log())
    expect(len(lines) == 4, f"{len(lines)} lines")
    net.calls = 0


@case("http-auth", "http-intrusion")
def http_bans(net, category):
    """who tries wrong tokens, or paths that are none, is not let in any more"""
    net.begin(admin=f'token = "{TOKEN}";',
              security=f'bans = ( {{ category = "{category}"; failures = 2; window_s = 60; ban_s = 60; }} );')
    for _ in range(2):
        document(net, "GET", "/admin.php", status=401 if category == "http-auth" else 404,
                 token="wrong" if category == "http-auth" else TOKEN)
    expect(raw(net, b"GET / HTTP/1.0\r\n\r\n") == b"", "it is let in")
    bans = ask(net, "bans")["bans"]
    expect([one["category"] for one in bans] == [category], f"{bans}")
    ask(net, "ban", "remove", bans[0]["address"] if "address" in bans[0] else bans[0]["source"])
    document(net, "GET", "/api/status", token=TOKEN, name="status")
    net.calls = 0


@case()
def http_refuses(net):
    """404, 405 with Allow, 400, 413, and 403 where a foreign page asks in a browser's name"""
    net.begin(security='bans = ( { category = "http-intrusion"; failures = 0; window_s = 60; ban_s = 60; } );')
    for method, path, allow in (("POST", "/api/status", "GET, HEAD"), ("DELETE", "/api/calls", "GET, HEAD"),
                                ("PUT", "/api/calls/x", "GET, HEAD, DELETE"), ("GET", "/api/reload", "POST"),
                                ("BREW", "/", "GET, HEAD"), ("OPTIONS", "/api/reload", "POST")):
        status, reply, _ = request(net, method, path)
        expect(status == 405 and reply.headers["Allow"] == allow, f"{method} {path}: {status} {reply.headers['Allow']}")
    for path in ("/x", "/api", "/api/", "/api/calls/", "/api/calls//ladder", "/api/calls/a/b", "/metrics/", "//",
                 "/api/%73tatus", "/api/../metrics", "/API/status"):
        document(net, "GET", path, status=404)
    for path in ("/api/calls/%", "/api/calls/%4", "/api/calls/%zz", "/api/calls/a%00b", "/api/calls/a%0Ab",
                 "/api/calls/" + "x" * 2000, "/api/calls?limit=x", "/api/calls?limit=", "/api/timers?limit=-1",
                 "/api/registrations?limit=0", "/api/calls?trunk=%0a"):
        document(net, "GET", path, status=400)
    document(net, "GET", "/api/calls/ffffffffffffffff", status=404)
    document(net, "GET", "/api/calls?trunk=nobody", status=404)
    for path, body in (("/api/reload", "x"), ("/api/reload", "[]"), ("/api/reload", '{"plan": 1}'),
                       ("/api/maintenance", None), ("/api/maintenance", '{"maintenance": "maybe"}'),
                       ("/api/maintenance", '{"maintenance": "on", "retry_after_s": "x"}'),
                       ("/api/maintenance", "{" * 60000), ("/api/command", "calls\nstatus"),
                       ("/api/command", "status" + " x" * 600)):
        document(net, "POST", path, body, status=400)
    document(net, "POST", "/api/reload", "x" * 65537, status=413)
    for headers in ({"Host": "evil.example"}, {"Host": "127.0.0.1.evil.example:80"}, {"Origin": "http://evil.example"},
                    {"Origin": "null"}, {"Origin": "https://{}:{}".format(*net.bed.http())}):
        document(net, "POST", "/api/reload", status=403, **headers)
    document(net, "POST", "/api/reload", name="reload", Origin="http://{}:{}".format(*net.bed.http()))
    document(net, "GET", "/api/status", name="status", Host="localhost:8088")
    expect("security category=http-intrusion source=127." in net.daemon.log(), "no line about who tried")
    net.calls = 0


@case()
def http_garbage(net):
    """bytes that are no requests, and more clients than there is room for: the daemon goes on, and answers the next"""
    net.begin()
    start, line = b"GET /api/status HTTP/1.1\r\n", b"Host: 127.0.0.1\r\n"
    for data in (b"", b"\0" * 4096, b"\xff" * 70000, b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n",
                 b"INVITE sip:x SIP/2.0\r\n\r\n",
                 start + b"X: " + b"y" * 40000 + b"\r\n\r\n", start + b"A: b\r\n" * 5000 + b"\r\n",
                 start + line + b"Content-Length: -1\r\n\r\n",
                 start + line + b"Content-Length: 99999999999999999999\r\n\r\n",
                 b"POST /api/reload HTTP/1.1\r\n" + line + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
                 b"POST /api/reload HTTP/1.1\r\n" + line + b"Transfer-Encoding: chunked\r\n\r\n10\r\n" + b"x" * 16,
                 b"POST /api/command HTTP/1.1\r\n" + line + b"Transfer-Encoding: chunked\r\n\r\n" +
                 b"4000\r\n" + b"x" * 16384 + b"\r\n" + b"4000\r\n" + b"x" * 16384 + b"\r\n" * 9,
                 b"GET /" + b"%00" * 100 + b" HTTP/1.1\r\n" + line + b"\r\n",
                 b"GET /api/calls?" + b"&" * 9000 + b" HTTP/1.1\r\n" + line + b"\r\n",
                 (start + line + b"\r\n") * 200):
        raw(net, data)
        expect(net.daemon.alive(), f"the daemon is gone after {data[:60]!r}")
        document(net, "GET", "/api/status", name="status")
    answers = raw(net, (start + line + b"\r\n") * 20)
    expect(answers.count(b"HTTP/1.1 200 OK") == 20, f"{answers.count(b'200 OK')} of 20 requests were answered")
    held = []
    for _ in range(12):
        held.append(socket.create_connection(net.bed.http(), timeout=20))
        held[-1].sendall(start)
    document(net, "GET", "/api/status", name="status")
    for connection in held:
        connection.close()
    net.calls = 0
    gone = socket.create_connection(net.bed.http(), timeout=20)
    gone.sendall(start + line + b"\r\n" + start)
    code, _ = net.daemon.stop()
    net.stopped = (code, _)
    expect(code == 0, f"exit {code} with a client in the middle of a request")
    gone.close()


def started(net, text, *options):
    """another twinleg with this configuration, once it is over"""
    path = f"{net.bed.folder}/other.cfg"
    with open(path, "w", encoding="utf-8") as out:
        out.write(text)
    return subprocess.run([net.program, *options, "-c", path], capture_output=True, text=True, check=False, timeout=30)


@case()
def http_address(net):
    """beyond loopback only with a token; one that is in use and written: exit 2, named"""
    net.begin()
    host, port = net.bed.http()
    run = started(net, f'node = {{ state_dir = "{net.bed.folder}"; }};\n'
                       f'listen = ( {{ name = "a"; transport = "udp"; address = "{host}"; port = 17999; }} );\n'
                       f'admin = {{ socket = ""; cdr = ""; http = "{host}:{port}"; }};\n')
    expect(run.returncode == 2 and f"{host}:{port}" in run.stderr and "Address already in use" in run.stderr,
           f"exit {run.returncode}: {run.stderr}")
    run = started(net, 'admin = { http = "0.0.0.0:17080"; };\n', "-t")
    expect(run.returncode == 1 and "admin.http" in run.stdout + run.stderr and "admin.token" in run.stdout + run.stderr,
           f"exit {run.returncode}: {run.stdout}{run.stderr}")
    net.calls = 0
