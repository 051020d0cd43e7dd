# SPDX-License-Identifier: Apache-2.0
"""What the classes of `zmq_utils` have in common: JSON, errors, a socket for both kinds of program."""

import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

from . import aio
from ._closing import Closing
from ._socket import BaseSocket
from .errors import ZMQSocketError, ZMQTimeoutError

logger = logging.getLogger("experimance_zmq.zmq_utils")

S = TypeVar("S", bound=BaseSocket)
A = TypeVar("A", bound=aio.BaseSocket)


class ZmqException(Exception):  # noqa: N818
    """A failure. Its `__cause__` is the `ZMQSocketError` that tells why."""


class ZmqTimeoutError(ZmqException, TimeoutError):
    """No message arrived in time."""


def failure(error: ZMQSocketError) -> ZmqException:
    """The exception for an error of the library."""
    kind = ZmqTimeoutError if isinstance(error, ZMQTimeoutError) else ZmqException
    return kind(str(error))


def to_json(message: Any) -> bytes | None:
    """A message as JSON. None, with a line in the log, for what can not be JSON."""
    # Not through orjson: what is sent must not depend on what is installed.
    try:
        return json.dumps(message).encode()
    except (TypeError, ValueError, RecursionError) as error:
        logger.error("a message that can not be JSON is not sent: %s", error)
        return None


def from_json(topic: str, payload: bytes) -> tuple[str, dict[str, Any]]:
    """A topic and what the JSON says. Nothing, with a line in the log, for what is not JSON."""
    try:
        return topic, json.loads(payload)
    except (ValueError, RecursionError) as error:
        logger.error("a message that is not JSON is dropped: %s: %.80r", error, payload)
        return "", {}


class ZmqSocket(Closing, Generic[S, A]):
    """One socket with two faces: one that blocks, one for asyncio."""

    socket: S
    """The socket underneath, for what these classes do not have: events, statistics, `wait_subscribers` …"""
    aio_socket: A
    """The same one, with coroutines."""

    def __init__(self, address: str, use_asyncio: bool, socket: S, aio_class: type[A]) -> None:
        self.address = address
        self.use_asyncio = use_asyncio
        self.socket = socket
        self.aio_socket = aio_class._sharing(socket)

    def _link(self, link: Callable[[], object]) -> None:
        """Binds or connects. Nothing is left open if that fails."""
        try:
            link()
        except BaseException as error:
            self.socket.close(linger=0)
            if isinstance(error, ZMQSocketError):
                raise failure(error) from error
            raise

    @property
    def closed(self) -> bool:
        """Whether it is closed."""
        return self.socket.closed

    def close(self) -> None:
        """Closes; whoever waits on it gets a `ZmqException`, or False from a send. Closing again does nothing. Waits at
        most 1.1 seconds, for messages that are still queued.

        Raises:
            ZmqException: it belongs to the parent process.
        """
        try:
            self.socket.close()
        except ZMQSocketError as error:
            raise failure(error) from error
        finally:
            self.aio_socket._release()


class ZmqSender(ZmqSocket[S, A]):
    """Sends messages as JSON."""

    def _send(self, message: Any, send: Callable[[bytes], None]) -> bool:
        data = to_json(message)
        if data is None:
            return False
        try:
            send(data)
        except ZMQSocketError as error:
            logger.warning("%s", error)
            return False
        return True

    async def _send_async(self, message: Any, send: Callable[[bytes], Awaitable[None]]) -> bool:
        data = to_json(message)
        if data is None:
            return False
        try:
            await send(data)
        except ZMQSocketError as error:
            logger.warning("%s", error)
            return False
        return True
