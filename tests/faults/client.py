# This file is part of PMDaemon.
# SPDX-FileCopyrightText: 2026 The PMDaemon authors
# SPDX-License-Identifier: MIT
"""Clients that outlive daemons: one that watches and checks that what it is told is contiguous, one
that sends commands and knows which of them were acknowledged."""

import asyncio
import itertools
import json

import websockets

GONE = (OSError, websockets.WebSocketException, asyncio.TimeoutError)


async def connect(house):
    address = house.address()
    if not address:
        raise ConnectionRefusedError("no address")
    return await websockets.connect(f"ws://127.0.0.1:{address['port']}/ws", max_size=None,
                                    open_timeout=10, ping_interval=None, close_timeout=1)


class Watcher:
    """Follows everything over any number of connections."""

    def __init__(self, house, problems):
        self.house = house
        self.problems = problems
        self.lines = self.connections = 0

    async def run(self):
        while True:
            try:
                socket = await connect(self.house)
                self.connections += 1
                await self.follow(socket)
            except GONE:
                await asyncio.sleep(0.05)

    async def follow(self, socket):
        events = ["process_status", "process_event", "process_metrics", "log_message"]
        await socket.send(json.dumps(
            {"type": "subscribe", "data": {"events": events, "interval": 200, "batch": True}}))
        statuses, sequence = {}, {}
        async for text in socket:
            message = json.loads(text)
            data = message["data"]
            if message["type"] == "process_status":
                self.check_status(statuses, data)
            elif message["type"] == "log_batch":
                self.check_lines(sequence, data)

    def check_status(self, statuses, data):
        key, before = data["id"], data["previous_status"]
        if not data.get("snapshot") and statuses.get(key, before) != before:
            self.problems.append(f"{data['name']}: told {statuses[key]}, then a change from {before}")
        statuses[key] = data["status"]

    def check_lines(self, sequence, data):
        key = data["process_id"]
        for line in data["lines"]:
            self.lines += 1
            expected = sequence.get(key, line["seq"])
            if line["seq"] < expected:
                self.problems.append(f"{data['process']}: line {line['seq']} after {expected - 1}")
            elif line["seq"] > expected and not data["dropped"]:
                self.problems.append(f"{data['process']}: lines {expected} to {line['seq'] - 1} are "
                                     "missing, and no gap was told")
            sequence[key] = line["seq"] + 1


class Commander:
    """One command at a time; an unanswered one may have been carried out or not."""

    def __init__(self, house):
        self.house = house
        self.socket = None
        self.ids = itertools.count(1)

    async def command(self, action, process, **more):
        """The result, as the daemon gave it; None when it was lost with the connection."""
        return await self.ask("command", {"action": action, "process": process} | more)

    async def ask(self, kind, data=None):
        """The answer's data, likewise."""
        try:
            if self.socket is None or self.socket.closed:
                self.socket = await connect(self.house)
        except GONE:
            return {"success": False, "error": {"code": "not_sent"}}
        number = str(next(self.ids))
        try:
            await self.socket.send(json.dumps(
                {"type": kind, "id": number, "data": data or {}}))
            while True:
                answer = json.loads(await asyncio.wait_for(self.socket.recv(), 30))
                if answer.get("reply_to") == number:
                    return answer["data"]
        except GONE:
            await self.close()
            return None

    async def close(self):
        if self.socket is not None:
            await self.socket.close()
            self.socket = None
