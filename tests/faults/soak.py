#!/usr/bin/env python3
# This file is part of PMDaemon.
# SPDX-FileCopyrightText: 2026 The PMDaemon authors
# SPDX-License-Identifier: MIT
"""soak.py [--minutes M] [--seed N]: a day of a daemon, 24 hours by its own clock, in M minutes (10 unless
told otherwise). Processes are defined, started, stopped, scaled, reloaded and deleted, crash and write;
clients of all kinds come and go. Every half hour, by that clock, everything is deleted and everybody
leaves: the daemon must then hold exactly the descriptors that it held at first. In its last six hours it
must hold, in the median, at most 4 MiB more than after its first two and a half, when its memory of the
past is full."""

import argparse
import asyncio
import contextlib
import json
import os
import random
import signal
import statistics
import sys
import time
import urllib.request
from pathlib import Path

from client import GONE, Commander, connect
from house import FAKETIME, Daemon, House, start_time, wait_for

LEDGER = os.environ.get("PMDAEMON_LEDGER", "pmdaemon-ledger")
HOURS = 24
WARM_UP = 2.5  # hours; two of figures every ten seconds are kept
MAX_GROWTH = 4 << 20
THREADS = 2  # at rest: the event loop's and the state store's; each holds descriptors
EVENTS = ["process_status", "process_event", "process_metrics", "system_metrics", "log_message", "health_update"]


