# SPDX-License-Identifier: Apache-2.0
"""A port on which nobody listens yet."""

import socket
from types import TracebackType
from typing import Self


class ReservedPort:
    """Holds a port without listening: connections are refused, and no other process is given it.

    A listener that sets SO_REUSEADDR, as libzmq's do, can still bind to it.
    """

    def __init__(self) -> None:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", 0))

    @property
    def endpoint(self) -> str:
        return f"tcp://127.0.0.1:{self._socket.getsockname()[1]}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._socket.close()
