# SPDX-License-Identifier: Apache-2.0
"""Forwarding messages between two sockets."""

import ctypes
import enum
import sys
import warnings
from collections.abc import Callable
from typing import Self

from . import _abi
from ._any_socket import AnySocket
from ._arguments import milliseconds
from ._closing import Closing
from ._core import detailed
from ._deadline import Deadline
from ._log import raise_held_back
from ._not_copied import NotCopied
from ._open_sockets import place
from ._record import Record
from .errors import Status, ZMQStateError, ZMQTimeoutError, class_of


class ProxyState(enum.IntEnum):
    """What a proxy is doing.

    Attributes:
        FORWARDING: it forwards.
        PAUSED: it pauses.
        ENDED: one of its sockets was closed, or can not be used any more.
    """

    FORWARDING = _abi.EXZ_PROXY_FORWARDING
    PAUSED = _abi.EXZ_PROXY_PAUSED
    ENDED = _abi.EXZ_PROXY_ENDED


class ProxyStatistics(Record):
    """What a proxy has done so far. A message may be received a moment before it is counted here.

    Attributes:
        state: what it is doing.
        messages_to_back: messages that were handed on from the front to the back. Subscriptions count as messages.
        bytes_to_back: the bytes of those.
        messages_to_front: the same from the back to the front.
        bytes_to_front: the bytes of those.
        undeliverable: messages that could not be handed on and are gone: a ROUTER has no peer of that name, or not any
            more; it is longer than `max_message_size` of the socket it was to go to; it is a subscription to a topic
            that `subscribe` refuses; there was no memory for it; or it still waited when the socket that it had come
            from was closed.
        captured: copies that the capture has taken.
        capture_refused: copies for which it had no room at once, or that it does not take.
        waiting: messages that have been taken from one side and wait for room on the other.
        reason: why the forwarding has ended, such as `Status.CLOSED`; `Status.OK` as long as it has not.
    """

    state: ProxyState
    messages_to_back: int
    bytes_to_back: int
    messages_to_front: int
    bytes_to_front: int
    undeliverable: int
    captured: int
    capture_refused: int
    waiting: int
    reason: Status

    @classmethod
    def _from_struct(cls, struct: _abi.exz_proxy_statistics) -> Self:
        fields = {name: getattr(struct, name) for name, *_ in struct._fields_ if name != "size"}
        return cls(**fields | {"state": ProxyState(struct.state), "reason": Status(struct.reason)})


