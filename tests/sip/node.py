#!/usr/bin/env python3
"""A call manager that can be broken in each way that one breaks: over UDP, TCP or TLS it takes every REGISTER, says
AR_SK, answers STUN, and hands calls on to who has registered, by Path. Who calls sends to a UDP port of its own. A
process of its own, that does as its standard input says.

node.py PROTO HOST PORT CALLERS_PORT [CERTIFICATE KEY CA]"""
import asyncio
import hashlib
import os
import re
import signal
import ssl
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

import stun                                                 # noqa: E402 (the path comes first)
from message import Failure, Msg, address_of, uri_of        # noqa: E402

CALLERS = 17450
WARNING = 'Warning: 382 {} "System in Maintenance Mode"'
# what the orders make of a REGISTER, and of an OPTIONS
BUSY = {"well": (), "busy": ("REGISTER",), "maintenance": ("REGISTER", "OPTIONS")}


class Node:
    """The process, as a test has it. `files`: certificate, key, authorities, for TLS."""
    script = os.path.abspath(__file__)

    def __init__(self, proto, host, port, files=()):
        self.proto, self.host, self.port, self.files = proto, host, port, files
        self.run = None
        self.start()

    def uri(self):
        return f"sip:{self.host}:{self.port};transport={self.proto}"

    def start(self, files=None):
        """again, perhaps with another certificate"""
        self.files = files or self.files
        words = [self.proto, self.host, self.port, CALLERS, *self.files]
        self.run = subprocess.Popen([sys.executable, self.script, *map(str, words)], stdin=subprocess.PIPE,
                                    stdout=subprocess.PIPE, start_new_session=True)
        self._hear("ready")

    def _hear(self, wanted):
        said = self.run.stdout.readline().decode().strip()
        if said != wanted:
            raise Failure(f"the call manager at {self.host} says {said!r}, not {wanted!r}")

    def order(self, word):
        """well, busy (503 with Retry-After), maintenance (503 with Warning 382), refuse (no socket any more)"""
        self.run.stdin.write(f"{word}\n".encode())
        self.run.stdin.flush()
        self._hear(word)

    def kill(self):
        self.run.kill()
        self._gone()

    def stop(self):
        """as an operator does: its connections are closed in order"""
        self.run.terminate()
        self._gone()

    def hang(self):
        self.run.send_signal(signal.SIGSTOP)

    def go_on(self):
        self.run.send_signal(signal.SIGCONT)

    def _gone(self):
        self.run.wait()
        self.run.stdin.close()
        self.run.stdout.close()

    def end(self):
        if self.run.returncode is None:
            self.kill()


# --- the process itself

def is_via(line):
    return re.match(rb"(?i)(via|v)[ \t]*:", line)


