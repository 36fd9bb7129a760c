#!/usr/bin/env python3
# This file is part of PMDaemon.
# SPDX-FileCopyrightText: 2026 The PMDaemon authors
# SPDX-License-Identifier: MIT
"""Daemon, keeper and shims are replaced by other files of the same name while programs write: nothing
but them changes."""

import json
import os
import shutil
import socket
import subprocess
import threading
import unittest
from pathlib import Path

import house
from house import House, wait_for
from ledger import check_lines, read_ledger, stored_lines

LEDGER = os.environ["PMDAEMON_LEDGER"]
PROGRAM = Path(os.environ["PMDAEMON"])
SHIM = PROGRAM.parent / "pmdaemon-shim"
SHIM_WITH_FAULTS = os.environ["PMDAEMON_SHIM_FAULTS"]


def install(source, target):
    """As a package manager does: another file takes the name."""
    shutil.copy2(source, f"{target}.new")
    os.rename(f"{target}.new", target)


def file_of(pid):
    return os.stat(f"/proc/{pid}/exe").st_ino


class Knocker(threading.Thread):
    """Connects again and again; counts who was refused."""

    def __init__(self, port):
        super().__init__()
        self.port = port
        self.over = threading.Event()
        self.refused = self.accepted = 0

    def run(self):
        while not self.over.is_set():
            try:
                with socket.create_connection(("127.0.0.1", self.port), 10):
                    self.accepted += 1
            except ConnectionRefusedError:
                self.refused += 1


class UpdateTest(unittest.TestCase):
    def setUp(self):
        self.house = House()
        self.addCleanup(self.house.__exit__, None)
        self.installed = self.house.folder / "bin"
        self.installed.mkdir()
        install(PROGRAM, self.installed / "pmdaemon")
        install(SHIM, self.installed / "pmdaemon-shim")
        house.PROGRAM = str(self.installed / "pmdaemon")
        for name, rate in (("steady", 500), ("fast", 5000), ("slow", 50)):
            self.house.run("start", LEDGER, "--name", name, "--max-log-files", "100000", "--",
                           str(self.house.folder), str(rate), "0", "exit:0")

    def runs(self):
        return {name: (entry["pid"], entry["restarts"], entry["started_at"], entry["status"])
                for name, entry in self.house.entries().items()}

    def update(self):
        """The exit code, and what was printed."""
        done = subprocess.run([house.PROGRAM, "update", "--json"], env=self.house.environment,
                              capture_output=True, text=True, timeout=60)
        return done.returncode, json.loads(done.stdout or "null"), done.stderr

    def check_nothing_is_lost(self):
        self.house.run("stop", "all")
        self.house.run("kill", "--all")
        problems, runs = [], []
        for path in self.house.folder.iterdir():
            if path.name.isdigit():
                runs += read_ledger(path, problems)
        self.assertEqual(len(runs), 3)
        stored, torn = stored_lines(self.house.home / "logs", problems)
        lines, _ = check_lines(runs, stored, torn, [], problems)
        self.assertEqual(problems, [])
        self.assertGreater(lines, 0)

    def test_everything_is_replaced_and_nothing_restarts(self):
        before = self.runs()
        daemon, keeper, shims = self.house.daemon(), self.house.keeper(), self.house.shims()
        knocker = Knocker(self.house.address()["port"])
        knocker.start()
        install(PROGRAM, self.installed / "pmdaemon")
        install(SHIM, self.installed / "pmdaemon-shim")
        code, told, complaints = self.update()
        knocker.over.set()
        knocker.join()
        self.assertEqual((code, complaints), (0, ""))
        self.assertEqual((told["keeper"], told["shims"], told["pending"]), (True, 3, []))
        self.assertNotEqual(told["daemon"], daemon)
        self.assertEqual(self.house.keeper(), keeper)  # in place
        self.assertEqual(self.house.shims(), shims)
        new = os.stat(self.installed / "pmdaemon-shim").st_ino
        self.assertEqual({file_of(pid) for pid in (keeper, *shims.values())}, {new})
        self.assertEqual(self.runs(), before)
        self.assertEqual(knocker.refused, 0)
        self.assertGreater(knocker.accepted, 0)
        self.check_nothing_is_lost()

    def test_a_keeper_that_was_replaced_keeps(self):
        keeper = self.house.keeper()
        install(SHIM, self.installed / "pmdaemon-shim")
        self.assertEqual(self.update()[0], 0)
        before = self.runs()
        daemon, shims = self.house.daemon(), self.house.shims()
        os.kill(daemon, 9)
        wait_for(lambda: self.house.daemon() not in (0, daemon), "another daemon")
        os.kill(shims[1], 9)
        wait_for(lambda: self.house.shims()[1] not in (0, shims[1]), "another shim")
        self.assertEqual(self.house.keeper(), keeper)
        self.assertEqual(self.runs(), before)
        self.check_nothing_is_lost()

    def test_a_broken_program_replaces_nothing(self):
        before = self.runs()
        keeper, shims = self.house.keeper(), self.house.shims()
        broken = self.house.folder / "broken"
        broken.write_text("#!/bin/sh\nexit 3\n")
        broken.chmod(0o755)
        install(broken, self.installed / "pmdaemon-shim")
        code, told, complaints = self.update()
        self.assertEqual(code, 1)
        self.assertFalse(told["keeper"])
        self.assertEqual(told["pending"], [0, 1, 2])
        self.assertIn("keeper", complaints)
        self.assertEqual((self.house.keeper(), self.house.shims()), (keeper, shims))
        self.assertEqual(self.runs(), before)
        install(SHIM, self.installed / "pmdaemon-shim")
        self.assertEqual(self.update()[0], 0)
        self.assertEqual(self.runs(), before)
        self.check_nothing_is_lost()

    def check_a_keeper_that_dies_at(self, point):
        self.house.run("kill")
        died = self.house.folder / "died"
        self.house.environment |= {"PMDAEMON_FAULT": point, "PMDAEMON_FAULT_ONCE": str(died)}
        install(SHIM_WITH_FAULTS, self.installed / "pmdaemon-shim")
        before = self.runs()  # under a keeper that is to die
        keeper = self.house.keeper()
        install(SHIM_WITH_FAULTS, self.installed / "pmdaemon-shim")
        code, told, _ = self.update()
        self.assertTrue(died.exists())
        self.assertEqual((code, told["keeper"]), (0, True))
        wait_for(lambda: self.house.keeper() not in (0, keeper), "another keeper")
        self.assertEqual(self.runs(), before)
        self.check_nothing_is_lost()

    def test_a_keeper_that_dies_before_it_is_replaced_is_followed_by_another(self):
        self.check_a_keeper_that_dies_at("keeper.exec")

    def test_a_keeper_that_dies_as_it_is_replaced_is_followed_by_another(self):
        self.check_a_keeper_that_dies_at("keeper.resumed")

    def test_a_keeper_that_dies_after_it_is_replaced_is_followed_by_another(self):
        self.check_a_keeper_that_dies_at("keeper.adopted")

    def test_without_a_daemon_there_is_nothing_to_do(self):
        self.house.run("kill")
        code, told, _ = self.update()
        self.assertEqual((code, told), (0, {"daemon": None}))
        self.runs()


if __name__ == "__main__":
    unittest.main()
