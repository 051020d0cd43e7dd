# SPDX-License-Identifier: Apache-2.0
"""What sockets of some types can do, to be put together to sockets."""

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any, Literal, overload

from . import _json, _operations
from ._any_patterns import AnyReceiver, Subscriptions
from ._arguments import is_usual
from ._log import held_back, raise_held_back
from ._message import Message
from ._parts import only_part
from ._run import run
from ._socket import BaseSocket


class Sends(BaseSocket):
    """Sends messages."""

    def send(self, data: Any, *, timeout: float | None = None, copy: bool = True) -> None:
        """Sends a message of one part.

        Success means that libzmq has the message and will deliver it, across re-connections too, unless the link dies
        while it is on its way: ZeroMQ has no acknowledgement. While no peer has a finished handshake, or the queues to
        all peers are full, the call waits. On every failure the message stays with the caller.

        Args:
            data: bytes, or any object with the buffer protocol; or a `Message`, which goes on with all its parts, and
                stays as it is.
            timeout: seconds.
            copy: False lends the object's memory to libzmq instead of copying it. It must not change until libzmq is
                done, and a `bytearray` can not be resized until then. What is shorter than 4 KiB is copied all the
                same; `bytes` of 64 KiB and more, which can not change, never are.

        Raises:
            ZMQTimeoutError: the message was not taken.
            ZMQTooLargeError: it is over the socket's `max_message_size`.
            ZMQNotSupportedError: a socket of this type does not send, or a ROUTER, which has to name the peer.
            ZMQStateError: a REP has no request to answer; another thread's request waits on a REQ.
            ZMQNoMemoryError: out of memory.
        """
        if (timeout is None or is_usual(timeout)) and not self._core.send_at_once(data):
            if held_back:
                raise_held_back()
            return
        self._run(timeout, _operations.send, data, copy)

    def send_many(self, data: Iterable[Any], *, timeout: float | None = None) -> None:
        """Sends messages of one part each, in their order. What is fast for many at once.

        Args:
            data: the messages, each as for `send`, of one part.
            timeout: seconds for all together.

        Raises:
            ZMQSocketError: as `send`; its `sent` says how many were taken, the others stay with the caller.
        """
        payloads = tuple(data)
        deadline = self._core.deadline(timeout)
        sent = 0
        while sent < len(payloads) and (reached := self._core.send_some_at_once(payloads, sent)) > sent:
            sent = reached
        raise_held_back()
        if sent < len(payloads):
            run(_operations.send_rest(self._core, deadline, payloads, sent), deadline)

    def send_json(self, value: Any, *, timeout: float | None = None) -> None:
        """Sends a value as JSON in UTF-8.

        Args:
            value: what `json.dumps` takes; raises what that raises.
            timeout: seconds.

        Raises:
            ZMQSocketError: as `send`.
        """
        self.send(_json.dumps(value), timeout=timeout)


class SendsFrames(BaseSocket):
    """Sends messages of several parts."""

    def send_parts(self, parts: Iterable[Any], *, timeout: float | None = None, copy: bool = True) -> None:
        """Sends a message of several parts, which arrive together or not at all. A publisher's first one is the topic,
        whatever its wire form.

        Args:
            parts: at least one; each as for `send`, a `Message` of one part included.
            timeout: seconds.
            copy: as for `send`, for each part.

        Raises:
            ZMQUnreachableError: a ROUTER has no peer with the identity that the first part is.
            ZMQInvalidError: there is no part.
            ZMQSocketError: as `send`, but a ROUTER can; the size limit applies to all parts together.
        """
        payloads = tuple(parts)
        if (timeout is None or is_usual(timeout)) and not self._core.send_parts_at_once(payloads):
            if held_back:
                raise_held_back()
            return
        self._run(timeout, _operations.send_parts, payloads, copy)


class SendsParts(Sends, SendsFrames):
    """Sends messages of several parts, too."""


class Receives(AnyReceiver, BaseSocket):
    """Receives messages."""

    @overload
    def recv(self, *, timeout: float | None = None, copy: Literal[True] = True) -> bytes: ...
    @overload
    def recv(self, *, timeout: float | None = None, copy: Literal[False]) -> Message: ...
    def recv(self, *, timeout: float | None = None, copy: bool = True) -> bytes | Message:
        """Receives a message of one part. A failure never loses a message.

        Of a SUB it is the frame as it came: with `WireForm.SPACE` topic, space and payload, which `recv_parts` gives
        as two; published in two frames it has several parts. `Subscriber.recv` gives both as topic and payload.

        Args:
            timeout: seconds.
            copy: False gives a `Message`: the memory that libzmq received into. From then on nothing is received ahead
                (see `prefetch`); what was before is a `Message`, too, which does not know its sender.

        Raises:
            ZMQTimeoutError: nothing arrived.
            ZMQStateError: the message has several parts and is kept for `recv_parts`; or it is not the turn of
                a REQ or REP.
            ZMQNotSupportedError: a socket of this type does not receive.
        """
        if not copy:
            self._ahead.turn_off()
            return self._run(timeout, _operations.receive_message_ahead, self._ahead, only_part, True)
        if timeout is None or is_usual(timeout):
            try:
                return self._queue.popleft()
            except IndexError:
                pass
        return self._run(timeout, _operations.receive_ahead, self._ahead, self._receive_one)

    def recv_many(self, max_count: int = 1000, *, timeout: float | None = None) -> list[bytes]:
        """Receives messages of one part: waits for the first, and takes what else is there.

        Args:
            max_count: the most to take, 1 or more.
            timeout: seconds to wait for the first.

        Raises:
            ZMQSocketError: as `recv`, for the first one.
        """
        return self._run(timeout, _operations.receive_several, self._ahead, self._receive_one, max_count)

    def recv_json(self, *, timeout: float | None = None) -> Any:
        """Receives a value that was sent as JSON.

        Args:
            timeout: seconds.

        Raises:
            ValueError: the message is not JSON in UTF-8. It is used up; `recv` and `json.loads` would have kept it.
            ZMQSocketError: as `recv`.
        """
        return _json.loads(self.recv(timeout=timeout))

    def __iter__(self) -> Iterator[bytes]:
        """The messages as they come. Waits for the next one as long as it takes, in waits of the default time-out; ends
        when the socket is closed. A message of several parts is passed over, and counted in `skipped`; for sockets that
        get nothing else, a ROUTER for one, it is the error it is for `recv`.
        """
        return self._until_closed(self.recv, self._queue)


