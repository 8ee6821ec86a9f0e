"""An endpoint's socket (UDP, TCP, TLS) with an inbox. Exact copies of what has come before (retransmissions) are
skipped unless asked for."""
import re
import select
import socket
import time

from message import Failure, Msg


class Peer:
    """One endpoint. It may send to any address; over TCP and TLS it opens one connection an address and keeps it."""

    def __init__(self, proto, host, port, tls=None, listen=True):
        self.proto, self.host, self.port, self.tls = proto, host, port, tls
        self.name = None                # what it calls itself in Contact; None: its address
        self.family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.log, self.inbox, self.seen, self.open, self.parts = [], [], set(), {}, {}
        kind = socket.SOCK_DGRAM if proto == "udp" else socket.SOCK_STREAM
        self.sock = socket.socket(self.family, kind)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.sock.bind((host, port))
        if proto != "udp" and listen:
            self.sock.listen(64)
        self.sock.setblocking(False)

    def contact(self):
        return self.name or self.sent_by()

    def sent_by(self):
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def close(self):
        for conn in list(self.parts):
            conn.close()
        self.parts.clear()
        self.open.clear()
        self.sock.close()

    def drop_connections(self):
        for conn in list(self.parts):
            conn.close()
        self.parts.clear()
        self.open.clear()

    def connect(self, to):
        if to not in self.open:
            conn = socket.socket(self.family, socket.SOCK_STREAM)
            conn.bind((self.host, 0))
            conn.settimeout(5)
            conn.connect(to[:2])
            if self.tls:
                conn = self.tls["client"].wrap_socket(conn, server_hostname=to[0])
            conn.setblocking(False)
            self.open[to] = conn
            self.parts[conn] = b""
        return self.open[to]

    def send(self, raw, to):
        """`to`: an address, or the path of a received message"""
        self.log.append(("out", raw))
        if self.proto == "udp":
            self.sock.sendto(raw, to[:2])
            return
        conn = to if hasattr(to, "recv") else self.connect(to)
        conn.setblocking(True)
        conn.settimeout(5)
        conn.sendall(raw)
        conn.setblocking(False)

    def _take(self, raw, path):
        self.log.append(("in", raw))
        if raw.strip(b"\r\n"):
            self.inbox.append(Msg(raw, path))

    def _accept(self):
        conn, _ = self.sock.accept()
        if self.tls:
            conn.settimeout(5)
            try:
                conn = self.tls["server"].wrap_socket(conn, server_side=True)
            except OSError:             # they do not like our certificate
                return
        conn.setblocking(False)
        self.parts[conn] = b""

    def _read(self, conn):
        try:
            data = conn.recv(65536)
            while self.tls and conn.pending():
                data += conn.recv(65536)
        except OSError as error:        # the TLS layer may have nothing whole yet
            if "did not complete" in str(error) or isinstance(error, BlockingIOError):
                return
            data = b""
        if not data:
            self.parts.pop(conn)
            self.open = {to: c for to, c in self.open.items() if c is not conn}
            conn.close()
            return
        self.parts[conn] += data
        self._cut(conn)

    def _cut(self, conn):
        buf = self.parts[conn].lstrip(b"\r\n")
        while b"\r\n\r\n" in buf:
            head, _, rest = buf.partition(b"\r\n\r\n")
            size = re.search(rb"\r\n(?:content-length|l)[ \t]*:[ \t]*(\d+)", head, re.I)
            size = int(size.group(1)) if size else 0
            if len(rest) < size:
                break
            self._take(head + b"\r\n\r\n" + rest[:size], conn)
            buf = rest[size:].lstrip(b"\r\n")
        self.parts[conn] = buf

    def poll(self, seconds):
        """reads what there is, waiting at most so long for the first of it"""
        ready, _, _ = select.select([self.sock, *self.parts], [], [], max(0, seconds))
        for sock in ready:
            if sock is not self.sock:
                self._read(sock)
            elif self.proto == "udp":
                try:
                    self._take(*self.sock.recvfrom(65536))
                except OSError:         # an ICMP error of an earlier send
                    pass
            else:
                self._accept()

    def wait(self, match, what, seconds=5.0, copies=False):
        """the first message that fits; others stay in the inbox"""
        end = time.monotonic() + seconds
        while True:
            for msg in self.inbox:
                if match(msg) and (copies or msg.raw not in self.seen):
                    self.inbox.remove(msg)
                    self.seen.add(msg.raw)
                    return msg
            left = end - time.monotonic()
            if left <= 0:
                had = "; ".join(f"{m.start} [{m.get('cseq')}]" for m in self.inbox[-4:]) or "nothing"
                raise Failure(f"{self.proto} {self.sent_by()}: no {what} within {seconds:g} s; unread: {had}")
            self.poll(left)

    def silent(self, match, what, seconds):
        """nothing that fits may come"""
        try:
            msg = self.wait(match, what, seconds)
        except Failure:
            return
        raise Failure(f"{self.sent_by()}: {what} was not to come: {msg.start}")
