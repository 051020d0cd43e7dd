# SPDX-License-Identifier: Apache-2.0
"""What a socket tells about itself: its state, its counters, its events."""

import ctypes
import enum
from typing import Any, Self

from . import _abi
from ._arguments import topic_text
from ._record import Record
from .errors import Status


class State(enum.IntEnum):
    """What a socket is doing, seen from its links.

    Attributes:
        IDLE: neither bound nor connected.
        LISTENING: bound, but no peer yet.
        CONNECTING: connecting, no peer yet.
        READY: at least one peer with a finished handshake.
        RECONNECTING: a link was lost and is being made again; there is no other peer.
    """

    IDLE = _abi.EXZ_STATE_IDLE
    LISTENING = _abi.EXZ_STATE_LISTENING
    CONNECTING = _abi.EXZ_STATE_CONNECTING
    READY = _abi.EXZ_STATE_READY
    RECONNECTING = _abi.EXZ_STATE_RECONNECTING


class Statistics(Record):
    """What a socket has done since it was opened.

    Attributes:
        state: what it is doing now.
        messages_sent: messages libzmq has taken over.
        bytes_sent: the bytes of those.
        messages_received: messages handed to the caller.
        bytes_received: the bytes of those.
        sends_refused: sends that failed; the message stayed with the caller.
        timeouts: calls of any kind that waited until their deadline; a try with a time-out of 0 is not counted.
        connect_attempts: attempts to connect.
        reconnects: links that were made again after they had been lost.
        links_lost: links and accepted connections that were lost after their handshake; not those this side ended.
        peers_rejected: connections to a bound endpoint that did not get through the handshake.
        events_dropped: events that were dropped because nobody read them.
        peers: peers with a finished handshake at this moment.
        last_error: the status of the last failure of any call or link; `Status.OK` if there was none.
        queues_dropped: queues of lost links that were dropped, with what may still have been in them.
    """

    state: State
    messages_sent: int
    bytes_sent: int
    messages_received: int
    bytes_received: int
    sends_refused: int
    timeouts: int
    connect_attempts: int
    reconnects: int
    links_lost: int
    peers_rejected: int
    events_dropped: int
    peers: int
    last_error: Status
    queues_dropped: int

    @classmethod
    def _from_struct(cls, stats: _abi.exz_stats) -> Self:
        fields = {name: getattr(stats, name) for name, *_ in stats._fields_ if name != "size"}
        return cls(**fields | {"state": State(stats.state), "last_error": Status(stats.last_error)})


class EventKind(enum.IntEnum):
    """What happened to a socket's links. In brackets: the fields of an `Event` that belong to it.

    Attributes:
        CONNECTING: an attempt to connect begins (`attempt`).
        HANDSHAKEN: the handshake with a peer is done (`peer`, `user_id`, `public_key`, `count` peers now).
        FAILED: an attempt failed (`status`, `errno`, `message`).
        RETRY_IN: the next attempt comes after `delay`.
        LOST: a link that was up is gone, and is being made again if this side connected (`peer`, `identity`,
            `user_id`, `public_key`, `status`).
        CLOSED: the endpoint was disconnected or unbound.
        LISTENING: the socket is bound to `endpoint`.
        PEER_REJECTED: a connection to a bound endpoint did not get through the handshake, or is not heard in spite
            of it: a PAIR has one peer, a ROUTER one connection for each identity (`peer`, `identity`, `user_id`,
            `public_key`, `status`, `message`).
        SUBSCRIBER_JOINED: a subscription to `topic` arrived (`peer`, `user_id`, `public_key`, `count` subscriptions
            now).
        SUBSCRIBER_LEFT: a subscription to `topic` ended (`peer`, `user_id`, `public_key`, `count` subscriptions now).
        QUEUE_DROPPED: what was still queued for a link that was lost is dropped (`status`, `message`).
        NO_AUTHENTICATOR: the socket lets nobody in, as its context has no authenticator: said once, before the first
            bind or connect (`status`, `message`).
    """

    CONNECTING = _abi.EXZ_EVENT_CONNECTING
    HANDSHAKEN = _abi.EXZ_EVENT_HANDSHAKEN
    FAILED = _abi.EXZ_EVENT_FAILED
    RETRY_IN = _abi.EXZ_EVENT_RETRY_IN
    LOST = _abi.EXZ_EVENT_LOST
    CLOSED = _abi.EXZ_EVENT_CLOSED
    LISTENING = _abi.EXZ_EVENT_LISTENING
    PEER_REJECTED = _abi.EXZ_EVENT_PEER_REJECTED
    SUBSCRIBER_JOINED = _abi.EXZ_EVENT_SUBSCRIBER_JOINED
    SUBSCRIBER_LEFT = _abi.EXZ_EVENT_SUBSCRIBER_LEFT
    QUEUE_DROPPED = _abi.EXZ_EVENT_QUEUE_DROPPED
    NO_AUTHENTICATOR = _abi.EXZ_EVENT_NO_AUTHENTICATOR


class Event(Record):
    """Something that happened to a socket's links. Fields that do not belong to the kind are 0 or "".

    Attributes:
        kind: what happened.
        time: seconds of `time.monotonic()` when it happened.
        status: the reason of a failure.
        errno: the errno behind it; 0 if there is none.
        attempt: the attempt, from 1.
        delay: seconds to the next attempt.
        count: peers or subscriptions.
        topic_size: bytes of the topic, also if it was cut.
        topic: the topic, cut to 255 bytes.
        endpoint: the endpoint, as it was connected or as it is bound; cut to 255 bytes.
        message: a sentence on it, cut to 255 bytes.
        peer: the peer's address in numbers, "tcp://10.0.0.3:41234"; over ipc its user, group and process,
            "localhost:1000:1000:4711". "" where that is not certain: over inproc, where several connections were in
            their handshake at once, of a stranger that was gone at once, and where a subscription ended with its
            connection and others have it, too.
        identity: the routing id that the peer has chosen, on a ROUTER that has received something from it; b"" if none
            is known.
        user_id: as whom an authenticator has let the peer in; "" where that is not certain, as several peers from one
            address were in their handshakes at the same moment.
        public_key: the key that the peer has proved to have over CURVE, as text; "" where that is not certain.
    """

    kind: EventKind
    time: float
    status: Status
    errno: int
    attempt: int
    delay: float
    count: int
    topic_size: int
    topic: str
    endpoint: str
    message: str
    peer: str
    identity: bytes
    user_id: str
    public_key: str

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
            topic=topic_text(_topic(event)),
            endpoint=event.endpoint.decode("utf-8", "replace"),
            message=event.message.decode("utf-8", "replace"),
            peer=event.peer.decode("utf-8", "replace"),
            identity=_bytes(event, _abi.exz_event.identity, event.identity_size),
            user_id=event.user_id.decode("utf-8", "replace"),
            public_key=event.public_key.decode("ascii", "replace"),
        )


def _topic(event: _abi.exz_event) -> bytes:
    """The bytes of the topic."""
    field = _abi.exz_event.topic
    kept = _bytes(event, field, event.topic_size)
    # It is cut where a character ends.
    return kept.rstrip(b"\0") if event.topic_size >= field.size else kept


def _bytes(event: _abi.exz_event, field: Any, size: int) -> bytes:
    """The bytes of a field that was an array of characters; ctypes would end them at the first NUL."""
    return ctypes.string_at(ctypes.addressof(event) + field.offset, min(size, field.size - 1))
