# SPDX-License-Identifier: Apache-2.0
"""Each fault, met by links that are up: what they are told, what becomes of messages, and that all goes on after it."""

import time
from collections.abc import Callable
from contextlib import suppress

import pytest

from event_reader import PATIENCE
from experimance_zmq import EventKind, ZMQSocketError
from experimance_zmq.testing import Direction, Fault, FaultProxy
from experimance_zmq_pytest import MakeFaultProxy
from fault_clients import CLIENTS, client

DELAY = 0.1
PAYLOAD = bytes(range(256)) * 64
AddFault = Callable[[FaultProxy], Fault]

ENDING: dict[str, AddFault] = {
    "down": lambda proxy: proxy.down(),
    "reset": lambda proxy: proxy.reset(),
    "reset after bytes": lambda proxy: proxy.reset(after_bytes=3),
    "reset after a time": lambda proxy: proxy.reset(after=0.01),
    "close": lambda proxy: proxy.close_connections(),
    "close after bytes": lambda proxy: proxy.close_connections(after_bytes=3),
    "close after a time": lambda proxy: proxy.close_connections(after=0.01),
}

HOLDING: dict[str, AddFault] = {
    "blackhole": lambda proxy: proxy.blackhole(),
    "stall": lambda proxy: proxy.stall(0),
    "stall in a message": lambda proxy: proxy.stall(3),
}

SLOWING: dict[str, AddFault] = {
    "latency": lambda proxy: proxy.latency(0.02, jitter=0.02),
    "bandwidth": lambda proxy: proxy.bandwidth(100_000),
    "slice": lambda proxy: proxy.slice(100, spread=99),
}

kinds = pytest.mark.parametrize("kind", CLIENTS)


@kinds
@pytest.mark.parametrize("fault", ENDING)
def test_link_that_ends_is_told_and_made_again(fault: str, kind: str, fault_proxy: MakeFaultProxy) -> None:
    with client(kind) as it:
        proxy = fault_proxy(it.target)
        it.connect(proxy.endpoint)
        assert it.talk(b"before") == b"before"
        with ENDING[fault](proxy) as added:
            it.say(b"may be lost")
            with suppress(ZMQSocketError):
                it.hear(DELAY)
            added.wait(timeout=PATIENCE)
            assert it.event(EventKind.LOST).endpoint == proxy.endpoint
        heard = it.talk_until_heard(b"after")
        while heard != b"after":
            heard = it.hear(PATIENCE)


@kinds
@pytest.mark.parametrize("fault", HOLDING)
def test_what_is_held_arrives_when_the_fault_is_removed(fault: str, kind: str, fault_proxy: MakeFaultProxy) -> None:
    with client(kind) as it:
        proxy = fault_proxy(it.target)
        it.connect(proxy.endpoint)
        assert it.talk(b"before") == b"before"
        with HOLDING[fault](proxy) as added:
            it.say(b"held")
            with pytest.raises(TimeoutError):
                it.hear(DELAY)
            added.wait(timeout=PATIENCE)
        assert it.hear(PATIENCE) == b"held"
        assert it.socket.stats.links_lost == 0


@kinds
@pytest.mark.parametrize("direction", [Direction.TO_TARGET, Direction.TO_CLIENT], ids=lambda member: member.name)
def test_one_direction_is_held_and_the_other_goes_on(
    direction: Direction, kind: str, fault_proxy: MakeFaultProxy
) -> None:
    says_to = Direction.TO_CLIENT if "Subscriber" in kind else Direction.TO_TARGET
    with client(kind) as it:
        proxy = fault_proxy(it.target)
        it.connect(proxy.endpoint)
        assert it.talk(b"before") == b"before"
        with proxy.half_open(direction) as added:
            it.say(b"held")
            if direction is says_to or "Requester" in kind:
                with pytest.raises(TimeoutError):
                    it.hear(DELAY)
                added.wait(timeout=PATIENCE)
            else:
                assert it.hear(PATIENCE) == b"held"
                return
        assert it.hear(PATIENCE) == b"held"


@kinds
@pytest.mark.parametrize("fault", SLOWING)
def test_what_is_slow_arrives_whole(fault: str, kind: str, fault_proxy: MakeFaultProxy) -> None:
    with client(kind) as it:
        proxy = fault_proxy(it.target)
        it.connect(proxy.endpoint)
        with SLOWING[fault](proxy) as added:
            assert it.talk(PAYLOAD) == PAYLOAD
            added.wait(timeout=PATIENCE)
        assert it.talk(b"after") == b"after"
        assert it.socket.stats.links_lost == 0


@kinds
def test_latency_is_at_least_what_it_says(kind: str, fault_proxy: MakeFaultProxy) -> None:
    with client(kind) as it:
        proxy = fault_proxy(it.target)
        it.connect(proxy.endpoint)
        assert it.talk(b"before") == b"before"
        with proxy.latency(DELAY):
            start = time.monotonic()
            assert it.talk(b"late") == b"late"
            assert time.monotonic() - start >= DELAY * (2 if "Requester" in kind else 1)


@kinds
def test_end_that_is_passed_on_late_is_told_late(kind: str, fault_proxy: MakeFaultProxy) -> None:
    with client(kind) as it:
        proxy = fault_proxy(it.target)
        it.connect(proxy.endpoint)
        # What a server has not read when it closes makes its end a reset, which is no end that can be slow.
        assert it.talk(b"before") == b"before"
        with proxy.slow_close(DELAY) as added:
            start = time.monotonic()
            it.server.close(linger=0)
            added.wait(timeout=PATIENCE)
            assert it.event(EventKind.LOST).time - start >= DELAY


@kinds
def test_dropped_link_is_told_and_made_again(kind: str, fault_proxy: MakeFaultProxy) -> None:
    with client(kind) as it:
        proxy = fault_proxy(it.target)
        it.connect(proxy.endpoint)
        proxy.drop()
        assert it.event(EventKind.LOST).endpoint == proxy.endpoint
        it.event(EventKind.HANDSHAKEN)
        assert it.talk_until_heard(b"after") == b"after"
