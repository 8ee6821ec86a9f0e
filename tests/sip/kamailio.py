"""A real Kamailio in the place of side b: it asks for credentials at every request, and hands calls on to b-other."""
import os
import re
import subprocess
import time

from message import Failure

HERE = os.path.dirname(os.path.abspath(__file__))


class Kamailio:
    def __init__(self, bed, password="secret", algorithm="MD5", expire_s=300):
        _, host, port = bed.place("b-udp")
        _, friend, friend_port = bed.place("b-other")
        self.log_path = f"{bed.folder}/kamailio.log"
        names = {"HERE": f"udp:{host}:{port}", "NEXT": f'"sip:{friend}:{friend_port}"', "FRIEND": f'"{friend}"',
                 "REALM": '"carrier.example"', "PASSWORD": f'"{password}"', "ALGORITHM": f'"{algorithm}"',
                 "EXPIRE": str(expire_s)}
        words = [word for name, value in names.items() for word in ("-A", f"{name}={value}")]
        with open(self.log_path, "w", encoding="utf-8") as log:
            command = ["kamailio", "-DD", "-E", "-f", f"{HERE}/kamailio_auth.cfg", "-m", "16", "-M", "4"]
            self.run = subprocess.Popen([*command, "-Y", bed.folder, *words], stdout=log, stderr=log)
        self._await_port(host, port)

    def _await_port(self, host, port):
        wanted = "{:02X}{:02X}{:02X}{:02X}:{:04X}".format(*[int(n) for n in reversed(host.split("."))], port)
        end = time.monotonic() + 15
        while time.monotonic() < end and self.run.poll() is None:
            with open("/proc/net/udp", encoding="ascii") as sockets:
                if wanted in sockets.read():
                    return
            time.sleep(0.02)
        raise Failure(f"kamailio did not start: {self.log()[-500:]}")

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as log:
            return log.read()

    def said(self):
        """what it decided, in order: (challenge, good or maintained, method)"""
        return re.findall(r"\b(challenge|good|maintained) ([A-Z]+)\b", self.log())

    def count(self, what, method):
        return self.said().count((what, method))

    def await_count(self, what, method, number, seconds=5.0):
        end = time.monotonic() + seconds
        while self.count(what, method) < number:
            if time.monotonic() > end:
                raise Failure(f"kamailio: no {number} times {what} {method}: {self.said()}")
            time.sleep(0.02)

    def stop(self):
        self.run.terminate()
        try:
            self.run.wait(10)
        except subprocess.TimeoutExpired:
            self.run.kill()
            self.run.wait()
