# SPDX-License-Identifier: Apache-2.0
"""The sockets: one class for each role, and `Socket` for all types."""

import json
from collections.abc import Iterator
from typing import Any, Unpack

from . import _operations
from ._core import SocketType
from ._patterns import Publishes, Receives, ReceivesParts, Sends, SendsParts, Subscribes
from .context import Context
from .socket_options import SocketOptions


class Socket(SendsParts, ReceivesParts, Publishes, Subscribes):
    """A socket of any type, with everything a type may be able to do. What its type can not do raises
    `ZMQNotSupportedError`.
    """


class Publisher(Publishes):
    """Publishes messages to whoever has subscribed to their topics."""

    def __init__(self, *, context: Context | None = None, **options: Unpack[SocketOptions]) -> None:
        """Opens a PUB socket. See `Socket` for the arguments."""
        super().__init__(SocketType.PUB, context=context, **options)


class Subscriber(Subscribes):
    """Receives the messages of the topics it has subscribed to. Iterating gives topics and payloads."""

    def __init__(self, *, context: Context | None = None, **options: Unpack[SocketOptions]) -> None:
        """Opens a SUB socket. See `Socket` for the arguments."""
        super().__init__(SocketType.SUB, context=context, **options)

    def recv(self, *, timeout: float | None = None) -> tuple[str, bytes]:
        """Receives a message: its topic and its payload, in either wire form.

        Bytes of the topic that are not UTF-8 become lone surrogates, as in file names; `publish` and `subscribe` turn
        them back.

        Args:
            timeout: seconds.

        Raises:
            ZMQTimeoutError: nothing arrived.
            ZMQProtocolError: a publisher of another library sent something else than topic and payload, or uses another
                wire form. That message is used up; no other failure loses one.
        """
        return self._run(timeout, _operations.receive_published)

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
        return topic, json.loads(payload)

    def __iter__(self) -> Iterator[tuple[str, bytes]]:
        """The messages as they come. Waits for the next one as long as it takes, in waits of the default time-out; ends
        when the socket is closed.
        """
        return self._until_closed(self.recv)


class Pusher(Sends):
    """Sends messages to pullers, to each in turn."""

    def __init__(self, *, context: Context | None = None, **options: Unpack[SocketOptions]) -> None:
        """Opens a PUSH socket. See `Socket` for the arguments."""
        super().__init__(SocketType.PUSH, context=context, **options)


class Puller(Receives):
    """Receives the messages of pushers. Iterating gives messages."""

    def __init__(self, *, context: Context | None = None, **options: Unpack[SocketOptions]) -> None:
        """Opens a PULL socket. See `Socket` for the arguments."""
        super().__init__(SocketType.PULL, context=context, **options)
