#!/usr/bin/env python3
"""A call manager that takes every REGISTER, says AR_SK, answers STUN, and hands calls on to who has registered, by
Path: a process of its own, to be killed. callmanager.py udp HOST PORT."""
import hashlib
import os
import re
import socket
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "../../tests/sip")]
sys.dont_write_bytecode = True

import manager                                      # noqa: E402 (the path comes first)
from message import Msg, address_of, uri_of         # noqa: E402


class CallManager(manager.Manager):
    """The process, as the demo has it."""
    script = os.path.abspath(__file__)


# --- the process itself

def is_via(line):
    return re.match(rb"(?i)(via|v)[ \t]*:", line)


class Node:
    """a registrar and stateless proxy (RFC 3261 16.11)"""

    def __init__(self, host, port):
        self.here = f"{host}:{port}"
        self.places = {}                # user -> (Request-URI, Path)
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind((host, port))

    def take(self, raw, peer):
        if raw[0] < 4:
            self.sock.sendto(manager.reply(raw, peer), peer)
        elif raw.startswith(b"SIP/2.0 "):
            self.back(raw)
        elif raw.startswith((b"REGISTER ", b"OPTIONS ")):
            self.register(Msg(raw))
            self.sock.sendto(manager.reply(raw, peer), peer)
        else:
            self.onward(raw, Msg(raw))

    def register(self, msg):
        if msg.method == "REGISTER":
            user = re.match(r"sip:([^@]*)@", uri_of(msg.get("to"))).group(1)
            self.places[user] = uri_of(msg.get("contact")), msg.get("path")

    def onward(self, raw, msg):
        """a request: by Path to who has registered, all else where its Request-URI says"""
        to_us = msg.uri.endswith(f"@{self.here}")
        uri, path = self.places.get(msg.user(), (None, None)) if to_us else (msg.uri, "")
        if uri is None:
            return                      # the caller gives up
        branch = hashlib.md5(msg.get("via").encode()).hexdigest()      # the same for a copy
        head = [f"{msg.method} {uri} SIP/2.0", f"Via: SIP/2.0/UDP {self.here};branch=z9hG4bK{branch}",
                *([f"Route: {path}"] if path else [])]
        rest = raw.partition(b"\r\n")[2]
        self.sock.sendto("\r\n".join(head).encode() + b"\r\n" + rest, address_of(uri_of(path) if path else uri))

    def back(self, raw):
        """a response: without our Via, to the one below"""
        head, end, body = raw.partition(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        lines.remove(next(line for line in lines if is_via(line)))
        below = re.search(rb"SIP/2.0/UDP[ \t]+([\d.]+):(\d+)", next(line for line in lines if is_via(line)))
        self.sock.sendto(b"\r\n".join(lines) + end + body, (below.group(1).decode(), int(below.group(2))))


def main():
    node = Node(sys.argv[2], int(sys.argv[3]))
    print("ready", flush=True)
    while True:
        raw, peer = node.sock.recvfrom(65536)
        if raw.strip():
            node.take(raw, peer)


if __name__ == "__main__":
    main()
