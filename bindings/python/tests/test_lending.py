# SPDX-License-Identifier: Apache-2.0
"""What is sent without a copy: that it is not copied, and comes back exactly once, whatever becomes of the message."""

import asyncio
import gc
import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy
import pytest

from both_loops import both_loops, turns
from event_reader import PATIENCE
from experimance_zmq import (
    Context,
    Message,
    Publisher,
    Puller,
    Pusher,
    Socket,
    SocketType,
    Subscriber,
    WireForm,
    ZMQClosedError,
    ZMQInvalidError,
    ZMQNotSupportedError,
    ZMQSocketError,
    ZMQTimeoutError,
    ZMQTooLargeError,
    ZMQUnreachableError,
    _lending,
    aio,
)
from lent_memory import LARGE, await_all_back, hold, inproc, linked

MAKERS: dict[str, Callable[[], Any]] = {
    "bytes": lambda: bytes(range(256)) * 400,
    "bytearray": lambda: bytearray(range(256)) * 400,
    "memoryview": lambda: memoryview(bytearray(range(256)) * 400)[100:-100],
    "an array": lambda: numpy.arange(100_000, dtype="float32").reshape(100, 1000),
    "an array that can not be changed": lambda: numpy.frombuffer(bytes(100_000), dtype="uint16"),
}


@pytest.fixture(autouse=True)
def all_is_back() -> Iterator[None]:
    await_all_back()
    yield
    await_all_back()


@pytest.fixture
def pair() -> Iterator[tuple[Pusher, Puller]]:
    with Puller() as puller, Pusher(linger=0) as pusher:
        linked(puller, pusher)
        yield pusher, puller


def address(data: Any) -> int:
    return int(numpy.frombuffer(data, dtype="uint8").ctypes.data)


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_memory_that_is_lent_is_what_arrives(make: Callable[[], Any], pair: tuple[Pusher, Puller]) -> None:
    pusher, puller = pair
    data = make()
    held = hold(data)
    pusher.send(data, timeout=PATIENCE, copy=False)
    assert _lending.lent_now() == 1
    message = puller.recv(timeout=PATIENCE, copy=False)
    assert address(message) == address(data)
    assert bytes(message) == memoryview(data).tobytes()
    del message
    held.await_return()


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_memory_that_is_lent_goes_over_tcp(make: Callable[[], Any], tcp: str) -> None:
    with Puller() as puller, Pusher() as pusher:
        pusher.connect(puller.bind(tcp), timeout=PATIENCE)
        data = make()
        held = hold(data)
        for _ in range(20):
            pusher.send(data, timeout=PATIENCE, copy=False)
            assert puller.recv(timeout=PATIENCE) == memoryview(data).tobytes()
        held.await_return()


def test_large_bytes_are_never_copied(pair: tuple[Pusher, Puller]) -> None:
    pusher, puller = pair
    for size, is_copied in ((LARGE - 1, True), (LARGE, False), (1 << 20, False)):
        data = bytes(size)
        pusher.send(data, timeout=PATIENCE)
        pusher.send_many([b"short", data], timeout=PATIENCE)
        pusher.send_parts([data], timeout=PATIENCE)
        received = [puller.recv(timeout=PATIENCE, copy=False) for _ in range(4)]
        assert bytes(received.pop(1)) == b"short"
        assert [address(message) != address(data) for message in received] == [is_copied] * 3
        del received


def test_what_may_change_is_copied_unless_asked_otherwise(pair: tuple[Pusher, Puller]) -> None:
    pusher, puller = pair
    data = bytearray(b"x" * LARGE)
    for is_lent in (False, True):
        pusher.send(data, timeout=PATIENCE, copy=not is_lent)
        pusher.send_parts([data], timeout=PATIENCE, copy=not is_lent)
        for _ in range(2):
            assert (address(puller.recv(timeout=PATIENCE, copy=False)) == address(data)) is is_lent
    await_all_back()


def test_what_is_short_is_copied_in_any_case(pair: tuple[Pusher, Puller]) -> None:
    pusher, puller = pair
    data = bytearray(4095)
    pusher.send(data, timeout=PATIENCE, copy=False)
    assert _lending.lent_now() == 0
    assert puller.recv(timeout=PATIENCE) == bytes(4095)


