"""What leaves twinleg for others to look at: a pcap as tshark reads it, and HEP as its specification says (version 3:
hep_id, total length, chunks of vendor, type, length)."""
import ipaddress
import socket
import struct
import subprocess
import time
from collections import namedtuple

from message import Failure

Packet = namedtuple("Packet", "time source target sip")


def tshark(path):
    """the SIP messages that tshark finds; every packet has to be one"""
    fields = ["frame.time_epoch", "ip.src", "udp.srcport", "ip.dst", "udp.dstport", "sip.Call-ID", "sip.CSeq",
              "udp.payload", "_ws.malformed"]
    run = subprocess.run(["tshark", "-r", path, "-o", "udp.check_checksum:TRUE", "-T", "fields", "-E", "separator=/t",
                          *[word for field in fields for word in ("-e", field)]],
                         capture_output=True, text=True, check=False)
    if run.returncode:
        raise Failure(f"tshark: {run.stderr}")
    packets = []
    for line in run.stdout.splitlines():
        at, src, sport, dst, dport, call_id, cseq, payload, malformed = line.split("\t")
        raw = bytes.fromhex(payload.replace(":", ""))
        if malformed or not cseq or f"Call-ID: {call_id}\r\n".encode() not in raw:
            raise Failure(f"tshark does not take this for SIP: {line[:200]}")
        packets.append(Packet(float(at), (src, int(sport)), (dst, int(dport)), raw))
    return packets


class Hep:
    """a capture server"""

    def __init__(self, host):
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.sock.bind((host, 0))
        self.where = "{}:{}".format(*self.sock.getsockname())

    def messages(self, wanted, seconds=5.0):
        """that many, decoded"""
        got, end = [], time.monotonic() + seconds
        while len(got) < wanted:
            self.sock.settimeout(max(0.01, end - time.monotonic()))
            try:
                got.append(decode(self.sock.recv(65535)))
            except TimeoutError:
                raise Failure(f"{len(got)} HEP messages, not {wanted}") from None
        return got

    def close(self):
        self.sock.close()


def number(value, size):
    if len(value) != size:
        raise Failure(f"a HEP chunk has {len(value)} bytes, not {size}")
    return int.from_bytes(value, "big")


def decode(raw):
    """the chunks that HEP 3 demands, checked"""
    if raw[:4] != b"HEP3" or struct.unpack("!H", raw[4:6])[0] != len(raw):
        raise Failure(f"no HEP 3: {raw[:8]!r}")
    chunks, at = {}, 6
    while at < len(raw):
        vendor, kind, size = struct.unpack("!HHH", raw[at:at + 6])
        if vendor != 0 or size < 6 or at + size > len(raw) or kind in chunks:
            raise Failure(f"chunk {vendor}/{kind} of {size} bytes")
        chunks[kind] = raw[at + 6:at + size]
        at += size
    six = {2: False, 10: True}[number(chunks[1], 1)]
    addresses = [ipaddress.ip_address(chunks[kind]).compressed for kind in ((5, 6) if six else (3, 4))]
    if number(chunks[11], 1) != 1 or len(chunks[9]) != 4 or number(chunks[12], 4) == 0:
        raise Failure(f"not SIP, or without a capture id: {chunks}")
    return {"proto": {17: "udp", 6: "tcp"}[number(chunks[2], 1)],
            "source": (addresses[0], number(chunks[7], 2)), "target": (addresses[1], number(chunks[8], 2)),
            "time": number(chunks[9], 4) + number(chunks[10], 4) / 1e6, "call": chunks[17].decode(),
            "sip": chunks[15]}