class Trial:
    def __init__(self, house, daemon, speed, seed):
        self.house = house
        self.daemon = daemon
        self.speed = speed
        self.random = random.Random(seed)
        self.problems = []
        self.is_over = False
        self.commands = self.refused = self.visits = 0
        self.names = [f"app-{i}" for i in range(12)]

    def config(self):
        rate, lines, end = self.random.choice([(20, 0, "exit:0"), (200, 60, "exit:7"), (200, 90, "signal:11"),
                                               (0, 5000, "exit:1")])
        config = {"script": LEDGER, "args": [str(self.house.folder / "ledgers"), str(rate), str(lines), end],
                  "instances": self.random.randint(1, 3), "max_restarts": 1000, "max_log_size": 65_536,
                  "max_memory_restart": "1G", "env": {"LD_PRELOAD": ""}}
        if self.random.random() < 0.3:
            config["health_check"] = {"script": "/bin/true", "interval": 60_000, "on_unhealthy": "none"}
        return config

    # ---- Who comes and goes ----

    async def operator(self):
        commander = Commander(self.house)
        while not self.is_over:
            name = self.random.choice(self.names)
            action = self.random.choice(["start", "stop", "restart", "reload", "scale", "delete", "reset", "flush"])
            more = {"instances": self.random.randint(1, 4)} if action == "scale" else {}
            if action in ("start", "reload"):
                more = {"config": self.config()}
            result = await commander.command(action, name, **more)
            self.commands += 1
            self.refused += not (result and result["success"])
            await asyncio.sleep(0)  # what is refused here does not wait
        await commander.close()

    async def visitor(self):
        """Subscribes to this and that, asks, and leaves: politely, or not at all."""
        while not self.is_over:
            try:
                socket = await connect(self.house)
            except GONE:
                await asyncio.sleep(0.05)
                continue
            self.visits += 1
            with contextlib.suppress(*GONE):
                await self.visit(socket)
            if self.random.random() < 0.5:
                socket.transport.abort()
            with contextlib.suppress(*GONE):
                await socket.close()
            await socket.wait_closed()

    async def visit(self, socket):
        await socket.send(json.dumps({"type": "subscribe", "data": {
            "events": self.random.sample(EVENTS, self.random.randint(1, len(EVENTS))),
            "interval": self.random.choice([100, 1000, 10_000])}}))
        for kind in self.random.sample(["get_info", "get_system", "get_history", "nonsense"], 2):
            await socket.send(json.dumps({"type": kind, "data": {}}))
        end = time.monotonic() + self.random.uniform(0, 1)
        while time.monotonic() < end:
            await asyncio.wait_for(socket.recv(), 1)

    async def browser(self):
        port = self.house.address()["port"]

        def visit(path):
            with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as page:
                page.read()
        while not self.is_over:
            await asyncio.to_thread(visit, self.random.choice(["/", "/health", "/api/processes", "/api/system", "/no"]))
            await asyncio.sleep(0.05)

    # ---- What is left when all have gone ----

    async def leave(self):
        commander = Commander(self.house)
        for name in self.names:
            await commander.command("delete", name)
        await commander.close()
        await asyncio.to_thread(wait_for, lambda: not self.slots(), "no slot")
        await asyncio.to_thread(wait_for, lambda: not self.sockets(), "closed connections", 10)
        await asyncio.to_thread(wait_for, lambda: self.threads() == THREADS, "the end of idle threads", 60)

    def slots(self):
        return [slot for slot, shim in self.house.shims().items() if shim]

    def sockets(self):
        """Connections of clients: what listens and what the daemon itself uses is not counted."""
        port = self.house.address()["port"]
        lines = Path(f"/proc/{self.daemon.pid}/net/tcp").read_text().splitlines()[1:]
        return [line for line in lines if line.split()[1].endswith(f":{port:04X}") and line.split()[3] == "01"]

    def descriptors(self):
        """What stays open: a look may fall into a moment in which a file of /proc is being read."""
        return min((self.open_now() for _ in range(20)), key=len)

    def open_now(self):
        found = []
        for entry in Path(f"/proc/{self.daemon.pid}/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):
                target = os.readlink(entry)
                found.append(target.partition("[")[0] if target.endswith("]") else target)
        return sorted(found)

    def memory(self):
        """What it alone holds. Code is not counted: it is its own until another program has it, too."""
        lines = Path(f"/proc/{self.daemon.pid}/smaps_rollup").read_text().splitlines()
        return next(int(line.split()[1]) << 10 for line in lines if line.startswith("Private_Dirty"))

    def threads(self):
        return len(list(Path(f"/proc/{self.daemon.pid}/task").iterdir()))

    async def live(self, hours):
        self.is_over = False
        everybody = asyncio.gather(self.operator(), self.operator(), self.visitor(), self.visitor(),
                                   self.visitor(), self.browser())
        await asyncio.wait([everybody], timeout=hours * 3600 / self.speed)
        self.is_over = True
        await everybody
        await self.leave()

    async def run(self):
        first, base, last = None, None, []
        began = time.monotonic()
        while (hour := (time.monotonic() - began) * self.speed / 3600) < HOURS:
            await self.live(0.1 if first is None else WARM_UP if base is None else 0.5)
            memory, descriptors = self.memory(), self.descriptors()
            if first is None:
                first = descriptors
            elif base is None:
                base = memory
            print(f"hour {hour:5.1f}: {memory / 2**20:.2f} MiB, {len(descriptors)} descriptors, "
                  f"{self.commands} commands ({self.refused} refused), {self.visits} visits", flush=True)
            if descriptors != first:
                self.problems.append(f"hour {hour:.1f}: {descriptors}, at first {first}")
            if hour > HOURS - 6:
                last.append(memory)
        growth = statistics.median(last) - base
        print(f"growth: {growth / 2**20:.2f} MiB")
        if growth > MAX_GROWTH:
            self.problems.append(f"at the end it holds {growth} bytes more than after {WARM_UP} hours")
        if not start_time(self.daemon.pid):
            self.problems.append("the daemon has ended")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if not FAKETIME:
        sys.exit("libfaketime is not installed")
    with House() as house:
        (house.folder / "ledgers").mkdir()
        speed = HOURS * 60 / options.minutes
        daemon = Daemon(house, LD_PRELOAD=str(FAKETIME), FAKETIME=f"+0 x{speed:g}")
        trial = Trial(house, daemon, speed, options.seed)
        try:
            asyncio.run(trial.run())
        finally:
            if daemon.is_alive():
                daemon.end(signal.SIGINT)
    for problem in trial.problems[:20]:
        print(f"  {problem}")
    sys.exit(bool(trial.problems))


if __name__ == "__main__":
    main()
