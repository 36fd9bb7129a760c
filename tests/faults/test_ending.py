#!/usr/bin/env python3
# This file is part of PMDaemon.
# SPDX-FileCopyrightText: 2026 The PMDaemon authors
# SPDX-License-Identifier: MIT
"""What the daemon is told by signals, and that there is one for a home."""

import json
import os
import signal
import subprocess
import time
import unittest

import house as houses
from house import Daemon, House, start_time, wait_for

PROCESSES = 50
OBEDIENT = {"script": "/bin/sleep", "args": ["1000"]}
STUBBORN = {"script": "/bin/sh", "args": ["-c", "trap '' TERM INT; echo deaf; while :; do sleep 1; done"]}


class EndingTest(unittest.TestCase):
    def setUp(self):
        self.house = House()
        self.addCleanup(self.house.__exit__, None)
        self.apps = self.house.folder / "apps.json"
        self.daemon = None
        self.addCleanup(self.end)

    def end(self):
        if self.daemon and self.daemon.is_alive():
            self.daemon.end(signal.SIGTERM)

    def define(self, *apps):
        self.apps.write_text(json.dumps({"apps": apps}))

    def start(self, *arguments):
        self.daemon = Daemon(self.house, arguments)

    def online(self):
        """The pids, by name."""
        return {name: entry["pid"] for name, entry in self.house.entries().items()
                if entry["status"] == "online"}

    def start_many(self):
        self.define({"name": "many", **OBEDIENT, "instances": PROCESSES - 1, "kill_timeout": 5_000},
                    {"name": "stubborn", **STUBBORN, "kill_timeout": 5_000})
        self.start("--config", self.apps)
        pids = wait_for(lambda: len(self.online()) == PROCESSES and self.online(), "all online")
        wait_for(lambda: "deaf" in self.house.run("logs", "stubborn"), "the deaf one")
        return pids

    def test_sigterm_leaves_the_processes_alone(self):
        pids = self.start_many()
        began = time.monotonic()
        self.assertEqual(self.daemon.end(signal.SIGTERM), 0)
        self.assertLess(time.monotonic() - began, 8)
        self.assertTrue(all(start_time(pid) for pid in pids.values()))
        self.start()
        self.assertEqual(self.online(), pids)

    def test_sigint_stops_the_processes_even_a_stubborn_one(self):
        pids = self.start_many()
        began = time.monotonic()
        self.assertEqual(self.daemon.end(signal.SIGINT), 0)
        self.assertLess(time.monotonic() - began, 8)
        self.assertFalse(any(start_time(pid) for pid in pids.values()))
        self.start()  # as they were wanted
        wait_for(lambda: len(self.online()) == PROCESSES, "all online again")

    def test_a_second_daemon_says_who_holds_the_home(self):
        self.start()
        second = subprocess.run([houses.PROGRAM, "daemon"], env=self.house.environment, text=True,
                                capture_output=True, timeout=houses.PATIENCE)
        self.assertEqual(second.returncode, 11)
        self.assertIn(str(self.daemon.pid), second.stderr)
        self.assertEqual(self.house.entries(), {})

    def test_sighup_takes_the_file_again(self):
        self.define({"name": "same", **OBEDIENT}, {"name": "other", **OBEDIENT})
        self.start("--config", self.apps)
        before = wait_for(lambda: len(self.online()) == 2 and self.online(), "both online")
        self.define({"name": "same", **OBEDIENT}, {"name": "other", **OBEDIENT, "args": ["2000"]},
                    {"name": "new", **OBEDIENT})
        os.kill(self.daemon.pid, signal.SIGHUP)
        after = wait_for(lambda: self.online().get("other") not in (None, before["other"]) and
                         "new" in self.online() and self.online(), "the new definitions")
        self.assertEqual(after["same"], before["same"])

    def test_sighup_with_a_bad_file_changes_nothing(self):
        self.define({"name": "web", **OBEDIENT})
        self.start("--config", self.apps)
        before = wait_for(self.online, "it online")
        self.apps.write_text('{"apps": [\n  {"name": "web", "script": "/bin/true"},\n  {"scirpt": "x"}\n]}')
        os.kill(self.daemon.pid, signal.SIGHUP)
        wait_for(lambda: "apps.json" in self.daemon.errors.read_text(), "the complaint")
        complaint = self.daemon.errors.read_text()
        self.assertIn("scirpt", complaint)
        self.assertIn("3", complaint)  # the line
        self.assertEqual(self.online(), before)


if __name__ == "__main__":
    unittest.main()
