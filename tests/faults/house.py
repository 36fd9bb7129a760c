# This file is part of PMDaemon.
# SPDX-FileCopyrightText: 2026 The PMDaemon authors
# SPDX-License-Identifier: MIT
"""A daemon's house in a temporary folder: daemon, keeper and shims as a user has them, with the pids
of each, and the certainty that nothing of it is left at the end."""

import fcntl
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time
from pathlib import Path

PROGRAM = os.environ.get("PMDAEMON", "pmdaemon")
PATIENCE = 60
# With it a Daemon has a clock of its own; None where it is not installed.
FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)


def lock_holder(path):
    """The pid that holds the POSIX lock of a file; 0 = nobody's."""
    try:
        with open(path, "rb") as file:
            asked = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
            kind, _, _, _, pid = struct.unpack("hhqqi4x", fcntl.fcntl(file, fcntl.F_GETLK, asked))
            return pid if kind != fcntl.F_UNLCK else 0
    except FileNotFoundError:
        return 0


def start_time(pid):
    """In ticks since boot; None when there is no such process, or only what is left of it."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
        return None if fields[0] in (b"Z", b"X") else int(fields[19])
    except (FileNotFoundError, ProcessLookupError):
        return None


def send(pid, number):
    """A signal to what may be gone."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def wait_for(condition, what, patience=PATIENCE):
    """Its value, as soon as that is true; for what no event tells."""
    end = time.monotonic() + patience
    while not (value := condition()):
        if time.monotonic() > end:
            raise TimeoutError(f"waited {patience} s for {what}")
        time.sleep(0.02)
    return value


class House:
    """A context manager. `settings` are the daemon's, by the names of their variables."""

    def __init__(self, **settings):
        self.folder = Path(tempfile.mkdtemp(prefix="pmdaemon-faults-"))
        self.home = self.folder / "home"
        self.keep = False  # the folder, for whoever wants to look
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("PMDAEMON")}
        self.environment |= {"PMDAEMON_HOME": str(self.home), "PMDAEMON_PORT": "0"} | settings

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.keep = self.keep or kind is not None
        try:
            self.attempt("kill", "--all")
        finally:
            for pid in self.processes():
                send(pid, signal.SIGKILL)
            if not self.keep:
                shutil.rmtree(self.folder)

    def attempt(self, *arguments):
        """The command line; how it ended."""
        return subprocess.run([PROGRAM, *arguments], env=self.environment, capture_output=True,
                              text=True, timeout=PATIENCE, cwd=self.folder)

    def run(self, *arguments):
        """The command line, which has to succeed; what it printed."""
        done = self.attempt(*arguments)
        if done.returncode != 0:
            raise RuntimeError(f"pmdaemon {' '.join(map(str, arguments))}: {done.returncode} {done.stderr}")
        return done.stdout

    def define(self, *apps):
        """An ecosystem file, always the same one."""
        path = self.folder / "apps.json"
        path.write_text(json.dumps({"apps": apps}))
        return path

    def start_apps(self, *apps):
        """How that ended."""
        return self.attempt("start", self.define(*apps))

    def start(self):
        """Daemon and keeper, where they do not run yet."""
        self.run("list", "--json")

    def entries(self):
        """What the daemon lists, by name."""
        return {entry["name"]: entry for entry in json.loads(self.run("list", "--json"))}

    def address(self):
        """Where the daemon listens; None while it has not said so."""
        try:
            return json.loads((self.home / "run/daemon.json").read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return None

    def daemon(self):
        """Its pid; 0 = none."""
        address = self.address()
        pid = address["pid"] if address else 0
        return pid if pid and start_time(pid) else 0

    def keeper(self):
        return lock_holder(self.home / "keeper.lock")

    def shims(self):
        """By slot; 0 where none lives."""
        folder = self.home / "slots"
        slots = folder.iterdir() if folder.exists() else []
        return {int(slot.name): lock_holder(slot / "lock") for slot in slots if slot.name.isdigit()}

    def processes(self):
        """The pids of all that belongs to this house, as command lines or environments tell."""
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == os.getpid():
                continue
            try:
                told = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
            except (FileNotFoundError, ProcessLookupError, PermissionError):
                continue
            if os.fsencode(self.folder) in told:
                found.append(int(entry.name))
        return found


class Daemon:
    """One of the house in the foreground, ready, without a keeper: when it is killed, no other comes
    by itself. `environment` is added to the house's."""

    def __init__(self, house, arguments=(), **environment):
        self.errors = house.folder / "stderr"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify, open(self.errors, "ab") as errors:
            notify.bind(f"\0{house.folder}/{os.urandom(8).hex()}")
            self.process = subprocess.Popen(
                [PROGRAM, "daemon", *arguments], stdin=subprocess.DEVNULL, stderr=errors, cwd=house.folder,
                env=house.environment | {"NOTIFY_SOCKET": "@" + notify.getsockname()[1:].decode()} | environment)
            wait_for(lambda: self._is_ready(notify), "a daemon")
        self.pid = self.process.pid

    def _is_ready(self, notify):
        if not self.is_alive():
            raise RuntimeError(self.errors.read_text())
        try:
            return b"READY=1" in notify.recv(4096, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False

    def thread(self, name):
        """The number of the thread that calls itself so, once it does; "main" is the first one."""
        def found():
            return [int(task.name) for task in Path(f"/proc/{self.pid}/task").iterdir()
                    if (task / "comm").read_text().strip() == name]
        return self.pid if name == "main" else wait_for(found, f"a thread {name}")[0]

    def is_alive(self):
        return self.process.poll() is None

    def end(self, number):
        """By this signal; its exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)
