#!/usr/bin/env python3
# This file is part of PMDaemon.
# SPDX-FileCopyrightText: 2026 The PMDaemon authors
# SPDX-License-Identifier: MIT
"""A shim dies, at every point where that could matter, and another one goes on: nothing is lost,
doubled or forgotten. $PMDAEMON_SHIM, $PMDAEMON_SHIM_FAULTS and $PMDAEMON_TESTCHILD are the programs."""

import errno
import os
import resource
import signal
import socket
import struct
import subprocess
import time
import unittest
from random import Random

from slot import IDLE, KILLED, REQUESTED, RUNNING, SOCKETS, START, STATUS, UPGRADE, WAITING, Slot, crc32c, is_alive, wait_for

SHIM = os.environ["PMDAEMON_SHIM"]
FAULTS = os.environ["PMDAEMON_SHIM_FAULTS"]
CHILD = os.environ["PMDAEMON_TESTCHILD"]

# Says its pid in the ledger, so that one knows who has ever executed.
LEDGER = 'echo $$ >> ledger; exec "$0" "$@"'


class SuccessionTest(unittest.TestCase):
    def setUp(self):
        self.slot = Slot(SHIM)
        self.addCleanup(self.slot.close)

    def write_spec(self, *arguments, **keys):
        self.slot.write_spec(["/bin/sh", "-c", LEDGER, CHILD, *arguments], **keys)

    def ledger(self):
        return [int(line) for line in self.slot.logged("ledger").split()]

    def hold_output(self):
        """As whoever starts shims again does: what is in a FIFO goes with the last who has it open."""
        for name in ("out", "err"):
            fd = os.open(f"{self.slot.folder}/{name}", os.O_RDWR | os.O_NONBLOCK)
            self.addCleanup(os.close, fd)

    def ready(self, *arguments, **keys):
        self.write_spec(*arguments, **keys)
        self.assertEqual(self.slot.launch()[0], 0)
        client = self.slot.client()
        self.assertEqual(client.ask(START), 0)
        pid = client.until("U").pid
        wait_for(lambda: b"ready\n" in self.slot.logged(), "the child")
        return client, pid

    def adopted(self):
        code, words = self.slot.adopt()
        self.assertEqual((code, words), (0, f"ok {self.slot.shim}\n"))
        return self.slot.client()

    def check_ledger(self):
        """Who executed was announced before; who is over has one exit and one end."""
        records = self.slot.journal()
        self.assertEqual([r.seq for r in records], list(range(1, len(records) + 1)))
        spawned = {r.pid: r.generation for r in records if r.type == "S"}
        ledger = self.ledger()
        self.assertEqual(len(ledger), len(set(ledger)), "nobody executes twice")
        self.assertEqual(sorted(set(ledger) - set(spawned)), [], "nobody executes unannounced")
        self.assertLessEqual(sum(is_alive(pid) for pid in ledger), 1, "never two of them")
        for pid in ledger:
            exits = [r for r in records if r.type == "X" and r.pid == pid]
            ends = [r for r in records if r.type == "E" and r.generation == spawned[pid]]
            expected = 0 if is_alive(pid) else 1
            self.assertEqual((len(exits), len(ends)), (expected, expected), f"{pid}: {records}")
        return records


