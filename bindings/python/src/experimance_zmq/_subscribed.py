# SPDX-License-Identifier: Apache-2.0
"""What a subscriber has subscribed to: for what was received ahead of an `unsubscribe`."""

from collections import Counter
from collections.abc import Callable


class Subscribed:
    """The subscriptions, and how often each was made."""

    def __init__(self) -> None:
        self._counts: Counter[bytes] = Counter()

    def add(self, topic: bytes) -> None:
        """After a subscribe."""
        self._counts[topic] += 1

    def remove(self, topic: bytes) -> bool:
        """After an unsubscribe; whether that has ended the subscription."""
        count = self._counts.pop(topic, 0)
        if count > 1:
            self._counts[topic] = count - 1
        return count == 1

    def without(self, topic: bytes) -> Callable[[bytes], bool]:
        """Whether a message, given by what libzmq compares, came for this subscription only, which has ended."""
        counts = self._counts
        lengths = sorted({len(other) for other in counts})

        def is_unwanted(frame: bytes) -> bool:
            return frame.startswith(topic) and not any(frame[:length] in counts for length in lengths)

        return is_unwanted
