# SPDX-License-Identifier: Apache-2.0
"""Brings the library's log to the logger `experimance_zmq`.

`logging` is never imported for that: whoever wants to see a line has done so. Lines come on the library's own thread,
and sockets are opened on any, and a child that is forked while another thread imports something waits for ever for the
end of the import. Nor is the library told of its log before there is a socket: it makes what a process has once then.
"""

import atexit
import sys
import threading
from typing import TYPE_CHECKING

from . import _abi, _native
from .errors import ZMQInvalidError, class_of

if TYPE_CHECKING:
    import logging

# The numbers of logging.DEBUG and so on.
_LEVELS = {_abi.EXZ_LOG_DEBUG: 10, _abi.EXZ_LOG_INFO: 20, _abi.EXZ_LOG_WARNING: 30, _abi.EXZ_LOG_ERROR: 40}
_USUAL_LEVEL = _LEVELS[_abi.EXZ_LOG_WARNING]

_known_logger: "logging.Logger | None" = None


def _logger() -> "logging.Logger | None":
    """None as long as nobody has imported `logging`."""
    global _known_logger
    if _known_logger is None and "logging" in sys.modules:
        # Waits for whoever is about to, and imports nothing itself.
        import logging

        logger = logging.getLogger("experimance_zmq")
        logger.addHandler(logging.NullHandler())
        _known_logger = logger
    return _known_logger


held_back: list[BaseException] = []
"""What signal handlers have raised where it could not go on, to be raised soon."""


def _is_main_thread() -> bool:
    return threading.get_ident() == threading.main_thread().ident


def raise_held_back() -> None:
    """Raises what a signal handler raised during a call of the library; to be called after calls that wait or log.

    Such an exception can not pass through the library: Ctrl-C would be lost. Python runs signal handlers on the main
    thread only.
    """
    if held_back and _is_main_thread():
        raise held_back.pop(0)


def raise_soon(error: BaseException) -> None:
    """For what comes up while something is collected, where nothing is raised: a Ctrl-C is raised by the next call of
    the package, all else now.
    """
    if isinstance(error, Exception) or not _is_main_thread():
        raise error
    held_back.append(error)


def _write(_user: object, level: int, message: bytes) -> None:
    try:
        if logger := _logger():
            logger.log(_LEVELS[level], "%s", message.decode("utf-8", "replace"))
    except BaseException as error:
        if not _is_main_thread():
            raise
        held_back.append(error)


def warn(line: str) -> None:
    """Writes a line of this package's own, unless lines of its level are not wanted."""
    if (_level is None or _level <= _USUAL_LEVEL) and (logger := _logger()):
        logger.warning("%s", line)


_is_chosen = False
_level: int | None = None
"""What the library has been told."""
_callback = _abi.exz_log_callback(_write)
_no_callback = _abi.exz_log_callback()


def set_log_level(level: int | str | None) -> None:
    """Chooses the least important lines that the library hands to the logger `experimance_zmq`, from now on.

    Without that it is the logger's own level at the time a socket was last opened. The library makes no line below its
    level, which costs nothing then.

    Args:
        level: `logging.WARNING`, `logging.INFO`, `logging.DEBUG` …, or such a level's name; above `logging.ERROR` is
            silence. None follows the logger again.

    Raises:
        ZMQInvalidError: there is no level of that name.
        TypeError: it is neither a number nor a name.
    """
    global _is_chosen
    if level is not None:
        _set_level(_number_of(level))
    _is_chosen = level is not None


def _number_of(level: int | str) -> int:
    if isinstance(level, int):
        return level
    if not isinstance(level, str):
        raise TypeError(f"level must be a number or a name of logging's, not {type(level).__name__}")
    import logging

    numbers = logging.getLevelNamesMapping()
    if level not in numbers:
        raise ZMQInvalidError(f"level is {level!r}, it must be a number or one of {', '.join(numbers)}")
    return numbers[level]


def follow_logger() -> None:
    """Takes the level of the logger `experimance_zmq`, unless another one was chosen; when a socket is opened."""
    logger = _logger()
    level = logger.getEffectiveLevel() if logger else _USUAL_LEVEL
    if not _is_chosen and level != _level:
        _set_level(level)


def _set_level(level: int) -> None:
    global _level
    threshold = next((number for number, known in _LEVELS.items() if level <= known), _abi.EXZ_LOG_OFF)
    status = _abi.exz_set_log(_callback, None, threshold)
    if status != _abi.EXZ_OK:
        raise class_of(status)()
    _level = level


def resume() -> None:
    """Has the library's log come here again, after something that ended it."""
    if _level is not None:
        _set_level(_level)


_hold_back = _native.function(b"hold_back", 0)


def _end() -> None:
    # The library's threads outlive the interpreter and must not call into it any more.
    if _level is not None:
        _abi.exz_set_log(_no_callback, None, _abi.EXZ_LOG_OFF)
    _hold_back(None)


_hold_back(held_back)
atexit.register(_end)
