# SPDX-License-Identifier: Apache-2.0
"""Senseless input is answered with an error that says what is wrong, and changes nothing."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from event_reader import PATIENCE
from experimance_zmq import (
    Context,
    Publisher,
    Puller,
    Pusher,
    Socket,
    SocketType,
    State,
    Subscriber,
    ZMQClosedError,
    ZMQInvalidError,
    ZMQNotSupportedError,
    ZMQSocketError,
)

SENSELESS_SECONDS = [-1, -0.001, float("nan"), float("inf"), -float("inf"), 2147483.648]


@pytest.mark.parametrize("seconds", SENSELESS_SECONDS)
@pytest.mark.parametrize("method", ["bind", "connect", "connect in the background"])
def test_senseless_timeout_of_a_link(seconds: float, method: str) -> None:
    with Pusher() as pusher:
        with pytest.raises(ZMQInvalidError, match="timeout is"):
            if method == "bind":
                pusher.bind("tcp://127.0.0.1:*", timeout=seconds)
            else:
                pusher.connect("tcp://127.0.0.1:1", timeout=seconds, background=method != "connect")
        assert pusher.state is State.IDLE


@pytest.mark.parametrize("seconds", SENSELESS_SECONDS)
def test_senseless_linger_leaves_the_socket_open(seconds: float) -> None:
    with Context() as context, Pusher(context=context) as pusher:
        with pytest.raises(ZMQInvalidError, match="linger is"):
            pusher.close(linger=seconds)
        with pytest.raises(ZMQInvalidError, match="linger is"):
            context.close(linger=seconds)
        assert not pusher.closed


GARBLED = [246, 250, 255]
CARRIED = [0, 1, 245, 256, 1000]


@pytest.mark.parametrize("length", GARBLED)
def test_topic_that_libzmq_garbles(length: int) -> None:
    topic = "x" * length
    with Publisher() as publisher, Subscriber() as subscriber:
        text = f"the topic has {length} bytes; .* of 246 to 255 bytes"
        with pytest.raises(ZMQInvalidError, match=text):
            subscriber.subscribe(topic)
        with pytest.raises(ZMQInvalidError, match=text):
            subscriber.unsubscribe(topic)
        with pytest.raises(ZMQInvalidError, match=text):
            publisher.wait_subscribers(topic)


def test_topic_longer_than_any() -> None:
    topic, text = "x" * 65_537, "the topic has 65537 bytes, more than 65536"
    with Subscriber() as subscriber:
        subscriber.subscribe(topic[:-1])
        with pytest.raises(ZMQInvalidError, match=text):
            subscriber.subscribe(topic)
        with pytest.raises(ZMQInvalidError, match=text):
            subscriber.unsubscribe(topic)


@pytest.mark.parametrize("length", CARRIED)
def test_topic_of_another_length(length: int, tcp: str) -> None:
    topic = "x" * length
    with Publisher() as publisher, Subscriber() as subscriber:
        subscriber.subscribe(topic)
        subscriber.connect(publisher.bind(tcp), timeout=PATIENCE)
        publisher.wait_subscribers(topic, timeout=PATIENCE)
        publisher.publish(topic, b"arrives")
        assert subscriber.recv(timeout=PATIENCE) == (topic, b"arrives")


@pytest.mark.parametrize("length", GARBLED)
def test_topic_of_a_message_may_have_any_length(length: int, tcp: str) -> None:
    topic = "x" * length
    with Publisher() as publisher, Subscriber() as subscriber:
        subscriber.subscribe("xxx")
        subscriber.connect(publisher.bind(tcp), timeout=PATIENCE)
        publisher.wait_subscribers("xxx", timeout=PATIENCE)
        publisher.publish(topic, b"arrives")
        assert subscriber.recv(timeout=PATIENCE) == (topic, b"arrives")


@pytest.mark.parametrize(("topic", "error"), [("\ud800", ZMQInvalidError), (b"a", TypeError)])
def test_topic_that_is_no_text(topic: Any, error: type[Exception]) -> None:
    with Publisher() as publisher, Subscriber() as subscriber:
        with pytest.raises(error, match="topic"):
            subscriber.subscribe(topic)
        with pytest.raises(error, match="topic"):
            subscriber.unsubscribe(topic)
        with pytest.raises(error, match="topic"):
            publisher.publish(topic, b"")
        with pytest.raises(error, match="topic"):
            publisher.wait_subscribers(topic)


@pytest.mark.parametrize(("count", "error"), [(-1, ZMQInvalidError), (2**32, ZMQInvalidError), (1.5, TypeError)])
def test_senseless_count(count: Any, error: type[Exception]) -> None:
    with Publisher() as publisher:
        with pytest.raises(error, match="count"):
            publisher.wait_peers(count)
        with pytest.raises(error, match="count"):
            publisher.wait_subscribers("", count)


def test_message_without_parts() -> None:
    with Socket(SocketType.PAIR) as pair, pytest.raises(ZMQInvalidError, match="a message has at least one part"):
        pair.send_parts([])


@pytest.mark.parametrize(
    ("call", "error", "reason"),
    [
        (lambda socket: socket.set_option(99_999, 1), ZMQInvalidError, "libzmq has no such option"),
        (lambda socket: socket.set_option(13, 1), ZMQInvalidError, "or not with such a value"),
        (lambda socket: socket.set_option(39, 1), ZMQNotSupportedError, "would break a promise"),
        (lambda socket: socket.get_option(99_999), ZMQInvalidError, "libzmq has no such option"),
        (lambda socket: socket.get_option_bytes(99_999), ZMQInvalidError, "libzmq has no such option"),
        (lambda socket: socket.get_option(14), ZMQNotSupportedError, "fileno is for the descriptor"),
    ],
)
def test_errors_of_libzmq_s_options_say_why(
    call: Callable[[Socket], object], error: type[ZMQSocketError], reason: str
) -> None:
    with Socket(SocketType.PAIR) as socket, pytest.raises(error, match=reason):
        call(socket)


USES: dict[str, Callable[[Socket], object]] = {
    "bind": lambda socket: socket.bind("tcp://127.0.0.1:*"),
    "bind_fd": lambda socket: socket.bind_fd(0),
    "connect": lambda socket: socket.connect("tcp://127.0.0.1:1"),
    "background": lambda socket: socket.connect("tcp://127.0.0.1:1", background=True),
    "unbind": lambda socket: socket.unbind("tcp://127.0.0.1:1"),
    "disconnect": lambda socket: socket.disconnect("tcp://127.0.0.1:1"),
    "endpoint": lambda socket: socket.endpoint,
    "wait_peers": lambda socket: socket.wait_peers(),
    "next_event": lambda socket: socket.next_event(),
    "stats": lambda socket: socket.stats,
    "state": lambda socket: socket.state,
    "cancel": lambda socket: socket.cancel(),
    "send": lambda socket: socket.send(b""),
    "send_json": lambda socket: socket.send_json(1),
    "send_parts": lambda socket: socket.send_parts([b""]),
    "recv": lambda socket: socket.recv(),
    "recv_json": lambda socket: socket.recv_json(),
    "recv_many": lambda socket: socket.recv_many(),
    "send_many": lambda socket: socket.send_many([b""]),
    "recv_parts": lambda socket: socket.recv_parts(),
    "publish": lambda socket: socket.publish("", b""),
    "publish_many": lambda socket: socket.publish_many([("topic", b"")]),
    "publish_json": lambda socket: socket.publish_json("", 1),
    "subscribe": lambda socket: socket.subscribe(""),
    "unsubscribe": lambda socket: socket.unsubscribe(""),
    "wait_subscribers": lambda socket: socket.wait_subscribers(""),
    "wait_subscribed": lambda socket: socket.wait_subscribed(),
    "set_option": lambda socket: socket.set_option(57, 1),
    "get_option": lambda socket: socket.get_option(57),
    "get_option_bytes": lambda socket: socket.get_option_bytes(5),
    "fileno": lambda socket: socket.fileno(),
    "send_fileno": lambda socket: socket.send_fileno(),
}


@pytest.mark.parametrize("use", USES)
def test_use_after_close(use: str) -> None:
    socket = Socket(SocketType.PAIR)
    socket.close()
    with pytest.raises(ZMQClosedError):
        USES[use](socket)


def test_every_method_is_used_after_close() -> None:
    public = {name for name in dir(Socket) if not name.startswith("_")}
    assert public - {"close", "close_soon", "closed", "events", "skipped"} == USES.keys() - {"background"}


def test_closing_again_does_nothing() -> None:
    socket = Puller()
    assert not socket.closed
    socket.close()
    assert socket.closed
    socket.close()
    socket.close(linger=0)
    with socket:
        pass
    assert list(socket) == []
    assert list(socket.events) == []


@pytest.mark.parametrize("number", [10**5000, Decimal("sNaN")], ids=["of 5,000 digits", "signalling NaN"])
def test_numbers_that_are_hard_to_convert_are_out_of_range(number: Any) -> None:
    with Puller() as puller:
        with pytest.raises(ZMQInvalidError, match=r"timeout is .* s, it must be 0 to"):
            puller.recv(timeout=number)
        with pytest.raises(ZMQInvalidError, match=r"linger is .* s, it must be 0 to"):
            puller.close(linger=number)
        if isinstance(number, int):
            with pytest.raises(ZMQInvalidError, match="count is a number of thousands of digits, it must be 0 to"):
                puller.wait_peers(number)
