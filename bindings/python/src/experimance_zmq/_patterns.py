# SPDX-License-Identifier: Apache-2.0
"""What sockets of some types can do, to be put together to sockets."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from . import _operations
from ._socket import BaseSocket


class Sends(BaseSocket):
    """Sends messages."""

    def send(self, data: Any, *, timeout: float | None = None) -> None:
        """Sends a message of one part.

        Success means that libzmq has the message and will deliver it, across re-connections too, unless the link dies
        while it is on its way: ZeroMQ has no acknowledgement. While no peer has a finished handshake, or the queues to
        all peers are full, the call waits. On every failure the message stays with the caller.

        Args:
            data: bytes, or any object with the buffer protocol; copied.
            timeout: seconds.

        Raises:
            ZMQTimeoutError: the message was not taken.
            ZMQTooLargeError: it is over the socket's `max_message_size`.
            ZMQNotSupportedError: a socket of this type does not send.
            ZMQStateError: it is not the turn of a REQ or REP.
        """
        self._run(timeout, _operations.send, data)

    def send_json(self, value: Any, *, timeout: float | None = None) -> None:
        """Sends a value as JSON in UTF-8.

        Args:
            value: what `json.dumps` takes; raises what that raises.
            timeout: seconds.

        Raises:
            ZMQSocketError: as `send`.
        """
        self.send(json_bytes(value), timeout=timeout)


class SendsParts(Sends):
    """Sends messages of several parts, too."""

    def send_parts(self, parts: Iterable[Any], *, timeout: float | None = None) -> None:
        """Sends a message of several parts, which arrive together or not at all.

        Args:
            parts: at least one; each as for `send`.
            timeout: seconds.

        Raises:
            ZMQSocketError: as `send`; the size limit applies to all parts together.
        """
        self._run(timeout, _operations.send_parts, parts)


class Receives(BaseSocket):
    """Receives messages."""

    def recv(self, *, timeout: float | None = None) -> bytes:
        """Receives a message of one part. A failure never loses a message.

        Args:
            timeout: seconds.

        Raises:
            ZMQTimeoutError: nothing arrived.
            ZMQStateError: the message has several parts and is kept for `Socket.recv_parts`; or it is not the turn of
                a REQ or REP.
            ZMQNotSupportedError: a socket of this type does not receive.
        """
        return self._run(timeout, _operations.receive)

    def recv_json(self, *, timeout: float | None = None) -> Any:
        """Receives a value that was sent as JSON.

        Args:
            timeout: seconds.

        Raises:
            ValueError: the message is not JSON in UTF-8. It is used up; `recv` and `json.loads` would have kept it.
            ZMQSocketError: as `recv`.
        """
        return json.loads(self.recv(timeout=timeout))

    def __iter__(self) -> Iterator[bytes]:
        """The messages as they come. Waits for the next one as long as it takes, in waits of the default time-out; ends
        when the socket is closed.
        """
        return self._until_closed(self.recv)


class ReceivesParts(Receives):
    """Receives messages of several parts, too."""

    def recv_parts(self, *, timeout: float | None = None) -> list[bytes]:
        """Receives a message with all its parts.

        Args:
            timeout: seconds.

        Raises:
            ZMQTimeoutError: nothing arrived.
            ZMQStateError: it is not the turn of a REQ or REP.
            ZMQNotSupportedError: a socket of this type does not receive.
        """
        return self._run(timeout, _operations.receive_parts)


class Publishes(BaseSocket):
    """Publishes messages."""

    def publish(self, topic: str, payload: Any, *, timeout: float | None = None) -> None:
        """Publishes a message to the subscribers whose subscriptions begin its topic, in the socket's wire form.

        Messages that nobody has subscribed to are dropped, as ZeroMQ does; `wait_subscribers` tells when somebody has.

        Args:
            topic: a string without NUL; "" is a topic.
            payload: bytes, or any object with the buffer protocol; copied.
            timeout: seconds, for a socket with `OnFull.WAIT`; others do not wait.

        Raises:
            ZMQTimeoutError: a subscriber's queue stayed full.
            ZMQTooLargeError: the message is over the socket's `max_message_size`.
            ZMQNotSupportedError: a socket of this type does not publish.
        """
        self._run(timeout, _operations.publish, topic, payload)

    def publish_json(self, topic: str, value: Any, *, timeout: float | None = None) -> None:
        """Publishes a value as JSON in UTF-8.

        Args:
            topic: as for `publish`.
            value: what `json.dumps` takes; raises what that raises.
            timeout: as for `publish`.

        Raises:
            ZMQSocketError: as `publish`.
        """
        self.publish(topic, json_bytes(value), timeout=timeout)

    def wait_subscribers(self, topic: str, count: int = 1, *, timeout: float | None = None) -> None:
        """Waits until a message of this topic reaches at least `count` subscribers: their subscriptions are in force,
        and the next publish arrives. Works with subscribers of every ZeroMQ library.

        Args:
            topic: the topic of the messages to publish.
            count: subscribers, 0 or more.
            timeout: seconds.

        Raises:
            ZMQTimeoutError: there were fewer.
            ZMQNotSupportedError: not a PUB socket.
        """
        self._run(timeout, _operations.wait_subscribers, topic, count)


class Subscribes(BaseSocket):
    """Subscribes to topics."""

    def subscribe(self, topic: str) -> None:
        """Subscribes to all topics that begin with `topic`; "" is everything. Never waits; `wait_subscribed` does.

        Subscribing again counts: it takes as many `unsubscribe` to end. In force at publishers that connect or come
        back later, too.

        Args:
            topic: a string without NUL, not of 246 to 255 bytes, which libzmq 4.3.4 garbles on the wire.

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

    def wait_subscribed(self, *, timeout: float | None = None) -> None:
        """Waits until the subscriptions made so far are in force at every publisher the subscriber is linked to.

        Asks the publishers, which answer if they are of this library.

        Args:
            timeout: seconds.

        Raises:
            ZMQTimeoutError: no publisher, or one that did not answer in time.
            ZMQNotSupportedError: none of the publishers is of this library, or this is not a SUB socket.
        """
        self._run(timeout, _operations.wait_subscribed)


def json_bytes(value: Any) -> bytes:
    """A value as JSON in UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
