# SPDX-License-Identifier: Apache-2.0
"""The end of one call."""

from time import monotonic_ns

_NS_PER_MS = 1_000_000


class Deadline:
    """The instant by which a call has to be back, fixed when the call begins."""

    __slots__ = ("_start", "milliseconds")

    milliseconds: int
    """The time the call was given."""

    def __init__(self, milliseconds: int) -> None:
        self._start = monotonic_ns()
        self.milliseconds = milliseconds

    @property
    def elapsed(self) -> float:
        """Seconds since the call began."""
        return (monotonic_ns() - self._start) / 1e9

    def remaining_milliseconds(self) -> int:
        """What is left, rounded up; 0 once the time is up."""
        left = self._start + self.milliseconds * _NS_PER_MS - monotonic_ns()
        return max(0, -(-left // _NS_PER_MS))

    def rest(self) -> "Deadline":
        """A deadline for what is left, for another call of the library: at least 1 ms, unless this one never had any.
        A call without time is a mere try, and its failure would count as no time-out.
        """
        return Deadline(max(self.remaining_milliseconds(), min(self.milliseconds, 1)))
