# SPDX-License-Identifier: Apache-2.0
"""A message that can not be handed over now, for want of memory, is the next one to be received."""

import ctypes
from collections.abc import Callable
from typing import Any

import pytest

from both_loops import both_loops
from event_reader import PATIENCE
from experimance_zmq import (
    Publisher,
    Socket,
    SocketType,
    WireForm,
    ZMQNoMemoryError,
    _abi,
    aio,
)

FullyUsed = Callable[[], None]


@pytest.fixture(params=["the library", "Python"])
def no_memory_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> FullyUsed:
    """To be called to have the second part of the next message find no memory."""

    def use_up() -> None:
        asked = 0

        def is_second() -> bool:
            nonlocal asked
            asked += 1
            return asked == 2

        part, string_at = _abi.exz_message_part, ctypes.string_at

        def library_has_none(*arguments: Any) -> int:
            return _abi.EXZ_ERR_NO_MEMORY if is_second() else part(*arguments)

        def python_has_none(*arguments: Any) -> bytes:
            if is_second():
                raise MemoryError
            return string_at(*arguments)

        if request.param == "Python":
            monkeypatch.setattr(ctypes, "string_at", python_has_none)
        else:
            monkeypatch.setattr(_abi, "exz_message_part", library_has_none)

    return use_up


def test_parts_without_memory_are_received_next(no_memory_once: FullyUsed) -> None:
    with Socket(SocketType.PUSH) as pusher, Socket(SocketType.PULL) as puller:
        pusher.connect(puller.bind("tcp://127.0.0.1:*"), timeout=PATIENCE)
        for number in (b"1", b"2"):
            pusher.send_parts([number, b"x" * 100_000])
        no_memory_once()
        with pytest.raises((ZMQNoMemoryError, MemoryError)):
            puller.recv_parts(timeout=PATIENCE)
        assert puller.stats.messages_received == 0
        assert puller.recv_parts(timeout=PATIENCE) == [b"1", b"x" * 100_000]
        assert puller.recv_parts(timeout=PATIENCE) == [b"2", b"x" * 100_000]
        assert puller.stats.messages_received == 2


def test_a_published_message_without_memory_is_received_next_in_either_way(no_memory_once: FullyUsed) -> None:
    with Publisher(wire_form=WireForm.SPACE) as publisher, Socket(SocketType.SUB, wire_form=WireForm.SPACE) as sub:
        sub.subscribe("")
        sub.connect(publisher.bind("tcp://127.0.0.1:*"), timeout=PATIENCE)
        publisher.wait_subscribers("", timeout=PATIENCE)
        publisher.publish("topic", b"payload")
        no_memory_once()
        with pytest.raises((ZMQNoMemoryError, MemoryError)):
            sub.recv_parts(timeout=PATIENCE)
        assert sub.recv(timeout=PATIENCE) == b"topic payload"
        stats = sub.stats
        assert (stats.messages_received, stats.bytes_received) == (1, len(b"topic payload"))


@both_loops
async def test_parts_without_memory_are_received_next_under_asyncio(no_memory_once: FullyUsed) -> None:
    async with aio.Socket(SocketType.PUSH) as pusher, aio.Socket(SocketType.PULL) as puller:
        await pusher.connect(await puller.bind("tcp://127.0.0.1:*"), timeout=PATIENCE)
        await pusher.send_parts([b"1", b"2"])
        no_memory_once()
        with pytest.raises((ZMQNoMemoryError, MemoryError)):
            await puller.recv_parts(timeout=PATIENCE)
        assert await puller.recv_parts(timeout=PATIENCE) == [b"1", b"2"]
