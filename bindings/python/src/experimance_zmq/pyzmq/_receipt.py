# SPDX-License-Identifier: Apache-2.0
"""The future of a message, which gives it to whoever looks first, and to nobody who has given up."""

import asyncio
import contextlib
from collections.abc import Callable, Generator
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from ._stream import FRAMES, MESSAGE, MORE, Piece
from ._wishes import Wish

if TYPE_CHECKING:
    from ._receivers import Receivers

_TURN_AFTER = 500
"""Receives that need not wait, before other tasks have their turn."""

_release_waiter = getattr(asyncio.tasks, "_release_waiter", None)

_TAKEN: Final = 1
_UNREADABLE: Final = 2
"""Taken, and nothing could be made of it."""
_GIVEN_UP: Final = 3
"""Put back."""


class Receipt(asyncio.Future[Any]):
    """Is done when a message has come for it, and takes the message when somebody looks: a task that goes on, or a call
    of `result`. Until then `cancel` puts the message back, and so does the end of a future that nobody has kept. So
    there is no moment at which a message is with a task that has been cancelled.
    """

    # The public slots are set by whoever makes one, as `__init__` would take as long as receiving; other attributes are
    # in the class until they change.
    __slots__ = ("_value", "piece", "receivers", "wish")

    piece: Piece | int | None
    """What has come for it and was not looked at. A number says what became of it."""
    receivers: "Receivers"
    """Where it waits."""
    _value: Any
    """What was taken, or why it could not be read."""
    wish: Wish
    """What it is to be."""
    load: Callable[[Any], Any] | None = None
    """What else is made of it, which can fail."""
    _timer: asyncio.TimerHandle | None = None
    _is_ended = False
    _read: tuple[Any, Any] | None = None
    """The frames that were loaded, and what they are."""

    def limit(self, milliseconds: int, expire: Callable[["Receipt"], None]) -> None:
        """Has something done if nothing comes in time."""
        self._timer = self.get_loop().call_later(milliseconds / 1000, expire, self)

    def arrive(self, piece: Piece) -> None:
        """A piece has come for it."""
        self.piece = piece
        self.set_result(None)
        if self._timer is not None:
            self._stop_timer()

    def end(self, error: Exception | None) -> None:
        """Nothing will come, because of an error, or as if it had been cancelled."""
        self._stop_timer()
        if error is None:
            super().cancel()
        else:
            self.set_exception(error)
            self._is_ended = True

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    # What a program does with it

    def cancel(self, msg: Any = None) -> bool:
        """Gives up; a message that has come and was not looked at is the next one to be received again."""
        if type(self.piece) is list:
            self._give_up(self.piece)
            return True
        if self.piece is not None or not super().cancel(msg):
            return False
        self._stop_timer()
        self.receivers.forget(self)
        return True

    def cancelled(self) -> bool:
        """Whether it was cancelled."""
        return self.piece == _GIVEN_UP or super().cancelled()

    def result(self) -> Any:
        """The message, which it takes."""
        if type(self.piece) is list:
            return self._take(self.piece)
        if self.piece == _TAKEN:
            return self._value
        if self.piece == _UNREADABLE:
            raise self._value
        if self.piece == _GIVEN_UP:
            raise asyncio.CancelledError
        return super().result()

    def exception(self) -> BaseException | None:
        """Why there is no message; None if there is one. One that can not be read is taken by that."""
        if type(self.piece) is list and self.load is not None:
            self._look(self.piece)
        if self.piece == _UNREADABLE:
            error: Exception = self._value
            return error
        if self.piece == _GIVEN_UP:
            raise asyncio.CancelledError
        return super().exception()

    def add_done_callback(self, fn: Callable[[Any], object], /, *, context: Any = None) -> None:
        """Has something called when it is done."""
        if isinstance(fn, partial) and fn.func is _release_waiter and self._is_here_in_turn():
            # `asyncio.wait_for` of Python 3.11 would have the loop go round twice, which no other needs.
            fn(self)
        elif context is None:
            super().add_done_callback(fn)
        else:
            super().add_done_callback(fn, context=context)

    def _is_here_in_turn(self) -> bool:
        if type(self.piece) is not list or self.receivers.in_a_row >= _TURN_AFTER:
            self.receivers.in_a_row = 0
            return False
        self.receivers.in_a_row += 1
        return True

    def __await__(self) -> Generator[Any, None, Any]:
        receivers = self.receivers
        try:
            if type(self.piece) is not list:
                receivers.in_a_row = 0
                if not self.done():
                    self._asyncio_future_blocking = True
                    yield self
            elif receivers.in_a_row < _TURN_AFTER:
                receivers.in_a_row += 1
            else:
                receivers.in_a_row = 0
                yield
        except GeneratorExit:
            # A coroutine that is collected, perhaps amid anything.
            receivers.later(self.get_loop(), self.cancel)
            raise
        except BaseException:
            # The task ends here, and so does its interest.
            self.cancel()
            raise
        return self._take(self.piece) if type(self.piece) is list else self.result()

    __iter__ = __await__

    def __del__(self) -> None:
        if type(self.piece) is list:
            # On any thread, amid anything.
            self.receivers.later(self.get_loop(), partial(self.receivers.take_back, self.piece))
        elif self._is_ended:
            super().__del__()

    # Its piece

    def _take(self, piece: Piece) -> Any:
        if self.receivers.postponed:
            # It may become an earlier one.
            self.receivers.catch_up()
            if type(self.piece) is not list:
                return self.result()
        stream = self.receivers.stream
        if stream.newest is piece and not stream.exchange.more and not piece[MORE]:
            # As `hand_out`, for most of them.
            stream.newest = None
        else:
            stream.hand_out(piece)
        if self.load is None:
            value = piece[FRAMES] if self.wish.is_copied and piece[MESSAGE] is None else self.wish.value_of(piece)
        else:
            try:
                value = self._loaded(piece)
            except Exception as error:
                self._value = error
                self.piece = _UNREADABLE
                raise
        self._value = value
        self.piece = _TAKEN
        return value

    def _loaded(self, piece: Piece) -> Any:
        """Made once, unless the piece becomes another one."""
        if self._read is None or self._read[0] is not piece[FRAMES]:
            load: Callable[[Any], Any] = self.load or _itself
            self._read = piece[FRAMES], load(self.wish.value_of(piece))
        return self._read[1]

    def _look(self, piece: Piece) -> None:
        """Takes what can not be read, and leaves all else."""
        try:
            self._loaded(piece)
        except Exception:
            with contextlib.suppress(Exception):
                self._take(piece)

    def _give_up(self, piece: Piece) -> None:
        self.piece = _GIVEN_UP
        self.receivers.take_back(piece)


def _itself(value: Any) -> Any:
    return value
