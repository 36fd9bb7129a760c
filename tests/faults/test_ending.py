#!/usr/bin/env python3
# This file is part of PMDaemon.
# SPDX-FileCopyrightText: 2026 The PMDaemon authors
# SPDX-License-Identifier: MIT
"""What the daemon is told by signals, and that there is one for a home."""

import os
import signal
import time
import unittest

from house import Daemon, House, start_time, wait_for

PROCESSES = 50
OBEDIENT = {"script": "/bin/sleep", "args": ["1000"]}
STUBBORN = {"script": "/bin/sh", "args": ["-c", "trap '' TERM INT; echo deaf; while :; do sleep 1; done"]}


class EndingTest(unittest.TestCase):
    def setUp(self):
        self.house = House()
        self.addCleanup(self.house.__exit__, None)
        self.daemon = None
        self.addCleanup(self.end)

    def end(self):
        if self.daemon and self.daemon.is_alive():
            self.daemon.end(signal.SIGTERM)

    def start(self, *apps):
        self.daemon = Daemon(self.house, ["--config", self.house.define(*apps)] if apps else [])

    def online(self):
        """The pids, by name."""
        return {name: entry["pid"] for name, entry in self.house.entries().items()
                if entry["status"] == "online"}

    def start_many(self):
        self.start({"name": "many", **OBEDIENT, "instances": PROCESSES - 1, "kill_timeout": 5_000},
                   {"name": "stubborn", **STUBBORN, "kill_timeout": 5_000})
        pids = wait_for(lambda: len(self.online()) == PROCESSES and self.online(), "all online")
        wait_for(lambda: "deaf" in self.house.run("logs", "stubborn"), "the deaf one")
        return pids

    def end_many(self, number):
        """Which of the processes live after it."""
        pids = self.start_many()
        began = time.monotonic()
        self.assertEqual(self.daemon.end(number), 0)
        self.assertLess(time.monotonic() - began, 8)
        return {name: pid for name, pid in pids.items() if start_time(pid)}

    def test_sigterm_leaves_the_processes_alone(self):
        living = self.end_many(signal.SIGTERM)
        self.assertEqual(len(living), PROCESSES)
        self.start()
        self.assertEqual(self.online(), living)

    def test_sigint_stops_the_processes_even_a_stubborn_one(self):
        self.assertEqual(self.end_many(signal.SIGINT), {})
        self.start()  # as they were wanted
        wait_for(lambda: len(self.online()) == PROCESSES, "all online again")

    def test_a_second_daemon_says_who_holds_the_home(self):
        self.start()
        second = self.house.attempt("daemon")
        self.assertEqual(second.returncode, 11)
        self.assertIn(str(self.daemon.pid), second.stderr)
        self.assertEqual(self.house.entries(), {})

    def test_sighup_takes_the_file_again(self):
        self.start({"name": "same", **OBEDIENT}, {"name": "other", **OBEDIENT})
        before = wait_for(lambda: len(self.online()) == 2 and self.online(), "both online")
        self.house.define({"name": "same", **OBEDIENT}, {"name": "other", **OBEDIENT, "args": ["2000"]},
                          {"name": "new", **OBEDIENT})
        os.kill(self.daemon.pid, signal.SIGHUP)
        after = wait_for(lambda: self.online().get("other") not in (None, before["other"]) and
                         "new" in self.online() and self.online(), "the new definitions")
        self.assertEqual(after["same"], before["same"])

    def test_sighup_with_a_bad_file_changes_nothing(self):
        self.start({"name": "web", **OBEDIENT})
        before = wait_for(self.online, "it online")
        apps = self.house.define()
        apps.write_text('{"apps": [\n  {"name": "web", "script": "/bin/true"},\n  {"scirpt": "x"}\n]}')
        os.kill(self.daemon.pid, signal.SIGHUP)
        wait_for(lambda: str(apps) in self.daemon.errors.read_text(), "the complaint")
        complaint = self.daemon.errors.read_text()
        self.assertIn(f"{apps}:3: scirpt", complaint)
        self.assertEqual(self.online(), before)


if __name__ == "__main__":
    unittest.main()
