# SPDX-License-Identifier: Apache-2.0
"""What is sent without being copied.

The library has the object's memory until libzmq is done with it, which libzmq says on a thread of its own. Whoever has
the interpreter's lock next gives the object back: a send, a close, or the main thread, which is asked for it.
"""

import atexit
import os
from typing import Any

from . import _native
from .errors import ZMQInvalidError

SHORT = 4096
"""Shorter ones are copied, which takes no longer."""

LARGE = 64 << 10
"""What can not change is never copied from this size on."""

_INTERPRETER_ENDS = 1
_IS_CHILD = 2

_loans = _native.function(b"loans", 0)


def lent_now() -> int:
    """How many objects libzmq has, and nobody has taken back."""
    count: int = _loans(0)
    return count


def shortest_lent(copy: bool) -> int:
    """How long bytes are at least that are lent."""
    return LARGE if copy else SHORT


def view(data: Any) -> memoryview:
    """The memory of a message, or of a part."""
    try:
        return memoryview(data)
    except TypeError:
        advice = "encode it, or use" if isinstance(data, str) else "for a value there is"
        raise TypeError(
            f"a message is bytes or another bytes-like object, not {type(data).__name__}: "
            f"{advice} send_json (publish_json, request_json)"
        ) from None
    except BufferError as error:
        raise ZMQInvalidError(f"it can not be sent as one part: {error}") from None


def as_bytes(data: Any) -> bytes:
    """A copy, or what can not change."""
    # A class made from bytes may say anything of its length.
    return data if type(data) is bytes else view(data).tobytes()


def as_part(data: Any, copy: bool) -> bytes | memoryview:
    """What is to be sent: bytes, or memory to lend."""
    if type(data) is bytes:
        return data
    # What came over a socket does not change either.
    if copy and not isinstance(data, _native.MessageMemory):
        return view(data).tobytes()
    memory = view(data)
    if memory.nbytes < shortest_lent(copy):
        return memory.tobytes()
    if not memory.c_contiguous:
        raise ZMQInvalidError("memory that is not in one piece (c_contiguous) can not be sent without a copy")
    return memory


def is_lent(part: bytes | memoryview, copy: bool) -> bool:
    """Whether to lend it."""
    return type(part) is not bytes or len(part) >= shortest_lent(copy)


def _end() -> None:
    # libzmq's threads outlive the interpreter; what they have then is never given back.
    _loans(_INTERPRETER_ENDS)


os.register_at_fork(after_in_child=lambda: _loans(_IS_CHILD))
atexit.register(_end)
