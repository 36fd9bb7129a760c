#!/usr/bin/env python3
# This file is part of PMDaemon.
# SPDX-FileCopyrightText: 2026 The PMDaemon authors
# SPDX-License-Identifier: MIT
"""syscalls.py [--command NAME]... [--every N] [--from K]: every command that changes what is stored
is carried out again and again, and each time another one of the system calls by which it is stored and
carried out is not: the daemon is killed at it, or the call fails. The next daemon must find

- the state after the command if it was acknowledged; else that before it or after it, wholly;
- one program for each instance that is up, and none for any other;
- a slot for each instance, and no other.

A daemon whose calls fail lives on, and what it could not store is stored when the calls succeed again.
--every N takes every Nth point only, beginning with the Kth."""

import argparse
import asyncio
import collections
import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from client import Commander
from house import Daemon, House, send, wait_for

APP = "app"
INSTANCES = 2
CONFIG = {"script": "/bin/sleep", "args": ["1000"], "instances": INSTANCES}

CHANGING = """openat mkdir mkdirat mknod mknodat rename renameat renameat2 link linkat unlink unlinkat rmdir
              write pwrite64 fsync fdatasync ftruncate vfork clone clone3 sendto sendmsg""".split()
# What may fail because of the disk, by the thread that calls it.
FAILING = {"main": "mkdir mkdirat mknod mknodat rename renameat renameat2 link linkat unlink unlinkat rmdir "
                   "fsync ftruncate".split(),
           "state": "pwrite64 fsync fdatasync ftruncate unlink rename".split()}

Change = collections.namedtuple("Change", "action more before after")


def instances(count, state="up"):
    return {f"{APP}-{i}": state for i in range(count)}


CHANGES = {
    "start": Change("start", {"config": CONFIG}, {}, instances(2)),
    "stop": Change("stop", {}, instances(2), instances(2, "down")),
    "restart": Change("restart", {}, instances(2), instances(2)),
    "grow": Change("scale", {"instances": 4}, instances(2), instances(4)),
    "shrink": Change("scale", {"instances": 2}, instances(4), instances(2)),
    "reload": Change("reload", {"config": CONFIG | {"args": ["2000"]}}, instances(2), instances(2)),
    "delete": Change("delete", {}, instances(2), {}),
}


def agrees(states, expected, partly):
    """Whether these are those."""
    return states.keys() == expected.keys() and all(
        state == expected[name] or partly and state == "down" for name, state in states.items())


class Tracer:
    """strace, attached to a thread, or with -f to all of its process. A context manager: it is attached
    within."""

    def __init__(self, thread, *options):
        self.report = tempfile.NamedTemporaryFile(prefix="pmdaemon-strace-")
        self.command = ["strace", "-o", self.report.name, *options, "-p", str(thread)]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stderr=subprocess.PIPE, text=True)
        said = self.process.stderr.readline()
        if "attached" not in said:
            sys.exit(f"strace cannot attach to the daemon: {said}")
        return self

    def __exit__(self, *_):
        send(self.process.pid, signal.SIGINT)
        self.process.wait()
        self.process.stderr.close()
        self.lines = self.report.read().decode().splitlines()
        self.report.close()


