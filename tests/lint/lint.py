#!/usr/bin/env python3
# This file is part of PMDaemon.
# SPDX-FileCopyrightText: 2026 The PMDaemon authors
# SPDX-License-Identifier: MIT
"""Rules that hold for the tree as a whole. `lint.py CHECK [--root DIR]` prints each finding as
FILE:LINE: what is wrong, and fails if there is one. Standard library only; the checks of format,
spelling and shell call their tools."""

import argparse
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

# The one table of who may include whom. A layer includes itself and what its row names; of its own
# rooms, those that stand before the including one. Files in the layer's folder itself stand on top.
# Rooms None: any, in any order. The bottom room of core is shared with programs without Qt.
LAYERS = {
    "core": ((), ("slot", "model", "config", "logs", "metrics", "process", "state", "protocol")),
    "server": (("core",), ("tls", "http", "auth", "ws", "rest")),
    "client": (("core",), ()),
    "gui": (("core",), None),
    "app": (("core", "server", "client", "gui"), ("shim", "daemon", "cli", "gui")),
    "tests": (("core", "server", "client", "gui", "app"), None),
    "bench": (("core", "server", "client", "gui", "app", "tests"), None),
}
WITHOUT_QT = ("core/slot", "app/shim")

LEFT_OUT = {".git", "build", "node_modules", "__pycache__"}
SOURCES = {".cpp", ".h"}
HEADED = SOURCES | {".cmake", ".py", ".js", ".mjs", ".cjs", ".sh", ".yml", ".yaml", ".toml", ".qrc",
                    ".svg", ".desktop", ".service", ".html", ".css", ".ui", ".clang-format"}
HEADED_NAMES = {"CMakeLists.txt", ".clang-format", ".clang-tidy", ".gitignore"}
HEADER = ("This file is part of PMDaemon.",
          "SPDX-FileCopyrightText: 2026 The PMDaemon authors",
          "SPDX-License-Identifier: MIT")
# Kept word for word as others wrote it.
VERBATIM = {"tests/e2e/websocket-api.txt"}


class Finding:
    def __init__(self, path, line, message):
        self.path, self.line, self.message = path, line, message

    def __str__(self):
        return f"{self.path}:{self.line}: {self.message}"


def files(root):
    """Each file of the tree with its path relative to `root`, in '/' form."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(f for f in folders if f not in LEFT_OUT)
        for name in sorted(set(names) - LEFT_OUT):
            path = Path(folder, name)
            if path.is_file() and not path.is_symlink():
                yield path.relative_to(root).as_posix(), path


def text_of(path):
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def layer_and_room(path):
    parts = path.split("/")
    return parts[0], parts[1] if len(parts) > 2 else ""


def rank(layer, room):
    """How high `room` stands in its layer; None if the table does not know it."""
    rooms = LAYERS[layer][1]
    if room == "":
        return sys.maxsize
    if rooms is None:
        return 0
    return rooms.index(room) if room in rooms else None


def include_problem(path, included, in_quotes):
    layer, room = layer_and_room(path)
    if not in_quotes:
        if re.match(r"Q|qt", included) and path.startswith(tuple(f + "/" for f in WITHOUT_QT)):
            return f"<{included}>: {layer}/{room} is built without Qt"
        return None
    if re.fullmatch(r"moc_\w+\.cpp|\w+\.moc", included):
        return None
    other, other_room = layer_and_room(included)
    if other not in LAYERS or "/" not in included:
        return f'"{included}" does not start with a layer: write "core/…", "server/…" and so on'
    if other != layer:
        if other not in LAYERS[layer][0]:
            return f'"{included}": {layer} may not include {other}'
        return None
    mine, theirs = rank(layer, room), rank(layer, other_room)
    if theirs is None:
        return f'"{included}": the room {other}/{other_room} is not in the table of {Path(__file__).name}'
    if mine is not None and theirs > mine:
        return f'"{included}": {layer}/{room} stands below {other}/{other_room or "(its top)"}'
    return None


def check_includes(root):
    pattern = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)')
    for name, path in files(root):
        layer, room = layer_and_room(name)
        if path.suffix not in SOURCES or layer not in LAYERS:
            continue
        if rank(layer, room) is None:
            yield Finding(name, 1, f"the room {layer}/{room} is not in the table of {Path(__file__).name}")
            continue
        for number, line in enumerate((text_of(path) or "").splitlines(), 1):
            match = pattern.match(line)
            if not match:
                continue
            problem = include_problem(name, match[1] or match[2], match[1] is not None)
            if problem:
                yield Finding(name, number, problem)


def wants_header(name, path, text):
    if name in VERBATIM:
        return False
    if path.suffix in HEADED or path.name in HEADED_NAMES or name.startswith("scripts/packages/"):
        return True
    return text.startswith("#!")


def check_headers(root):
    for name, path in files(root):
        text = text_of(path)
        if text is None or not wants_header(name, path, text):
            continue
        lines = [line.strip(" \t#/*;<!->") for line in text.splitlines()[:8]]
        if not any(tuple(lines[i:i + 3]) == HEADER for i in range(len(lines) - 2)):
            yield Finding(name, 1, "does not start with the three lines of licence: " + " / ".join(HEADER))


def check_paths(root):
    """Nothing in the tree knows the machine, or the registry, that it was made on."""
    machine = re.compile(r"(?<![\w.~$}>*-])/(?:work|root)/\w")
    for name, path in files(root):
        text = text_of(path)
        if text is None or name in VERBATIM:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            match = machine.search(line)
            if match:
                yield Finding(name, number, f"{match[0]}… is a path of one machine")
            if path.name == "package-lock.json" and '"resolved"' in line:
                yield Finding(name, number, "names a registry: npm install --omit-lockfile-registry-resolved")


def run_tool(command, root):
    """The tool's own words, line by line, if it fails."""
    if shutil.which(command[0]) is None:
        yield Finding(command[0], 0, "is not installed: run scripts/install-packages test")
        return
    result = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False,
                            stdin=subprocess.DEVNULL)
    if result.returncode != 0:
        yield Finding(command[0], 0, "\n" + (result.stdout + result.stderr).strip())


def check_format(root):
    names = [name for name, path in files(root) if path.suffix in SOURCES]
    if names:
        yield from run_tool(["clang-format-14", "--dry-run", "-Werror", *names], root)


def check_shell(root):
    names = [name for name, path in files(root)
             if re.match(r"#!.*\b(ba)?sh\b", (text_of(path) or "").split("\n", 1)[0])]
    if names:
        yield from run_tool(["shellcheck", *names], root)


def check_spelling(root):
    # Translations hold other languages; the lock file holds hashes.
    names = [name for name, path in files(root)
             if name not in VERBATIM and path.suffix != ".ts" and path.name != "package-lock.json"
             and text_of(path) is not None]
    if names:
        yield from run_tool(["codespell", "--ignore-regex", r"\b[a-z]+[A-Z]\w*|\b\w+::\w+", "--ignore-words", "tests/lint/words.txt", *names], root)


CHECKS = {
    "includes": check_includes,
    "headers": check_headers,
    "paths": check_paths,
    "format": check_format,
    "shell": check_shell,
    "spelling": check_spelling,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("check", choices=CHECKS)
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parents[2])
    arguments = parser.parse_args()
    findings = list(CHECKS[arguments.check](arguments.root))
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
