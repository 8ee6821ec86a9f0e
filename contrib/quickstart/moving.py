"""A client that registers over TCP and knows AR_SK: it is called, its call manager is killed, its keepalive falls
silent, it registers anew, is at the other call manager, and is called there."""
import json
import os
import shutil
import time

from callmanager import CallManager
from daemon import Daemon
from message import Failure, Msg, finish, sdp
from phone import Phone
from sipp import Sipp

HERE = os.path.dirname(os.path.abspath(__file__))
CONFIG = os.path.join(HERE, "registrar.cfg")
STATE = os.path.join(HERE, "../../build/quickstart-state")
SOCKET = os.path.join(HERE, "../../build/twinleg.sock")
HOST, EDGE = "127.0.0.1", ("127.0.0.1", 5060)
NODES = {"cm1": 5080, "cm2": 5081}
USER, DOMAIN = "alice", "example.com"
CALLER = 5101
SILENT_S = 3.0                  # without an answer for so long the client takes its call manager for lost
PATIENCE_S = 40.0


def demand(condition, what):
    if not condition:
        raise Failure(what)


class Clock:
    """prints what happened, and when"""

    def __init__(self):
        self.began = time.monotonic()

    def now(self):
        return time.monotonic() - self.began

    def say(self, what, at=None):
        print(f"  {self.now() if at is None else at:7.2f} s  {what}", flush=True)


class Scene:
    """twinleg, the call managers, the client"""

    def __init__(self, program, folder):
        self.folder = os.path.join(folder, "registrar")
        os.mkdir(self.folder)
        shutil.rmtree(STATE, ignore_errors=True)        # nobody is registered from the last time
        self.managers, self.phone, self.daemon = {}, None, None
        try:
            self.managers = {name: CallManager("udp", HOST, port) for name, port in NODES.items()}
            self.daemon = Daemon(program, CONFIG, self.folder)
            self.phone = Phone("tcp", HOST, EDGE, user=USER, domain=DOMAIN)
        except OSError:
            self.end()
            raise

    def end(self):
        if self.phone:
            self.phone.close()
        if self.daemon and self.daemon.alive():
            self.daemon.run.kill()
            self.daemon.run.wait()
        for one in self.managers.values():
            one.end()

    def ctl(self, *words):
        code, out, err = self.daemon.ctl("-s", SOCKET, *words)
        demand(code == 0, f"twinlegctl {' '.join(words)}: {err}")
        return out

    def home(self):
        """the call manager where the client is registered"""
        found = json.loads(self.ctl("-j", "registrations", f"{USER}@{DOMAIN}"))["registrations"]
        demand(len(found) == 1, f"{len(found)} registrations")
        return found[0]["node"]

    def register(self):
        answer = self.phone.register()
        demand(answer.status == 200, f"REGISTER got {answer.start}")
        demand("X-cisco-supports-AR_SK" in answer.get("supported"), "the 200 does not say AR_SK")
        demand(self.phone.keepalive(), "the keepalive is not answered")
        return self.home()


def reply(phone, request, status, body=None):
    lines = [f"SIP/2.0 {status}", *(f"Via: {via}" for via in request.all("via")), f"From: {request.get('from')}",
             f"To: {request.get('to')}" + ("" if request.tag("to") else f";tag={phone.tag}"),
             f"Call-ID: {request.call_id}", f"CSeq: {request.get('cseq')}",
             f"Contact: <sip:{phone.user}@{phone.host}:{phone.port};transport=tcp>"]
    phone.send(finish(lines, body, []))


def request(phone, method):
    raw = phone.wait(lambda m: m.startswith(method.encode() + b" "), 10)
    demand(raw, f"no {method} came to the client")
    return Msg(raw)


def called(scene, name, clock):
    """somebody calls the client through this call manager: rings, is answered, hangs up"""
    to, folder = (HOST, NODES[name]), os.path.join(scene.folder, name)
    os.mkdir(folder)
    sipp = Sipp(folder, "caller_hangs_up", HOST, CALLER, "udp", to, 1, 10, USER)
    try:
        invite = request(scene.phone, "INVITE")
        at = clock.now()
        reply(scene.phone, invite, "180 Ringing")
        reply(scene.phone, invite, "200 OK", sdp(HOST))
        request(scene.phone, "ACK")
        reply(scene.phone, request(scene.phone, "BYE"), "200 OK")
        demand(sipp.wait(15) == 0, f"the caller says: {sipp.errors()}")
    finally:
        sipp.kill()
    clock.say(f"a call by way of {name} reached it; answered, and the caller hung up", at)
    return at


def fall_silent(scene, clock):
    """when the first keepalive left that was not answered"""
    end = clock.now() + PATIENCE_S
    while clock.now() < end:
        sent = clock.now()
        if not scene.phone.keepalive(SILENT_S):
            return sent
        time.sleep(0.5)
    raise Failure(f"keepalives are answered {PATIENCE_S:g} s after the end of the call manager")


def play(scene, clock):
    first = scene.register()
    clock.say(f"registered at {first} over TCP; the 200 says AR_SK; a STUN keepalive on the connection is answered")
    called(scene, first, clock)
    scene.managers[first].kill()
    killed = clock.now()
    clock.say(f"{first} is killed; the client knows nothing of it, and sends its keepalives")
    silent = fall_silent(scene, clock)
    clock.say("a keepalive leaves that is the first one without an answer", silent)
    clock.say(f"the client has waited {SILENT_S:g} s for the answer, and registers anew")
    second = scene.register()
    again = clock.now()
    demand(second != first, f"it is registered at {first} again")
    clock.say(f"registered at {second} by a REGISTER on the same connection; keepalives are answered again", again)
    reached = called(scene, second, clock)
    print("\n  $ twinlegctl nodes\n\n" + "".join(f"  {line}\n" for line in scene.ctl("nodes").splitlines()))
    print(f"  after {first} was killed: keepalives fell silent in {silent - killed:.2f} s, registered again in "
          f"{again - killed:.2f} s, called again in {reached - killed:.2f} s")


def show(program, folder, ended):
    """prints all; did the client get its calls? `ended` tells whether the daemon ends well"""
    print(f"\n\n  A client that registers, and loses its call manager: client - twinleg :{EDGE[1]} and :5062 - "
          f"cm1 :{NODES['cm1']}, cm2 :{NODES['cm2']}\n")
    try:
        scene = Scene(program, folder)
    except OSError as error:
        print(f"  it did not begin: {error}")
        return False
    try:
        play(scene, Clock())
        return ended(scene.daemon)
    except (Failure, OSError) as error:
        print(f"  <-- not as wanted: {error}\n" + scene.daemon.log()[-1500:])
        return False
    finally:
        scene.end()
