"""Maintenance as callers, clients and the operator see it, and what `status` says of each service."""
import re
import subprocess
import time

from case import Call, case, expect
from cases_ctl import ask
from cases_front import registrations
from cases_nodes import in_scene
from cases_relay import ask as invite
from cases_relay import two, up
from front import Client, cluster, until

WARNING = r'382 {} "System in Maintenance Mode"'


def service(status, name):
    return next(one for one in status["services"] if one["name"] == name)


def refused(net, message, retry_after="120"):
    expect(message.status == 503 and message.get("retry-after") == retry_after, message.raw)
    host = net.bed.listener("a", "udp")[0]
    expect(re.fullmatch(WARNING.format(re.escape(host)), message.get("warning")), f"Warning: {message.get('warning')}")


@case(("a-udp", "b-udp"), ("a-tcp", "b-tcp"))
def maintenance_of_calls(net, src, dst):
    """nothing new is taken, a call goes on as long as it likes, then the log says that all have gone"""
    net.begin(src, dst)
    call = Call(net, src, dst).up()
    expect(service(ask(net, "status"), "SIP trunks")["state"] == "Configured", f"{ask(net, 'status')}")
    ask(net, "maintenance", "on")
    refused(net, net.place(src).expect(503))
    for method in ("OPTIONS", "MESSAGE", "SUBSCRIBE"):
        refused(net, net.place(src, method=method, body=None).expect(503, method))
    for one, other in ((call.a, call.b), (call.b, call.a)):
        call.cross(one, other, "INFO", b"x")
        call.cross(one, other, "UPDATE", call.offer(one, one.cseq, "sendonly"), reply="answer")
    status = ask(net, "status")
    how = status["maintenance"]
    expect(how["state"] == "draining" and how["calls_gone_in_s"] is None, f"{status}")
    expect(service(status, "SIP trunks")["state"] == "Inactive (Maintenance mode)", f"{status['services']}")
    _, text, _ = net.daemon.ctl("status")
    expect(re.search(r"^services \(last updated: \d\d:\d\d:\d\d \S+\)$", text, re.M), text)
    expect(re.search(r"^  SIP trunks +Inactive \(Maintenance mode\): carrier up, callmanager up$", text, re.M), text)
    expect("service=calls" not in net.daemon.log(), "the call that is up has gone, says the log")
    call.bye()
    expect(net.daemon.await_line("service=calls state=drained", 5), "the log does not say that all calls have gone")
    until("status says drained", 5, lambda: ask(net, "status")["maintenance"]["state"] == "drained")
    ask(net, "maintenance", "off")
    expect(service(ask(net, "status"), "SIP trunks")["state"] == "Configured", "not as before")
    Call(net, src, dst).up().bye()


@case()
def maintenance_drops_user_agents(net):
    """calls of a client whose User-Agent is named end with BYE on both sides, those of others go on"""
    with cluster(net, 1, more='maintenance = { drop_user_agents = [ "Room/.*" ]; };'):
        alice, bob = two(net)
        carol = Client(net, user="carol", port=17303)
        carol.register(headers=("User-Agent: Room/9.1",))
        dave = Client(net, user="dave", port=17304)
        dave.register(headers=("User-Agent: Desk Room/9.1",))
        kept, dropped = [], []
        for legs, caller, callee in ((kept, alice, bob), (dropped, carol, dave)):
            legs.append(invite(caller, callee.user))
            legs.append(up(legs[0], callee, callee.user))
        answer = ask(net, "maintenance", "on")
        expect(answer["calls_ended"] >= 1, f"{answer}")
        for leg in dropped:
            leg.reply(leg.await_request("BYE"), 200)
        for client in (alice, carol):
            told = client.answer(client.send(headers=(f"Authorization: {client.authorization()}",)))
            expect(told.status == 503 and told.get("warning").startswith("382 "), told.start)
        number = kept[0].request("INFO")
        kept[1].reply(kept[1].await_request("INFO"), 200)
        kept[0].expect(200, "INFO", number)
        number = kept[0].request("BYE")
        kept[1].reply(kept[1].await_request("BYE"), 200)
        kept[0].expect(200, "BYE", number)
        expect(registrations(net)["current"] == 4, "maintenance takes registrations away")
    causes = sorted(legs[0]["cause"] for legs in net.daemon.records().values() if legs[0]["status"] == 200)
    expect(set(causes) == {"admin", "bye"}, f"{causes}")


