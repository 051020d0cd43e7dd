# SPDX-License-Identifier: Apache-2.0
"""Cuts what the library received in one call into messages, with as little of Python as can be for each."""

import ctypes
from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import accumulate
from struct import Struct
from typing import Any

from . import _abi
from ._arguments import topic_bytes, topic_text

_SIZE = ctypes.sizeof(ctypes.c_size_t)

# What is kept here is made of sizes and topics that peers choose: its bytes are bounded, not its number alone.
_LARGEST_LAYOUT = 512
"""The most messages of a layout that is kept: each takes 32 bytes for a part."""


@lru_cache(128)
def _layout(sizes: bytes, count: int) -> Struct:
    """Parts of these sizes, one behind the other, so many times."""
    group = "".join(f"{size}s" for size in memoryview(sizes).cast("L"))
    return Struct(group * count)


def parts(memory: Any, sizes: memoryview, group: int) -> list[bytes]:
    """The parts that lie in memory, one behind the other.

    Args:
        memory: where they are.
        sizes: their sizes, in bytes of C's size_t.
        group: how many parts make a message. Messages whose parts are of the same sizes are the usual case.
    """
    all_sizes = bytes(sizes)
    first = all_sizes[: group * _SIZE]
    count = len(all_sizes) // len(first)
    if first * count != all_sizes:
        numbers = sizes.cast("L").tolist()
        ends = list(accumulate(numbers))
        data = ctypes.string_at(memory, ends[-1])
        return list(map(data.__getitem__, map(slice, [0, *ends], ends)))
    cut: list[bytes] = []
    offset = 0
    while count:
        # Layouts are kept; powers of two keep their number small.
        some = min(1 << count.bit_length() - 1, _LARGEST_LAYOUT)
        layout = _layout(first, some)
        cut += layout.unpack_from(memory, offset)
        offset += layout.size
        count -= some
    return cut


def parts_of_one(socket_type: int, options: Mapping[str, Any]) -> Callable[[bytes], list[bytes]]:
    """What the library makes of a message of one frame when it is received with its parts."""
    is_published = socket_type == _abi.EXZ_SUB and options.get("wire_form") == _abi.EXZ_WIRE_SPACE
    return _topic_and_payload if is_published else only_part


def parts_of_published(message: tuple[str, bytes]) -> list[bytes]:
    """The same of a topic and its payload."""
    topic, payload = message
    return [topic_bytes(topic), payload]


def only_part(frame: bytes) -> list[bytes]:
    """A message of one part, as its parts."""
    return [frame]


def _topic_and_payload(frame: bytes) -> list[bytes]:
    topic, _, payload = frame.partition(b" ")
    return [topic, payload]


def messages(memory: Any, sizes: memoryview) -> list[bytes]:
    """Messages of one part."""
    return parts(memory, sizes, 1)


class _Topics(dict[bytes, str]):
    """The text of topics; those seen lately are kept, unless they are long."""

    _KEPT = 4096
    _LONGEST_KEPT = 256

    def __missing__(self, data: bytes) -> str:
        if len(data) > self._LONGEST_KEPT:
            return topic_text(data)
        if len(self) >= self._KEPT:
            self.clear()
        return self.setdefault(data, topic_text(data))


_topics = _Topics()


def published(memory: Any, sizes: memoryview) -> list[tuple[str, bytes]]:
    """Topics and payloads."""
    cut = parts(memory, sizes, 2)
    return list(zip(map(_topics.__getitem__, cut[::2]), cut[1::2], strict=True))
