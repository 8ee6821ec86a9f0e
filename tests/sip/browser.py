"""A real browser, without a window, driven over its DevTools pipe: JSON with a NUL behind each message."""
import base64
import json
import os
import select
import subprocess
import time

from message import Failure


class Browser:
    def __init__(self, folder, width=1100, height=900):
        # its ends of the two pipes have to be descriptors 3 and 4
        down_in, self.down = os.pipe()
        self.up, up_out = os.pipe()
        command = ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                   "--no-first-run", "--remote-debugging-pipe", f"--user-data-dir={folder}/chromium", "about:blank"]
        shell = 'exec {in}<&$1 {out}>&$2; shift 2; exec "$@" 3<&$in 4>&$out'
        with open(f"{folder}/chromium.log", "w", encoding="utf-8") as log:
            self.run = subprocess.Popen(["bash", "-c", shell, "bash", str(down_in), str(up_out), *command],
                                        pass_fds=(down_in, up_out), stdout=log, stderr=log)
        os.close(down_in)
        os.close(up_out)
        self.got, self.number, self.session, self.events = b"", 0, None, []
        page = [one for one in self.send("Target.getTargets")["targetInfos"] if one["type"] == "page"][0]
        self.session = self.send("Target.attachToTarget", targetId=page["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.send(domain + ".enable")
        self.size(width, height)

    def _message(self, seconds):
        end = time.monotonic() + seconds
        while b"\0" not in self.got:
            if not select.select([self.up], [], [], max(0, end - time.monotonic()))[0]:
                raise Failure("the browser says nothing")
            piece = os.read(self.up, 1 << 20)
            if not piece:
                raise Failure("the browser is gone")
            self.got += piece
        text, self.got = self.got.split(b"\0", 1)
        return json.loads(text)

    def send(self, method, seconds=60, **arguments):
        """what a command of the DevTools protocol returns; what happens meanwhile is kept in `events`"""
        self.number += 1
        message = {"id": self.number, "method": method, "params": arguments}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.down, json.dumps(message).encode() + b"\0")
        while True:
            got = self._message(seconds)
            if got.get("id") == self.number:
                if "error" in got:
                    raise Failure(f"{method}: {got['error']}")
                return got["result"]
            self.events.append(got)

    def size(self, width, height):
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                  mobile=width < 600)

    def open(self, url):
        self.send("Page.navigate", url=url)
        self.until("location.href != 'about:blank' && document.readyState == 'complete'")

    def value(self, script):
        result = self.send("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise Failure(f"{script}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def until(self, script, seconds=20):
        """waits for a script to become true"""
        end = time.monotonic() + seconds
        while not self.value(script):
            if time.monotonic() > end:
                raise Failure(f"never came true: {script}; the page says {self.value('document.body.innerText')!r}")
            time.sleep(0.05)

    def complaints(self):
        """errors of scripts, refusals of the page's own security policy"""
        for event in self.events:
            if event.get("method") == "Runtime.exceptionThrown":
                yield event["params"]["exceptionDetails"]
            if event.get("method") == "Log.entryAdded" and event["params"]["entry"]["level"] == "error":
                yield event["params"]["entry"]["text"] + " " + event["params"]["entry"].get("url", "")

    def screenshot(self, path):
        shot = self.send("Page.captureScreenshot", captureBeyondViewport=True)
        with open(path, "wb") as out:
            out.write(base64.b64decode(shot["data"]))

    def close(self):
        self.run.kill()
        self.run.wait()
        os.close(self.down)
        os.close(self.up)
