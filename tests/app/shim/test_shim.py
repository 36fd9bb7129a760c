#!/usr/bin/env python3
# This file is part of PMDaemon.
# SPDX-FileCopyrightText: 2026 The PMDaemon authors
# SPDX-License-Identifier: MIT
"""The real shim against the page that describes it. $PMDAEMON_SHIM and $PMDAEMON_TESTCHILD
are the programs."""

import errno
import fcntl
import os
import resource
import signal
import struct
import sys
import threading
import time
import unittest
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2] / "support"))
from cgroup import Cgroup
from slot import (ACKED, EVENTS_SINCE, GAVE_UP, IDLE, KILLED, OUT_OF_MEMORY, QUIT, REQUESTED, RESTARTS, SIGNAL, START, STATUS,
                  STAYS_DOWN, SUBSCRIBE, UPDATE_SPEC, WAITING, Slot, is_alive, wait_for)

SHIM = os.environ["PMDAEMON_SHIM"]
CHILD = os.environ["PMDAEMON_TESTCHILD"]
STEP_SPEC, STEP_LOG, STEP_CHDIR, STEP_EXEC = 0, 2, 5, 7


def context_switches(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return sum(int(line.split()[1]) for line in file if "ctxt_switches" in line)


class ShimTest(unittest.TestCase):
    program = SHIM

    def setUp(self):
        self.slot = Slot(self.program)
        self.addCleanup(self.slot.close)

    def launched(self, *arguments, **keys):
        """A client of a shim that is idle, with a program to start."""
        self.slot.write_spec([CHILD, *arguments], **keys)
        self.assertEqual(self.slot.launch()[0], 0)
        return self.slot.client()

    def started(self, *arguments, **keys):
        client = self.launched(*arguments, **keys)
        self.assertEqual(client.ask(START), 0)
        return client, client.until("U").pid

    def ready(self, *arguments, **keys):
        client, pid = self.started(*arguments, **keys)
        wait_for(lambda: b"ready\n" in self.slot.logged(), "the child")
        return client, pid


class Life(ShimTest):
    def test_launch_says_who_has_the_slot(self):
        self.slot.write_spec([CHILD, "wait"])
        code, words = self.slot.launch()
        self.assertEqual((code, words), (0, f"ok {self.slot.shim}\n"))
        holder = self.slot.shim
        self.assertEqual(self.slot.launch(), (0, f"busy {holder}\n"))
        self.assertEqual(self.slot.adopt(), (0, f"busy {holder}\n"))

    def test_launch_says_what_failed(self):
        self.assertEqual(self.slot.call("--launch", "/nowhere", self.slot.socket),
                         (1, f"failed slot {errno.ENOENT}\n"))
        self.assertEqual(self.slot.call("--launch", self.slot.folder, "/nowhere/s"),
                         (1, f"failed socket {errno.ENOENT}\n"))
        self.assertEqual(self.slot.call("--launch", self.slot.folder, "/" + "x" * 200),
                         (1, f"failed socket {errno.ENAMETOOLONG}\n"))
        self.assertEqual(self.slot.call("--launch", "relative", "s")[0], 1)

    def test_launch_can_start_at_once(self):
        self.slot.write_spec([CHILD, "wait"])
        self.slot.launch("--start")
        self.assertTrue(is_alive(self.slot.client().until("U").pid))

    def test_a_run_is_written_down(self):
        client = self.launched("both-streams")
        self.assertEqual(client.ask(START), 0)
        ended = client.until("E")
        self.assertEqual(client.types(), "WSUXE")
        self.assertEqual([r.seq for r in client.records], [1, 2, 3, 4, 5])
        self.assertEqual((ended.flags, ended.verdict), (0, STAYS_DOWN))
        self.assertEqual((client.records[3].how, client.records[3].status), (0, 0))
        self.assertEqual((self.slot.logged(), self.slot.logged("err.log")), (b"to stdout\n", b"to stderr\n"))
        self.assertEqual([r.seq for r in self.slot.journal()], [1, 2, 3, 4, 5])

    def test_exits_and_signals_are_told_apart(self):
        client = self.launched("exit", "42")
        for run, (arguments, how, status) in enumerate([(("exit", "42"), 0, 42), (("signal", "9"), 1, 9)], 1):
            self.slot.write_spec([CHILD, *arguments])
            client.ask(START)
            client.until("E", run)
            self.assertEqual((client.until("X", run).how, client.until("X", run).status), (how, status))

    def test_starts_only_when_idle(self):
        client, _ = self.ready("wait")
        self.assertEqual(client.ask(START), errno.EBUSY)
        self.assertEqual(client.ask(QUIT), errno.EBUSY)

    def test_quits_when_idle(self):
        client = self.launched("wait")
        self.assertEqual(client.ask(QUIT), 0)
        wait_for(lambda: not is_alive(self.slot.shim), "its end")
        self.assertFalse(os.path.exists(self.slot.socket))

    def test_surroundings(self):
        """What the shim adds to what the runners' contract says."""
        client = self.launched("report", umask=0o27, nofile_soft=100, nofile_hard=200, core=0)
        client.ask(START)
        client.until("E")
        lines = self.slot.logged().split(b"\n")
        self.assertIn(b"umask 23", lines)
        self.assertIn(b"fds 0,1,2", lines)
        cookie = [line for line in lines if line.startswith(b"env PMDAEMON_COOKIE=")]
        spawned = client.until("S")
        self.assertTrue(cookie[0].endswith(f"-{spawned.pid:x}-{spawned.start:x}".encode()), cookie)

    def test_limits_of_the_program(self):
        client, pid = self.ready("wait", nofile_soft=100, nofile_hard=200, core=0)
        self.assertEqual(resource.prlimit(pid, resource.RLIMIT_NOFILE), (100, 200))
        self.assertEqual(resource.prlimit(pid, resource.RLIMIT_CORE)[0], 0)

    def test_idle_is_idle(self):
        _, _ = self.ready("wait")
        before = wait_for(lambda: self.settled_switches(), "silence")
        time.sleep(2)
        self.assertEqual(context_switches(self.slot.shim), before)

    def settled_switches(self):
        before = context_switches(self.slot.shim)
        time.sleep(0.1)
        return before if context_switches(self.slot.shim) == before else 0


class Failing(ShimTest):
    def expect(self, step, code, arguments=(CHILD, "wait"), **keys):
        client = getattr(self, "client", None)
        self.slot.write_spec(list(arguments), **keys)
        if client is None:
            self.slot.launch()
            client = self.client = self.slot.client()
        count = client.types().count("F")
        self.assertEqual(client.ask(START), 0)
        failed = client.until("F", count + 1)
        self.assertEqual((failed.step, failed.errno, failed.delay), (step, code, -1))
        self.assertEqual(client.status()["phase"], IDLE)
        return failed

    def test_what_cannot_be_executed(self):
        os.mkdir(f"{self.slot.home}/folder")
        with open(f"{self.slot.home}/plain", "w", encoding="ascii"):
            pass
        self.expect(STEP_EXEC, errno.ENOENT, ["/nowhere"])
        self.expect(STEP_EXEC, errno.EACCES, [f"{self.slot.home}/folder"])
        self.expect(STEP_EXEC, errno.EACCES, [f"{self.slot.home}/plain"])
        self.expect(STEP_CHDIR, errno.ENOENT, cwd="/nowhere")
        self.expect(STEP_CHDIR, errno.ENOTDIR, cwd=f"{self.slot.home}/plain")
        self.expect(STEP_EXEC, errno.E2BIG, [CHILD, "x" * 200_000])
        self.assertEqual(set(self.client.types()), set("WSF"))

    def test_unsafe_log_files(self):
        os.symlink("/nowhere", self.slot.err)
        failed = self.expect(STEP_LOG, errno.EINVAL)
        self.assertEqual(failed.stream, 1)

    def test_damaged_spec(self):
        self.slot.write_spec([CHILD, "wait"])
        with open(f"{self.slot.folder}/spec", "r+b") as file:
            file.seek(20)
            file.write(b"!")
        self.slot.launch()
        client = self.slot.client()
        client.ask(START)
        self.assertEqual(client.until("F").step, STEP_SPEC)

    def test_a_restart_that_lacks_memory_is_put_off(self):
        client, pid = self.ready("wait", autorestart=1)
        limits = resource.prlimit(self.slot.shim, resource.RLIMIT_NOFILE)
        resource.prlimit(self.slot.shim, resource.RLIMIT_NOFILE, (10, limits[1]))
        os.kill(pid, signal.SIGKILL)
        failed = client.until("F")
        self.assertEqual((failed.errno, failed.delay >= 1000), (errno.EMFILE, True))
        self.assertEqual(client.status()["phase"], WAITING)
        resource.prlimit(self.slot.shim, resource.RLIMIT_NOFILE, limits)
        client.until("U", 2)


class OutOfMemory(ShimTest):
    """In a memory cgroup of its own, which needs root and version 1 of cgroups or a delegated tree."""

    def setUp(self):
        super().setUp()
        self.group = Cgroup(self, "memory")
        self.group.limit(32 << 20)

    def flags_of(self, *command):
        self.slot.write_spec(list(command))
        self.assertEqual(self.slot.launch(before=lambda: self.group.take(0))[0], 0)
        client = self.slot.client()
        client.ask(START)
        ended = client.until("E")
        self.assertEqual((client.until("X").how, client.until("X").status), (1, signal.SIGKILL))
        self.addCleanup(client.ask, QUIT)
        return ended.flags

    def test_is_told_apart(self):
        self.assertEqual(self.flags_of(sys.executable, "-c", "bytearray(200 << 20)"), OUT_OF_MEMORY)

    def test_from_a_kill_by_hand(self):
        self.assertEqual(self.flags_of(CHILD, "signal", "9"), 0)


class Restarting(ShimTest):
    def test_restarts_and_gives_up(self):
        client = self.launched("exit", "1", autorestart=1, max_restarts=3, backoff_base=0)
        client.ask(START)
        ended = client.until("E", 4)
        self.assertEqual([r.verdict for r in client.records if r.type == "E"], [RESTARTS] * 3 + [GAVE_UP])
        self.assertEqual((ended.unstable, ended.generation), (4, 4))

    def test_delay_is_measured_from_the_exit(self):
        client = self.launched("exit", "1", autorestart=1, max_restarts=1, restart_delay=200, backoff_base=0)
        client.ask(START)
        again = client.until("S", 2)
        self.assertGreaterEqual(again.boot - client.until("X").boot, 200)

    def test_stop_ends_a_wait(self):
        client = self.launched("exit", "1", autorestart=1, restart_delay=3_600_000)
        client.ask(START)
        client.until("E")
        self.assertEqual(client.status()["phase"], WAITING)
        self.assertEqual(client.stop(), 0)
        self.assertEqual(client.types()[-1], "C")
        self.assertEqual(client.status()["phase"], IDLE)

    def test_new_policy_holds_at_once(self):
        client, pid = self.ready("wait", autorestart=1)
        self.slot.write_spec([CHILD, "wait"], autorestart=0)
        self.assertEqual(client.ask(UPDATE_SPEC), 0)
        os.kill(pid, signal.SIGKILL)
        self.assertEqual(client.until("E").verdict, STAYS_DOWN)
        with open(f"{self.slot.folder}/spec", "wb") as file:
            file.write(b"nonsense")
        self.assertEqual(client.ask(UPDATE_SPEC), errno.EINVAL)

    def test_budget_is_shared(self):
        """What others took has to be waited for; the start that a person asked for does not wait."""
        budget = f"{self.slot.home}/budget"
        now = time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000
        with open(budget, "wb") as file:
            file.write(struct.pack("<q", now + 2_500))
        client = self.launched("exit", "1", autorestart=1, max_restarts=1, backoff_base=0, budget=budget)
        client.ask(START)
        first, second = client.until("S"), client.until("S", 2)
        self.assertLess(first.boot, now + 400)
        self.assertGreaterEqual(second.boot, now + 500)

    def test_leftovers_die_before_the_restart(self):
        client = self.launched("leave-child", autorestart=1, max_restarts=2, backoff_base=0)
        client.ask(START)
        client.until("E", 3)
        left = [int(line.split()[1]) for line in self.slot.logged().splitlines()]
        self.assertEqual([is_alive(pid) for pid in left], [False] * 3)


class Stopping(ShimTest):
    def test_stop_is_written_down_first(self):
        client, _ = self.ready("exit-on-term")
        self.assertEqual(client.stop(), 0)
        ended = client.until("E")
        self.assertEqual((client.types(), ended.flags), ("WSUWXE", REQUESTED))
        self.assertEqual(self.slot.logged(), b"ready\ngot SIGTERM\n")

    def test_the_whole_tree_goes(self):
        client, _ = self.started("five-processes", "ignore")
        wait_for(lambda: self.slot.logged().endswith(b"\n"), "the tree")
        pids = [int(word) for word in self.slot.logged().split()[1:]]
        client.stop(timeout=50)
        self.assertEqual(client.until("E").flags, REQUESTED | KILLED)
        self.assertEqual([is_alive(pid) for pid in pids], [False] * 5)

    def test_even_who_shook_off_everything(self):
        client, _ = self.started("escape", f"{self.slot.home}/go")
        wait_for(lambda: self.slot.logged().endswith(b"\n"), "the escaped")
        escaped = int(self.slot.logged().split()[1])
        client.stop(signal.SIGKILL)
        client.until("E")
        self.assertFalse(is_alive(escaped))

    def test_a_tree_that_keeps_forking(self):
        client, _ = self.ready("keep-forking")
        client.stop(timeout=50)
        self.assertEqual(client.until("E").flags, REQUESTED | KILLED)

    def test_sigterm_is_a_stop_and_an_end(self):
        client, _ = self.ready("exit-on-term", autorestart=1)
        os.kill(self.slot.shim, signal.SIGTERM)
        self.assertEqual(client.until("E").flags, REQUESTED)
        wait_for(lambda: not is_alive(self.slot.shim), "its end")

    def test_signals(self):
        client, pid = self.ready("wait")
        self.assertEqual(client.ask(SIGNAL, struct.pack("<i", 1000)), errno.EINVAL)
        self.assertEqual(client.ask(SIGNAL, struct.pack("<i", signal.SIGUSR1)), 0)
        client.until("E")
        self.assertEqual(client.until("X").status, signal.SIGUSR1)
        self.assertEqual(client.ask(SIGNAL, struct.pack("<i", 0)), errno.ESRCH)
        self.assertFalse(is_alive(pid))


class Output(ShimTest):
    def test_rotation_loses_nothing(self):
        client, _ = self.started("lines-then-crash", "20000", max_size=50_000, max_files=100)
        client.until("E")
        self.assertEqual(self.slot.all_logged(), b"".join(b"line %d\n" % i for i in range(20_000)))
        self.assertTrue(os.path.exists(f"{self.slot.out}.3"))
        self.assertIn("R", client.types())

    def test_a_full_disk_holds_nobody_up_and_the_gap_is_exact(self):
        # The file size limit of the shim alone is a disk that is full for the log and has room for the journal.
        client = self.launched("megabytes", "10")
        client.ask(STATUS)
        resource.prlimit(self.slot.shim, resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
        began = time.monotonic()
        client.ask(START)
        exited = client.until("X")
        self.assertEqual((exited.how, exited.status), (0, 0))
        self.assertLess(time.monotonic() - began, 10)
        self.assertEqual(client.until("T").errno, errno.EFBIG)
        client.until("E")
        resource.prlimit(self.slot.shim, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        client.ask(START)
        client.until("E", 2)
        self.assertEqual(client.until("T", 2).errno, 0)
        gaps = [record for record in client.records if record.type == "G"]
        stored = self.slot.logged()
        self.assertGreater(len(gaps), 0)
        self.assertEqual(sum(gap.bytes for gap in gaps) + len(stored), 20 * 1024 * 1024)
        self.assertEqual(sum(gap.lines for gap in gaps) + stored.count(b"\n"), 20 * 16 * 656)

    def test_a_file_that_is_held_at_the_end_is_waited_for(self):
        client, _ = self.ready("exit-on-term")
        with open(self.slot.out, "rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            threading.Timer(0.05, fcntl.flock, (file, fcntl.LOCK_UN)).start()
            client.stop()
            client.until("E")
            client.ask(QUIT)
            wait_for(lambda: not is_alive(self.slot.shim), "its end")
        self.assertEqual(self.slot.logged(), b"ready\ngot SIGTERM\n")

    def test_two_shims_may_share_a_file(self):
        other = Slot(SHIM)
        self.addCleanup(other.close)
        clients = []
        for number, slot in enumerate((self.slot, other)):
            slot.write_spec([CHILD, "lines-then-crash", "20000", f"slot{number}"], out=self.slot.out,
                            max_size=100_000, max_files=100)
            slot.launch()
            clients.append(slot.client())
            clients[-1].ask(START)
        for client in clients:
            client.until("E")
        # A line may be split where the other one's began; no byte is lost.
        expected = sum(len(b"slot%d %d\n" % (n, i)) for n in range(2) for i in range(20_000))
        self.assertEqual(len(self.slot.all_logged()), expected)


class Conversation(ShimTest):
    def test_events_since_and_acked(self):
        client = self.launched("exit", "0")
        client.ask(START)
        client.until("E")
        other = self.slot.connect()
        self.assertEqual(other.ask(EVENTS_SINCE, struct.pack("<Q", 3)), 0)
        self.assertEqual(other.types(), "XE")
        self.assertEqual(other.ask(ACKED, struct.pack("<Q", 5)), 0)
        # A number beyond the end is another journal's.
        third = self.slot.connect()
        self.assertEqual(third.ask(EVENTS_SINCE, struct.pack("<Q", 999)), 0)
        self.assertEqual(third.types(), "WSUXE")

    def test_nonsense_is_refused(self):
        client = self.launched("wait")
        self.assertEqual(client.ask(99), errno.EOPNOTSUPP)
        self.assertEqual(client.ask(SUBSCRIBE, b"short"), errno.EINVAL)
        client.socket.sendall(struct.pack("<IHH", 1 << 30, START, 1))
        self.assertRaises(ConnectionError, client.frame)
        self.assertEqual(self.slot.client().status()["phase"], IDLE)

    def test_a_peer_that_does_not_read_holds_nobody_up(self):
        client = self.launched("exit", "0", autorestart=1, max_restarts=-1, backoff_base=0)
        stuck = self.slot.connect()
        stuck.send(SUBSCRIBE, struct.pack("<Q", 0))
        stuck.socket.setblocking(False)
        with self.assertRaises(BlockingIOError):
            for _ in range(100_000):
                stuck.send(STATUS)
        client.ask(START)
        client.until("E", 50)
        client.stop(signal.SIGKILL)
        self.assertEqual(wait_for(lambda: client.status()["phase"] == IDLE), True)

    def test_without_descriptors_it_does_not_spin(self):
        client, _ = self.ready("wait")
        limits = resource.prlimit(self.slot.shim, resource.RLIMIT_NOFILE)
        resource.prlimit(self.slot.shim, resource.RLIMIT_NOFILE, (10, limits[1]))
        other = self.slot.connect()
        before = context_switches(self.slot.shim)
        self.assertEqual(client.ask(STATUS), 0)
        time.sleep(0.3)
        self.assertLess(context_switches(self.slot.shim) - before, 10)
        resource.prlimit(self.slot.shim, resource.RLIMIT_NOFILE, limits)
        self.assertEqual(other.ask(STATUS), 0)

    def test_the_fifth_connection_takes_the_place_of_one_that_is_silent(self):
        client, _ = self.ready("wait")
        others = [self.slot.connect() for _ in range(8)]
        self.assertEqual(others[-1].ask(STATUS), 0)
        self.assertEqual(client.ask(STATUS), 0)


if __name__ == "__main__":
    unittest.main()
