# SPDX-License-Identifier: Apache-2.0
"""Messages arrive as they were sent, and none is lost."""

import array
import json
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from event_reader import PATIENCE
from experimance_zmq import (
    Publisher,
    Puller,
    Pusher,
    Replier,
    Requester,
    Socket,
    SocketType,
    Subscriber,
    WireForm,
    ZMQNotSupportedError,
    ZMQProtocolError,
    ZMQStateError,
    ZMQTimeoutError,
    ZMQTooLargeError,
    ZMQUnreachableError,
)


@pytest.fixture
def pipeline() -> Iterator[tuple[Pusher, Puller]]:
    with Pusher() as pusher, Puller() as puller:
        pusher.connect(puller.bind("tcp://127.0.0.1:*"), timeout=PATIENCE)
        yield pusher, puller


@pytest.fixture(params=WireForm, ids=lambda form: form.name)
def broadcast(request: pytest.FixtureRequest) -> Iterator[tuple[Publisher, Subscriber]]:
    with Publisher(wire_form=request.param) as publisher, Subscriber(wire_form=request.param) as subscriber:
        subscriber.subscribe("")
        subscriber.connect(publisher.bind("tcp://127.0.0.1:*"), timeout=PATIENCE)
        publisher.wait_subscribers("", timeout=PATIENCE)
        yield publisher, subscriber


def send_numbers(pusher: Pusher, count: int) -> None:
    for number in range(count):
        pusher.send(b"%d" % number, timeout=PATIENCE)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"bytes", b"bytes"),
        (b"", b""),
        (b"with\0zero", b"with\0zero"),
        (bytearray(b"bytearray"), b"bytearray"),
        (memoryview(b"memoryview")[3:], b"oryview"),
        (memoryview(b"abcdef")[::2], b"ace"),
        (array.array("H", [1, 2]), b"\1\0\2\0"),
    ],
    ids=["bytes", "empty", "zero", "bytearray", "memoryview", "strided", "array"],
)
def test_any_buffer_can_be_sent(data: Any, expected: bytes, pipeline: tuple[Pusher, Puller]) -> None:
    pusher, puller = pipeline
    pusher.send(data)
    assert puller.recv(timeout=PATIENCE) == expected


@pytest.mark.parametrize("data", ["text", None, 5, ["list"]], ids=str)
def test_what_is_no_buffer_is_refused(data: Any, pipeline: tuple[Pusher, Puller]) -> None:
    pusher, _ = pipeline
    with pytest.raises(TypeError, match=f"bytes-like object, not {type(data).__name__}: .*send_json"):
        pusher.send(data)


def test_text_is_refused_with_what_to_do(pipeline: tuple[Pusher, Puller]) -> None:
    pusher, _ = pipeline
    with pytest.raises(TypeError, match="encode it, or use send_json"):
        pusher.send("text")
    with pytest.raises(TypeError, match="encode it, or use send_json"):
        pusher.send_many([b"", "text"])
    with Publisher() as publisher, pytest.raises(TypeError, match=r"encode it, or use .*publish_json"):
        publisher.publish("topic", "text")
    with Requester() as requester, pytest.raises(TypeError, match=r"encode it, or use .*request_json"):
        requester.request("text", timeout=0)


