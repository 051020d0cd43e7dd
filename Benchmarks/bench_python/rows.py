# SPDX-License-Identifier: Apache-2.0
"""What is measured, and what it is meant to reach."""

from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True)
class Row:
    """One line of the table. The ratio is that of the speeds: over 1, this package is the faster one.

    A receive of short messages is as fast as libzmq's I/O thread gives them, which is another libzmq's in pyzmq's
    wheel. So how much of that is lost is seen against C with the same one.
    """

    name: str
    work: str
    target: float | None
    size: int = 100
    against: str = "pyzmq"
    """The module that has the other side's work."""
    is_of_cpu: bool = False
    """Whether it is the CPU time of the main thread that is compared, and not the time that goes by."""


ROWS = (
    Row("recv, against zmq_recv in C", "recv", 0.95, against="plain_c"),
    Row("recv", "recv", None),
    Row("for message in puller, against recv", "recv_loop", None),
    Row("recv_many, against recv", "recv_many", None),
    Row("send", "send", 1.0),
    Row("send_many of 250, against send: CPU", "send_many", 2.2, is_of_cpu=True),
    Row("asyncio: await recv()", "aio_recv", 20),
    Row("asyncio: async for, against await recv()", "aio_loop", 20),
    Row("asyncio: await send()", "aio_send", 5),
    Row("recv_parts of two", "recv_parts", 1.0),
    Row("recv_parts of two, prefetch=0", "recv_parts_one_by_one", 1.0),
    Row("send_parts of two", "send_parts", 1.0),
    Row("asyncio: await recv_parts() of two", "aio_recv_parts", 8),
    Row("asyncio: await send_parts() of two", "aio_send_parts", 4),
    Row("a dict as JSON, pulled and pushed", "json", 4),
    Row("asyncio: a dict as JSON, pulled and pushed", "aio_json", 15),
    Row("request and reply, p50", "round_trip", 1 / 1.1),
    Row("recv of 1 MiB", "recv", 1.0, MIB),
    Row("send of 1 MiB", "send", 1.4, MIB),
    Row("recv of an array of 1 MiB, copy=False", "recv_array", 1.0, MIB),
    Row("send of an array of 1 MiB, copy=False", "send_array", 1.0, MIB),
    Row("import of the package", "import", 1.0),
)
