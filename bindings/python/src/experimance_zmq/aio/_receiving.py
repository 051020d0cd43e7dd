# SPDX-License-Identifier: Apache-2.0
"""Receiving: what is here at once, and what comes when the socket's descriptor tells."""

import weakref
from collections import deque
from collections.abc import Callable, Set
from typing import Concatenate, Generic, ParamSpec, Self, TypeVar

from .. import _operations
from .._core import SocketCore
from .._deadline import Deadline
from .._message import Message
from .._operations import ReceiveOne
from .._prefetch import Prefetch
from .._run import Operation
from ..errors import ZMQClosedError, ZMQProtocolError, ZMQStateError, ZMQTimeoutError
from ._readiness import Readiness
from ._socket import BaseSocket

P = ParamSpec("P")
T = TypeVar("T")
U = TypeVar("U")


class Receiving(BaseSocket, Generic[T]):
    """Receives. Iterating gives what comes."""

    _ahead: Prefetch[T]
    _queue: deque[T]
    _several: deque[list[bytes]]
    _receive_one: ReceiveOne[T]
    _parts: Callable[[T], list[bytes]]

    _readiness: Readiness | None = None
    # Who else is about to take a message that is here.
    _promised: Set[object] = frozenset()

    def __aiter__(self) -> Self:
        """The messages as they come. Waits for the next one as long as it takes; ends when the socket is closed. What
        it can not give is passed over, as with `experimance_zmq`.
        """
        return self

    async def __anext__(self) -> T:
        if len(self._queue) > len(self._promised):
            return self._queue.popleft()
        while True:
            try:
                return await self._receive(self._core.iteration_timeout)
            except ZMQTimeoutError:
                continue
            except ZMQClosedError:
                raise StopAsyncIteration from None
            except (ZMQStateError, ZMQProtocolError) as error:
                item: T | None = self._skip(error)
                if item is not None:
                    return item

    async def _receive(self, timeout: float | None) -> T:
        """Receives a message when there is none here."""
        deadline = await self._begin(timeout)
        others = self._message_to_come()
        await others.come(deadline)
        if self._queue:
            return self._queue.popleft()
        return await self._take(deadline, others.wait, _operations.receive_ahead, self._ahead, self._receive_one)

    async def _receive_parts(self, timeout: float | None) -> list[bytes]:
        """Receives a message with all its parts."""
        self._ahead.wants_several = True
        deadline = await self._begin(timeout)
        others = self._message_to_come()
        await others.come(deadline)
        return await self._take(deadline, others.wait, _operations.receive_parts_ahead, self._ahead, self._parts)

    async def _receive_with(
        self,
        timeout: float | None,
        operation: Callable[Concatenate[SocketCore, Deadline, P], Operation[U]],
        *arguments: P.args,
        **named: P.kwargs,
    ) -> U:
        deadline = self._core.deadline(timeout)
        others = self._message_to_come()
        # Others have their turn with every call.
        await self._let_others_run()
        return await self._take(deadline, others.wait, operation, *arguments, **named)

    async def _receive_message(
        self, timeout: float | None, parts: Callable[[T], list[bytes]], *, is_single: bool
    ) -> Message:
        """Receives a message where it lies."""
        self._ahead.turn_off()
        return await self._receive_with(timeout, _operations.receive_message_ahead, self._ahead, parts, is_single)

    async def _receive_several(self, max_count: int, timeout: float | None) -> list[T]:
        """Receives one message, and what else is there."""
        _operations.check_count(max_count)
        deadline = await self._begin(timeout)
        others = self._message_to_come()
        if self._queue:
            # Others have their turn with every call.
            await others.take_turns()
        if not self._queue:
            await others.come(deadline)
        received = await self._take(
            deadline, others.wait, _operations.receive_several, self._ahead, self._receive_one, max_count
        )
        others.wake()
        return received

    def _message_to_come(self) -> Readiness:
        if self._readiness is None:
            # Not through this socket: a reader in a loop does not keep it from being collected.
            core, ahead = self._core, self._ahead
            self._readiness = Readiness(core, ahead)
            self._promised = self._readiness.promised
            core.waits_of_tasks = weakref.ref(self._readiness)
        return self._readiness

    def _release(self) -> None:
        if self._readiness is not None:
            self._readiness.close()
            self._readiness = None
            self._promised = frozenset()
