"""Who is kept out: bans by twinleg itself, by hand, by the real fail2ban; and how many calls a trunk may have."""
import json
import os
import re
import shutil
import socket
import subprocess
import time

from case import Call, case, expect

FAIL2BAN = "contrib/fail2ban"
THREE = 'bans = ( { category = "sip-intrusion"; failures = 3; } );'
NEVER = 'bans = ( { category = "sip-intrusion"; failures = 0; } );'


def ctl(net, *words):
    code, out, err = net.daemon.ctl("-j", *words)
    expect(code == 0, f"{words}: exit {code}: {err or out}")
    return json.loads(out)


def banned(net):
    """address -> its ban"""
    return {ban["address"]: ban for ban in ctl(net, "bans")["bans"]}


def metric(net, sample):
    line = next(line for line in ctl(net, "metrics")["metrics"].splitlines() if line.startswith(f"twinleg_{sample} "))
    return int(line.split()[-1])


def until(what, test, seconds=10):
    end = time.monotonic() + seconds
    while not test():
        expect(time.monotonic() < end, f"not within {seconds} s: {what}")
        time.sleep(0.05)


def knock(net, times):
    """strange requests, each a new one; returns the stranger's address"""
    for _ in range(times):
        leg = net.place("stranger", method="OPTIONS")
    return leg.peer.host


@case()
def guard_bans_a_stranger(net):
    """after three requests nobody listens any more: not even 403; `ban remove` ends that, a trunk is never banned"""
    net.begin(security='unknown_source = "reject"; ' + THREE)
    for _ in range(3):
        net.place("stranger", method="OPTIONS").expect(403, "OPTIONS")
    leg = net.place("stranger", method="OPTIONS")
    until("a datagram is dropped", lambda: metric(net, 'dropped_total{reason="banned"}') > 0)
    leg.peer.silent(lambda m: m.get("call-id") == leg.call_id, "an answer to who is banned", 0.2)
    ban = banned(net)[leg.peer.host]
    expect(ban["category"] == "sip-intrusion" and 590 <= ban["left_s"] <= 600, f"{ban}")
    status = ctl(net, "status")
    expect(status["bans"] == 1 and status["intruders"][0]["last"] == leg.peer.host, f"{status}")
    log = net.daemon.log()
    line = f"security category=sip-intrusion source={leg.peer.host} what=unknown-source\n"
    expect(log.count(line) == 3, log)
    expect(f"ban source={leg.peer.host} state=on category=sip-intrusion seconds=600" in log, log)
    ctl(net, "ban", "remove", leg.peer.host)
    net.place("stranger", method="OPTIONS").expect(403, "OPTIONS")
    for _ in range(9):
        net.peer("a-udp").send(b"nonsense SIP/2.0\r\n\r\n", net.listener("a-udp"))
    code, _, err = net.daemon.ctl("ban", "add", net.peer("a-udp").host)
    expect(code == 1 and "is exempt" in err, f"a trunk is banned: {err}")
    Call(net).up().bye()
    net.calls = 1


@case()
def guard_cuts_connections(net):
    """a ban ends what is open when it says something, and what is opened then"""
    net.begin()
    where, here = net.listener("a-tcp")[:2], net.bed.host(5)
    with socket.create_connection(where, 5, source_address=(here, 0)) as before:
        before.sendall(b"\r\n\r\n")
        expect(before.recv(10) == b"\r\n", "no pong")
        ctl(net, "ban", "add", here, "60")
        before.sendall(b"\r\n\r\n")
        expect(before.recv(10) == b"", "the connection goes on")
    with socket.create_connection(where, 5, source_address=(here, 0)) as after:
        try:
            expect(after.recv(10) == b"", "a new connection is served")
        except ConnectionResetError:
            pass
    ctl(net, "ban", "remove", here)
    with socket.create_connection(where, 5, source_address=(here, 0)) as again:
        again.sendall(b"\r\n\r\n")
        expect(again.recv(10) == b"\r\n", "no pong afterwards")
    net.calls = 0


@case()
def guard_limits_of_a_trunk(net):
    """one call too many gets 503 with Retry-After; counted, shown, and possible again afterwards"""
    net.begin(a_keys="limits = { calls = 1; };", workers=2)
    call = Call(net).up()
    refused = net.place()
    expect(refused.expect(503).get("retry-after") == "10", "no Retry-After")
    refused.ack()
    expect(metric(net, 'limit_refused_total{trunk="carrier",direction="in",limit="calls"}') == 1, "not counted")
    call.bye()
    Call(net).up().bye()
    net.calls = 2


