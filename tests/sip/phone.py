"""A client that registers and knows AR_SK: one flow (UDP, TCP, TLS) that carries SIP and STUN."""
import select
import socket
import time

import stun
from message import Failure, Msg, fresh


class Phone:
    def __init__(self, proto, host, to, tls=None, user="alice", domain="a.example"):
        self.proto, self.to, self.user, self.domain = proto, to, user, domain
        self.cseq, self.call_id, self.tag = 0, fresh("cid"), fresh("tag")
        self.rest, self.heard = b"", []
        kind = socket.SOCK_DGRAM if proto == "udp" else socket.SOCK_STREAM
        self.sock = socket.socket(socket.AF_INET, kind)
        self.sock.bind((host, 0))
        self.sock.settimeout(5)
        self.sock.connect(to)
        if tls:
            self.sock = tls["client"].wrap_socket(self.sock, server_hostname=to[0])
        self.host, self.port = self.sock.getsockname()
        self.sock.setblocking(False)

    def close(self):
        self.sock.close()

    def send(self, raw):
        self.sock.setblocking(True)
        self.sock.sendall(raw)
        self.sock.setblocking(False)

    def _read(self, seconds):
        pending = self.proto == "tls" and self.sock.pending()
        if not pending and not select.select([self.sock], [], [], max(0, seconds))[0]:
            return
        try:
            data = self.sock.recv(65536)
        except OSError:                 # nothing whole yet, or an ICMP error
            return
        if self.proto == "udp":
            self.heard.append(data)
            return
        if not data:
            raise Failure("the connection was closed")
        found, self.rest = stun.cut(self.rest + data)
        self.heard += found

    def wait(self, match, seconds):
        """the first message that fits, or None"""
        end = time.monotonic() + seconds
        while True:
            for raw in self.heard:
                if match(raw):
                    self.heard.remove(raw)
                    return raw
            if time.monotonic() > end:
                return None
            self._read(end - time.monotonic())

    def keepalive(self, seconds=3.0):
        """is it answered within that time, with our own address?"""
        number, raw = stun.request()
        self.send(raw)
        got = self.wait(lambda m: m[0] < 4 and stun.number_of(m) == number, seconds)
        if got and stun.mapped(got) != (self.host, self.port):
            raise Failure(f"STUN answer with {stun.mapped(got)} to {self.host}:{self.port}")
        return got is not None

    def request(self, method, extra=""):
        """bytes of a REGISTER or OPTIONS, with the CSeq that its answer has"""
        self.cseq += 1
        aor = f"sip:{self.user}@{self.domain}"
        return (f"{method} sip:{self.domain} SIP/2.0\r\n"
                f"Via: SIP/2.0/{self.proto.upper()} {self.host}:{self.port};branch=z9hG4bK{fresh('b')};rport\r\n"
                f"Max-Forwards: 70\r\nFrom: <{aor}>;tag={self.tag}\r\n"
                f"To: <{aor}>\r\nCall-ID: {self.call_id}\r\nCSeq: {self.cseq} {method}\r\n"
                f"User-Agent: Phone/1.0\r\n{extra}Content-Length: 0\r\n\r\n").encode()

    def hear(self, method, seconds=10.0):
        """the final answer to the last request"""
        wanted = f"CSeq: {self.cseq} {method}".encode()
        raw = self.wait(lambda m: m.startswith(b"SIP/2.0 ") and m[8:9] != b"1" and wanted in m, seconds)
        if raw is None:
            raise Failure(f"no answer to {method} within {seconds:g} s")
        return Msg(raw)

    def ask_keepalive(self):
        self.send(stun.request()[1])

    def register(self, seconds=10.0, caps=";x-cisco-mra-ha=AR_SK"):
        """the final answer"""
        contact = (f"Contact: <sip:{self.user}@{self.host}:{self.port};transport={self.proto}>;expires=600"
                   f"{caps}\r\n")
        self.send(self.request("REGISTER", contact))
        return self.hear("REGISTER", seconds)
