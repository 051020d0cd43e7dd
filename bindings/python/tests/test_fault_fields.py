# SPDX-License-Identifier: Apache-2.0
"""What each method of a fault proxy asks the library for."""

import ctypes
from collections.abc import Callable
from typing import Any

import pytest

from experimance_zmq import _abi
from experimance_zmq.testing import Direction, FaultProxy

TO_TARGET, TO_CLIENT = Direction.TO_TARGET, Direction.TO_CLIENT
WHOM = {"direction": TO_TARGET, "count": 3, "share": 0.5}
LIMIT = {"after_bytes": 2**40, "after_ms": 1500}
Add = Callable[[FaultProxy], object]

ASKED: dict[str, list[tuple[Add, dict[str, Any]]]] = {
    "DOWN": [(lambda proxy: proxy.down(), {})],
    "BLACKHOLE": [
        (lambda proxy: proxy.blackhole(), {}),
        (lambda proxy: proxy.blackhole(count=3, share=0.5), {"count": 3, "share": 0.5}),
    ],
    "RESET": [
        (lambda proxy: proxy.reset(), {}),
        (
            lambda proxy: proxy.reset(after_bytes=2**40, after=1.5, direction=TO_TARGET, count=3, share=0.5),
            WHOM | LIMIT,
        ),
    ],
    "CLOSE": [
        (lambda proxy: proxy.close_connections(), {}),
        (
            lambda proxy: proxy.close_connections(
                after_bytes=2**40, after=1.5, direction=TO_TARGET, count=3, share=0.5
            ),
            WHOM | LIMIT,
        ),
    ],
    "LATENCY": [
        (lambda proxy: proxy.latency(0.2), {"delay_ms": 200}),
        (
            lambda proxy: proxy.latency(0.2, jitter=0.1, direction=TO_TARGET, count=3, share=0.5),
            WHOM | {"delay_ms": 200, "jitter_ms": 100},
        ),
    ],
    "BANDWIDTH": [
        (lambda proxy: proxy.bandwidth(2**40), {"bytes_per_second": 2**40}),
        (
            lambda proxy: proxy.bandwidth(5, direction=TO_TARGET, count=3, share=0.5),
            WHOM | {"bytes_per_second": 5},
        ),
    ],
    "SLICE": [
        (lambda proxy: proxy.slice(7), {"slice_bytes": 7}),
        (
            lambda proxy: proxy.slice(7, spread=2, pause=0.01, direction=TO_TARGET, count=3, share=0.5),
            WHOM | {"slice_bytes": 7, "slice_spread": 2, "pause_ms": 10},
        ),
    ],
    "SLOW_CLOSE": [
        (lambda proxy: proxy.slow_close(2), {"delay_ms": 2000}),
        (lambda proxy: proxy.slow_close(2, direction=TO_TARGET, count=3, share=0.5), WHOM | {"delay_ms": 2000}),
    ],
    "CORRUPT": [
        (lambda proxy: proxy.corrupt(0.25), {"flip_rate": 0.25}),
        (lambda proxy: proxy.corrupt(1, direction=TO_TARGET, count=3, share=0.5), WHOM | {"flip_rate": 1.0}),
    ],
    "HTTP": [
        (lambda proxy: proxy.http(), {}),
        (lambda proxy: proxy.http(count=3, share=0.5), {"count": 3, "share": 0.5}),
    ],
    "STALL": [
        (lambda proxy: proxy.stall(10), {"after_bytes": 10}),
        (lambda proxy: proxy.stall(0, direction=TO_TARGET, count=3, share=0.5), WHOM),
    ],
    "HALF_OPEN": [
        (lambda proxy: proxy.half_open(TO_CLIENT), {"direction": TO_CLIENT}),
        (lambda proxy: proxy.half_open(TO_TARGET, count=3, share=0.5), WHOM),
    ],
}


def fields(fault: _abi.exz_fault) -> dict[str, Any]:
    return {name: getattr(fault, name) for name, *_ in fault._fields_}


@pytest.mark.parametrize("kind", ASKED)
def test_method_asks_for_its_fault_and_for_what_it_was_given(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, Any]] = []
    add_to_library = _abi.exz_fault_add

    def note(number: ctypes.c_uint32, handle: _abi.exz_fault_proxy, fault: _abi.exz_fault) -> int:
        asked.append(fields(fault))
        return add_to_library(number, handle, fault)

    monkeypatch.setattr(_abi, "exz_fault_add", note)
    default = _abi.exz_fault()
    _abi.exz_fault_init(default)
    default.kind = getattr(_abi, f"EXZ_FAULT_{kind}")
    with FaultProxy("tcp://127.0.0.1:9") as proxy:
        for add, _ in ASKED[kind]:
            add(proxy)
    assert asked == [fields(default) | given for _, given in ASKED[kind]]
