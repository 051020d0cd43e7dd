# SPDX-License-Identifier: Apache-2.0
"""Received messages that are not copied."""

from typing import TYPE_CHECKING, Any, NoReturn, Self

from . import _native

if TYPE_CHECKING:

    class _Memory:
        def __buffer__(self, flags: int, /) -> memoryview: ...

else:
    _Memory = _native.MessageMemory

_parts = _native.function(b"message_parts", 0)
_property = _native.function(b"message_property", 0)
_of = _native.function(b"message_of", 0)

# As the library numbers them.
_PEER_ADDRESS, _USER_ID, _SOCKET_TYPE, _IDENTITY, _PUBLIC_KEY = range(5)


class Message(_Memory):
    """A received message, where libzmq has put it: what `recv(copy=False)` and `recv_parts(copy=False)` give.

    A message of one part has the buffer protocol, to be read only: `memoryview(message)`, `bytes(message)`,
    `numpy.frombuffer(message)`. One of several parts has `parts`. The memory is there as long as the message is, or
    anything that looks at it. A process may have any number of messages, and a message may be used by any thread.

    `send(message)` sends it on, with all its parts and without a copy, through any socket and as often as you like: it
    stays as it is.
    """

    __slots__ = ("__weakref__",)

    def __new__(cls) -> Self:
        """Messages are received."""
        raise TypeError("a Message is not made but received, by recv(copy=False)")

    @property
    def parts(self) -> tuple[memoryview, ...]:
        """The memory of each part, to be read only."""
        return tuple(map(memoryview, _parts(self)))

    @property
    def peer_address(self) -> str:
        """Where it came from: the peer's numeric address; over ipc its user, group and process. "" where nothing is
        known, as over inproc, and of a message that was received ahead (see `prefetch`).
        """
        return self._known(_PEER_ADDRESS)

    @property
    def socket_type(self) -> str:
        """The type of the peer's socket, "PUSH" and so on, as it has told in its handshake: of a `Publisher` "XPUB". ""
        where nothing is known.
        """
        return self._known(_SOCKET_TYPE)

    @property
    def identity(self) -> bytes:
        """The identity that the peer has chosen, up to its first NUL; b"" where there is none, or nothing is known."""
        found: bytes = _property(self, _IDENTITY)
        return found

    @property
    def user_id(self) -> str:
        """As whom a server's authenticator has let the peer in; "" where it has no name, or nothing is known."""
        return self._known(_USER_ID)

    @property
    def public_key(self) -> str:
        """The peer's key over CURVE, where an `Authenticator` has let it in; "" where nothing is known."""
        return self._known(_PUBLIC_KEY)

    def _known(self, number: int) -> str:
        found: bytes = _property(self, number)
        return found.decode("utf-8", "replace")

    def __len__(self) -> int:
        """Bytes of all parts."""
        return sum(part.nbytes for part in self.parts)

    def __bool__(self) -> bool:
        return len(self) > 0

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Message can not be copied or pickled; bytes(message) can")

    def __repr__(self) -> str:
        parts = self.parts
        of_parts = "" if len(parts) == 1 else f" in {len(parts)} parts"
        return f"<Message, {sum(part.nbytes for part in parts)} bytes{of_parts}>"


_native.function(b"use_message_type", 0)(Message)


def message_of(*parts: bytes) -> Message:
    """A message with a copy of what was received in another way."""
    made: Message = _of(parts)
    return made


def first_part(data: Any) -> bytes:
    """For an error."""
    if isinstance(data, Message):
        return bytes(data.parts[0]) if data.parts else b""
    return bytes(data)