def regex(log, *options):
    """(matched, missed) of fail2ban's own test program"""
    run = subprocess.run(["fail2ban-regex", *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60,
                         text=True, check=False)
    found = re.search(r"(\d+) ignored, (\d+) matched, (\d+) missed", run.stdout)
    expect(found is not None, f"{log}: {run.stdout[-1000:]}")
    return int(found.group(2)), int(found.group(3))


@case()
def guard_lines_for_fail2ban(net):
    """the shipped filter finds the daemon's lines, by category, and no other line: not even one that wants to be one"""
    net.begin(security=NEVER)
    knock(net, 4)
    fake = "4930 warn security category=sip-intrusion source=192.0.2.1 what=unknown-source"
    net.place(user=fake.replace(" ", "%20"), method="BYE")
    leg = net.place(method="OPTIONS", headers=[f"Subject: {fake}"])
    leg.expect(200, "OPTIONS")
    until("four lines", lambda: net.daemon.log().count("security category=") >= 4)
    path, conf = net.daemon.log_path, os.path.abspath(f"{FAIL2BAN}/filter.d/twinleg.conf")
    expect(regex(path, path, conf)[0] == 4, "not four lines of all categories")
    for category, wanted in (("sip-intrusion", 4), ("sip-auth", 0), ("(?:sip|http|xmpp)-intrusion", 4)):
        expect(regex(path, path, f'{conf}[category="{category}"]')[0] == wanted, f"not {wanted} lines of {category}")
    with open(f"{net.daemon.folder}/more.log", "w", encoding="utf-8") as out:
        for name, source in (("sip-auth", "203.0.113.7"), ("http-auth", "2001:db8::7")):
            out.write(f"2026-01-31T12:00:00.123Z warn security category={name} source={source} "
                      "what=wrong-credentials\n")
        out.write("2026-01-31T12:00:01.000Z warn ban source=203.0.113.7 state=on category=sip-auth seconds=600\n")
        out.write(f"2026-01-31T12:00:01.000Z info call=1 x={fake}\n2026-01-31T12:00:01.000Z warn security unsaid=3\n")
    expect(regex(path, out.name, conf) == (2, 3), "of five lines two should match")
    net.calls = 0


def jail(net, folder):
    """the shipped files and one jail over the daemon's log; returns the words of its server and client"""
    shutil.copytree(FAIL2BAN, folder)
    os.remove(f"{folder}/jail.d/twinleg.conf")
    binary = os.path.join(os.path.dirname(net.daemon.program), "twinlegctl")
    with open(f"{folder}/fail2ban.conf", "w", encoding="utf-8") as out:
        out.write(f"[Definition]\nloglevel = INFO\nlogtarget = {folder}/log\nsyslogsocket = auto\ndbfile = None\n"
                  f"dbpurgeage = 1d\ndbmaxmatches = 10\nsocket = {folder}/f.sock\npidfile = {folder}/f.pid\n[Thread]\n")
    with open(f"{folder}/jail.conf", "w", encoding="utf-8") as out:
        out.write(f"[twinleg]\nenabled = true\nbackend = polling\nusedns = no\nignoreself = false\nignoreip =\n"
                  f"filter = twinleg[category=sip-intrusion]\nlogpath = {net.daemon.log_path}\nmaxretry = 3\n"
                  f"findtime = 60\nbantime = 300\n"
                  f"action = twinleg[twinlegctl={binary}, options=-s {net.daemon.folder}/twinleg.sock]\n")
    return ["-c", folder, "-s", f"{folder}/f.sock", "-p", f"{folder}/f.pid"]


@case(settle_s=10)
def guard_fail2ban_bans_and_unbans(net):
    """the whole fail2ban over the daemon's log: it has the stranger banned, and let go"""
    net.begin(security=NEVER)
    folder = f"{net.daemon.folder}/fail2ban"
    where = jail(net, folder)
    server = subprocess.Popen(["fail2ban-server", *where, "-f", "start"], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    try:
        until("fail2ban listens", lambda: os.path.exists(f"{folder}/f.sock"), 30)
        knocker = knock(net, 3)
        until("fail2ban has the stranger banned", lambda: knocker in banned(net), 30)
        expect(banned(net)[knocker]["category"] == "manual" and banned(net)[knocker]["left_s"] <= 300, f"{banned(net)}")
        subprocess.run(["fail2ban-client", *where, "set", "twinleg", "unbanip", knocker], check=True, timeout=30,
                       stdout=subprocess.DEVNULL)
        until("the stranger is let go", lambda: knocker not in banned(net), 30)
    finally:
        server.terminate()
        server.wait(30)
    net.calls = 0