class Adoption(SuccessionTest):
    def test_a_running_program_goes_on(self):
        _, pid = self.ready("exit-on-term", autorestart=1)
        self.slot.kill_shim()
        client = self.adopted()
        state = client.status()
        self.assertEqual((state["phase"], state["pid"], state["generation"]), (RUNNING, pid, 1))
        self.assertEqual((client.until("A").alive, client.until("A").shim), (1, self.slot.shim))
        client.stop()
        self.assertEqual(client.until("E").flags, REQUESTED)
        self.assertEqual((client.until("X").how, client.until("X").status), (0, 0))
        self.assertEqual(self.slot.logged(), b"ready\ngot SIGTERM\n")
        self.check_ledger()

    def test_a_program_that_ended_meanwhile(self):
        _, pid = self.ready("wait", autorestart=1, backoff_base=0)
        self.slot.kill_shim()
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda: not is_alive(pid), "its death")
        client = self.adopted()
        self.assertEqual(client.until("A").alive, 0)
        self.assertEqual(client.until("X").pid, pid)
        self.assertNotEqual(client.until("U", 2).pid, pid)
        wait_for(lambda: len(self.ledger()) == 2)
        self.check_ledger()

    def test_the_keeper_knows_how_it_ended(self):
        _, pid = self.ready("wait")
        self.slot.kill_shim()
        os.kill(pid, signal.SIGUSR1)
        wait_for(lambda: not os.path.exists(f"/proc/{pid}"), "its reaping")
        spawned = [r for r in self.slot.journal() if r.type == "S"][0]
        os.mkdir(f"{self.slot.home}/keeper")
        with open(f"{self.slot.home}/keeper/exits", "wb") as file:
            for start, status in ((spawned.start + 1, 1), (spawned.start, signal.SIGUSR1)):
                record = struct.pack("<IQiiQi28x", 0, spawned.boot_id, pid, 1, start, status)
                file.write(struct.pack("<I", crc32c(record)) + record)
        client = self.adopted()
        self.assertEqual((client.until("X").how, client.until("X").status), (1, signal.SIGUSR1))

    def test_without_a_keeper_it_is_unknown_and_a_failure(self):
        _, pid = self.ready("wait", autorestart=1, max_restarts=0, min_uptime=60_000)
        self.slot.kill_shim()
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda: not os.path.exists(f"/proc/{pid}"), "its reaping")
        client = self.adopted()
        self.assertEqual(client.until("X").how, 3)
        self.assertEqual((client.until("E").verdict, client.until("E").unstable), (2, 1))

    def test_an_adopted_program_tells_its_status(self):
        _, pid = self.ready("wait")
        self.slot.kill_shim()
        client = self.adopted()
        client.until("A")
        os.kill(pid, signal.SIGUSR2)
        self.assertEqual((client.until("X").how, client.until("X").status), (1, signal.SIGUSR2))

    def innocent(self, start):
        """A process of ours that did not start in that tick of the clock."""
        while True:
            process = subprocess.Popen(["/bin/sleep", "100"])
            self.addCleanup(process.wait)
            self.addCleanup(process.kill)
            with open(f"/proc/{process.pid}/stat", encoding="ascii") as stat:
                if int(stat.read().rsplit(")", 1)[1].split()[19]) != start:
                    return process

    def test_a_number_that_is_another_ones_by_now(self):
        """The journal names a live process, but not by its start time: it is left alone."""
        self.ready("wait")
        self.slot.kill_shim()
        with open(f"{self.slot.folder}/journal", "r+b") as file:
            data = bytearray(file.read())
            root = struct.unpack_from("<i", data, 64 + 32)[0]
            innocent = self.innocent(struct.unpack_from("<Q", data, 64 + 40)[0])
            struct.pack_into("<i", data, 64 + 32, innocent.pid)
            struct.pack_into("<I", data, 64, crc32c(data[68:128]))
            file.seek(0)
            file.write(data)
        self.addCleanup(os.kill, root, signal.SIGKILL)
        client = self.adopted()
        self.assertEqual(client.until("A").alive, 0)
        client.until("E")
        self.assertIsNone(innocent.poll())

    def change_boot(self):
        """Its start, and its run if there is one, are of another boot than ours."""
        with open(f"{self.slot.folder}/journal", "r+b") as file:
            data = bytearray(file.read())
            for record, boot_id in ((0, 24), (64, 16)):
                if record < len(data):
                    data[record + 32 + boot_id] ^= 0xFF
                    struct.pack_into("<I", data, record, crc32c(data[record + 4:record + 64]))
            file.seek(0)
            file.write(data)

    def test_a_run_of_another_boot_is_closed(self):
        _, pid = self.ready("wait", autorestart=1)
        self.slot.kill_shim()
        self.change_boot()
        self.addCleanup(os.kill, pid, signal.SIGKILL)
        client = self.adopted()
        self.assertEqual((client.until("E").verdict, client.until("X").how), (0, 3))
        self.assertEqual(client.status()["phase"], IDLE)
        self.assertTrue(is_alive(pid))

    def test_a_start_of_another_boot_is_over(self):
        self.slot.program = FAULTS
        self.write_spec("wait")
        self.slot.launch(PMDAEMON_FAULT="start.wanted")
        self.slot.client().send(START)
        wait_for(lambda: not is_alive(self.slot.shim), "the shim's death")
        self.change_boot()
        self.slot.program = SHIM
        client = self.adopted()
        self.assertEqual((client.status()["phase"], client.types()), (IDLE, "WC"))

    def test_a_start_that_was_put_off_goes_on(self):
        self.write_spec("wait", autorestart=1)
        self.assertEqual(self.slot.launch()[0], 0)
        client = self.slot.client()
        limits = resource.prlimit(self.slot.shim, resource.RLIMIT_NOFILE)
        client.ask(STATUS)
        resource.prlimit(self.slot.shim, resource.RLIMIT_NOFILE, (10, limits[1]))
        client.ask(START)
        self.assertGreaterEqual(client.until("F").delay, 1000)
        self.slot.kill_shim()
        client = self.adopted()
        client.until("U")

    def test_a_wait_of_another_boot_is_over(self):
        client, pid = self.ready("wait", autorestart=1, restart_delay=100_000)
        os.kill(pid, signal.SIGKILL)
        client.until("E")
        self.slot.kill_shim()
        self.change_boot()
        client = self.adopted()
        self.assertEqual((client.status()["phase"], client.types()), (IDLE, "WSUXEC"))

    def test_the_rest_of_a_run_of_another_boot_is_over(self):
        self.slot.program = FAULTS
        self.write_spec("wait", autorestart=1)
        self.slot.launch(PMDAEMON_FAULT="exit.journalled")
        client = self.slot.client()
        client.ask(START)
        os.kill(client.until("U").pid, signal.SIGKILL)
        wait_for(lambda: not is_alive(self.slot.shim), "the shim's death")
        self.change_boot()
        self.slot.program = SHIM
        client = self.adopted()
        self.assertEqual((client.until("E").verdict, client.types()), (0, "WSUXE"))
        self.assertEqual(client.status()["phase"], IDLE)

    def test_a_wait_goes_on_from_the_exit(self):
        client, pid = self.ready("wait", autorestart=1, restart_delay=1_000, backoff_base=0)
        os.kill(pid, signal.SIGKILL)
        ended = client.until("E")
        self.slot.kill_shim()
        client = self.adopted()
        self.assertEqual(client.status()["phase"], WAITING)
        self.assertEqual(client.state["next_attempt"], client.until("X").boot + ended.delay)
        self.assertEqual(client.state["unstable"], 1)
        again = client.until("S", 2)
        self.assertGreaterEqual(again.boot - client.until("X").boot, 1_000)

    def test_launch_does_not_go_on_with_a_wait(self):
        client, pid = self.ready("wait", autorestart=1, restart_delay=100_000)
        os.kill(pid, signal.SIGKILL)
        client.until("E")
        self.slot.kill_shim()
        self.slot.launch()
        client = self.slot.client()
        self.assertEqual((client.status()["phase"], client.types()[-1]), (IDLE, "C"))

    def test_a_stop_goes_on_at_the_same_deadline(self):
        client, pid = self.ready("ignore-term")
        client.stop(timeout=1_000)
        deadline = client.until("W", 2).deadline
        self.slot.kill_shim()
        client = self.adopted()
        ended = client.until("E")
        self.assertEqual(ended.flags, REQUESTED | KILLED)
        self.assertGreaterEqual(client.until("X").boot, deadline)
        self.assertLess(client.until("X").boot, deadline + 5_000)
        self.assertFalse(is_alive(pid))

    def test_the_tree_of_an_adopted_program_goes(self):
        self.write_spec("five-processes", "ignore")
        self.slot.launch("--start")
        wait_for(lambda: b"tree" in self.slot.logged() and self.slot.logged().endswith(b"\n"), "the tree")
        pids = [int(word) for word in self.slot.logged().split()[1:]]
        self.slot.kill_shim()
        client = self.adopted()
        client.stop(timeout=50)
        client.until("E")
        self.assertEqual([is_alive(pid) for pid in pids], [False] * 5)

    def test_output_is_not_lost_between_two_shims(self):
        self.write_spec("megabytes", "4", max_size=0)
        self.slot.launch()
        self.hold_output()
        client = self.slot.client()
        for _ in range(20):
            client.ask(START)
            self.slot.kill_shim()
            client = self.adopted()
            wait_for(lambda: client.status()["phase"] == IDLE, "the end")
        runs = len(self.ledger())
        self.assertGreater(runs, 0)
        self.assertEqual(len(self.slot.logged()), runs * 4 * 1024 * 1024)
        self.check_ledger()


