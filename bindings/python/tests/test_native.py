# SPDX-License-Identifier: Apache-2.0
"""The calls that the library makes for the interpreter itself: what they leave alone, and what they do to objects."""

import contextlib
import gc
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest

from event_reader import PATIENCE
from experimance_zmq import (
    OnFull,
    Publisher,
    Puller,
    Pusher,
    Replier,
    Requester,
    Socket,
    SocketOptions,
    SocketType,
    Subscriber,
    WireForm,
    ZMQClosedError,
    ZMQInvalidError,
    ZMQNotSupportedError,
    ZMQTimeoutError,
    _abi,
    _lending,
    _log,
    _native,
)

ROUNDS = 1000
SMALL = b"small" * 10
LARGE = bytes(range(256)) * 40


@pytest.fixture
def pair(tcp: str) -> Iterator[tuple[Pusher, Puller]]:
    with Pusher() as pusher, Puller() as puller:
        pusher.connect(puller.bind(tcp), timeout=PATIENCE)
        yield pusher, puller


def kept_by(call: Callable[[], object]) -> int:
    """How many blocks of memory Python has more than before, after a call that has been made before."""
    call()
    gc.collect()
    before = sys.getallocatedblocks()
    for _ in range(ROUNDS):
        call()
    gc.collect()
    return sys.getallocatedblocks() - before


def test_objects_are_neither_kept_nor_given_back(pair: tuple[Pusher, Puller]) -> None:
    pusher, puller = pair
    data = bytes(100)
    batch = (data, data)
    subjects = (data, batch, cast("Any", pusher._core.send_at_once).__self__, None, 0, 1)
    before = [sys.getrefcount(subject) for subject in subjects]

    def use() -> None:
        pusher.send(data, timeout=PATIENCE)
        pusher.send_many(batch, timeout=PATIENCE)
        pusher.send_parts(batch, timeout=PATIENCE)
        pusher.send_parts((*batch, data), timeout=PATIENCE)
        for _ in range(3):
            puller.recv(timeout=PATIENCE)
        for _ in range(2):
            puller.recv_parts(timeout=PATIENCE)

    assert kept_by(use) < ROUNDS / 2
    after = [sys.getrefcount(subject) for subject in subjects]
    for kept in (late - early for early, late in zip(before, after, strict=True)):
        assert abs(kept) < ROUNDS / 2


def test_published_objects_are_not_kept() -> None:
    with Publisher() as publisher:
        topic, payload = "topic" * 2, bytes(100)
        before = sys.getrefcount(topic), sys.getrefcount(payload)
        assert kept_by(lambda: publisher.publish(topic, payload)) < ROUNDS / 2
        assert (sys.getrefcount(topic), sys.getrefcount(payload)) == before


@pytest.mark.parametrize("form", WireForm, ids=lambda form: form.name)
def test_topics_and_payloads_that_were_received_are_not_kept(form: WireForm, tcp: str) -> None:
    with Publisher(wire_form=form) as publisher, Subscriber(wire_form=form) as subscriber:
        subscriber.subscribe("")
        subscriber.connect(publisher.bind(tcp), timeout=PATIENCE)
        publisher.wait_subscribers("", timeout=PATIENCE)

        def use() -> None:
            publisher.publish("topic", SMALL)
            subscriber.recv(timeout=PATIENCE)

        assert kept_by(use) < ROUNDS / 2


def test_answers_and_failures_of_requests_are_not_kept(tcp: str) -> None:
    with Requester() as requester, Replier() as server:

        def fail() -> None:
            with contextlib.suppress(ZMQTimeoutError):
                requester.request(SMALL, timeout=0)

        assert kept_by(fail) < ROUNDS / 2
        requester.connect(server.bind(tcp), timeout=PATIENCE)
        data = bytes(100)

        def ask() -> None:
            # Sent, and not waited for.
            with contextlib.suppress(ZMQTimeoutError):
                requester.request(data, timeout=0)
            server.send(server.recv(timeout=PATIENCE), timeout=PATIENCE)

        before = sys.getrefcount(data)
        assert kept_by(ask) < ROUNDS / 2
        assert sys.getrefcount(data) == before


