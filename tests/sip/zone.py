"""A name server for one case: dnsmasq on an address of the case's own, its zone *.test written by the case."""
import os
import shutil
import signal
import subprocess
import time

from message import Failure

PORT = 17053
PROGRAM = shutil.which("dnsmasq") or "/usr/sbin/dnsmasq"


class Zone:
    """Records: ("a", name, address), ("srv", name, target, port, priority, weight), ("naptr", name, order, preference,
    flag, service, replacement). All live one second."""

    def __init__(self, bed, last=53):
        """last: of its address"""
        self.bed, self.run = bed, None
        self.address = bed.host(last)

    def keys(self, timeout_ms=300):
        """what the daemon's configuration says of it"""
        return f'dns = {{ servers = [ "{self.address}:{PORT}" ]; timeout_ms = {timeout_ms}; tries = 2; }};'

    def _line(self, kind, *fields):
        if kind == "a":
            return "host-record={},{},1".format(*fields)
        if kind == "srv":
            return "srv-host={},{},{},{},{}".format(*fields)
        name, order, preference, flag, service, replacement = fields
        return f"naptr-record={name},{order},{preference},{flag},{service},,{replacement}"

    def serve(self, *records):
        """from now on these; returns when they are answered"""
        self.stop()
        path = f"{self.bed.folder}/dnsmasq.conf"
        with open(path, "w", encoding="ascii") as out:
            out.write(f"port={PORT}\nlisten-address={self.address}\nbind-interfaces\nno-resolv\nno-hosts\n"
                      "local=/test/\nlocal-ttl=1\nuser=\ngroup=\npid-file=\nlog-facility=-\n")
            out.write("".join(self._line(*record) + "\n" for record in (("a", "ready.test", "127.0.0.1"), *records)))
        with open(f"{self.bed.folder}/dnsmasq.log", "a", encoding="utf-8") as log:
            self.run = subprocess.Popen([PROGRAM, "-k", "-C", path], stdout=log, stderr=log)
        self._await_ready()
        return self

    def _await_ready(self):
        end = time.monotonic() + 10
        while time.monotonic() < end and self.run.poll() is None:
            with open("/proc/net/udp", encoding="ascii") as lines:
                packed = "".join(f"{int(part):02X}" for part in reversed(self.address.split(".")))
                if f"{packed}:{PORT:04X}" in lines.read():
                    return
            time.sleep(0.02)
        raise Failure(f"dnsmasq does not serve: exit {self.run.poll()}")

    def freeze(self):
        """takes questions and says nothing"""
        os.kill(self.run.pid, signal.SIGSTOP)

    def thaw(self):
        os.kill(self.run.pid, signal.SIGCONT)

    def stop(self):
        if self.run is None:
            return
        self.run.kill()
        self.run.wait()
        self.run = None
