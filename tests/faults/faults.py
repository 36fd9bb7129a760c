#!/usr/bin/env python3
# This file is part of PMDaemon.
# SPDX-FileCopyrightText: 2026 The PMDaemon authors
# SPDX-License-Identifier: MIT
"""faults.py [--seed N]... [--seeds FILE] [--kills K]: kills daemon, keeper, shims and combinations of
them at random moments under starts, stops, crashes, logs at full speed and subscribers, and checks
that nothing is lost, doubled or mixed up:

- no process is lost or doubled, and each is as the last acknowledged command wants it;
- each line whose write returned is stored exactly once and in order;
- each run and each end was told once, nearly all ends with their status;
- each watcher sees contiguous statuses and lines, or a gap that is told;
- nothing else is signalled, and nothing is left running.

A seed gives the same disturbances again, though not the same interleaving. Of a failed one the home
is kept."""

import argparse
import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from client import Commander, Watcher
from house import House, send, start_time, wait_for
from ledger import check_events, check_lines, read_ledger, stored_lines

LEDGER = os.environ.get("PMDAEMON_LEDGER", "pmdaemon-ledger")
SETTLED = ("online", "stopped", "errored")

# What an app may be: lines per second, lines until it ends (0 = never), how it ends.
KINDS = {
    "steady": (200, 0, "exit:0"),
    "fast": (0, 0, "exit:0"),
    "crashing": (400, 60, "exit:7"),
    "killed": (400, 90, "signal:11"),
    "short": (2000, 40, "signal:9"),
}
APPS = ["steady", "fast", "crashing", "killed", "short", "steady", "crashing", "steady"]


class Model:
    """What each app may be by the commands that were acknowledged: up, down or absent. More than one
    where a command was lost with its connection."""

    EFFECTS = {"start": "up", "restart": "up", "stop": "down", "delete": "absent"}

    def __init__(self, names):
        self.states = {name: {"absent"} for name in names}

    def told(self, name, action, result):
        effect = self.EFFECTS[action]
        if result is None:
            self.states[name] |= {effect}
        elif result["success"] or result["error"]["code"] == "start_failed":
            self.states[name] = {effect}  # of two shims killed in a row it is told, and tried again

    def problems(self, entries):
        """Against what is there; from now on that is what is known."""
        for name, allowed in self.states.items():
            there = state_of(entries.get(name))
            if there not in allowed:
                yield f"{name} is {there}; acknowledged is {' or '.join(sorted(allowed))}"
            self.states[name] = {there}


def state_of(entry):
    if entry is None:
        return "absent"
    return "down" if entry["status"] in ("stopped", "stopping") else "up"