class Trial:
    def __init__(self, name, change):
        self.name = name
        self.change = change
        self.problems = []
        self.where = f"{name}, undisturbed"
        self.points = self.reached = 0

    # ---- What is there ----

    async def view(self):
        """Each instance's state, or None while anything is on its way."""
        told = await self.commander.ask("get_info")
        if told is None:
            return None
        states = {}
        for entry in told["processes"]:
            if entry["status"] not in ("online", "stopped", "errored"):
                return None
            states[entry["name"]] = "up" if entry["status"] == "online" else "down"
        return states

    def programs(self):
        """The supervised programs that live, by name."""
        found = collections.Counter()
        for pid in self.house.processes():
            try:
                environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
                program = os.path.basename(os.readlink(f"/proc/{pid}/exe"))
            except (FileNotFoundError, ProcessLookupError):
                continue
            if not program.startswith("pmdaemon"):
                found.update(text.partition(b"=")[2].decode() for text in environment
                             if text.startswith(b"PMDAEMON_PROCESS_NAME="))
        return found

    async def settled(self, allowed, partly=False):
        """The state, once it is one of those and the programs are as it says; else the last. Partly:
        some that were to be up may be down."""
        states = programs = None
        for _ in range(200):
            states, programs = await self.view(), self.programs()
            if states is not None and any(agrees(states, each, partly) for each in allowed) and \
                    programs == collections.Counter(name for name, state in states.items() if state == "up"):
                return states
            await asyncio.sleep(0.05)
        self.problems.append(f"{self.where}: {states} with {dict(programs)}; possible was "
                             f"{' or '.join(map(str, allowed))}{' in part' if partly else ''}")
        return states

    # ---- What is done ----

    def start_daemon(self):
        self.daemon = Daemon(self.house)

    async def restart_daemon(self):
        await self.commander.close()
        self.daemon.end(signal.SIGKILL)
        self.start_daemon()

    async def make(self, wanted):
        """By commands that are not disturbed."""
        there = await self.view()
        if there == wanted and (not there or self.name != "reload"):
            return
        steps = [("delete", {})] if there else []
        if wanted:
            steps.append(("start", {"config": CONFIG | {"instances": len(wanted)}}))
        for action, more in steps:
            result = await self.commander.command(action, APP, **more)
            if not result or not result["success"]:
                raise RuntimeError(f"{self.where}: {action} for the next point: {result}")

    async def carry_out(self):
        return await self.commander.command(self.change.action, APP, **self.change.more)

    async def calls(self):
        """How often each thread of the daemon makes each call for this command."""
        await self.make(self.change.before)
        threads = {self.daemon.thread(name): name for name in FAILING}
        with Tracer(self.daemon.pid, "-f", "-e", "trace=" + ",".join(CHANGING)) as tracer:
            await self.carry_out()
            await asyncio.sleep(0.2)  # what is stored without being waited for
        counts = collections.Counter()
        for line in tracer.lines:
            called = re.match(r"(\d+) +(\w+)\(", line)
            if called and int(called[1]) in threads:
                counts[threads[int(called[1])], called[2]] += 1
        return counts

    async def disturb(self, thread, call, number, what):
        """`what` happens at the call; the state by what was acknowledged."""
        self.where = f"{self.name}, {what} at {call} {number} of {thread}"
        await self.make(self.change.before)
        with Tracer(self.daemon.thread(thread), "-e", f"trace={call}",
                    "-e", f"inject={call}:{what}:when={number}") as tracer:
            result = await self.carry_out()
            await asyncio.sleep(0.2 if result else 0)
        self.points += 1
        self.reached += any("INJECTED" in line or "killed" in line for line in tracer.lines)
        if result and result["success"]:
            return result, [self.change.after]
        return result, [self.change.before, self.change.after]

    async def kill_at(self, thread, call, number):
        _, allowed = await self.disturb(thread, call, number, "signal=KILL")
        await self.restart_daemon()
        await self.settled(allowed)

    async def fail_at(self, thread, call, number, error):
        result, allowed = await self.disturb(thread, call, number, f"error={error}")
        if result is None or not self.daemon.is_alive():
            self.problems.append(f"{self.where}: the daemon did not survive it")
            self.start_daemon()
        for _ in range(100):
            told = await self.commander.ask("get_system")
            if told and not told.get("problems"):
                break
            await asyncio.sleep(0.05)
        else:
            self.problems.append(f"{self.where}: it is never stored: {told}")
        # An instance that could not be launched is there, and down; the next daemon tries again.
        partly = bool(result and not result["success"])
        await self.settled(allowed, partly)
        await self.restart_daemon()
        await self.settled(allowed, partly)

    def choices(self, counts):
        for (thread, call), count in sorted(counts.items()):
            for number in range(1, count + 1):
                yield self.kill_at, (thread, call, number)
                if call in FAILING[thread]:
                    yield self.fail_at, (thread, call, number, "ENOSPC")
                    yield self.fail_at, (thread, call, number, "EIO")

    async def run(self, every, first):
        with House() as self.house:
            self.commander = Commander(self.house)
            self.start_daemon()
            try:
                counts = await self.calls()
                await self.restart_daemon()
                await self.settled([self.change.after])
                for disturbance, arguments in list(self.choices(counts))[first::every]:
                    await disturbance(*arguments)
                self.where = f"{self.name}, at the end"
                await self.check_slots()
            finally:
                self.house.keep = bool(self.problems) or sys.exc_info()[0] is not None
                await self.commander.close()
                self.daemon.end(signal.SIGINT)
        return f"{self.points} points, {self.reached} of them reached, among {sum(counts.values())} calls"

    async def check_slots(self):
        told = await self.commander.ask("get_info")
        known = {entry["id"] for entry in told["processes"]}
        try:
            await asyncio.to_thread(wait_for, lambda: set(self.house.shims()) == known, "slots")
        except TimeoutError:
            self.problems.append(f"{self.where}: slots {sorted(self.house.shims())}; known are {sorted(known)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--command", action="append", choices=CHANGES)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--from", type=int, default=0, dest="first")
    options = parser.parse_args()
    failed = False
    for name in options.command or CHANGES:
        trial = Trial(name, CHANGES[name])
        print(f"{name}: {asyncio.run(trial.run(options.every, options.first))}", flush=True)
        for problem in trial.problems[:20]:
            print(f"  {problem}", flush=True)
        if trial.problems:
            failed = True
            print(f"  {len(trial.problems)} problems; kept is {trial.house.folder}", flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
