#!/bin/bash
# This file is part of PMDaemon.
# SPDX-FileCopyrightText: 2026 The PMDaemon authors
# SPDX-License-Identifier: MIT

# Lives for 10 to 40 seconds and then ends with a failure, as programs do.
echo "INFO up as $$"
sleep $((10 + RANDOM % 30))
echo "[error] something broke" >&2
exit 1
