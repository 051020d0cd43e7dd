# SPDX-License-Identifier: Apache-2.0
"""Calls that send at once, as functions of the interpreter's own kind.

ctypes spends more time on turning arguments into C's than the library on sending a message. So the library brings
functions that take Python's objects as they are, and ctypes only makes them known to the interpreter. They never wait,
keep the interpreter's lock, and leave alone what is not small and usual.
"""

import ctypes
from collections.abc import Callable

from . import _abi


class _Method(ctypes.Structure):
    """CPython's PyMethodDef."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("function", ctypes.c_void_p),
        ("flags", ctypes.c_int),
        ("doc", ctypes.c_char_p),
    )


_new_function = ctypes.pythonapi.PyCFunction_NewEx
_new_function.restype = ctypes.py_object
_new_function.argtypes = (ctypes.c_void_p, ctypes.py_object, ctypes.c_void_p)


def _find() -> dict[bytes, int]:
    """The addresses of the methods' definitions."""
    address = _abi.exz_python_methods()
    found: dict[bytes, int] = {}
    while address and (name := _Method.from_address(address).name):
        found[name] = address
        address += ctypes.sizeof(_Method)
    return found


UNTRIED = 1
"""No status, which is negative, and not 0 either, for done."""

_methods = _find()
if not _methods:
    raise ImportError("experimance_zmq needs CPython 3.11 or later")


def function(name: bytes, number: int) -> Callable[..., int]:
    """One of them, for the socket with this number. Each answers `UNTRIED` to what is not small and usual.

    Args:
        name: `send`, of a message; `publish`, of a topic and a payload: the status. `send_many`, of a tuple of messages
            from an index on: the index of the first one that was not sent, or its complement if it was refused; if the
            index is 0 and not all are bytes, nothing is sent.
        number: of the socket.
    """
    made: Callable[..., int] = _new_function(_methods[name], number, None)
    return made