class RandomMoments(SuccessionTest):
    def test_nothing_is_lost_or_doubled(self):
        """Shims die at any moment of runs that crash and restart at once."""
        self.write_spec("lines-then-crash", "2000", autorestart=1, max_restarts=-1, backoff_base=0, max_size=50_000,
                        max_files=10_000)
        self.slot.launch()
        self.hold_output()
        self.slot.client().ask(START)
        random = Random(7)
        for _ in range(60):
            time.sleep(random.random() * 0.01)
            self.slot.kill_shim()
            self.assertEqual(self.slot.adopt()[0], 0)
        client = self.slot.client()
        client.stop()
        wait_for(lambda: client.status()["phase"] == IDLE, "the stop")
        self.check_ledger()
        numbers = [int(line.split()[1]) for line in self.slot.all_logged().splitlines()]
        self.assertEqual(numbers, [i % 2_000 for i in range(len(numbers))])
        # But for a run that the stop met before it said a word.
        self.assertLessEqual(len(self.ledger()) * 2_000 - len(numbers), 2_000)


class Talk(SuccessionTest):
    def sockets(self, count):
        made = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
        for each in made:
            self.addCleanup(each.close)
        return made

    def test_a_successor_hears_that_the_program_is_ready(self):
        self.ready("notify", "STATUS=not yet", tells_ready=1)
        self.slot.kill_shim()
        client = self.adopted()
        self.slot.notify(b"READY=1")
        ready = client.until("Y")
        self.assertEqual(ready.pid, client.status()["pid"])
        self.slot.kill_shim()
        client = self.adopted()
        self.slot.notify(b"READY=1")
        self.assertEqual(client.ask(STATUS), 0)
        self.assertEqual(client.types().count("Y"), 1)

    def test_an_upgrade_keeps_what_the_program_talks_through(self):
        client, _ = self.ready("node-channel", tells_ready=1, stop_by_message=1)
        client.until("Y")
        self.assertEqual(client.ask(UPGRADE, os.fsencode(SHIM)), 0)
        self.slot.notify(b"READY=1")  # somebody listens
        client.stop()
        self.assertEqual(client.until("X").status, 7)  # the message came

    def test_a_successor_stops_by_the_signal(self):
        self.ready("node-channel", stop_by_message=1)
        self.slot.kill_shim()
        client = self.adopted()
        client.stop(signal.SIGTERM)
        # Its channel ended with the shim that had it, or the signal came first.
        self.assertIn(client.until("X").status, (2, signal.SIGTERM))

    def test_a_start_waits_for_its_sockets(self):
        self.write_spec("listen", socket="web", autorestart=1)
        self.assertEqual(self.slot.launch()[0], 0)
        client = self.slot.client()
        self.assertEqual(client.ask(START), 0)
        failed = client.until("F")
        self.assertEqual((failed.step, failed.errno, failed.delay >= 1000), (14, errno.EAGAIN, True))
        self.assertEqual(client.ask(SOCKETS, descriptors=[s.fileno() for s in self.sockets(1)]), 0)
        self.assertLess(client.until("U").boot - failed.boot, failed.delay)

    def test_sockets_outlive_an_upgrade_and_end_with_a_shim(self):
        server, = self.sockets(1)
        self.write_spec("listen", socket="web", autorestart=1)
        self.assertEqual(self.slot.launch()[0], 0)
        client = self.slot.client()
        self.assertEqual(client.ask(SOCKETS, descriptors=[server.fileno()]), 0)
        self.assertEqual(client.ask(START), 0)
        pid = client.until("U").pid
        self.assertEqual(client.ask(UPGRADE, os.fsencode(SHIM)), 0)
        os.kill(pid, signal.SIGKILL)
        client.until("U", 2)
        with socket.create_connection(server.getsockname()) as peer:
            self.assertEqual(peer.recv(16), b"0\n")
        self.slot.kill_shim()
        client = self.adopted()
        os.kill(client.status()["pid"], signal.SIGKILL)
        client.until("F")
        self.assertEqual(client.ask(SOCKETS, descriptors=[server.fileno()]), 0)
        client.until("U", 3)

    def test_what_came_beside_a_request_is_no_leak(self):
        client, _ = self.ready("wait")
        before = len(os.listdir(f"/proc/{self.slot.shim}/fd"))
        descriptors = [s.fileno() for s in self.sockets(16)]
        for _ in range(20):
            self.assertEqual(client.ask(STATUS, descriptors=descriptors), 0)
        for _ in range(3):
            self.assertEqual(client.ask(SOCKETS, descriptors=descriptors[:2]), 0)
        self.assertEqual(client.ask(SOCKETS), 0)
        self.assertEqual(len(os.listdir(f"/proc/{self.slot.shim}/fd")), before)


