# SPDX-License-Identifier: Apache-2.0
"""Fault proxies used wrongly: each mistake has its error, which names what is wrong, and nothing is added."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from experimance_zmq import (
    ZMQAddressNotAvailableError,
    ZMQInvalidError,
    ZMQLimitError,
    ZMQNotSupportedError,
    ZMQResolveError,
    ZMQSocketError,
)
from experimance_zmq.testing import Direction, FaultCount, FaultProxy

GOOD = "tcp://127.0.0.1:*"
THERE = "tcp://127.0.0.1:9"
ANY: Any = object()


@pytest.fixture(scope="module")
def proxy() -> Iterator[FaultProxy]:
    with FaultProxy(THERE) as made:
        yield made


@pytest.mark.parametrize(
    ("endpoint", "error"),
    [
        ("", ZMQInvalidError),
        ("nothing", ZMQInvalidError),
        ("tcp://", ZMQInvalidError),
        ("tcp://127.0.0.1", ZMQInvalidError),
        ("tcp://127.0.0.1:65536", ZMQInvalidError),
        ("tcp://127.0.0.1:99999999999999999999", ZMQInvalidError),
        ("tcp://[::1:5", ZMQInvalidError),
        ("ipc://", ZMQInvalidError),
        ("tcp://127.0.0.1:5\0", ZMQInvalidError),
        ("tcp://\udcff:5", ZMQInvalidError),
        ("inproc://x", ZMQNotSupportedError),
        ("udp://127.0.0.1:5", ZMQNotSupportedError),
    ],
)
def test_endpoint_that_is_none(endpoint: str, error: type[ZMQSocketError]) -> None:
    with pytest.raises(error):
        FaultProxy(endpoint)
    with pytest.raises(error):
        FaultProxy(THERE, listen=endpoint)


@pytest.mark.parametrize(
    ("listen", "target", "error"),
    [
        (GOOD, "tcp://127.0.0.1:*", ZMQInvalidError),
        (GOOD, "tcp://127.0.0.1:0", ZMQInvalidError),
        (GOOD, "tcp://*:5", ZMQInvalidError),
        ("ipc://@exz-own-target", "ipc://@exz-own-target", ZMQInvalidError),
        ("tcp://192.0.2.1:*", THERE, ZMQAddressNotAvailableError),
        ("ipc:///no/such/directory/s", THERE, ZMQAddressNotAvailableError),
        ("tcp://name.invalid:*", THERE, ZMQResolveError),
    ],
)
def test_endpoint_in_the_wrong_place(listen: str, target: str, error: type[ZMQSocketError]) -> None:
    with pytest.raises(error) as caught:
        FaultProxy(target, listen=listen)
    assert caught.value.message


@pytest.mark.parametrize(
    "arguments",
    [
        {"target": None},
        {"target": b"tcp://127.0.0.1:9"},
        {"listen": 5},
        {"seed": "x"},
        {"seed": 1.5},
    ],
)
def test_argument_of_a_wrong_type(arguments: dict[str, Any]) -> None:
    everything: dict[str, Any] = {"target": THERE} | arguments
    with pytest.raises(TypeError, match=next(iter(arguments))):
        FaultProxy(**everything)


@pytest.mark.parametrize("seed", [-1, 2**64])
def test_seed_out_of_range(seed: int) -> None:
    with pytest.raises(ZMQInvalidError, match="seed"):
        FaultProxy(THERE, seed=seed)


Add = Callable[[FaultProxy], object]
NAN = float("nan")

REFUSED: list[tuple[str, Add]] = [
    ("delay is -1 s", lambda proxy: proxy.latency(-1)),
    ("delay is nan s", lambda proxy: proxy.latency(NAN)),
    ("delay is inf s", lambda proxy: proxy.latency(float("inf"))),
    ("delay is 2147483.648 s", lambda proxy: proxy.latency(2_147_483.648)),
    ("delay_ms", lambda proxy: proxy.latency(0)),
    ("jitter_ms", lambda proxy: proxy.latency(0.1, jitter=0.2)),
    ("jitter", lambda proxy: proxy.latency(0.1, jitter=-0.1)),
    ("delay_ms", lambda proxy: proxy.slow_close(0)),
    ("after_bytes", lambda proxy: proxy.reset(after_bytes=-1)),
    ("after is -0.1 s", lambda proxy: proxy.reset(after=-0.1)),
    ("after_bytes", lambda proxy: proxy.close_connections(after_bytes=2**64)),
    ("after is nan s", lambda proxy: proxy.close_connections(after=NAN)),
    ("after_bytes", lambda proxy: proxy.stall(-1)),
    ("bytes_per_second", lambda proxy: proxy.bandwidth(0)),
    ("bytes_per_second", lambda proxy: proxy.bandwidth(2**64)),
    ("slice_bytes", lambda proxy: proxy.slice(0)),
    ("slice_bytes", lambda proxy: proxy.slice(2**32)),
    ("spread", lambda proxy: proxy.slice(5, spread=5)),
    ("spread", lambda proxy: proxy.slice(5, spread=-1)),
    ("pause", lambda proxy: proxy.slice(5, pause=-1)),
    ("flip_rate", lambda proxy: proxy.corrupt(0)),
    ("flip_rate", lambda proxy: proxy.corrupt(-0.5)),
    ("flip_rate", lambda proxy: proxy.corrupt(1.5)),
    ("flip_rate", lambda proxy: proxy.corrupt(NAN)),
    ("direction", lambda proxy: proxy.half_open(Direction.BOTH)),
    ("direction", lambda proxy: proxy.half_open(3)),  # type: ignore[arg-type]  # pyright: ignore
    ("share", lambda proxy: proxy.blackhole(share=0)),
    ("share", lambda proxy: proxy.http(share=1.5)),
    ("share", lambda proxy: proxy.reset(share=NAN)),
    ("share", lambda proxy: proxy.stall(5, share=-1)),
    ("count", lambda proxy: proxy.http(count=-1)),
    ("count", lambda proxy: proxy.corrupt(0.5, count=2**32)),
    ("at_least", lambda proxy: proxy.wait(FaultCount.STRUCK, -1)),
    ("at_least", lambda proxy: proxy.wait(FaultCount.STRUCK, 2**64)),
    ("timeout", lambda proxy: proxy.wait(FaultCount.STRUCK, timeout=-1)),
    ("count", lambda proxy: proxy.wait(7)),  # type: ignore[arg-type]  # pyright: ignore
]

MISTYPED: list[tuple[str, Add]] = [
    ("delay", lambda proxy: proxy.latency("1")),  # type: ignore[arg-type]  # pyright: ignore
    ("delay", lambda proxy: proxy.slow_close(ANY)),
    ("after", lambda proxy: proxy.reset(after=ANY)),
    ("after_bytes", lambda proxy: proxy.stall(1.5)),  # type: ignore[arg-type]  # pyright: ignore
    ("bytes_per_second", lambda proxy: proxy.bandwidth(ANY)),
    ("slice_bytes", lambda proxy: proxy.slice(ANY)),
    ("flip_rate", lambda proxy: proxy.corrupt(ANY)),
    ("share", lambda proxy: proxy.http(share=ANY)),
    ("count", lambda proxy: proxy.http(count=ANY)),
    ("direction", lambda proxy: proxy.half_open(ANY)),
    ("count", lambda proxy: proxy.wait(ANY)),
    ("at_least", lambda proxy: proxy.wait(FaultCount.STRUCK, ANY)),
    ("timeout", lambda proxy: proxy.wait(FaultCount.STRUCK, timeout=ANY)),
]


@pytest.mark.parametrize(("named", "add"), REFUSED)
def test_what_makes_no_sense_is_refused(named: str, add: Add, proxy: FaultProxy) -> None:
    with pytest.raises(ZMQInvalidError, match=named):
        add(proxy)
    assert proxy.stats.faults == 0


@pytest.mark.parametrize(("named", "add"), MISTYPED)
def test_what_is_of_a_wrong_type_is_refused(named: str, add: Add, proxy: FaultProxy) -> None:
    with pytest.raises(TypeError, match=named):
        add(proxy)
    assert proxy.stats.faults == 0


def test_fault_waits_for_a_number_in_range(proxy: FaultProxy) -> None:
    with proxy.blackhole() as fault:
        fault.wait(0, timeout=0)
        with pytest.raises(ZMQInvalidError, match="at_least"):
            fault.wait(-1)
        with pytest.raises(ZMQInvalidError, match="timeout"):
            fault.wait(timeout=2_147_483.648)


def test_there_are_at_most_a_thousand_faults(proxy: FaultProxy) -> None:
    faults = [proxy.stall(1) for _ in range(1000)]
    with pytest.raises(ZMQLimitError, match="1000"):
        proxy.stall(1)
    for fault in faults:
        fault.remove()
    proxy.stall(1).remove()
