# SPDX-License-Identifier: Apache-2.0
"""The error for a function of the library that has no room for details."""

import ctypes

from . import _abi
from .errors import ZMQSocketError, class_of


def last_failure(status: int) -> ZMQSocketError:
    """What the call that has just failed on this thread has to say."""
    details = _abi.exz_error(size=ctypes.sizeof(_abi.exz_error))
    _abi.exz_last_error(ctypes.byref(details))
    return told(status, details)


def told(status: int, details: _abi.exz_error) -> ZMQSocketError:
    """The error for a status that came with details, of a call without a time-out."""
    return class_of(status)(details.message.decode("utf-8", "replace") or None, errno=details.sys_errno)
