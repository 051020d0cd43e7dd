# SPDX-License-Identifier: Apache-2.0
"""The classes of the Experimance utilities, under their old names: messages are dicts, on the wire they are JSON.

    from experimance_zmq.zmq_utils import MessageType, ZmqPublisher, ZmqSubscriber

    publisher = ZmqPublisher("tcp://*:5555", "events", use_asyncio=False)
    subscriber = ZmqSubscriber("tcp://localhost:5555", ["events"], use_asyncio=False)
    publisher.publish({"type": MessageType.ERA_CHANGED, "era": "wilderness"})
    topic, message = subscriber.receive()

A published message is one frame, `topic SP json`; a pushed one is the JSON alone. The peers may be of any library.

The constructors bind or connect. A publisher and a push socket bind, which takes up to a second while the address is in
use. A subscriber and a pull socket connect in the background: the peer may start later, go away and come back. The
first messages of a publisher reach nobody, as always with ZeroMQ, unless it waits:
`publisher.socket.wait_subscribers("events", timeout=5)`.

The methods that block and the coroutines (`…_async`) work on every instance, whatever `use_asyncio` says; one that
blocks holds up the event loop when it is called there. A send waits for at most `DEFAULT_TIMEOUT`, a receive for
`DEFAULT_RECV_TIMEOUT`. A receive that times out or is cancelled loses no message.

`close()` is to be called, or the instance used in a `with` statement. It takes at most 1.1 seconds: a second for what
is still queued.
"""

import enum
from collections.abc import Iterable
from typing import Any

from . import _operations, aio
from ._deadline import Deadline
from ._json_sockets import ZmqException, ZmqSender, ZmqSocket, ZmqTimeoutError, failure, from_json, logger
from ._run import run
from .constants import DEFAULT_RECV_TIMEOUT, DEFAULT_TIMEOUT
from .errors import ZMQProtocolError, ZMQSocketError, ZMQStateError, ZMQTimeoutError
from .socket_options import WireForm
from .sockets import Publisher, Puller, Pusher, Subscriber

__all__ = [
    "MessageType",
    "ZmqException",
    "ZmqPublisher",
    "ZmqPullSocket",
    "ZmqPushSocket",
    "ZmqSubscriber",
    "ZmqTimeoutError",
]

_SEND_TIMEOUT = DEFAULT_TIMEOUT / 1000


class MessageType(enum.StrEnum):
    """What the services tell each other: the `type` of a message."""

    ERA_CHANGED = "EraChanged"
    RENDER_REQUEST = "RenderRequest"
    IDLE_STATUS = "IdleStatus"
    IMAGE_READY = "ImageReady"
    TRANSITION_READY = "TransitionReady"
    LOOP_READY = "LoopReady"
    AGENT_CONTROL_EVENT = "AgentControlEvent"
    TRANSITION_REQUEST = "TransitionRequest"
    LOOP_REQUEST = "LoopRequest"
    HEARTBEAT = "Heartbeat"


class ZmqPublisher(ZmqSender[Publisher, aio.Publisher]):
    """Publishes dicts under one topic."""

    def __init__(self, address: str, topic: str = "", use_asyncio: bool = True) -> None:
        """Binds.

        Args:
            address: where subscribers find it: `tcp://*:5555`, `ipc://…`.
            topic: the topic of every message, without a space, which ends a topic on the wire.
            use_asyncio: for which kind of program it is; nothing depends on it.

        Raises:
            ZmqException: it can not be bound, or the topic can not be sent.
        """
        if " " in topic:
            raise ZmqException(f"the topic {topic!r} can not be sent: it has a space")
        self.topic = topic
        socket = Publisher(wire_form=WireForm.SPACE, default_timeout=_SEND_TIMEOUT)
        super().__init__(address, use_asyncio, socket, aio.Publisher)
        self._link(lambda: socket.bind(address))

    def publish(self, message: dict[str, Any]) -> bool:
        """Publishes a message. False if that failed; the log says why."""
        return self._send(message, lambda data: self.socket.publish(self.topic, data))

    async def publish_async(self, message: dict[str, Any]) -> bool:
        """As `publish`."""
        return await self._send_async(message, lambda data: self.aio_socket.publish(self.topic, data))


