# SPDX-License-Identifier: Apache-2.0
"""What sockets of some types have in common, those that block and those for asyncio: what never waits."""

import contextlib
from collections import deque
from typing import Any, Unpack

from . import _abi, _operations
from ._any_socket import AnySocket
from ._arguments import topic_bytes, topic_name, whole
from ._core import SocketType
from ._deadline import Deadline
from ._operations import ReceiveOne
from ._parts import only_part, parts_of_one, parts_of_published
from ._prefetch import MOST_AHEAD, Prefetch, message_receiver, published_receiver
from ._run import run
from .context import ContextHandle
from .errors import ZMQClosedError, ZMQProtocolError, ZMQSocketError, ZMQStateError, ZMQTimeoutError
from .socket_options import SocketOptions

USUAL_PREFETCH = 512
"""The messages that a socket of one pattern receives ahead."""

_TAKES_TURNS = (_abi.EXZ_REQ, _abi.EXZ_REP)


def _is_off(options: SocketOptions, socket_type: int) -> bool:
    """Whether to receive ahead would change what the socket does (see `Prefetch`)."""
    return socket_type in _TAKES_TURNS or bool(options.get("conflate"))


class Skipping(AnySocket):
    """Goes on in a loop when a message comes that the loop can not give."""

    @property
    def skipped(self) -> int:
        """How many messages iterating has used up because they were not what it gives: of several parts, or not topic
        and payload. Whoever sends such a message does not end the loop; the first one is a warning in the log.
        """
        return self._core.skipped


class AnyReceiver(Skipping):
    """Receives messages."""

    def __init__(
        self,
        socket_type: SocketType,
        *,
        context: ContextHandle | None = None,
        prefetch: int = 0,
        **options: Unpack[SocketOptions],
    ) -> None:
        """Opens a socket.

        Args:
            socket_type: what it is.
            context: a context of its own; None is the process-wide one.
            prefetch: messages that are received ahead, where more than one is there: one call of the library serves
                many of `recv` then. They keep their order, no failure loses one, and `close` says how many nobody asked
                for. 0 = none; at most 65536, and no more than `receive_hwm`. A socket with `conflate`, a REQ and a REP
                receive none ahead, and nobody does after a `recv(copy=False)`.
            options: see `SocketOptions`.
        """
        ahead = message_receiver(whole(prefetch, "prefetch", MOST_AHEAD), is_off=_is_off(options, socket_type))
        super().__init__(socket_type, context=context, **options)
        ahead.limit_to(options.get("receive_hwm", 0))
        self._ahead: Prefetch[bytes] = ahead
        self._queue: deque[bytes] = ahead.queue
        self._several = ahead.several
        self._receive_one: ReceiveOne[bytes] = _operations.receive
        self._parts = parts_of_one(socket_type, options)
        # A ROUTER, and who subscribes to messages in two frames, gets nothing else: then iterating is the mistake.
        self._has_parts = socket_type == _abi.EXZ_ROUTER or (
            socket_type in (_abi.EXZ_SUB, _abi.EXZ_XSUB) and options.get("wire_form") != _abi.EXZ_WIRE_SPACE
        )

    def _skip(self, error: ZMQSocketError) -> bytes | None:
        if self._has_parts or not isinstance(error, ZMQStateError):
            raise error
        at_once = Deadline(0)
        try:
            parts = run(_operations.receive_parts_ahead(self._core, at_once, self._ahead, only_part), at_once)
        except (ZMQTimeoutError, ZMQClosedError):
            # Another thread has taken it, or closed the socket, which the next receive finds.
            return None
        except ZMQStateError:
            # It is not the socket's turn, whatever comes.
            raise error from None
        if len(parts) == 1:
            # Another thread has taken the one before.
            return parts[0]
        self._core.skip(f"a message of {len(parts)} parts")
        if self._core.name == SocketType.REP.name:
            # Whoever asked waits, and until there is an answer so does everybody else.
            with contextlib.suppress(ZMQSocketError):
                run(_operations.send(self._core, at_once, b""), at_once)
        return None


class AnySubscriber(Skipping):
    """Receives the messages of topics."""

    def __init__(
        self, *, context: ContextHandle | None = None, prefetch: int = USUAL_PREFETCH, **options: Unpack[SocketOptions]
    ) -> None:
        """Opens a SUB socket. `context`, `prefetch`, options and errors are those of `Socket`."""
        is_one_frame = options.get("wire_form") == _abi.EXZ_WIRE_SPACE
        ahead = published_receiver(
            whole(prefetch, "prefetch", MOST_AHEAD),
            is_one_frame=is_one_frame,
            is_off=_is_off(options, SocketType.SUB),
        )
        super().__init__(SocketType.SUB, context=context, **options)
        ahead.limit_to(options.get("receive_hwm", 0))
        self._ahead: Prefetch[tuple[str, bytes]] = ahead
        self._queue: deque[tuple[str, bytes]] = ahead.queue
        self._several = ahead.several
        self._receive_one: ReceiveOne[tuple[str, bytes]] = _operations.receive_published
        self._parts = parts_of_published

    def _skip(self, error: ZMQSocketError) -> None:
        if not isinstance(error, ZMQProtocolError):
            raise error
        # It has been used up.
        self._core.skip("something else than topic and payload")


class Subscriptions(AnySocket):
    """Subscribes to topics."""

    def subscribe(self, topic: str) -> None:
        """Subscribes to all topics that begin with `topic`; "" is everything. Never waits; `wait_subscribed` does.

        Subscribing again counts: it takes as many `unsubscribe` to end. In force at publishers that connect or come
        back later, too.

        Args:
            topic: a string, not of 246 to 255 bytes, which libzmq 4.3.4 garbles on the wire, and
                of at most 65,536 bytes.

        Raises:
            ZMQNotSupportedError: not a SUB socket.
        """
        self._core.subscribe(topic)

    def unsubscribe(self, topic: str) -> None:
        """Takes a subscription back; one that does not exist is no error. Never waits.

        No message that came for it alone is received any more, one that was received ahead neither.

        Args:
            topic: as it was subscribed.

        Raises:
            ZMQNotSupportedError: not a SUB socket.
        """
        if self._ahead is None:
            self._core.unsubscribe(topic)
            return
        with self._ahead.standing_still():
            if self._core.unsubscribe(topic):
                is_unwanted = self._core.subscribed.without(topic_name(topic))
                self._ahead.give_up(lambda message: is_unwanted(_beginning(message)))


def _beginning(message: Any) -> bytes:
    """What libzmq compares with subscriptions."""
    if isinstance(message, bytes):
        return message
    if isinstance(message, list):
        first: bytes = message[0]
        return first
    topic, payload = message
    frame: bytes = topic_bytes(topic) + b" " + payload
    return frame
