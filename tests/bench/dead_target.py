"""Set-up while one of two targets is dead: what callers wait until the calls have found out, and afterwards."""
import socket

DEAD_PORT = 17489
DEAD_TARGET = f'{{ uri = "sip:127.0.0.1:{DEAD_PORT}"; }}, '
DEAD_KEYS = "timers = { no_reply_ms = 4000; }; "


def measure(bench, element):
    element.start(bench.folder, keys=DEAD_KEYS)
    got = bench.calls(element, 200, bench.pick(1000, 3000))
    element.stop()
    return tuple(got[key] for key in ("p50_us", "p95_us", "p99_us")) if got.get("ok") else None


def refusing(bench, element):
    """nobody listens there: the kernel says so at once"""
    return measure(bench, element) if element.name == "twinleg" else None


def silent(bench, element):
    """bound, and never read"""
    if element.name != "twinleg":
        return None
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", DEAD_PORT))
        return measure(bench, element)
