# SPDX-License-Identifier: Apache-2.0
"""Each fault, met by clients that connect: what they are told, by when, and that the same connect works after it."""

from collections.abc import Callable

import pytest

from event_reader import PATIENCE
from experimance_zmq import Status, ZMQSocketError
from experimance_zmq.testing import Direction, Fault, FaultProxy
from experimance_zmq_pytest import MakeFaultProxy
from fault_clients import CLIENTS, client
from limits import ends_within

SHORT = 0.2
AddFault = Callable[[FaultProxy], Fault]

FAILING: dict[str, tuple[AddFault, set[Status]]] = {
    "down": (lambda proxy: proxy.down(), {Status.REFUSED}),
    "blackhole": (lambda proxy: proxy.blackhole(), {Status.TIMEOUT}),
    "reset": (lambda proxy: proxy.reset(), {Status.PEER_LOST}),
    "reset in the greeting": (lambda proxy: proxy.reset(after_bytes=5), {Status.PEER_LOST}),
    "close": (lambda proxy: proxy.close_connections(), {Status.PEER_LOST}),
    "close in the greeting": (lambda proxy: proxy.close_connections(after_bytes=5), {Status.PEER_LOST}),
    "corrupt": (lambda proxy: proxy.corrupt(1), {Status.PROTOCOL, Status.PEER_LOST}),
    "http": (lambda proxy: proxy.http(), {Status.PROTOCOL}),
    "stall in the greeting": (lambda proxy: proxy.stall(5), {Status.TIMEOUT}),
    "stall in the handshake": (lambda proxy: proxy.stall(70), {Status.TIMEOUT}),
    "half open, no question": (lambda proxy: proxy.half_open(Direction.TO_TARGET), {Status.TIMEOUT}),
    "half open, no answer": (lambda proxy: proxy.half_open(Direction.TO_CLIENT), {Status.TIMEOUT}),
}

PASSING: dict[str, AddFault] = {
    "latency": lambda proxy: proxy.latency(0.01, jitter=0.005),
    "bandwidth": lambda proxy: proxy.bandwidth(10_000),
    "slice": lambda proxy: proxy.slice(1),
    "slices with pauses": lambda proxy: proxy.slice(8, spread=4, pause=0.001),
}


@pytest.mark.parametrize("kind", CLIENTS)
@pytest.mark.parametrize("fault", FAILING)
def test_connect_fails_and_says_why(fault: str, kind: str, fault_proxy: MakeFaultProxy) -> None:
    add, expected = FAILING[fault]
    with client(kind) as it:
        proxy = fault_proxy(it.target)
        with add(proxy) as added:
            # Who says nothing is waited for until the time is up, and on a busy machine that may be before the fault is
            # met; the others are given up after three attempts.
            for timeout in [SHORT, 2, PATIENCE] if expected == {Status.TIMEOUT} else [PATIENCE]:
                with ends_within(timeout), pytest.raises(ZMQSocketError) as caught:
                    it.connect(proxy.endpoint, timeout)
                assert caught.value.status in expected
                assert caught.value.endpoint == proxy.endpoint
                if proxy.stats.struck:
                    break
            added.wait(timeout=PATIENCE)
        it.connect(proxy.endpoint)
        assert it.talk(b"after all") == b"after all"


@pytest.mark.parametrize("kind", CLIENTS)
@pytest.mark.parametrize("fault", PASSING)
def test_connect_works_all_the_same(fault: str, kind: str, fault_proxy: MakeFaultProxy) -> None:
    with client(kind) as it:
        proxy = fault_proxy(it.target)
        with PASSING[fault](proxy) as added:
            it.connect(proxy.endpoint)
            payload = bytes(range(256)) * 4
            assert it.talk(payload) == payload
            added.wait(timeout=PATIENCE)
