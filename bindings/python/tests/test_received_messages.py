# SPDX-License-Identifier: Apache-2.0
"""Received messages that are not copied: what shows them, how long they are there, and where they go."""

import asyncio
import copy
import gc
import pickle
import resource
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import numpy
import pytest

from both_loops import both_loops, turns
from event_reader import PATIENCE
from experimance_zmq import (
    Message,
    Publisher,
    Puller,
    Pusher,
    Replier,
    Requester,
    Socket,
    SocketType,
    Subscriber,
    WireForm,
    ZMQClosedError,
    ZMQInvalidError,
    ZMQNotSupportedError,
    ZMQProtocolError,
    ZMQStateError,
    ZMQTimeoutError,
    ZMQUnreachableError,
    aio,
)

SIZES = (0, 1, 33, 2047, 2048, 8192, 100_000, 1 << 20)


def content(size: int) -> bytes:
    return bytes(number * 7 >> 2 & 0xFF for number in range(min(size, 1000))) + bytes(max(0, size - 1000))


@pytest.fixture(params=["tcp", "ipc", "inproc"])
def pair(request: pytest.FixtureRequest, zmq_endpoint: str) -> Iterator[tuple[Pusher, Puller]]:
    endpoints = {"tcp": "tcp://127.0.0.1:*", "ipc": zmq_endpoint, "inproc": f"inproc://received-{id(request)}"}
    with Puller() as puller, Pusher() as pusher:
        pusher.connect(puller.bind(endpoints[request.param]), timeout=PATIENCE)
        yield pusher, puller


def test_a_message_shows_what_came(pair: tuple[Pusher, Puller]) -> None:
    pusher, puller = pair
    for size in SIZES:
        data = content(size)
        pusher.send(data, timeout=PATIENCE)
        message = puller.recv(timeout=PATIENCE, copy=False)
        view = memoryview(message)
        assert (len(message), bytes(message), view.nbytes) == (size, data, size)
        assert (view.readonly, view.c_contiguous, view.format) == (True, True, "B")
        assert (message.parts, bool(message)) == ((view,), size > 0)
        with pytest.raises(TypeError):
            view[0:1] = b"x"
    assert puller.stats.messages_received == len(SIZES)
    assert puller.stats.bytes_received == sum(SIZES)


def test_an_array_keeps_the_message(pair: tuple[Pusher, Puller]) -> None:
    pusher, puller = pair
    image = numpy.arange(100_000, dtype="float32").reshape(100, 1000)
    pusher.send(image, timeout=PATIENCE, copy=False)
    message: Any = puller.recv(
        timeout=PATIENCE, copy=False
    )  # numpy's types do not know other buffers before Python 3.12
    received = numpy.frombuffer(message, dtype="float32").reshape(100, 1000)
    del message
    puller.close()
    pusher.close()
    gc.collect()
    assert (received == image).all()
    assert not received.flags.writeable


def test_a_message_ends_with_the_last_who_looks_at_it(pair: tuple[Pusher, Puller]) -> None:
    pusher, puller = pair
    pusher.send_parts([b"head", b"x" * 100_000], timeout=PATIENCE)
    message = puller.recv_parts(timeout=PATIENCE, copy=False)
    end = weakref.ref(message)
    view = message.parts[1]
    del message
    assert end() is None
    assert bytes(view) == b"x" * 100_000
    pusher.send(b"y" * 100_000, timeout=PATIENCE)
    message = puller.recv(timeout=PATIENCE, copy=False)
    end, whole = weakref.ref(message), memoryview(message)
    del message
    assert end() is not None
    whole.release()
    assert end() is None


def test_thousands_of_messages_are_not_kept(tcp: str) -> None:
    with Puller() as puller, Pusher() as pusher:
        pusher.connect(puller.bind(tcp), timeout=PATIENCE)

        def pass_messages(count: int) -> int:
            for number in range(count):
                data = b"%d" % number + bytes(64 << 10)
                pusher.send(data, timeout=PATIENCE)
                message = puller.recv(timeout=PATIENCE, copy=False)
                assert memoryview(message)[:5] == data[:5]
                assert len(message.parts) == 1
            return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

        before = pass_messages(500)
        # All of them are 200 MB.
        assert pass_messages(3000) - before < 100_000


