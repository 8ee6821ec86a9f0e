#!/usr/bin/env python3
"""A call manager that takes every REGISTER, says AR_SK and answers STUN on the connections of SIP: a process of its
own, to be killed, stopped and started anew. manager.py PROTO HOST PORT [SECONDS]; over UDP or TCP. Registrations are
granted for SECONDS, or as they were asked for. SIGUSR1: maintenance begins or ends."""
import os
import re
import select
import signal
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import stun  # noqa: E402


class Manager:
    """The process, as a test has it."""
    script = os.path.abspath(__file__)

    def __init__(self, proto, host, port, granted_s=None):
        self.place = proto, host, port
        self.more = [] if granted_s is None else [str(granted_s)]
        self.run = None
        self.start()

    def uri(self):
        proto, host, port = self.place
        return f"sip:{host}:{port};transport={proto}"

    def start(self):
        proto, host, port = self.place
        self.run = subprocess.Popen([sys.executable, self.script, proto, host, str(port), *self.more],
                                    stdout=subprocess.PIPE)
        self.run.stdout.readline()

    def kill(self):
        self.run.kill()
        self.run.wait()

    def stop(self):
        self.run.send_signal(signal.SIGSTOP)

    def maintain(self):
        """begins, or ends"""
        self.run.send_signal(signal.SIGUSR1)

    def go_on(self):
        self.run.send_signal(signal.SIGCONT)

    def end(self):
        if self.run.poll() is None:
            self.run.kill()
            self.run.wait()
        self.run.stdout.close()


# --- the process itself

class State:
    maintained, granted_s = False, None


def refusal(raw, keep, to):
    """503 to what is new in maintenance"""
    host = re.search(rb"(?i)\nvia:[^;]*", raw).group(0).split()[-1].partition(b":")[0]
    return b"\r\n".join([b"SIP/2.0 503 Service Unavailable", *keep, to, b"Retry-After: 120",
                         b'Warning: 382 ' + host + b' "System in Maintenance Mode"', b"Content-Length: 0",
                         b"", b""])


def response(raw):
    """200 to whatever was asked"""
    lines = raw.partition(b"\r\n\r\n")[0].split(b"\r\n")
    keep = [line for line in lines if re.match(rb"(?i)(via|v|from|f|call-id|i|cseq|contact|m)[ \t]*:", line)]
    to = next(line for line in lines if re.match(rb"(?i)(to|t)[ \t]*:", line))
    to = to if b";tag=" in to else to + b";tag=manager"
    if State.maintained and not raw.startswith(b"OPTIONS"):
        return refusal(raw, keep, to)
    if State.granted_s:
        keep = [re.sub(rb"(?i);expires=\d+", b"", line) for line in keep] + [b"Expires: " + State.granted_s]
    more = [to, b"Supported: X-cisco-supports-AR_SK",
            b"Content-Length: 0"]
    return b"\r\n".join([b"SIP/2.0 200 OK", *keep, *more]) + b"\r\n\r\n"


def reply(raw, peer):
    if raw[0] < 4:
        return stun.answer(raw, peer[0], peer[1]) if stun.kind(raw) == stun.REQUEST else b""
    return b"" if raw.startswith((b"SIP/2.0", b"ACK ")) else response(raw)


def serve_udp(sock):
    while True:
        raw, peer = sock.recvfrom(65536)
        if raw.strip():
            sock.sendto(reply(raw, peer), peer)


def serve_tcp(sock):
    parts = {}
    sock.listen(64)
    while True:
        for one in select.select([sock, *parts], [], [])[0]:
            if one is sock:
                parts[sock.accept()[0]] = b""
                continue
            data = one.recv(65536)
            if not data:
                parts.pop(one)
                one.close()
                continue
            found, parts[one] = stun.cut(parts[one] + data)
            one.sendall(b"".join(reply(raw, one.getpeername()) for raw in found))


def main():
    proto, host, port = sys.argv[1:4]
    State.granted_s = sys.argv[4].encode() if len(sys.argv) > 4 else None
    signal.signal(signal.SIGUSR1, lambda *_: setattr(State, "maintained", not State.maintained))
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM if proto == "udp" else socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    end = time.monotonic() + 5
    while True:
        try:
            sock.bind((host, int(port)))
            break
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
    if proto == "tcp":
        sock.listen(64)
    print("ready", flush=True)
    (serve_udp if proto == "udp" else serve_tcp)(sock)


if __name__ == "__main__":
    main()
