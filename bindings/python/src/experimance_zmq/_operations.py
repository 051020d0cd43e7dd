# SPDX-License-Identifier: Apache-2.0
"""What a socket does that can wait, as operations (see `_run`)."""

import contextlib
import ctypes
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, TypeVar

from . import _abi, _reasons
from ._arguments import UINT32_MAX, text, topic_name, topic_text, whole
from ._core import SocketCore, detailed
from ._deadline import Deadline
from ._lending import as_bytes, as_part, is_lent, shortest_lent
from ._log import raise_held_back
from ._message import Message, first_part, message_of
from ._prefetch import Prefetch
from ._run import Call, Operation
from .errors import ZMQInvalidError, ZMQProtocolError, ZMQSocketError
from .observing import Event

T = TypeVar("T")
U = TypeVar("U")
ReceiveOne = Callable[[SocketCore, Deadline], Operation[T]]
"""Receives one message, of which nothing is known yet."""


def _only(call: Call, core: SocketCore, deadline: Deadline, doing: str) -> Operation[None]:
    """A call with nothing to bring back."""
    status = yield call
    if status != _abi.EXZ_OK:
        raise core.failure(status, doing, deadline)


# Links


def _link(deadline: Deadline, endpoint: str, function: Callable[[int, Any], int]) -> Operation[None]:
    """A bind or a connect."""
    details = _abi.exz_error(size=ctypes.sizeof(_abi.exz_error))

    def call(timeout_ms: int) -> int:
        return function(timeout_ms, details)

    status = yield call
    if status != _abi.EXZ_OK:
        raise detailed(status, details, deadline, endpoint)


def bind(core: SocketCore, deadline: Deadline, endpoint: str) -> Operation[str]:
    """Binds; the endpoint with the port the system chose."""
    yield from _link(deadline, endpoint, partial(_abi.exz_socket_bind, core.handle, text(endpoint, "endpoint")))
    return core.endpoint()


def connect(core: SocketCore, deadline: Deadline, endpoint: str, background: bool) -> Operation[None]:
    """Connects."""
    flags = _abi.EXZ_CONNECT_BACKGROUND if background else 0
    yield from _link(
        deadline, endpoint, partial(_abi.exz_socket_connect, core.handle, text(endpoint, "endpoint"), flags)
    )


# Messages


def send(core: SocketCore, deadline: Deadline, data: Any, copy: bool = True) -> Operation[None]:
    """Sends a message of one part, or a received one with all it has."""
    if isinstance(data, Message):
        status = yield partial(core.send_message, data)
    else:
        data = as_part(data, copy)
        if is_lent(data, copy):
            status = yield partial(core.send_lent, (data,), shortest_lent(copy))
        else:
            status = yield partial(_abi.exz_send, core.handle, data, len(data), 0)
    if status != _abi.EXZ_OK:
        raise core.failure(status, "send", deadline, _reasons.sending(status, core, [first_part(data)]))


def send_parts(core: SocketCore, deadline: Deadline, parts: Iterable[Any], copy: bool = True) -> Operation[None]:
    """Sends a message of several parts."""
    payloads = tuple(as_part(part, copy) for part in parts)
    status = yield partial(core.send_lent, payloads, shortest_lent(copy))
    if status != _abi.EXZ_OK:
        first = [first_part(payload) for payload in payloads[:1]]
        raise core.failure(status, "send_parts", deadline, _reasons.sending(status, core, first))


def receive(core: SocketCore, deadline: Deadline) -> Operation[bytes]:
    """Receives a message of one part."""
    answer: bytes | int = yield core.receive
    if isinstance(answer, int):
        raise core.failure(answer, "recv", deadline, _reasons.receiving(answer, core))
    return answer


def receive_ahead(
    core: SocketCore,
    deadline: Deadline,
    ahead: Prefetch[T],
    receive_one: ReceiveOne[T],
) -> Operation[T]:
    """Receives a message that is here already, or a batch, or else waits for one."""
    while True:
        try:
            return ahead.queue.popleft()
        except IndexError:
            pass
        if ahead.several:
            _refuse_several(core, deadline, ahead)
        try:
            status = ahead.fill(core, waiter=deadline)
            # What came is here to stay.
            raise_held_back()
            # Where it is no time-out: whoever receives one knows what to say of it.
            if status in (_abi.EXZ_ERR_TIMEOUT, _abi.EXZ_ERR_STATE):
                message = yield from receive_one(core, deadline)
                ahead.note(message)
                return message
        finally:
            ahead.end_wait(deadline)
        if status != _abi.EXZ_OK:
            raise core.failure(status, "recv", deadline)


