# SPDX-License-Identifier: Apache-2.0
"""What else may be at a port."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

GREETING = b"\xff\0\0\0\0\0\0\0\1\x7f\3\1NULL".ljust(64, b"\0")
READY = b"\4\x1a\5READY\x0bSocket-Type\0\0\0\4PULL"
"""What a PULL says first."""


@contextlib.contextmanager
def listener(host: str = "127.0.0.1") -> Iterator[tuple[str, int]]:
    """A port that this process listens at."""
    with socket.create_server((host, 0)) as server:
        port = server.getsockname()[1]
        yield f"tcp://{host}:{port}", port


@contextlib.contextmanager
def reserved_port() -> Iterator[int]:
    """A port at which nobody listens, and that no other process is given."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]


@contextlib.contextmanager
def serving(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that treats each connection in that way, one by one, and reads it until it is closed from there."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            # Until the server is shut down.
            while True:
                try:
                    client, _ = server.accept()
                except OSError:
                    return
                # It may be reset from there.
                with client, contextlib.suppress(OSError):
                    answer(client)
                    while client.recv(4096):
                        pass

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"tcp://127.0.0.1:{server.getsockname()[1]}"
        with contextlib.suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
        thread.join()


@contextlib.contextmanager
def answering(first: bytes) -> Iterator[str]:
    """A server that says this to whoever connects, and nothing else."""
    with serving(lambda client: client.sendall(first)) as endpoint:
        yield endpoint


@contextlib.contextmanager
def waiting_for_a_line() -> Iterator[str]:
    """A web server that says nothing before it has been asked in lines."""

    def answer(client: socket.socket) -> None:
        heard = b""
        while b"\r\n\r\n" not in heard and (more := client.recv(4096)):
            heard += more
        client.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with serving(answer) as endpoint:
        yield endpoint


@contextlib.contextmanager
def greeting_late() -> Iterator[str]:
    """A PULL that greets only when it has been sent the end of a line, and the next time at once."""
    spoilt: list[socket.socket] = []

    def hear(client: socket.socket, end: bytes) -> None:
        heard = b""
        while end not in heard and (more := client.recv(4096)):
            heard += more

    def answer(client: socket.socket) -> None:
        if not spoilt:
            spoilt.append(client)
            hear(client, b"\r\n\r\n")
            return client.sendall(GREETING)
        client.sendall(GREETING + READY)
        hear(client, b"\4PING\0\0doctor")
        return client.sendall(b"\4\x0b\4PONGdoctor")

    with serving(answer) as endpoint:
        yield endpoint


class Router:
    """The side of a connection that a ROUTER has, as far as one peer needs it."""

    _READY = b"\4\x1c\5READY\x0bSocket-Type\0\0\0\6ROUTER"

    def __init__(self, client: socket.socket) -> None:
        self._client = client
        client.sendall(GREETING + self._READY)
        self._stream = client.makefile("rb")
        self._read(len(GREETING))

    def _read(self, count: int) -> bytes:
        found = self._stream.read(count)
        if len(found) < count:
            raise ConnectionError("the peer has gone")
        return found

    def receive(self) -> list[bytes]:
        """The parts of the next message."""
        parts: list[bytes] = []
        while True:
            (flags,) = self._read(1)
            content = self._read(int.from_bytes(self._read(8 if flags & 2 else 1), "big"))
            if not flags & 4:
                parts.append(content)
                if not flags & 1:
                    return parts
            elif content.startswith(b"\4PING"):
                pong = b"\4PONG" + content[7:]
                self._client.sendall(bytes([4, len(pong)]) + pong)

    @staticmethod
    def written(parts: list[bytes]) -> bytes:
        """A message of parts that are shorter than 256 bytes."""
        last = len(parts) - 1
        return b"".join(bytes([index < last, len(part)]) + part for index, part in enumerate(parts))

    def send(self, parts: list[bytes]) -> None:
        self._client.sendall(self.written(parts))

    def flood(self, parts: list[bytes]) -> None:
        """Says that again and again, and takes whatever comes, until the peer has gone."""

        def take() -> None:
            with contextlib.suppress(OSError):
                while self._client.recv(1 << 20):
                    pass

        taking = threading.Thread(target=take, daemon=True)
        taking.start()
        try:
            while True:
                self._client.sendall(self.written(parts) * 100)
        finally:
            taking.join()


@contextlib.contextmanager
def deaf_port(host: str = "127.0.0.1", port: int = 0) -> Iterator[int]:
    """A port that answers nobody: as many connections wait there as may."""
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(socket.socket())
        server.bind((host, port))
        server.listen(0)
        for _ in range(8):
            client = stack.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(server.getsockname())
        yield server.getsockname()[1]
