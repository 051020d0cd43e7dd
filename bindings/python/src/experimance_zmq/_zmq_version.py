# SPDX-License-Identifier: Apache-2.0
"""Which libzmq is underneath."""

import ctypes

from . import _abi

_MAJOR_MINOR_PATCH = 3


def zmq_version() -> str:
    """The version of the libzmq that the library uses, "4.3.4" for one. pyzmq in the same process may bring another."""
    # Not by attribute, which others may declare; found in what the library needs.
    function = _abi._releasing_the_lock["zmq_version"]
    function.restype = None
    numbers = [ctypes.c_int() for _ in range(_MAJOR_MINOR_PATCH)]
    function(*map(ctypes.byref, numbers))
    return ".".join(str(number.value) for number in numbers)