class ZmqPushSocket(ZmqSender[Pusher, aio.Pusher]):
    """Pushes dicts to pull sockets, to each in turn."""

    def __init__(self, address: str, use_asyncio: bool = True) -> None:
        """Binds. Arguments and errors are those of `ZmqPublisher`."""
        socket = Pusher(default_timeout=_SEND_TIMEOUT)
        super().__init__(address, use_asyncio, socket, aio.Pusher)
        self._link(lambda: socket.bind(address))

    def push(self, message: dict[str, Any]) -> bool:
        """Pushes a message. False if no pull socket took it in time, or it failed otherwise; the log says why."""
        return self._send(message, self.socket.send)

    async def push_async(self, message: dict[str, Any]) -> bool:
        """As `push`."""
        return await self._send_async(message, self.aio_socket.send)


class ZmqSubscriber(ZmqSocket[Subscriber, aio.Subscriber]):
    """Receives the dicts of the topics it subscribes to."""

    def __init__(self, address: str, topics: str | Iterable[str], use_asyncio: bool = True) -> None:
        """Connects in the background and subscribes.

        Args:
            address: where the publisher is: `tcp://localhost:5555`, `ipc://…`; `*` is for binding only.
            topics: a topic or several. Each stands for all that begin with it, "" for everything; none is nothing.
            use_asyncio: for which kind of program it is; nothing depends on it.

        Raises:
            ZmqException: the address or a topic makes no sense.
        """
        self.topics = [topics] if isinstance(topics, str) else list(topics)
        socket = Subscriber(wire_form=WireForm.SPACE, default_timeout=DEFAULT_RECV_TIMEOUT)
        super().__init__(address, use_asyncio, socket, aio.Subscriber)
        self._link(self._subscribe_and_connect)

    def _subscribe_and_connect(self) -> None:
        for topic in self.topics:
            self.socket.subscribe(topic)
        self.socket.connect(self.address, background=True)

    def receive(self) -> tuple[str, dict[str, Any]]:
        """Receives a message: its topic and the dict. A message that is not JSON is logged, and is `("", {})`; JSON
        that is no object comes as it is.

        Raises:
            ZmqTimeoutError: nothing arrived.
            ZmqException: it is closed, or it failed otherwise.
        """
        try:
            topic, payload = self.socket.recv()
        except ZMQSocketError as error:
            return self._nothing(error)
        return from_json(topic, payload)

    async def receive_async(self) -> tuple[str, dict[str, Any]]:
        """As `receive`."""
        try:
            topic, payload = await self.aio_socket.recv()
        except ZMQSocketError as error:
            return self._nothing(error)
        return from_json(topic, payload)

    def _nothing(self, error: ZMQSocketError) -> tuple[str, dict[str, Any]]:
        if not isinstance(error, ZMQProtocolError):
            raise failure(error) from error
        logger.error("%s", error)
        return "", {}


class ZmqPullSocket(ZmqSocket[Puller, aio.Puller]):
    """Receives the dicts that push sockets send."""

    def __init__(self, address: str, use_asyncio: bool = True) -> None:
        """Connects in the background. Arguments and errors are those of `ZmqSubscriber`."""
        socket = Puller(default_timeout=DEFAULT_RECV_TIMEOUT)
        super().__init__(address, use_asyncio, socket, aio.Puller)
        self._link(lambda: socket.connect(address, background=True))

    def pull(self) -> dict[str, Any]:
        """Receives a message. One that is not JSON is logged, and is `{}`; JSON that is no object comes as it is.

        Raises:
            ZmqTimeoutError: nothing arrived.
            ZmqException: it is closed, or it failed otherwise.
        """
        while True:
            try:
                payload: bytes | None = self.socket.recv()
            except ZMQSocketError as error:
                payload = self._payload_of_parts(error)
            if payload is not None:
                return from_json("", payload)[1]

    async def pull_async(self) -> dict[str, Any]:
        """As `pull`."""
        while True:
            try:
                payload: bytes | None = await self.aio_socket.recv()
            except ZMQSocketError as error:
                payload = self._payload_of_parts(error)
            if payload is not None:
                return from_json("", payload)[1]

    def _payload_of_parts(self, error: ZMQSocketError) -> bytes | None:
        """Takes a message of several parts out of the way, which no receive of one part does; None if another thread
        has done so.
        """
        if not isinstance(error, ZMQStateError):
            raise failure(error) from error
        core, deadline = self.socket._core, Deadline(0)
        try:
            return b"".join(run(_operations.receive_parts(core, deadline), deadline))
        except ZMQTimeoutError:
            return None
        except ZMQSocketError as other:
            raise failure(other) from other
