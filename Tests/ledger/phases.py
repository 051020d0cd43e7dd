# SPDX-License-Identifier: Apache-2.0
"""What the stage has told a worker, for its tasks and its threads."""

import asyncio
import threading
import time

RUN, FINISH, HUSH, STOP = range(4)


class Phases:
    """The last that was said. Told by a thread; waited for in any loop."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()
        self.now = RUN

    def tell(self, phase: int) -> None:
        with self._lock:
            self.now = phase
            for loop, news in self._waiting:
                loop.call_soon_threadsafe(news.set)

    async def wait_until(self, deadline: float, known: int) -> int:
        """Waits until it is so late, or something new was said; what has been said."""
        news = asyncio.Event()
        entry = asyncio.get_running_loop(), news
        with self._lock:
            if self.now != known:
                return self.now
            self._waiting.add(entry)
        try:
            async with asyncio.timeout(max(0.0, deadline - time.monotonic())):
                await news.wait()
        except TimeoutError:
            pass
        finally:
            with self._lock:
                self._waiting.remove(entry)
        return self.now

    async def wait_for_stop(self) -> None:
        phase = self.now
        while phase != STOP:
            phase = await self.wait_until(time.monotonic() + 60, phase)
