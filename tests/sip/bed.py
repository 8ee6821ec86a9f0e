"""Where a case plays: loopback addresses of its own, and the configuration and certificate of its daemon.

Side a (the carrier's) is .1, side b (the call manager's) .2 with further targets .3 (a second endpoint) and .4
(nobody), a stranger .5, further sources of side a from .128 on; the daemon is .10 towards a and .20 towards b. IPv6 has
one loopback address: there the ports differ."""
import os
import re
import shutil
import ssl
import subprocess

OUTSIDE = {"udp": 17001, "tcp": 17001, "tls": 17003, "v6": 17004}
INSIDE = {"udp": 17011, "tcp": 17011, "tls": 17013, "v6": 17014}
PORTS = {"a": {"udp": 17100, "tcp": 17100, "tls": 17101, "v6": 17110},
         "b": {"udp": 17200, "tcp": 17200, "tls": 17201, "v6": 17210}}
ROUTES = ('routes = ( { name = "in"; from = [ "carrier" ]; to = ( { trunk = "callmanager"; } ); },\n'
          '           { name = "out"; from = [ "callmanager" ]; to = ( { trunk = "carrier"; } ); } );\n')
MEDIA_LINE = re.compile(rb"^(?:[cm]=|a=(?:candidate|rtcp):)[^\r\n]*", re.M)


