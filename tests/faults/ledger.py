# This file is part of PMDaemon.
# SPDX-FileCopyrightText: 2026 The PMDaemon authors
# SPDX-License-Identifier: MIT
"""What ledger.cpp recorded against what PMDaemon stored of it: log files, and the events of the
state's database."""

import gzip
import json
import re
import signal
import sqlite3
import struct
from dataclasses import dataclass

RECORD = struct.Struct("<4siQqq")
# A write may have returned and its record not been written: one batch.
UNRECORDED = 64


@dataclass
class Run:
    process: int
    pid: int
    start: int
    written: int = 0  # lines whose write has returned
    end: int | None = None  # exit code, or minus the signal; None = it did not end by itself
    ended: int = 0  # when it was heard of last, in milliseconds of CLOCK_BOOTTIME

    @property
    def name(self):
        return f"{self.pid}.{self.start}"


def read_ledger(path, problems):
    """The runs of one process, in order."""
    runs = []
    data = path.read_bytes()
    for offset in range(0, len(data) - RECORD.size + 1, RECORD.size):
        kind, pid, start, value, time = RECORD.unpack_from(data, offset)
        kind = kind.rstrip(b"\0").decode()
        if kind == "TWO":
            problems.append(f"process {path.name}: {pid} began while another instance ran")
            kind = "RUN"
        if kind == "RUN":
            runs.append(Run(int(path.name), pid, start))
            continue
        run = next(run for run in reversed(runs) if (run.pid, run.start) == (pid, start))
        run.ended = time
        if kind == "OUT":
            run.written = value
        else:
            run.end = value
    return runs


def checksum(text):
    total = 0x811C9DC5
    for byte in text:
        total = (total ^ byte) * 0x01000193 & 0xFFFFFFFF
    return total


LINE = re.compile(rb"(\d+\.\d+) (\d+) [a-z]* ([0-9a-f]{8})")


def whole_line(text):
    """The match, when it is one."""
    found = LINE.fullmatch(text)
    return found if found and checksum(text[:-9]) == int(found[3], 16) else None


def split_torn(text):
    """A line that begins with a part of another run's: that run, and the match of the rest. The part may
    end within its run, its number or its checksum, so with digits."""
    for start in range(1, len(text)):
        if whole := whole_line(text[start:]):
            return text[:start].split(b" ")[0].decode(), whole
    return None, None


def rotated(log):
    """What the rotated files hold, the oldest first. Where one is there compressed as well, whoever did that
    was killed before it could delete the original."""
    parts = {}
    for part in log.parent.glob(log.name + ".*"):
        number, _, compressed = part.name[len(log.name) + 1:].partition(".")
        if number.isdigit() and compressed in ("", "gz"):
            parts.setdefault(int(number), {})[compressed] = part
    for _, forms in sorted(parts.items(), reverse=True):
        yield forms[""].read_bytes() if "" in forms else gzip.decompress(forms["gz"].read_bytes())


def stored_lines(logs, problems):
    """By run: the numbers of its lines as they stand in the files, oldest first; and the runs, or the
    beginnings of their names, whose last one is there in part: in front of the next run's first, or at
    the end of the file."""
    lines, torn = {}, set()
    for path in sorted(logs.glob("*.log")):
        data = b"".join(rotated(path)) + path.read_bytes()
        *whole, rest = data.split(b"\n")
        if rest:
            torn.add(rest.split(b" ")[0].decode())
        for line in whole:
            found = whole_line(line)
            if not found:
                name, found = split_torn(line)
                torn.add(name)
            if not found:
                problems.append(f"{path.name}: a line of nobody: {line[:80]!r}")
                continue
            lines.setdefault(found[1].decode(), []).append(int(found[2]))
    return lines, torn - {None}


def check_lines(runs, lines, torn, total_kills, problems):
    """How many lines are there; each exactly once, in order, none missing. And of how many runs the
    tail is missing: what a program wrote last is nowhere but in its pipe, and gone when daemon, keeper
    and shim are killed together and the program has ended before one of them is there again. Only
    there may a line be in part."""
    tails = set()
    known = {run.name for run in runs}
    for name in set(lines) - known:
        problems.append(f"{len(lines[name])} lines of {name}, which never ran")
    for run in runs:
        numbers = lines.get(run.name, [])
        if numbers != list(range(1, len(numbers) + 1)):
            seen = set(numbers)
            wrong = [n for n in range(1, max(numbers) + 1) if n not in seen]
            problems.append(f"run {run.name} of process {run.process}: {len(numbers)} lines stored, "
                            f"{len(numbers) - len(seen)} doubled, {len(wrong)} lost {wrong[:5]}")
        elif len(numbers) < run.written and any(a <= run.ended <= b for a, b in total_kills):
            tails.add(run.name)
        elif run.name in torn:
            problems.append(f"run {run.name} of process {run.process}: its last line is stored in part")
        elif not run.written <= len(numbers) <= run.written + UNRECORDED:
            problems.append(f"run {run.name} of process {run.process}: {run.written} lines written, "
                            f"{len(numbers)} stored")
    for name in torn - known:  # the end of the name itself is missing
        if not any(tail.startswith(name) for tail in tails):
            problems.append(f"a line of {name}… is stored in part")
    return sum(map(len, lines.values())), len(tails)


@dataclass
class Event:
    process: int
    name: str
    kind: str
    details: dict


def read_events(database):
    """What the store keeps, once nobody has it open: the oldest first."""
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    rows = connection.execute("SELECT process, name, kind, details FROM events ORDER BY id").fetchall()
    connection.close()
    return [Event(*row[:3], json.loads(row[3])) for row in rows]


def check_events(runs, database, problems):
    """Each run was told once, in order, and so was each end; returns (ends, ends with status)."""
    stored = read_events(database)
    ends = known = 0
    for process in {run.process for run in runs}:
        mine = [run for run in runs if run.process == process]
        events = [(event.kind, event.details) for event in stored if event.process == process]
        started = [details["pid"] for kind, details in events if kind in ("started", "restarted")]
        ran = [run.pid for run in mine]
        stops = sum(kind == "stopped" and details["reason"] == "requested" for kind, details in events)
        stops += sum(kind == "restarted" and details["reason"] != "crash" for kind, details in events)
        # A stop, also that of a restart, may come before a run has recorded that it began, or before it was told.
        both = [pid for pid in ran if pid in started]
        if both != [pid for pid in started if pid in ran] or \
                max(len(started), len(ran)) > len(both) + stops:
            problems.append(f"process {process}: runs {ran}, told are {started}")
            continue
        current = None
        for kind, details in events:
            if kind in ("started", "restarted"):
                current = next((run for run in mine if run.pid == details["pid"]), None)
            elif kind in ("crashed", "stopped") and current is None:
                pass  # of a run that had not begun to record
            elif kind in ("crashed", "stopped"):
                ends += 1
                told = details["exit_code"] if details["signal"] is None else details["signal"]
                known += told is not None
                # Who is told to stop may be just about to end by itself.
                by_itself = kind == "crashed" and current.end is not None and told is not None
                if by_itself and not agrees(told, current.end):
                    problems.append(f"run {current.name} ended with {current.end}, told is {told}")
                current = None
    return ends, known


def agrees(told, end):
    if isinstance(told, str):
        return end < 0 and getattr(signal, told) == -end
    return told == end
