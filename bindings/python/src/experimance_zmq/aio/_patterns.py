# SPDX-License-Identifier: Apache-2.0
"""What sockets of some types can do, to be put together to sockets.

What each method does, raises and promises stands at the method of the same name in `experimance_zmq`.
"""

from collections.abc import Iterable
from typing import Any, Literal, overload

from .. import _json, _operations
from .._any_patterns import AnyReceiver, Subscriptions
from .._arguments import is_usual
from .._log import held_back, raise_held_back
from .._message import Message
from .._native import NO_ROOM
from .._parts import only_part
from .._run import run
from ._receiving import Receiving
from ._socket import MOST_IN_A_ROW, BaseSocket
from ._threads import in_thread


class Sends(BaseSocket):
    """Sends messages."""

    async def send(self, data: Any, *, timeout: float | None = None, copy: bool = True) -> None:
        """Sends a message of one part; a `Message` goes on with all of its parts."""
        self._in_a_row += 1
        if self._in_a_row > MOST_IN_A_ROW:
            await self._let_others_run()
        left = 1
        if (timeout is None or is_usual(timeout)) and not (left := self._core.send_at_once(data)):
            if held_back:
                raise_held_back()
            return
        await self._try_first(timeout, left == NO_ROOM, _operations.send, data, copy)

    async def send_many(self, data: Iterable[Any], *, timeout: float | None = None) -> None:
        """Sends messages of one part each, in their order."""
        payloads = tuple(data)
        left = self._core.deadline(timeout)
        sent = 0
        while sent < len(payloads) and (reached := self._core.send_some_at_once(payloads, sent)) > sent:
            self._in_a_row += reached - sent
            sent = reached
            if self._in_a_row > MOST_IN_A_ROW:
                await self._let_others_run()
        raise_held_back()
        if sent < len(payloads):
            await in_thread(lambda: run(_operations.send_rest(self._core, left, payloads, sent), left.rest()))

    async def send_json(self, value: Any, *, timeout: float | None = None) -> None:
        """Sends a value as JSON in UTF-8."""
        await self.send(_json.dumps(value), timeout=timeout)


class SendsFrames(BaseSocket):
    """Sends messages of several parts."""

    async def send_parts(self, parts: Iterable[Any], *, timeout: float | None = None, copy: bool = True) -> None:
        """Sends a message of several parts, which arrive together or not at all."""
        self._in_a_row += 1
        if self._in_a_row > MOST_IN_A_ROW:
            await self._let_others_run()
        payloads = tuple(parts)
        left = 1
        if (timeout is None or is_usual(timeout)) and not (left := self._core.send_parts_at_once(payloads)):
            if held_back:
                raise_held_back()
            return
        await self._try_first(timeout, left == NO_ROOM, _operations.send_parts, payloads, copy)


class SendsParts(Sends, SendsFrames):
    """Sends messages of several parts, too."""


class Receives(AnyReceiver, Receiving[bytes]):
    """Receives messages."""

    @overload
    async def recv(self, *, timeout: float | None = None, copy: Literal[True] = True) -> bytes: ...
    @overload
    async def recv(self, *, timeout: float | None = None, copy: Literal[False]) -> Message: ...
    async def recv(self, *, timeout: float | None = None, copy: bool = True) -> bytes | Message:
        """Receives a message of one part."""
        if not copy:
            return await self._receive_message(timeout, only_part, is_single=True)
        if len(self._queue) > len(self._promised) and (timeout is None or is_usual(timeout)):
            return self._queue.popleft()
        return await self._receive(timeout)

    async def recv_many(self, max_count: int = 1000, *, timeout: float | None = None) -> list[bytes]:
        """Receives messages of one part: waits for the first, and takes what else is there."""
        return await self._receive_several(max_count, timeout)

    async def recv_json(self, *, timeout: float | None = None) -> Any:
        """Receives a value that was sent as JSON."""
        return _json.loads(await self.recv(timeout=timeout))


class ReceivesParts(Receives):
    """Receives messages of several parts, too."""

    @overload
    async def recv_parts(self, *, timeout: float | None = None, copy: Literal[True] = True) -> list[bytes]: ...
    @overload
    async def recv_parts(self, *, timeout: float | None = None, copy: Literal[False]) -> Message: ...
    async def recv_parts(self, *, timeout: float | None = None, copy: bool = True) -> list[bytes] | Message:
        """Receives a message with all its parts."""
        if not copy:
            return await self._receive_message(timeout, self._parts, is_single=False)
        if len(self._several) > len(self._promised) and (timeout is None or is_usual(timeout)):
            return self._several.popleft()
        return await self._receive_parts(timeout)


class Publishes(BaseSocket):
    """Publishes messages."""

    async def publish(self, topic: str, payload: Any, *, timeout: float | None = None, copy: bool = True) -> None:
        """Publishes a message to the subscribers whose subscriptions begin its topic."""
        self._in_a_row += 1
        if self._in_a_row > MOST_IN_A_ROW:
            await self._let_others_run()
        left = 1
        if (timeout is None or is_usual(timeout)) and not (left := self._core.publish_at_once(topic, payload)):
            if held_back:
                raise_held_back()
            return
        await self._try_first(timeout, left == NO_ROOM, _operations.publish, topic, payload, copy)

    async def publish_many(self, messages: Iterable[tuple[str, Any]], *, timeout: float | None = None) -> None:
        """Publishes messages in their order."""
        pairs = _operations.published_pairs(messages)
        deadline = self._core.deadline(timeout)
        published = 0
        while published < len(pairs) and not self._core.publish_at_once(*pairs[published]):
            published += 1
            self._in_a_row += 1
            if self._in_a_row > MOST_IN_A_ROW:
                await self._let_others_run()
        raise_held_back()
        if published < len(pairs):
            rest = _operations.publish_rest(self._core, deadline, pairs, published)
            await in_thread(lambda: run(rest, deadline.rest()))

    async def publish_json(self, topic: str, value: Any, *, timeout: float | None = None) -> None:
        """Publishes a value as JSON in UTF-8."""
        await self.publish(topic, _json.dumps(value), timeout=timeout)

    async def wait_subscribers(self, topic: str, count: int = 1, *, timeout: float | None = None) -> None:
        """Waits until a message of this topic reaches at least `count` subscribers."""
        await self._in_thread(timeout, _operations.wait_subscribers, topic, count)


class Subscribes(Subscriptions, BaseSocket):
    """Subscribes to topics."""

    async def wait_subscribed(self, *, timeout: float | None = None) -> None:
        """Waits until the subscriptions made so far are in force at every publisher the subscriber is linked to."""
        await self._in_thread(timeout, _operations.wait_subscribed)
