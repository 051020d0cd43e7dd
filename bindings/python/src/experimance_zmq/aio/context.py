# SPDX-License-Identifier: Apache-2.0
"""Contexts for asyncio."""

from types import TracebackType
from typing import Self

from ..context import ContextHandle
from ._threads import in_thread


class Context(ContextHandle):
    """What sockets share. As `experimance_zmq.Context`, with a coroutine to close it."""

    _prefix = "aio."

    async def close(self, *, linger: float | None = None) -> None:
        """Closes every socket of the context and the context. Closing again does nothing.

        What its sockets have received ahead is handed out all the same, as with `experimance_zmq.Context`.

        Args:
            linger: seconds for which queued messages may still be sent; without one, 1.0. The call takes at most 0.1 s
                longer, and the loop goes on meanwhile.
        """
        await in_thread(lambda: self._close(linger))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if not self._is_inherited():
            await self.close()
