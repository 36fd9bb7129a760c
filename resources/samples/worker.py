#!/usr/bin/env python3
# This file is part of PMDaemon.
# SPDX-FileCopyrightText: 2026 The PMDaemon authors
# SPDX-License-Identifier: MIT
"""Works in waves and logs what it does: as JSON, as words with a level, and on both streams."""

import json
import math
import sys
import time

for job in range(sys.maxsize):
    started = time.monotonic()
    share = 0.15 * (1 + math.sin(job / 10))
    sums = 0
    while time.monotonic() - started < share:
        sums += sum(range(1000))
    print(json.dumps({"level": "info", "message": f"job {job} done", "milliseconds": round(share * 1000)}), flush=True)
    if job % 10 == 9:
        print(f"WARN the queue is {job % 7} jobs long", flush=True)
    if job % 30 == 29:
        print("[error] one job had to be tried again", file=sys.stderr, flush=True)
    time.sleep(1 - share)
