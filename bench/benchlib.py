# This file is part of PMDaemon.
# SPDX-FileCopyrightText: 2026 The PMDaemon authors
# SPDX-License-Identifier: MIT
"""What the measuring scripts share: a daemon of their own, a small WebSocket client, a table."""

import atexit
import base64
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TREE = Path(__file__).resolve().parent.parent
PROGRAM = Path(os.environ.get("PMDAEMON", TREE / "build/release/bin/pmdaemon"))


class Daemon:
    """The program on a free port with a new home. A context manager."""

    def __enter__(self):
        if not PROGRAM.exists():
            sys.exit(f"{PROGRAM} is missing: cmake --preset release && cmake --build --preset release")
        self.home = tempfile.mkdtemp(prefix="pmdaemon-bench-")
        self.start()
        return self

    def start(self, port=0):
        """Until it is ready."""
        notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        notify.bind(f"{self.home}/notify")
        notify.settimeout(30)
        self.launch(port, NOTIFY_SOCKET=f"{self.home}/notify")
        if b"READY=1" not in notify.recv(4096):
            sys.exit(Path(self.home, "stderr").read_text())
        notify.close()
        Path(self.home, "notify").unlink()
        self.port = json.loads(Path(self.home, "run/daemon.json").read_text())["port"]

    def launch(self, port, **environment):
        self.process = subprocess.Popen(
            [PROGRAM, "daemon", "--home", self.home, "--port", str(port)], stdin=subprocess.DEVNULL,
            stderr=open(f"{self.home}/stderr", "ab"), env=os.environ | environment)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)  # its processes end as well
        self.process.wait(60)
        # Not before the next round: for minutes ext4 looks through all inodes that were deleted lately
        # whenever it makes one.
        atexit.register(shutil.rmtree, self.home)

    def _status(self, key):
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(key):
                return int(line.split()[1]) * 1024
        raise KeyError(key)

    def memory(self):
        """Resident bytes."""
        return self._status("VmRSS")

    def forget_peak(self):
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    def peak(self):
        """The most that was resident since forget_peak()."""
        return self._status("VmHWM")

    def cpu(self):
        """Seconds of processor time, all threads."""
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9

    def run(self, *arguments):
        return subprocess.run([PROGRAM, *arguments, "--home", self.home], check=True,
                              stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)


def frame(opcode, payload=b"", length=None):
    """A masked frame; `length` announces another size than it has."""
    size = len(payload) if length is None else length
    head = bytes([0x80 | opcode])
    if size < 126:
        head += bytes([0x80 | size])
    elif size < 65536:
        head += bytes([0x80 | 126]) + struct.pack(">H", size)
    else:
        head += bytes([0x80 | 127]) + struct.pack(">Q", size)
    return head + b"\0\0\0\0" + payload  # a mask of zeros changes nothing


class Client:
    """A WebSocket client that does no more than it is told to."""

    def __init__(self, daemon, receive_buffer=None):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(30)
        self.socket.connect(("127.0.0.1", daemon.port))
        self.socket.sendall(
            f"GET /ws HTTP/1.1\r\nHost: localhost:{daemon.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\nSec-WebSocket-Version: 13\r\n\r\n"
            .encode())
        self._buffer = b""
        while b"\r\n\r\n" not in self._buffer:
            self._more()
        head, self._buffer = self._buffer.split(b"\r\n\r\n", 1)
        if b" 101 " not in head.splitlines()[0]:
            raise ConnectionError(head.decode())

    def _more(self):
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError("closed")
        self._buffer += data

    def send(self, message_type, data=None, message_id=None):
        message = {"type": message_type, "data": data or {}} | ({} if message_id is None else {"id": message_id})
        self.socket.sendall(frame(1, json.dumps(message).encode()))

    def receive(self):
        """The next message, as an object."""
        while True:
            header, size = 2, 0
            if len(self._buffer) >= 2:
                size = self._buffer[1] & 127
                header = {126: 4, 127: 10}.get(size, 2)
                if size == 126 and len(self._buffer) >= 4:
                    size = struct.unpack(">H", self._buffer[2:4])[0]
                elif size == 127 and len(self._buffer) >= 10:
                    size = struct.unpack(">Q", self._buffer[2:10])[0]
            if len(self._buffer) < 2 or len(self._buffer) < header + size:
                self._more()
                continue
            opcode, payload = self._buffer[0] & 15, self._buffer[header:header + size]
            self._buffer = self._buffer[header + size:]
            if opcode == 8:
                raise ConnectionError(f"closed with {struct.unpack('>H', payload[:2])[0]}")
            if opcode == 9:
                self.socket.sendall(frame(10, payload))
            if opcode == 1:
                return json.loads(payload)

    def wait_for(self, matches):
        while True:
            message = self.receive()
            if message["type"] == "error":
                sys.exit(json.dumps(message))
            if matches(message):
                return message

    def round_trip(self):
        """Seconds from a `ping` message to its `pong`."""
        before = time.monotonic()
        self.send("ping", message_id="round-trip")
        self.wait_for(lambda message: message.get("reply_to") == "round-trip")
        return time.monotonic() - before

    def start(self, name, config):
        self.send("command", {"action": "start", "process": name, "config": config}, name)
        result = self.wait_for(lambda message: message.get("reply_to") == name)
        if not result["data"]["success"]:
            sys.exit(json.dumps(result))


def sleepers(count):
    return {"apps": [{"name": f"sleeper-{i}", "script": "/bin/sleep", "args": ["100000"]} for i in range(count)]}


class Table:
    """Rows of (what, figure, limit) with a verdict each; exits with failure if one is over."""

    def __init__(self):
        self._rows = []

    def add(self, what, figure, limit, unit):
        self._rows.append((what, figure, limit, unit))

    def show(self):
        print(f"{'':44}{'measured':>12}{'limit':>12}")
        for what, figure, limit, unit in self._rows:
            verdict = "ok" if figure <= limit else "OVER"
            print(f"{what:44}{figure:12.2f}{limit:12.2f} {unit:8} {verdict}")
        sys.exit(any(figure > limit for _, figure, limit, _ in self._rows))
