# SPDX-License-Identifier: Apache-2.0
"""What has come for one socket and is in nobody's hand, and the pieces that are cut from it and can be put back."""

from collections import deque
from typing import Any

from .. import _abi
from .._message import Message
from ._exchange import Exchange

Piece = list[Any]
"""What one receive gets: see the indices below. It changes when an earlier piece is put back."""

FRAMES, MORE, BEGINS, MESSAGE, IS_WHOLE = range(5)
"""A frame, or a list of them; whether its message has more behind it, and begins with it; where the frames lie; whether
it is all that is left of a message.
"""

_TAKES_TURNS = (_abi.EXZ_REQ, _abi.EXZ_REP)


class Stream:
    """The frames of one socket's messages in their order.

    Pieces are cut from its front. One that nobody has looked at can be put back: it goes in front of the later ones,
    which are cut anew, so that everybody who is left has what would have come without it.
    """

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        """Where they come from."""
        self._ahead = exchange.ahead
        self._incoming = exchange.incoming
        self._takes_memory = False
        """Somebody receives frames that show memory, which are taken one by one."""
        self.newest: Piece | None = None
        """The piece that was cut last, if it can be put back."""
        self._older: list[Piece] = []
        """Those before it that can be, in their order."""

    def __bool__(self) -> bool:
        return bool(self._ahead or self._incoming)

    def fetch(self, copy: bool) -> int:
        """Has what has come here, without waiting; the status."""
        if self:
            return _abi.EXZ_OK
        exchange = self.exchange
        self._takes_memory |= not copy
        status = self._fetch_many()
        if status != _abi.EXZ_ERR_TOO_LARGE:
            return status
        status = exchange.take(0, not self._takes_memory)
        if status == _abi.EXZ_OK:
            self._keep(list(self._incoming), exchange.message)
            self._incoming.clear()
        return status

    def _fetch_many(self) -> int:
        """The same for as many as there are; EXZ_ERR_TOO_LARGE if one is to be taken alone."""
        exchange = self.exchange
        is_off = self._takes_memory or not exchange.reads_ahead or exchange.waiting_threads
        if is_off or exchange.settings.conflates or exchange.kind in _TAKES_TURNS:
            return _abi.EXZ_ERR_TOO_LARGE
        return exchange.fetch_ahead()

    def _keep(self, frames: list[Any], message: Message | None) -> None:
        is_plain = len(frames) == 1 and type(frames[0]) is bytes
        self._ahead.appendleft(frames[0] if is_plain else (message, frames))

    def cut(self, is_whole: bool) -> Piece | None:
        """The next frame, or all that is left of its message; None if nothing is here."""
        begins = not self._incoming
        if begins:
            try:
                message = self._ahead.popleft()
            except IndexError:
                # Perhaps another thread was quicker.
                return None
            if type(message) is bytes:
                if self.newest is not None:
                    self._older.append(self.newest)
                self.newest = [[message] if is_whole else message, False, True, None, is_whole]
                return self.newest
            self.exchange.message = None
            if type(message) is tuple:
                self.exchange.message, message = message
            self._incoming.extend(message)
        if is_whole:
            frames: Any = list(self._incoming)
            self._incoming.clear()
        else:
            frames = self._incoming.popleft()
        self.exchange.settled()
        if self.newest is not None:
            self._older.append(self.newest)
        self.newest = [frames, bool(self._incoming), begins, self.exchange.message, is_whole]
        return self.newest

    def hand_out(self, piece: Piece) -> None:
        """It can not be put back any more."""
        if piece is self.newest:
            self.newest = None
        else:
            del self._older[self._place_of(piece)]
        self.exchange.more = piece[MORE]
        self.exchange.settled()

    def put_back(self, piece: Piece) -> None:
        """Makes it the next one."""
        if self.exchange.settings.conflates:
            self._put_back_old(piece)
        elif piece is self.newest:
            self.newest = None
            self._uncut(piece)
        else:
            self._put_back_before(piece)

    def _put_back_old(self, piece: Piece) -> None:
        """Where only the newest message counts it does if none has come since."""
        if piece is not self.newest:
            del self._older[self._place_of(piece)]
            return
        self.newest = None
        self._uncut(piece)
        self.exchange.stale.extend(self._ahead)
        self._ahead.clear()

    def _put_back_before(self, piece: Piece) -> None:
        place = self._place_of(piece)
        later = self._older[place + 1 :]
        if self.newest is not None:
            later.append(self.newest)
        del self._older[place:]
        self.newest = None
        # Where no other thread can take what is somebody's.
        shared = self._ahead, self._incoming
        self._ahead, self._incoming = deque(), deque(shared[1])
        shared[1].clear()
        for each in reversed([piece, *later]):
            self._uncut(each)
        for each in later:
            if (anew := self.cut(each[IS_WHOLE])) is not None:
                # It is their receipts' own.
                each[:] = anew
                self.newest = each
        shared[0].extendleft(reversed(self._ahead))
        shared[1].extendleft(reversed(self._incoming))
        self._ahead, self._incoming = shared

    def _place_of(self, piece: Piece) -> int:
        return next(place for place, each in enumerate(self._older) if each is piece)

    def _uncut(self, piece: Piece) -> None:
        frames = list(piece[FRAMES]) if piece[IS_WHOLE] else [piece[FRAMES]]
        message: Message | None = piece[MESSAGE]
        if not piece[MORE] and (piece[BEGINS] or self._incoming):
            return self._keep(frames, message)
        self._incoming.extendleft(reversed(frames))
        self.exchange.message = message
        if piece[BEGINS]:
            # It is whole again.
            self._keep(list(self._incoming), message)
            self._incoming.clear()
