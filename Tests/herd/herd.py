# SPDX-License-Identifier: Apache-2.0
"""The programs of a herd: its clients, and the server that dies."""

import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

from record import Event, Record

# In a network of our own nobody else has it.
ENDPOINT = "tcp://127.0.0.1:20000"
# For what is bound to happen, however busy the machine.
PATIENCE = 120.0


class Trouble(Exception):
    """Why there is nothing to judge."""


class Clients:
    """The clients, and what they have told so far: (client, what, nanoseconds)."""

    def __init__(self, command: list[str], count: int) -> None:
        self.count = count
        self.told: list[tuple[int, str, int]] = []
        self._told = threading.Condition()
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            client, what, ns = line.split()
            with self._told:
                self.told.append((int(client), what, int(ns)))
                self._told.notify_all()

    def _wait(self, is_enough: Callable[[], bool], limit: float) -> bool:
        with self._told:
            return self._told.wait_for(is_enough, limit)

    def all_are(self, what: str, since_ns: int, limit: float = PATIENCE) -> bool:
        """Waits until it has happened to each of them since then; false if it has not by then."""
        missing, seen = set(range(self.count)), 0

        def is_enough() -> bool:
            nonlocal seen
            missing.difference_update(
                client for client, said, ns in self.told[seen:] if said == what and ns >= since_ns
            )
            seen = len(self.told)
            return not missing

        return self._wait(is_enough, limit)

    def let_be_until(self, until_ns: int) -> None:
        """Lets them try."""
        self._wait(lambda: time.monotonic_ns() >= until_ns, max(0.0, (until_ns - time.monotonic_ns()) / 1e9))

    def end(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()
        self._reader.join()


class Server:
    """The server, which listens when this is made, since `since_ns`."""

    def __init__(self, program: Path) -> None:
        self._process = subprocess.Popen([program, ENDPOINT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout
        what, _, ns = self._process.stdout.readline().partition(" ")
        if what != "listening":
            raise Trouble(f"the server says {what!r}")
        self.since_ns = int(ns)

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate()


def queue_counters() -> tuple[int, int]:
    """How often a connection found no place to wait for its accept in this network: overflows and drops."""
    lines = [line.split() for line in Path("/proc/self/net/netstat").read_text().splitlines()]
    counters = dict(zip(lines[0], lines[1], strict=True))
    return int(counters["ListenOverflows"]), int(counters["ListenDrops"])


def run_herd(name: str, command: list[str], server: Path, limits: tuple[int, int], count: int, away: float) -> Record:
    """One herd, in this network: all are linked, the server dies, is away for so many seconds, and is back.

    :param command: the program of the clients, with what is to follow the endpoint and the delays.
    :param limits: the delay before the first retry and the longest, in milliseconds.
    """
    program, *more = command
    first = Server(server)
    clients = Clients([program, str(count), ENDPOINT, *map(str, limits), *more], count)
    second = None
    try:
        if not clients.all_are("up", 0):
            raise Trouble(f"{name}: the clients do not find their server")
        overflows, drops = queue_counters()
        killed_ns = time.monotonic_ns()
        first.kill()
        if not clients.all_are("lost", killed_ns):
            raise Trouble(f"{name}: the clients do not notice that their server is gone")
        clients.let_be_until(killed_ns + int(away * 1e9))
        second = Server(server)
        clients.all_are("up", second.since_ns, limits[1] / 1000 + 10)
        last_overflows, last_drops = queue_counters()
    finally:
        clients.end()
        first.kill()
        if second:
            second.kill()

    def since_death(ns: int) -> float:
        return (ns - killed_ns) / 1e6

    events = tuple(Event(client, what, since_death(ns)) for client, what, ns in clients.told if ns >= killed_ns)
    back_ms = since_death(second.since_ns)
    return Record(name, count, *limits, back_ms, events, last_overflows - overflows, last_drops - drops)
