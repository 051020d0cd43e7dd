# SPDX-License-Identifier: Apache-2.0
"""When to try again, and how often."""

import ctypes
import enum

from . import _abi
from ._arguments import INT32_MAX, UINT64_MAX, member, milliseconds, real, whole
from ._record import Record


class Jitter(enum.IntEnum):
    """How a back-off delay d is spread. U(a, b) is a uniform draw from a to b.

    Attributes:
        NONE: exactly d.
        FULL: U(0, d).
        EQUAL: d/2 + U(0, d/2).
        DECORRELATED: min(max_backoff, U(initial_backoff, 3 · the delay before)).
        PROPORTIONAL: d · U(1 - jitter_ratio, 1 + jitter_ratio).
    """

    NONE = _abi.EXZ_JITTER_NONE
    FULL = _abi.EXZ_JITTER_FULL
    EQUAL = _abi.EXZ_JITTER_EQUAL
    DECORRELATED = _abi.EXZ_JITTER_DECORRELATED
    PROPORTIONAL = _abi.EXZ_JITTER_PROPORTIONAL


class RetryPolicy(Record):
    """When to try again, and how often. All times are seconds, with the precision of a millisecond.

    The delay before retry n (n = 1, 2, …) is min(max_backoff, initial_backoff · multiplier^(n-1)), with the jitter
    applied to that value. Tried again are REFUSED, UNREACHABLE, RESOLVE, TIMEOUT, PEER_LOST, ADDRESS_IN_USE and
    ADDRESS_NOT_AVAILABLE; every other status ends the retries.

    A link that was up is made again by libzmq, which repeats what is drawn for each socket once, so that the clients of
    a server do not come back all at once: a first delay (25 to 150 ms, where the policy has less), which doubles if the
    multiplier is more than 1, and the longest, which is at least half of `max_backoff`. `Jitter.NONE` draws nothing,
    and all clients wait the same.

    A policy is checked where it is used: opening a socket, `Backoff` and `retry` raise `ZMQInvalidError` for a field
    out of range, `TypeError` for one of a wrong type.

    Attributes:
        max_attempts: attempts, 0 to 2147483647; default 6. In all, the first included; 0 = only the deadline ends them.
            For calls that wait: a background connect and the re-connection of a lost link go on until the socket is
            closed.
        initial_backoff: seconds, 0 to `max_backoff`; default 0.1. The delay before the first retry.
        max_backoff: seconds, 0 to 2147483.647; default 30.0. The cap of the delay before jitter.
        multiplier: a factor, 1 or more; default 2.0. The growth of the delay.
        jitter: a `Jitter`; default `Jitter.EQUAL`. How the delays are spread.
        attempt_timeout: seconds, 0 to 2147483.647; default 0.0. The bound of one attempt; 0 = what is left of the
            deadline.
        jitter_ratio: a ratio, 0 to 1; default 0.2. How far `Jitter.PROPORTIONAL` spreads.
        seed: a number, 0 to 18446744073709551615; default 0. What the delays are drawn from; 0 = the system's choice,
            any other number makes them reproducible.
    """

    max_attempts: int = 6
    initial_backoff: float = 0.1
    max_backoff: float = 30.0
    multiplier: float = 2.0
    jitter: Jitter = Jitter.EQUAL
    attempt_timeout: float = 0.0
    jitter_ratio: float = 0.2
    seed: int = 0

    def _as_struct(self) -> _abi.exz_retry_policy:
        return _abi.exz_retry_policy(
            size=ctypes.sizeof(_abi.exz_retry_policy),
            max_attempts=whole(self.max_attempts, "max_attempts", INT32_MAX),
            initial_backoff_ms=milliseconds(self.initial_backoff, "initial_backoff"),
            max_backoff_ms=milliseconds(self.max_backoff, "max_backoff"),
            multiplier=real(self.multiplier, "multiplier"),
            jitter=member(self.jitter, "jitter", Jitter),
            attempt_timeout_ms=milliseconds(self.attempt_timeout, "attempt_timeout"),
            jitter_ratio=real(self.jitter_ratio, "jitter_ratio"),
            seed=whole(self.seed, "seed", UINT64_MAX),
        )