class Bed:
    def __init__(self, folder, number, shift=0):
        """shift: of the last part of all addresses"""
        self.folder, self.number, self.shift = folder, number, shift
        os.mkdir(self.folder)
        self.net = f"127.{1 + (os.getpid() + number // 250) % 250}.{number % 250}."
        self.tls = None
        self.next = {}                  # side -> the listener of another daemon, as the only peer there
        # what a side must not see: the other side's addresses and ports, and ours there
        self.foreign = {"a": re.compile(self._hosts(2, 3, 4, 20) + rb"|:(?:172\d\d|1701\d)\b"),
                        "b": re.compile(self._hosts(1, 10) + rb"|:(?:171\d\d|1700\d)\b")}

    def _hosts(self, *lasts):
        return b"(?:" + b"|".join(re.escape(self.host(last)).encode() for last in lasts) + rb")\b"

    def join(self, far):
        """side b of this daemon is side a of the far one: of what is between them neither end must see a thing"""
        self.next["b"], far.next["a"] = far.listener("a", "udp"), self.listener("b", "udp")
        ends = {"a": far._hosts(1, 2, 3, 10, 20), "b": far._hosts(1, 10) + b"|" + self._hosts(20)}
        self.foreign = {side: re.compile(self.foreign[side].pattern + b"|" + more) for side, more in ends.items()}

    def host(self, last, kind="udp"):
        return "::1" if kind == "v6" else f"{self.net}{last + self.shift}"

    def listener(self, side, kind):
        """where the peers of a side send to"""
        return self.host(10 if side == "a" else 20, kind), (OUTSIDE if side == "a" else INSIDE)[kind]

    def place(self, name):
        """(protocol, address, port) of an endpoint: SIDE-KIND, b-other[-tcp], or stranger"""
        side, _, kind = name.partition("-")
        if name == "stranger":
            return "udp", self.host(5), 17300
        if kind.startswith("other"):
            return "tcp" if kind.endswith("tcp") else "udp", self.host(3), 17280
        return "udp" if kind == "v6" else kind, self.host(1 if side == "a" else 2, kind), PORTS[side][kind]

    def uri(self, name):
        """an endpoint as a target; SIDE-next is the other daemon, SIDE-any names no transport, SIDE-refused[-tcp] is
        nobody, SIDE-named:HOST[:PORT] is a name"""
        side, _, kind = name.partition("-")
        if kind == "next":
            return "sip:{}:{}".format(*self.next[side])
        if kind.startswith("named:"):
            return "sip:" + kind.partition(":")[2]
        if kind.startswith("refused"):
            return f"sip:{self.host(4)}:17290" + (";transport=tcp" if kind.endswith("tcp") else "")
        proto, host, port = self.place(f"{side}-udp" if kind == "any" else name)
        return f"sip:[{host}]:{port}" if ":" in host else f"sip:{host}:{port}" + \
            ("" if kind == "any" else f";transport={proto}")

    # --- the daemon's files
    def _listens(self, side, kinds):
        for kind in kinds:
            host, port = self.listener(side, kind)
            proto = "udp" if kind == "v6" else kind
            tls = ' tls = "default";' if kind == "tls" else ""
            yield f'{side}-{kind}', f'transport = "{proto}"; address = "{host}"; port = {port};{tls}'

    def _trunk(self, side, name, targets, keys, kinds, alike=False):
        sources = [self.host(1), f"{self.net}128/25"] if side == "a" else [self.host(2), self.host(3)]
        sources += ["::1"] if "v6" in kinds else []
        sources += [self.next[side][0]] if side in self.next else []
        sources = [] if all("-named:" in one for one in targets) else sources
        listen = ", ".join(f'"{side}-{kind}"' for kind in kinds)
        to = ", ".join(f'{{ uri = "{self.uri(t)}"; preference = {0 if alike else n}; }}'
                       for n, t in enumerate(targets))
        quoted = ", ".join(f'"{s}"' for s in sources)
        if "keepalive" not in keys:            # most cases are told without
            keys += ' keepalive = { method = "none"; };'
        return (f'  {{ name = "{name}"; listen = [ {listen} ]; sources = [ {quoted} ];\n'
                f'    targets = ( {to} ); {keys} }}')

    def write(self, a, b, a_keys="", b_keys="", workers=1, verify="none", drain_s=5, security="", root="",
              routes=None, alike=False, admin=""):
        """a, b: the targets of the two sides, endpoints by name; alike: b's share the calls"""
        kinds = ["udp", "tcp"]
        kinds += ["tls"] if any("tls" in name for name in a + b) else []
        kinds += ["v6"] if any("v6" in name for name in a + b) else []
        tls = ""
        if "tls" in kinds:
            self.make_tls()
            tls = (f'tls = ( {{ name = "default"; certificate = "cert.pem"; key = "key.pem"; ca = "cert.pem"; '
                   f'verify = "{verify}"; }} );\n')
        listens = [*self._listens("a", kinds), *self._listens("b", kinds)]
        listen = ",\n".join(f'  {{ name = "{name}"; {keys} }}' for name, keys in listens)
        trunks = ",\n".join([self._trunk("a", "carrier", a, a_keys, kinds),
                             self._trunk("b", "callmanager", b, b_keys, kinds, alike)])
        path = f"{self.folder}/twinleg.cfg"
        with open(path, "w", encoding="utf-8") as out:
            out.write(f'{root}\nnode = {{ name = "test"; workers = {workers}; drain_seconds = {drain_s}; '
                      f'state_dir = "state"; }};\n'
                      f'listen = (\n{listen}\n);\n{tls}trunks = (\n{trunks}\n);\nroutes = ( "routes.cfg" );\n'
                      f'security = {{ {security} }};\nadmin = {{ cdr = "cdr.jsonl"; log_level = "info"; '
                      f'http = "{self.http()[0]}:{self.http()[1]}"; {admin} }};\n')
        with open(f"{self.folder}/routes.cfg", "w", encoding="utf-8") as out:
            out.write(routes or ROUTES)
        return path

    def http(self):
        """where the daemon answers HTTP"""
        return self.host(10), 17080

    def _certificate(self, name):
        cert, key = f"{self.folder}/{name}.pem", f"{self.folder}/{name.replace('cert', 'key')}.pem"
        names = ",".join(f"IP:{self.host(last)}" for last in (1, 2, 10, 20))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-days", "30", "-subj", "/CN=test", "-addext", "subjectAltName=" + names, "-keyout", key,
                        "-out", cert], check=True, capture_output=True)
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(cert, key)
        return cert, key, server

    def strange_tls(self):
        """a server that shows a certificate nobody trusts"""
        return self._certificate("strange-cert")[2]

    def make_tls(self):
        """one self-signed certificate for all, its own authority; contexts with and without it"""
        cert, key, server = self._certificate("cert")
        known, nameless = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        for context in (known, nameless):
            context.load_verify_locations(cert)
        known.load_cert_chain(cert, key)
        self.tls = {"client": known, "nameless": nameless, "server": server}

    def remove(self):
        shutil.rmtree(self.folder)
