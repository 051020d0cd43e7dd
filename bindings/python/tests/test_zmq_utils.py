# SPDX-License-Identifier: Apache-2.0
"""The classes with the old names: dicts in, dicts out, the same for blocking programs and for asyncio."""

import gc
import inspect
import json
from collections.abc import Callable
from typing import Any

import pytest

from event_reader import PATIENCE
from experimance_zmq import ZMQAddressInUseError, ZMQInvalidError, constants, zmq_utils
from experimance_zmq.zmq_utils import (
    MessageType,
    ZmqException,
    ZmqPublisher,
    ZmqPullSocket,
    ZmqPushSocket,
    ZmqSubscriber,
    ZmqTimeoutError,
)
from limits import ends_within
from old_calls import MESSAGE, Calls, Old
from reserved_port import ReservedPort

USE_ASYNCIO = pytest.mark.parametrize("use_asyncio", [False, True], ids=["sync", "asyncio"])


def receive_method(instance: Old) -> str:
    return "receive" if isinstance(instance, ZmqSubscriber) else "pull"


# Basics


@USE_ASYNCIO
def test_publish_and_receive(use_asyncio: bool, call: Calls, tcp: str) -> None:
    with (
        ZmqPublisher(tcp, "events", use_asyncio) as publisher,
        ZmqSubscriber(publisher.socket.endpoint, ["events"], use_asyncio) as subscriber,
    ):
        publisher.socket.wait_subscribers("events", timeout=PATIENCE)
        assert call(publisher, "publish", MESSAGE) is True
        assert call(subscriber, "receive") == ("events", MESSAGE)


@USE_ASYNCIO
def test_push_and_pull(use_asyncio: bool, call: Calls, tcp: str) -> None:
    with ZmqPushSocket(tcp, use_asyncio) as pusher, ZmqPullSocket(pusher.socket.endpoint, use_asyncio) as puller:
        pusher.socket.wait_peers(timeout=PATIENCE)
        assert call(pusher, "push", MESSAGE) is True
        assert call(puller, "pull") == MESSAGE


def test_subscriber_of_several_topics(call: Calls, tcp: str) -> None:
    with (
        ZmqPublisher(tcp, "a") as publisher,
        ZmqPublisher(tcp, "b") as other,
        ZmqPublisher(tcp, "c") as unwanted,
        ZmqSubscriber(publisher.socket.endpoint, ("a", "b")) as subscriber,
    ):
        for each in (other, unwanted):
            subscriber.socket.connect(each.socket.endpoint, timeout=PATIENCE)
        for each in (publisher, other):
            each.socket.wait_subscribers(each.topic, timeout=PATIENCE)
        assert [call(each, "publish", {"from": each.topic}) for each in (publisher, other, unwanted)] == [True] * 3
        received = [call(subscriber, "receive") for _ in range(2)]
        assert sorted(received, key=str) == [("a", {"from": "a"}), ("b", {"from": "b"})]


@pytest.mark.parametrize("topics", ["", [""]], ids=["a string", "a list"])
def test_no_topic_is_everything(topics: Any, call: Calls, tcp: str) -> None:
    with ZmqPublisher(tcp) as publisher, ZmqSubscriber(publisher.socket.endpoint, topics) as subscriber:
        publisher.socket.wait_subscribers("", timeout=PATIENCE)
        assert call(publisher, "publish", {"to": "all"})
        assert call(subscriber, "receive") == ("", {"to": "all"})


def test_peer_may_come_later(call: Calls, reserved_port: ReservedPort) -> None:
    with ends_within(5), ZmqSubscriber(reserved_port.endpoint, "late") as subscriber:
        with pytest.raises(ZmqTimeoutError):
            call(subscriber, "receive")
        with ZmqPublisher(reserved_port.endpoint, "late") as publisher:
            publisher.socket.wait_subscribers("late", timeout=PATIENCE)
            assert call(publisher, "publish", {})
            assert call(subscriber, "receive") == ("late", {})


def test_attributes_are_what_was_given(tcp: str) -> None:
    with ZmqPublisher(tcp, "t", use_asyncio=False) as publisher:
        assert (publisher.address, publisher.topic, publisher.use_asyncio, publisher.closed) == (tcp, "t", False, False)
        with ZmqSubscriber(publisher.socket.endpoint, "t") as subscriber:
            assert (subscriber.topics, subscriber.use_asyncio) == (["t"], True)


def test_signatures_are_the_old_ones() -> None:
    parameters = {
        old: [str(each) for each in inspect.signature(old).parameters.values()]
        for old in (ZmqPublisher, ZmqSubscriber, ZmqPushSocket, ZmqPullSocket)
    }
    assert parameters == {
        ZmqPublisher: ["address: str", "topic: str = ''", "use_asyncio: bool = True"],
        ZmqSubscriber: ["address: str", "topics: str | collections.abc.Iterable[str]", "use_asyncio: bool = True"],
        ZmqPushSocket: ["address: str", "use_asyncio: bool = True"],
        ZmqPullSocket: ["address: str", "use_asyncio: bool = True"],
    }


