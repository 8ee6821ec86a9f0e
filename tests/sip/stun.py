"""STUN as keepalive: requests, answers, and how a stream is cut into STUN and SIP (RFC 8489)."""
import ipaddress
import os
import re
import struct

MAGIC = 0x2112a442
REQUEST, SUCCESS = 0x0001, 0x0101
XOR_MAPPED = 0x0020


def request():
    """(transaction id, bytes)"""
    number = os.urandom(12)
    return number, struct.pack("!HHI", REQUEST, 0, MAGIC) + number


def kind(raw):
    return struct.unpack("!H", raw[:2])[0]


def number_of(raw):
    return raw[8:20]


def answer(raw, host, port):
    """a success response to a request from there"""
    mask = struct.pack("!I", MAGIC) + number_of(raw)
    address = ipaddress.ip_address(host).packed
    mixed = bytes(a ^ b for a, b in zip(address, mask))
    value = struct.pack("!BBH", 0, 1 if len(address) == 4 else 2, port ^ MAGIC >> 16) + mixed
    return struct.pack("!HHI", SUCCESS, 4 + len(value), MAGIC) + number_of(raw) + \
        struct.pack("!HH", XOR_MAPPED, len(value)) + value


def mapped(raw):
    """(address, port) that a success response gives, or None"""
    at = 20
    while at + 4 <= len(raw):
        attribute, size = struct.unpack("!HH", raw[at:at + 4])
        value = raw[at + 4:at + 4 + size]
        if attribute == XOR_MAPPED:
            mask = struct.pack("!I", MAGIC) + number_of(raw)
            address = bytes(a ^ b for a, b in zip(value[4:], mask))
            return str(ipaddress.ip_address(address)), struct.unpack("!H", value[2:4])[0] ^ MAGIC >> 16
        at += 4 + (size + 3 & ~3)
    return None


def cut(buf):
    """(messages, what is left): STUN and SIP of a stream, keepalive CRLFs left out"""
    found = []
    while buf:
        if buf[0] < 4:
            size = 20 + struct.unpack("!H", buf[2:4])[0] if len(buf) >= 20 else len(buf) + 1
        elif buf[:2] == b"\r\n":
            buf = buf[2:]
            continue
        else:
            head, end, _ = buf.partition(b"\r\n\r\n")
            length = re.search(rb"\r\n(?:content-length|l)[ \t]*:[ \t]*(\d+)", head, re.I)
            size = len(head) + 4 + int(length.group(1)) if end and length else len(buf) + 1
        if size > len(buf):
            break
        found.append(buf[:size])
        buf = buf[size:]
    return found, buf