class ReceivesParts(Receives):
    """Receives messages of several parts, too."""

    @overload
    def recv_parts(self, *, timeout: float | None = None, copy: Literal[True] = True) -> list[bytes]: ...
    @overload
    def recv_parts(self, *, timeout: float | None = None, copy: Literal[False]) -> Message: ...
    def recv_parts(self, *, timeout: float | None = None, copy: bool = True) -> list[bytes] | Message:
        """Receives a message with all its parts. Of a SUB those are topic and payload, in either wire form.

        Args:
            timeout: seconds.
            copy: False gives a `Message`, which has `parts`; as for `recv`.

        Raises:
            ZMQTimeoutError: nothing arrived.
            ZMQStateError: it is not the turn of a REQ or REP.
            ZMQNotSupportedError: a socket of this type does not receive.
        """
        if copy and (timeout is None or is_usual(timeout)):
            if self._several:
                with contextlib.suppress(IndexError):
                    return self._several.popleft()
            elif self._ahead.limit == 1 and not self._queue and type(parts := self._core.receive_parts(0)) is list:
                return parts
        if not copy:
            self._ahead.turn_off()
            return self._run(timeout, _operations.receive_message_ahead, self._ahead, self._parts, False)
        self._ahead.wants_several = True
        return self._run(timeout, _operations.receive_parts_ahead, self._ahead, self._parts)


class Publishes(BaseSocket):
    """Publishes messages."""

    def publish(self, topic: str, payload: Any, *, timeout: float | None = None, copy: bool = True) -> None:
        """Publishes a message to the subscribers whose subscriptions begin its topic, in the socket's wire form.

        Messages that nobody has subscribed to are dropped, as ZeroMQ does; `wait_subscribers` tells when somebody has.

        Args:
            topic: a string; "" is a topic.
            payload: bytes, or any object with the buffer protocol.
            timeout: seconds, for a socket with `OnFull.WAIT`; others do not wait.
            copy: as for `send`. With `WireForm.SPACE` topic and payload are copied into one frame anyway.

        Raises:
            ZMQTimeoutError: a subscriber's queue stayed full.
            ZMQTooLargeError: the message is over the socket's `max_message_size`.
            ZMQInvalidError: the topic has a space, which ends it in the wire form `WireForm.SPACE`.
            ZMQNotSupportedError: a socket of this type does not publish.
            ZMQNoMemoryError: out of memory.
        """
        if (timeout is None or is_usual(timeout)) and not self._core.publish_at_once(topic, payload):
            if held_back:
                raise_held_back()
            return
        self._run(timeout, _operations.publish, topic, payload, copy)

    def publish_many(self, messages: Iterable[tuple[str, Any]], *, timeout: float | None = None) -> None:
        """Publishes messages in their order.

        Args:
            messages: topics and payloads, each as for `publish`.
            timeout: seconds for all together.

        Raises:
            ZMQSocketError: as `publish`; its `sent` says how many were taken, the others stay with the caller.
        """
        pairs = _operations.published_pairs(messages)
        self._run(timeout, _operations.publish_rest, pairs, 0)

    def publish_json(self, topic: str, value: Any, *, timeout: float | None = None) -> None:
        """Publishes a value as JSON in UTF-8.

        Args:
            topic: as for `publish`.
            value: what `json.dumps` takes; raises what that raises.
            timeout: as for `publish`.

        Raises:
            ZMQSocketError: as `publish`.
        """
        self.publish(topic, _json.dumps(value), timeout=timeout)

    def wait_subscribers(self, topic: str, count: int = 1, *, timeout: float | None = None) -> None:
        """Waits until a message of this topic reaches at least `count` subscribers: their subscriptions are in force,
        and the next publish arrives. Works with subscribers of every ZeroMQ library. The notices of an XPUB are
        received as ever, whether or not they have been counted.

        Args:
            topic: the topic of the messages to publish; not of 246 to 255 bytes, as for `subscribe`.
            count: subscribers, 0 or more.
            timeout: seconds.

        Raises:
            ZMQTimeoutError: there were fewer.
            ZMQNotSupportedError: not a PUB or XPUB socket; or an XPUB that has connected over tcp or ipc, or has one of
                the options that part its messages from its subscriptions (`ZMQ_XPUB_MANUAL`, `ZMQ_INVERT_MATCHING`).
        """
        self._run(timeout, _operations.wait_subscribers, topic, count)


class Subscribes(Subscriptions, BaseSocket):
    """Subscribes to topics."""

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
