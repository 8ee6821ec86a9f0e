#!/usr/bin/env python3
"""The scripts parse, keep to 120 columns and import nothing but the standard library and each other."""
import ast
import os
import sys


def imports(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name.split(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.lineno, node.module.split(".")[0]


def complaints(path, ours):
    text = open(path, encoding="utf-8").read()
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > 120:
            yield f"{path}:{number}: {len(line)} columns (at most 120)"
    try:
        tree = ast.parse(text, path)
    except SyntaxError as error:
        yield f"{path}:{error.lineno}: {error.msg}"
        return
    for number, name in imports(tree):
        if name not in sys.stdlib_module_names and name not in ours:
            yield f"{path}:{number}: {name} is not in the standard library"


def main():
    ours = {os.path.splitext(os.path.basename(path))[0] for path in sys.argv[1:]}
    found = [complaint for path in sys.argv[1:] for complaint in complaints(path, ours)]
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