class Upgrade(SuccessionTest):
    def test_everything_is_kept(self):
        client, pid = self.ready("exit-on-term", autorestart=1)
        shim = self.slot.shim
        second = f"{self.slot.home}/second"
        with open(SHIM, "rb") as source, open(second, "wb") as target:
            target.write(source.read())
        os.chmod(second, 0o700)
        self.assertEqual(client.ask(UPGRADE, os.fsencode(second)), 0)
        self.assertEqual(os.readlink(f"/proc/{shim}/exe"), second)
        self.assertEqual((client.status()["phase"], client.state["pid"]), (RUNNING, pid))
        self.assertEqual(self.slot.adopt()[1], f"busy {shim}\n")
        client.stop()
        client.until("E")
        self.assertEqual((client.until("X").status, client.types()), (0, "WSUWXE"))
        self.assertEqual(self.slot.logged(), b"ready\ngot SIGTERM\n")

    def test_all_connections_are_kept(self):
        client, _ = self.ready("wait")
        other = self.slot.client()
        fds = os.listdir(f"/proc/{self.slot.shim}/fd")
        for _ in range(10):
            self.assertEqual(client.ask(UPGRADE, os.fsencode(SHIM)), 0)
            self.assertEqual(other.ask(STATUS), 0)
        self.assertLessEqual(len(os.listdir(f"/proc/{self.slot.shim}/fd")), len(fds))
        client.stop(signal.SIGKILL)
        other.until("E")

    def test_what_is_no_program_changes_nothing(self):
        client, pid = self.ready("wait")
        self.assertEqual(client.ask(UPGRADE, b"/nowhere"), errno.ENOENT)
        self.assertEqual(client.ask(UPGRADE, b"relative"), errno.EINVAL)
        self.assertEqual(client.ask(UPGRADE, os.fsencode(f"{self.slot.folder}/spec")), errno.EACCES)
        self.assertEqual(client.status()["pid"], pid)

    def test_not_in_the_middle_of_a_stop(self):
        client, _ = self.ready("ignore-term")
        client.stop()
        self.assertEqual(client.ask(UPGRADE, os.fsencode(SHIM)), errno.EBUSY)


