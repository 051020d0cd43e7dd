# SPDX-License-Identifier: Apache-2.0
"""Plain connections through a fault proxy, to see its bytes as they are."""

import socket
import threading

from event_reader import PATIENCE
from experimance_zmq.testing import FaultProxy


class Wire:
    """A server, and clients that reach it through a proxy. To be closed."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.settimeout(PATIENCE)
        self.target = f"tcp://127.0.0.1:{self._server.getsockname()[1]}"
        self._open: list[socket.socket] = []

    def call(self, proxy: FaultProxy) -> socket.socket:
        """A client's end of a new connection to a proxy."""
        address = proxy.endpoint.removeprefix("tcp://").rsplit(":", 1)
        return self._kept(socket.create_connection((address[0], int(address[1])), PATIENCE))

    def accept(self) -> socket.socket:
        """The server's end of the next one that arrives."""
        connection, _ = self._server.accept()
        connection.settimeout(PATIENCE)
        return self._kept(connection)

    def _kept(self, connection: socket.socket) -> socket.socket:
        self._open.append(connection)
        return connection

    def hang_up(self) -> None:
        """Closes all ends."""
        while self._open:
            self._open.pop().close()

    def close(self) -> None:
        self._server.close()
        self.hang_up()


class Greeter(Wire):
    """A server that says something to each that comes."""

    GREETING = b"!"

    def __init__(self) -> None:
        super().__init__()
        self._server.settimeout(None)
        self._thread = threading.Thread(target=self._greet)
        self._thread.start()

    def _greet(self) -> None:
        while True:
            try:
                self.accept().send(self.GREETING)
            except ConnectionError:
                pass
            except OSError:
                return

    def is_greeted(self, proxy: FaultProxy) -> bool:
        """Whether a new connection gets through, and is not reset."""
        try:
            return self.call(proxy).recv(1) == self.GREETING
        except ConnectionResetError:
            return False

    def close(self) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        super().close()


def hear(connection: socket.socket, size: int) -> bytes:
    """So many bytes."""
    heard = b""
    while len(heard) < size:
        more = connection.recv(size - len(heard))
        if not more:
            raise EOFError(heard)
        heard += more
    return heard
