# SPDX-License-Identifier: Apache-2.0
"""Waits of tasks for something to take."""

import asyncio
import contextlib
from typing import Protocol

from .. import _operations
from .._core import SocketCore
from .._deadline import Deadline
from .._run import run
from ..errors import ZMQTimeoutError
from ._threads import in_thread


class Waits(Protocol):
    """How tasks wait. A wait takes nothing."""

    @property
    def is_waited_for(self) -> bool:
        """Whether tasks of this loop wait, whose turn comes before that of a new one."""
        ...

    async def wait(self, deadline: Deadline) -> None:
        """Waits until there may be something, which has to be taken at once. Raises `ZMQTimeoutError`."""

    async def take_turns(self) -> None:
        """Lets other tasks run, while what is here is kept for this one, which has to take it at once."""


class WaitsOnThreads:
    """Waits for what the library has no descriptor for: each on a thread, and each for itself."""

    is_waited_for = False

    def __init__(self, core: SocketCore, what: int, doing: str) -> None:
        self._core = core
        self._what = what
        self._doing = doing

    async def wait(self, deadline: Deadline) -> None:
        """See `Waits`."""
        if deadline.remaining_milliseconds() > 0:
            waiting = _operations.await_any(self._core, deadline, self._what, self._doing)
            with contextlib.suppress(ZMQTimeoutError):
                return await in_thread(lambda: run(waiting, deadline.rest()))
        raise self._core.time_is_up(self._doing, deadline)

    async def take_turns(self) -> None:
        """See `Waits`."""
        await asyncio.sleep(0)
