"""A Debian of its own, booted as a container (systemd-nspawn) with systemd as PID 1 and a loopback of its own."""
import hashlib
import os
import re
import shutil
import subprocess
import time

# What a small server has, and what lives beside twinleg.
PACKAGES = ["systemd", "systemd-sysv", "dbus", "adduser", "python3", "python3-systemd", "procps", "iproute2",
            "logrotate", "fail2ban"]
# Where no systemd runs there is nobody to register a machine with.
ALONE = [] if os.path.isdir("/run/systemd/system") else ["--register=no", "--keep-unit"]


class Failure(Exception):
    """something is not as it should be"""


def until(what, holds, seconds=60):
    """the first true value that holds() has"""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = holds()
        if value:
            return value
        time.sleep(0.1)
    raise Failure(f"{what}: not after {seconds} s")


def depends(deb):
    """the packages that it needs, without versions"""
    text = subprocess.run(["dpkg-deb", "--field", deb, "Depends"], check=True, capture_output=True, text=True).stdout
    return [re.split(r"[ (]", one.strip())[0] for one in text.split(",")]


class Machine:
    """with Machine(folder, deb) as m: ... ; m.deb is where the package lies in it"""

    def __init__(self, folder, deb):
        self.folder, self.root, self.deb = folder, f"{folder}/root", f"/root/{os.path.basename(deb)}"
        self.packages = sorted(set(PACKAGES + depends(deb)))
        self.package, self.nspawn, self.leader, self.others = deb, None, None, []

    # --- its life

    def bootstrap(self):
        """the installed system as an archive, made once for a set of packages"""
        name = hashlib.sha256(" ".join(self.packages).encode()).hexdigest()[:12]
        archive = f"{self.folder}/base-{name}.tar"
        if not os.path.exists(archive):
            part = f"{self.folder}/part.tar"
            subprocess.run(["mmdebstrap", "--quiet", "--variant=minbase", f"--include={','.join(self.packages)}",
                            "bookworm", part], check=True)
            os.rename(part, archive)
        return archive

    def __enter__(self):
        os.makedirs(self.folder, exist_ok=True)
        archive = self.bootstrap()
        shutil.rmtree(self.root, ignore_errors=True)
        os.makedirs(self.root)
        subprocess.run(["tar", "-xpf", archive, "-C", self.root, "--numeric-owner"], check=True)
        shutil.copy(self.package, self.root + self.deb)
        with open(f"{self.folder}/console.log", "wb") as console:
            self.nspawn = subprocess.Popen(
                ["systemd-nspawn", "--quiet", f"--directory={self.root}", "--machine=twinleg-check", "--boot", *ALONE,
                 "--private-network", "--console=pipe"], stdin=subprocess.DEVNULL, stdout=console, stderr=console)
        try:
            self.leader = until("a first process", self.first_process)
            until("it is up", lambda: self.run("systemctl", "is-system-running", check=False).strip() in
                  ("running", "degraded"))
        except BaseException:
            self.__exit__()
            raise
        return self

    def first_process(self):
        if self.nspawn.poll() is not None:
            raise Failure(f"systemd-nspawn has ended: see {self.folder}/console.log")
        with open(f"/proc/{self.nspawn.pid}/task/{self.nspawn.pid}/children", encoding="utf-8") as children:
            return children.read().split()[:1]

    def __exit__(self, *_):
        for one in self.others:
            one.kill()
            one.wait()
        if self.nspawn.poll() is None:
            self.nspawn.terminate()             # an orderly shutdown
            try:
                self.nspawn.wait(60)
            except subprocess.TimeoutExpired:
                self.nspawn.kill()
                self.nspawn.wait()
        shutil.rmtree(self.root, ignore_errors=True)

    # --- what happens in it

    def run(self, *words, check=True, status=None):
        """what a command in it says; with `status` (0 or 1: any other) it must end so"""
        done = subprocess.run(["nsenter", f"--target={self.leader[0]}", "--mount", "--uts", "--ipc", "--net", "--pid",
                               "--cgroup", "--root", "--wd", "--", *words], stdin=subprocess.DEVNULL, timeout=120,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        wanted = status if status is not None else 0 if check else None
        if wanted is not None and (done.returncode != 0) != (wanted != 0):
            raise Failure(f"{' '.join(words)}: status {done.returncode}: {done.stdout.strip()}")
        return done.stdout

    def beside(self, *words):
        """a program of ours on its loopback; ended with it"""
        with open(f"{self.folder}/beside.log", "ab") as out:
            self.others.append(subprocess.Popen(
                ["nsenter", f"--target={self.leader[0]}", "--net", "--", *words], cwd=self.folder,
                stdin=subprocess.DEVNULL, stdout=out, stderr=out))
        return self.others[-1]

    def read(self, path):
        with open(self.root + path, encoding="utf-8") as file:
            return file.read()

    def write(self, path, text):
        os.makedirs(os.path.dirname(self.root + path), exist_ok=True)
        with open(self.root + path, "w", encoding="utf-8") as file:
            file.write(text)

    def show(self, key, unit="twinleg"):
        return self.run("systemctl", "show", "-P", key, unit).strip()

    def journal(self, *words):
        return self.run("journalctl", "--unit=twinleg", "--output=cat", "--no-pager", *words)
