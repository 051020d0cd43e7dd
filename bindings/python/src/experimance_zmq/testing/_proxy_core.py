# SPDX-License-Identifier: Apache-2.0
"""A fault proxy of the library: its handle, and how its failures are told."""

import ctypes
import sys
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

from .. import _abi
from .._arguments import UINT64_MAX, milliseconds, text, whole
from .._core import detailed
from .._deadline import Deadline
from .._log import raise_held_back
from .._open_sockets import place
from ..errors import ZMQClosedError, ZMQInvalidError, ZMQLimitError, ZMQTimeoutError, class_of
from .observing import FaultCount, FaultStatistics

_ENDPOINT_CAPACITY = 1024
_CLOSED = "the fault proxy is closed"


class ProxyCore:
    """What a proxy and its faults do with the library. Closed with the last of them."""

    def __init__(self, target: str, listen: str, seed: int | None) -> None:
        self._handle = _abi.exz_fault_proxy()
        deadline = Deadline(0)
        details = _abi.exz_error(size=ctypes.sizeof(_abi.exz_error))
        addresses = text(listen, "listen"), text(target, "target")
        number = 0 if seed is None else whole(seed, "seed", UINT64_MAX)
        status = _abi.exz_fault_proxy_open(self._handle, *addresses, number, details)
        if status != _abi.EXZ_OK:
            raise detailed(status, details, deadline)
        self._opened_at = place()
        self._description = f"FaultProxy {self.endpoint()}"

    def endpoint(self) -> str:
        """Where it listens."""
        buffer = ctypes.create_string_buffer(_ENDPOINT_CAPACITY)
        self._expect_ok(_abi.exz_fault_proxy_endpoint(self._handle, buffer, _ENDPOINT_CAPACITY))
        return buffer.value.decode("utf-8", "surrogateescape")

    def add(self, fields: dict[str, Any]) -> int:
        """Adds a fault; its number."""
        fault = _abi.exz_fault()
        _abi.exz_fault_init(fault)
        for name, value in fields.items():
            setattr(fault, name, value)
        number = ctypes.c_uint32()
        status = _abi.exz_fault_add(number, self._handle, fault)
        if status == _abi.EXZ_ERR_INVALID:
            details = _abi.exz_error(size=ctypes.sizeof(_abi.exz_error))
            _abi.exz_fault_check(fault, details)
            raise ZMQInvalidError(details.message.decode("utf-8", "replace"))
        if status == _abi.EXZ_ERR_LIMIT:
            raise ZMQLimitError("a fault proxy has at most 1000 faults at once")
        self._expect_ok(status)
        return number.value

    def remove(self, number: int) -> None:
        """Removes a fault."""
        self._expect_ok(_abi.exz_fault_remove(self._handle, number))

    def statistics(self) -> FaultStatistics:
        """What it has done so far."""
        stats = _abi.exz_fault_stats(size=ctypes.sizeof(_abi.exz_fault_stats))
        self._expect_ok(_abi.exz_fault_proxy_stats(stats, self._handle))
        return FaultStatistics._from_struct(stats)

    def wait_for_strikes(self, fault: int, at_least: int, timeout: float, what: str) -> None:
        """Waits until a fault has struck so often."""
        call = partial(_abi.exz_fault_wait, self._handle, fault)
        self._wait(call, at_least, timeout, what, "the fault is removed, or its proxy closed")

    def wait_for_count(self, count: FaultCount, at_least: int, timeout: float) -> None:
        """Waits until it has counted so many."""
        call = partial(_abi.exz_fault_proxy_wait, self._handle, count)
        self._wait(call, at_least, timeout, f"of {count.name}", _CLOSED)

    def _wait(self, call: Callable[[int, int], int], at_least: int, timeout: float, what: str, closed: str) -> None:
        number = whole(at_least, "at_least", UINT64_MAX)
        deadline = Deadline(milliseconds(timeout, "timeout"))
        status = call(number, deadline.milliseconds)
        raise_held_back()
        if status == _abi.EXZ_ERR_TIMEOUT:
            text = f"waited {timeout} s in vain for {number} {what}; {self.statistics()}"
            raise ZMQTimeoutError(text, elapsed=deadline.elapsed)
        self._expect_ok(status, closed)

    def drop(self) -> None:
        """Ends all connections."""
        self._expect_ok(_abi.exz_fault_proxy_drop(self._handle))

    def close(self) -> None:
        """Ends it."""
        self._expect_ok(_abi.exz_fault_proxy_close(self._handle))

    def _expect_ok(self, status: int, closed: str = _CLOSED) -> None:
        if status == _abi.EXZ_ERR_CLOSED:
            raise ZMQClosedError(closed)
        if status != _abi.EXZ_OK:
            raise class_of(status)()

    def __del__(
        self,
        _endpoint: Callable[..., int] = _abi.exz_fault_proxy_endpoint,
        _close: Callable[..., int] = _abi.exz_fault_proxy_close,
        _is_finalizing: Callable[[], bool] = sys.is_finalizing,
    ) -> None:
        description = getattr(self, "_description", None)
        if description is None or _is_finalizing():
            return
        # One that is closed, or the parent process's, has no endpoint any more.
        is_open = _endpoint(self._handle, ctypes.create_string_buffer(_ENDPOINT_CAPACITY), _ENDPOINT_CAPACITY) == 0
        _close(self._handle)
        if is_open:
            what = f"unclosed {description}, opened at {self._opened_at}"
            warnings.warn(what, ResourceWarning, stacklevel=2, source=self)
