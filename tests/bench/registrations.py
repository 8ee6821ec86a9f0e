"""The registration front: clients over UDP, ten at an address, whose REGISTERs, each with credentials, go on to a node
that answers at once; the store is on. One run with few clients and one with many send the same number of REGISTERs
until memory is looked at, so that what transactions take is in both, or nearly so, and the difference is bindings."""
import contextlib
import re
import subprocess

from element import Trouble, pinned

CLIENTS_PORT, NODE_PORT, FRONT_PORT = 17470, 17488, 17474
FEW, MANY, REFRESH_EVERY_S = 10000, 100000, 60
KEYS = "  "                             # of no trunk: says which configuration is meant
FRONT = f"""
listen = ( {{ name = "outside"; transport = "udp"; address = "127.0.0.1"; port = 17460; }},
           {{ name = "inside"; transport = "udp"; address = "127.0.0.1"; port = 17462; }},
           {{ name = "clients"; transport = "udp"; address = "127.0.0.1"; port = {FRONT_PORT}; }},
           {{ name = "nodes"; transport = "udp"; address = "127.0.0.1"; port = 17476; }} );
registrar = {{ listen = "clients"; expires = {{ udp_max_s = 3600; }}; authorizations = {{ max = 12; }}; }};
cluster = {{ listen = "nodes"; nodes = ( {{ name = "cm1"; uri = "sip:127.0.0.1:{NODE_PORT}"; }} ); }};
security = {{ overload = {{ lag_high_ms = 0; lag_low_ms = 0; busy_percent = 0; }}; }};
"""


class Clients:
    """the generator, the element, and what one costs the other"""

    def __init__(self, bench, element, count):
        self.element = element
        self.run = subprocess.Popen([*pinned(-1), bench.load, "-t", f"127.0.0.1:{FRONT_PORT}", "-c", str(CLIENTS_PORT),
                                     "-s", str(NODE_PORT), "-n", str(count)],
                                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def round(self, count, rate=0):
        """what so many REGISTERs cost"""
        before = self.element.cpu_s()
        said = ""
        with contextlib.suppress(BrokenPipeError):
            print(f"{count} {rate}", file=self.run.stdin, flush=True)
            said = self.run.stdout.readline()
        if not said:
            raise Trouble("the clients have ended: they say why on stderr")
        got = {key: int(value) for key, value in re.findall(r"(\w+)=(\d+)", said)}
        if got.get("ok", 0) < 0.99 * count:
            raise Trouble(f"of {count} REGISTERs too few got their 200: {got}")
        cpu_s, wall_s = self.element.cpu_s() - before, got["wall_us"] / 1e6
        return {"us": 1e6 * cpu_s / got["ok"], "percent": 100 * cpu_s / wall_s, "a_second": got["ok"] / wall_s}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(BrokenPipeError):
            self.run.stdin.close()
        self.run.wait()
        self.run.stdout.close()


def held(element):
    """(KiB, transactions that linger)"""
    return element.pss_kib(), element.status().get("lingering", 0)


def rounds(bench, element, count, rest):
    """a run with so many clients, which register and then refresh: `rest` times in all, or (0) once each, and then at
    an even rate"""
    with Clients(bench, element, count) as clients:
        element.start(bench.folder, keys=KEYS)
        began = held(element)
        seen = {"new": clients.round(count)}
        seen["held"] = [began, held(element)]
        seen["refresh"] = clients.round(rest or count)
        seen["held"].append(held(element))
        if not rest:
            rate = MANY // REFRESH_EVERY_S
            seen["even"] = clients.round(rate * bench.pick(4, 20), rate)
    element.stop()
    return seen


def measured(bench, element):
    """(few, many), measured once, also when that fails"""
    if element.name != "twinleg" or not bench.load:
        return None
    if bench.registered is None:
        bench.registered = ()
        bench.registered = (rounds(bench, element, FEW, MANY - FEW), rounds(bench, element, MANY, 0))
    return bench.registered


def cpu_per_register(bench, element):
    """us of user and system time: a refresh with few bindings, with many, and a first REGISTER of many"""
    seen = measured(bench, element)
    return (*(run["refresh"]["us"] for run in seen), seen[1]["new"]["us"]) if seen else None


def registers_a_cpu_second(bench, element):
    """refreshes, with few bindings and with many"""
    seen = measured(bench, element)
    return tuple(1e6 / run["refresh"]["us"] for run in seen) if seen else None


def highest_register_rate(bench, element):
    """refreshes a second of the clock, with few bindings and with many"""
    seen = measured(bench, element)
    return tuple(run["refresh"]["a_second"] for run in seen) if seen else None


def cpu_of_many(bench, element):
    """per cent of a core for many bindings, each refreshed every 60 s: at an even rate, and from what a refresh costs
    when there are as many as can be"""
    seen = measured(bench, element)
    return (seen[1]["even"]["percent"], MANY / REFRESH_EVERY_S * seen[1]["refresh"]["us"] / 1e4) if seen else None


def bytes_per_binding(bench, element):
    """from few to many, when as many REGISTERs have come; less what transactions differ by"""
    seen = measured(bench, element)
    if not seen:
        return None
    _, before, few = seen[0]["held"]
    many = seen[1]["held"][1]
    each = (few[0] - before[0]) / (few[1] - before[1]) if few[1] > before[1] else 0
    return 1024 * (many[0] - few[0] - each * (many[1] - few[1])) / (MANY - FEW)
