#!/usr/bin/env python3
# This file is part of PMDaemon.
# SPDX-FileCopyrightText: 2026 The PMDaemon authors
# SPDX-License-Identifier: MIT
"""The daemon dies, in order or not, and the next one goes on with processes in every state."""

import http.server
import os
import signal
import threading
import time
import unittest

from house import Daemon, House, start_time, wait_for

PROCESSES = 60
RESTARTS = (signal.SIGTERM, signal.SIGKILL) * 3


class AdoptionTest(unittest.TestCase):
    def setUp(self):
        self.house = House()
        self.addCleanup(self.house.__exit__, None)
        self.daemon = Daemon(self.house)
        self.addCleanup(self.end)

    def end(self):
        if self.daemon.is_alive():
            self.daemon.end(signal.SIGTERM)

    def next_daemon(self, number=signal.SIGKILL):
        self.daemon.end(number)
        self.daemon = Daemon(self.house)
        # It does not wait for ever for what a busy machine holds up.
        wait_for(lambda: all(entry["pid"] for entry in self.house.entries().values()
                             if entry["status"] == "online"), "what each process does")

    def wait_for_status(self, name, status):
        wait_for(lambda: self.house.entries()[name]["status"] == status, f"{name} {status}")

    def test_processes_in_every_state(self):
        class Unwell(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_error(503)

            def log_message(self, *_):
                pass

        server = http.server.HTTPServer(("127.0.0.1", 0), Unwell)
        self.addCleanup(server.server_close)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.shutdown)
        url = f"http://127.0.0.1:{server.server_port}/"
        shell = {"script": "/bin/sh"}
        started = self.house.start_apps(
            {"name": "online", "script": "/bin/sleep", "args": ["1000"]},
            {"name": "stopped", "script": "/bin/sleep", "args": ["1000"]},
            {"name": "cluster", "script": "/bin/sleep", "args": ["1000"], "instances": 3},
            {"name": "errored", "script": "/bin/false", "max_restarts": 1, "restart_delay": 1},
            {"name": "missing", "script": "/nonexistent/program"},
            {"name": "done", "script": "/bin/true", "autorestart": False},
            {"name": "waiting", **shell, "args": ["-c", "sleep 0.1; exit 3"], "restart_delay": 600_000},
            {"name": "counted", **shell, "restart_delay": 1, "min_uptime": 0, "args": [
                "-c", "echo x >> starts; [ $(wc -l < starts) -gt 2 ] || exit 1; exec sleep 1000"]},
            {"name": "stubborn", **shell, "args": ["-c", "trap '' TERM; while :; do sleep 1; done"],
             "kill_timeout": 600_000},
            {"name": "unwell", "script": "/bin/sleep", "args": ["1000"],
             "health_check": {"url": url, "interval": 100, "retries": 1, "on_unhealthy": "none"}})
        self.assertIn("/nonexistent/program", started.stderr)
        self.house.run("stop", "stopped")
        for name, status in (("errored", "errored"), ("missing", "errored"), ("done", "stopped"),
                             ("waiting", "restarting")):
            self.wait_for_status(name, status)
        wait_for(lambda: self.house.entries()["counted"]["restarts"] == 2, "two restarts")
        wait_for(lambda: self.house.entries()["unwell"]["health"] == "unhealthy", "the failed check")
        self.house.attempt("stop", "stubborn", "--timeout", "1s")
        self.wait_for_status("stubborn", "stopping")

        before = self.house.entries()
        self.next_daemon()
        after = self.house.entries()
        self.assertEqual(list(after), list(before))
        for name, entry in before.items():
            for key in ("id", "pid", "status", "restarts", "started_at", "namespace", "instance", "health"):
                self.assertEqual(after[name][key], entry[key], f"{key} of {name}")

        os.kill(before["stubborn"]["pid"], signal.SIGKILL)
        self.wait_for_status("stubborn", "stopped")
        self.house.run("stop", "all")
        self.assertEqual({entry["status"] for entry in self.house.entries().values()}, {"stopped"})
        self.assertTrue(all(not start_time(entry["pid"]) for entry in before.values() if entry["pid"]))

    def test_many_over_many_daemons(self):
        self.house.start_apps({"name": "many", "script": "/bin/sleep", "args": ["1000"], "instances": PROCESSES})
        before = self.house.entries()
        self.assertEqual({entry["status"] for entry in before.values()}, {"online"})
        for number in RESTARTS:
            self.next_daemon(number)
            after = self.house.entries()
            for name, entry in before.items():
                self.assertEqual((after[name]["pid"], after[name]["restarts"]), (entry["pid"], 0))

    def test_what_a_wait_lasts_is_not_begun_anew(self):
        self.house.start_apps({"name": "waiting", "script": "/bin/sh", "args": ["-c", "echo x >> starts; exit 1"],
                     "restart_delay": 3_000})
        starts = self.house.folder / "starts"
        wait_for(starts.exists, "the first start")
        began = time.monotonic()
        while len(starts.read_text().split()) < 2:
            self.assertLess(time.monotonic() - began, 6)
            self.next_daemon()
        self.assertGreater(time.monotonic() - began, 2)

    def test_a_lost_shim_is_replaced_and_the_program_goes_on(self):
        self.house.start_apps({"name": "web", "script": "/bin/sleep", "args": ["1000"]})
        before = self.house.entries()["web"]
        shim = self.house.shims()[before["id"]]
        os.kill(shim, signal.SIGKILL)
        wait_for(lambda: self.house.shims()[before["id"]] not in (0, shim), "another shim")
        self.assertEqual(self.house.entries()["web"]["pid"], before["pid"])
        self.house.run("stop", "web")
        self.assertIsNone(start_time(before["pid"]))


if __name__ == "__main__":
    unittest.main()
