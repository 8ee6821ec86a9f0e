"""STUN keepalives of registered clients at the rate of 50,000 who ask each 30 s: each answer means that the client's
node is known to be there."""
import os
import selectors
import socket
import struct
import subprocess
import sys
import time

CLIENTS_PORT, NODE_PORT = 17464, 17487
RATE = 50000 / 30
FLOWS = 500
KEYS = " "                              # of no trunk: says which configuration is meant
MANAGER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "sip", "manager.py")
FRONT = f"""
listen = ( {{ name = "outside"; transport = "udp"; address = "127.0.0.1"; port = 17460; }},
           {{ name = "inside"; transport = "udp"; address = "127.0.0.1"; port = 17462; }},
           {{ name = "clients"; transport = "udp"; address = "127.0.0.1"; port = {CLIENTS_PORT}; }},
           {{ name = "nodes"; transport = "udp"; address = "127.0.0.1"; port = 17466; }} );
registrar = {{ listen = "clients"; }};
cluster = {{ listen = "nodes"; nodes = ( {{ name = "cm1"; uri = "sip:127.0.0.1:{NODE_PORT}"; }} ); }};
"""
MAGIC = struct.pack("!HHI", 1, 0, 0x2112a442)


class Clients:
    def __init__(self):
        self.ready, self.socks, self.serial = selectors.DefaultSelector(), [], 0
        for _ in range(FLOWS):
            sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            sock.bind(("127.0.0.1", 0))
            sock.connect(("127.0.0.1", CLIENTS_PORT))
            sock.setblocking(False)
            self.socks.append(sock)
            self.ready.register(sock, selectors.EVENT_READ)

    def register(self, number):
        sock = self.socks[number]
        port = sock.getsockname()[1]
        sock.send((f"REGISTER sip:a.example SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bKb{number}\r\n"
                   f"Max-Forwards: 70\r\nFrom: <sip:u{number}@a.example>;tag=t{number}\r\n"
                   f"To: <sip:u{number}@a.example>\r\nCall-ID: c{number}\r\nCSeq: 1 REGISTER\r\n"
                   f"Contact: <sip:u{number}@127.0.0.1:{port}>;expires=3600;x-cisco-mra-ha=AR_SK\r\n"
                   "Content-Length: 0\r\n\r\n").encode())

    def heard(self, first):
        """messages that begin so, of those that are there now"""
        count = 0
        for key, _ in self.ready.select(0):
            try:
                count += key.fileobj.recv(4096).startswith(first)
            except OSError:
                pass
        return count

    def register_all(self):
        """how many were taken"""
        done, end = 0, time.monotonic() + 10
        for number in range(FLOWS):
            self.register(number)
            time.sleep(0.001)
            done += self.heard(b"SIP/2.0 200")
        while done < FLOWS and time.monotonic() < end:
            done += self.heard(b"SIP/2.0 200")
        return done

    def ask(self, seconds):
        """(asked, answered) at an even rate"""
        began, asked, answered = time.monotonic(), 0, 0
        while time.monotonic() < began + seconds:
            while asked < (time.monotonic() - began) * RATE:
                self.socks[asked % FLOWS].send(MAGIC + struct.pack("!IQ", 7, asked))
                asked += 1
            answered += self.heard(b"\x01\x01")
            time.sleep(0.0005)
        time.sleep(0.2)
        return asked, answered + self.heard(b"\x01\x01")

    def flood(self, seconds):
        """answers, when each client asks again as soon as it has one"""
        began, answered = time.monotonic(), 0
        for number, sock in enumerate(self.socks):
            sock.send(MAGIC + struct.pack("!IQ", 9, number))
        while time.monotonic() < began + seconds:
            for key, _ in self.ready.select(1):
                if key.fileobj.recv(4096).startswith(b"\x01\x01"):
                    answered += 1
                    key.fileobj.send(MAGIC + struct.pack("!IQ", 9, answered))
        return answered

    def close(self):
        for sock in self.socks:
            sock.close()
        self.ready.close()


def spent_on(element, work, seconds):
    """(what it returned, CPU seconds, seconds)"""
    before, began = element.cpu_s(), time.monotonic()
    got = work(seconds)
    return got, element.cpu_s() - before, time.monotonic() - began


def keepalives(bench, element):
    """percent of a core at that rate; the same from what an answer costs when there are as many as can be"""
    if element.name != "twinleg":
        return None
    with subprocess.Popen([sys.executable, MANAGER, "udp", "127.0.0.1", str(NODE_PORT)],
                          stdout=subprocess.PIPE) as manager:
        manager.stdout.readline()
        element.start(bench.folder, keys=KEYS)
        clients = Clients()
        registered = clients.register_all()
        clients.ask(1)
        (asked, answered), spent, seconds = spent_on(element, clients.ask, bench.pick(4, 20))
        flood, flood_spent, _ = spent_on(element, clients.flood, bench.pick(2, 10))
        clients.close()
        element.stop()
        manager.kill()
    if registered < FLOWS or answered < asked * 0.99 or not flood:
        return None
    return 100 * spent / seconds, 100 * RATE * flood_spent / flood