@case(("udp", "udp"), sleeps=True)
@in_scene
def maintenance_silences_keepalives(scene):
    """AR clients are told to go by silence, some at a time; one that does not know AR is answered on"""
    phones = [scene.phone(f"user{n}") for n in range(20)]
    for phone in phones:
        phone.register()
    plain = scene.phone("plain")
    plain.register(caps="")
    scene.ctl("maintenance", "on")
    began, left, waves = time.monotonic(), phones, []
    while left and time.monotonic() < began + 75:
        before, left = len(left), answered(left)
        waves.append(before - len(left))
        time.sleep(0.5)
    expect(not left, f"{len(left)} of 20 are answered after 75 s")
    expect(max(waves) < 15, f"they were told at once: {waves}")
    expect(plain.keepalive(), "one that does not know AR gets no answer")
    expect("(Maintenance mode)" in service(scene.ctl("status"), "STUN keepalive")["state"], "status")
    scene.ctl("maintenance", "off")
    expect(all(phone.keepalive() for phone in phones), "no answer afterwards")


def answered(phones):
    """those whose keepalive is answered; they ask together"""
    for phone in phones:
        phone.heard.clear()
        phone.ask_keepalive()
    end = time.monotonic() + 2
    return [phone for phone in phones if phone.wait(lambda m: m[0] < 4, max(0.1, end - time.monotonic()))]


@case()
def status_of_services(net):
    """what is wrong with a service, and which key mends it"""
    with cluster(net, 1, registrar='domains = [ "a.example" ];',
                 cluster="keepalive = { interval_s = 2; timeout_s = 1; };",
                 more='trunks = ( { name = "far"; listen = "b-udp"; targets = ( { uri = "sip:127.0.0.1:9"; } );\n'
                      '  keepalive = { up_interval_s = 5; down_interval_s = 5; retries = 1; }; } );') as (node,):
        status = ask(net, "status")
        wanted = {"Registrations": "Configured", "Call managers": "Configured",
                  "Own registrar": "Not configured (add registrar.local)",
                  "Registration of trunks": "Not configured (add register to a trunk)",
                  "STUN keepalive": "Configured", "Authorization limit": "Configured",
                  "Credential cache": "Configured", "Registrations on disk": "Configured",
                  "Intrusion protection": "Configured", "Message capture": "Not configured (set admin.hep)"}
        for name, state in wanted.items():
            expect(service(status, name)["state"] == state, f"{name}: {service(status, name)}")
        details = {"Registrations": "Path on, a.example", "Authorization limit": "8 in 300 s for a user at an address",
                   "Credential cache": "refresh 480 min, clean-up 720 min, 0 held now"}
        for name, detail in details.items():
            expect(service(status, name)["detail"] == detail, f"{name}: {service(status, name)}")
        expect("trunks and call managers are exempt" in service(status, "Intrusion protection")["detail"], "no word")
        node.kill()
        until("the node is down", 20, lambda: service(ask(net, "status"), "Call managers")["problem_count"] == 1)
        until("the trunk is down", 20, lambda: service(ask(net, "status"), "SIP trunks")["problem_count"] == 2)
        status = ask(net, "status")
        sees = [one["see"] for name in ("Call managers", "SIP trunks") for one in service(status, name)["problems"]]
        expect(sees == ["cluster.nodes.cm1.uri", "trunks.far.targets", "routes"], f"{sees}")
        _, text, _ = net.daemon.ctl("status")
        expect(re.search(r"^  Call managers +Configured but with errors: cm1 (down|suspect)\n"
                         r"      error: cm1: .*; see cluster\.nodes\.cm1\.uri$", text, re.M), text)
        ask(net, "stun", "off")
        state = service(ask(net, "status"), "STUN keepalive")["state"]
        expect(state == "Not configured (switched off: twinlegctl stun on)", state)


@case()
def status_of_certificates(net):
    """how long a certificate lasts; one that ends within two weeks is told, until a reload has brought another"""
    net.begin("a-tls", "b-udp")
    one = service(ask(net, "status"), "TLS certificates")
    expect(one["state"] == "Configured" and re.fullmatch(r"default ends in (29|30) days", one["detail"]), f"{one}")
    folder = net.bed.folder
    for days, left in ((3, r"default: the certificate ends in [23] days"), (30, None)):
        subprocess.run(["openssl", "req", "-x509", "-new", "-key", f"{folder}/key.pem", "-days", str(days), "-subj",
                        "/CN=test", "-out", f"{folder}/cert.pem"], check=True, capture_output=True)
        ask(net, "reload")
        one = service(ask(net, "status"), "TLS certificates")
        whats = [problem["what"] for problem in one["problems"]]
        expect(not whats if left is None else re.fullmatch(left, whats[0]), f"{one}")
        expect(all(problem["see"] == "tls.default.certificate" for problem in one["problems"]), f"{one}")
    net.calls = 0
