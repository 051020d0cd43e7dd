# SPDX-License-Identifier: Apache-2.0
"""Whether memory was lent, and whether it is back."""

import itertools
import select
import sys
from typing import Any

from event_reader import PATIENCE
from experimance_zmq import _lending

LARGE = 64 << 10
_numbers = itertools.count()


def inproc() -> str:
    """A fresh endpoint, over which a message is the sender's memory until it is received."""
    return f"inproc://lent-{next(_numbers)}"


def linked(receiver: Any, sender: Any) -> None:
    sender.connect(receiver.bind(inproc()), timeout=PATIENCE)


def let_go() -> None:
    """Gives the interpreter's lock away for a moment. Up to Python 3.12 the main thread does not look for calls that
    other threads have asked for before it has done that.
    """
    select.select((), (), (), 0)


class Held:
    """An object whose references are counted. Made by `hold`."""

    data: Any
    before = 0

    @property
    def references(self) -> int:
        """How many there are more than at the beginning."""
        return sys.getrefcount(self.data) - self.before

    def await_return(self) -> None:
        """Until it is nobody else's, which needs no call of the package. The test's watchdog bounds the wait."""
        while more := self.references:
            assert more > 0
            let_go()


def hold(data: Any) -> Held:
    """Counts from now on."""
    held = Held()
    held.data = data
    # One of the caller's stays.
    del data
    held.before = held.references
    return held


def await_all_back() -> None:
    """Until nothing is lent. The test's watchdog bounds the wait."""
    while _lending.lent_now():
        pass
