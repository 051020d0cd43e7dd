# SPDX-License-Identifier: Apache-2.0
"""Sending and receiving whole messages, which pyzmq's programs do frame by frame."""

import errno
from collections import deque
from collections.abc import Callable
from typing import Any

from zmq.constants import Flag, SocketOption

from .. import _abi, _native
from .._lending import shortest_lent
from .._log import held_back, raise_held_back, warn
from .._message import Message
from ._backlog import Backlog
from ._countdown import Countdown
from ._errors import EFSM, failure, failure_of, last_sentence
from ._native_types import ExchangeMemory
from ._refusals import tell_once
from ._settings import Settings
from ._waits import Waits

_DONTWAIT, _SNDMORE = int(Flag.DONTWAIT), int(Flag.SNDMORE)
_WAIT_MS = 60_000
"""A wait without an end is made of such."""
_ENDS = (_abi.EXZ_ERR_CANCELED, _abi.EXZ_ERR_CLOSED, _abi.EXZ_ERR_TIMEOUT)
_frames = _native.function(b"message_frames", 0)


class Exchange(ExchangeMemory):
    """The messages of one socket: what has come and is not handed out, what is to go and is not complete."""

    kind: int
    settings: Settings
    number: int
    handle: _abi.exz_socket
    send_at_once: Callable[[bytes], int] | None = None
    """Sends a message of one frame where nothing has to be thought of; None where something has."""
    backlog: Backlog
    """What waits here for a first peer, where the program has asked for that."""
    queues: bool = False
    """Whether what is sent waits there."""
    tells_after_ms = 10_000
    """How long a send without an end waits for a peer before the log says so."""

    def __init__(self) -> None:
        self.incoming = deque()
        self._next_incoming = self.incoming.popleft
        self.ahead = deque()
        self._next_ahead = self.ahead.popleft
        self.outgoing = []
        self._coming = []
        self.reads_ahead = True
        """Whether messages may be received that nobody has asked for."""
        self.stale: deque[Any] = deque(maxlen=1)
        """A message that was given back where only the newest counts: it does if there is no other."""
        self.waits: dict[object, Waits] = {}
        """Those of event loops, by what waits."""
        self.message: Message | None = None
        """Where the frames came from, for those that show memory."""

    def check(self) -> None:
        """Raises if the socket can not be used any more."""
        raise NotImplementedError

    def settled(self) -> None:
        """Chooses the ways that need no thought, after something has changed."""
        raise NotImplementedError

    def connect_calls(self, number: int) -> None:
        """The calls for the library's socket with this number."""
        self._handle_number = number
        self._receive_ahead = _native.function(b"receive_ahead", number)
        self._receive = _native.function(b"receive", number)
        self._receive_message = _native.function(b"receive_message", number)
        self._send = _native.function(b"send", number)
        lend = _native.function(b"send_lent", number)
        shortest = shortest_lent(copy=True)
        self._send_lent: Callable[[tuple[bytes | memoryview, ...], int], int] = lambda message, timeout_ms: lend(
            message, shortest, timeout_ms
        )
        _native.function(b"keep_metadata", number)(None)

    # Waiting

    def timeout_ms(self, flags: int, option: int) -> int:
        """How long a call may wait; -1 is for ever."""
        if flags & _DONTWAIT:
            return 0
        timeout: int = self.settings[option]
        return timeout

    def wait(self, attempt: Callable[[int], Any], timeout_ms: int) -> Any:
        """Repeats a bounded wait until it is over: a status, or what there is instead."""
        left = Countdown(timeout_ms)
        while True:
            answer = attempt(min(left.milliseconds, _WAIT_MS) if timeout_ms >= 0 else _WAIT_MS)
            raise_held_back()
            if answer in _ENDS:
                self.check()
            if answer != _abi.EXZ_ERR_CANCELED and (answer != _abi.EXZ_ERR_TIMEOUT or timeout_ms == 0):
                return answer
            if left.is_over:
                return _abi.EXZ_ERR_TIMEOUT

    # Receiving

    def receive_frame(self, flags: int, copy: bool) -> tuple[Any, Message | None]:
        """The next frame: bytes with `copy`, else perhaps an object that shows its memory; and its message, if any."""
        self.check()
        left: Countdown | None = None
        if not copy and self._receives_at_once and not (self._asks or self.has_come):
            left = Countdown(0 if flags & _DONTWAIT else self._receive_timeout_ms)
            answer = self._receive_shown(left.milliseconds)
            if not isinstance(answer, int):
                return answer
        while not (found := self._pop_incoming()):
            # Another thread may be quicker than this one with what came.
            left = left or Countdown(self._time_to_receive(flags))
            self.waiting_threads += 1
            try:
                status = self.wait(lambda ms: self.take(ms, copy), left.milliseconds)
            finally:
                self.waiting_threads -= 1
            if status != _abi.EXZ_OK:
                raise self.failure(status)
        frame, message = found
        self.more = bool(self.incoming)
        if not self.more:
            self.message = None
        self.settled()
        return (bytes(frame) if copy and type(frame) is not bytes else frame), message

    def _pop_incoming(self) -> tuple[Any, Message | None] | None:
        try:
            return self.incoming.popleft(), self.message
        except IndexError:
            return None

    def _time_to_receive(self, flags: int) -> int:
        if not self.may_receive:
            raise failure(EFSM, "a REQ receives the answer to what it has sent: send first")
        timeout_ms = self.timeout_ms(flags, SocketOption.RCVTIMEO)
        return self._await_handed_on(timeout_ms) if self.kind == _abi.EXZ_REQ and self.backlog else timeout_ms

    def _receive_shown(self, timeout_ms: int) -> tuple[Any, Message] | int:
        """A message of one frame where it lies; a status if there is none yet, or another one."""
        self.waiting_threads += 1
        try:
            answer: Message | int = self._receive_message(1, timeout_ms if 0 <= timeout_ms < _WAIT_MS else _WAIT_MS)
        finally:
            self.waiting_threads -= 1
        if isinstance(answer, int):
            raise_held_back()
            return answer
        frames = _frames(answer)
        if held_back:
            # What a signal handler has raised; the message is the next one.
            self.message = answer
            self.incoming.extend(frames)
            self.settled()
            raise_held_back()
            return _abi.EXZ_ERR_STATE
        self.more = False
        return frames[0], answer

    def take(self, timeout_ms: int, copy: bool = False) -> int:
        """Has the frames of the next message here; the status."""
        if self._take_from(self.ahead):
            return self._taken()
        if not self.stale:
            return self._take_new(timeout_ms, copy)
        if (status := self._take_new(0, copy)) == _abi.EXZ_ERR_TIMEOUT and self._take_from(self.stale):
            return _abi.EXZ_OK
        self.stale.clear()
        return status

    def _take_new(self, timeout_ms: int, copy: bool) -> int:
        if copy:
            answer = self._receive(timeout_ms)
            if type(answer) is bytes:
                self.message = None
                self.incoming.append(answer)
                return self._taken()
            if answer != _abi.EXZ_ERR_STATE:
                return int(answer)
            # It has several parts, or it is not the socket's turn.
            timeout_ms = 0
        # A message of one part is not cut at a space then.
        answer = self._receive_message(int(self.settings.conflates), timeout_ms)
        if answer == _abi.EXZ_ERR_STATE and self.settings.conflates:
            answer = self._receive_message(0, 0)
        if isinstance(answer, int):
            return answer
        self.message = answer
        self.incoming.extend(_frames(answer))
        return self._taken()

    def _take_from(self, messages: deque[Any]) -> bool:
        try:
            message = messages.popleft()
        except IndexError:
            return False
        self.message = None
        if type(message) is tuple:
            self.message, message = message
        self.incoming.extend([message] if type(message) is bytes else message)
        return True

    def wait_begins(self) -> None:
        """A thread waits for messages that it does not receive: others leave in the library what they do not need."""
        self.waiting_threads += 1

    def wait_ends(self) -> None:
        """It does not any more."""
        self.waiting_threads -= 1

    def tell_threads(self) -> bool:
        """Has threads that wait in the library look again, if something is here. Whether one may only be about to wait,
        and not hear of it.
        """
        if self.waiting_threads and self.has_come:
            _abi.exz_socket_cancel(self.handle)
            return True
        return False

    @property
    def may_receive(self) -> bool:
        """Whether it is its turn to receive."""
        return self.kind != _abi.EXZ_REQ or self.is_asking or self.has_come

    @property
    def has_come(self) -> bool:
        """Whether something can be handed out without asking the library."""
        return bool(self.incoming or self.ahead or self.stale)

    def fetch_ahead(self) -> int:
        """Has messages in `ahead`, without waiting; the status, EXZ_ERR_TOO_LARGE if one is to be taken alone."""
        status: int = self._receive_ahead(self._coming, self.ahead, self.ahead, self._most_ahead, True)
        return status

    def forget_ahead(self, is_unwanted: Callable[[bytes], bool]) -> None:
        """Drops what was received ahead and is not to be received any more, as libzmq does with what it has.

        Args:
            is_unwanted: asked with the first frame of each message.
        """
        kept = [message for message in self.ahead if not is_unwanted(_first_frame(message))]
        self.ahead.clear()
        self.ahead.extend(kept)

    def _taken(self) -> int:
        if self.kind == _abi.EXZ_REQ:
            self.is_asking = False
        return _abi.EXZ_OK

    # Sending

    def send_frame(self, frame: bytes | memoryview, flags: int) -> None:
        """Sends a frame, or keeps it until the message is complete."""
        self.check()
        is_last = not flags & _SNDMORE
        if not self.outgoing:
            if (
                is_last
                and self._sends_at_once
                and not self._takes_turns
                and self._send_lent((frame,), 0) == _abi.EXZ_OK
            ):
                return
            self._check_turn()
            if not is_last:
                self._await_room(flags)
        self.outgoing.append(frame)
        if not is_last:
            self.settled()
            return
        message, self.outgoing = tuple(self.outgoing), []
        self.settled()
        self._send_whole(message, self.timeout_ms(flags, SocketOption.SNDTIMEO))

    def _send_whole(self, message: tuple[bytes | memoryview, ...], timeout_ms: int) -> None:
        is_droppable = self.kind == _abi.EXZ_ROUTER and not self.settings[SocketOption.ROUTER_MANDATORY]
        if is_droppable:
            timeout_ms = 0
        status = self._send_waiting(message, timeout_ms)
        if status == _abi.EXZ_ERR_TIMEOUT and len(message) > 1 and self.kind != _abi.EXZ_ROUTER:
            # There was room for its first frame, and libzmq has no failure behind that.
            self.backlog.add(message, 0)
            status = _abi.EXZ_OK
        if status == _abi.EXZ_OK:
            if self.kind == _abi.EXZ_REQ:
                self.is_asking = True
                self.settled()
        elif is_droppable and (len(message) < 2 or status in (_abi.EXZ_ERR_UNREACHABLE, _abi.EXZ_ERR_TIMEOUT)):
            self._drop(status)
        else:
            raise self.failure(status)

    def _send_waiting(self, message: tuple[bytes | memoryview, ...], timeout_ms: int) -> int:
        """Sends, and says so where that waits for ever and nobody is there."""

        def attempt(milliseconds: int) -> Any:
            return self._send_lent(message, milliseconds)

        if self.queues or self.backlog:
            return self._send_or_queue(message, timeout_ms)
        if timeout_ms >= 0:
            return int(self.wait(attempt, timeout_ms))
        status: int = self.wait(attempt, self.tells_after_ms)
        if status != _abi.EXZ_ERR_TIMEOUT:
            return status
        if not self.has_peer():
            warn(self.why_nobody_is_there())
        return int(self.wait(attempt, -1))

    def _send_or_queue(self, message: tuple[bytes | memoryview, ...], timeout_ms: int) -> int:
        if self.kind == _abi.EXZ_REQ:
            self.backlog.give_up()
        if not self.backlog:
            status: int = self.wait(lambda _: self._send_lent(message, 0), 0)
            if status != _abi.EXZ_ERR_TIMEOUT:
                return status
            if self.has_peer():
                return int(self.wait(lambda ms: self._send_lent(message, ms), timeout_ms))
        left = Countdown(timeout_ms)
        while True:
            changes = self.backlog.changes
            if self.backlog.add(message, self.settings[SocketOption.SNDHWM]):
                return _abi.EXZ_OK
            if left.is_over:
                return _abi.EXZ_ERR_TIMEOUT
            self.backlog.wait_changed(changes, left.seconds)
            self.check()

    def _await_handed_on(self, timeout_ms: int) -> int:
        """Waits until a request has gone to the library; what is left of the time."""
        left = Countdown(timeout_ms)
        while True:
            changes = self.backlog.changes
            if not self.backlog:
                break
            if left.is_over:
                raise failure(errno.EAGAIN)
            self.backlog.wait_changed(changes, left.seconds)
            self.check()
        return left.milliseconds

    def can_queue(self) -> bool:
        """Whether a message would be queued though there is no peer."""
        return self.queues and not self.backlog.is_full(self.settings[SocketOption.SNDHWM]) and not self.has_peer()

    def why_nobody_is_there(self) -> str:
        """A sentence for the log."""
        raise NotImplementedError

    def has_peer(self) -> bool:
        """Whether there is one that has shaken hands."""
        raise NotImplementedError

    def _drop(self, status: int) -> None:
        why = "its peer reads too slowly" if status == _abi.EXZ_ERR_TIMEOUT else "there is no such peer"
        tell_once(
            "ROUTER_MANDATORY",
            f"is off, and a message was dropped: {why}. With it a send says so; more of them are not told",
        )

    def _check_turn(self) -> None:
        if self.kind == _abi.EXZ_REQ:
            if self.has_come:
                raise failure(EFSM, "the answer was not received whole: receive its other frames")
            if self.is_asking and not self.settings[SocketOption.REQ_RELAXED]:
                raise failure(EFSM, "a REQ receives an answer before it sends again: receive, or set REQ_RELAXED")
        elif self.kind == _abi.EXZ_REP and self.has_come:
            raise failure(EFSM, "the request was not received whole: receive its other frames")

    def _await_room(self, flags: int) -> None:
        """libzmq has a first frame wait, and none behind it."""
        timeout_ms = self.timeout_ms(flags, SocketOption.SNDTIMEO)
        if timeout_ms < 0 or self.kind == _abi.EXZ_ROUTER or self.can_queue():
            return
        if self.wait(self.poll_room, timeout_ms) == _abi.EXZ_ERR_TIMEOUT:
            raise failure(errno.EAGAIN)

    def poll_room(self, timeout_ms: int) -> int:
        """Waits until something can be sent; the status."""
        raise NotImplementedError

    def failure(self, status: int) -> Exception:
        """The error for a status of the last call."""
        sentence = None if status == _abi.EXZ_ERR_TIMEOUT else last_sentence()
        return failure_of(status, sentence)


def _first_frame(message: Any) -> bytes:
    if type(message) is bytes:
        return message
    frames = message[1] if type(message) is tuple else message
    return bytes(frames[0])
