#!/usr/bin/env python3
"""The Debian package on a Debian that has just been installed: what its service does under the real systemd.
usage: tests/packaging/check.py --deb PACKAGE --folder FOLDER      (as root)"""
import argparse
import os
import shutil
import sys
import time

from machine import Failure, Machine, until

CONFIG = "/etc/twinleg/twinleg.cfg"
DROP_IN = "/run/systemd/system/twinleg.service.d/quick.conf"
RECORDS = "/var/log/twinleg/cdr.jsonl"
NET_BIND = 1 << 10
CASES = []


def case(function):
    CASES.append(function)
    return function


def expect(holds, what):
    if not holds:
        raise Failure(what)


def equal(m, **wanted):
    for key, value in wanted.items():
        expect(m.show(key) == value, f"{key}={m.show(key)}, not {value}")


def edit(m, old, new, path=CONFIG):
    text = m.read(path)
    expect(old in text, f"{path} has no {old!r}")
    m.write(path, text.replace(old, new))


def quick(m, *lines):
    """what is waited for in minutes, in seconds"""
    m.run("mkdir", "-p", os.path.dirname(DROP_IN))
    m.run("sh", "-c", f"printf '%s\\n' '[Service]' {' '.join(lines)} >{DROP_IN}")
    m.run("systemctl", "daemon-reload")


@case
def installs(m):
    """the package starts the service, which says itself when it is ready, and has it started at boot"""
    m.run("dpkg", "-i", m.deb)
    equal(m, Type="notify", ActiveState="active", UnitFileState="enabled", Result="success")
    until("its state", lambda: m.show("StatusText") == "running; calls: 0")
    expect("node" in m.run("twinlegctl", "status"), "twinlegctl does not find it")
    until("the log is in the journal", lambda: "twinleg ready" in m.journal())


@case
def rights(m):
    """a user of its own, one capability, no way to more"""
    pid = m.show("MainPID")
    facts = dict(line.split(":\t", 1) for line in m.run("cat", f"/proc/{pid}/status").splitlines())
    uid = m.run("id", "-u", "twinleg").strip()
    expect(facts["Uid"].split() == [uid] * 4, f"Uid {facts['Uid']}")
    for kind in ("CapEff", "CapBnd", "CapPrm"):
        expect(int(facts[kind], 16) == NET_BIND, f"{kind} {facts[kind]}")
    expect(facts["NoNewPrivs"] == "1" and facts["Seccomp"] == "2", "it may become more, or call anything")


@case
def writes_where_it_may(m):
    """in its three folders; elsewhere not even root in its place could"""
    pid = m.show("MainPID")
    for folder, status in (("/var/lib/twinleg", 0), ("/var/log/twinleg", 0), ("/run/twinleg", 0), ("/etc/twinleg", 1),
                           ("/usr/sbin", 1), ("/var/cache", 1), ("/root", 1), ("/home", 1)):
        m.run("nsenter", f"--target={pid}", "--mount", "--", "sh", "-c", f"cd {folder} && touch it && rm it",
              status=status)
    m.run("nsenter", f"--target={pid}", "--mount", "--", "touch", "/tmp/mine")
    m.run("test", "-e", "/tmp/mine", status=1)
    m.run("twinlegctl", "trace", "start", "/var/cache/t.pcap", status=1)
    m.run("twinlegctl", "trace", "start", "/var/log/twinleg/t.pcap")
    m.run("twinlegctl", "trace", "stop")
    m.run("test", "-s", "/var/log/twinleg/t.pcap")


@case
def low_port(m):
    """a port below 1024, without root"""
    edit(m, "port = 5060", "port = 443")
    m.run("systemctl", "restart", "twinleg")
    expect("127.0.0.1:443 " in m.run("ss", "-uln"), "nothing listens there")
    edit(m, "port = 443", "port = 5060")
    m.run("systemctl", "restart", "twinleg")


@case
def reloads(m):
    """a new configuration without a new process; one with a fault fails by name and changes nothing"""
    pid = m.show("MainPID")
    edit(m, 'name = "sbc1"', 'name = "sbc7"')
    m.run("systemctl", "reload", "twinleg")
    until("it is in force", lambda: "sbc7" in m.run("twinlegctl", "status"))
    edit(m, 'name = "sbc7"', 'nam = "sbc8"')
    m.run("systemctl", "reload", "twinleg", status=1)
    expect(f"{CONFIG}:" in m.journal(), "the journal does not say what is wrong")
    edit(m, 'nam = "sbc8"', 'name = "sbc7"')
    m.run("systemctl", "reload", "twinleg")
    equal(m, MainPID=pid, ActiveState="active")


@case
def rotates(m):
    """call records: the old file is put away, the new one is written to"""
    m.write(RECORDS, "{}\n")
    pid = m.show("MainPID")
    m.run("logrotate", "--force", "/etc/logrotate.d/twinleg")
    m.run("grep", "-q", "{}", f"{RECORDS}.1")
    until("the new one is open", lambda: f"{RECORDS}\n" in m.run("sh", "-c", f"readlink /proc/{pid}/fd/*", check=False))


@case
def watchdog(m):
    """one that hangs is ended and started anew"""
    quick(m, "WatchdogSec=2")
    m.run("systemctl", "restart", "twinleg")
    pid = m.show("MainPID")
    m.run("kill", "-STOP", pid)
    until("it is started anew", lambda: m.show("MainPID") not in (pid, "0") and m.show("ActiveState") == "active")
    expect("Watchdog timeout" in m.run("journalctl", "--no-pager", "--unit=twinleg"), "that was not the watchdog")


