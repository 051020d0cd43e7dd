# SPDX-License-Identifier: Apache-2.0
"""What is received in one call is cut where it has to be."""

import ctypes
import itertools
import tracemalloc
from collections.abc import Callable

import pytest

from experimance_zmq import Puller, Pusher, _cutting
from experimance_zmq._cutting import messages, published
from experimance_zmq._prefetch import LARGE

PATIENCE = 10.0


def in_memory(parts: list[bytes]) -> tuple[object, memoryview]:
    data = b"".join(parts)
    sizes = (ctypes.c_size_t * len(parts))(*map(len, parts))
    return ctypes.create_string_buffer(data, len(data) + 16), memoryview(sizes).cast("B")


@pytest.mark.parametrize("count", [1, 2, 3, 255, 256, 300, 511])
@pytest.mark.parametrize("size", [0, 1, 100])
def test_messages_of_one_size(count: int, size: int) -> None:
    expected = [bytes([number % 251]) * size for number in range(count)]
    assert messages(*in_memory(expected)) == expected


def test_messages_of_many_sizes() -> None:
    expected = [bytes([size % 251]) * size for size in (5, 0, 1, 100, 5, 0)]
    assert messages(*in_memory(expected)) == expected


@pytest.mark.parametrize("payloads", [[b"ab", b"cd", b"ef"], [b"", b"abc", b"d"], [b"one"]])
def test_published(payloads: list[bytes]) -> None:
    parts = [part for payload in payloads for part in (b"topic", payload)]
    assert published(*in_memory(parts)) == [("topic", payload) for payload in payloads]


def test_topics_that_are_not_utf8() -> None:
    assert published(*in_memory([b"\xff", b"x"])) == [("\udcff", b"x")]


def test_large_messages_among_small_ones(tcp: str) -> None:
    """Large ones take another way; order and content stay, and nobody's message is written to again."""
    sizes = [10, LARGE, LARGE, LARGE - 1, 3, LARGE + 1, LARGE + 1, 9 << 20, 9 << 20, 0, 5, LARGE, 1 << 20, 1 << 19]
    sent = [bytes([number]) * size for number, size in enumerate(sizes)]
    with Puller() as puller, Pusher() as pusher:
        pusher.connect(puller.bind(tcp), timeout=PATIENCE)
        for message in sent:
            pusher.send(message, timeout=PATIENCE)
        received = [puller.recv(timeout=PATIENCE) for _ in sent]
    assert [len(message) for message in received] == sizes
    assert received == sent


def topics() -> None:
    """As many as are kept, each of a size that its sender chose."""
    for number in range(200):
        assert published(*in_memory([b"%d" % number * 40_000, b""])) == [(f"{number}" * 40_000, b"")]


def layouts() -> None:
    """Batches of messages that are of one size each."""
    for size in range(1, 140):
        assert len(messages(*in_memory([bytes(size)] * 4096))) == 4096


@pytest.mark.parametrize("come", [topics, layouts])
def test_what_is_kept_does_not_grow_with_what_comes(come: Callable[[], None]) -> None:
    _cutting._layout.cache_clear()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        come()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 4 << 20


def test_topics_are_found_again() -> None:
    for topic in (b"t" * 256, b"t" * 257):
        first, second = itertools.chain(*(published(*in_memory([topic, b""])) for _ in "12"))
        assert first == second == (topic.decode(), b"")
