# SPDX-License-Identifier: Apache-2.0
"""Turns Python's values into the library's: seconds into milliseconds, numbers and text into what C can hold.

ctypes cuts a number that does not fit and ends text at its first NUL, in silence. So all of that is checked here.
"""

import enum
import math
import operator
from typing import SupportsFloat, SupportsIndex

from .errors import ZMQInvalidError

INT32_MAX = 2**31 - 1
UINT32_MAX = 2**32 - 1
INT64_MAX = 2**63 - 1
UINT64_MAX = 2**64 - 1

LONGEST = INT32_MAX / 1000
"""The longest time-out, in seconds."""


def is_usual(seconds: object) -> bool:
    """Whether a time-out certainly is one, so that what does not wait need not look closer."""
    return type(seconds) in (float, int) and 0 <= seconds <= LONGEST  # type: ignore[operator]


def _shown(number: object) -> str:
    try:
        return str(number)
    except ValueError:
        return "a number of thousands of digits"  # which Python does not print


def milliseconds(seconds: float, name: str) -> int:
    """Seconds as milliseconds, rounded up so that nothing ends early; below a nanosecond is taken for noise."""
    try:
        exact = float(seconds) * 1000 if math.isfinite(seconds) else math.inf
    except TypeError:
        raise TypeError(f"{name} must be a number of seconds, not {type(seconds).__name__}") from None
    except (OverflowError, ValueError):
        # A decimal number may be a signalling NaN.
        exact = math.inf
    if not 0 <= exact <= INT32_MAX:
        raise ZMQInvalidError(f"{name} is {_shown(seconds)} s, it must be 0 to {LONGEST} s")
    return math.ceil(round(exact, 6))


def whole(value: SupportsIndex, name: str, highest: int) -> int:
    """A number from 0 to `highest`."""
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be a whole number, not {type(value).__name__}") from None
    if not 0 <= number <= highest:
        raise ZMQInvalidError(f"{name} is {_shown(number)}, it must be 0 to {highest}")
    return number


def member(value: SupportsIndex, name: str, kind: type[enum.IntEnum]) -> int:
    """The number of a member of an enumeration."""
    number = whole(value, name, UINT32_MAX)
    if number not in list(kind):
        members = ", ".join(f"{kind.__name__}.{each.name}" for each in kind)
        raise ZMQInvalidError(f"{name} is {number}, it must be one of {members}")
    return number


def real(value: float, name: str) -> float:
    """A number; the library looks at its range."""
    if not isinstance(value, SupportsFloat):
        raise TypeError(f"{name} must be a number, not {type(value).__name__}")
    try:
        return float(value)
    except OverflowError:
        return math.inf
    except ValueError:
        # A signalling NaN.
        return math.nan


def text(value: str, name: str) -> bytes:
    """A string as C wants it."""
    encoded = _encoded(value, name)
    if b"\0" in encoded:
        raise ZMQInvalidError(f"{name} contains a NUL character")
    return encoded


def topic_name(value: str) -> bytes:
    """The bytes of a topic that somebody gives. Those that were not UTF-8 when they were received go out as they
    came."""
    return _encoded(value, "topic")


def _encoded(value: str, name: str) -> bytes:
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a str, not {type(value).__name__}")
    try:
        return value.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        raise ZMQInvalidError(f"{name} is not text: {error}") from None


def topic_text(value: bytes) -> str:
    """A received topic; bytes that are not UTF-8 become lone surrogates, which `text` turns back."""
    return value.decode("utf-8", "surrogateescape")


def topic_bytes(value: str) -> bytes:
    """The bytes of a received topic."""
    return value.encode("utf-8", "surrogateescape")
