"""The daemon under test: its configuration, start, status and end.

Side a (the carrier's) lives on 127.0.1.x, side b (the call manager's) on 127.0.2.x, the daemon on 127.0.0.10 towards a
and 127.0.0.20 towards b. Each trunk has a listener of its own and three digits that lead to it."""
import json
import os
import re
import signal
import subprocess
import time

LIVE = "sip:127.0.2.1:17200"
NOBODY = "sip:127.0.2.3:17290"
# name: (listeners, sources, targets, other keys). A listener is (transport, address, port).
TRUNKS = {
    "a-udp": ([("udp", "127.0.0.10", 17001)], "127.0.1.0/24", ["sip:127.0.1.1:17100"], ""),
    "a-tcp": ([("tcp", "127.0.0.10", 17002)], "127.0.1.0/24", ["sip:127.0.1.1:17100;transport=tcp"], ""),
    "a-tls": ([("tls", "127.0.0.10", 17003)], "127.0.1.0/24", ["sip:127.0.1.1:17101;transport=tls"], ""),
    "a-v6": ([("udp", "::1", 17004)], "::1", ["sip:[::1]:17110"], ""),
    "b-udp": ([("udp", "127.0.0.20", 17011)], "127.0.2.0/24", [LIVE], ""),
    "b-tcp": ([("tcp", "127.0.0.20", 17012)], "127.0.2.0/24", [LIVE + ";transport=tcp"], ""),
    "b-tls": ([("tls", "127.0.0.20", 17013)], "127.0.2.0/24", ["sip:127.0.2.1:17201;transport=tls"], ""),
    "b-both": ([("udp", "127.0.0.20", 17014), ("tcp", "127.0.0.20", 17014)], "127.0.2.0/24", [LIVE], ""),
    "b-sipp-udp": ([("udp", "127.0.0.20", 17015)], "127.0.2.0/24", ["sip:127.0.2.2:17250"], ""),
    "b-sipp-tcp": ([("tcp", "127.0.0.20", 17016)], "127.0.2.0/24", ["sip:127.0.2.2:17250;transport=tcp"], ""),
    "b-require": ([("udp", "127.0.0.20", 17017)], "127.0.2.0/24", [LIVE], 'rel100 = "require";'),
    "b-refused": ([("udp", "127.0.0.20", 17021)], "127.0.2.0/24", [NOBODY, LIVE], ""),
    "b-silent": ([("udp", "127.0.0.20", 17022)], "127.0.2.0/24", ["sip:127.0.2.4:17280", LIVE],
                 "timers = { no_reply_ms = 700; };"),
    "b-busy": ([("udp", "127.0.0.20", 17023)], "127.0.2.0/24", ["sip:127.0.2.4:17280", LIVE], ""),
    "b-ringing": ([("udp", "127.0.0.20", 17024)], "127.0.2.0/24", ["sip:127.0.2.4:17280", LIVE],
                  "timers = { no_answer_s = 2; };"),
    "b-dead": ([("udp", "127.0.0.20", 17025)], "127.0.2.0/24", [NOBODY, "sip:127.0.2.3:17291"], ""),
    "b-dead-silent": ([("udp", "127.0.0.20", 17026)], "127.0.2.0/24", ["sip:127.0.2.4:17280"],
                      "timers = { no_reply_ms = 700; };"),
    "b-slow": ([("udp", "127.0.0.20", 17027)], "127.0.2.0/24", ["sip:127.0.2.6:17283"], ""),
    "b-refused-tcp": ([("tcp", "127.0.0.20", 17028)], "127.0.2.0/24",
                      [NOBODY + ";transport=tcp", LIVE + ";transport=tcp"], ""),
}
CODES = {name: str(200 + n) for n, name in enumerate(TRUNKS)}


def side_of(end):
    """whose an end of a packet is: a, b, or None for the daemon (or nobody)"""
    host, port = end
    if host.startswith("127.0.1.") or (host == "::1" and 17100 <= port < 17200):
        return "a"
    if host.startswith("127.0.2.") or (host == "::1" and 17200 <= port < 17300):
        return "b"
    return None


def listener(trunk):
    """where a trunk's peers send to"""
    return TRUNKS[trunk][0][0][1:]