@pytest.mark.parametrize("size", [0, 1, (16 << 10) - 1, 16 << 10, (16 << 10) + 1, 5 << 20])
def test_message_of_any_size_arrives(size: int, pipeline: tuple[Pusher, Puller]) -> None:
    pusher, puller = pipeline
    message = bytes(range(256)) * (size // 256) + bytes(size % 256)
    for sent in (message, b"short", message):
        pusher.send(sent, timeout=PATIENCE)
    assert [puller.recv(timeout=PATIENCE) for _ in range(3)] == [message, b"short", message]


def test_messages_arrive_in_order(pipeline: tuple[Pusher, Puller]) -> None:
    pusher, puller = pipeline
    with ThreadPoolExecutor() as executor:
        sending = executor.submit(send_numbers, pusher, 5000)
        assert [int(puller.recv(timeout=PATIENCE)) for _ in range(5000)] == list(range(5000))
        sending.result()


@pytest.fixture
def restless_interpreter() -> Iterator[None]:
    """Python changes threads as often as it can."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.usefixtures("restless_interpreter")
def test_threads_share_a_socket_without_losing_a_message(pipeline: tuple[Pusher, Puller]) -> None:
    pusher, puller = pipeline
    each = 500

    def send(sender: int) -> None:
        for number in range(each):
            # Larger than a new buffer, so that receivers get in each other's way.
            pusher.send(b"%d %d %s" % (sender, number, bytes(number * 50)), timeout=PATIENCE)

    def receive() -> list[bytes]:
        return [puller.recv(timeout=PATIENCE).rstrip(b"\0") for _ in range(each)]

    with ThreadPoolExecutor() as executor:
        receivers = [executor.submit(receive) for _ in range(3)]
        senders = [executor.submit(send, sender) for sender in range(3)]
        received = [message for receiver in receivers for message in receiver.result()]
        for sender in senders:
            sender.result()
    assert sorted(received) == sorted(b"%d %d " % (s, n) for s in range(3) for n in range(each))


def test_json_comes_back(pipeline: tuple[Pusher, Puller]) -> None:
    pusher, puller = pipeline
    value = {"text": "größer", "list": [1, 2.5, None, True]}
    pusher.send_json(value)
    assert puller.recv_json(timeout=PATIENCE) == value
    pusher.send_json(value)
    assert json.loads(puller.recv(timeout=PATIENCE)) == value


def test_message_that_is_not_json(pipeline: tuple[Pusher, Puller]) -> None:
    pusher, puller = pipeline
    pusher.send(b"{")
    with pytest.raises(ValueError, match="property name"):
        puller.recv_json(timeout=PATIENCE)


@pytest.mark.parametrize("limit", [10, 10_000])
def test_message_over_the_limit_is_refused(limit: int) -> None:
    with Pusher(max_message_size=limit) as pusher, Puller() as puller:
        pusher.connect(puller.bind("tcp://127.0.0.1:*"))
        with pytest.raises(ZMQTooLargeError):
            pusher.send(bytes(limit + 1))
        assert pusher.stats.sends_refused == 1
        pusher.send(bytes(limit))
        assert puller.recv(timeout=PATIENCE) == bytes(limit)


def test_parts_arrive_together() -> None:
    with Socket(SocketType.PAIR) as left, Socket(SocketType.PAIR) as right:
        left.connect(right.bind("tcp://127.0.0.1:*"), timeout=PATIENCE)
        left.send_parts([b"one", bytearray(b""), b"three"], timeout=PATIENCE)
        with pytest.raises(ZMQStateError):
            right.recv(timeout=PATIENCE)
        assert right.recv_parts(timeout=PATIENCE) == [b"one", b"", b"three"]
        right.send(b"back")
        assert left.recv_parts(timeout=PATIENCE) == [b"back"]


def test_parts_that_nobody_expects_are_in_nobodys_way(tcp: str) -> None:
    with Socket(SocketType.PUSH) as pusher, Puller() as puller:
        pusher.connect(puller.bind(tcp), timeout=PATIENCE)
        pusher.send_parts([b"a", b"b"], timeout=PATIENCE)
        pusher.send(b"good", timeout=PATIENCE)
        with pytest.raises(ZMQStateError, match="recv_parts"):
            puller.recv(timeout=PATIENCE)
        assert puller.recv_parts(timeout=PATIENCE) == [b"a", b"b"]
        assert puller.recv(timeout=PATIENCE) == b"good"


def test_error_says_whether_parts_came_or_it_is_not_the_turn(tcp: str) -> None:
    with Socket(SocketType.REQ) as asking, Socket(SocketType.REQ) as other, Replier() as replier:
        not_answered, several = "has to be answered first", r"a message of several parts came, for recv_parts$"
        with pytest.raises(ZMQStateError, match="there is no request to answer"):
            replier.send(b"")
        endpoint = replier.bind(tcp)
        asking.connect(endpoint, timeout=PATIENCE)
        other.connect(endpoint, timeout=PATIENCE)
        with pytest.raises(ZMQStateError, match="nothing was asked"):
            asking.recv(timeout=PATIENCE)
        asking.send_parts([b"1", b"2"])
        with pytest.raises(ZMQStateError, match=several):
            replier.recv(timeout=PATIENCE)
        assert replier.recv_parts(timeout=PATIENCE) == [b"1", b"2"]
        other.send_parts([b"3", b"4"])
        for _ in range(2):
            with pytest.raises(ZMQStateError, match=not_answered):
                replier.recv(timeout=PATIENCE)
            with pytest.raises(ZMQStateError, match=not_answered):
                replier.recv_parts(timeout=PATIENCE)
        replier.send_parts([b"5", b"6"])
        with pytest.raises(ZMQStateError, match="there is no request to answer"):
            replier.send_parts([b"7", b"8"])
        with pytest.raises(ZMQStateError, match=several):
            replier.recv(timeout=PATIENCE)
        with pytest.raises(ZMQStateError, match=several):
            asking.recv(timeout=PATIENCE)
        assert asking.recv_parts(timeout=PATIENCE) == [b"5", b"6"]
        with pytest.raises(ZMQStateError, match="it has been received"):
            asking.recv_parts(timeout=PATIENCE)


def test_error_of_a_router_names_the_peer_it_does_not_have() -> None:
    with Socket(SocketType.ROUTER) as router, pytest.raises(ZMQUnreachableError, match="with the identity b'gone'"):
        router.send_parts([b"gone", b""])


def test_topic_and_payload_arrive(broadcast: tuple[Publisher, Subscriber]) -> None:
    publisher, subscriber = broadcast
    sent = [("weather", b"sunny"), ("größe", b"two words"), ("a", b"")]
    for topic, payload in sent:
        publisher.publish(topic, payload)
    assert [subscriber.recv(timeout=PATIENCE) for _ in sent] == sent


def test_topic_that_is_not_utf_8_comes_back_as_it_was(broadcast: tuple[Publisher, Subscriber]) -> None:
    publisher, subscriber = broadcast
    topic = b"\xff\xfe".decode("utf-8", "surrogateescape")
    publisher.publish(topic, b"x")
    assert subscriber.recv(timeout=PATIENCE) == (topic, b"x")


def test_published_json_comes_back(broadcast: tuple[Publisher, Subscriber]) -> None:
    publisher, subscriber = broadcast
    publisher.publish_json("values", {"a": [1, "é"]})
    assert subscriber.recv_json(timeout=PATIENCE) == ("values", {"a": [1, "é"]})


def test_only_what_was_subscribed_to_arrives(tcp: str) -> None:
    with Publisher() as publisher, Subscriber() as subscriber:
        endpoint = publisher.bind(tcp)
        subscriber.subscribe("news")
        subscriber.subscribe("sport")
        subscriber.connect(endpoint, timeout=PATIENCE)
        subscriber.wait_subscribed(timeout=PATIENCE)
        for topic in ("weather", "news.local", "sport"):
            publisher.publish(topic, b"1")
        assert [subscriber.recv(timeout=PATIENCE)[0] for _ in range(2)] == ["news.local", "sport"]

        subscriber.unsubscribe("news")
        subscriber.wait_subscribed(timeout=PATIENCE)
        for topic in ("news.local", "sport"):
            publisher.publish(topic, b"2")
        assert subscriber.recv(timeout=PATIENCE) == ("sport", b"2")


def test_publisher_and_subscriber_of_different_wire_forms(tcp: str) -> None:
    with Publisher(wire_form=WireForm.SPACE) as publisher, Subscriber() as subscriber:
        subscriber.subscribe("")
        subscriber.connect(publisher.bind(tcp), timeout=PATIENCE)
        publisher.wait_subscribers("", timeout=PATIENCE)
        publisher.publish("topic", b"payload")
        with pytest.raises(ZMQProtocolError, match="wire form"):
            subscriber.recv(timeout=PATIENCE)


@pytest.mark.parametrize("prefetch", [0, 512])
def test_subscriber_with_the_form_of_one_frame_receives_both_forms(prefetch: int, tcp: str) -> None:
    with (
        Publisher(wire_form=WireForm.SPACE) as one_frame,
        Publisher() as two_frames,
        Subscriber(wire_form=WireForm.SPACE, prefetch=prefetch) as subscriber,
    ):
        subscriber.subscribe("")
        for publisher in (one_frame, two_frames):
            subscriber.connect(publisher.bind(tcp), timeout=PATIENCE)
            publisher.wait_subscribers("", timeout=PATIENCE)
            for payload in (b"two words", b""):
                publisher.publish("topic", payload)
                assert subscriber.recv(timeout=PATIENCE) == ("topic", payload)


def test_timed_out_receive_loses_nothing(pipeline: tuple[Pusher, Puller]) -> None:
    pusher, puller = pipeline
    with ThreadPoolExecutor() as executor:
        sending = executor.submit(send_numbers, pusher, 2000)
        received: list[int] = []
        while len(received) < 2000:
            try:
                received.append(int(puller.recv(timeout=0)))
            except ZMQTimeoutError:
                continue
        sending.result()
    assert received == list(range(2000))


def test_iterating_a_puller_ends_when_it_is_closed(pipeline: tuple[Pusher, Puller]) -> None:
    pusher, puller = pipeline
    for n in range(3):
        pusher.send(b"%d" % n)
    received = []
    for message in puller:
        received.append(message)
        if message == b"2":
            puller.close()
    assert received == [b"0", b"1", b"2"]


def test_iterating_a_subscriber_outlasts_the_default_timeout_and_ends_with_close(tcp: str) -> None:
    with Publisher() as publisher, Subscriber(default_timeout=0.01) as subscriber, ThreadPoolExecutor() as executor:
        subscriber.subscribe("")
        subscriber.connect(publisher.bind(tcp), timeout=PATIENCE)
        publisher.wait_subscribers("", timeout=PATIENCE)
        reading = executor.submit(list[tuple[str, bytes]], subscriber)
        while subscriber.stats.timeouts < 3:
            assert not reading.done()
        publisher.publish("late", b"but here")
        while subscriber.stats.messages_received < 1:
            assert not reading.done()
        subscriber.close()
        assert reading.result(PATIENCE) == [("late", b"but here")]


def test_iterating_does_not_spin_without_a_default_timeout() -> None:
    with Puller(default_timeout=0) as puller, ThreadPoolExecutor() as executor:
        reading = executor.submit(list[bytes], puller)
        with pytest.raises(TimeoutError):
            reading.result(timeout=0.3)
        assert puller.stats.timeouts == 0
        puller.close()
        assert reading.result(PATIENCE) == []


@pytest.mark.parametrize(
    ("socket_type", "call"),
    [
        (SocketType.PULL, lambda socket: socket.send(b"")),
        (SocketType.SUB, lambda socket: socket.send(b"")),
        (SocketType.PULL, lambda socket: socket.send_parts([b"", b""])),
        (SocketType.PUSH, lambda socket: socket.recv()),
        (SocketType.PUB, lambda socket: socket.recv()),
        (SocketType.PUB, lambda socket: socket.recv_parts()),
        (SocketType.PUSH, lambda socket: socket.publish("", b"")),
        (SocketType.PULL, lambda socket: socket.subscribe("")),
        (SocketType.PULL, lambda socket: socket.unsubscribe("")),
        (SocketType.SUB, lambda socket: socket.wait_subscribers("")),
        (SocketType.PUB, lambda socket: socket.wait_subscribed()),
    ],
)
def test_what_a_type_can_not_do_is_refused_at_once(socket_type: SocketType, call: Any) -> None:
    with Socket(socket_type) as socket, pytest.raises(ZMQNotSupportedError):
        call(socket)