class Proxy(NotCopied, Closing):
    """Forwards messages between two sockets, on a thread of the library's that needs no interpreter.

        from experimance_zmq import Proxy, Socket, SocketType

        with Socket(SocketType.XSUB) as front, Socket(SocketType.XPUB) as back:
            front.bind("tcp://127.0.0.1:5556")  # publishers connect here
            back.bind("tcp://127.0.0.1:5557")  # and subscribers here
            with Proxy(front, back) as proxy:
                ...

    It forwards between XSUB and XPUB, ROUTER and DEALER, PULL and PUSH; each may be the front or the back. Messages go
    on as they came, with all parts, in order, and none of their bytes is copied. Between XSUB and XPUB messages go the
    one way and subscriptions the other, so that `wait_subscribers` of a publisher and `wait_subscribed` of a subscriber
    work across it; at the publisher each topic counts once.

    The sockets stay the caller's, who binds, connects and closes them. They may be sockets of `aio`, too: the proxy
    blocks no loop but in `pause` and `close`, for a moment. Peers may come and go on both sides. When one of the
    sockets is closed the forwarding ends, and `stats` tells. Nothing is lost in between: messages are taken from one
    side only when the other one has room, and what was taken and could not be handed on when the proxy pauses or ends
    is received next on the socket it came from.

    Its thread has the name, the processors and the scheduling that the context of the front gives its threads.

    It may be used from any thread. Close it, or use it in a `with` statement; one that is forgotten ends when it is
    collected, with a `ResourceWarning`. Every method may raise `ZMQClosedError`, and `ZMQForkedError` in a child
    process.
    """

    def __init__(self, front: AnySocket, back: AnySocket, *, capture: AnySocket | None = None) -> None:
        """Starts to forward.

        Args:
            front: one of the sockets.
            back: the other one.
            capture: gets a copy of each message that was forwarded, in either direction: a PUSH, PUB, PAIR or DEALER
                socket. It never holds anything up: a copy for which it has no room at once is dropped and counted.

        Raises:
            ZMQNotSupportedError: types that can not be forwarded to each other, or one that can not capture.
            ZMQInvalidError: the same socket twice.
            ZMQStateError: a socket that another proxy has, that a call waits on to send or to receive, or that has
                received messages ahead which nobody has asked for.
            ZMQClosedError: one of the sockets is closed.
            ZMQLimitError: out of descriptors, threads or handles.
            ZMQNoMemoryError: out of memory.
            TypeError: something that is no socket of this package.
        """
        self._handle = _abi.exz_proxy()
        self._sockets = [_checked(front, "front"), _checked(back, "back")]
        if capture is not None:
            self._sockets.append(_checked(capture, "capture"))
        handles = [socket._core.handle for socket in self._sockets]
        if capture is None:
            handles.append(_abi.exz_socket())
        details = _abi.exz_error(size=ctypes.sizeof(_abi.exz_error))
        status = _abi.exz_proxy_open(self._handle, *handles, details)
        if status != _abi.EXZ_OK:
            raise detailed(status, details, Deadline(0))
        self._opened_at = place()

    @property
    def stats(self) -> ProxyStatistics:
        """What it has done so far."""
        struct = _abi.exz_proxy_statistics(size=ctypes.sizeof(_abi.exz_proxy_statistics))
        self._expect_ok(_abi.exz_proxy_stats(struct, self._handle))
        return ProxyStatistics._from_struct(struct)

    def pause(self, *, timeout: float | None = None) -> None:
        """Takes no more messages until `resume`. What is queued waits, and can be received by the caller. Pausing again
        does nothing.

        Args:
            timeout: seconds to wait for what is being forwarded at this moment; None is 1.0.

        Raises:
            ZMQTimeoutError: it has not paused yet, but will.
            ZMQStateError: the forwarding has ended.
        """
        self._expect_ok(_abi.exz_proxy_pause(self._handle, _timeout(timeout)))

    def resume(self) -> None:
        """Goes on after a pause. Where there is none it does nothing.

        Raises:
            ZMQStateError: the forwarding has ended.
        """
        self._expect_ok(_abi.exz_proxy_resume(self._handle))

    def close(self, *, timeout: float | None = None) -> None:
        """Ends the forwarding, and gives the sockets back. Closing again does nothing.

        Args:
            timeout: seconds to wait for what is being forwarded at this moment; None is 1.0.

        Raises:
            ZMQTimeoutError: it has not ended yet, but will. Closing again waits for that.
        """
        self._expect_ok(_abi.exz_proxy_close(self._handle, _timeout(timeout)))
        self._sockets.clear()

    def _expect_ok(self, status: int) -> None:
        raise_held_back()
        if status == _abi.EXZ_OK:
            return
        if status == _abi.EXZ_ERR_TIMEOUT:
            raise ZMQTimeoutError("the proxy is still forwarding; it stops as soon as it can")
        if status == _abi.EXZ_ERR_STATE:
            raise ZMQStateError("the forwarding has ended: one of the sockets is closed")
        raise class_of(status)("the proxy is closed" if status == _abi.EXZ_ERR_CLOSED else None)

    def __del__(
        self,
        _stats: Callable[..., int] = _abi.exz_proxy_stats,
        _close: Callable[..., int] = _abi.exz_proxy_close,
        _is_finalizing: Callable[[], bool] = sys.is_finalizing,
    ) -> None:
        opened_at = getattr(self, "_opened_at", None)
        if opened_at is None or _is_finalizing():
            return
        # One that is closed, or the parent process's, has no statistics any more.
        struct = _abi.exz_proxy_statistics(size=ctypes.sizeof(_abi.exz_proxy_statistics))
        is_open = _stats(struct, self._handle) == _abi.EXZ_OK
        _close(self._handle, 0)
        if is_open:
            warnings.warn(f"unclosed Proxy, opened at {opened_at}", ResourceWarning, stacklevel=2, source=self)


def _checked(socket: AnySocket, name: str) -> AnySocket:
    """What can be forwarded; what a socket has received ahead is not the library's to forward."""
    if not isinstance(socket, AnySocket):
        raise TypeError(f"{name} must be a socket of this package, not {type(socket).__name__}")
    if socket._has_ahead():
        raise ZMQStateError(f"the {name} socket has received messages ahead, which nobody has asked for: receive them")
    return socket


def _timeout(seconds: float | None) -> int:
    return _abi.EXZ_DEFAULT_TIMEOUT if seconds is None else milliseconds(seconds, "timeout")
