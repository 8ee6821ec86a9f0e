"""What is measured: a program, where calls go in, where they come out, and what the kernel says of its cost."""
import glob
import os
import re
import signal
import subprocess
import time

TICK_S = 1 / os.sysconf("SC_CLK_TCK")
CORES = sorted(os.sched_getaffinity(0))
START_S, STOP_S, KILL_S, FREE_S = 60, 4, 60, 2


def pinned(core):
    """the element has one core to itself, the generator another"""
    return ["taskset", "-c", str(CORES[core])] if len(CORES) > 1 else []


def read(path):
    """empty when the process has just gone"""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def cpu_s(path):
    """user and system time of a stat file"""
    fields = read(path).rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * TICK_S if fields else 0.0


class Trouble(Exception):
    """why there is no figure"""


def is_taken(port):
    """has somebody this UDP port?"""
    return f":{port:04X} " in read("/proc/net/udp")


class Element:
    """`command(folder, workers, keys)` writes its configuration, `keys` into each trunk, and says how to start it;
    `target` None: nothing is between caller and callee"""

    def __init__(self, name, command, target, callee_port):
        self.name, self.command, self.target, self.callee_port = name, command, target, callee_port
        self.run, self.log = None, None

    def start(self, folder, wrap=(), pin=True, workers=1, keys=""):
        if not self.command:
            return
        self.log = f"{folder}/{self.name}.log"
        port, command = int(self.target.split(":")[1]), self.command(folder, workers, keys)
        end = time.monotonic() + FREE_S
        while is_taken(port) and time.monotonic() < end:  # by the one before, which is on its way out
            time.sleep(0.05)
        if is_taken(port):
            raise Trouble(f"port {port} is taken: does another bench run?")
        with open(self.log, "w", encoding="utf-8") as log:
            self.run = subprocess.Popen([*(pinned(0) if pin else []), *wrap, *command], cwd=folder, stdout=log,
                                        stderr=subprocess.STDOUT)
        end = time.monotonic() + START_S
        while not is_taken(port) and self.run.poll() is None and time.monotonic() < end:
            time.sleep(0.05)
        time.sleep(2.5 if wrap else 0.3)
        if self.run.poll() is not None or not is_taken(port):
            raise Trouble(f"{self.name} did not start:\n{read(self.log)[-2000:]}")

    def stop(self):
        if not self.run:
            return
        for seconds in (STOP_S, KILL_S):  # a second SIGTERM: at once
            if self.run.poll() is None:
                self.run.send_signal(signal.SIGTERM)
                try:
                    self.run.wait(seconds)
                except subprocess.TimeoutExpired:
                    pass
        if self.run.poll() is None:
            self.run.kill()
            self.run.wait()
        self.run = None

    def pids(self):
        """its process and all below it"""
        children, todo, found = {}, [self.run.pid], []
        for path in glob.glob("/proc/[0-9]*/stat"):
            fields = read(path).rpartition(")")[2].split()
            if fields:
                children.setdefault(int(fields[1]), []).append(int(path.split("/")[2]))
        while todo:
            pid = todo.pop()
            found.append(pid)
            todo += children.get(pid, [])
        return found

    def cpu_s(self):
        return sum(cpu_s(f"/proc/{pid}/stat") for pid in self.pids())

    def threads_s(self):
        return {path: cpu_s(path) for pid in self.pids() for path in glob.glob(f"/proc/{pid}/task/*/stat")}

    def pss_kib(self):
        """RSS, memory that several processes share counted once"""
        found = [re.search(r"^Pss:\s+(\d+)", read(f"/proc/{pid}/smaps_rollup"), re.M) for pid in self.pids()]
        return sum(int(match.group(1)) for match in found if match)

    def status(self):
        """twinleg's own counts; they are up to 0.2 s old"""
        time.sleep(0.3)
        before = read(self.log).count(" calls=")
        self.run.send_signal(signal.SIGUSR1)
        for _ in range(20):
            time.sleep(0.05)
            lines = re.findall(r"status (calls=.*)", read(self.log))
            if lines and read(self.log).count(" calls=") > before:
                return {key: int(value) for key, value in re.findall(r"(\w+)=(\d+)", lines[-1])}
        return {}