def test_a_batch_may_have_anything_in_it(pair: tuple[Pusher, Puller]) -> None:
    pusher, puller = pair
    batch = [SMALL, LARGE, b"", bytearray(SMALL), memoryview(LARGE), SMALL]
    pusher.send_many(batch, timeout=PATIENCE)
    assert [puller.recv(timeout=PATIENCE) for _ in batch] == [bytes(message) for message in batch]


def test_a_long_batch_keeps_its_order(pair: tuple[Pusher, Puller]) -> None:
    pusher, puller = pair
    batch = [LARGE if number % 700 == 699 else b"%d" % number for number in range(1900)]
    pusher.send_many(batch, timeout=PATIENCE)
    assert [puller.recv(timeout=PATIENCE) for _ in batch] == batch


def test_a_batch_waits_for_room_and_keeps_its_order() -> None:
    batch = [b"%d" % number * (50_000 if number % 40 == 39 else 1) for number in range(400)]
    with Pusher(send_hwm=5) as pusher, Puller(receive_hwm=5) as puller:
        pusher.connect(puller.bind("inproc://native-rest"), timeout=PATIENCE)
        sending = threading.Thread(target=pusher.send_many, args=(batch,), kwargs={"timeout": PATIENCE})
        sending.start()
        received = [puller.recv(timeout=PATIENCE) for _ in batch]
        sending.join()
        assert received == batch
        assert pusher.stats.messages_sent == len(batch)
        assert pusher.stats.sends_refused == 0


def test_the_rest_of_a_batch_that_makes_no_sense_is_refused(pair: tuple[Pusher, Puller]) -> None:
    pusher, _ = pair
    invalid = (_abi.EXZ_ERR_INVALID, 0)
    strange: list[tuple[object, ...]] = [
        (),
        ((SMALL,), 0),
        ([SMALL], 0, 0),
        ((SMALL,), -1, 0),
        ((SMALL,), 2, 0),
        ((SMALL,), sys.maxsize, 0),
        ((SMALL,), 0, -1),
        ((SMALL,), None, 0),
    ]
    for arguments in strange:
        assert pusher._core.send_rest(*arguments) == invalid
    assert pusher._core.send_rest(("text", SMALL), 0, 0) == (_abi.EXZ_OK, 0)
    assert pusher._core.send_rest((SMALL,), 1, 0) == (_abi.EXZ_OK, 1)
    assert pusher.stats.messages_sent == 0
    assert pusher._core.receive(None) == _abi.EXZ_ERR_INVALID
    assert pusher._core.receive(0) == _abi.EXZ_ERR_NOT_SUPPORTED


def test_nothing_of_a_batch_is_sent_if_a_part_of_it_can_not_be(pair: tuple[Pusher, Puller]) -> None:
    pusher, puller = pair
    with pytest.raises(TypeError):
        pusher.send_many([SMALL, SMALL, "text"])
    assert pusher.stats.messages_sent == 0
    pusher.send(b"next")
    assert puller.recv(timeout=PATIENCE) == b"next"


def test_a_batch_that_is_cut_says_how_many_went() -> None:
    with Pusher(send_hwm=10) as pusher, Puller(receive_hwm=10) as puller:
        pusher.connect(puller.bind("inproc://native-cut"), timeout=PATIENCE)
        with pytest.raises(ZMQTimeoutError) as caught:
            pusher.send_many([b"%d" % number for number in range(50)], timeout=0.01)
        sent = caught.value.sent
        assert sent == 20
        assert pusher.stats.messages_sent == sent
        assert (pusher.stats.sends_refused, pusher.stats.timeouts) == (1, 1)
        assert [puller.recv(timeout=PATIENCE) for _ in range(sent)] == [b"%d" % number for number in range(sent)]


