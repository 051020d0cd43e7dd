# SPDX-License-Identifier: Apache-2.0
"""How a message of the ledger looks, and how a journal of them is kept: what records.c is for C and Swift."""

import os
import struct
import time
import zlib
from dataclasses import dataclass

HEADER = struct.Struct("<4sIIHBBHHII")
MAGIC = b"LEDG"
CHECKED = HEADER.size - 4
LARGEST = 100 * 1024

# Time, number, size, incarnation, kind, direction, status, flow.
RECORD = struct.Struct("<QIIHBBhH")
ATTEMPT, RESULT, RECEIVED, EVENT, STATISTIC = range(1, 6)
SENT, GOT, REFUSED, LINKS_LOST, QUEUES_DROPPED, EVENTS_DROPPED = range(1, 7)
SPOILED = -1


def _filling() -> bytes:
    noise, made = 1, bytearray()
    for _ in range(LARGEST + 256):
        noise = (noise * 1664525 + 1013904223) & 0xFFFFFFFF
        made.append(noise >> 24)
    return bytes(made)


@dataclass(frozen=True)
class Message:
    """What a message says of itself. The incarnation is that of who has given it its number."""

    number: int
    incarnation: int
    direction: int
    flow: int
    is_end: bool = False

    @property
    def size(self) -> int:
        """Most are small, some are large."""
        rest, share = divmod((self.number * 2654435761 & 0xFFFFFFFF) >> 8, 1000)
        if share < 5:
            return LARGEST
        return 1024 + rest % 15360 if share < 100 else HEADER.size + rest % 500

    def written(self) -> bytes:
        begin = self.number % 256
        body = FILLING[begin : begin + self.size - HEADER.size]
        fields = (MAGIC, self.number, self.size, self.incarnation, self.direction, self.is_end, self.flow, 0, 0)
        head = HEADER.pack(*fields, 0)[:CHECKED]
        return head + struct.pack("<I", zlib.crc32(body, zlib.crc32(head))) + body


FILLING = _filling()


def read(data: bytes) -> Message | None:
    """The message that these bytes are; None if they are not as they were written."""
    if len(data) < HEADER.size:
        return None
    magic, number, size, incarnation, direction, is_end, flow, _, _, checksum = HEADER.unpack_from(data)
    if magic != MAGIC or size != len(data):
        return None
    if zlib.crc32(memoryview(data)[HEADER.size :], zlib.crc32(data[:CHECKED])) != checksum:
        return None
    return Message(number, incarnation, direction, flow, bool(is_end))


class Journal:
    """Appends records, each at once and as a whole: it is the kernel's then, and outlives the process."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o666)

    def append(
        self,
        kind: int,
        *,
        number: int = 0,
        size: int = 0,
        incarnation: int = 0,
        direction: int = 0,
        status: int = 0,
        flow: int = 0,
        time_ns: int = 0,
    ) -> None:
        fields = (number, size, incarnation, kind, direction, status, flow)
        os.write(self._file, RECORD.pack(time_ns or time.monotonic_ns(), *fields))
