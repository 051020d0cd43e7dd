# SPDX-License-Identifier: Apache-2.0
"""Waits for what happens to a socket."""

from experimance_zmq import BaseSocket, Event, EventKind

PATIENCE = 30.0
"""Seconds to wait for something that is certain to come."""


def events_until(socket: BaseSocket, kind: EventKind, count: int = 1) -> list[Event]:
    """The events up to the `count`-th of a kind."""
    events: list[Event] = []
    while sum(event.kind is kind for event in events) < count:
        events.append(socket.next_event(timeout=PATIENCE))
    return events


def waiting_events(socket: BaseSocket) -> list[Event]:
    """The events nobody has read."""
    events = []
    try:
        while True:
            events.append(socket.next_event(timeout=0))
    except TimeoutError:
        return events


def of_kind(events: list[Event], kind: EventKind) -> list[Event]:
    """The events of a kind."""
    return [event for event in events if event.kind is kind]
