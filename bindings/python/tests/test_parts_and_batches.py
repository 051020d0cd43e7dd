# SPDX-License-Identifier: Apache-2.0
"""Messages of several parts, and many messages, through the sockets of one pattern."""

import re
import threading
from collections.abc import Iterator

import pytest

from both_loops import both_loops
from event_reader import PATIENCE
from experimance_zmq import (
    OnFull,
    Publisher,
    Puller,
    Pusher,
    Replier,
    Requester,
    Subscriber,
    WireForm,
    ZMQInvalidError,
    ZMQPeerLostError,
    ZMQTimeoutError,
    ZMQTooLargeError,
    aio,
    zmq_version,
)

PARTS = [b"one", b"", b"x" * 100_000]


@pytest.fixture(params=WireForm, ids=lambda form: form.name)
def published(request: pytest.FixtureRequest, tcp: str) -> Iterator[tuple[Publisher, Subscriber]]:
    with Publisher(wire_form=request.param) as publisher, Subscriber(wire_form=request.param) as subscriber:
        subscriber.subscribe("")
        subscriber.connect(publisher.bind(tcp), timeout=PATIENCE)
        publisher.wait_subscribers("", timeout=PATIENCE)
        yield publisher, subscriber


def test_a_pusher_sends_parts(tcp: str) -> None:
    with Puller() as puller, Pusher() as pusher:
        pusher.connect(puller.bind(tcp), timeout=PATIENCE)
        pusher.send_parts(PARTS, timeout=PATIENCE)
        assert puller.recv_parts(timeout=PATIENCE) == PARTS
        with pytest.raises(ZMQInvalidError, match="at least one part"):
            pusher.send_parts([])


def test_a_publisher_sends_frames_as_they_are(published: tuple[Publisher, Subscriber]) -> None:
    publisher, subscriber = published
    publisher.send_parts(PARTS, timeout=PATIENCE)
    assert subscriber.recv_parts(timeout=PATIENCE) == PARTS


def test_many_messages_are_published_in_their_order(published: tuple[Publisher, Subscriber]) -> None:
    publisher, subscriber = published
    messages = [(f"topic/{number % 7}", b"%d" % number) for number in range(500)]
    messages[100:100] = [("large", b"x" * 100_000), ("middle", b"y" * 5000), ("", b"")]
    publisher.publish_many(messages, timeout=PATIENCE)
    assert [subscriber.recv(timeout=PATIENCE) for _ in messages] == messages
    publisher.publish_many(iter([("bytearray", bytearray(b"z"))]), timeout=PATIENCE)
    assert subscriber.recv(timeout=PATIENCE) == ("bytearray", b"z")
    publisher.publish_many([])


def test_nothing_is_published_if_a_message_can_not_be(published: tuple[Publisher, Subscriber]) -> None:
    publisher, _ = published
    for wrong in (("topic", "text"), (b"topic", b"payload")):
        with pytest.raises(TypeError):
            publisher.publish_many([("topic", b"first"), wrong])  # type: ignore[list-item]
    assert publisher.stats.messages_sent == 0


def test_publishing_many_says_how_many_went() -> None:
    with Publisher(send_hwm=10, on_full=OnFull.WAIT) as publisher, Subscriber(receive_hwm=10) as subscriber:
        subscriber.subscribe("")
        subscriber.connect(publisher.bind("inproc://publish-many"), timeout=PATIENCE)
        publisher.wait_subscribers("", timeout=PATIENCE)
        with pytest.raises(ZMQTimeoutError) as caught:
            publisher.publish_many([("topic", b"%d" % number) for number in range(50)], timeout=0.01)
        sent = caught.value.sent
        assert 0 < sent < 50
        assert publisher.stats.messages_sent == sent
        received = [subscriber.recv(timeout=PATIENCE) for _ in range(sent)]
        assert received == [("topic", b"%d" % number) for number in range(sent)]


