"""SIP messages as tests see them: taken apart, put together."""
import itertools
import os
import re

_serial = itertools.count(1)
COMPACT = {"v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "l": "content-length",
           "c": "content-type", "k": "supported", "s": "subject", "e": "content-encoding", "x": "session-expires"}


class Failure(Exception):
    """What was expected did not come."""


def fresh(kind):
    return f"{kind}{os.getpid():x}x{next(_serial):x}{os.urandom(4).hex()}"


class Msg:
    """A message in pieces. `path` says where an answer goes: an address (UDP) or a connection."""

    def __init__(self, raw, path=None):
        self.raw, self.path = raw, path
        head, _, self.body = raw.partition(b"\r\n\r\n")
        lines = re.sub(r"\r\n[ \t]+", " ", head.decode("utf-8", "replace")).split("\r\n")
        self.start = lines[0]
        self.headers = []
        for line in lines[1:]:
            name, _, value = line.partition(":")
            name = name.strip().lower()
            self.headers.append((COMPACT.get(name, name), value.strip()))
        words = self.start.split(" ", 2)
        self.status = int(words[1]) if self.start.startswith("SIP/2.0 ") else None
        self.method = None if self.status else words[0]
        self.uri = words[1] if not self.status and len(words) > 1 else ""

    def get(self, name, default=""):
        return next((value for key, value in self.headers if key == name.lower()), default)

    def all(self, name):
        return [value for key, value in self.headers if key == name.lower()]

    @property
    def call_id(self):
        return self.get("call-id")

    @property
    def cseq(self):
        words = self.get("cseq").split()
        return (int(words[0]), words[1]) if len(words) == 2 else (0, "")

    def tag(self, name):
        found = re.search(r";\s*tag=([^;,\s>]+)", self.get(name).rpartition(">")[2] or self.get(name))
        return found.group(1) if found else ""

    def user(self):
        found = re.match(r"sips?:([^@;>]*)@", self.uri)
        return found.group(1) if found else ""


def uri_of(value):
    found = re.search(r"<([^>]*)>", value)
    return found.group(1) if found else value.split(";")[0].strip()


def address_of(uri):
    found = re.match(r"sips?:(?:[^@]*@)?(\[[^\]]+\]|[^:;?>]+)(?::(\d+))?", uri)
    if not found:
        raise Failure(f"no address in {uri}")
    return found.group(1).strip("[]"), int(found.group(2) or 5060)


def sdp(host, version=1, direction="sendrecv", port=40000, filler=0):
    kind = "IP6" if ":" in host else "IP4"
    lines = ["v=0", f"o=- 7001 {version} IN {kind} {host}", "s=-", f"c=IN {kind} {host}", "t=0 0",
             f"m=audio {port} RTP/AVP 8 101", "a=rtpmap:8 PCMA/8000", "a=rtpmap:101 telephone-event/8000",
             *[f"a=fill:{n:04d} {'x' * 40}" for n in range(filler)], f"a={direction}"]
    return ("\r\n".join(lines) + "\r\n").encode()


def finish(lines, body, headers):
    lines = [*lines, *headers]
    if body and not any(line.lower().startswith("content-type:") for line in headers):
        lines.append("Content-Type: application/sdp")
    lines.append(f"Content-Length: {len(body or b'')}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + (body or b"")
