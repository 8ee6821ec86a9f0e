"""Captured packets as files: pcap and pcapng, IPv4 over several links, written here byte by byte."""
import ipaddress
import struct


def _ip4(proto, src, dst, payload, ident=1, offset=0, more=False):
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), ident, (0x2000 if more else 0) | offset // 8, 64,
                       proto, 0, ipaddress.ip_address(src).packed, ipaddress.ip_address(dst).packed)
    return head + payload


def udp(src, dst, payload):
    """one packet"""
    return [_ip4(17, src[0], dst[0], struct.pack(">HHHH", src[1], dst[1], 8 + len(payload), 0) + payload)]


def fragments(src, dst, payload, size=512):
    """the same datagram in pieces"""
    whole = struct.pack(">HHHH", src[1], dst[1], 8 + len(payload), 0) + payload
    return [_ip4(17, src[0], dst[0], whole[at:at + size], 7, at, at + size < len(whole))
            for at in range(0, len(whole), size)]


def tcp(src, dst, payload, size=400):
    """a stream in segments, one of them twice, with an acknowledgement between"""
    segments = []
    for at in range(0, len(payload), size):
        head = struct.pack(">HHIIBBHHH", src[1], dst[1], 1000 + at, 0, 0x50, 0x18, 1000, 0, 0)
        segments.append(_ip4(6, src[0], dst[0], head + payload[at:at + size]))
        segments.append(_ip4(6, dst[0], src[0], struct.pack(">HHIIBBHHH", dst[1], src[1], 5, 0, 0x50, 0x10, 9, 0, 0)))
    return segments[:2] + segments[:1] + segments[2:]


LINKS = {"ethernet": (1, b"\2" * 12 + b"\x08\x00"), "vlan": (1, b"\2" * 12 + b"\x81\x00\x00\x05\x08\x00"),
         "cooked": (113, b"\0" * 14 + b"\x08\x00"), "raw": (101, b"")}


def pcap(path, packets, link="ethernet", order="<"):
    number, head = LINKS[link]
    with open(path, "wb") as out:
        out.write(struct.pack(order + "IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, number))
        for packet in packets:
            packet = head + packet
            out.write(struct.pack(order + "IIII", 0, 0, len(packet), len(packet)) + packet)


def _block(kind, body):
    body += b"\0" * (-len(body) % 4)
    return struct.pack("<II", kind, 12 + len(body)) + body + struct.pack("<I", 12 + len(body))


def pcapng(path, packets, link="ethernet"):
    number, head = LINKS[link]
    with open(path, "wb") as out:
        out.write(_block(0x0a0d0d0a, struct.pack("<IHHq", 0x1a2b3c4d, 1, 0, -1)))
        out.write(_block(1, struct.pack("<HHI", number, 0, 65535)))
        for packet in packets:
            packet = head + packet
            out.write(_block(6, struct.pack("<IIIII", 0, 0, 0, len(packet), len(packet)) + packet))
