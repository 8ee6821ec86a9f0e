#!/usr/bin/env python3
"""Who may include whom: pure rooms < log < guard < adapters < trunk < ua < call, registrar, upkeep < config < worker <
the daemon with command < ctl; adapters do not know each other; one room includes Sofia, four libuv. An include of ours
is a path from the root."""
import os
import re
import sys

PURE = ["b2bua/core", "profiles", "dialplan"]
LOG = ["b2bua/log"]
GUARD = ["b2bua/guard"]
ADAPTERS = ["b2bua/" + room for room in ("sip", "net", "admin", "store", "media", "xmpp")]
BEHAVIOUR = [["b2bua/trunk"], ["b2bua/ua"], ["b2bua/call", "b2bua/registrar", "b2bua/upkeep"]]
DAEMON = [["b2bua/config"], ["b2bua/worker"], ["b2bua", "b2bua/command"], ["b2bua/ctl"]]

# Headers of the C library that decide nothing but do something: a pure room has no use for them. (<sys/socket.h> also
# names address types, and is let through: who calls one of its functions from a pure room is found when linking.)
IMPURE_LIBC = {"sys/epoll.h", "sys/stat.h", "sys/time.h", "poll.h", "fcntl.h", "unistd.h", "time.h",
               "pthread.h", "threads.h", "signal.h", "netdb.h", "syslog.h", "dirent.h"}
OTHER_LIBRARIES = ("sofia-sip/", "uv.h", "openssl/", "libconfig.h", "jansson.h", "microhttpd.h", "sqlite3.h", "hiredis",
                   "expat.h", "ares.h", "check.h")
SUMS = ("b2bua/core/hash.c", {"openssl/evp.h", "openssl/hmac.h", "openssl/params.h",
                               "openssl/core_names.h"})  # compute, and do nothing else
ONLY_IN = {"sofia-sip/": ["b2bua/sip"], "sqlite3.h": ["b2bua/store"], "microhttpd.h": ["b2bua/admin"],
           "uv.h": ["b2bua/net", "b2bua/admin", "b2bua/worker", "b2bua"], "openssl/": None, "libconfig.h": None,
           "jansson.h": None}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^">]+)[">]', re.M)


def rooms_below():
    """room -> the rooms that it may include"""
    allowed = {room: set(PURE) for room in PURE}
    allowed["b2bua/log"] = set(PURE + LOG)
    allowed["b2bua/guard"] = set(PURE + LOG + GUARD)
    for room in ADAPTERS:
        allowed[room] = set(PURE + LOG + GUARD) | {room}
    below = set(PURE + LOG + GUARD + ADAPTERS)
    for layer in BEHAVIOUR:
        for room in layer:
            allowed[room] = below | {room}
        below |= set(layer)
    for layer in DAEMON:
        below |= set(layer)
        for room in layer:
            allowed[room] = set(below)
    return allowed


def complaints(path, allowed):
    room = os.path.dirname(path)
    if room not in allowed:
        yield f"{path}: {room} is not a room that tests/lint/layers.py knows"
        return
    text = open(path, encoding="utf-8").read()
    for match in INCLUDE.finditer(text):
        kind, name = match.groups()
        where = f"{path}:{text.count(chr(10), 0, match.start(2)) + 1}"
        if kind == '"':
            if "/" not in name or not os.path.exists(name):
                yield f"{where}: include {name} by its path from the root"
            elif os.path.dirname(name) not in allowed[room]:
                yield f"{where}: {room} may not include {os.path.dirname(name)}"
        elif path == SUMS[0] and name in SUMS[1]:
            continue
        elif room in PURE and (name in IMPURE_LIBC or name.startswith(OTHER_LIBRARIES)):
            yield f"{where}: a pure room may not include <{name}>"
        else:
            for library, rooms in ONLY_IN.items():
                if name.startswith(library) and rooms is not None and room not in rooms:
                    yield f"{where}: only {', '.join(rooms)} may include <{name}>"


def main():
    allowed, found = rooms_below(), []
    for top in ("b2bua", "profiles", "dialplan"):
        for folder, _, names in sorted(os.walk(top)):
            for name in sorted(names):
                if name.endswith((".c", ".h")):
                    found += complaints(os.path.join(folder, name), allowed)
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
