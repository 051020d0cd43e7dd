# SPDX-License-Identifier: Apache-2.0
"""What the measured process does around the work: peers, warm-up, clocks."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median
from time import perf_counter, thread_time
from types import TracebackType

#: A work does so many messages: a multiple of `BATCH`.
Work = Callable[[int], None]
AsyncWork = Callable[[int], Awaitable[None]]

BATCH = 250
_STRIDES = 20
_ROUND_TRIPS = 2000


class Clocks:
    """Wall clock and CPU time of the main thread, for a number of messages."""

    def __init__(self) -> None:
        self._wall, self._cpu = perf_counter(), thread_time()
        self.messages = 0

    @property
    def wall(self) -> float:
        return perf_counter() - self._wall

    def per_message(self) -> tuple[float, float]:
        """Microseconds."""
        return self.wall / self.messages * 1e6, (thread_time() - self._cpu) / self.messages * 1e6


class Measuring:
    """Measures one work for about `span` seconds, with the peers it asks for."""

    def __init__(self, span: float, size: int) -> None:
        self.span = span
        self.size = size
        self.wall_us = 0.0
        self.cpu_us = 0.0
        self._peers: list[subprocess.Popen[bytes]] = []

    def peer(self, mode: str, endpoint: str) -> None:
        """Starts the other process, which connects to an endpoint."""
        port = endpoint.rpartition(":")[2]
        program = Path(__file__).with_name("peer.py")
        self._peers.append(subprocess.Popen([sys.executable, "-I", "-S", str(program), mode, port, str(self.size)]))

    def __call__(self, work: Work) -> None:
        """Warms up until it is known how many messages fill a part of the span, and does those over and over.

        The first few wait for the peer, so they say nothing: who took them for the pace would measure how fast an empty
        queue is filled, a thousand messages of any size.
        """
        work(BATCH)
        count, clocks = BATCH, Clocks()
        work(count)
        while clocks.wall < self.span / _STRIDES:
            count, clocks = count * 2, Clocks()
            work(count)
        clocks = Clocks()
        while clocks.wall < self.span:
            work(count)
            clocks.messages += count
        self.wall_us, self.cpu_us = clocks.per_message()

    async def of_task(self, work: AsyncWork) -> None:
        """The same for a coroutine."""
        await work(BATCH)
        count, clocks = BATCH, Clocks()
        await work(count)
        while clocks.wall < self.span / _STRIDES:
            count, clocks = count * 2, Clocks()
            await work(count)
        clocks = Clocks()
        while clocks.wall < self.span:
            await work(count)
            clocks.messages += count
        self.wall_us, self.cpu_us = clocks.per_message()

    def _keep_apart(self) -> None:
        """Half of the cores for this process, the other half for its peers, unless BENCH_UNPINNED is set.

        Once a round trip goes back and forth between two cores it stays so, and takes more than twice as long. Where
        threads begin is chance, and depends on what else is just starting.
        """
        cores = sorted(os.sched_getaffinity(0))
        half = len(cores) // 2
        if "BENCH_UNPINNED" in os.environ or not half:
            return
        for peer in self._peers:
            os.sched_setaffinity(peer.pid, cores[:half])
        for thread in os.listdir("/proc/self/task"):
            os.sched_setaffinity(int(thread), cores[half:])

    def round_trips(self, ask: Callable[[], object]) -> None:
        """The median of single calls."""
        self._keep_apart()
        for _ in range(_ROUND_TRIPS // 10):
            ask()
        times = []
        clocks = Clocks()
        for _ in range(_ROUND_TRIPS):
            start = perf_counter()
            ask()
            times.append(perf_counter() - start)
        clocks.messages = _ROUND_TRIPS
        _, self.cpu_us = clocks.per_message()
        self.wall_us = median(times) * 1e6

    def __enter__(self) -> "Measuring":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for process in self._peers:
            process.kill()
            process.wait()


def run_task(work: Callable[[Measuring], Awaitable[None]]) -> Callable[[Measuring], None]:
    """A work that is a coroutine, for a caller that has no loop."""

    def run(measuring: Measuring) -> None:
        async def main() -> None:
            await work(measuring)

        asyncio.run(main())

    return run
