"""Two daemons that know each other: heartbeats, what each shows of the other, alarms, and advice to clients."""
import json
import time

import schema
from bed import Bed
from case import case, expect
from daemon import Daemon
from front import until
from manager import Manager
from message import Failure, Msg
from phone import Phone

PORT, CLIENTS = 17450, 20
CONFIG = ('node = {{ name = "{name}"; workers = 2; drain_seconds = 1; state_dir = "state"; }};\n'
          'listen = ( {{ name = "edge"; address = "{edge}"; port = 17000; }},\n'
          '           {{ name = "inside"; address = "{inside}"; port = 17200; }},\n'
          '           {{ name = "inside-tcp"; transport = "tcp"; address = "{inside}"; port = 17200; }} );\n'
          'trunks = ( );\n'
          'registrar = {{ listen = "edge"; flow_secret = "{secret}"; stun = {stun}; }};\n'
          'cluster = {{ listen = [ "inside", "inside-tcp" ];\n'
          '             nodes = ( {{ name = "cm1"; uri = "{manager}"; }} ); {cluster}\n'
          '             peers = ( {{ name = "{other}"; uri = "sip:{there}:17200;transport={proto}"; }} ); }};\n'
          'admin = {{ cdr = "cdr.jsonl"; log_level = "info"; }};\n')


class Pair:
    """sbc1 and sbc2, with one call manager behind both."""

    def __init__(self, net, proto="udp", **second):
        """second: what is otherwise in the second one's configuration"""
        self.net, self.proto, self.phones, self.daemons = net, proto, [], {}
        self.beds = {"sbc1": net.bed, "sbc2": Bed(net.bed.folder + "-second", net.bed.number, 60)}
        self.manager = Manager("udp", net.bed.host(30), PORT)
        try:
            for name, own in (("sbc1", {}), ("sbc2", second)):
                self.write(name, **own)
                self.daemons[name] = Daemon(net.program, f"{self.beds[name].folder}/twinleg.cfg",
                                            self.beds[name].folder)
                if name == "sbc1":
                    net.daemon = self.daemons[name]
                else:
                    net.second = self.daemons[name]
        except OSError:
            self.end()
            raise

    def write(self, name, secret="the same on both", stun="true", cluster="", other=None):
        bed, far = self.beds[name], self.beds["sbc2" if name == "sbc1" else "sbc1"]
        with open(f"{bed.folder}/twinleg.cfg", "w", encoding="utf-8") as out:
            out.write(CONFIG.format(name=name, edge=bed.host(10), inside=bed.host(20), secret=secret, stun=stun,
                                    manager=self.manager.uri(), cluster=cluster, there=far.host(20),
                                    other=other or ("sbc2" if name == "sbc1" else "sbc1"), proto=self.proto))

    def ctl(self, name, *words):
        code, out, err = self.daemons[name].ctl("-j", *words)
        expect(code == 0, f"{name}: twinlegctl {' '.join(words)}: {err}")
        return json.loads(out)

    def peers(self, name):
        found = self.ctl(name, "peers")
        wrong = list(schema.faults(found, schema.load("peers")))
        expect(not wrong, f"{name}: {wrong[:3]}")
        return found

    def seen_by(self, name):
        """the other one, as this one knows it"""
        return self.peers(name)["peers"][0]

    def metric(self, name, wanted):
        """the sample of this metric that is about the other one"""
        text = self.ctl(name, "metrics")["metrics"]
        other = "sbc2" if name == "sbc1" else "sbc1"
        return next(int(line.split()[-1]) for line in text.splitlines()
                    if line.startswith(f'twinleg_{wanted}{{peer="{other}"}}'))

    def await_peer(self, name, seconds=25.0, **wanted):
        end = time.monotonic() + seconds
        while True:
            seen = self.seen_by(name)
            if all(seen.get(key) == value for key, value in wanted.items()):
                return seen
            if time.monotonic() > end:
                raise Failure(f"{name} sees {seen} and not {wanted} after {seconds:g} s")
            time.sleep(0.1)

    def both_up(self):
        for name in self.daemons:
            self.await_peer(name, state="up")
        return self

    def phone(self, name, user):
        self.phones.append(Phone("udp", self.net.bed.host(9), (self.beds[name].host(10), 17000), user=user))
        return self.phones[-1]

    def end(self):
        for phone in self.phones:
            phone.close()
        for daemon in self.daemons.values():
            stopped = daemon.stop()
            if daemon is self.net.daemon:
                self.net.stopped = stopped
        self.manager.end()


def with_pair(play):
    """the case gets what makes a pair, which ends whatever happens"""
    def run(net, *arguments):
        made = []

        def make(*more, **keys):
            made.append(Pair(net, *more, **keys))
            return made[-1]
        try:
            play(make, *arguments)
        finally:
            for pair in made:
                pair.end()
    run.__name__ = play.__name__
    return run


def warnings(pair, name, ar=True, times=CLIENTS):
    """the Warnings in the 200s of so many REGISTERs, each of a user of its own"""
    found = []
    for number in range(times):
        phone = pair.phone(name, f"{name}-{'ar' if ar else 'plain'}-{number}")
        msg = phone.register() if ar else plain(phone)
        expect(msg.status == 200, f"REGISTER got {msg.start}")
        found += [msg.get("warning")] if msg.get("warning") else []
    return found


def plain(phone):
    """the answer to a REGISTER of a client that knows nothing of AR"""
    phone.send(phone.request("REGISTER", f"Contact: <sip:{phone.user}@{phone.host}:{phone.port}>;expires=600\r\n"))
    wanted = f"CSeq: {phone.cseq} REGISTER".encode()
    raw = phone.wait(lambda m: m.startswith(b"SIP/2.0 ") and m[8:9] != b"1" and wanted in m, 10)
    expect(raw is not None, "no answer to REGISTER")
    return Msg(raw)


