# SPDX-License-Identifier: Apache-2.0
"""Messages by topic, both ways."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Unpack

from .._arguments import topic_name
from ..aio import Publisher, Subscriber
from ..context import ContextHandle
from ..errors import ZMQInvalidError
from ..socket_options import SocketOptions
from ._handling import HandlingService
from ._outcome import outcome
from ._service import USUAL_STOP_TIMEOUT, Endpoints, OnError, check_callable, endless, several
from .codec import JSON, Codec

Handler = Callable[[str, Any], object]
"""A function or coroutine function of topic and payload."""


def _ignore(topic: str, payload: Any) -> None:
    pass


class PubSubService(HandlingService[tuple[str, bytes], tuple[str, Any]]):
    """Publishes, and runs a handler for each message of the topics it has subscribed to.

    A message goes to the handler with the longest topic that its own begins with, as ZeroMQ matches subscriptions, and
    to the default handler if there is none. Handlers run one at a time, in the order of the messages. A plain function
    runs in the event loop, which waits for it. While one runs, messages wait in the subscriber's queue; when that is
    full, the publisher drops messages for this subscriber.

    A handler that raises, be it `SystemExit`, and a message that the codec can not read, is logged, counted, and told
    to `on_error`.
    `stop` returns topics and payloads; the payload of a message that can not be read is its bytes.
    """

    def __init__(
        self,
        *,
        publish_at: Endpoints = (),
        subscribe_to: Endpoints = (),
        handlers: Mapping[str, Handler] | None = None,
        default_handler: Handler | None = None,
        default_topics: str | Iterable[str] = ("",),
        codec: Codec = JSON,
        on_error: OnError | None = None,
        stop_timeout: float = USUAL_STOP_TIMEOUT,
        context: ContextHandle | None = None,
        **options: Unpack[SocketOptions],
    ) -> None:
        """Makes a service. Opens nothing.

        Args:
            publish_at: where the publisher binds (`>` before an endpoint connects, to a proxy for example); without
                one there is no publisher.
            subscribe_to: what the subscriber connects to (`@` before an endpoint binds); without one there is no
                subscriber.
            handlers: by topic.
            default_handler: for messages without a handler of their own.
            default_topics: what is subscribed to for the default handler, one or several; usually everything.
            codec: how payloads become bytes.
            on_error: told of each failure: the error, and topic and payload (None if the message has no topic).
            stop_timeout: seconds, for `stop` without a time-out and at the end of a `with` statement.
            context: a context of its own; None is the process-wide one.
            options: of both sockets; `wire_form` for example.

        Raises:
            ZMQInvalidError: a time or an option makes no sense; there is neither a `publish_at` nor a `subscribe_to`;
                there is a handler and no `subscribe_to`.
            TypeError: an argument, which it names, is of a wrong type, or there is no such option.
        """
        super().__init__(
            concurrency=1,
            codec=codec,
            on_error=on_error,
            stop_timeout=stop_timeout,
            context=context,
            options=options,
        )
        self._publish_at = several(publish_at, "publish_at")
        self._subscribe_to = several(subscribe_to, "subscribe_to")
        self._handlers: dict[str, Handler] = {}
        self._default_handler = _ignore if default_handler is None else default_handler
        self._default_topics = () if default_handler is None else several(default_topics, "default_topics")
        check_callable(self._default_handler, "default_handler")
        if not isinstance(handlers, Mapping | None):
            raise TypeError(f"handlers must be a mapping of topics to functions, not {type(handlers).__name__}")
        if not self._subscribe_to:
            if handlers or default_handler is not None:
                name = "are handlers" if handlers else "is a default_handler"
                raise ZMQInvalidError(f"there {name}, and no subscribe_to to receive from")
            if not self._publish_at:
                raise ZMQInvalidError("there is neither a publish_at nor a subscribe_to")
        for topic, handler in (handlers or {}).items():
            check_callable(handler, f"handlers[{topic!r}]")
            self.handle(topic, handler)

    @property
    def publisher(self) -> Publisher:
        """The socket that publishes, while the service runs: for its endpoint, `wait_subscribers`, events.

        Raises:
            ZMQStateError: the service does not run.
        """
        return self._socket("publisher", Publisher)

    @property
    def subscriber(self) -> Subscriber:
        """The socket that receives, while the service runs: for its endpoint, `wait_subscribed`, events. Receiving is
        the service's.

        Raises:
            ZMQStateError: the service does not run.
        """
        return self._socket("subscriber", Subscriber)

    def handle(self, topic: str, handler: Handler) -> None:
        """Subscribes to a topic, or takes another handler for it. Possible at any time, and never waits.

        Args:
            topic: what the messages' topics begin with.
            handler: what to run.

        Raises:
            ZMQInvalidError: the topic is none; the service has no `subscribe_to`.
            TypeError: the topic is no `str`, or the handler can not be called.
        """
        if not self._subscribe_to:
            raise ZMQInvalidError("a service without subscribe_to receives nothing to handle")
        check_callable(handler, "handler")
        topic_name(topic)
        if "subscriber" in self._sockets and topic not in self._handlers:
            self.subscriber.subscribe(topic)
        self._handlers[topic] = handler

    async def publish(self, topic: str, payload: Any, *, timeout: float | None = None) -> None:
        """Publishes a value. Arguments and errors are those of `Publisher.publish`, and what the codec raises.

        Raises:
            ZMQStateError: the service does not run.
        """
        await self.publisher.publish(topic, self._codec.dumps(payload), timeout=timeout)

    # How it works

    async def _open(self, timeout: float | None) -> None:
        if self._publish_at:
            publisher = Publisher(context=self._context, **self._options)
            await self._link("publisher", publisher, self._publish_at, timeout, binds=True)
        if self._subscribe_to:
            subscriber = Subscriber(context=self._context, **self._options)
            await self._link("subscriber", subscriber, self._subscribe_to, timeout, binds=False)
            for topic in {*self._handlers, *self._default_topics}:
                subscriber.subscribe(topic)

    async def _receive(self) -> None:
        if self._subscribe_to:
            await super()._receive()
        else:
            await asyncio.Event().wait()

    async def _take(self, timeout: float | None) -> tuple[str, bytes]:
        return await self.subscriber.recv(timeout=endless(self.subscriber) if timeout is None else timeout)

    async def _handle(self, item: tuple[str, bytes]) -> None:
        topic, payload = item
        subject: Any = payload
        try:
            subject = self._codec.loads(payload)
            await outcome(self._handler_for(topic), topic, subject)
        except Exception as error:
            await self._report(error, (topic, subject))
        else:
            self._handled += not self._is_left_out()

    def _handler_for(self, topic: str) -> Handler:
        fitting = [known for known in self._handlers if topic.startswith(known)]
        return self._handlers[max(fitting, key=len)] if fitting else self._default_handler

    async def _hand_back(self, item: tuple[str, bytes]) -> tuple[str, Any]:
        topic, payload = item
        try:
            return topic, self._codec.loads(payload)
        except Exception:
            return topic, payload