def check_count(max_count: int) -> int:
    """How many messages to take at most."""
    most = whole(max_count, "max_count", UINT32_MAX)
    if most < 1:
        raise ZMQInvalidError("max_count is 0, it must be at least 1")
    return most


def receive_several(
    core: SocketCore,
    deadline: Deadline,
    ahead: Prefetch[T],
    receive_one: ReceiveOne[T],
    max_count: int,
) -> Operation[list[T]]:
    """Receives one message, and what else is there."""
    most = check_count(max_count)
    received = [(yield from receive_ahead(core, deadline, ahead, receive_one))]
    while len(received) < most:
        try:
            received.append(ahead.queue.popleft())
        except IndexError:
            if ahead.several or ahead.take(core) != _abi.EXZ_OK:
                break
    return received


def send_rest(core: SocketCore, deadline: Deadline, data: tuple[Any, ...], total: int) -> Operation[None]:
    """Sends messages in their order, after those that have been sent."""
    # Where some have been sent, all are bytes.
    payloads: tuple[Any, ...] = (
        data if total or set(map(type, data)) == {bytes} else tuple(as_part(each, copy=True) for each in data)
    )
    status = _abi.EXZ_OK
    while total < len(payloads) and status == _abi.EXZ_OK:
        if is_lent(payloads[total], copy=True):
            status = yield partial(core.send_lent, payloads[total : total + 1], shortest_lent(copy=True))
            total += status == _abi.EXZ_OK
        else:
            status, total = yield partial(core.send_rest, payloads, total)
        if (
            status == _abi.EXZ_OK
            and total < len(payloads)
            and deadline.milliseconds
            and not deadline.remaining_milliseconds()
        ):
            core.timeouts += 1
            status = _abi.EXZ_ERR_TIMEOUT
    if status != _abi.EXZ_OK:
        error = core.failure(status, f"send_many (after {total} of {len(payloads)} messages)", deadline)
        error.sent = total
        raise error


def receive_parts(core: SocketCore, deadline: Deadline) -> Operation[list[bytes]]:
    """Receives a message with all its parts."""
    answer: list[bytes] | int = yield core.receive_parts
    if isinstance(answer, int):
        raise core.failure(answer, "recv", deadline, _reasons.receiving(answer, core, with_parts=True))
    return answer


def receive_parts_ahead(
    core: SocketCore, deadline: Deadline, ahead: Prefetch[T], parts: Callable[[T], list[bytes]]
) -> Operation[list[bytes]]:
    """The same of a message that is here already, or of a batch.

    Args:
        parts: makes the parts of what is not received with them.
    """
    while True:
        with contextlib.suppress(IndexError):
            return ahead.several.popleft()
        with contextlib.suppress(IndexError):
            return parts(ahead.queue.popleft())
        try:
            status = ahead.fill(core, waiter=deadline)
            raise_held_back()
            if status in (_abi.EXZ_ERR_TIMEOUT, _abi.EXZ_ERR_STATE):
                message = yield from receive_parts(core, deadline)
                ahead.note_parts(message)
                return message
        finally:
            ahead.end_wait(deadline)
        if status != _abi.EXZ_OK:
            raise core.failure(status, "recv", deadline)


def receive_message(core: SocketCore, deadline: Deadline, is_single: bool) -> Operation[Message]:
    """Receives a message where it lies; one of several parts is kept if there should be one."""
    answer: Message | int = yield partial(core.receive_message, is_single)
    if isinstance(answer, int):
        raise core.failure(answer, "recv", deadline, _reasons.receiving(answer, core, with_parts=not is_single))
    return answer


def receive_message_ahead(
    core: SocketCore, deadline: Deadline, ahead: Prefetch[T], parts: Callable[[T], list[bytes]], is_single: bool
) -> Operation[Message]:
    """The same, where a message may be here already, of which one is to be made."""
    # Another thread may be faster.
    with contextlib.suppress(IndexError):
        return message_of(*parts(ahead.queue.popleft()))
    if is_single and ahead.several:
        _refuse_several(core, deadline, ahead)
    with contextlib.suppress(IndexError):
        return message_of(*ahead.several.popleft())
    return (yield from receive_message(core, deadline, is_single))


def _refuse_several(core: SocketCore, deadline: Deadline, ahead: Prefetch[T]) -> None:
    """Where a message of several parts is here, and something else was asked for. It stays for who asks for it; who
    asks for topic and payload uses it up.
    """
    if not ahead.is_published:
        raise core.failure(_abi.EXZ_ERR_STATE, "recv", deadline, _reasons.receiving(_abi.EXZ_ERR_STATE, core))
    with contextlib.suppress(IndexError):
        _as_published(ahead.several.popleft(), core, deadline)