@case("udp", "tcp", sleeps=True)
@with_pair
def peers_meet(make, proto):
    """each shows the other as it is: up, then in maintenance, which is answered too; calls from there are refused"""
    pair = make(proto).both_up()
    seen = pair.seen_by("sbc1")
    expect((seen["says"], seen["alarms"], seen["refused"]) == ("active", [], 0), f"sbc1 sees {seen}")
    expect(seen["config"] == pair.peers("sbc1")["self"]["config"], "the checksums differ")
    expect(pair.metric("sbc1", "peer_up") == 1, "peer_up is not 1")
    expect("peers" not in [one["name"] for one in pair.ctl("sbc1", "trunks")["trunks"]], "it is shown as a trunk")
    pair.ctl("sbc2", "maintenance", "on")
    pair.await_peer("sbc1", says="maintenance", state="up")
    pair.ctl("sbc2", "maintenance", "off")
    pair.await_peer("sbc1", says="active", state="up")
    text = pair.daemons["sbc1"].ctl("peers")[1]
    expect("sbc2" in text and "advice to clients: none" in text, f"twinlegctl peers: {text}")


@case(sleeps=True)
@with_pair
def peer_lost(make):
    """a node that is gone is down, with its reason, and comes back"""
    pair = make().both_up()
    second = pair.daemons["sbc2"]
    second.run.kill()
    second.run.wait()
    seen = pair.await_peer("sbc1", state="down")
    expect(seen["reason"] in ("silent", "unreachable"), f"reason: {seen['reason']}")
    expect(pair.metric("sbc1", "peer_up") == 0, "peer_up is not 0")
    pair.daemons["sbc2"] = pair.net.second = Daemon(pair.net.program, second.config, second.folder)
    pair.both_up()


@case(sleeps=True)
@with_pair
def peer_advice(make):
    """20 registrations here, none there: some of our AR clients are told, others never, and nobody there"""
    pair = make().both_up()
    expect(warnings(pair, "sbc1", ar=False) == [], "a Warning for a client that does not know AR")
    until("sbc1 advises", 20, lambda: pair.peers("sbc1")["advice"]["target"] == "sbc2")
    told = warnings(pair, "sbc1")
    host = pair.beds["sbc1"].host(10)
    expect(len(told) == CLIENTS // 5, f"{len(told)} of {CLIENTS} have a Warning")
    expect(set(told) == {f'399 {host} "load-imbalance;target=sbc2"'}, f"Warning: {told}")
    expect(warnings(pair, "sbc1", ar=False, times=10) == [], "a Warning for a client that does not know AR")
    expect(warnings(pair, "sbc2", times=10) == [], "a Warning where there is room")
    expect(pair.peers("sbc1")["advice"]["given"] == len(told), "they are not counted")
    warnings(pair, "sbc2", ar=False, times=30)
    until("the advice ends", 20, lambda: pair.peers("sbc1")["advice"]["target"] is None)
    expect(warnings(pair, "sbc1", times=10) == [], "a Warning though there is no imbalance")


@case(sleeps=True)
@with_pair
def peer_alarms(make):
    """STUN on here and off there, other limits there: an alarm each, on both; gone when they are alike again"""
    pair = make(stun="false", cluster="try_ms = 3000;").both_up()
    for name in ("sbc1", "sbc2"):
        pair.await_peer(name, alarms=["stun_keepalive_mismatch", "peer_config_mismatch"])
        expect(pair.metric(name, "stun_keepalive_mismatch") == 1, f"{name}: no alarm of STUN")
        expect(pair.metric(name, "peer_config_mismatch") == 1, f"{name}: no alarm of the configuration")
    service = next(one for one in pair.ctl("sbc1", "status")["services"] if one["name"] == "Fellow nodes")
    expect([one["see"] for one in service["problems"]] == ["registrar.stun", "registrar"], f"{service}")
    log = pair.daemons["sbc1"].log()
    expect(log.count("fellow=sbc2 alarm=stun_keepalive_mismatch state=on") == 1, "not one line of the alarm")
    pair.write("sbc2")
    pair.ctl("sbc2", "reload")
    for name in ("sbc1", "sbc2"):
        pair.await_peer(name, alarms=[])
        expect(pair.metric(name, "stun_keepalive_mismatch") == 0, f"{name}: the alarm stays")
    pair.ctl("sbc2", "stun", "off")
    pair.await_peer("sbc1", alarms=["stun_keepalive_mismatch"])


@case(sleeps=True)
@with_pair
def peer_secret(make):
    """another secret: each is down for the other, with that reason; a reload that mends it is enough"""
    pair = make(secret="another one")
    for name in ("sbc1", "sbc2"):
        pair.await_peer(name, state="down", reason="wrong-secret", refused_why="wrong-secret")
    expect("heard_s" not in pair.seen_by("sbc1"), "what it said was believed")
    service = next(one for one in pair.ctl("sbc1", "status")["services"] if one["name"] == "Fellow nodes")
    expect(service["problems"] == [{"what": "sbc2: down (wrong-secret)", "see": "registrar.flow_secret"}], f"{service}")
    pair.write("sbc2")
    pair.ctl("sbc2", "reload")
    pair.both_up()
    for daemon in pair.daemons.values():
        expect("another one" not in daemon.log() and "the same on both" not in daemon.log(), "a secret in the log")


@case(sleeps=True)
@with_pair
def peer_name(make):
    """one that is called otherwise than we call it is not believed"""
    pair = make(other="sbc7")
    pair.await_peer("sbc1", state="down", reason="wrong-name")
    pair.write("sbc2")
    pair.ctl("sbc2", "reload")
    pair.both_up()
