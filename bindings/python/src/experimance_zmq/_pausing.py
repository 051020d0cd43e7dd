# SPDX-License-Identifier: Apache-2.0
"""The pause between two attempts."""

import time

_LONGEST = 0.5


def pause(seconds: float) -> None:
    """Sleeps that long. What a signal handler raises ends it, also when the signal came just before a sleep: that ends
    none, and is seen after it, so none is long.
    """
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(left, _LONGEST))