# Publish and subscribe


def publish(core: SocketCore, deadline: Deadline, topic: str, data: Any, copy: bool = True) -> Operation[None]:
    """Publishes a message."""
    payload, name = as_part(data, copy), topic_name(topic)
    if core.publishes_in_parts and is_lent(payload, copy):
        status = yield partial(core.publish_lent, (name, payload), shortest_lent(copy))
    else:
        # Topic and payload in one frame have to be put together.
        payload = as_bytes(payload)
        status = yield partial(_abi.exz_publish_bytes, core.handle, name, len(name), payload, len(payload))
    if status == _abi.EXZ_ERR_INVALID and b" " in name:
        raise ZMQInvalidError(f"the topic {topic!r} has a space, which ends a topic in this wire form")
    if status != _abi.EXZ_OK:
        raise core.failure(status, "publish", deadline)


def publish_rest(
    core: SocketCore, deadline: Deadline, messages: tuple[tuple[str, Any], ...], total: int
) -> Operation[None]:
    """Publishes messages in their order, after those that have been published."""
    try:
        while total < len(messages):
            yield from publish(core, deadline, *messages[total])
            total += 1
            while total < len(messages) and not core.publish_at_once(*messages[total]):
                total += 1
    except ZMQSocketError as error:
        error.sent = total
        raise


def published_pairs(messages: Iterable[tuple[str, Any]]) -> tuple[tuple[str, Any], ...]:
    """Topics and payloads, of which each can be published: so none is if one can not."""
    pairs = []
    for topic, payload in messages:
        topic_name(topic)
        pairs.append((topic, as_part(payload, copy=True)))
    return tuple(pairs)


def receive_published(core: SocketCore, deadline: Deadline) -> Operation[tuple[str, bytes]]:
    """Receives a published message: topic and payload."""
    topic, payload = _as_published((yield from receive_parts(core, deadline)), core, deadline)
    return topic_text(topic), payload


def receive_published_message(
    core: SocketCore, deadline: Deadline, ahead: Prefetch[T], parts: Callable[[T], list[bytes]]
) -> Operation[tuple[str, memoryview]]:
    """The same where it lies."""
    message = yield from receive_message_ahead(core, deadline, ahead, parts, False)
    topic, payload = _as_published(message.parts, core, deadline)
    return topic_text(bytes(topic)), payload


def _as_published(parts: Sequence[U], core: SocketCore, deadline: Deadline) -> Sequence[U]:
    if len(parts) != 2:
        raise ZMQProtocolError(
            f"a message of {len(parts)} frame{'s' if len(parts) > 1 else ''} came, not topic and payload, and is used "
            "up; has the publisher another wire form? recv_parts receives what comes as it is",
            elapsed=deadline.elapsed,
            endpoint=core.endpoint_or_nothing(),
        )
    return parts


def wait_subscribers(core: SocketCore, deadline: Deadline, topic: str, count: int) -> Operation[None]:
    """Waits for subscribers of a topic."""
    number, name = whole(count, "count", UINT32_MAX), topic_name(topic)
    status = yield partial(_abi.exz_wait_subscribers_bytes, core.handle, name, len(name), number)
    if status != _abi.EXZ_OK:
        doing = f"wait_subscribers for {number} of {topic!r}"
        raise core.failure(status, doing, deadline, _reasons.subscribing(status, name))


def wait_subscribed(core: SocketCore, deadline: Deadline) -> Operation[None]:
    """Waits until the subscriptions are in force."""
    return _only(partial(_abi.exz_wait_subscribed, core.handle), core, deadline, "wait_subscribed")


# Observing


def wait_peers(core: SocketCore, deadline: Deadline, count: int) -> Operation[None]:
    """Waits for peers."""
    number = whole(count, "count", UINT32_MAX)
    call = partial(_abi.exz_wait_peers, core.handle, number)
    return _only(call, core, deadline, f"wait_peers for {number}")


def await_any(core: SocketCore, deadline: Deadline, what: int, doing: str) -> Operation[None]:
    """Waits until there is a message or an event (`EXZ_POLL_…`), and takes none."""
    items = (_abi.exz_poll_item * 1)()
    items[0].socket = core.handle
    items[0].events = what
    return _only(partial(_abi.exz_poll, items, 1), core, deadline, doing)


def next_event(core: SocketCore, deadline: Deadline) -> Operation[Event]:
    """The next event."""
    event = _abi.exz_event(size=ctypes.sizeof(_abi.exz_event))
    status = yield partial(_abi.exz_next_event, event, core.handle)
    if status != _abi.EXZ_OK:
        raise core.failure(status, "next_event", deadline)
    return Event._from_struct(event)
