#!/usr/bin/env python3
# This file is part of PMDaemon.
# SPDX-FileCopyrightText: 2026 The PMDaemon authors
# SPDX-License-Identifier: MIT
"""The machine has no room, no processes or no memory left, or another time. Needs root, or a delegated
tree of cgroups; what cannot be had here is skipped, and said so."""

import asyncio
import ctypes
import json
import os
import subprocess
import sys
import tempfile
import time
import unittest
from datetime import datetime
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "support"))
from cgroup import Cgroup
from client import Commander, connect
from house import FAKETIME, Daemon, House, wait_for
from ledger import read_events

SLEEPER = {"script": "/bin/sleep", "args": ["1000"]}


class Case(unittest.TestCase):
    def setUp(self):
        self.house = House()

    def tearDown(self):  # before clean-ups: they remove what it stands on
        self.house.__exit__(None)

    def status(self, name):
        return self.house.entries()[name]["status"]

    def events(self):
        """What is stored of each process; ends everything."""
        self.house.run("kill", "--all")
        return read_events(self.house.home / "state.db")


class LimitTest(Case):
    def test_no_process_left_for_a_shim(self):
        group = Cgroup(self, "pids")
        self.house.start()
        group.take(self.house.daemon())
        group.limit(group.tasks())
        refused = self.house.start_apps({"name": "web", **SLEEPER})
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("Resource temporarily unavailable", refused.stderr)
        self.house.run("ping")
        group.limit("max")
        wait_for(lambda: self.status("web") == "online", "the start that was put off")

    def test_no_process_left_for_a_restart(self):
        group = Cgroup(self, "pids")
        self.house.start_apps({"name": "web", **SLEEPER, "restart_delay": 1})
        before = self.house.entries()["web"]
        shim = self.house.shims()[before["id"]]
        group.take(shim)
        group.limit(group.tasks())
        os.kill(before["pid"], 9)
        wait_for(lambda: self.status("web") == "restarting", "the restart that is put off")
        self.house.run("ping")
        group.limit("max")
        wait_for(lambda: self.status("web") == "online", "the restart")
        self.assertNotEqual(self.house.entries()["web"]["pid"], before["pid"])

    def test_a_kill_for_want_of_memory_is_told_apart(self):
        group = Cgroup(self, "memory")
        group.limit(64 << 20)
        self.house.start()
        group.take(self.house.daemon())  # and whatever it starts
        self.house.start_apps({"name": "greedy", "script": sys.executable, "args": ["-c", "bytearray(300 << 20)"],
                               "autorestart": False})
        wait_for(lambda: self.status("greedy") in ("stopped", "errored"), "its end")
        ends = [event.details for event in self.events() if event.kind == "crashed"]
        self.assertEqual([(end["signal"], end.get("oom")) for end in ends], [("SIGKILL", True)])


class ClockTest(Case):
    @unittest.skipUnless(FAKETIME, "libfaketime is not installed")
    def test_the_wall_clock_jumps(self):
        offset = self.house.folder / "offset"
        offset.write_text("+0")
        daemon = Daemon(self.house, LD_PRELOAD=str(FAKETIME), FAKETIME_TIMESTAMP_FILE=str(offset),
                        FAKETIME_NO_CACHE="1", FAKETIME_DONT_FAKE_MONOTONIC="1")
        self.addCleanup(lambda: daemon.end(15))
        self.house.start_apps(
            {"name": "online", **SLEEPER},
            {"name": "waiting", "script": "/bin/sh", "args": ["-c", "echo x >> starts; exit 1"],
             "restart_delay": 700, "exp_backoff_restart_delay": 0, "max_restarts": 1000})
        starts = self.house.folder / "starts"
        asyncio.run(self.watch_jumps(offset, starts))

    async def watch_jumps(self, offset, starts):
        socket = await connect(self.house)
        await socket.send(json.dumps({"type": "subscribe", "data": {
            "events": ["system_metrics", "process_metrics"], "interval": 200}}))
        for hours in (0, 1, -1, 0):
            offset.write_text(f"{3600 * hours:+d}")
            began, before = time.monotonic(), len(starts.read_text().split()) if starts.exists() else 0
            seen = set()
            # Both timers go on at their pace, and the processes' as well.
            while len(seen) < 2 or len(starts.read_text().split()) < before + 2:
                message = json.loads(await asyncio.wait_for(socket.recv(), 3))
                self.assertLess(time.monotonic() - began, 10)
                if not message["type"].endswith("metrics") or time.monotonic() < began + 0.3:
                    continue
                seen.add(message["type"])
                ahead = message_time(message) - time.time()
                self.assertAlmostEqual(ahead, 3600 * hours, delta=60)
                for process in message["data"].get("processes", []):
                    self.assertGreaterEqual(process.get("uptime", 0), 0)
            entry = self.house.entries()["online"]
            self.assertEqual(entry["status"], "online")
            self.assertGreaterEqual(entry["uptime"], 0)
        await socket.close()