def test_each_part_is_lent(pair: tuple[Pusher, Puller]) -> None:
    pusher, puller = pair
    parts: list[Any] = [b"short", bytearray(LARGE), numpy.ones(LARGE), b""]
    held = [hold(parts[1]), hold(parts[2])]
    pusher.send_parts(parts, timeout=PATIENCE, copy=False)
    message = puller.recv_parts(timeout=PATIENCE, copy=False)
    assert [part.tobytes() for part in message.parts] == [memoryview(part).tobytes() for part in parts]
    assert [address(message.parts[number]) for number in (1, 2)] == [address(parts[number]) for number in (1, 2)]
    del message
    for each in held:
        each.await_return()


@pytest.mark.parametrize("wire_form", WireForm, ids=lambda form: form.name)
def test_published_memory_is_lent_where_it_is_a_frame_of_its_own(wire_form: WireForm) -> None:
    with Publisher(wire_form=wire_form) as publisher, Subscriber(wire_form=wire_form) as subscriber:
        subscriber.subscribe("")
        linked(publisher, subscriber)
        publisher.wait_subscribers("", timeout=PATIENCE)
        image = numpy.arange(LARGE)
        held = hold(image)
        publisher.publish("image", image, timeout=PATIENCE, copy=False)
        topic, payload = subscriber.recv(timeout=PATIENCE, copy=False)
        assert (topic, bytes(payload)) == ("image", image.tobytes())
        assert (address(payload) == address(image)) is (wire_form is WireForm.MULTIPART)
        del payload
        held.await_return()
        publisher.publish("large", bytes(LARGE), timeout=PATIENCE)
        assert subscriber.recv(timeout=PATIENCE) == ("large", bytes(LARGE))


def test_a_lent_bytearray_can_not_be_resized(pair: tuple[Pusher, Puller]) -> None:
    pusher, puller = pair
    data = bytearray(LARGE)
    pusher.send(data, timeout=PATIENCE, copy=False)
    with pytest.raises(BufferError):
        data.append(1)
    puller.recv(timeout=PATIENCE)
    await_all_back()
    data.append(1)


def test_memory_in_pieces_is_refused(pair: tuple[Pusher, Puller]) -> None:
    pusher, puller = pair
    columns = numpy.ones((500, 500))[:, ::2]
    for send in (pusher.send, lambda data, **named: pusher.send_parts([data], **named)):
        with pytest.raises(ZMQInvalidError, match="one piece"):
            send(columns, copy=False)
        send(columns, timeout=PATIENCE)
        assert puller.recv(timeout=PATIENCE) == columns.tobytes()
    with pytest.raises(TypeError, match="encode it"):
        pusher.send("text", copy=False)


def test_what_was_not_sent_is_back_at_once(tcp: str) -> None:
    data = bytearray(LARGE)
    large = bytes(LARGE)
    subjects = [hold(data), hold(large)]

    def fails(error: type[ZMQSocketError], send: Callable[..., None], *arguments: Any, **named: Any) -> None:
        with pytest.raises(error):
            send(*arguments, timeout=named.pop("timeout", 0), **named)
        assert _lending.lent_now() == 0

    with Pusher() as alone, Pusher(max_message_size=1000) as small, Socket(SocketType.PULL) as puller:
        for pusher in (alone, small):
            pusher.bind(tcp)
        for each in (data, large):
            fails(ZMQTimeoutError, alone.send, each, copy=False)
            fails(ZMQTimeoutError, alone.send, each, copy=False, timeout=0.01)
            fails(ZMQTimeoutError, alone.send_parts, [each, each], copy=False)
            fails(ZMQTooLargeError, small.send, each, copy=False)
            fails(ZMQNotSupportedError, puller.send, each, copy=False)
        fails(ZMQTimeoutError, alone.send, large)
        fails(ZMQTimeoutError, alone.send_many, [large] * 3)
        fails(ZMQNotSupportedError, puller.publish, "topic", data, copy=False)
    with Socket(SocketType.ROUTER) as router:
        router.bind(tcp)
        fails(ZMQUnreachableError, router.send_parts, [b"nobody", data, large], copy=False)
        fails(ZMQUnreachableError, router.send_parts, [large, data], copy=False)
    fails(ZMQClosedError, router.send_parts, [b"nobody", data], copy=False)
    fails(ZMQClosedError, router.publish, "topic", data, copy=False)
    del each
    gc.collect()  # errors have their frames, and those their arguments
    assert [subject.references for subject in subjects] == [0, 0]


