# SPDX-License-Identifier: Apache-2.0
"""What is measured, and what it is meant to reach."""

from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True)
class Row:
    """One line of the table: a work of works.py. The ratio is that of the speeds: over 1, this package is faster."""

    name: str
    work: str
    least: float | None = None
    """What the ratio is to reach."""
    most_us: float | None = None
    """Or what this package may take at most, whatever pyzmq does."""
    size: int = 100


ROWS = (
    Row("recv", "recv", 1.0),
    Row("send", "send", 1.0),
    Row("asyncio: await recv()", "aio_recv", 8),
    Row("asyncio: await send()", "aio_send", 4),
    Row("asyncio: wait_for(recv_string(), 1)", "aio_wait_for", 3),
    Row("two parts: recv_multipart()", "recv_parts", 1.0),
    Row("two parts: send_multipart()", "send_parts", 1.0),
    Row("recv of 1 MiB, copy=False", "recv_frame", 1.0, size=MIB),
    Row("send of 1 MiB, copy=False", "send_frame", 1.0, size=MIB),
    Row("close of a linked pair", "close", most_us=100),
)