def message_time(message):
    return datetime.fromisoformat(message["timestamp"].replace("Z", "+00:00")).timestamp()


class FullDiskTest(Case):
    """Its home is on a small disk, in a mount namespace of this program's own."""

    def setUp(self):
        disk = tempfile.mkdtemp(prefix="pmdaemon-faults-disk-")
        self.addCleanup(os.rmdir, disk)
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "pmdaemon-faults", disk],
                              capture_output=True, text=True)
        if done.returncode:
            self.skipTest(f"no disk can be mounted here: {done.stderr.strip()}")
        self.addCleanup(subprocess.run, ["umount", "-l", disk], check=True)
        self.disk = Path(disk)
        super().setUp()
        self.house.home = self.disk / "home"
        self.house.environment["PMDAEMON_HOME"] = str(self.house.home)

    def start_apps(self, *apps):
        """Until nothing more is written that would make room again by being removed."""
        self.house.start_apps(*apps)
        wait_for((self.house.home / "state.db.backup").exists, "the first backup")

    def fill(self):
        with open(self.disk / "ballast", "ab", buffering=0) as file:
            for size in (65536, 512, 1):
                try:
                    while True:
                        file.write(b"x" * size)
                except OSError:
                    pass

    def make_room(self):
        (self.disk / "ballast").unlink()

    def test_what_cannot_be_stored_is_said_and_stored_when_there_is_room(self):
        self.start_apps({"name": "web", **SLEEPER})
        before = self.house.entries()["web"]
        self.fill()
        stopped = self.house.attempt("stop", "web")
        self.assertEqual(stopped.returncode, 70)
        self.assertIn("make room", stopped.stderr)
        problems = asyncio.run(self.problems())
        self.assertEqual(len(problems), 1)
        self.make_room()
        wait_for(lambda: not asyncio.run(self.problems()), "that it is stored")
        os.kill(self.house.daemon(), 9)
        wait_for(lambda: self.status("web") == "stopped", "what was wanted")
        self.assertEqual(self.house.entries()["web"]["id"], before["id"])

    def test_what_cannot_be_started_is_started_when_there_is_room(self):
        self.start_apps({"name": "web", **SLEEPER})
        self.house.run("stop", "web")
        self.fill()
        started = self.house.attempt("start", "web")
        self.assertIn("No space left on device", started.stderr)
        self.assertIn("tried again", started.stderr)
        self.assertEqual(self.status("web"), "restarting")
        self.make_room()
        wait_for(lambda: self.status("web") == "online", "its start")

    async def problems(self):
        commander = Commander(self.house)
        told = await commander.ask("get_system")
        await commander.close()
        return told.get("problems", []) if told else ["no answer"]

    def test_a_program_is_not_held_up_by_a_full_log(self):
        mebibytes = 10
        script = (f"while [ ! -e go ]; do sleep 0.02; done; head -c {mebibytes << 20} /dev/zero | tr '\\0' x; "
                  "touch written; while [ -e go ]; do sleep 0.02; done; echo later; exec sleep 1000")
        go, written = self.house.folder / "go", self.house.folder / "written"
        self.start_apps({"name": "writer", "script": "/bin/sh", "args": ["-c", script],
                         "cwd": str(self.house.folder)})
        self.fill()
        go.touch()
        wait_for(written.exists, "all written", 10)
        self.assertEqual(self.status("writer"), "online")
        self.make_room()
        go.unlink()
        wait_for(lambda: "later" in self.house.run("logs", "writer"), "what is written later")
        stored = sum(file.stat().st_size for file in (self.house.home / "logs").glob("writer-out.log*")
                     if not file.name.endswith(".idx"))
        gaps = [event.details for event in self.events() if event.kind == "log_gap"]
        self.assertEqual(sum(gap["bytes"] for gap in gaps) + stored, (mebibytes << 20) + len("later\n"))


if __name__ == "__main__":
    if ctypes.CDLL(None, use_errno=True).unshare(0x20000) == 0:  # CLONE_NEWNS
        # Fails where / is no mount point, as in a chroot; what is mounted here is unmounted in any case.
        subprocess.run(["mount", "--make-rprivate", "/"], stderr=subprocess.DEVNULL, check=False)
    unittest.main()
