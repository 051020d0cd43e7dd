# SPDX-License-Identifier: Apache-2.0
"""The shortest way to the library, for what is called once for every message.

ctypes spends more time on turning arguments into C's than the library on sending a message. A function without declared
types takes objects that are C's already as they are, so those are made once; and numbers as C's int, which is right
for flags and times.
"""

import ctypes
from typing import Any

from . import _abi


def _undeclared(library: ctypes.CDLL, name: str) -> Any:
    # Not by attribute: that would be the one function that others have declared.
    function = library[name]
    function.restype = ctypes.c_int32
    return function


recv_many = _undeclared(_abi._keeping_the_lock, "exz_recv_many")
"""exz_recv_many for a call that does not wait: the interpreter's lock is kept."""

recv_published = _undeclared(_abi._keeping_the_lock, "exz_recv_published")
"""The same."""


def number(handle: _abi.exz_socket) -> ctypes.c_uint64:
    """A handle, as an undeclared function takes it: C passes a struct with one number like the number alone."""
    return ctypes.c_uint64(handle.id)
