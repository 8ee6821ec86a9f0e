"""Who runs it, in a hurry: commands and HTTP requests of all kinds, reloads good and bad, signals, switches, a full
disk; and call managers and the fellow node that are killed, frozen and started anew."""
import http.client
import json
import os
import re
import resource
import signal
import socket
import threading
import time

from message import Failure
from robot import draw
from world import FORMS, LOCAL, MISTAKES

ASKS = ("status", "calls", "calls --trunk carrier --limit 3", "timers", "timers --limit 2", "trunks", "nodes",
        "registrations", "registrations --limit 5", f"registrations user1@{LOCAL}", "peers", "bans", "help", "metrics",
        "log level", "route test answer-1 --from carrier", "route test barred-1 --from carrier", "reload --plan",
        "stun", "trace show", "call show ID", "call ladder ID", "timers ID", "call end ID", "call show nobody", "call",
        "no such command")
PATHS = ("/", "/metrics", "/api/status", "/api/calls", "/api/calls/ID", "/api/calls/ID/ladder", "/api/timers",
         "/api/trunks", "/api/nodes", "/api/registrations?limit=3", "/api/peers", "/api/calls?trunk=%63arrier",
         "/api/calls/%00", "/api/nothing", "/api/calls/" + "a" * 9000, "/%zz")
POST = b"POST /api/maintenance HTTP/1.1\r\nHost: x\r\n"
BAD_HTTP = (b"GET / HTTP/1.1\r\n", b"\0" * 3000, POST + b"Content-Length: 99999999\r\n\r\n{", b"GET " + b"/" * 40000,
            POST + b"Transfer-Encoding: chunked\r\n\r\nfffffff\r\n", b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n" * 3,
            POST + b"Content-Length: 5\r\n\r\n[1,2]")
DEEDS = {"ask": 30, "http": 16, "bad_http": 4, "control": 3, "reload": 4, "maintenance": 1, "drain_node": 2, "stun": 1,
         "trace": 2, "log": 1, "ban": 2, "signal": 3, "disk": 1, "disks": 1, "rotate": 1, "explain": 1}
STRIKES = {"kill": 3, "hang": 3, "stop": 2, "maintenance": 2, "busy": 2, "refuse": 2}
COUNTER = re.compile(r"^(twinleg_\w+_total(?:\{[^}]*\})?) (\S+)$", re.M)


class Worker(threading.Thread):
    """does one thing after the other until it is told to end; what it finds wrong is in `faults`"""

    def __init__(self, world, rng, tally, pause_s):
        super().__init__(daemon=True)
        self.world, self.rng, self.tally, self.pause_s = world, rng, tally, pause_s
        self.faults, self.stopping = [], threading.Event()

    def run(self):
        while not self.stopping.wait(self.rng.uniform(0, self.pause_s)):
            try:
                self.step()
            except (OSError, http.client.HTTPException) as trouble:
                self.tally[f"{type(self).__name__}: {type(trouble).__name__}"] += 1
            except (Failure, ValueError) as trouble:
                self.faults.append(f"{type(trouble).__name__}: {trouble}")

    def end(self):
        self.stopping.set()
        self.join(60)


