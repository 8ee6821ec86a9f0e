#!/usr/bin/env python3
"""No function over 80 lines, and no call of a function that has a safer sister. Tables are data: they may be long."""
import glob
import json
import re
import subprocess
import sys

LINES_MAX = 80
BANNED = {"sprintf": "snprintf or sbuf", "vsprintf": "vsnprintf", "strcpy": "memcpy with a length", "strcat": "sbuf",
          "strncpy": "memcpy with a length", "strncat": "sbuf", "gets": "fgets", "alloca": "mem_alloc",
          "rand": "RAND_bytes", "srand": "RAND_bytes", "atoi": "str_number or strtol", "atol": "strtol",
          "strtok": "str_find", "localtime": "gmtime_r", "gmtime": "gmtime_r", "setjmp": "a return value"}
CALL = re.compile(r"(?<![\w.>])(" + "|".join(BANNED) + r")\s*\(")
COMMENT_OR_TEXT = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.S)


def sources():
    return sorted(glob.glob("b2bua/**/*.[ch]", recursive=True) + glob.glob("profiles/*.[ch]") +
                  glob.glob("dialplan/*.[ch]") + glob.glob("tests/**/*.[ch]", recursive=True))


def blank(match):
    """keeps the line numbers right"""
    return re.sub(r"[^\n]", " ", match.group(0))


def banned(path):
    text = COMMENT_OR_TEXT.sub(blank, open(path, encoding="utf-8").read())
    for match in CALL.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        yield f"{path}:{line}: {match.group(1)}: use {BANNED[match.group(1)]}"


def long_functions(paths):
    out = subprocess.run(["ctags", "--output-format=json", "--fields=+ne", "--kinds-C=f", "-f", "-", *paths],
                         check=True, capture_output=True, text=True).stdout
    for line in out.splitlines():
        tag = json.loads(line)
        if tag.get("end") and tag["end"] - tag["line"] + 1 > LINES_MAX:
            length = tag["end"] - tag["line"] + 1
            yield f"{tag['path']}:{tag['line']}: {tag['name']} has {length} lines (at most {LINES_MAX})"


def main():
    paths = sources()
    found = [complaint for path in paths for complaint in banned(path)]
    if paths:
        found += long_functions([path for path in paths if path.endswith(".c")])
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
