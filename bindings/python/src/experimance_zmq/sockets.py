# SPDX-License-Identifier: Apache-2.0
"""The sockets: one class for each role, and `Socket` for all types."""

from collections.abc import Iterable, Iterator
from typing import Any, Literal, Unpack, overload

from . import _json, _operations
from ._any_patterns import USUAL_PREFETCH, AnySubscriber
from ._arguments import is_usual
from ._core import SocketType
from ._message import Message
from ._patterns import Publishes, ReceivesParts, SendsFrames, SendsParts, Subscribes
from ._requests import request, request_parts
from ._socket import BaseSocket
from .context import ContextHandle
from .socket_options import SocketOptions


class Socket(SendsParts, ReceivesParts, Publishes, Subscribes):
    """A socket of any type, with everything a type may be able to do. What its type can not do raises
    `ZMQNotSupportedError`.
    """


class Publisher(Publishes, SendsFrames):
    """Publishes messages to whoever has subscribed to their topics."""

    def __init__(self, *, context: ContextHandle | None = None, **options: Unpack[SocketOptions]) -> None:
        """Opens a PUB socket. `context`, options and errors are those of `BaseSocket`."""
        super().__init__(SocketType.PUB, context=context, **options)


class Subscriber(AnySubscriber, Subscribes):
    """Receives the messages of the topics it has subscribed to. Iterating gives topics and payloads."""

    @overload
    def recv(self, *, timeout: float | None = None, copy: Literal[True] = True) -> tuple[str, bytes]: ...
    @overload
    def recv(self, *, timeout: float | None = None, copy: Literal[False]) -> tuple[str, memoryview]: ...
    def recv(self, *, timeout: float | None = None, copy: bool = True) -> tuple[str, bytes | memoryview]:
        """Receives a message: its topic and its payload, in either wire form.

        Bytes of the topic that are not UTF-8 become lone surrogates, as in file names; `publish` and `subscribe` turn
        them back.

        Args:
            timeout: seconds.
            copy: False gives the payload where libzmq has received it, to be read only; from then on nothing is
                received ahead. `recv_parts` has the `Message`.

        Raises:
            ZMQTimeoutError: nothing arrived.
            ZMQProtocolError: a publisher of another library sent something else than topic and payload, or uses another
                wire form. That message is used up; no other failure loses one. `recv_parts` takes it as it is.
        """
        if not copy:
            self._ahead.turn_off()
            return self._run(timeout, _operations.receive_published_message, self._ahead, self._parts)
        if timeout is None or is_usual(timeout):
            try:
                return self._queue.popleft()
            except IndexError:
                pass
        return self._run(timeout, _operations.receive_ahead, self._ahead, self._receive_one)

    def recv_many(self, max_count: int = 1000, *, timeout: float | None = None) -> list[tuple[str, bytes]]:
        """Receives messages: waits for the first, and takes what else is there.

        Args:
            max_count: the most to take, 1 or more.
            timeout: seconds to wait for the first.

        Raises:
            ZMQSocketError: as `recv`, for the first one.
        """
        return self._run(timeout, _operations.receive_several, self._ahead, self._receive_one, max_count)

    @overload
    def recv_parts(self, *, timeout: float | None = None, copy: Literal[True] = True) -> list[bytes]: ...
    @overload
    def recv_parts(self, *, timeout: float | None = None, copy: Literal[False]) -> Message: ...
    def recv_parts(self, *, timeout: float | None = None, copy: bool = True) -> list[bytes] | Message:
        """Receives a message with all its frames, whatever a publisher made of it: for what `recv` takes for an error.
        Where it is a topic and its payload, these are the two, in either wire form.

        Args:
            timeout: seconds.
            copy: False gives a `Message`, which has `parts`; as for `recv`.

        Raises:
            ZMQTimeoutError: nothing arrived.
        """
        if not copy:
            self._ahead.turn_off()
            return self._run(timeout, _operations.receive_message_ahead, self._ahead, self._parts, False)
        return self._run(timeout, _operations.receive_parts_ahead, self._ahead, self._parts)

    def recv_json(self, *, timeout: float | None = None) -> tuple[str, Any]:
        """Receives a message whose payload is JSON: its topic and the value.

        Args:
            timeout: seconds.

        Raises:
            ValueError: the payload is not JSON in UTF-8. The message is used up; `recv` and `json.loads` would have
                kept it.
            ZMQSocketError: as `recv`.
        """
        topic, payload = self.recv(timeout=timeout)
        return topic, _json.loads(payload)

    def __iter__(self) -> Iterator[tuple[str, bytes]]:
        """The messages as they come. Waits for the next one as long as it takes, in waits of the default time-out; ends
        when the socket is closed. What is not topic and payload is passed over, and counted in `skipped`.
        """
        return self._until_closed(self.recv, self._queue)


