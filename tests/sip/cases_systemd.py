"""The service: what the daemon tells its manager, and the unit that starts it."""
import os
import re
import shutil
import signal
import socket
import subprocess

from case import Call, case, expect
from cases_install import install, run
from daemon import Daemon

UNIT = "usr/lib/systemd/system/twinleg.service"


class Manager:
    """$NOTIFY_SOCKET, and what came there"""

    def __init__(self, folder):
        self.path = f"{folder}/notify"
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.bind(self.path)
        self.sock.settimeout(5)

    def hear(self, *wanted):
        """goes on until a datagram has all of these lines"""
        while True:
            text = self.sock.recv(4096).decode()
            if all(re.search(f"^{line}$", text, re.M) for line in wanted):
                return text


@case()
def systemd_is_told(net):
    """READY when it is, signs of life, RELOADING and READY, STOPPING with the time that calls are given"""
    manager = Manager(net.bed.folder)
    config = net.bed.write(["a-udp"], ["b-udp"], drain_s=9)
    net.daemon = Daemon(net.program, config, net.bed.folder,
                        {"NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "400000"})
    manager.hear("READY=1")
    call = Call(net).up()
    manager.hear("WATCHDOG=1", "STATUS=running; calls: 1")
    net.daemon.signal(signal.SIGHUP)
    manager.hear("RELOADING=1", r"MONOTONIC_USEC=\d+")
    manager.hear("READY=1")
    net.daemon.signal(signal.SIGTERM)
    manager.hear("STOPPING=1", "EXTEND_TIMEOUT_USEC=29000000")
    manager.hear("WATCHDOG=1", "STATUS=draining; calls: 1")
    call.bye()
    net.stopped = net.daemon.run.wait(10), net.daemon.stop()[1]
    manager.sock.close()


@case()
def systemd_unit(net):
    """what is installed names what is installed, systemd understands every line, and the hardening is worth its name"""
    root = f"{net.bed.folder}/root"
    install(net, DESTDIR=root, PREFIX="/usr")
    with open(f"{root}/{UNIT}", encoding="utf-8") as unit:
        text = unit.read()
    for line in ("Type=notify", "User=twinleg", "AmbientCapabilities=CAP_NET_BIND_SERVICE",
                 "ExecReload=/bin/kill -HUP $MAINPID", "ExecStart=/usr/sbin/twinleg -c /etc/twinleg/twinleg.cfg"):
        expect(line in text.splitlines(), f"no {line}")
    expect("/usr/local" not in text, "it names another place")
    for program in ("usr/sbin/twinleg", "bin/kill"):          # verify looks whether they are there
        os.makedirs(os.path.dirname(f"{root}/{program}"), exist_ok=True)
        if not os.path.exists(f"{root}/{program}"):
            shutil.copy("/bin/true", f"{root}/{program}")
    shutil.copytree("/lib/systemd/system", f"{root}/lib/systemd/system", symlinks=True, dirs_exist_ok=True)
    said = subprocess.run(["systemd-analyze", "verify", f"--root={root}", "--man=no", "twinleg.service"], timeout=60,
                          capture_output=True, text=True, check=False)
    ours = [line for line in said.stderr.splitlines() if "twinleg" in line]
    expect(not ours, "\n".join(ours))
    said = run("systemd-analyze", "security", "--offline=true", f"--root={root}", "--threshold=30", "twinleg.service")
    expect("Overall exposure level" in said, said)