def at_start(test):
    test.write_spec("exit-on-term", autorestart=1)
    yield
    test.client.send(START)
    yield
    client = test.adopted()
    wait_for(lambda: b"ready\n" in test.slot.logged() and client.status()["phase"] == RUNNING, "it runs")
    client.stop()
    wait_for(lambda: client.status()["phase"] == IDLE, "the stop")


def at_exit(test):
    test.write_spec("wait", autorestart=1, backoff_base=0)
    yield
    test.client.ask(START)
    test.client.until("U")
    wait_for(lambda: b"ready\n" in test.slot.logged(), "it runs")
    os.kill(test.client.status()["pid"], signal.SIGUSR1)
    yield
    client = test.adopted()
    wait_for(lambda: client.status()["phase"] == RUNNING and client.state["generation"] == 2, "the restart")
    wait_for(lambda: len(test.ledger()) == 2, "the ledger")
    exited = client.until("X")
    test.assertEqual((exited.how, exited.status), (1, signal.SIGUSR1))


def at_stop(test):
    test.write_spec("ignore-term", autorestart=1)
    yield
    test.client.ask(START)
    test.client.until("U")
    wait_for(lambda: b"ready\n" in test.slot.logged(), "it runs")
    test.client.send(*stop_in(200))
    yield
    client = test.adopted()
    test.assertEqual(client.until("E").flags, REQUESTED | KILLED)
    test.assertEqual(client.status()["phase"], IDLE)


