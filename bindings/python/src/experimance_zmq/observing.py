# SPDX-License-Identifier: Apache-2.0
"""What a socket tells about itself: its state, its counters, its events."""

import enum
from typing import Self

from . import _abi
from ._arguments import topic_text
from ._record import Record
from .errors import Status


class State(enum.IntEnum):
    """What a socket is doing, seen from its links."""

    IDLE = _abi.EXZ_STATE_IDLE
    """Neither bound nor connected."""
    LISTENING = _abi.EXZ_STATE_LISTENING
    """Bound, but no peer yet."""
    CONNECTING = _abi.EXZ_STATE_CONNECTING
    """Connecting, no peer yet."""
    READY = _abi.EXZ_STATE_READY
    """At least one peer with a finished handshake."""
    RECONNECTING = _abi.EXZ_STATE_RECONNECTING
    """A link was lost and is being made again; there is no other peer."""


class Statistics(Record):
    """What a socket has done since it was opened."""

    state: State
    """What it is doing now."""
    messages_sent: int
    """Messages libzmq has taken over."""
    bytes_sent: int
    """Their bytes."""
    messages_received: int
    """Messages handed to the caller."""
    bytes_received: int
    """Their bytes."""
    sends_refused: int
    """Sends that failed; the message stayed with the caller."""
    timeouts: int
    """Calls of any kind that waited until their deadline; a try with a time-out of 0 is not counted."""
    connect_attempts: int
    """Attempts to connect."""
    reconnects: int
    """Links that were made again after they had been lost."""
    links_lost: int
    """Links and accepted connections that were lost after their handshake."""
    peers_rejected: int
    """Connections to a bound endpoint that did not get through the handshake."""
    events_dropped: int
    """Events that were dropped because nobody read them."""
    peers: int
    """Peers with a finished handshake at this moment."""
    last_error: Status
    """The status of the last failure of any call or link; `Status.OK` if there was none."""

    @classmethod
    def _from_struct(cls, stats: _abi.exz_stats) -> Self:
        fields = {name: getattr(stats, name) for name, *_ in stats._fields_ if name != "size"}
        return cls(**fields | {"state": State(stats.state), "last_error": Status(stats.last_error)})


class EventKind(enum.IntEnum):
    """What happened to a socket's links. In brackets: the fields of an `Event` that belong to it."""

    CONNECTING = _abi.EXZ_EVENT_CONNECTING
    """An attempt to connect begins (`attempt`)."""
    HANDSHAKEN = _abi.EXZ_EVENT_HANDSHAKEN
    """The handshake with a peer is done (`count` peers now)."""
    FAILED = _abi.EXZ_EVENT_FAILED
    """An attempt failed (`status`, `errno`, `message`)."""
    RETRY_IN = _abi.EXZ_EVENT_RETRY_IN
    """The next attempt comes after `delay`."""
    LOST = _abi.EXZ_EVENT_LOST
    """A link that was up is gone, and is being made again if this side connected (`status`)."""
    CLOSED = _abi.EXZ_EVENT_CLOSED
    """The endpoint was disconnected or unbound."""
    LISTENING = _abi.EXZ_EVENT_LISTENING
    """The socket is bound to `endpoint`."""
    PEER_REJECTED = _abi.EXZ_EVENT_PEER_REJECTED
    """A connection to a bound endpoint did not get through the handshake (`status`, `message`)."""
    SUBSCRIBER_JOINED = _abi.EXZ_EVENT_SUBSCRIBER_JOINED
    """A subscription to `topic` arrived (`count` subscriptions now)."""
    SUBSCRIBER_LEFT = _abi.EXZ_EVENT_SUBSCRIBER_LEFT
    """A subscription to `topic` ended (`count` subscriptions now)."""


class Event(Record):
    """Something that happened to a socket's links. Fields that do not belong to the kind are 0 or ""."""

    kind: EventKind
    """What happened."""
    time: float
    """When: seconds of `time.monotonic()`."""
    status: Status
    """The reason of a failure."""
    errno: int
    """The errno behind it; 0 if there is none."""
    attempt: int
    """The attempt, from 1."""
    delay: float
    """Seconds to the next attempt."""
    count: int
    """Peers or subscriptions."""
    topic_size: int
    """Bytes of the topic, also if it was cut."""
    topic: str
    """The topic, cut to 255 bytes."""
    endpoint: str
    """The endpoint, as it was connected or as it is bound; cut to 255 bytes."""
    message: str
    """A sentence on it, cut to 255 bytes."""

    @classmethod
    def _from_struct(cls, event: _abi.exz_event) -> Self:
        return cls(
            kind=EventKind(event.kind),
            time=event.time_ns / 1e9,
            status=Status(event.status),
            errno=event.sys_errno,
            attempt=event.attempt,
            delay=event.delay_ms / 1000,
            count=event.count,
            topic_size=event.topic_size,
            topic=topic_text(event.topic),
            endpoint=event.endpoint.decode("utf-8", "replace"),
            message=event.message.decode("utf-8", "replace"),
        )
