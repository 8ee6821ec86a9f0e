"""`make install`: what it leaves in a folder of its own works from there."""
import os
import subprocess

from case import case, expect

BINARIES = {"sbin/twinleg": 0o755, "bin/twinlegctl": 0o755}
INVITE = """INVITE sip:+493012345678@192.0.2.10 SIP/2.0
Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1
From: <sip:+4930123@192.0.2.1>;tag=1
To: <sip:+493012345678@192.0.2.10>
Call-ID: one
CSeq: 1 INVITE
Max-Forwards: 70
User-Agent: call manager
Content-Length: 0

"""


def run(*words):
    """what it says on both outputs; it ends with 0"""
    done = subprocess.run(words, timeout=60, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    expect(done.returncode == 0, f"{' '.join(words)}: exit {done.returncode}: {done.stdout[-1500:]}")
    return done.stdout


def make(net, target, **where):
    """with the programs that are under test, whatever built them: no prerequisite is newer to the inner make"""
    programs = os.path.dirname(os.path.abspath(net.program))
    build, flavor = os.path.split(programs)
    built = [f"--old-file={programs}/{name}" for name in ("twinleg", "twinlegctl")]
    return run("env", "-u", "MAKEFLAGS", "-u", "MAKELEVEL", "make", "--no-print-directory", *built, target,
               f"BUILD={build}", f"FLAVOR={flavor}", *(f"{key}={value}" for key, value in where.items()))


def install(net, **where):
    make(net, "install", **where)


def files(folder):
    """path below the folder -> mode"""
    return {os.path.relpath(f"{at}/{name}", folder): os.stat(f"{at}/{name}").st_mode & 0o777
            for at, _, names in os.walk(folder) for name in names}


@case()
def install_works_where_it_is(net):
    """the installed example passes the check, an installed profile by its name in it does its work"""
    prefix = f"{net.bed.folder}/usr"
    install(net, PREFIX=prefix)
    example = f"{prefix}/share/twinleg/examples/twinleg.cfg"
    with open(f"{net.bed.folder}/invite.sip", "w", encoding="utf-8") as out:
        out.write(INVITE)
    said = run(f"{prefix}/sbin/twinleg", "-t", "-c", example)
    expect("error" not in said and "warning" not in said, said)
    for profile in ("carrier-hygiene", f"{prefix}/share/twinleg/profiles/rules/carrier-hygiene.cfg:carrier-hygiene"):
        said = run(f"{prefix}/bin/twinlegctl", "-c", example, "profile", "test", profile,
                   f"{net.bed.folder}/invite.sip")
        expect("- User-Agent: call manager" in said and ";user=phone" in said, said)


@case()
def install_for_a_package(net):
    """DESTDIR holds what PREFIX alone would: the same files, programs to run and files to read, that name PREFIX"""
    root = f"{net.bed.folder}/root"
    install(net, DESTDIR=root, PREFIX="/usr")
    found = files(root)
    for folder in ("dialplan/plans", "profiles/rules"):
        for name in os.listdir(folder):
            expect(f"usr/share/twinleg/{folder}/{name}" in found, f"{folder}/{name} is not there: {sorted(found)}")
    for name in ("filter.d", "jail.d", "action.d"):
        expect(f"usr/share/twinleg/fail2ban/{name}/twinleg.conf" in found, f"no {name}: {sorted(found)}")
    for path in ("prometheus/twinleg.rules.yml", "grafana/twinleg.json"):
        expect(f"usr/share/twinleg/{path}" in found, f"no {path}: {sorted(found)}")
    for path, mode in found.items():
        expect(mode == BINARIES.get(path.removeprefix("usr/"), 0o644), f"{path}: {mode:o}")
    for path in BINARIES:
        expect(f"usr/{path}" in found, f"no {path}")
    with open(f"{root}/usr/share/twinleg/fail2ban/action.d/twinleg.conf", encoding="utf-8") as action:
        expect("= /usr/bin/twinlegctl" in action.read(), "the action does not name the program")
    with open(f"{root}/usr/share/twinleg/examples/twinleg.cfg", encoding="utf-8") as example:
        text = example.read()
    expect('"/usr/share/twinleg/profiles/rules/' in text and root not in text, text)
