# SPDX-License-Identifier: Apache-2.0
"""Forwarding message by message, between any two sockets."""

from collections.abc import Callable
from typing import Any

from ._poll import zmq_poll
from ._socket import Socket

_SNDMORE = 2
_POLLIN, _POLLOUT = 1, 2


class Way:
    """From one socket to another, or back to itself."""

    def __init__(self, source: Socket, target: Socket, copy: Callable[[list[bytes]], None] | None) -> None:
        self._source = source
        self._target = target
        self._copy = copy
        self._awaits_room = False
        self.messages = 0
        """How many went this way."""
        self.bytes = 0
        """And how long they were."""

    @property
    def subject(self) -> tuple[Socket, int]:
        """What it waits for: a message, or room for the one that is there."""
        return (self._target, _POLLOUT) if self._awaits_room else (self._source, _POLLIN)

    def go_on(self) -> None:
        """Forwards a message, if there is one, and room for it."""
        if self._target._shared is self._source._shared:
            can_go = bool(zmq_poll([(self._source, _POLLIN)], 0))
        else:
            now = dict(zmq_poll([(self._source, _POLLIN), (self._target, _POLLOUT)], 0))
            self._awaits_room = self._source in now and self._target not in now
            can_go = self._source in now and self._target in now
        if can_go:
            self._forward()

    def _forward(self) -> None:
        frames = self.changed(receive_whole(self._source))
        send_whole(self._target, frames)
        if self._copy is not None:
            self._copy(frames)
        self.messages += 1
        self.bytes += sum(map(len, frames))

    def changed(self, frames: list[bytes]) -> list[bytes]:
        """A message as it is to be sent."""
        return frames


class SwappingWay(Way):
    """From one ROUTER to another: the first two frames are the name of who sends, and of whom it is for."""

    def changed(self, frames: list[bytes]) -> list[bytes]:
        """With the two names in the order in which a ROUTER sends them."""
        return [frames[1], frames[0], *frames[2:]] if len(frames) > 1 else frames


def forward_once(ways: tuple[Way, ...], others: list[tuple[Socket, int]]) -> dict[Any, int]:
    """Waits until a way may go on, or something is ready of other sockets, and forwards; what was ready.

    A way that has no room holds no other one up: the room may come when the other one has gone on.
    """
    asked: dict[Socket, int] = {}
    for socket, events in [*others, *(way.subject for way in ways)]:
        asked[socket] = asked.get(socket, 0) | events
    ready = dict(zmq_poll(list(asked.items())))
    for way in ways:
        socket, events = way.subject
        if ready.get(socket, 0) & events:
            way.go_on()
    return ready


def receive_whole(socket: Socket) -> list[bytes]:
    """The next message, all of its frames."""
    frames = [socket._recv_slowly(0, True, False)]
    while socket._shared.more:
        frames.append(socket._recv_slowly(0, True, False))
    return frames


def send_whole(socket: Socket, frames: list[bytes]) -> None:
    """Sends a message of several frames."""
    for frame in frames[:-1]:
        socket._send_slowly(frame, _SNDMORE, True, False)
    socket._send_slowly(frames[-1], 0, True, False)
