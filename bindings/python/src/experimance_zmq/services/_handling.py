# SPDX-License-Identifier: Apache-2.0
"""Services that receive messages and run handlers, so many at a time."""

import asyncio
import contextlib
from abc import abstractmethod
from typing import Any, Generic, TypeVar

from .._arguments import INT32_MAX, whole
from ..errors import ZMQCanceledError, ZMQInvalidError, ZMQProtocolError, ZMQSocketError, ZMQTimeoutError
from ._service import GRACE, Service, Unfinished, logger
from ._time_left import TimeLeft

Item = TypeVar("Item")


class HandlingService(Service[Unfinished], Generic[Item, Unfinished]):
    """Takes a message only when one more may be in hand: what is over the bound waits in ZeroMQ's queues."""

    _quiet = 0.0
    """Seconds without a message after which a stop takes it that none is on its way."""

    def __init__(self, *, concurrency: int, **options: Any) -> None:
        self._concurrency = whole(concurrency, "concurrency", INT32_MAX)
        if self._concurrency < 1:
            raise ZMQInvalidError(f"concurrency is {concurrency}, it must be at least 1")
        super().__init__(**options)
        self._room = asyncio.Semaphore(self._concurrency)
        self._in_hand: dict[asyncio.Task[None], Item] = {}
        self._left_out: set[asyncio.Task[Any]] = set()

    @abstractmethod
    async def _take(self, timeout: float | None) -> Item:
        """Receives a message; None is the time-out that fits a loop without end.

        Raises `ZMQProtocolError` for one that is used up and makes no sense.
        """

    @abstractmethod
    async def _handle(self, item: Item) -> None:
        """Deals with a message. Reports what fails."""

    @abstractmethod
    async def _hand_back(self, item: Item) -> Unfinished:
        """What the caller of `stop` gets for a message that is not finished."""

    async def _receive(self) -> None:
        while True:
            await self._room.acquire()
            # From here to the task nothing waits that could lose the message.
            item = await self._next()
            task = asyncio.create_task(self._handle(item))
            self._in_hand[task] = item
            task.add_done_callback(self._is_done)

    async def _next(self) -> Item:
        while True:
            try:
                return await self._take(None)
            except (ZMQTimeoutError, ZMQCanceledError):
                continue
            except ZMQProtocolError as error:
                await self._report(error, None)

    def _is_done(self, task: asyncio.Task[None]) -> None:
        self._in_hand.pop(task, None)
        self._left_out.discard(task)
        self._room.release()
        if not task.cancelled() and (error := task.exception()):
            logger.error("%s: a message could not be dealt with", type(self).__name__, exc_info=error)

    def _count_in_hand(self) -> int:
        return len(self._in_hand)

    def _leave_out(self, caller: asyncio.Task[Any] | None) -> None:
        if caller in self._in_hand:
            self._left_out.add(caller)

    def _is_left_out(self) -> bool:
        """Whether this handler has stopped the service, so that its message is handed back."""
        return asyncio.current_task() in self._left_out

    async def _finish(self) -> list[Unfinished]:
        await self._end_receiving()
        if others := self._in_hand.keys() - self._left_out:
            await self._wait(others)
        late = dict(self._in_hand)
        others = late.keys() - self._left_out
        for task in others:
            task.cancel()
        if others:
            await asyncio.wait(others, timeout=GRACE)
        items = [item for task, item in late.items() if task.cancelled() or not task.done()]
        for task in self._left_out:
            self._in_hand.pop(task, None)
        items += await self._arrived()
        return [await self._hand_back(item) for item in items]

    async def _close(self, linger: float) -> None:
        # Those that a cancelled stop has left behind.
        for task in self._in_hand:
            task.cancel()
        await super()._close(linger)

    async def _arrived(self) -> list[Item]:
        """What has come and nobody has begun."""
        items = []
        left = TimeLeft(GRACE)
        while left() > 0:
            try:
                items.append(await self._take(self._quiet))
            except ZMQProtocolError as error:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(left()):
                        await self._report(error, None)
            except ZMQSocketError:
                # Nothing more comes, or the socket was closed under us.
                break
        return items
