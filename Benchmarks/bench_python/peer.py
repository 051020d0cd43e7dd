# SPDX-License-Identifier: Apache-2.0
"""peer MODE PORT SIZE: the other process, a plain TCP socket that speaks just enough ZMTP 3 for one link.

It writes a block of finished frames over and over, reads and drops, or gives back what it reads. That takes less of
the processor than libzmq at either side, so that what is measured is the measured side.
"""

import contextlib
import socket
import struct
import sys
import time

GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x00" + b"NULL".ljust(20, b"\0") + bytes(32)
TYPES = {
    "feed": b"PUSH",
    "feed-json": b"PUSH",
    "feed-parts": b"PUSH",
    "count": b"PUSH",
    "drain": b"PULL",
    "echo": b"REP",
}
MORE = 1
# Between two numbers.
PACE_S = 0.001
BLOCK = 256 << 10
PATIENCE_S = 60
RECORD = b'{"kind":"RenderRequest","id":12345,"era":"wilderness","biome":"coast","urgent":false,"strength":0.75}'


def read_exactly(link: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        piece = link.recv(size - len(data))
        if not piece:
            raise ConnectionError("the measured side hung up")
        data += piece
    return data


def shake_hands(link: socket.socket, socket_type: bytes) -> None:
    link.sendall(GREETING)
    read_exactly(link, len(GREETING))
    ready = b"\x05READY\x0bSocket-Type" + struct.pack(">I", len(socket_type)) + socket_type
    link.sendall(bytes((4, len(ready))) + ready)
    _flags, size = read_exactly(link, 2)
    read_exactly(link, size)


def frame(payload: bytes, flags: int = 0) -> bytes:
    if len(payload) < 256:
        return bytes((flags, len(payload))) + payload
    return bytes((flags | 2,)) + struct.pack(">Q", len(payload)) + payload


def feed(link: socket.socket, one: bytes) -> None:
    block = one * max(1, BLOCK // len(one))
    while True:
        link.sendall(block)


def count_up(link: socket.socket, count: int) -> None:
    """Numbers, and then a word for as long as somebody is there."""
    for number in range(count):
        link.sendall(frame(str(number).encode()))
        time.sleep(PACE_S)
    while True:
        link.sendall(frame(b"end"))
        time.sleep(PACE_S)


def drain(link: socket.socket) -> None:
    buffer = bytearray(1 << 20)
    while link.recv_into(buffer):
        pass


def echo(link: socket.socket) -> None:
    buffer = memoryview(bytearray(64 << 10))
    while size := link.recv_into(buffer):
        link.sendall(buffer[:size])


def main(mode: str, port: str, size: str) -> None:
    with socket.create_connection(("127.0.0.1", int(port)), timeout=PATIENCE_S) as link:
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        shake_hands(link, TYPES[mode])
        if mode == "feed":
            feed(link, frame(b"x" * int(size)))
        elif mode == "feed-parts":
            feed(link, frame(b"x" * int(size), MORE) + frame(b"x" * int(size)))
        elif mode == "feed-json":
            feed(link, frame(RECORD))
        elif mode == "count":
            count_up(link, int(size))
        elif mode == "drain":
            drain(link)
        else:
            echo(link)


if __name__ == "__main__":
    # The measured side ends when it has enough.
    with contextlib.suppress(ConnectionError):
        main(*sys.argv[1:])
