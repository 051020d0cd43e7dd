# SPDX-License-Identifier: Apache-2.0
"""What lies under a socket: libzmq's options by their numbers, and the descriptor for loops of others."""

import ctypes
import operator
from typing import Any

from . import _abi, _open_sockets, _reasons
from ._arguments import INT32_MAX, INT64_MAX, whole
from ._core import SocketCore
from ._lending import as_bytes
from .errors import ZMQInvalidError

_ZMQ_EVENTS = 15
_ZMQ_LINGER = 17
_ZMQ_RCVHWM = 24
_ZMQ_POLLIN = 1
_USUAL_SIZE = 256
_CURVE_KEY_SIZE = 32


class LibzmqOptions:
    """Libzmq's options by their numbers, and the descriptor, of every socket: nothing here waits."""

    _core: SocketCore
    # A Prefetch of what the socket receives; None where it receives nothing ahead.
    _ahead: Any = None

    def _has_ahead(self) -> bool:
        """Whether messages are here that nobody has asked for."""
        return self._ahead is not None and not self._ahead.is_empty

    def set_option(self, option: int, value: int | bytes) -> None:
        """Sets one of libzmq's options by its number in `<zmq.h>`, for what `SocketOptions` has no name for.

        Options of connections apply to those made afterwards. Refused are options that would break a promise of this
        library: time-outs, re-connection, ZMQ_IMMEDIATE and so on; experimance_zmq.h lists them at
        `exz_socket_set_int`. High-water marks can be set until the socket first binds or connects.

        Args:
            option: the number, such as `zmq.TOS` of pyzmq.
            value: an int or bytes, as the option is one or the other.

        Raises:
            ZMQNotSupportedError: the option is refused.
            ZMQInvalidError: libzmq does not know it, it has values of the other kind, or the value is out of range.
            ZMQStateError: a high-water mark, too late.
        """
        number = whole(option, "option", INT32_MAX)
        if isinstance(value, bytes):
            data = as_bytes(value)
            status = _abi.exz_socket_set_bytes(self._core.handle, number, data, len(data))
        else:
            status = _abi.exz_socket_set_int(self._core.handle, number, _int64(value))
        self._core.check(status, f"set_option {number}", _reasons.setting(status))
        if number == _ZMQ_LINGER:
            _open_sockets.linger_changed(self._core.handle.id, int(value))
        elif number == _ZMQ_RCVHWM and self._ahead is not None:
            self._ahead.limit_to(int(value))

    def get_option(self, option: int) -> int:
        """Reads one of libzmq's options by its number.

        Args:
            option: the number; not that of ZMQ_FD, for which there is `fileno`, nor of ZMQ_RCVMORE.

        Raises:
            ZMQNotSupportedError: one of the two.
            ZMQInvalidError: libzmq does not know the option, or it is no number.
        """
        number = whole(option, "option", INT32_MAX)
        value = ctypes.c_int64()
        status = _abi.exz_socket_get_int(value, self._core.handle, number)
        self._core.check(status, f"get_option {number}", _reasons.getting(status))
        if number == _ZMQ_EVENTS and self._has_ahead():
            return value.value | _ZMQ_POLLIN
        return value.value

    def get_option_bytes(self, option: int) -> bytes:
        """Reads one of libzmq's options that is a text or bytes, as libzmq has it: a text ends with a NUL, a CURVE key
        is its 32 bytes.

        Args:
            option: the number.

        Raises:
            ZMQInvalidError: libzmq does not know the option.
            ZMQNotSupportedError: as `get_option`.
        """
        number = whole(option, "option", INT32_MAX)
        size = ctypes.c_size_t()
        capacity = _USUAL_SIZE
        while True:
            buffer = ctypes.create_string_buffer(capacity)
            status = _abi.exz_socket_get_bytes(size, self._core.handle, number, buffer, capacity)
            if status == _abi.EXZ_ERR_TOO_SMALL and size.value > capacity:
                capacity = size.value
            elif status == _abi.EXZ_ERR_INVALID and capacity == _USUAL_SIZE:
                # libzmq gives a key only to whoever asks for its very size.
                capacity = _CURVE_KEY_SIZE
            else:
                break
        self._core.check(status, f"get_option_bytes {number}", _reasons.getting(status))
        return buffer.raw[: size.value]

    def fileno(self) -> int:
        """The descriptor that is readable exactly while there is a message to receive, for `select`, epoll and event
        loops of others.

        Level-triggered: it stays readable until the last message is received. It belongs to the socket: do not read or
        close it, and take it out of every loop before the socket is closed. From the first call on the socket receives
        nothing ahead (`prefetch`), as the descriptor would not see that: what it has ahead by then is handed out first,
        and a loop that begins to watch so late receives until `recv(timeout=0)` raises `ZMQTimeoutError`.

        Raises:
            ZMQNotSupportedError: a PUB or PUSH, which receives nothing.
            ZMQLimitError: out of descriptors.
        """
        number = ctypes.c_int()
        self._core.check(_abi.exz_socket_fd(number, self._core.handle), "fileno")
        if self._ahead is not None:
            self._ahead.turn_off()
        return number.value

    def send_fileno(self) -> int:
        """The descriptor that is readable, not writable, while a message can be sent, for `select`, epoll and
        event loops of others.

        Level-triggered, and a `send` that finds no room has it cleared first, so that also who watches for edges hears
        of the room that comes after it. It belongs to the socket, as that of `fileno` does. A ROUTER has room if any of
        its peers does, a publisher always.

        Raises:
            ZMQNotSupportedError: a SUB or PULL, which sends nothing.
            ZMQLimitError: out of descriptors.
        """
        number = ctypes.c_int()
        self._core.check(_abi.exz_socket_send_fd(number, self._core.handle), "send_fileno")
        return number.value


def _int64(value: int) -> int:
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"value must be an int or bytes, not {type(value).__name__}") from None
    if not -INT64_MAX - 1 <= number <= INT64_MAX:
        raise ZMQInvalidError(f"value is {number}, which has more than 64 bits")
    return number
