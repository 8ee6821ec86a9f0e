"""SIPp as caller and callee."""
import os
import re
import signal
import subprocess
import time
from datetime import datetime

HERE = os.path.dirname(os.path.abspath(__file__)) + "/scenarios/"
STAMP = re.compile(rb"^-{20,} (\S+ \S+)\r?\n\w+ message (sent|received) [^\n]*\n\n", re.M)

# caller scenario -> the last two digits of the number, which tell the callee what to do
KINDS = {"caller_hangs_up": "10", "caller_waits": "60", "caller_busy": "20", "caller_cancels": "30",
         "caller_early": "40", "caller_offerless": "50", "caller_holds": "11", "caller_pracks": "70"}


class Sipp:
    """one SIPp process; its files go to `folder`. `to`, `calls` and `number` make it a caller; lasts_s: of a
    call whose pauses are long"""

    def __init__(self, folder, scenario, host, port, proto="udp", to=None, calls=0, rate=10, number="", hold_ms=100,
                 side=None, lasts_s=0, more=()):
        self.scenario, self.side, self.calls = scenario, side, calls
        base = f"{folder}/{scenario}.{port}"
        self.screen, self.error_file, self.message_file = base + ".screen", base + ".errors", base + ".messages"
        at = f"[{host}]" if ":" in host else host
        command = ["sipp", "-sf", f"{HERE}{scenario}.xml", "-i", at, "-mi", at, "-p", str(port), "-nostdin",
                   "-t", "t1" if proto == "tcp" else "u1", "-recv_timeout", "8000", "-timer_resol", "1",
                   "-watchdog_major_threshold", "100000", "-watchdog_minor_threshold", "100000",
                   "-trace_err", "-error_file", self.error_file, "-trace_msg", "-message_file",
                   self.message_file, *more]
        if to:
            peer = f"[{to[0]}]:{to[1]}" if ":" in to[0] else f"{to[0]}:{to[1]}"
            command += [peer, "-s", number, "-r", str(rate), "-d", str(hold_ms), "-m", str(calls),
                        "-timeout", f"{calls // rate + lasts_s + 25}s", "-timeout_error"]
        with open(self.screen, "w", encoding="utf-8") as screen:
            self.run = subprocess.Popen(command, stdout=screen, stderr=subprocess.STDOUT, cwd=folder)
        if not to and not await_port(proto, host, port):
            raise OSError(f"SIPp does not listen on {proto} {host}:{port}: {self.errors()}")

    def wait(self, seconds):
        """the exit code, 0 when all calls went as the scenario says"""
        try:
            return self.run.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            return -1

    def stop(self):
        """ends a callee: SIGUSR1 lets calls finish first, a second one does not"""
        for _ in range(2):
            if self.run.poll() is None:
                self.run.send_signal(signal.SIGUSR1)
                try:
                    self.run.wait(2)
                except subprocess.TimeoutExpired:
                    pass
        self.kill()

    def kill(self):
        if self.run.poll() is None:
            self.run.kill()
            self.run.wait()

    def count(self, what):
        """"Successful call" or "Failed call" of its last screen"""
        with open(self.screen, encoding="utf-8", errors="replace") as screen:
            found = re.findall(what + r"\s*\|\s*\d+\s*\|\s*(\d+)", screen.read())
        return int(found[-1]) if found else -1

    def errors(self):
        for path in (self.error_file, self.screen):
            if os.path.exists(path):
                with open(path, encoding="utf-8", errors="replace") as lines:
                    text = lines.read().strip()
                if text:
                    return text[-700:]
        return "no word"

    def trace(self):
        """(time, sent, bytes) of each message"""
        if not os.path.exists(self.message_file):
            return
        with open(self.message_file, "rb") as lines:
            text = lines.read()
        marks = list(STAMP.finditer(text))
        for mark, after in zip(marks, [m.start() for m in marks[1:]] + [len(text)]):
            stamp = datetime.strptime(mark.group(1).decode(), "%Y-%m-%d %H:%M:%S.%f").timestamp()
            yield stamp, mark.group(2) == b"sent", text[mark.end():after].rstrip(b"\r\n") + b"\r\n\r\n"


def await_port(proto, host, port, seconds=5):
    """until something is bound there"""
    table = f"/proc/net/{proto}6" if ":" in host else f"/proc/net/{proto}"
    words = ["00000000" * 3 + "01000000"] if ":" in host else [f"{int(w):02X}" for w in reversed(host.split("."))]
    wanted = "".join(words) + f":{port:04X}"
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with open(table, encoding="ascii") as lines:
            if wanted in lines.read():
                return True
        time.sleep(0.02)
    return False