def test_constants_are_the_old_ones() -> None:
    values = {name: getattr(constants, name) for name in constants.__all__}
    assert values == {
        "DEFAULT_RECV_TIMEOUT": 1.0,
        "DEFAULT_RETRY_ATTEMPTS": 3,
        "DEFAULT_RETRY_DELAY": 0.5,
        "DEFAULT_TIMEOUT": 1000,
        "HEARTBEAT_INTERVAL": 5.0,
    }
    assert zmq_utils.__all__ == sorted(zmq_utils.__all__)


def test_message_types_are_their_text() -> None:
    assert len(MessageType) == 10
    assert all(kind.value == "".join(word.capitalize() for word in kind.name.split("_")) for kind in MessageType)
    assert json.dumps(MessageType.HEARTBEAT) == '"Heartbeat"'
    assert MessageType("RenderRequest") is MessageType.RENDER_REQUEST
    assert f"{MessageType.LOOP_READY}" == "LoopReady"


# Failures


@pytest.mark.parametrize("old", [lambda a: ZmqSubscriber(a, ""), ZmqPullSocket], ids=["subscriber", "puller"])
def test_receive_times_out(old: Callable[[str], Old], call: Calls, reserved_port: ReservedPort) -> None:
    with old(reserved_port.endpoint) as instance, pytest.raises(ZmqTimeoutError) as caught:
        call(instance, receive_method(instance))
    assert isinstance(caught.value, ZmqException)
    assert isinstance(caught.value, TimeoutError)
    assert getattr(caught.value.__cause__, "elapsed") >= constants.DEFAULT_RECV_TIMEOUT  # noqa: B009


def test_push_to_nobody_fails(call: Calls, tcp: str, caplog: pytest.LogCaptureFixture) -> None:
    with ZmqPushSocket(tcp) as pusher:
        assert call(pusher, "push", {}) is False
        # What failed was not sent.
        with ZmqPullSocket(pusher.socket.endpoint) as puller:
            pusher.socket.wait_peers(timeout=PATIENCE)
            assert call(pusher, "push", {"second": True}) is True
            assert call(puller, "pull") == {"second": True}
    assert "time was up" in caplog.text


def circular() -> dict[str, Any]:
    message: dict[str, Any] = {}
    message["itself"] = message
    return message


@pytest.mark.parametrize("message", [{"a": object()}, {(1, 2): 3}, circular(), {"a": b"x"}], ids=str)
def test_what_is_not_json_is_not_sent(
    message: dict[str, Any], call: Calls, tcp: str, caplog: pytest.LogCaptureFixture
) -> None:
    with ZmqPublisher(tcp) as publisher, ZmqPushSocket(tcp) as pusher:
        assert call(publisher, "publish", message) is False
        assert call(pusher, "push", message) is False
    assert caplog.text.count("can not be JSON") == 2


def test_after_close(call: Calls, tcp: str) -> None:
    publisher, pusher = ZmqPublisher(tcp), ZmqPushSocket(tcp)
    subscriber = ZmqSubscriber(publisher.socket.endpoint, "")
    puller = ZmqPullSocket(pusher.socket.endpoint)
    for instance in (publisher, pusher, subscriber, puller):
        instance.close()
        instance.close()
        assert instance.closed
    assert call(publisher, "publish", {}) is False
    assert call(pusher, "push", {}) is False
    for receiver in (subscriber, puller):
        with pytest.raises(ZmqException, match="closed") as caught:
            call(receiver, receive_method(receiver))
        assert type(caught.value) is ZmqException


@pytest.mark.parametrize("old", [ZmqPublisher, ZmqPushSocket])
def test_bind_to_a_used_address_fails(old: Callable[[str], Old], tcp: str) -> None:
    with old(tcp) as holder, pytest.raises(ZmqException, match="listens there itself") as caught:
        old(holder.socket.endpoint)
    assert isinstance(caught.value.__cause__, ZMQAddressInUseError)


@pytest.mark.parametrize(
    "make",
    [
        lambda: ZmqPublisher("nonsense"),
        lambda: ZmqPushSocket("tcp://127.0.0.1:99999"),
        lambda: ZmqSubscriber("tcp://*:5555", ""),
        lambda: ZmqSubscriber("tcp://127.0.0.1:5555", ["fine", "not\ud800fine"]),
        lambda: ZmqPullSocket("tcp://*:5555"),
    ],
)
def test_senseless_arguments_are_refused(make: Callable[[], Old]) -> None:
    with pytest.raises(ZmqException) as caught:
        make()
    assert isinstance(caught.value.__cause__, ZMQInvalidError)
    gc.collect()


def test_topic_that_can_not_be_sent_is_refused(tcp: str) -> None:
    with pytest.raises(ZmqException, match="topic"):
        ZmqPublisher(tcp, "two words")
