# SPDX-License-Identifier: Apache-2.0
"""What sockets of some types have in common, those that block and those for asyncio: what never waits."""

from collections import deque
from typing import Unpack

from . import _abi, _operations
from ._any_socket import AnySocket
from ._arguments import whole
from ._core import SocketType
from ._cutting import parts_of_one
from ._operations import ReceiveOne
from ._prefetch import MOST_AHEAD, Prefetch, message_receiver, published_receiver
from .context import ContextHandle
from .socket_options import SocketOptions

USUAL_PREFETCH = 512
"""The messages that a socket of one pattern receives ahead."""


class AnyReceiver(AnySocket):
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
                for. 0 = none; at most 65536.
            options: see `SocketOptions`.
        """
        ahead = message_receiver(whole(prefetch, "prefetch", MOST_AHEAD))
        super().__init__(socket_type, context=context, **options)
        self._ahead: Prefetch[bytes] = ahead
        self._queue: deque[bytes] = ahead.queue
        self._receive_one: ReceiveOne[bytes] = _operations.receive
        self._parts = parts_of_one(socket_type, options)


class AnySubscriber(AnySocket):
    """Receives the messages of topics."""

    def __init__(
        self, *, context: ContextHandle | None = None, prefetch: int = USUAL_PREFETCH, **options: Unpack[SocketOptions]
    ) -> None:
        """Opens a SUB socket. `context`, `prefetch`, options and errors are those of `Socket`."""
        is_one_frame = options.get("wire_form") == _abi.EXZ_WIRE_SPACE
        ahead = published_receiver(whole(prefetch, "prefetch", MOST_AHEAD), is_one_frame=is_one_frame)
        super().__init__(SocketType.SUB, context=context, **options)
        self._ahead: Prefetch[tuple[str, bytes]] = ahead
        self._queue: deque[tuple[str, bytes]] = ahead.queue
        self._receive_one: ReceiveOne[tuple[str, bytes]] = _operations.receive_published


class Subscriptions(AnySocket):
    """Subscribes to topics."""

    def subscribe(self, topic: str) -> None:
        """Subscribes to all topics that begin with `topic`; "" is everything. Never waits; `wait_subscribed` does.

        Subscribing again counts: it takes as many `unsubscribe` to end. In force at publishers that connect or come
        back later, too.

        Args:
            topic: a string without NUL, not of 246 to 255 bytes, which libzmq 4.3.4 garbles on the wire, and
                of at most 65,536 bytes.

        Raises:
            ZMQNotSupportedError: not a SUB socket.
        """
        self._core.subscribe(topic)

    def unsubscribe(self, topic: str) -> None:
        """Takes a subscription back; one that does not exist is no error. Never waits.

        Args:
            topic: as it was subscribed.

        Raises:
            ZMQNotSupportedError: not a SUB socket.
        """
        self._core.unsubscribe(topic)
