# SPDX-License-Identifier: Apache-2.0
"""The shortest way to the library, for what is called once for every message.

ctypes spends more time on turning arguments into C's than the library on sending a message. A function without declared
types takes objects that are C's already as they are, so those are made once.
"""

import ctypes
from typing import Any

from . import _abi


def _undeclared(name: str) -> Any:
    function = _abi._keeping_the_lock[name]
    function.restype = ctypes.c_int32
    return function


SHORT = 4096
"""Messages from this size on are not worth the trouble."""

SIZES = tuple(ctypes.c_size_t(size) for size in range(SHORT))

NO_FLAGS = ctypes.c_uint32(0)
NO_WAIT = ctypes.c_int32(0)

send = _undeclared("exz_send")
"""exz_send(handle, bytes, SIZES[…], NO_FLAGS, NO_WAIT), with the interpreter's lock kept."""

exz_recv_many: Any = _abi._instant(
    "exz_recv_many",
    _abi.exz_status,
    ctypes.POINTER(ctypes.c_size_t),
    _abi.exz_socket,
    ctypes.c_void_p,
    ctypes.c_size_t,
    ctypes.POINTER(ctypes.c_size_t),
    ctypes.c_size_t,
    ctypes.c_int32,
)
"""The same function as in `_abi`, for a call that does not wait."""

exz_recv_published: Any = _abi._instant("exz_recv_published", _abi.exz_status, *exz_recv_many.argtypes)
"""The same."""
