# SPDX-License-Identifier: Apache-2.0
"""The sockets for asyncio: one class for each role, and `Socket` for all types."""

from collections.abc import Iterable
from typing import Any, Literal, Unpack, overload

from .. import _abi, _json, _operations
from .._any_patterns import USUAL_PREFETCH, AnySubscriber
from .._arguments import is_usual
from .._core import SocketType
from .._message import Message
from .._requests import request, request_parts
from ..context import ContextHandle
from ..socket_options import SocketOptions
from ._patterns import Publishes, ReceivesParts, SendsFrames, SendsParts, Subscribes
from ._receiving import Receiving
from ._socket import BaseSocket
from ._threads import in_thread


class Socket(SendsParts, ReceivesParts, Publishes, Subscribes):
    """A socket of any type, with everything a type may be able to do. What its type can not do raises
    `ZMQNotSupportedError`.
    """


class Publisher(Publishes, SendsFrames):
    """Publishes messages to whoever has subscribed to their topics."""

    def __init__(self, *, context: ContextHandle | None = None, **options: Unpack[SocketOptions]) -> None:
        """Opens a PUB socket."""
        super().__init__(SocketType.PUB, context=context, **options)


class Subscriber(AnySubscriber, Receiving[tuple[str, bytes]], Subscribes):
    """Receives the messages of the topics it has subscribed to. Iterating gives topics and payloads."""

    @overload
    async def recv(self, *, timeout: float | None = None, copy: Literal[True] = True) -> tuple[str, bytes]: ...
    @overload
    async def recv(self, *, timeout: float | None = None, copy: Literal[False]) -> tuple[str, memoryview]: ...
    async def recv(self, *, timeout: float | None = None, copy: bool = True) -> tuple[str, bytes | memoryview]:
        """Receives a message: its topic and its payload."""
        if not copy:
            self._ahead.turn_off()
            return await self._receive_with(timeout, _operations.receive_published_message, self._ahead, self._parts)
        if len(self._queue) > len(self._promised) and (timeout is None or is_usual(timeout)):
            return self._queue.popleft()
        return await self._receive(timeout)

    async def recv_many(self, max_count: int = 1000, *, timeout: float | None = None) -> list[tuple[str, bytes]]:
        """Receives messages: waits for the first, and takes what else is there."""
        return await self._receive_several(max_count, timeout)

    @overload
    async def recv_parts(self, *, timeout: float | None = None, copy: Literal[True] = True) -> list[bytes]: ...
    @overload
    async def recv_parts(self, *, timeout: float | None = None, copy: Literal[False]) -> Message: ...
    async def recv_parts(self, *, timeout: float | None = None, copy: bool = True) -> list[bytes] | Message:
        """Receives a message with all its frames, whatever a publisher made of it."""
        if not copy:
            return await self._receive_message(timeout, self._parts, is_single=False)
        return await self._receive_parts(timeout)

    async def recv_json(self, *, timeout: float | None = None) -> tuple[str, Any]:
        """Receives a message whose payload is JSON: its topic and the value."""
        topic, payload = await self.recv(timeout=timeout)
        return topic, _json.loads(payload)


class Pusher(SendsParts):
    """Sends messages to pullers, to each in turn."""

    def __init__(self, *, context: ContextHandle | None = None, **options: Unpack[SocketOptions]) -> None:
        """Opens a PUSH socket."""
        super().__init__(SocketType.PUSH, context=context, **options)


class Puller(ReceivesParts):
    """Receives the messages of pushers. Iterating gives messages."""

    def __init__(
        self, *, context: ContextHandle | None = None, prefetch: int = USUAL_PREFETCH, **options: Unpack[SocketOptions]
    ) -> None:
        """Opens a PULL socket."""
        super().__init__(SocketType.PULL, context=context, prefetch=prefetch, **options)


class Requester(BaseSocket):
    """Asks a server, and waits for its answer."""

    def __init__(self, *, context: ContextHandle | None = None, **options: Unpack[SocketOptions]) -> None:
        """Opens a REQ socket."""
        super().__init__(SocketType.REQ, context=context, **options)

    async def request(self, data: Any, *, timeout: float | None = None, idempotent: bool = False) -> bytes:
        """Sends a request and waits for its answer. Requests of several tasks follow each other."""
        deadline = self._core.deadline(timeout)
        return await in_thread(lambda: request(self._core, deadline, data, idempotent))

    async def request_parts(
        self, parts: Iterable[Any], *, timeout: float | None = None, idempotent: bool = False
    ) -> list[bytes]:
        """Sends a request of several parts and waits for its answer, of however many."""
        deadline = self._core.deadline(timeout)
        payloads = list(parts)
        return await in_thread(lambda: request_parts(self._core, deadline, payloads, idempotent))

    async def recv_parts(self, *, timeout: float | None = None) -> list[bytes]:
        """Receives the answer to the last request with all its parts, where `request` has not handed it out."""
        wait = self._wait_on_thread(_abi.EXZ_POLL_IN, "recv")
        return await self._take(await self._begin(timeout), wait, _operations.receive_parts)

    async def request_json(self, value: Any, *, timeout: float | None = None, idempotent: bool = False) -> Any:
        """Sends a value as JSON, and receives one."""
        return _json.loads(await self.request(_json.dumps(value), timeout=timeout, idempotent=idempotent))


class Replier(SendsParts, ReceivesParts):
    """Answers requests: receives one, sends the answer, and so on. Iterating gives requests; one of several parts it
    answers with an empty message, and goes on.
    """

    def __init__(self, *, context: ContextHandle | None = None, **options: Unpack[SocketOptions]) -> None:
        """Opens a REP socket."""
        super().__init__(SocketType.REP, context=context, **options)