def test_parts_are_received_and_sent_on(pair: tuple[Pusher, Puller]) -> None:
    pusher, puller = pair
    for size in SIZES:
        parts = [b"head", content(size), b"", content(size // 2)]
        pusher.send_parts(parts, timeout=PATIENCE)
        message = puller.recv_parts(timeout=PATIENCE, copy=False)
        assert [bytes(part) for part in message.parts] == parts
        assert len(message) == sum(map(len, parts))
        for _ in range(2):
            # It stays, and may go on again.
            pusher.send(message, timeout=PATIENCE)
        views = message.parts
        del message
        for _ in range(2):
            assert puller.recv_parts(timeout=PATIENCE) == parts
        assert [bytes(view) for view in views] == parts


def test_a_message_of_several_parts_has_no_memory_in_one_piece(pair: tuple[Pusher, Puller]) -> None:
    pusher, puller = pair
    pusher.send_parts([b"one", b"two"], timeout=PATIENCE)
    with pytest.raises(ZMQStateError, match="recv_parts"):
        puller.recv(timeout=PATIENCE, copy=False)
    message = puller.recv_parts(timeout=PATIENCE, copy=False)
    with pytest.raises(BufferError, match="parts"):
        memoryview(message)
    for send in (pusher.send_many, pusher.send_parts):
        with pytest.raises(ZMQInvalidError, match="one part"):
            send([message])
    assert repr(message) == "<Message, 6 bytes in 2 parts>"


def test_messages_may_be_parts_of_others(pair: tuple[Pusher, Puller]) -> None:
    pusher, puller = pair
    data = content(100_000)
    pusher.send(data, timeout=PATIENCE)
    message = puller.recv(timeout=PATIENCE, copy=False)
    pusher.send_parts([b"head", message], timeout=PATIENCE)
    pusher.send_parts([b"head", message], timeout=PATIENCE, copy=False)
    for _ in range(2):
        assert puller.recv_parts(timeout=PATIENCE) == [b"head", data]
    pusher.send_many([message, b"between", message], timeout=PATIENCE)
    assert [puller.recv(timeout=PATIENCE) for _ in range(3)] == [data, b"between", data]


def test_a_message_that_was_not_sent_is_still_there(tcp: str) -> None:
    with Puller() as puller, Pusher() as pusher, Pusher() as alone, Socket(SocketType.ROUTER) as router:
        pusher.connect(puller.bind(tcp), timeout=PATIENCE)
        pusher.send_parts([b"nobody", b"x" * 100_000], timeout=PATIENCE)
        message = puller.recv_parts(timeout=PATIENCE, copy=False)
        alone.bind(tcp)
        router.bind(tcp)
        with pytest.raises(ZMQTimeoutError):
            alone.send(message, timeout=0)
        with pytest.raises(ZMQUnreachableError, match="b'nobody'"):
            router.send(message, timeout=0)
        alone.close()
        with pytest.raises(ZMQClosedError):
            alone.send(message)
        pusher.send(message, timeout=PATIENCE)
        assert puller.recv_parts(timeout=PATIENCE) == [b"nobody", b"x" * 100_000]


def test_an_answer_goes_back_through_a_broker_without_copies(tcp: str) -> None:
    with (
        Socket(SocketType.ROUTER) as front,
        Socket(SocketType.DEALER) as back,
        Requester() as requester,
        Replier() as replier,
    ):
        requester.connect(front.bind(tcp), timeout=PATIENCE)
        replier.connect(back.bind(tcp), timeout=PATIENCE)
        question = content(100_000)
        with pytest.raises(ZMQTimeoutError):
            requester.request(question, timeout=0)
        back.send(front.recv_parts(timeout=PATIENCE, copy=False), timeout=PATIENCE)
        asked = replier.recv(timeout=PATIENCE, copy=False)
        assert bytes(asked) == question
        replier.send(asked, timeout=PATIENCE)
        front.send(back.recv_parts(timeout=PATIENCE, copy=False), timeout=PATIENCE)
        assert requester.recv_parts(timeout=PATIENCE) == [question]


def test_a_message_knows_its_sender(tcp: str) -> None:
    with Socket(SocketType.ROUTER) as router, Socket(SocketType.DEALER, identity=b"me\xff") as dealer:
        dealer.connect(router.bind(tcp), timeout=PATIENCE)
        dealer.send_parts([b"hello", b"x" * 10_000], timeout=PATIENCE)
        message = router.recv_parts(timeout=PATIENCE, copy=False)
        assert message.peer_address == "127.0.0.1"
        assert (message.socket_type, message.identity, message.user_id) == ("DEALER", b"me\xff", "")
        router.send(message, timeout=PATIENCE)
        answer = dealer.recv_parts(timeout=PATIENCE, copy=False)
        assert [bytes(part) for part in answer.parts] == [b"hello", b"x" * 10_000]
        assert (answer.socket_type, answer.identity) == ("ROUTER", b"")


def test_messages_received_ahead_keep_their_order(tcp: str) -> None:
    with Puller() as puller, Pusher() as pusher:
        pusher.connect(puller.bind("inproc://ahead-without-copies"), timeout=PATIENCE)
        pusher.send_many([b"%d" % number for number in range(10)], timeout=PATIENCE)
        assert puller.recv(timeout=PATIENCE) == b"0"
        pusher.send(b"10", timeout=PATIENCE)
        received = [puller.recv(timeout=PATIENCE, copy=False) for _ in range(5)]
        received += [puller.recv_parts(timeout=PATIENCE, copy=False) for _ in range(5)]
        assert [bytes(message) for message in received] == [b"%d" % number for number in range(1, 11)]
        assert received[0].peer_address == ""


@pytest.mark.parametrize("wire_form", WireForm, ids=lambda form: form.name)
def test_a_subscriber_receives_without_copies(wire_form: WireForm, tcp: str) -> None:
    with (
        Publisher(wire_form=wire_form) as publisher,
        Subscriber(wire_form=wire_form) as subscriber,
        Socket(SocketType.SUB, wire_form=wire_form) as plain,
    ):
        endpoint = publisher.bind(tcp)
        for each in (subscriber, plain):
            each.subscribe("")
            each.connect(endpoint, timeout=PATIENCE)
        publisher.wait_subscribers("", 2, timeout=PATIENCE)
        data = content(10_000)
        for _ in range(3):
            publisher.publish("topic", data, timeout=PATIENCE)
        topic, payload = subscriber.recv(timeout=PATIENCE, copy=False)
        assert (topic, bytes(payload), payload.readonly) == ("topic", data, True)
        message = subscriber.recv_parts(timeout=PATIENCE, copy=False)
        assert [bytes(part) for part in message.parts] == [b"topic", data]
        assert subscriber.recv(timeout=PATIENCE) == ("topic", data)
        assert [bytes(part) for part in plain.recv_parts(timeout=PATIENCE, copy=False).parts] == [b"topic", data]
        if wire_form is WireForm.SPACE:
            assert bytes(plain.recv(timeout=PATIENCE, copy=False)) == b"topic " + data
        publisher.send_parts([b"one", b"two", b"three"], timeout=PATIENCE)
        with pytest.raises(ZMQProtocolError, match="3 frames"):
            subscriber.recv(timeout=PATIENCE, copy=False)


def test_messages_can_not_be_made(tcp: str) -> None:
    with pytest.raises(TypeError, match="received"):
        Message()
    empty: Any = object.__new__(Message)
    assert (len(empty), empty.parts, empty.peer_address, empty.identity) == (0, (), "", b"")
    with pytest.raises(BufferError):
        memoryview(empty)
    with Puller() as puller, Pusher() as pusher:
        pusher.connect(puller.bind(tcp), timeout=PATIENCE)
        with pytest.raises(ZMQInvalidError):
            pusher.send(empty)
        pusher.send(b"x", timeout=PATIENCE)
        message = puller.recv(timeout=PATIENCE, copy=False)
    for refused in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError, match="bytes"):
            refused(message)
    with pytest.raises(AttributeError):
        message.other = 1  # type: ignore[attr-defined]


def test_time_outs_and_sockets_that_do_not_receive(tcp: str) -> None:
    with Puller() as puller, Socket(SocketType.PUSH) as pusher:
        puller.bind(tcp)
        receives: list[Callable[..., object]] = [puller.recv, puller.recv_parts]
        for receive in receives:
            for timeout in (0, 0.01):
                with pytest.raises(ZMQTimeoutError):
                    receive(timeout=timeout, copy=False)
            with pytest.raises(ZMQInvalidError):
                receive(timeout=-1, copy=False)
        with pytest.raises(ZMQNotSupportedError):
            pusher.recv(timeout=0, copy=False)
    with pytest.raises(ZMQClosedError):
        puller.recv(copy=False)


@both_loops
async def test_a_cancelled_task_loses_no_message() -> None:
    async with aio.Puller() as puller, aio.Pusher() as pusher:
        await pusher.connect(await puller.bind("inproc://cancelled-without-copies"), timeout=PATIENCE)
        for receive in (puller.recv, puller.recv_parts):
            task = asyncio.ensure_future(receive(timeout=PATIENCE, copy=False))
            await turns(3)
            await pusher.send(b"kept")
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert bytes(await puller.recv(timeout=PATIENCE, copy=False)) == b"kept"


@both_loops
async def test_a_task_waits_for_a_message() -> None:
    async with aio.Subscriber() as subscriber, aio.Publisher() as publisher:
        subscriber.subscribe("")
        await subscriber.connect(await publisher.bind("tcp://127.0.0.1:*"), timeout=PATIENCE)
        await publisher.wait_subscribers("", timeout=PATIENCE)
        waiting = asyncio.ensure_future(subscriber.recv(timeout=PATIENCE, copy=False))
        await turns(3)
        await publisher.publish("topic", b"x" * 100_000)
        topic, payload = await waiting
        assert (topic, bytes(payload)) == ("topic", b"x" * 100_000)
        await publisher.publish("topic", numpy.ones(10_000), copy=False)
        message = await subscriber.recv_parts(timeout=PATIENCE, copy=False)
        # A Publisher has a socket that sees subscriptions.
        assert message.socket_type == "XPUB"
        assert bytes(message.parts[1]) == numpy.ones(10_000).tobytes()
        with pytest.raises(ZMQTimeoutError):
            await subscriber.recv(timeout=0.01, copy=False)


def test_nothing_is_received_ahead_from_then_on(tcp: str) -> None:
    with Puller() as puller, Pusher() as pusher:
        pusher.connect(puller.bind(tcp), timeout=PATIENCE)
        pusher.send_many([b"x"] * 10, timeout=PATIENCE)
        puller.recv(timeout=PATIENCE, copy=False)
        for _ in range(5):
            puller.recv(timeout=PATIENCE)
        assert puller.close(linger=0) == 0
