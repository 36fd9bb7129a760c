# This file is part of PMDaemon.
# SPDX-FileCopyrightText: 2026 The PMDaemon authors
# SPDX-License-Identifier: MIT
"""A slot of its own in a temporary folder, and the other end of a shim's socket: what the daemon
says and hears, as docs/shim-protocol.md lays it down."""

import os
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time

PATIENCE = 20
(STATUS, EVENTS_SINCE, SUBSCRIBE, START, STOP, SIGNAL, UPDATE_SPEC, UPGRADE, ACKED, QUIT,
 SOCKETS) = range(1, 12)
ACK, STATE, EVENTS = 128, 129, 130
IDLE, SPAWNING, RUNNING, CLEARING, WAITING = range(5)
REQUESTED, KILLED, OUT_OF_MEMORY = 1, 2, 4
STAYS_DOWN, RESTARTS, GAVE_UP = range(3)

CRC_TABLE = []
for byte in range(256):
    for _ in range(8):
        byte = byte >> 1 ^ 0x82F63B78 if byte & 1 else byte >> 1
    CRC_TABLE.append(byte)


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = CRC_TABLE[(crc ^ byte) & 255] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


# The payload of each record: names and layout.
PAYLOADS = {
    "W": ("iiqi", "up signal deadline tree"),
    "S": ("iIQQi", "pid generation start boot_id in_row"),
    "U": ("iI", "pid generation"),
    "Y": ("iI", "pid generation"),
    "F": ("iiqIii", "step errno delay stream unstable in_row"),
    "X": ("iIiiqII", "pid generation how status uptime user system"),
    "E": ("iiqiI", "verdict unstable delay in_row generation"),
    "C": ("", ""),
    "R": ("IIQq", "stream zero inode cut"),
    "T": ("Ii", "stream errno"),
    "G": ("IIQQ", "stream zero bytes lines"),
    "A": ("iIi", "shim generation alive"),
}


class Record:
    def __init__(self, data):
        assert struct.unpack_from("<I", data)[0] == crc32c(data[4:64]), "damaged record"
        kind, self.flags, _, self.seq, self.wall, self.boot = struct.unpack_from("<BBHQqq", data, 4)
        self.type = chr(kind)
        layout, names = PAYLOADS[self.type]
        for name, value in zip(names.split(), struct.unpack_from("<" + layout, data, 32)):
            setattr(self, name, value)

    def __repr__(self):
        return " ".join(f"{k}={v}" for k, v in vars(self).items() if k not in ("wall", "boot"))


def records_in(data):
    return [Record(data[i:i + 64]) for i in range(0, len(data), 64)]


def is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()[0] not in (b"Z", b"X")
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_for(condition, what="condition"):
    """Until it holds; for what no event tells."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.002)
    raise AssertionError(f"waited in vain for: {what}")


class Client:
    """One connection. `records` grows by what has come."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(path)
        self.buffer = b""
        self.records = []
        self.state = None
        self.tag = 0

    def close(self):
        self.socket.close()

    def frame(self):
        while len(self.buffer) < 8 or len(self.buffer) < 8 + struct.unpack_from("<I", self.buffer)[0]:
            data = self.socket.recv(65536)
            if not data:
                raise ConnectionError("the shim closed the connection")
            self.buffer += data
        length, kind, tag = struct.unpack_from("<IHH", self.buffer)
        payload, self.buffer = self.buffer[8:8 + length], self.buffer[8 + length:]
        if kind == EVENTS:
            self.records += records_in(payload)
        elif kind == STATE:
            names = "version phase pid generation start started next_attempt first last unstable stopping"
            self.state = dict(zip(names.split(), struct.unpack("<IIiIQqqQQii", payload)))
        return kind, tag, payload

    def send(self, kind, payload=b"", descriptors=()):
        self.tag = self.tag % 65535 + 1
        frame = struct.pack("<IHH", len(payload), kind, self.tag) + payload
        socket.send_fds(self.socket, [frame], descriptors)

    def ask(self, kind, payload=b"", descriptors=()):
        """The errno of the ACK."""
        self.send(kind, payload, descriptors)
        while True:
            got, tag, answer = self.frame()
            if got == ACK and tag == self.tag:
                return struct.unpack("<iIQ", answer)[0]

    def status(self):
        assert self.ask(STATUS) == 0
        return self.state

    def stop(self, number=signal.SIGTERM, tree=True, timeout=60_000):
        return self.ask(STOP, struct.pack("<iiq", number, tree, timeout))

    def until(self, wanted, count=1, after=0):
        """The count-th record of a type behind `after`."""
        while True:
            found = [r for r in self.records if r.type == wanted and r.seq > after]
            if len(found) >= count:
                return found[count - 1]
            self.frame()

    def types(self):
        return "".join(r.type for r in self.records)


