# SPDX-License-Identifier: Apache-2.0
"""When links ended, and why: what the sockets were told, held against what was done to them.

An end of a link is believed if both are there: somebody ended it, by the stage's log, and the library told of it, by an
event. Times are nanoseconds of the monotonic clock.
"""

from collections.abc import Iterable
from dataclasses import dataclass

# Kinds of events.
HANDSHAKEN, LOST, REJECTED, JOINED, LEFT, QUEUE_DROPPED = 2, 5, 8, 9, 10, 11

# What ends links that are up.
ENDING = ("drop", "kill", "leave", "down", "reset", "close_connections", "corrupt")
# What may keep an end from being told, as long as it goes on.
HOLDING = ("blackhole", "half_open", "stall", "slow_close", "latency", "bandwidth", "slice", "stop")
# How late an event may be told when nothing holds it. Only whether links were lost without a cause hangs on it.
LATE = 5 * 10**9
# Of two things that were done, the first explains what is told so soon after it.
SOON = 10**9
# A socket takes note of an end when it next works through what libzmq's thread has for it, which is after the event:
# what is sent in between goes into a queue that is about to be dropped.
TAKING_NOTE = 10**8
FOREVER = 2**63
# Why a message is missing that was published when nobody had subscribed.
NOBODY = "nobody"


@dataclass(frozen=True)
class Cause:
    """What was done to a flow, from a time to a time; of `kill` and `stop`, to which side."""

    what: str
    begin: int
    end: int
    side: int = 0

    @property
    def is_holding(self) -> bool:
        return self.what in HOLDING


@dataclass(frozen=True)
class Event:
    """What a socket was told."""

    time: int
    kind: int
    count: int = 0


class LinkEnd:
    """What may be missing because of it: messages that were sent before `end`, and overtaken after `begin`."""

    def __init__(self, begin: int, end: int, why: str, messages: int = 0, bytes_: int = 0) -> None:
        self.begin, self.end, self.why = begin, end, why
        self.messages, self.bytes = messages, bytes_

    def takes(self, size: int) -> bool:
        """Whether this message may have been lost with it, beside those that were: queues and buffers hold no more."""
        if self.messages > 0 and (size >= 4096 or self.bytes < size):
            self.messages -= 1
        elif self.bytes >= size:
            self.bytes -= size
        else:
            return False
        return True


def held_until(cause: Cause, causes: Iterable[Cause]) -> int:
    """When the end that this has made could be told, as what held it was over."""
    until = cause.end
    for other in sorted((each for each in causes if each.is_holding), key=lambda each: each.begin):
        if other.begin <= until and other.end > until:
            until = other.end
    return until


class Ends:
    """Why the links of one side ended."""

    def __init__(self, causes: list[Cause], side: int, *, has_heartbeats: bool = False) -> None:
        self.causes = causes
        # The end of its own process it is not told of.
        self._ending = [
            (cause, held_until(cause, causes))
            for cause in causes
            if (cause.what in ENDING and not (cause.what in ("kill", "leave") and cause.side == side))
            or (has_heartbeats and cause.is_holding)
        ]

    def of(self, lost: Event, handshakes: list[int]) -> Cause | None:
        """What a link was lost by: the first that was done since it was made, but for what had passed it by, as the
        next thing was done long after. None if nothing was done to it.

        What was done to the link before that one may be told after the next one is made, but not much later.
        """
        made = max((time for time in handshakes if time < lost.time), default=0)
        begun = [(cause, until) for cause, until in self._ending if cause.begin <= lost.time]
        since = [(cause, until) for cause, until in begun if cause.end >= made]
        for cause, until in since:
            if lost.time <= until + SOON:
                return cause
        if since:
            return since[-1][0]
        return next((cause for cause, until in begun if lost.time <= until + LATE), None)


@dataclass(frozen=True)
class Room:
    """What can be on its way on one link: messages in the queues at both ends, and bytes in between."""

    messages: int
    bytes: int


def link_ends(events: list[Event], ends: Ends, room: Room) -> tuple[list[LinkEnd], list[Event]]:
    """The ends of a sender's links, from its events; and those links that were lost without a cause."""
    handshakes = [event.time for event in events if event.kind == HANDSHAKEN]
    found, unexplained = [], []
    last = 0
    for event in events:
        if event.kind == LOST:
            cause = ends.of(event, handshakes)
            if not cause:
                unexplained.append(event)
            last = min(event.time, cause.begin) if cause else event.time
            why = cause.what if cause else "nothing that was done"
            found.append(LinkEnd(last, event.time + TAKING_NOTE, why, room.messages, room.bytes))
        elif event.kind in (QUEUE_DROPPED, REJECTED):
            why = "counted" if event.kind == QUEUE_DROPPED else "an identity that was handed over"
            found.append(LinkEnd(last or event.time, event.time, why, room.messages, room.bytes))
    return found, unexplained


def without_subscriber(events: list[Event]) -> list[LinkEnd]:
    """When nobody had subscribed to a publisher: what is published then is nobody's."""
    found, since = [], 0
    for event in events:
        if event.kind == JOINED and since >= 0:
            found.append(LinkEnd(since, event.time, NOBODY))
            since = -1
        elif event.kind == LEFT and event.count == 0 and since < 0:
            since = event.time
    if since >= 0:
        found.append(LinkEnd(since, FOREVER, NOBODY))
    return found