@pytest.mark.parametrize("by", ["the sender", "the receiver", "both", "the context"])
def test_what_is_queued_is_back_when_it_is_given_up(by: str) -> None:
    with Context() as context:
        puller, pusher = Puller(context=context), Pusher(context=context, linger=0)
        linked(puller, pusher)
        subjects = [hold(bytearray(LARGE)) for _ in range(10)]
        for subject in subjects:
            pusher.send(subject.data, timeout=PATIENCE, copy=False)
        assert _lending.lent_now() == 10
        if by in ("the sender", "both"):
            pusher.close(linger=0)
        if by != "the context":
            # Over inproc what is queued is the receiver's.
            puller.close(linger=0)
            pusher.close(linger=0)
        else:
            context.close(linger=0)
        for subject in subjects:
            subject.await_return()


def test_memory_comes_back_while_nobody_calls(pair: tuple[Pusher, Puller]) -> None:
    """Another thread receives, so libzmq is done with it there: the main thread is asked to take it back."""
    pusher, puller = pair
    subjects = [hold(bytes([number]) * LARGE) for number in range(50)]
    for subject in subjects:
        pusher.send(subject.data, timeout=PATIENCE)
    receiver = threading.Thread(target=lambda: [puller.recv(timeout=PATIENCE) for _ in subjects])
    receiver.start()
    for subject in subjects:
        subject.await_return()
    receiver.join()


def test_ten_thousand_messages_take_no_more_memory_than_the_queues(tcp: str) -> None:
    with Puller(receive_hwm=10) as puller, Pusher(send_hwm=10) as pusher:
        pusher.connect(puller.bind(tcp), timeout=PATIENCE)
        most = 0

        def receive() -> None:
            for _ in range(10_000):
                message = puller.recv(timeout=PATIENCE, copy=False)
                assert len(message) == LARGE

        receiver = threading.Thread(target=receive)
        receiver.start()
        for _ in range(10_000):
            pusher.send(bytes(LARGE), timeout=PATIENCE)
            most = max(most, _lending.lent_now())
        receiver.join()
        # The queues, and what libzmq's thread is at.
        assert 0 < most < 100


def test_many_threads_send_at_once(tcp: str) -> None:
    with Puller() as puller, Pusher() as pusher:
        pusher.connect(puller.bind(tcp), timeout=PATIENCE)
        held = hold(bytearray(LARGE))

        def send() -> None:
            for _ in range(200):
                pusher.send(held.data, timeout=PATIENCE, copy=False)

        threads = [threading.Thread(target=send) for _ in range(5)]
        for thread in threads:
            thread.start()
        for _ in range(1000):
            assert len(puller.recv(timeout=PATIENCE)) == LARGE
        for thread in threads:
            thread.join()
        held.await_return()


@both_loops
async def test_tasks_lend_and_receive_without_copies() -> None:
    async with aio.Puller() as puller, aio.Pusher(linger=0) as pusher:
        await pusher.connect(await puller.bind(inproc()), timeout=PATIENCE)
        array = numpy.arange(LARGE)
        held = hold(array)
        await pusher.send(array, copy=False)
        await pusher.send_parts([b"head", array], copy=False)
        message = await puller.recv(timeout=PATIENCE, copy=False)
        assert address(message) == address(array)
        parts = await puller.recv_parts(timeout=PATIENCE, copy=False)
        assert address(parts.parts[1]) == address(array)
        await pusher.send(message)
        assert await puller.recv(timeout=PATIENCE) == array.tobytes()
        assert isinstance(message, Message)
        del message, parts
        while held.references:
            await asyncio.sleep(0)


@both_loops
async def test_memory_of_a_cancelled_task_is_back_when_it_has_ended() -> None:
    async with aio.Pusher() as pusher:
        await pusher.bind(inproc())
        subjects = [hold(bytearray(LARGE)), hold(bytes(LARGE))]
        for subject in subjects:
            for send in (pusher.send, lambda data, **named: pusher.send_parts([data], **named)):
                task = asyncio.create_task(send(subject.data, timeout=PATIENCE, copy=False))
                await turns(5)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
                del task
                assert _lending.lent_now() == 0
    gc.collect()  # errors have their frames, and those their arguments
    assert [subject.references for subject in subjects] == [0, 0]
