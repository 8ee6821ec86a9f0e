"""`make deb`: the package has what it says, and what is in it runs."""
import os
import re
import subprocess

from case import case, expect
from cases_install import make, run
from daemon import Daemon

SCRIPTS = {"postinst", "prerm", "postrm"}


def fields(path):
    """of the control file"""
    text = run("dpkg-deb", "--field", path)
    return dict(re.findall(r"^([A-Z][A-Za-z-]+): (.*)$", text, re.M))


@case()
def deb_package(net):
    """control and scripts are whole, the sums are right, and the daemon starts with the configuration in it"""
    path = make(net, "deb").split()[-1]
    root, control = f"{net.bed.folder}/tree", f"{net.bed.folder}/control"
    run("dpkg-deb", "--extract", path, root)
    run("dpkg-deb", "--control", path, control)
    said = fields(path)
    version = run(net.program, "-V").split()[1]
    expect(said["Package"] == "twinleg" and said["Version"] == version, f"{said}")
    for library in ("libsofia-sip-ua0", "libuv1", "libssl3", "libconfig9", "libpcre2-8-0", "adduser"):
        expect(re.search(rf"\b{library}\b", said["Depends"]), f"Depends: no {library}: {said['Depends']}")
    for script in SCRIPTS:
        run("sh", "-n", f"{control}/{script}")
        expect(os.access(f"{control}/{script}", os.X_OK), f"{script} does not run")
    with open(f"{control}/conffiles", encoding="utf-8") as lines:
        for line in lines:
            expect(os.path.exists(root + line.strip()), f"{line.strip()} is not in the package")
    expect(os.stat(f"{root}/etc/twinleg/twinleg.cfg").st_mode & 0o777 == 0o640, "all may read passwords")
    done = subprocess.run(["md5sum", "--quiet", "-c", f"{control}/md5sums"], cwd=root, capture_output=True, text=True,
                          check=False)
    expect(done.returncode == 0, done.stdout)
    starts(net, root)


def starts(net, root):
    program, folder = f"{root}/usr/sbin/twinleg", f"{root}/etc/twinleg"
    said = run(program, "-t", "-c", f"{folder}/twinleg.cfg")
    expect("configuration is good" in said and said.count("\n") == 1, said)
    with open(f"{folder}/twinleg.cfg", encoding="utf-8") as file:
        text = file.read()
    text = re.sub(r'(address = )"127.0.0.1"', rf'\1"{net.bed.host(10)}"', text)
    text = re.sub(r'"/(run|var/log)/twinleg/', f'"{net.bed.folder}/', text)
    with open(f"{folder}/twinleg.cfg", "w", encoding="utf-8") as file:
        file.write(text)
    net.daemon = Daemon(program, f"{folder}/twinleg.cfg", net.bed.folder)
