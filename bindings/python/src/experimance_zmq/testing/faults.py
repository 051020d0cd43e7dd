# SPDX-License-Identifier: Apache-2.0
"""A fault that is in force, and which way it goes."""

import enum
from contextlib import suppress
from types import TracebackType
from typing import Self

from .. import _abi
from .._not_copied import NotCopied
from ..errors import ZMQClosedError, ZMQForkedError
from ._proxy_core import ProxyCore


class Direction(enum.IntEnum):
    """Which way the bytes go that a fault is about.

    Attributes:
        BOTH: both ways; of a number of bytes each has its own.
        TO_TARGET: from who has connected to the target.
        TO_CLIENT: from the target to who has connected.
    """

    BOTH = _abi.EXZ_FAULT_BOTH
    TO_TARGET = _abi.EXZ_FAULT_TO_TARGET
    TO_CLIENT = _abi.EXZ_FAULT_TO_CLIENT


class Fault(NotCopied):
    """A fault that has been added to a `FaultProxy`. In force until it is removed; a `with` statement does that.

    Attributes:
        id: its number: 1 for the proxy's first, then 2, and so on. With the seed it says whom it strikes.
        name: which fault it is: the method of `FaultProxy` that has added it.
    """

    id: int
    name: str

    def __init__(self, core: ProxyCore, number: int, name: str) -> None:
        self._core = core
        self.id = number
        self.name = name

    def wait(self, at_least: int = 1, *, timeout: float = 1.0) -> None:
        """Waits until it has struck so many connections, so that no test has to sleep.

        It strikes a connection when it first changes something there: the first bytes are delayed, slowed down, sliced
        or flipped; an end of the connection is held back; the bytes that were let through before are through; the
        connection is ended, answered, or swallowed. `down` strikes once, as it is added.

        It blocks its thread. In a coroutine: `await asyncio.to_thread(fault.wait)`.

        Args:
            at_least: how many connections; 0 is always reached.
            timeout: seconds.

        Raises:
            ZMQTimeoutError: the time was up; the message has the proxy's statistics.
            ZMQClosedError: the fault was removed or its proxy closed, before or meanwhile.
            ZMQInvalidError: a number is out of range.
            ZMQForkedError: the proxy belongs to the parent process.
        """
        self._core.wait_for_strikes(self.id, at_least, timeout, f"connections that {self.name} strikes")

    def remove(self) -> None:
        """Removes it. What it held back goes on; what it has ended stays so. Removing it again does nothing.

        Raises:
            ZMQSocketError: after `down`, why the proxy can not listen again at this moment, such as
                `ZMQAddressInUseError` where another process has taken a path: the fault is removed, and the proxy tries
                again until it listens.
            ZMQClosedError: the proxy is closed.
            ZMQForkedError: the proxy belongs to the parent process.
        """
        self._core.remove(self.id)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        # One that is refused so has ended with its proxy, or is the parent's to remove.
        with suppress(ZMQClosedError, ZMQForkedError):
            self.remove()

    def __repr__(self) -> str:
        return f"<Fault {self.id}: {self.name}>"