def write_config(folder, workers):
    listens, trunks, routes = [], [], []
    for name, (listeners, source, targets, rest) in TRUNKS.items():
        names = []
        for proto, host, port in listeners:
            names.append(f"{name}-{proto}")
            tls = ' tls = "default";' if proto == "tls" else ""
            where = f'address = "{host}"; port = {port};'
            listens.append(f'  {{ name = "{names[-1]}"; transport = "{proto}"; {where}{tls} }}')
        listen = ", ".join(f'"{n}"' for n in names)
        to = ", ".join(f'{{ uri = "{uri}"; preference = {n}; }}' for n, uri in enumerate(targets))
        trunks.append(f'  {{ name = "{name}"; listen = [ {listen} ]; sources = [ "{source}" ];\n'
                      f'    targets = ( {to} ); {rest} }}')
        routes.append(f'  {{ name = "to-{name}"; called = "{CODES[name]}T"; to = ( {{ trunk = "{name}"; }} ); }}')
    with open(f"{folder}/routes.cfg", "w", encoding="utf-8") as out:
        out.write("routes = (\n" + ",\n".join(routes) + "\n);\n")
    with open(f"{folder}/twinleg.cfg", "w", encoding="utf-8") as out:
        out.write(f'node = {{ name = "test"; workers = {workers}; state_dir = "{folder}"; drain_seconds = 40; }};\n'
                  "listen = (\n" + ",\n".join(listens) + "\n);\n"
                  'tls = ( { name = "default"; certificate = "cert.pem"; key = "key.pem"; ca = "cert.pem"; } );\n'
                  "trunks = (\n" + ",\n".join(trunks) + "\n);\n"
                  'routes = ( "routes.cfg" );\nsecurity = { partial_message_timeout_s = 2; };\n'
                  'admin = { http = ""; socket = ""; cdr = "cdr.jsonl"; log = "stderr"; log_level = "info"; };\n')


def write_certificate(folder):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=test",
                    "-addext", "subjectAltName=IP:127.0.0.10,IP:127.0.0.20,IP:127.0.2.1,IP:127.0.1.1",
                    "-keyout", f"{folder}/key.pem", "-out", f"{folder}/cert.pem"], check=True, capture_output=True)


class Daemon:
    def __init__(self, program, folder, workers=2):
        self.program = program
        self.folder, self.log_path, self.cdr_path = folder, f"{folder}/daemon.log", f"{folder}/cdr.jsonl"
        write_certificate(folder)
        write_config(folder, workers)
        self.run = subprocess.Popen([os.path.abspath(program), "-c", f"{folder}/twinleg.cfg"], cwd=folder,
                                    stdout=subprocess.DEVNULL, stderr=open(self.log_path, "w", encoding="utf-8"))
        if not self.await_line("twinleg ready", 15):
            self.run.kill()
            raise SystemExit(f"the daemon did not get ready:\n{self.log()[-3000:]}")

    def log(self):
        return open(self.log_path, encoding="utf-8", errors="replace").read()

    def await_line(self, text, seconds, after=0):
        """the first line with this text past an offset of the log"""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = re.search(f"^.*{re.escape(text)}.*$", self.log()[after:], re.M)
            if found:
                return found.group(0)
            if self.run.poll() is not None:
                return None
            time.sleep(0.05)
        return None

    def status(self):
        """the counters of the status line, as numbers"""
        at = len(self.log())
        self.run.send_signal(signal.SIGUSR1)
        return counters(self.await_line("status", 5, at) or "")

    def rss_kib(self):
        return int(re.search(r"VmRSS:\s+(\d+)", open(f"/proc/{self.run.pid}/status", encoding="ascii").read()).group(1))

    def alive(self):
        return self.run.poll() is None

    def stop(self):
        """(exit code, counters of the last line) after a drain"""
        if self.alive():
            self.run.send_signal(signal.SIGTERM)
        try:
            code = self.run.wait(90)
        except subprocess.TimeoutExpired:
            self.run.kill()
            code = "still there after 90 s"
        lines = [line for line in self.log().splitlines() if "calls=" in line and "transactions=" in line]
        return code, counters(lines[-1]) if lines else {}

    def records(self):
        """call records by call: id -> [leg records]"""
        calls = {}
        if os.path.exists(self.cdr_path):
            for line in open(self.cdr_path, encoding="utf-8"):
                record = json.loads(line)
                calls.setdefault(record["call_id"], []).append(record)
        return calls


def counters(line):
    return {key: int(value) for key, value in re.findall(r"(\w+)=(\d+)\b", line)}