class Trial:
    def __init__(self, seed, kills):
        self.random = random.Random(seed)
        self.kills = kills
        self.problems = []
        self.names = [f"{kind}-{i}" for i, kind in enumerate(APPS)]
        self.model = Model(self.names)
        self.commands = self.lost = 0
        self.trace = []
        self.is_over = False
        self.total_kills = []  # when nobody was there who holds a program's output, on CLOCK_BOOTTIME

    def note(self, what):
        """For whoever looks into a failure: with the wall clock of the events in the store."""
        self.trace.append(f"{time.time() * 1000:.0f} {what}")

    def trace_of(self, problems):
        """Of those that the problems name, the last of what was done to them; what was killed meanwhile."""
        named = [name for name in self.names if any(name in problem for problem in problems)]
        about = [line for line in self.trace if line.split()[1] in (*named, "killed")]
        return about[-40:] if named else []

    def config(self, name):
        rate, lines, end = KINDS[name.partition("-")[0]]
        return {"script": LEDGER, "args": [str(self.house.folder), str(rate), str(lines), end],
                "max_restarts": 1_000_000, "restart_delay": 20, "max_log_size": 262_144,
                "max_log_files": 100_000}

    # ---- Disturbances ----

    def victims(self, who):
        shims = [pid for pid in self.house.shims().values() if pid]
        pids = {"daemon": [self.house.daemon()], "keeper": [self.house.keeper()],
                "shim": [self.random.choice(shims)] if shims else [], "shims": shims}
        return [pid for part in who for pid in pids[part] if pid]

    async def disturb(self):
        combinations = [["daemon"], ["keeper"], ["shim"], ["daemon", "shim"], ["keeper", "shim"],
                        ["daemon", "keeper"], ["shims"], ["daemon", "shims"],
                        ["daemon", "keeper", "shims"], ["stop"]]
        for kill in range(self.kills):
            await asyncio.sleep(self.random.uniform(0.02, 0.5))
            who = combinations[kill % len(combinations)]
            if who == ["stop"]:
                pid = self.house.daemon()
                if pid:
                    send(pid, signal.SIGSTOP)
                    await asyncio.sleep(self.random.uniform(0.05, 0.3))
                    send(pid, signal.SIGCONT)
                continue
            victims = self.victims(who)
            began = boot_ms()
            holders = {self.house.daemon(), self.house.keeper()} - {0}
            for pid in victims:
                send(pid, signal.SIGKILL)
            for pid in victims:
                await asyncio.to_thread(wait_for, lambda pid=pid: not start_time(pid), "a death")
            self.note(f"killed {who}: {victims}")
            if holders <= set(victims):
                # Nobody is there to start them but the next command.
                await asyncio.to_thread(self.house.start)
                # From the last writes, which may not have been stored yet, until each slot has a
                # shim again: a second after the daemon is there.
                self.total_kills.append((began - 100, boot_ms() + 1000))

    async def order(self, commander):
        while not self.is_over:
            name = self.random.choice(self.names)
            known = self.model.states[name]
            if len(known) > 1:
                await self.resolve(name)
                known = self.model.states[name]
            state = next(iter(known))
            action = self.random.choice({"absent": ["start"], "down": ["start", "delete"],
                                         "up": ["stop", "restart", "restart", "stop", "delete"]}[state])
            more = {"config": self.config(name)} if state == "absent" else {}
            result = await commander.command(action, name, **more)
            self.commands += 1
            self.lost += result is None
            self.model.told(name, action, result)
            self.note(f"{name} {action}: {result and (result['success'] or result['error'])}")
            await asyncio.sleep(self.random.uniform(0, 0.15))

    async def resolve(self, name):
        """What became of a command that was lost: whichever it is, it stays so from now on."""
        seen = []

        def settled():
            # A daemon that has just begun lists what it wants to start as stopped.
            try:
                seen.append(self.house.entries().get(name))
            except RuntimeError:  # the daemon was killed before it had answered
                return False
            last = [entry and entry["status"] for entry in seen[-10:]]
            return len(last) == 10 and len(set(last)) == 1 and last[0] in (None, *SETTLED) or \
                len(last) == 10 and set(last) <= {"online", "restarting", "starting"}
        await asyncio.to_thread(wait_for, settled, f"what became of {name}")
        there = state_of(seen[-1])
        if there not in self.model.states[name]:
            self.problems.append(f"{name} is {there} after a lost command; possible was "
                                 f"{' or '.join(sorted(self.model.states[name]))}")
        self.model.states[name] = {there}
        self.note(f"{name} is {there} ({seen[-1] and seen[-1]['status']})")

    # ---- The trial ----

    async def live(self):
        watchers = [Watcher(self.house, self.problems) for _ in range(2)]
        commander = Commander(self.house)
        watching = [asyncio.create_task(watcher.run()) for watcher in watchers]
        for name in self.names:
            self.model.told(name, "start", await commander.command("start", name,
                                                                   config=self.config(name)))
        ordering = asyncio.create_task(self.order(commander))
        try:
            await self.disturb()
            self.is_over = True
            await ordering  # the last command has its answer, or is lost
        finally:
            for task in [ordering, *watching]:
                task.cancel()
            results = await asyncio.gather(*watching, return_exceptions=True)
            self.problems += [repr(result) for result in results
                              if not isinstance(result, asyncio.CancelledError)]
            await commander.close()
        self.watched = sum(watcher.lines for watcher in watchers)
        self.connections = sum(watcher.connections for watcher in watchers)

    def settle(self):
        self.house.start()
        wait_for(lambda: all(self.house.shims().values()), "a shim for each slot")
        wait_for(lambda: all(entry["pid"] if entry["status"] == "online" else
                             entry["status"] in (*SETTLED, "restarting")
                             for entry in self.house.entries().values()), "settled statuses")
        self.problems += self.model.problems(self.house.entries())
        if self.house.entries():
            self.house.run("stop", "all")
        for name, entry in self.house.entries().items():
            if entry["status"] != "stopped":
                self.problems.append(f"{name} is {entry['status']} after stop all")
        self.house.run("kill", "--all")
        try:
            wait_for(lambda: not self.house.processes(), "the end of everything", 20)
        except TimeoutError:
            self.problems += [f"{pid} is left: {command_of(pid)}" for pid in self.house.processes()]

    def run(self):
        innocents = [subprocess.Popen(["sleep", "1000"], start_new_session=True) for _ in range(3)]
        began = time.monotonic()
        try:
            with House() as self.house:
                try:
                    self.house.start()
                    asyncio.run(self.live())
                    self.settle()
                    return self.judge(innocents, time.monotonic() - began)
                finally:
                    self.house.keep = bool(self.problems) or sys.exc_info()[0] is not None
        finally:
            for innocent in innocents:
                innocent.kill()
                innocent.wait()

    def judge(self, innocents, seconds):
        runs = []
        for path in sorted(self.house.folder.iterdir()):
            if path.name.isdigit():
                runs += read_ledger(path, self.problems)
        stored, torn = stored_lines(self.house.home / "logs", self.problems)
        lines, tails = check_lines(runs, stored, torn, self.total_kills, self.problems)
        ends, known = check_events(runs, self.house.home / "state.db", self.problems)
        if ends and known < 0.98 * ends:
            self.problems.append(f"of {ends} ends only {known} were told with their status")
        if any(innocent.poll() is not None for innocent in innocents):
            self.problems.append("a process that is none of ours was signalled")
        return (f"{self.kills} disturbances in {seconds:.0f} s: {self.commands} commands ({self.lost} "
                f"lost), {len(runs)} runs, {lines} lines stored ({tails} tails lost with all who held them), {self.watched} seen over "
                f"{self.connections} connections, {ends} ends told, {known} with status")


def boot_ms():
    return time.clock_gettime(time.CLOCK_BOOTTIME) * 1000


def command_of(pid):
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seed", type=int, action="append", default=[])
    parser.add_argument("--seeds", type=Path, help="a file of seeds that failed once")
    parser.add_argument("--kills", type=int, default=40)
    options = parser.parse_args()
    seeds = list(options.seed)
    if options.seeds:
        lines = (line.partition("#")[0].strip() for line in options.seeds.read_text().splitlines())
        seeds += [int(line) for line in lines if line]
    failed = False
    for seed in seeds or [random.SystemRandom().randrange(2**32)]:
        trial = Trial(seed, options.kills)
        print(f"seed {seed}: {trial.run()}", flush=True)
        for problem in trial.problems[:20]:
            print(f"  {problem}", flush=True)
        if trial.problems:
            failed = True
            print("\n".join(f"    {line}" for line in trial.trace_of(trial.problems)), flush=True)
            (trial.house.folder / "trace").write_text("\n".join(trial.trace))
            print(f"  {len(trial.problems)} problems; kept is {trial.house.folder}", flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