class Pusher(SendsParts):
    """Sends messages to pullers, to each in turn."""

    def __init__(self, *, context: ContextHandle | None = None, **options: Unpack[SocketOptions]) -> None:
        """Opens a PUSH socket. `context`, options and errors are those of `BaseSocket`."""
        super().__init__(SocketType.PUSH, context=context, **options)


class Puller(ReceivesParts):
    """Receives the messages of pushers. Iterating gives messages."""

    def __init__(
        self,
        *,
        context: ContextHandle | None = None,
        prefetch: int = USUAL_PREFETCH,
        **options: Unpack[SocketOptions],
    ) -> None:
        """Opens a PULL socket. `context`, `prefetch`, options and errors are those of `Socket`."""
        super().__init__(SocketType.PULL, context=context, prefetch=prefetch, **options)


class Requester(BaseSocket):
    """Asks a server, and waits for its answer."""

    def __init__(self, *, context: ContextHandle | None = None, **options: Unpack[SocketOptions]) -> None:
        """Opens a REQ socket. `context`, options and errors are those of `BaseSocket`."""
        super().__init__(SocketType.REQ, context=context, **options)

    def request(self, data: Any, *, timeout: float | None = None, idempotent: bool = False) -> bytes:
        """Sends a request and waits for its answer. Requests of several threads follow each other.

        While there is no server the request waits here, and goes out once when there is one. If the server is lost
        then, or does not answer within the retry policy's `attempt_timeout`, an idempotent request is sent again, with
        the policy's delays and at most its number of attempts; any other is not, as the server may have executed it.
        Whatever the outcome, the socket can make the next request at once.

        Args:
            data: bytes, or any object with the buffer protocol; copied.
            timeout: seconds for everything together.
            idempotent: whether it does no harm that the server executes the request more than once.

        Raises:
            ZMQTimeoutError: the server did not answer, or there is none.
            ZMQPeerLostError: the server was lost before it answered.
            ZMQRefusedError: there was no server to send it to; so do `ZMQUnreachableError`, `ZMQResolveError`,
                `ZMQProtocolError`, `ZMQSecurityError`: why.
            ZMQTooLargeError: it is over the socket's `max_message_size`.
            ZMQNoMemoryError: out of memory.
            ZMQStateError: the answer has several parts and is kept for `recv_parts`.
        """
        return request(self._core, self._core.deadline(timeout), data, idempotent)

    def request_parts(
        self, parts: Iterable[Any], *, timeout: float | None = None, idempotent: bool = False
    ) -> list[bytes]:
        """Sends a request of several parts and waits for its answer, of however many. All else is as for `request`.

        Args:
            parts: at least one; each bytes, or any object with the buffer protocol; copied.
            timeout: as for `request`.
            idempotent: as for `request`.

        Raises:
            ZMQInvalidError: there is no part.
            ZMQSocketError: as `request`.
        """
        return request_parts(self._core, self._core.deadline(timeout), parts, idempotent)

    def recv_parts(self, *, timeout: float | None = None) -> list[bytes]:
        """Receives the answer to the last request with all its parts, where `request` has not handed it out: it raised
        `ZMQStateError`, as there are several, or did not wait long enough. The next request drops it.

        Args:
            timeout: seconds; an answer that `request` has seen is here at once.

        Raises:
            ZMQTimeoutError: the answer has not come yet.
            ZMQStateError: the last request has had its answer, there was none yet, or another thread's waits.
        """
        return self._run(timeout, _operations.receive_parts)

    def request_json(self, value: Any, *, timeout: float | None = None, idempotent: bool = False) -> Any:
        """Sends a value as JSON, and receives one.

        Args:
            value: what `json.dumps` takes; raises what that raises.
            timeout: as for `request`.
            idempotent: as for `request`.

        Raises:
            ValueError: the answer is not JSON in UTF-8.
            ZMQSocketError: as `request`.
        """
        return _json.loads(self.request(_json.dumps(value), timeout=timeout, idempotent=idempotent))


class Replier(SendsParts, ReceivesParts):
    """Answers requests: receives one, sends the answer, and so on. Iterating gives requests; one of several parts it
    answers with an empty message, and goes on.
    """

    def __init__(self, *, context: ContextHandle | None = None, **options: Unpack[SocketOptions]) -> None:
        """Opens a REP socket. `context`, options and errors are those of `BaseSocket`."""
        super().__init__(SocketType.REP, context=context, **options)