def test_what_a_handler_raised_is_raised_by_the_next_call(pair: tuple[Pusher, Puller]) -> None:
    """A handler may run where its exception can not go on: while a line of the log is written."""
    pusher, puller = pair
    pusher.send_many([SMALL] * 3, timeout=PATIENCE)
    with Publisher() as publisher:
        calls: list[Callable[[], object]] = [
            lambda: puller.recv(timeout=PATIENCE),
            lambda: pusher.send(SMALL),
            lambda: pusher.send(SMALL, timeout=PATIENCE),
            lambda: pusher.send_many([SMALL]),
            lambda: publisher.publish("topic", SMALL),
        ]
        for call in calls:
            _log.held_back.append(KeyboardInterrupt())
            with pytest.raises(KeyboardInterrupt):
                call()
    # Nothing was lost by it: what was received is still here, and what was sent was sent.
    assert [puller.recv(timeout=PATIENCE) for _ in range(6)] == [SMALL] * 6


def test_a_class_made_from_bytes_sends_what_it_has(tcp: str) -> None:
    class Odd(bytes):
        def __len__(self) -> int:
            return 200_000

    with Socket(SocketType.PAIR) as left, Socket(SocketType.PAIR) as right:
        left.connect(right.bind(tcp), timeout=PATIENCE)
        for odd in (Odd(SMALL), Odd(LARGE)):
            left.send(odd, timeout=PATIENCE)
            left.send_many([odd], timeout=PATIENCE)
            left.send_parts([odd], timeout=PATIENCE)
            expected = bytes(memoryview(odd))
            assert [right.recv(timeout=PATIENCE) for _ in range(3)] == [expected] * 3


def test_a_batch_that_takes_long_is_cut() -> None:
    with Pusher(send_hwm=0) as pusher, Puller(receive_hwm=0) as puller:
        pusher.connect(puller.bind("inproc://native-long"), timeout=PATIENCE)
        batch = [bytes(60_000)] * 500
        with pytest.raises(ZMQTimeoutError) as caught:
            pusher.send_many(batch, timeout=0.001)
        assert 0 < caught.value.sent < 500
        assert pusher.stats.messages_sent == caught.value.sent
        assert pusher.stats.timeouts == 1


def test_time_outs_of_empty_batches_are_checked() -> None:
    with Pusher() as pusher:
        with pytest.raises(TypeError):
            pusher.send_many([], timeout="bad")  # type: ignore[arg-type]
        pusher.send_many([])


def test_sockets_that_do_not_send_say_so() -> None:
    with Socket(SocketType.PULL) as puller:
        with pytest.raises(ZMQNotSupportedError):
            puller.send(SMALL)
        with pytest.raises(ZMQNotSupportedError):
            puller.send_many([SMALL])
        with pytest.raises(ZMQNotSupportedError):
            puller.publish("", SMALL)
    with pytest.raises(ZMQClosedError):
        puller.send(SMALL)


def test_topics_that_are_not_usual(tcp: str) -> None:
    with Publisher(on_full=OnFull.WAIT) as publisher, Subscriber() as subscriber:
        subscriber.subscribe("")
        subscriber.connect(publisher.bind(tcp), timeout=PATIENCE)
        publisher.wait_subscribers("", timeout=PATIENCE)
        for topic in ("", "grün", "\udcff", "t" * 5000):
            publisher.publish(topic, SMALL, timeout=PATIENCE)
            assert subscriber.recv(timeout=PATIENCE) == (topic, SMALL)


