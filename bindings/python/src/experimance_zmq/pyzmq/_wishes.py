# SPDX-License-Identifier: Apache-2.0
"""What a receive asks for: a frame or a whole message, and what is made of it."""

from collections.abc import Callable
from typing import Any

from ._frame import Frame, frame_class
from ._stream import FRAMES, MESSAGE, MORE, Piece

Shape = Callable[[Any, Any, bool], Any]
"""Makes what a program is given of the message that a frame lies in, the frame, and whether there are more."""


class Wish:
    """The same for every message: how much of it, and as what."""

    __slots__ = ("_shape", "is_copied", "is_whole")

    def __init__(self, shape: Shape, *, is_whole: bool, is_copied: bool) -> None:
        self._shape = shape
        self.is_whole = is_whole
        """All that is left of a message, or one frame."""
        self.is_copied = is_copied
        """Whether it takes bytes as they are; else what shows memory."""

    def value_of(self, piece: Piece) -> Any:
        """What a program is given for it."""
        message, frames, more = piece[MESSAGE], piece[FRAMES], piece[MORE]
        if not self.is_whole:
            return self._shape(message, frames, more)
        last = len(frames) - 1
        return [self._shape(message, frame, index < last) for index, frame in enumerate(frames)]


def _bytes(_message: Any, part: Any, _more: bool) -> bytes:
    return part if type(part) is bytes else bytes(part)


def _memory(_message: Any, part: Any, _more: bool) -> memoryview:
    return memoryview(part)


def _frame(message: Any, part: Any, more: bool) -> Frame:
    return frame_class()._received(message, part, False, more)


def _tracked_frame(message: Any, part: Any, more: bool) -> Frame:
    return frame_class()._received(message, part, True, more)


FRAME = Wish(_bytes, is_whole=False, is_copied=True)
"""A frame, as bytes."""
PARTS = Wish(_bytes, is_whole=True, is_copied=True)
"""A message, as a list of bytes."""
MEMORY = Wish(_memory, is_whole=False, is_copied=False)
"""A frame's memory."""


def frames(*, is_whole: bool, track: bool) -> Wish:
    """Frames of pyzmq's, which show memory."""
    return Wish(_tracked_frame if track else _frame, is_whole=is_whole, is_copied=False)
