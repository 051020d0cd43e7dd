# SPDX-License-Identifier: Apache-2.0
"""The time a call has."""

import time

from ..errors import ZMQInvalidError

_LONGEST = 2_147_483
"""The longest time-out of a socket, in seconds."""


class TimeLeft:
    """Counts down from the moment it is made."""

    def __init__(self, seconds: float, name: str = "timeout") -> None:
        try:
            fits = 0 <= seconds <= _LONGEST
        except TypeError:
            raise TypeError(f"{name} must be a number of seconds, not {type(seconds).__name__}") from None
        if not fits:
            raise ZMQInvalidError(f"{name} is {seconds} s, it must be 0 to {_LONGEST} s")
        self._start = time.monotonic()
        self._end = self._start + seconds

    def __call__(self) -> float:
        """Seconds left; 0 once the time is up."""
        return max(0.0, self._end - time.monotonic())

    @property
    def elapsed(self) -> float:
        """Seconds since it was made."""
        return time.monotonic() - self._start
