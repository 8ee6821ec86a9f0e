"""SIPp as caller and callee."""
import os
import signal
import subprocess
import time

HERE = os.path.dirname(os.path.abspath(__file__)) + "/scenarios/"


class Sipp:
    """one SIPp process; its files go to `folder`"""

    def __init__(self, folder, scenario, host, port, proto="udp", to=None, calls=None, rate=10, number=None,
                 trace=False, hold_ms=100, extra=()):
        self.scenario, self.screen = scenario, f"{folder}/{scenario}.{port}.screen"
        command = ["sipp", "-sf", f"{HERE}{scenario}.xml", "-i", host, "-mi", host, "-p", str(port), "-nostdin",
                   "-t", "t1" if proto == "tcp" else "u1", "-recv_timeout", "8000", "-timer_resol", "1",
                   "-watchdog_major_threshold", "100000", "-watchdog_minor_threshold", "100000"]
        if to:
            command += [f"{to[0]}:{to[1]}", "-s", number, "-r", str(rate), "-d", str(hold_ms)]
        if calls:
            command += ["-m", str(calls), "-timeout", f"{calls // rate + 25}s", "-timeout_error"]
        if trace:
            command += ["-trace_msg", "-message_file", self.screen.replace(".screen", ".messages")]
        self.messages = self.screen.replace(".screen", ".messages")
        self.run = subprocess.Popen([*command, "-trace_err", "-error_file", self.screen.replace(".screen", ".errors"),
                                     *extra], stdout=open(self.screen, "w", encoding="utf-8"),
                                    stderr=subprocess.STDOUT, cwd=folder)

    def wait(self, seconds):
        try:
            return self.run.wait(seconds)
        except subprocess.TimeoutExpired:
            self.run.kill()
            self.run.wait()
            return -1

    def stop(self):
        """ends a callee: SIGUSR1 lets calls finish first"""
        for _ in range(2):
            if self.run.poll() is None:
                self.run.send_signal(signal.SIGUSR1)
                try:
                    return self.run.wait(1)
                except subprocess.TimeoutExpired:
                    pass
        if self.run.poll() is None:
            self.run.kill()
        return self.run.wait()

    def errors(self):
        path = self.screen.replace(".screen", ".errors")
        text = open(path, encoding="utf-8", errors="replace").read() if os.path.exists(path) else ""
        screen = open(self.screen, encoding="utf-8", errors="replace").read()
        return (text or screen[-800:])[:1500]


# caller scenario -> the last two digits of the number
KINDS = {"caller_hangs_up": "10", "caller_waits": "60", "caller_busy": "20", "caller_cancels": "30",
         "caller_early": "40", "caller_offerless": "50", "caller_holds": "11", "caller_pracks": "70"}


def await_port(proto, host, port, seconds=5):
    """until something is bound there"""
    table = "/proc/net/" + proto
    words = host.split(".")
    wanted = "".join(f"{int(w):02X}" for w in reversed(words)) + f":{port:04X}"
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with open(table, encoding="ascii") as lines:
            if wanted in lines.read():
                return True
        time.sleep(0.02)
    return False
