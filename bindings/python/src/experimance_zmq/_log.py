# SPDX-License-Identifier: Apache-2.0
"""Brings the library's log to the logger `experimance_zmq`. `logging` is not imported before there is a line for it."""

import atexit
import threading
from functools import cache
from typing import TYPE_CHECKING

from . import _abi
from .errors import class_of

if TYPE_CHECKING:
    import logging

# The numbers of logging.DEBUG and so on.
_LEVELS = {_abi.EXZ_LOG_DEBUG: 10, _abi.EXZ_LOG_INFO: 20, _abi.EXZ_LOG_WARNING: 30, _abi.EXZ_LOG_ERROR: 40}
_USUAL_LEVEL = _LEVELS[_abi.EXZ_LOG_WARNING]


@cache
def _logger() -> "logging.Logger":
    import logging

    logger = logging.getLogger("experimance_zmq")
    logger.addHandler(logging.NullHandler())
    return logger


_held_back: list[BaseException] = []


def _is_main_thread() -> bool:
    return threading.get_ident() == threading.main_thread().ident


def raise_held_back() -> None:
    """Raises what a signal handler raised while a log line was being written; to be called after calls that may log.

    Such an exception can not leave the callback of a C library: ctypes would drop it, and Ctrl-C would be lost. Python
    runs signal handlers on the main thread only.
    """
    if _held_back and _is_main_thread():
        raise _held_back.pop()


def _write(_user: object, level: int, message: bytes) -> None:
    try:
        _logger().log(_LEVELS[level], "%s", message.decode("utf-8", "replace"))
    except BaseException as error:
        if not _is_main_thread():
            raise
        _held_back.append(error)


_callback = _abi.exz_log_callback(_write)
_no_callback = _abi.exz_log_callback()


def set_log_level(level: int) -> None:
    """Chooses the least important lines that the library hands to the logger `experimance_zmq`.

    The library makes no line below this level, which costs nothing then. The logger has a level of its own, as every
    logger does.

    Args:
        level: `logging.WARNING` (the default), `logging.INFO`, `logging.DEBUG` …; above `logging.ERROR` is silence.
    """
    threshold = next((number for number, known in _LEVELS.items() if level <= known), _abi.EXZ_LOG_OFF)
    status = _abi.exz_set_log(_callback, None, threshold)
    if status != _abi.EXZ_OK:
        raise class_of(status)()


def _end_log() -> None:
    # The library's threads outlive the interpreter and must not call into it any more.
    _abi.exz_set_log(_no_callback, None, _abi.EXZ_LOG_OFF)


set_log_level(_USUAL_LEVEL)
atexit.register(_end_log)
