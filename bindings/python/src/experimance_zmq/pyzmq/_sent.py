# SPDX-License-Identifier: Apache-2.0
"""The futures of sends that are over."""

import asyncio
from asyncio import _get_running_loop
from sys import getrefcount
from typing import Any


class Sent:
    """Hands out futures that are done. To make one takes longer than to send, so that one which nobody has kept, which
    is what `await` leaves behind, is handed out again.
    """

    __slots__ = ("_future", "_loop", "_usual")

    def __init__(self) -> None:
        self._loop: Any = None
        self._future: asyncio.Future[Any] | None = None
        self._usual = 0
        """The references to it when nobody else has it."""

    def future(self) -> "asyncio.Future[Any]":
        """One that is done, with nothing to say."""
        if self._future is not None and getrefcount(self._future) == self._usual and self._loop is _get_running_loop():
            return self._future
        return self._make()

    def _make(self) -> "asyncio.Future[Any]":
        self._future = asyncio.Future()
        self._future.set_result(None)
        self._loop = self._future.get_loop()
        self._usual = getrefcount(self._future)
        return self._future
