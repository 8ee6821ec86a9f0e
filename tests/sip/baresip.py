"""A real phone: baresip, driven by its control port."""
import json
import os
import signal
import socket
import subprocess
import time

from message import Failure

MODULES = "/usr/lib/baresip/modules"
CONFIG = """poll_method epoll
sip_listen {host}:{port}
call_local_timeout 30
call_max_calls 4
audio_player aubridge,loop
audio_source aubridge,loop
audio_alert aubridge,loop
rtp_ports {rtp}-{rtp_end}
module_path {modules}
module g711.so
module aubridge.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen {host}:{control}
"""


class Baresip:
    def __init__(self, bed, user, number, outbound, proto="udp", password="secret"):
        self.host, self.control = bed.host(5), 17305 + 20 * number
        folder = f"{bed.folder}/baresip-{user}-{number}"
        os.mkdir(folder)
        with open(f"{folder}/config", "w", encoding="ascii") as out:
            out.write(CONFIG.format(host=self.host, port=17301 + 20 * number, control=self.control, modules=MODULES,
                                    rtp=17610 + 10 * number, rtp_end=17619 + 10 * number))
        with open(f"{folder}/accounts", "w", encoding="ascii") as out:
            out.write(f'<sip:{user}@a.example;transport={proto}>;auth_user={user};auth_pass={password};'
                      f'outbound="sip:{outbound[0]}:{outbound[1]};transport={proto}";regint=60;answermode=manual\n')
        self.log_path = f"{folder}/log"
        self.rest, self.events, self.sock = b"", [], None
        with open(self.log_path, "w", encoding="ascii") as log:
            self.run = subprocess.Popen(["baresip", "-f", folder], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                        start_new_session=True)

    def _connect(self, end):
        while self.sock is None:
            try:
                self.sock = socket.create_connection((self.host, self.control), 1)
            except OSError as error:
                if time.monotonic() > end:
                    raise Failure(f"baresip does not listen: {error}") from error
                time.sleep(0.05)

    def _read(self):
        self.sock.settimeout(0.2)
        try:
            self.rest += self.sock.recv(65536)
        except OSError:
            return
        while b":" in self.rest:                # netstrings
            size, _, rest = self.rest.partition(b":")
            if len(rest) <= int(size):
                break
            self.events.append(json.loads(rest[:int(size)]))
            self.rest = rest[int(size) + 1:]

    def await_event(self, kind, seconds=8.0):
        end = time.monotonic() + seconds
        self._connect(end)
        while True:
            found = next((event for event in self.events if event.get("type") == kind), None)
            if found:
                self.events.remove(found)
                return found
            if time.monotonic() > end:
                raise Failure(f"baresip says no {kind} within {seconds:g} s, but {self.events}")
            self._read()

    def hear(self):
        """events are told to who is connected alone: from here on none is missed"""
        self.command("reginfo")
        end = time.monotonic() + 8
        while not any("response" in event for event in self.events):
            if time.monotonic() > end:
                raise Failure("baresip answers no command")
            self._read()
        self.events = [event for event in self.events if "response" not in event]

    def command(self, name, params=""):
        self._connect(time.monotonic() + 5)
        text = json.dumps({"command": name, "params": params, "token": "t"}).encode()
        self.sock.sendall(b"%d:%s," % (len(text), text))

    def stop(self):
        if self.sock:
            self.sock.close()
        if self.run.poll() is None:
            os.killpg(self.run.pid, signal.SIGTERM)
            try:
                self.run.wait(5)
            except subprocess.TimeoutExpired:
                os.killpg(self.run.pid, signal.SIGKILL)
                self.run.wait()
