"""Manual pages, README and completion: they render, and they know what the programs know."""
import glob
import os
import re
import subprocess

from case import case, expect
from cases_ctl import ask, text
from cases_http import FULL
from cases_install import install, run

PAGES = {"man8/twinleg.8", "man1/twinlegctl.1", "man5/twinleg.cfg.5"}
# what a shell does when TAB is hit behind these words
TAB = """. contrib/bash-completion/twinlegctl
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _twinlegctl; printf '%s\\n' "${COMPREPLY[@]}"
"""


def complete(net, *words):
    """what is offered for the last of these words, with the twinlegctl under test"""
    env = {**os.environ, "PATH": os.path.dirname(os.path.abspath(net.program)) + ":" + os.environ["PATH"]}
    done = subprocess.run(["bash", "-c", TAB, "bash", "twinlegctl", *words], env=env, capture_output=True, text=True,
                          timeout=30, check=False)
    expect(done.returncode == 0 and not done.stderr, f"{words}: {done.stderr}")
    return set(done.stdout.split())


def commands(net):
    """of the daemon, and those that need none"""
    usage = run(f"{os.path.dirname(os.path.abspath(net.program))}/twinlegctl", "-h").partition("without a daemon:")[2]
    alone = [re.match(r"  ((?:[a-z]+ ?){1,2})", line) for line in usage.splitlines()]
    return {one["command"] for one in ask(net, "help")["commands"]} | {one.group(1).strip() for one in alone if one}


@case()
def completion_knows_all_commands(net):
    """and no others; trunks by their names"""
    net.begin()
    known = commands(net)
    expect({"explain", "route test", "call show"} <= known, f"{known}")
    expect(complete(net, "") == {one.split()[0] for one in known}, f"{complete(net, '')} instead of {known}")
    for first in sorted({one.split()[0] for one in known if " " in one}):
        offered, wanted = complete(net, first, ""), {one.split()[1] for one in known if one.startswith(first + " ")}
        expect(offered == wanted, f"{first}: {offered} instead of {wanted}")
    expect(complete(net, "ca") == {"call", "calls"}, f"{complete(net, 'ca')}")
    socket = f"{net.bed.folder}/twinleg.sock"
    for words in (["calls", "--trunk"], ["explain", "README.md", "--from"], ["route", "test", "1", "--from"]):
        expect(complete(net, "-s", socket, *words, "") == {"carrier", "callmanager"}, f"{words}")
    expect(complete(net, "-j", "maintenance", "o") == {"on", "off"}, "maintenance")
    expect("README.md" in complete(net, "explain", "READ"), "no files")


@case()
def manual_pages(net):
    """no warnings from troff; every command, every key, every option is told"""
    root = f"{net.bed.folder}/root"
    install(net, DESTDIR=root, PREFIX="/usr")
    texts = {}
    for page in PAGES:
        path = f"{root}/usr/share/man/{page}"
        expect(not run("groff", "-ww", "-man", "-Tascii", "-z", path), f"{page}: warnings")
        texts[page] = run("groff", "-P-cbou", "-man", "-Tascii", "-rLL=500n", path)
        expect("@VERSION@" not in texts[page] and "/usr/local" not in texts[page], f"{page}: {texts[page][:300]}")
    net.begin()
    for one in commands(net):
        expect(re.search(rf"^ +{one}\b", texts["man1/twinlegctl.1"], re.M), f"twinlegctl(1): no {one}")
    for key in template_keys(run(net.program, "-T")):
        expect(re.search(rf"^ +{re.escape(key)}\b", texts["man5/twinleg.cfg.5"], re.M), f"twinleg.cfg(5): no {key}")
    usage = subprocess.run([net.program, "-?"], capture_output=True, text=True, check=False).stderr
    for option in re.findall(r"^ +(-\w)", usage, re.M):
        expect(re.search(rf"^ +{option}\b", texts["man8/twinleg.8"], re.M), f"twinleg(8): no {option}")


def template_keys(text):
    """the full names of all keys of a template"""
    path, keys = [], []
    for line in text.splitlines():
        found = re.match(r"[ /]*(\w+) = (.*)", line)
        if found:
            keys.append(".".join([*path, found.group(1)]))
            if re.match(r"\(? *\{", found.group(2)):
                path.append(found.group(1))
        elif re.match(r"[ /]*\}", line):
            path.pop()
    expect(len(keys) > 100, f"only {len(keys)} keys")
    return keys


@case()
def manual_names_what_there_is(net):
    """metrics and commands of README.md and contrib/manual are those of the programs"""
    net.begin(root=FULL.format(net.bed.host(5), net.bed.host(6)))
    metrics = {line.split()[2] for line in text(net, "metrics") if line.startswith("# HELP")}
    known = commands(net)
    families = {one.split()[0] for one in known if " " in one}
    for path in ["README.md", *sorted(glob.glob("contrib/manual/*.md"))]:
        with open(path, encoding="utf-8") as page:
            said = page.read()
        for name in re.findall(r"`(?:twinleg_)?([a-z_]+(?:_total(?![a-z_])|(?={)))", said):
            expect(f"twinleg_{name}" in metrics, f"{path}: no metric {name}")
        for first, second in re.findall(r"twinlegctl (?:-\w (?:\S+ )?)*([a-z]+) ?([a-z]*)", said):
            name = f"{first} {second}" if first in families and first not in known else first
            expect(name in known, f"{path}: no command {name}")
    net.calls = 0
