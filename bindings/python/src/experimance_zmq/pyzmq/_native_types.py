# SPDX-License-Identifier: Apache-2.0
"""The bases of sockets that the library makes: what is done for every message without a frame of Python's."""

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .. import _native

if TYPE_CHECKING:

    class ExchangeMemory:
        """What all faces of a socket have in common. The library reads it with every message."""

        _handle_number: int
        _receives_at_once: bool
        """Whether a frame may be received without a thought: from `incoming`, from `ahead`, from the library."""
        _sends_at_once: bool
        """Whether a frame may be sent without a thought, or kept in `outgoing` for the message's end."""
        _takes_turns: bool
        """A REQ or REP."""
        _asks: bool
        """A REQ."""
        is_asking: bool
        """A REQ waits for its answer."""
        _receive_timeout_ms: int
        _send_timeout_ms: int
        _most_ahead: int
        """How many messages may be received at once."""
        _coming: list[Any]
        _next_ahead: Callable[[], Any]
        _next_incoming: Callable[[], Any]
        more: bool
        """Whether the message that was received from last has more frames."""
        waiting_threads: int
        """Threads that wait for a message, which nobody may take away from them without need."""
        ahead: deque[Any]
        """Messages that came before anybody asked for them, or were given back: bytes, lists of frames, or a pair of
        the message that frames lie in and the frames."""
        incoming: deque[Any]
        """Frames of a message that has come: bytes, or objects that show memory."""
        outgoing: list[bytes | memoryview]
        """Frames of a message that is to go."""

    class SocketMemory:
        """A face of a socket. What is not done here is left to methods of the class that is derived from it:
        `_send_slowly`, `_recv_slowly` and `_get_slowly`.
        """

        def _attach(self, exchange: ExchangeMemory, /) -> None: ...

        def send(self, data: Any, flags: int = 0, copy: bool = True, track: bool = False) -> Any:
            """Sends a frame."""

        def recv(self, flags: int = 0, copy: bool = True, track: bool = False) -> Any:
            """Receives a frame."""

        def get(self, option: int) -> Any:
            """Reads an option."""

else:
    ExchangeMemory = _native.function(b"exchange_type", 0)(object.__basicsize__)
    SocketMemory = _native.function(b"face_type", 0)(object.__basicsize__)