def serve(replier: Replier) -> None:
    with pytest.raises(ZMQTimeoutError):
        while True:
            replier.send_parts([*replier.recv_parts(timeout=1), b"answered"], timeout=PATIENCE)


def test_requests_of_several_parts_have_answers_of_several(tcp: str) -> None:
    with Replier() as replier, Requester(max_message_size=1 << 20) as requester:
        requester.connect(replier.bind(tcp), timeout=PATIENCE)
        server = threading.Thread(target=serve, args=(replier,))
        server.start()
        for parts in ([b"one"], PARTS, [bytearray(b"a"), memoryview(b"b")]):
            for idempotent in (False, True):
                answer = requester.request_parts(parts, timeout=PATIENCE, idempotent=idempotent)
                assert answer == [*map(bytes, parts), b"answered"]
        with pytest.raises(ZMQInvalidError, match="at least one part"):
            requester.request_parts([])
        with pytest.raises(ZMQTooLargeError):
            requester.request_parts([b"small", bytes(1 << 20)])
        with pytest.raises(TypeError, match="encode it"):
            requester.request_parts(["text"])
        server.join()
        with pytest.raises(ZMQTimeoutError):
            requester.request_parts([b"is anybody there?"], timeout=0.01)
        assert requester.stats.messages_received == 6


def test_an_idempotent_request_of_several_parts_is_made_again(zmq_endpoint: str) -> None:
    with Requester() as requester:
        first = Replier()
        first.bind(zmq_endpoint, timeout=PATIENCE)
        requester.connect(zmq_endpoint, timeout=PATIENCE)
        answers: list[object] = []

        def ask(idempotent: bool) -> None:
            try:
                answers.append(requester.request_parts(PARTS, timeout=PATIENCE, idempotent=idempotent))
            except ZMQPeerLostError as error:
                answers.append(type(error))

        for idempotent in (False, True):
            asking = threading.Thread(target=ask, args=(idempotent,))
            asking.start()
            assert first.recv_parts(timeout=PATIENCE) == PARTS
            first.close(linger=0)
            first = Replier()
            first.bind(zmq_endpoint, timeout=PATIENCE)
            if idempotent:
                assert first.recv_parts(timeout=PATIENCE) == PARTS
                first.send_parts([b"again", b"!"], timeout=PATIENCE)
            asking.join()
        first.close()
        assert answers == [ZMQPeerLostError, [b"again", b"!"]]


@both_loops
async def test_tasks_have_the_same(tcp: str) -> None:
    async with aio.Puller() as puller, aio.Pusher() as pusher:
        await pusher.connect(await puller.bind(tcp), timeout=PATIENCE)
        await pusher.send_parts(PARTS, timeout=PATIENCE)
        assert await puller.recv_parts(timeout=PATIENCE) == PARTS
    async with aio.Publisher() as publisher, aio.Subscriber() as subscriber:
        subscriber.subscribe("")
        await subscriber.connect(await publisher.bind(tcp), timeout=PATIENCE)
        await publisher.wait_subscribers("", timeout=PATIENCE)
        messages = [("topic", b"%d" % number) for number in range(900)]
        messages[600:600] = [("large", b"x" * 100_000)]
        await publisher.publish_many(messages, timeout=PATIENCE)
        assert [await subscriber.recv(timeout=PATIENCE) for _ in messages] == messages
        await publisher.send_parts(PARTS, timeout=PATIENCE)
        assert await subscriber.recv_parts(timeout=PATIENCE) == PARTS
    async with aio.Requester() as requester:
        with Replier() as replier:
            await requester.connect(replier.bind(tcp), timeout=PATIENCE)
            server = threading.Thread(target=serve, args=(replier,))
            server.start()
            assert await requester.request_parts(PARTS, timeout=PATIENCE) == [*PARTS, b"answered"]
            with pytest.raises(ZMQInvalidError):
                await requester.request_parts([])
            server.join()


def test_the_version_of_libzmq_is_known() -> None:
    assert re.fullmatch(r"4\.\d+\.\d+", zmq_version())
