"""Registrations outlive the process: killed, stopped, with a file that is damaged."""
import glob
import os
import re
import stat
from collections import namedtuple

from case import case, expect
from daemon import Daemon
from front import PORT, Client, until, write
from manager import response
from message import fresh, sdp
from peer import Peer
from ua import Leg

Node = namedtuple("Node", "name host")


class Scene:
    """one client, one node that grants whatever is asked"""

    def __init__(self, net, proto):
        self.net, self.proto = net, proto
        # as it is no side: a REGISTER crosses with its names
        self.node = net.peers["stranger"] = Peer("udp", net.bed.host(41), PORT)
        self.config = write(net.bed, [Node("cm1", net.bed.host(41))], cluster='keepalive = { method = "none"; };')
        self.state = f"{net.bed.folder}/state"
        self.client, self.path = None, None
        self.start()
        self.client = Client(net, proto)

    def start(self):
        self.net.daemon = Daemon(self.net.program, self.config, self.net.bed.folder)

    def kill(self):
        until("the registration is on disk", 5, lambda: self.metric("store_writes_total{kind=\"put\"}") > 0)
        self.net.daemon.run.kill()
        self.net.daemon.run.wait()

    def stop(self):
        code, _ = self.net.daemon.stop()
        expect(code == 0, f"exit code {code}")

    def metric(self, name):
        _, text, _ = self.net.daemon.ctl("metrics")
        found = re.search(rf"^twinleg_{re.escape(name)} (\d+)$", text, re.M)
        return int(found.group(1)) if found else -1

    def register(self):
        number = self.client.send()
        asked = self.node.wait(lambda m: m.method == "REGISTER" and m.cseq[0] == number, "REGISTER")
        self.path = asked.get("path")
        self.node.send(response(asked.raw), asked.path)
        expect(self.client.answer(number).status == 200, "REGISTER was refused")

    def invite(self):
        """as the node sends it: to the Contact, by the Path"""
        leg = Leg(self.node, self.net.bed.listener("b", "udp"))
        leg.call_id, leg.local_tag = fresh("call-"), fresh("tag")
        leg.local, leg.remote = "<sip:bob@a.example>", "<sip:alice@a.example>"
        leg.target, leg.routes = re.search("<(.*)>", self.client.contact).group(1), [self.path]
        leg.request("INVITE", sdp(self.node.host))
        leg.routes = []
        return leg

    def call(self):
        caller = self.invite()
        called = Leg.take(self.client.peer, "alice")
        called.ring()
        caller.expect(180)
        called.answer()
        caller.confirm(called)
        caller.hang_up(called)


@case(("udp", "kill"), ("udp", "stop"), ("tcp", "kill"), ("tcp", "stop"))
def store_restart(net, proto, end):
    """over UDP calls arrive at once; a connection is gone, and its client is found again when it is back"""
    scene = Scene(net, proto)
    scene.register()
    getattr(scene, end)()
    scene.start()
    expect(scene.metric("store_loaded") == 1 and scene.metric("registrations_current") == 1, "nothing was loaded")
    if proto == "tcp":
        scene.invite().expect(430)
        scene.client.peer.drop_connections()
        scene.register()
        expect(scene.metric("registrations_current") == 1, "the same client is another one")
    scene.call()
    expect(stat.S_IMODE(os.stat(f"{scene.state}/flow_secret").st_mode) == 0o600, "who may read the secret")
    with open(f"{scene.state}/flow_secret", encoding="ascii") as secret:
        expect(secret.read().strip() not in net.daemon.log(), "the secret in the log")


@case("junk", "cut", "folder")
def store_damaged(net, how):
    """set aside, or left alone where that cannot be: the daemon starts, and clients register"""
    scene = Scene(net, "udp")
    scene.register()
    scene.stop()
    path = f"{scene.state}/registrations.db"
    if how == "folder":
        os.rename(path, path + ".saved")
        os.mkdir(path)
    else:
        with open(path, "r+b") as out:
            out.write(b"\xa5" * 4096)
            out.truncate(8192 if how == "junk" else 100)
    scene.start()
    expect("registrations.db error=" in net.daemon.log(), "it says nothing of it")
    aside = glob.glob(f"{path}.damaged-*Z")
    expect(len(aside) == (how != "folder"), f"set aside: {aside}")
    expect(scene.metric("store_up") == (how != "folder"), "store_up")
    scene.register()
    scene.call()
    if how == "folder":
        os.rmdir(path)
        os.rename(path + ".saved", path)
        code, _, error = net.daemon.ctl("reload")
        expect(code == 0 and scene.metric("store_up") == 1, f"after a reload: {error}")