class Slot:
    """Makes the folder; close() ends whatever runs in it."""

    def __init__(self, program):
        self.program = program
        self.home = tempfile.mkdtemp(prefix="pmd-shim-")
        self.folder = f"{self.home}/slots/7"
        self.socket = f"{self.home}/s"
        self.out = f"{self.home}/out.log"
        self.err = f"{self.home}/err.log"
        os.makedirs(self.folder, 0o700)
        self.shim = None
        self.clients = []

    def write_spec(self, arguments, **keys):
        """arguments[0] is the program."""
        entries = {"program": arguments[0], "cwd": self.home, "out": self.out, "err": self.err, "autorestart": 0}
        entries.update(keys)
        lines = [f"{k}={v}" for k, v in entries.items() if v is not None]
        lines += [f"arg={a}" for a in arguments[1:]] + ["env=PATH=/usr/bin:/bin"]
        data = b"PMDSPEC1" + b"".join(os.fsencode(line) + b"\0" for line in lines)
        with open(f"{self.folder}/spec.new", "wb") as file:
            file.write(data + struct.pack("<I", crc32c(data)))
        os.rename(f"{self.folder}/spec.new", f"{self.folder}/spec")

    def call(self, *arguments, before=None, **environment):
        """`before` runs in the process that becomes the launcher."""
        result = subprocess.run([self.program, *arguments], capture_output=True, timeout=PATIENCE, check=False,
                                text=True, env={**os.environ, **environment}, preexec_fn=before)
        if result.stdout.startswith("ok "):
            self.shim = int(result.stdout.split()[1])
        return result.returncode, result.stdout

    def launch(self, *more, **environment):
        return self.call("--launch", self.folder, self.socket, *more, **environment)

    def adopt(self, **environment):
        return self.call("--adopt", self.folder, self.socket, **environment)

    def client(self, since=0):
        client = self.connect()
        assert client.ask(SUBSCRIBE, struct.pack("<Q", since)) == 0
        return client

    def connect(self):
        self.clients.append(Client(self.socket))
        return self.clients[-1]

    def notify(self, text):
        """As a program does that was given NOTIFY_SOCKET."""
        with open(f"{self.folder}/notify", "rb") as file:
            name = f"\0pmdaemon-{file.read().hex()}"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.sendto(text, name)

    def kill_shim(self):
        os.kill(self.shim, signal.SIGKILL)
        wait_for(lambda: not is_alive(self.shim), "the shim's death")

    def journal(self):
        with open(f"{self.folder}/journal", "rb") as file:
            data = file.read()
        return records_in(data[:len(data) // 64 * 64])

    def logged(self, name="out.log"):
        try:
            with open(f"{self.home}/{name}", "rb") as file:
                return file.read()
        except FileNotFoundError:
            return b""

    def all_logged(self):
        """The oldest rotated file first."""
        number = 0
        while os.path.exists(f"{self.out}.{number + 1}"):
            number += 1
        return b"".join(self.logged(f"out.log.{n}") for n in range(number, 0, -1)) + self.logged()

    def close(self):
        for client in self.clients:
            client.close()
        if self.shim and is_alive(self.shim):
            os.kill(self.shim, signal.SIGKILL)  # first, or it starts again what is killed next
            wait_for(lambda: not is_alive(self.shim), "the end of the shim")
        for record in self.journal() if os.path.exists(f"{self.folder}/journal") else []:
            if record.type == "S" and is_alive(record.pid):
                with open(f"/proc/{record.pid}/stat", "rb") as file:
                    start = int(file.read().rpartition(b")")[2].split()[19])
                if start == record.start:
                    os.kill(record.pid, signal.SIGKILL)
        shutil.rmtree(self.home, ignore_errors=True)