def test_topics_do_not_have_a_space_where_that_ends_them(tcp: str) -> None:
    options: SocketOptions = {"wire_form": WireForm.SPACE}
    with Publisher(**options) as publisher, Subscriber(**options) as subscriber:
        subscriber.subscribe("")
        subscriber.connect(publisher.bind(tcp), timeout=PATIENCE)
        publisher.wait_subscribers("", timeout=PATIENCE)
        with pytest.raises(ZMQInvalidError, match="two words"):
            publisher.publish("two words", SMALL)
        publisher.publish("next", b"two words")
        assert subscriber.recv(timeout=PATIENCE) == ("next", b"two words")


def test_what_is_no_message_is_left_alone(pair: tuple[Pusher, Puller]) -> None:
    pusher, _ = pair
    number = pusher._core.handle.id
    send, publish, several = (_native.function(name, number) for name in (b"send", b"publish", b"send_many"))
    odd: list[object] = [None, 1, "text", bytearray(b"x"), [], (), LARGE]
    assert [send(data) for data in odd] == [1] * len(odd)
    assert [publish(topic, SMALL) for topic in (None, b"topic", "\udcff")] == [1] * 3
    assert publish() == publish("topic") == publish("topic", "text") == 1
    assert [several(batch, 0) for batch in (None, [SMALL], (SMALL, None), (LARGE,))] == [0] * 4
    assert several() == several((SMALL,), -1) == several((SMALL,), None) == 0
    assert several((SMALL,), 5) == 5
    lent, publish_lent, forward, receive = (
        _native.function(name, number) for name in (b"send_lent", b"publish_lent", b"send_message", b"receive_message")
    )
    one = (SMALL,)
    refused: list[tuple[object, ...]] = [(), one, (one,), (None, 0), (one, None), (one, -1), ((), 0)]
    for call in (forward, receive):
        assert all(call(*arguments) < 0 for arguments in refused)
    for call in (lent, publish_lent):
        assert all(call(*arguments) < 0 for arguments in refused)
        assert all(call(*arguments[:1], 5000, *arguments[1:]) < 0 for arguments in refused)
        assert call((SMALL, SMALL), -1, 0) == call((SMALL, SMALL), None, 0) == _abi.EXZ_ERR_INVALID
    for unsuited in ("text", None, 1):
        with pytest.raises(TypeError):
            lent((SMALL, bytearray(10_000), unsuited), 5000, 0)
    assert publish_lent((SMALL,), 5000, 0) < 0
    parts_at_once = _native.function(b"send_parts", number)
    strange: list[object] = [None, SMALL, [SMALL], (), ("text",), (SMALL, None), (SMALL, LARGE), (SMALL,) * 1000]
    assert [parts_at_once(parts) for parts in strange] == [1] * len(strange)
    assert _native.function(b"receive_parts", number)(None) == _abi.EXZ_ERR_INVALID
    for name in (b"receive_ahead", b"receive_published"):
        ahead = _native.function(name, number)
        ready: list[Any] = [[], deque(), deque(), 1, True]
        for place, wrong in enumerate((None, 1, object(), -1, None)):
            odd_ones = ready.copy()
            odd_ones[place] = wrong
            assert ahead(*odd_ones) == ahead(*odd_ones[:4]) == _abi.EXZ_ERR_INVALID
        assert ahead(*ready) == _abi.EXZ_ERR_NOT_SUPPORTED
        assert ready[:3] == [[], deque(), deque()]
    parts_of, known = (_native.function(name, 0) for name in (b"message_parts", b"message_property"))
    assert parts_of(None) == parts_of(SMALL) == ()
    assert known() == known(None, 0) == known(SMALL, 99) == b""
    assert _lending.lent_now() == 0
    status, details = _native.function(b"request_parts", number)((SMALL,), 0, 0)
    assert status < 0
    for name in (b"request", b"request_idempotent"):
        request = _native.function(name, number)
        for arguments in ((), (SMALL,), (None, 0), (SMALL, -1), (SMALL, None), (SMALL, 0)):
            status, details = request(*arguments)
            assert status < 0
            assert isinstance(details, bytes)
    assert pusher.stats.messages_sent == 0
