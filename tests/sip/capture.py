"""What went over the wire, and whether one side can learn from it who is on the other.

With the right to capture, tcpdump sees every packet; without, what the endpoints wrote down is all there is. A message
is (side, sent, raw): which side's endpoint it concerns, whether the daemon sent it, its bytes."""
import re
import shutil
import struct
import subprocess
import time

SIDES = {"a": "b", "b": "a"}
# what must not be seen on this side: the other side's addresses and ports, and our own address there
FOREIGN = {"a": re.compile(rb"127\.0\.2\.\d+|127\.0\.0\.20\b|:172\d\d\b"),
           "b": re.compile(rb"127\.0\.1\.\d+|127\.0\.0\.10\b|:171\d\d\b")}
MEDIA_LINE = re.compile(rb"^(?:[cm]=|a=(?:candidate|rtcp):)[^\r\n]*", re.M)
TOKEN = re.compile(rb"[^\s;,<>\"=]{6,}")


def start(path):
    """the capturing process, or None where that is not allowed"""
    if not shutil.which("tcpdump"):
        return None
    run = subprocess.Popen(["tcpdump", "-i", "lo", "-s", "0", "-B", "65536", "-U", "-w", path, "portrange 17000-17999"],
                           stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    for line in run.stderr:
        if "listening" in line:
            return run
    run.wait()
    return None


def stop(run):
    time.sleep(0.3)
    run.terminate()
    run.wait(10)


def packets(path):
    """(protocol, source, destination, TCP (seq, flags) or None, payload)"""
    data = open(path, "rb").read()
    at = 24
    while at + 16 <= len(data):
        size = struct.unpack_from("<I", data, at + 8)[0]
        frame, at = data[at + 30:at + 16 + size], at + 16 + size
        if frame[:1] and frame[0] >> 4 == 4:
            ihl, proto = (frame[0] & 15) * 4, frame[9]
            src, dst = ".".join(map(str, frame[12:16])), ".".join(map(str, frame[16:20]))
            frame = frame[ihl:struct.unpack_from(">H", frame, 2)[0]]
        elif frame[:1] and frame[0] >> 4 == 6:
            proto, src, dst = frame[6], "::1", "::1"
            frame = frame[40:40 + struct.unpack_from(">H", frame, 4)[0]]
        else:
            continue
        if proto not in (6, 17):
            continue
        sport, dport = struct.unpack_from(">HH", frame)
        if proto == 17:
            yield "udp", (src, sport), (dst, dport), None, frame[8:]
        else:
            seq, = struct.unpack_from(">I", frame, 4)
            yield "tcp", (src, sport), (dst, dport), (seq, frame[13]), frame[(frame[12] >> 4) * 4:]


def split(stream):
    """the SIP messages of a byte stream"""
    stream = stream.lstrip(b"\r\n")
    while b"\r\n\r\n" in stream:
        head, _, rest = stream.partition(b"\r\n\r\n")
        size = re.search(rb"\r\n(?:content-length|l)[ \t]*:[ \t]*(\d+)", head, re.I)
        size = int(size.group(1)) if size else 0
        yield head + b"\r\n\r\n" + rest[:size]
        stream = rest[size:].lstrip(b"\r\n")


def join(pieces):
    """TCP payloads of one direction in the order of their sequence numbers, each byte once"""
    out, following = b"", None
    for seq, payload in sorted(pieces):
        if following is not None and seq < following:
            payload = payload[following - seq:]
            seq = following
        out += payload
        following = seq + len(payload)
    return out


def wire_messages(path, side_of):
    """all messages between the daemon and a side; side_of(end) says whose an end is, None = the daemon's"""
    streams, number = {}, {}
    for proto, src, dst, tcp, payload in packets(path):
        side, sent = side_of(dst) or side_of(src), side_of(src) is None
        if proto == "tcp":
            if tcp[1] & 2:
                number[src, dst] = number.get((src, dst), 0) + 1
            if payload:
                streams.setdefault((src, dst, number.get((src, dst))), []).append((tcp[0], payload))
        elif side and payload.strip(b"\r\n\0"):
            yield side, sent, payload
    for (src, dst, _), pieces in streams.items():
        stream, side = join(pieces), side_of(dst) or side_of(src)
        if side and stream[:1] not in (b"\x16", b"\x15", b"\x17"):      # TLS: the endpoints wrote that down
            for raw in split(stream):
                yield side, side_of(src) is None, raw


def identifiers(head):
    """Call-ID, tags and branches of a message"""
    found = set(re.findall(rb"[;?]\s*(?:tag|branch)\s*=\s*([^\s;,>\"]{6,})", head, re.I))
    for value in re.findall(rb"^(?:call-id|i)[ \t]*:[ \t]*(\S+)", head, re.I | re.M):
        found.add(value)
        if len(value.split(b"@")[0]) >= 8:
            found.add(value.split(b"@")[0])
    return found


def leaks(messages):
    """what a side could learn of the other from what we sent it: a list of sentences"""
    own, found = {"a": set(), "b": set()}, []
    for side, _, raw in messages:
        own[side] |= identifiers(raw.partition(b"\r\n\r\n")[0])
    for side, sent, raw in messages:
        if not sent:
            continue
        text = MEDIA_LINE.sub(b"", raw)
        strange = set(FOREIGN[side].findall(text))
        strange |= set(TOKEN.findall(text)) & (own[SIDES[side]] - own[side])
        strange |= identifiers(raw.partition(b"\r\n\r\n")[0]) & own[SIDES[side]]
        for token in strange:
            line = next((x for x in text.split(b"\r\n") if token in x), b"")
            found.append(f"to side {side}: {token.decode('latin-1')} in: {line.decode('latin-1')[:140]} "
                         f"({text.split(bytes([13]))[0].decode('latin-1')})")
    return found
