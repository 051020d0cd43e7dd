# SPDX-License-Identifier: Apache-2.0
"""A descriptor that an event loop watches while somebody waits for it."""

import asyncio
import contextlib
import os
from collections.abc import Callable


class Watch:
    """The reader of one descriptor, in the loop that waits for it: in one at a time.

    A loop may also wait with timers; it is the one that waits, then, until `stop`.
    """

    def __init__(
        self, descriptor: Callable[[], int], on_readable: Callable[[], None], leave: Callable[[], None]
    ) -> None:
        self._open = descriptor
        self._on_readable = on_readable
        self._leave = leave
        self._descriptor = -1
        self._process = 0
        self._is_watched = False
        self.loop: asyncio.AbstractEventLoop | None = None
        """The loop that waits."""

    def claim(self, loop: asyncio.AbstractEventLoop) -> None:
        """Makes it the loop that waits.

        Raises:
            RuntimeError: another loop, which runs, waits.
        """
        if self.loop is loop:
            return
        if self.loop is not None:
            if self.loop.is_running():
                raise RuntimeError(
                    "another event loop that is running waits for this socket, "
                    "which belongs to one event loop at a time: open a socket for each"
                )
            self._leave()
            self.stop()
        self.loop = loop

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Has the loop watch, too.

        Raises:
            RuntimeError: another loop, which runs, waits.
        """
        if self._is_watched and self.loop is loop:
            return
        if self._descriptor < 0:
            self._descriptor = self._open()
        self.claim(loop)
        loop.add_reader(self._descriptor, self._on_readable)
        self._is_watched = True
        self._process = os.getpid()

    def stop(self) -> None:
        """Nobody waits."""
        loop, self.loop = self.loop, None
        is_watched, self._is_watched = self._is_watched, False
        # The loop of a parent process shares what it waits with: a child that leaves it would end the parent's wait.
        if is_watched and loop is not None and not loop.is_closed() and self._process == os.getpid():
            loop.remove_reader(self._descriptor)

    def is_elsewhere(self) -> bool:
        """Whether the loop that waits runs on another thread."""
        loop = self.loop
        return loop is not None and loop.is_running() and loop is not running_loop()

    def call(self, function: Callable[[], None]) -> None:
        """Does something now, unless the loop that waits runs on another thread: soon, there."""
        loop = self.loop
        if loop is not None and self.is_elsewhere():
            # A loop that is closed meanwhile has no reader any more.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(function)
                return
        function()

    def close(self) -> None:
        """Gives the descriptor back."""
        self.stop()
        self.__del__()

    def __del__(self, _close: Callable[[int], None] = os.close) -> None:
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            _close(descriptor)


def running_loop() -> asyncio.AbstractEventLoop | None:
    """The loop that runs on this thread."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
