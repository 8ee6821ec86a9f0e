"""Strangers, and trunks out of their mind: garbage, halves, slow bytes, floods of connections, spoiled messages."""
import contextlib
import os
import socket
import ssl
import struct
import threading
import time

import stun

HEAD = (b"INVITE sip:1@x SIP/2.0\r\nVia: SIP/2.0/TCP x;branch=z9hG4bK1\r\nFrom: <sip:x@x>;tag=1\r\nTo: <sip:y@x>\r\n"
        b"Call-ID: 1\r\n")
DEEDS = ("garbage", "spoil", "spoil", "spoil", "oversize", "keepalives", "halves", "slow", "endless", "many",
         "handshake", "length", "scan", "reset")
SPOILERS = (b"\0", b"\r\n", b"\r\n\r\n", b";", b"<", b">", b'"', b"%00", b"\xff\xfe", b"@", b",", b"sip:", b"z9hG4bK",
            b"A" * 3000, b"999999999999999999999", b"-1", b"Content-Length: 0\r\n", b"Via: \r\n", b":", b"INVITE",
            b"Replaces=", b"tag=")


class Menace(threading.Thread):
    def __init__(self, world, rng, tally, samples):
        super().__init__(daemon=True)
        self.world, self.rng, self.tally, self.samples, self.over = world, rng, tally, samples, False

    def run(self):
        while not self.over:
            deed = self.rng.choice(DEEDS)
            self.tally[f"menace {deed}"] += 1
            try:
                getattr(self, deed)()
            except (OSError, ssl.SSLError):
                self.tally["menace cut off"] += 1
            time.sleep(self.rng.uniform(0.05, 0.6))

    def end(self):
        self.over = True
        self.join(20)

    # --- who, and where to
    def where(self):
        """(its address, where to): a stranger or a phone at the edge, or what has the address of a trunk"""
        place = self.rng.choice(("edge", "edge", "outside", "inside"))
        if place == "edge":
            return self.world.host(self.rng.randrange(150, 200)), self.world.edge("udp")
        if place == "outside":
            return self.world.host(self.rng.choice((129, 130, 160))), self.world.outside()
        return self.world.host(self.rng.choice((2, 3, 42, 161))), self.world.inside()

    @contextlib.contextmanager
    def stream(self, kind="any"):
        host, to = self.where()
        is_tls = kind == "tls" or self.rng.random() < 0.3
        if is_tls:
            host, to = self.world.host(self.rng.randrange(150, 200)), self.world.edge("tls")
        with socket.create_connection(to, 3, source_address=(host, 0)) as sock:
            if is_tls and kind != "raw":
                sock = self.world.bed.tls["client"].wrap_socket(sock, server_hostname=to[0])
            sock.settimeout(3)
            with sock:
                yield sock

    def datagram(self, raw):
        host, to = self.where()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.bind((host, 0))
            sock.sendto(raw, to)

    def somehow(self, raw):
        if self.rng.random() < 0.6 and len(raw) < 65000:
            self.datagram(raw)
        else:
            with self.stream() as sock:
                sock.sendall(raw)
                time.sleep(0.02)

    def bytes(self, most):
        return self.rng.randbytes(self.rng.randrange(1, most))

    # --- deeds
    def garbage(self):
        self.somehow(self.bytes(3000))

    def spoil(self):
        """what was said by somebody else, with some of it changed"""
        if not self.samples:
            return
        raw = bytearray(self.rng.choice(list(self.samples)))
        for _ in range(self.rng.randrange(0, 4)):
            at = self.rng.randrange(len(raw))
            if self.rng.random() < 0.5:
                raw[at:at + self.rng.randrange(4)] = self.rng.choice(SPOILERS)
            elif self.rng.random() < 0.5:
                raw[at] = self.rng.randrange(256)
            else:
                del raw[at:at + self.rng.randrange(60)]
            raw = raw or bytearray(b"\r\n")
        self.somehow(bytes(raw))

    def oversize(self):
        more = b"X-More: " + b"a" * self.rng.choice((1000, 30000, 64000, 66000, 90000)) + b"\r\n"
        self.somehow(HEAD + more + b"CSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n")

    def keepalives(self):
        with self.stream() as sock:
            for _ in range(self.rng.randrange(1, 30)):
                sock.sendall(self.rng.choice((stun.request()[1], b"\r\n\r\n", b"\r\n", stun.request()[1][:7], b"\0")))

    def halves(self):
        with self.stream() as sock:
            raw = HEAD + b"CSeq: 1 INVITE\r\nContent-Length: 99\r\n\r\nhalf"
            sock.sendall(raw[:self.rng.randrange(1, len(raw))])

    def slow(self):
        with self.stream() as sock:
            for at in range(self.rng.randrange(5, 40)):
                sock.sendall(HEAD[at:at + 1])
                time.sleep(0.05)

    def endless(self):
        with self.stream() as sock:
            for _ in range(self.rng.randrange(10, 60)):
                sock.sendall(b"X: " + os.urandom(900).hex().encode() + b"\r\n")

    def length(self):
        size = self.rng.choice((b"-5", b"99999999999", b"4294967296", b"65536", b"0x10", b"", b"1, 2"))
        self.somehow(HEAD + b"CSeq: 1 INVITE\r\nContent-Length: " + size + b"\r\n\r\nbody")

    def many(self):
        host, to = self.where()
        with contextlib.ExitStack() as held:
            for _ in range(self.rng.randrange(5, 60)):
                held.enter_context(socket.create_connection(to, 3, source_address=(host, 0)))
            time.sleep(0.2)

    def handshake(self):
        with self.stream(self.rng.choice(("raw", "tls"))) as sock:
            if not isinstance(sock, ssl.SSLSocket):
                sock.sendall(b"\x16\x03\x01" + struct.pack("!H", self.rng.randrange(9999)) + self.bytes(300))
            time.sleep(self.rng.choice((0, 0, 0.5, 2.5)))

    def scan(self):
        for number in range(self.rng.randrange(1, 15)):
            method = self.rng.choice((b"REGISTER", b"INVITE", b"OPTIONS", b"SUBSCRIBE", b"ACK", b"BYE", b"CANCEL"))
            self.datagram(HEAD.replace(b"INVITE", method, 1).replace(b"Call-ID: 1", b"Call-ID: s%d" % number)
                          + b"CSeq: 1 " + method + b"\r\nMax-Forwards: 9\r\nContent-Length: 0\r\n\r\n")

    def reset(self):
        with self.stream() as sock:
            sock.sendall(HEAD[:self.rng.randrange(len(HEAD))])
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