class Steward(Worker):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.call_ids, self.counters, self.reloads = ["0"], {}, 0

    def step(self):
        deed = draw(self.rng, DEEDS)
        self.tally[f"operator {deed}"] += 1
        getattr(self, deed)()

    def ctl(self, *words):
        """exit 0, or 1 and a word why; JSON where it was asked for"""
        code, out, err = self.world.ctl(*words)
        if code not in (0, 1) or (code == 1 and not (err or out)) or "Sanitizer" in err:
            self.faults.append(f"twinlegctl {' '.join(words)}: exit {code}: {err[:1500]}")
        if words[0] == "-j" and code == 0:
            return json.loads(out)
        return out

    def ask(self):
        words = [self.rng.choice(self.call_ids) if word == "ID" else word for word in self.rng.choice(ASKS).split()]
        answer = self.ctl("-j", *words)
        if words[0] == "calls" and answer:
            self.call_ids = [one["call_id"] for one in answer["calls"]] or ["0"]
        if words[0] == "metrics" and answer:
            self.grown(answer["metrics"])
        if self.rng.random() < 0.2:
            self.ctl(*words)

    def grown(self, text):
        """no counter gets smaller, but those of what a reload has taken away"""
        for name, value in COUNTER.findall(text):
            value = float(value)
            if value < self.counters.get(name, 0) and "spare" not in name and "fellow" not in name:
                self.faults.append(f"{name} was {self.counters[name]:g} and is {value:g}")
            self.counters[name] = value

    # --- HTTP
    def http(self):
        link = http.client.HTTPConnection(*self.world.http(), timeout=10)
        for _ in range(self.rng.randrange(1, 4)):
            method = draw(self.rng, {"GET": 20, "HEAD": 1, "POST": 2, "DELETE": 2, "PUT": 1, "OPTIONS": 1})
            path = self.rng.choice(PATHS).replace("ID", self.rng.choice(self.call_ids))
            body = None
            if method == "POST":
                path = self.rng.choice(("/api/maintenance", "/api/reload", "/api/status"))
                body = self.rng.choice(("", "{}", "[", '{"plan": true}', '{"on": 7}', "x" * 70000))
            link.request(method, path, body, {"Content-Type": "application/json"} if body else {})
            answer = link.getresponse()
            text = answer.read()
            if answer.status == 200 and path.startswith("/api") and method == "GET":
                json.loads(text)
        link.close()

    def bad_http(self):
        with socket.create_connection(self.world.http(), 3) as sock:
            sock.sendall(self.rng.choice(BAD_HTTP))
            if self.rng.random() < 0.5:
                sock.settimeout(1)
                sock.recv(1000)

    def control(self):
        """the operator's socket by those who do not know it"""
        with socket.socket(socket.AF_UNIX) as sock:
            sock.connect(os.path.relpath(f"{self.world.bed.folder}/twinleg.sock"))
            sock.sendall(self.rng.choice((b"\0\xff\n", b"a" * 3000, b"status", b'call show "\n', b"status\n", b"\n")))
            sock.settimeout(self.rng.choice((0.01, 1)))
            sock.recv(100)

    # --- the configuration
    def reload(self):
        is_bad = self.rng.random() < 0.25
        self.world.write(**(self.rng.choice(FORMS) if self.rng.random() < 0.7 else {}),
                         **({"bad": self.rng.choice(MISTAKES)} if is_bad else {}))
        how = self.rng.choice(("ctl", "http", "signal"))
        if how == "signal":
            self.world.daemon.signal(signal.SIGHUP)
        elif how == "http":
            link = http.client.HTTPConnection(*self.world.http(), timeout=10)
            link.request("POST", "/api/reload", "{}", {"Content-Type": "application/json"})
            link.getresponse().read()
            link.close()
        else:
            code, out, err = self.world.ctl("reload")
            if (code == 0) == is_bad and "under way" not in err:
                self.faults.append(f"a {'bad' if is_bad else 'good'} file: exit {code}: {out[-300:]} {err[-300:]}")

    def maintenance(self):
        self.ctl("maintenance", "on", *(("--retry-after", "3") if self.rng.random() < 0.5 else ()))
        self.stopping.wait(self.rng.uniform(0.5, 4))
        self.ctl("maintenance", "off")

    def drain_node(self):
        name = self.rng.choice(list(self.world.nodes))
        self.ctl("node", "maintenance", name, "on")
        self.stopping.wait(self.rng.uniform(0, 3))
        self.ctl("node", "maintenance", name, "off")

    def stun(self):
        self.ctl("stun", "off")
        self.stopping.wait(self.rng.uniform(0, 2))
        self.ctl("stun", "on")

    def trace(self):
        path = f"{self.world.bed.folder}/trace.pcap"
        self.ctl("trace", "start", path, *self.rng.choice(((), ("--max-mb", "1"), ("--filter", "trunk", "carrier"))))
        self.stopping.wait(self.rng.uniform(0, 2))
        self.ctl("trace", "stop")

    def log(self):
        self.ctl("log", "level", self.rng.choice(("debug", "warn", "error")))
        self.stopping.wait(self.rng.uniform(0, 1))
        self.ctl("log", "level", "info")

    def ban(self):
        host = self.world.host(self.rng.randrange(150, 200))
        self.ctl("ban", self.rng.choice(("add", "remove")), host)
        if self.rng.random() < 0.5:
            self.ctl("ban", "remove", host)

    def explain(self):
        path = f"{self.world.bed.folder}/explained.sip"
        with open(path, "w", encoding="ascii", newline="") as out:
            out.write("INVITE sip:answer-1@x SIP/2.0\r\nVia: SIP/2.0/UDP x;branch=z9hG4bK1\r\nFrom: <sip:1@x>;tag=1\r\n"
                      "To: <sip:answer-1@x>\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\nContact: <sip:x>\r\n"
                      "Content-Length: 0\r\n\r\n")
        self.ctl("explain", path, "--from", "carrier")

    # --- signals and files
    def signal(self):
        self.world.daemon.signal(signal.SIGUSR1)

    def rotate(self):
        with self.world.records:
            os.rename(self.world.daemon.cdr_path, f"{self.world.daemon.cdr_path}.{time.monotonic_ns()}")
            self.world.daemon.signal(signal.SIGHUP)
            self.stopping.wait(0.2)

    def disk(self):
        """it takes no records for a while"""
        path = self.world.daemon.cdr_path
        with self.world.records:
            os.rename(path, f"{path}.{time.monotonic_ns()}")
            os.symlink("/dev/full", path)
            self.world.daemon.signal(signal.SIGHUP)
            self.stopping.wait(self.rng.uniform(1, 4))
            os.unlink(path)
            self.world.daemon.signal(signal.SIGHUP)
            self.stopping.wait(0.2)


    def disks(self):
        """no file may grow: neither registrations on disk nor the log nor a trace"""
        pid = self.world.daemon.run.pid
        soft, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (1, hard))
        self.stopping.wait(self.rng.uniform(1, 4))
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (soft, hard))


