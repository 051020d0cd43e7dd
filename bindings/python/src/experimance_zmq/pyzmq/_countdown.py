# SPDX-License-Identifier: Apache-2.0
"""What is left of a time."""

import math
import time


class Countdown:
    """What is left of a time; one that is negative has no end."""

    def __init__(self, milliseconds: int) -> None:
        self._end = None if milliseconds < 0 else time.monotonic() + milliseconds / 1000

    @property
    def seconds(self) -> float:
        """What is left, at least 0."""
        return math.inf if self._end is None else max(0.0, self._end - time.monotonic())

    @property
    def milliseconds(self) -> int:
        """The same rounded up, as a call takes it."""
        return -1 if self._end is None else math.ceil(self.seconds * 1000)

    @property
    def is_over(self) -> bool:
        """Whether nothing is left."""
        return self._end is not None and time.monotonic() >= self._end
