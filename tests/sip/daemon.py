"""The daemon under test: start, status, end, and what it wrote."""
import json
import os
import re
import signal
import subprocess
import time


class Daemon:
    def __init__(self, program, config, folder, env=None):
        """env: beside the environment that there is"""
        self.program, self.config, self.folder = os.path.abspath(program), config, folder
        self.log_path, self.cdr_path = f"{folder}/daemon.log", f"{folder}/cdr.jsonl"
        with open(self.log_path, "w", encoding="utf-8") as log:
            self.run = subprocess.Popen([self.program, "-c", config], cwd=folder, stdout=log, stderr=log,
                                        env={**os.environ, **(env or {})})
        if not self.await_line("twinleg ready", 15):
            self.run.kill()
            self.run.wait()
            raise OSError(f"the daemon did not get ready: {self.log()[-1000:]}")

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as log:
            return log.read()

    def await_line(self, text, seconds, after=0):
        """the first line with this text past an offset of the log"""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = re.search(f"^.*{re.escape(text)}.*\n", self.log()[after:], re.M)
            if found:
                return found.group(0)
            if self.run.poll() is not None:
                return None
            time.sleep(0.01)
        return None

    def signal(self, number):
        self.run.send_signal(number)

    def status(self):
        """the counters of the status line, as numbers; at most 200 ms old"""
        at = len(self.log())
        self.signal(signal.SIGUSR1)
        return counters(self.await_line(" status calls=", 5, at) or "")

    def await_status(self, seconds, **wanted):
        """the status as soon as it says so, or the last one"""
        end = time.monotonic() + seconds
        while True:
            status = self.status()
            if all(status.get(key) == value for key, value in wanted.items()) or time.monotonic() > end:
                return status
            time.sleep(0.05)

    def rss_kib(self):
        with open(f"/proc/{self.run.pid}/status", encoding="ascii") as lines:
            return int(re.search(r"VmRSS:\s+(\d+)", lines.read()).group(1))

    def ctl(self, *words):
        """what twinlegctl does with these words, in the daemon's folder: (exit code, stdout, stderr)"""
        run = subprocess.run([f"{os.path.dirname(self.program)}/twinlegctl", *words], cwd=self.folder, timeout=30,
                             capture_output=True, text=True, check=False)
        return run.returncode, run.stdout, run.stderr

    def second(self):
        """another daemon with the same configuration: (exit code, log)"""
        run = subprocess.run([self.program, "-c", self.config], cwd=self.folder, timeout=30, capture_output=True,
                             text=True, check=False)
        return run.returncode, run.stderr

    def alive(self):
        return self.run.poll() is None

    def stop(self, seconds=20):
        """exit code after SIGTERM, and the counters of the last line"""
        if self.alive():
            self.signal(signal.SIGTERM)
        try:
            code = self.run.wait(seconds)
        except subprocess.TimeoutExpired:
            self.run.kill()
            self.run.wait()
            code = f"still there {seconds} s after SIGTERM"
        final = [line for line in self.log().splitlines() if " final calls=" in line]
        return code, counters(final[-1]) if final else {}

    def records(self):
        """call records by call: id -> [leg records]"""
        calls = {}
        if os.path.exists(self.cdr_path):
            with open(self.cdr_path, encoding="utf-8") as lines:
                for line in lines:
                    record = json.loads(line)
                    calls.setdefault(record["call_id"], []).append(record)
        return calls


def counters(line):
    return {key: int(value) for key, value in re.findall(r"(\w+)=(\d+)\b", line)}