def at_rotation(test):
    test.write_spec("lines-then-crash", "20000", max_size=50_000, max_files=100)
    yield
    test.hold_output()
    test.client.send(START)
    yield
    client = test.adopted()
    wait_for(lambda: client.status()["phase"] == IDLE, "the end")
    lines = test.slot.all_logged().split(b"\n")
    test.assertEqual(lines, [b"line %d" % i for i in range(20_000)] + [b""])
    test.assertFalse(os.path.exists(f"{test.slot.out}.next"))


def at_adoption(test):
    test.write_spec("exit-on-term", autorestart=1)
    yield
    test.client.ask(START)
    test.client.until("U")
    wait_for(lambda: b"ready\n" in test.slot.logged(), "it runs")
    test.slot.kill_shim()
    test.slot.program = FAULTS
    test.slot.adopt(PMDAEMON_FAULT=test.point)
    yield
    client = test.adopted()
    test.assertEqual(client.status()["phase"], RUNNING)
    client.stop()
    test.assertEqual(client.until("E").flags, REQUESTED)


def at_upgrade(test):
    test.write_spec("exit-on-term", autorestart=1)
    yield
    test.client.ask(START)
    test.client.until("U")
    wait_for(lambda: b"ready\n" in test.slot.logged(), "it runs")
    test.client.send(UPGRADE, os.fsencode(FAULTS))
    yield
    client = test.adopted()
    test.assertEqual(client.status()["phase"], RUNNING)
    client.stop()
    client.until("E")


def stop_in(timeout):
    return 5, struct.pack("<iiq", signal.SIGTERM, 1, timeout)


POINTS = {
    "start.wanted": at_start,
    "spawn.after-fork": at_start,
    "spawn.journalled": at_start,
    "spawn.released": at_start,
    "spawn.executed": at_start,
    "exit.seen": at_exit,
    "exit.journalled": at_exit,
    "exit.reaped": at_exit,
    "exit.cleared": at_exit,
    "exit.ended": at_exit,
    "stop.wanted": at_stop,
    "stop.signalled": at_stop,
    "stop.deadline": at_stop,
    "rotate.copied": at_rotation,
    "rotate.noted": at_rotation,
    "rotate.moved": at_rotation,
    "rotate.named": at_rotation,
    "rotate.cut": at_rotation,
    "adopt.noted": at_adoption,
    "upgrade.exec": at_upgrade,
    "upgrade.resumed": at_upgrade,
    "upgrade.taken": at_upgrade,
}


class Faults(SuccessionTest):
    """The shim is killed at a labelled point. Each story: prepare, get there, check."""

    def check(self, point, story):
        self.point = point
        steps = story(self)
        next(steps)
        self.slot.program = FAULTS
        fault = {} if story is at_adoption else {"PMDAEMON_FAULT": point}
        self.assertEqual(self.slot.launch(**fault)[0], 0)
        self.client = self.slot.client()
        next(steps)
        wait_for(lambda: not is_alive(self.slot.shim), "the shim's death at " + point)
        self.slot.program = SHIM
        self.assertEqual(list(steps), [])
        self.check_ledger()


for name, way in POINTS.items():
    setattr(Faults, "test_" + name.replace(".", "_").replace("-", "_"),
            lambda self, point=name, story=way: self.check(point, story))


if __name__ == "__main__":
    unittest.main()
