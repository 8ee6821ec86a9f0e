"""What a soak runs: twinleg with trunks, both kinds of registrar, two call managers, a fellow node, TLS and HTTP; and
the configuration in all the forms that reloads bring."""
import os
import subprocess
import threading

from daemon import Daemon
from front import md5
from manager import Manager
from node import Node

DOMAIN, LOCAL, USERS = "a.example", "l.example", 8
EDGE = {"udp": 17001, "tcp": 17001, "tls": 17003}
INSIDE, CARRIER, MANAGER, OTHER = 17011, 17100, 17200, 17280
SECRET = "the same on both"
TRUNK = ('session_timer = { session_expires = 90; min_se = 90; }; timers = { no_reply_ms = 1000; no_answer_s = 15; }; '
         'keepalive = { up_interval_s = 5; down_interval_s = 3; retries = 2; }; ')
ROUTES = ('routes = (\n'
          ' { name = "home"; from = [ "carrier" ]; called = "^user.*"; to = ( { trunk = "registrar"; } ); },\n'
          ' { name = "barred"; called = "^barred.*"; reject = 403; },\n'
          ' { name = "in"; from = [ "carrier" ]; called = "^[a-t].*"; to = ( { trunk = "callmanager"; } ); },\n'
          ' { name = "out"; from = [ "callmanager", "cluster" ]; to = ( { trunk = "carrier"; } ); },\n'
          ' { name = "phones"; from = [ "registrar" ];\n'
          '   to = ( { trunk = "callmanager"; }, { trunk = "carrier"; } ); } );\n')
PROFILES = ('profiles = ( {{ name = "mark"; rules = ( "request ANY sip-header X-Mark add \\"X-Mark: {}\\"",\n'
            '  "response ANY sip-header Allow-Header modify \\", UPDATE\\" \\"\\"" ); }} );\n')
# what a reload may find, beside the configuration as it was at first; the last ones are mistakes
BASE = {"extra": False, "users": USERS, "midcall": "media-change", "refer": "consume", "mark": "first", "peers": True,
        "stun": True, "min_s": 2, "trunks": True, "path": True, "bad": ""}