class Server:
    """A registrar, and a proxy without state (RFC 3261 16.11). What sends is a function of bytes."""

    def __init__(self, proto, host, port, callers, files):
        self.proto, self.host, self.port, self.callers = proto, host, port, callers
        self.order, self.listener, self.datagrams, self.caller_side = "well", None, None, None
        self.links = {}                 # address -> its writer
        self.writers = set()
        self.places = {}                # user -> (Request-URI, Path)
        self.ways = {}                  # branch of ours -> what sends to where its request came from
        self.server_tls = self.client_tls = None
        if files:
            self.server_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.client_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            for context in (self.server_tls, self.client_tls):
                context.load_cert_chain(*files[:2])
                context.load_verify_locations(files[2])
            self.client_tls.check_hostname = False
            self.server_tls.verify_mode = ssl.CERT_REQUIRED

    # --- what is answered here
    def response(self, msg, status, more=()):
        to = msg.get("to") + ("" if msg.tag("to") else ";tag=node")
        lines = [f"SIP/2.0 {status}", *(f"Via: {via}" for via in msg.all("via")), f"From: {msg.get('from')}",
                 f"To: {to}", f"Call-ID: {msg.call_id}", f"CSeq: {msg.get('cseq')}",
                 *(f"Contact: {contact}" for contact in msg.all("contact")), *more, "Content-Length: 0"]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    def own(self, msg):
        """a REGISTER or OPTIONS"""
        if msg.method in BUSY[self.order]:
            more = [WARNING.format(self.host)] if self.order == "maintenance" else []
            return self.response(msg, "503 Service Unavailable", ["Retry-After: 120", *more])
        if msg.method == "REGISTER":
            user = re.match(r"sip:([^@]*)@|", uri_of(msg.get("to"))).group(1)
            self.places[user] = uri_of(msg.get("contact")), msg.get("path")
            if msg.get("contact") == "*":
                del self.places[user]
        return self.response(msg, "200 OK", ["Supported: X-cisco-supports-AR_SK"])

    async def take(self, raw, peer, send):
        if raw[0] < 4:
            if stun.kind(raw) == stun.REQUEST:
                send(stun.answer(raw, *peer[:2]))
        elif raw.startswith(b"SIP/2.0 "):
            self.back(raw)
        elif raw.startswith((b"REGISTER ", b"OPTIONS ")):
            send(self.own(Msg(raw)))
        elif raw.strip():
            await self.onward(raw, Msg(raw), send)

    # --- what is passed on
    async def onward(self, raw, msg, send):
        """by Path to who has registered; in a dialog where its Request-URI says"""
        is_inside = msg.tag("to") and address_of(msg.uri) != (self.host, self.callers)
        uri, path = (msg.uri, "") if is_inside else self.places.get(msg.user(), (None, None))
        if uri is None:
            if msg.method != "ACK":
                send(self.response(msg, "480 Not Here"))
            return
        branch = "z9hG4bK" + hashlib.md5(msg.get("via").encode()).hexdigest()      # the same for a copy
        self.ways[branch] = send
        head = [f"{msg.method} {uri} SIP/2.0",
                f"Via: SIP/2.0/{self.proto.upper()} {self.host}:{self.port};branch={branch}"]
        head += [f"Route: {path}"] if path else []
        head += [f"Record-Route: <sip:{self.host}:{self.callers};lr>"] if msg.method == "INVITE" else []
        lines = [line for line in raw.split(b"\r\n\r\n")[0].split(b"\r\n")[1:] if not line.startswith(b"Route:")]
        rest = b"\r\n".join(lines) + b"\r\n\r\n" + raw.partition(b"\r\n\r\n")[2]
        await self.send_to(address_of(uri_of(path) if path else uri), "\r\n".join(head).encode() + b"\r\n" + rest)

    def back(self, raw):
        """a response: without our Via, where its request came from (RFC 3261 18.2.2)"""
        head, end, body = raw.partition(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        ours = next(line for line in lines if is_via(line))
        lines.remove(ours)
        send = self.ways.get(ours.partition(b";branch=")[2].partition(b";")[0].decode())
        if send:
            send(b"\r\n".join(lines) + end + body)

    async def send_to(self, to, raw):
        if self.proto == "udp":
            self.datagrams.sendto(raw, to)
            return
        writer = self.links.get(to)
        if writer is None or writer.is_closing():
            reader, writer = await asyncio.open_connection(*to, ssl=self.client_tls, local_addr=(self.host, 0))
            self.links[to] = writer
            asyncio.get_running_loop().create_task(self.read(reader, writer))
        writer.write(raw)

    # --- sockets
    async def read(self, reader, writer):
        self.writers.add(writer)
        peer, rest = writer.get_extra_info("peername"), b""
        try:
            while data := await reader.read(65536):
                found, rest = stun.cut(rest + data)
                for raw in found:
                    await self.take(raw, peer, writer.write)
        except (OSError, ssl.SSLError, Failure):
            pass
        finally:                        # whatever it was that it did not understand
            self.writers.discard(writer)
            writer.close()

    async def listen(self):
        loop = asyncio.get_running_loop()
        self.caller_side = await datagrams(loop, self, self.host, self.callers)
        if self.proto == "udp":
            self.datagrams = await datagrams(loop, self, self.host, self.port)
        else:
            self.listener = await asyncio.start_server(self.read, self.host, self.port, ssl=self.server_tls)

    def refuse(self):
        """nothing of it answers any more, and who has a connection is told so"""
        self.caller_side.close()
        if self.proto == "udp":
            self.datagrams.close()
            return
        self.listener.close()
        for writer in list(self.writers):
            writer.transport.abort()

    def close(self):
        if self.listener:
            self.listener.close()
        for writer in self.writers:
            writer.close()

    async def obey(self, orders):
        while line := await orders.readline():
            word = line.decode().strip()
            if word == "refuse":
                self.refuse()
            else:
                self.order = word
            print(word, flush=True)


class Datagrams(asyncio.DatagramProtocol):
    def __init__(self, server):
        self.server, self.transport = server, None

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, addr):
        send = lambda raw: self.transport.sendto(raw, addr)     # noqa: E731
        asyncio.get_running_loop().create_task(self.server.take(data, addr, send))


async def datagrams(loop, server, host, port):
    """a port of a process that is gone is not free at once"""
    for turn in range(100):
        try:
            return (await loop.create_datagram_endpoint(lambda: Datagrams(server), (host, port)))[0]
        except OSError:
            if turn == 99:
                raise
            await asyncio.sleep(0.05)


async def serve(words):
    proto, host, port, callers = words[:4]
    server, loop, orders = Server(proto, host, int(port), int(callers), words[4:]), asyncio.get_running_loop(), \
        asyncio.StreamReader()
    await server.listen()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    over = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, over.set)
    print("ready", flush=True)
    loop.create_task(server.obey(orders))
    await over.wait()
    server.close()
    await asyncio.sleep(0.2)            # what closes a TLS connection has left


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1:]))
