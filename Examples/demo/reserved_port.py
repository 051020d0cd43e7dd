# SPDX-License-Identifier: Apache-2.0
"""A TCP port that is known before anybody listens there."""

import socket


class ReservedPort:
    """Holds a free port of the loopback interface for a server that somebody else starts, as often as it likes.

    A socket is bound to the port and never listens. Linux lets a server that sets SO_REUSEADDR, as libzmq does, listen
    beside it; but the system gives the port to nobody who asks for any free one. So there is no moment in which
    another process could take it, and until the server listens a connection is refused, just as without us.
    """

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", 0))

    @property
    def endpoint(self) -> str:
        host, port = self._socket.getsockname()
        return f"tcp://{host}:{port}"

    def release(self) -> None:
        self._socket.close()