class Breaker(Worker):
    """one call manager, or the fellow node, at a time"""

    def step(self):
        if self.rng.random() < 0.25:
            self.break_fellow()
            return
        node, strike = self.rng.choice(list(self.world.nodes.values())), draw(self.rng, STRIKES)
        self.tally[f"node {strike}"] += 1
        seconds = self.rng.uniform(0.5, 6)
        if strike in ("maintenance", "busy"):
            node.order(strike)
            self.stopping.wait(seconds)
            node.order("well")
        elif strike == "hang":
            node.hang()
            self.stopping.wait(seconds)
            node.go_on()
        else:
            {"kill": node.kill, "stop": node.stop, "refuse": lambda: node.order("refuse")}[strike]()
            self.stopping.wait(seconds)
            node.end()
            node.start()

    def break_fellow(self):
        self.tally["fellow"] += 1
        run = self.world.fellow.run
        how = self.rng.choice(("kill", "freeze", "stop"))
        run.send_signal({"kill": signal.SIGKILL, "freeze": signal.SIGSTOP, "stop": signal.SIGTERM}[how])
        self.stopping.wait(self.rng.uniform(1, 12))
        if how == "freeze":
            run.send_signal(signal.SIGCONT)
            return
        code = run.wait(30)
        if code != (0 if how == "stop" else -signal.SIGKILL):
            self.faults.append(f"the fellow node: exit {code}: {self.world.fellow.log()[-3000:]}")
        self.world.start_fellow()