FORMS = ({"extra": True}, {"users": USERS // 2}, {"midcall": "passthru"}, {"midcall": "block"}, {"refer": "passthru"},
         {"refer": "reject"}, {"mark": "second"}, {"peers": False}, {"stun": False}, {"min_s": 3}, {"trunks": False},
         {"extra": True, "users": 2, "mark": "third"}, {"path": False})
MISTAKES = ("colour = 7;", "node = {", 'profiles = ( "not-there.cfg" );', "\x00", "security = { max_calls = 0; };")


def listener(name, host, port, kind):
    tls = ' tls = "default";' if kind == "tls" else ""
    return f'  {{ name = "{name}"; transport = "{kind}"; address = "{host}"; port = {port};{tls} }}'


class World:
    def __init__(self, program, bed):
        self.bed, self.program, self.daemon, self.fellow, self.form = bed, program, None, None, dict(BASE)
        self.records = threading.Lock()         # who moves their file
        bed.make_tls()
        self.nodes = {"cm1": Node("udp", bed.host(41), 17400), "cm2": Node("tcp", bed.host(42), 17400)}
        self.silent = Manager("udp", bed.host(43), 17400, 60)         # the fellow's call manager
        os.mkdir(f"{bed.folder}/fellow")

    def host(self, last):
        return self.bed.host(last)

    def edge(self, kind):
        return self.host(10), EDGE[kind]

    def outside(self):
        return self.host(11), EDGE["udp"]

    def inside(self):
        return self.host(20), INSIDE

    def http(self):
        return self.host(10), 17080

    # --- files
    def _put(self, name, text):
        """whole, or not yet"""
        path = f"{self.bed.folder}/{name}"
        with open(path + ".new", "w", encoding="utf-8") as out:
            out.write(text)
        os.replace(path + ".new", path)

    def write(self, **form):
        """the configuration as it was at first, but for this"""
        self.form = form = {**BASE, **form}
        self._put("users.htdigest", "".join(f"user{n}:{LOCAL}:{md5(f'user{n}', LOCAL, 'secret')}\n"
                                            for n in range(form["users"])))
        self._put("routes.cfg", ROUTES)
        self._put("profiles.cfg", PROFILES.format(form["mark"]))
        self._put("twinleg.cfg", self._text(form))
        return f"{self.bed.folder}/twinleg.cfg"

    def _text(self, form):
        listens = [listener(f"edge-{kind}", self.host(10), port, kind) for kind, port in EDGE.items()]
        for kind in ("udp", "tcp"):
            listens.append(listener(f"outside-{kind}", *self.outside(), kind))
            listens.append(listener(f"inside-{kind}", *self.inside(), kind))
            listens += [listener(f"extra-{kind}", self.host(12), 17001, kind)] if form["extra"] else []
        peers = f'{{ name = "fellow"; uri = "sip:{self.host(80)}:{INSIDE}"; }}' if form["peers"] else ""
        nodes = ", ".join(f'{{ name = "{name}"; uri = "{node.uri()}"; }}' for name, node in self.nodes.items())
        return (f'node = {{ name = "soak"; workers = 2; state_dir = "state"; drain_seconds = 2; }};\n'
                f'listen = (\n{", ".join(listens)} );\n'
                f'tls = ( {{ name = "default"; certificate = "cert.pem"; key = "key.pem"; ca = "cert.pem"; }} );\n'
                f'trunks = ( {", ".join(self._trunks(form))} );\n'
                f'routes = ( "routes.cfg" );\nprofiles = ( "profiles.cfg" );\n'
                f'registrar = {{ listen = [ "edge-udp", "edge-tcp", "edge-tls" ]; flow_secret = "{SECRET}";\n'
                f'  path = {str(form["path"]).lower()}; stun = {str(form["stun"]).lower()};\n'
                f'  authorizations = {{ max = 0; }};\n'
                f'  expires = {{ min_s = {form["min_s"]}; udp_max_s = 10; flow_max_s = 20; }};\n'
                f'  local = ( {{ domain = "{LOCAL}"; users = "users.htdigest"; }} ); }};\n'
                f'cluster = {{ listen = [ "inside-udp", "inside-tcp" ]; nodes = ( {nodes} ); peers = ( {peers} );\n'
                f'  keepalive = {{ interval_s = 3; timeout_s = 1; }}; try_ms = 800; total_ms = 2000; hold_down_s = 1;\n'
                f'  ramp_s = 5; rebalance = {{ settle_s = 3; start_count = 2; again_s = 5; }}; }};\n'
                f'security = {{ partial_message_timeout_s = 2; handshake_timeout_s = 2; idle_timeout_s = 30; '
                f'max_connections_per_ip = 40;\n  bans = ( {{ category = "sip-intrusion"; ban_s = 5; }}, '
                f'{{ category = "sip-auth"; ban_s = 5; }},\n    {{ category = "http-intrusion"; ban_s = 2; }} ); }};\n'
                f'maintenance = {{ drop_user_agents = [ "Drop.*" ]; }};\n'
                f'admin = {{ cdr = "cdr.jsonl"; ladder_mb = 1; http = "{self.http()[0]}:{self.http()[1]}"; }};\n'
                f'{form["bad"]}\n')

    def _trunks(self, form):
        keys = f'{TRUNK} midcall = "{form["midcall"]}"; refer = "{form["refer"]}"; '
        yield (f'{{ name = "carrier"; listen = [ "outside-udp", "outside-tcp" ]; sources = [ "{self.host(1)}", '
               f'"{self.host(128)}/29" ]; targets = ( {{ uri = "sip:{self.host(1)}:{CARRIER}"; }} ); {keys}'
               f'profile_out = "mark"; }}')
        yield (f'{{ name = "callmanager"; listen = [ "inside-udp", "inside-tcp" ]; sources = [ "{self.host(2)}", '
               f'"{self.host(3)}" ]; targets = ( {{ uri = "sip:{self.host(2)}:{MANAGER};transport=udp"; }}, '
               f'{{ uri = "sip:{self.host(3)}:{OTHER};transport=tcp"; }} ); {keys} }}')
        if form["trunks"]:
            yield (f'{{ name = "spare"; listen = "outside-udp"; targets = ( {{ uri = "sip:{self.host(4)}:17290"; }} ); '
                   f'{keys} }}')

    # --- programs
    def start(self):
        env = {"ASAN_OPTIONS": "detect_leaks=1:quarantine_size_mb=8:malloc_context_size=12:exitcode=99",
               "UBSAN_OPTIONS": "print_stacktrace=1"}
        self.daemon = Daemon(self.program, self.write(), self.bed.folder, env)
        self.start_fellow()

    def start_fellow(self):
        """another twinleg before a call manager of its own: it comes and goes"""
        folder = f"{self.bed.folder}/fellow"
        listens = listener("edge", self.host(81), 17001, "udp"), listener("in", self.host(80), INSIDE, "udp")
        with open(f"{folder}/twinleg.cfg", "w", encoding="utf-8") as out:
            out.write(f'node = {{ name = "fellow"; drain_seconds = 0; workers = 1; state_dir = "state"; }};\n'
                      f'listen = ( {", ".join(listens)} );\n'
                      f'trunks = ( ); registrar = {{ listen = "edge"; flow_secret = "{SECRET}"; }};\n'
                      f'cluster = {{ listen = "in"; nodes = ( {{ name = "cm9"; uri = "{self.silent.uri()}"; }} );\n'
                      f'  peers = ( {{ name = "soak"; uri = "sip:{self.host(20)}:{INSIDE}"; }} ); }};\n'
                      f'admin = {{ cdr = ""; http = ""; }};\n')
        self.fellow = Daemon(self.program, f"{folder}/twinleg.cfg", folder)

    def ctl(self, *words):
        return self.daemon.ctl(*words)

    def fds(self, connections=0):
        """but for so many connections to call managers, of which each worker may have its own"""
        return len(os.listdir(f"/proc/{self.daemon.run.pid}/fd")) - connections

    def holds(self):
        """what the descriptors are, for whoever looks for one that stayed"""
        folder = f"/proc/{self.daemon.run.pid}/fd"
        return subprocess.run(["ls", "-l", folder], capture_output=True, text=True, check=False).stdout

    def end(self):
        for node in self.nodes.values():
            node.end()
        self.silent.end()
        for daemon in (self.fellow, self.daemon):
            if daemon and daemon.alive():
                daemon.run.kill()
                daemon.run.wait()
