# This file is part of PMDaemon.
# SPDX-FileCopyrightText: 2026 The PMDaemon authors
# SPDX-License-Identifier: MIT
"""Control groups for tests. They need root, or a delegated tree."""

import os
import time
from pathlib import Path

PATIENCE = 60
# The folder of version 1 and its file of the limit; version 2 has one folder for all kinds.
KINDS = {"pids": ("/sys/fs/cgroup/pids", "pids.max"),
         "memory": ("/sys/fs/cgroup/memory", "memory.limit_in_bytes")}


class Cgroup:
    """One of its own for a limit of this kind; removed when the test is over and nobody is in it any
    more. Skips the test where none can be made."""

    def __init__(self, test, kind):
        for root, limit in (KINDS[kind], ("/sys/fs/cgroup", f"{kind}.max")):
            self.folder = Path(root, f"pmdaemon-test-{os.getpid()}")
            self.limit_file = self.folder / limit
            try:
                self.folder.mkdir()
                if self.limit_file.exists():
                    test.addCleanup(self.remove)
                    return
                self.folder.rmdir()
            except OSError:
                continue
        test.skipTest(f"no control group for {kind} can be made here")

    def remove(self):
        end = time.monotonic() + PATIENCE
        while True:
            try:
                return self.folder.rmdir()
            except OSError:  # it is not empty yet, which no event tells
                if time.monotonic() > end:
                    raise
                time.sleep(0.02)

    def limit(self, value):
        self.limit_file.write_text(str(value))

    def take(self, pid):
        """This process, and those that it makes from now on; 0 = whoever calls."""
        (self.folder / "cgroup.procs").write_text(str(pid))

    def tasks(self):
        return sum(len(list(Path(f"/proc/{pid}/task").iterdir()))
                   for pid in (self.folder / "cgroup.procs").read_text().split())