@case
def crashes(m):
    """however often it ends, it is started again"""
    for _ in range(7):
        pid = m.show("MainPID")
        m.run("kill", "-SEGV", pid)
        until("it is started anew", lambda was=pid: m.show("MainPID") not in (was, "0") and
              m.show("ActiveState") == "active")


@case
def wrong_configuration(m):
    """is not tried again and again"""
    text = m.read(CONFIG)
    m.write(CONFIG, text + "\nnonsense = 1;\n")
    m.run("systemctl", "restart", "twinleg", status=1)
    equal(m, ActiveState="failed", SubState="failed")
    expect("nonsense" in m.journal(), "the journal does not say what is wrong")
    m.write(CONFIG, text)
    m.run("systemctl", "start", "twinleg")


def call(m):
    """a call from the carrier to the call manager; returns both"""
    manager = m.beside("sipp", "-sn", "uas", "-i", "127.0.0.1", "-p", "5080", "-m", "1", "-nostdin")
    until("the call manager", lambda: ":5080 " in m.run("ss", "-uln"))
    carrier = m.beside("sipp", "-sn", "uac", "-i", "127.0.0.1", "-p", "5070", "-m", "1", "-d", "600000", "-nostdin",
                       "127.0.0.1:5060")
    until("a call is up", lambda: "answered" in m.run("twinlegctl", "calls") or "up" in m.run("twinlegctl", "calls"))
    return manager, carrier


@case
def stops_with_a_call(m):
    """it gets the time that drain_seconds gives, even where the manager has less patience, then BYE on both sides"""
    edit(m, 'state_dir =', 'drain_seconds = 6; state_dir =')
    quick(m, "WatchdogSec=2", "TimeoutStopSec=3")
    m.run("systemctl", "restart", "twinleg")
    manager, _ = call(m)
    m.run("systemctl", "stop", "--no-block", "twinleg")
    until("it says so", lambda: m.show("StatusText") == "draining; calls: 1")
    until("it has stopped", lambda: m.show("ActiveState") != "deactivating")
    equal(m, ActiveState="inactive", Result="success")
    expect(m.read(RECORDS).count('"cause":"drain"') == 2, f"records: {m.read(RECORDS)}")
    expect(manager.wait(30) == 0, "the call manager had no BYE")
    m.run("systemctl", "start", "twinleg")


@case
def fail2ban(m):
    """its jail reads our journal, and what it bans twinleg drops"""
    m.run("cp", "-r", "/usr/share/twinleg/fail2ban/.", "/etc/fail2ban/")
    m.write("/etc/fail2ban/jail.local", "[DEFAULT]\nignoreself = false\nignoreip =\n[sshd]\nbackend = systemd\n"
            "[twinleg-intrusion]\nmaxretry = 3\n")
    m.run("systemctl", "restart", "fail2ban")
    until("the jail", lambda: "twinleg-intrusion" in m.run("fail2ban-client", "status", check=False))
    knock = ("import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('127.0.0.9', 0));"
             "[s.sendto(b'OPTIONS sip:x SIP/2.0\\r\\n\\r\\n', ('127.0.0.1', 5060)) for _ in range(4)]")
    m.run("python3", "-c", knock)
    until("it is banned", lambda: "127.0.0.9" in m.run("twinlegctl", "bans"))
    warned = m.journal("--priority=warning")
    expect("security category=" in warned and "twinleg ready" not in warned, f"warnings: {warned}")
    m.run("fail2ban-client", "unban", "127.0.0.9")
    until("it is let go", lambda: "127.0.0.9" not in m.run("twinlegctl", "bans"))


@case
def upgrades(m):
    """a newer package starts the new program with the configuration as the operator has it"""
    pid, text = m.show("MainPID"), m.read(CONFIG)
    m.run("dpkg", "-i", m.deb)
    equal(m, ActiveState="active")
    expect(m.show("MainPID") != pid and m.read(CONFIG) == text, "the old program, or another configuration")


@case
def goes(m):
    """removed it has stopped; purged nothing of it stays but its user"""
    m.run("dpkg", "-r", "twinleg")
    expect(m.show("ActiveState") in ("inactive", "failed"), "it still runs")
    m.run("test", "-e", CONFIG)
    m.run("dpkg", "-P", "twinleg")
    for path in ("/etc/twinleg", "/var/lib/twinleg", "/var/log/twinleg", "/etc/logrotate.d/twinleg"):
        m.run("test", "-e", path, status=1)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--deb", required=True)
    arguments.add_argument("--folder", required=True)
    a = arguments.parse_args()
    if os.geteuid() != 0 or not shutil.which("systemd-nspawn"):
        print("a machine is booted by root, with mmdebstrap and systemd-container installed", file=sys.stderr)
        return 2
    with Machine(os.path.abspath(a.folder), os.path.abspath(a.deb)) as m:
        for function in CASES:
            begun = time.monotonic()
            try:
                function(m)
            except Failure as wrong:
                print(f"FAILED {function.__name__}: {wrong}\n{m.run('journalctl', '-n40', '--no-pager', check=False)}")
                return 1
            print(f"  ok   {function.__name__:20} {time.monotonic() - begun:5.1f} s  {function.__doc__}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
