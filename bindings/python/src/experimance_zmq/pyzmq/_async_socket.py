# SPDX-License-Identifier: Apache-2.0
"""The socket for asyncio."""

import asyncio
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import zmq
from zmq.constants import Flag

from ._async_poller import Poller, PollFuture
from ._receipt import Receipt
from ._senders import TURN_AFTER, Attempt, Senders
from ._shared_socket import SharedSocket
from ._socket import Socket as _Base
from ._tasks import Tasks
from ._wishes import FRAME, MEMORY, PARTS, Wish, frames

# pyzmq declares another one.
Base: Any = _Base

_DONTWAIT = int(Flag.DONTWAIT)
_SNDMORE = int(Flag.SNDMORE)


class Socket(zmq.Socket["asyncio.Future[Any]"]):
    """A socket whose sends, receives and polls are futures: what `zmq.asyncio.Socket` is, with its methods.

    A receive that is cancelled loses nothing, at whatever moment: its future takes the message when it is looked at, by
    the task that awaits it or by `result()`. It does not matter what is made of the message: `recv_string`,
    `recv_json`, `recv_pyobj`, `recv_serialized` and `recv_multipart` are no different. What can not be decoded is
    used up. A send that is cancelled while it waits has not been sent.

    A socket is for one event loop at a time; another one may take over later.
    """

    _poller_class = Poller
    _shared: SharedSocket
    _receive: Callable[[Wish, int], Receipt]
    _senders: Senders
    _blocking_face: "zmq.Socket[bytes] | None" = None

    def __init__(
        self,
        context: "zmq.Context[Any] | zmq.Socket[Any] | None" = None,
        socket_type: int = -1,
        io_loop: Any = None,
        _from_socket: "zmq.Socket[Any] | None" = None,
        **kwargs: Any,
    ) -> None:
        if isinstance(context, zmq.Socket):
            context, _from_socket = None, context
        if _from_socket is not None:
            super().__init__(shadow=_from_socket, **kwargs)  # type: ignore[misc]
        else:
            super().__init__(context, socket_type, **kwargs)  # type: ignore[misc, arg-type]
        if io_loop is not None:
            warnings.warn("io_loop has no effect: it is the loop that runs", DeprecationWarning, stacklevel=2)
        tasks = Tasks.of(self._shared)
        self._receive = tasks.receivers.receive
        self._senders = tasks.senders

    @classmethod
    def from_socket(cls, socket: "zmq.Socket[Any]", io_loop: Any = None) -> "Socket":
        """The face for tasks of a socket that blocks, or of any other.

        Args:
            socket: a socket of this context or another.
            io_loop: has no effect.
        """
        return cls(_from_socket=socket, io_loop=io_loop)

    def close(self, linger: int | None = None) -> None:
        """Closes the socket, and does not wait. Receives, sends and polls that wait are cancelled.

        Args:
            linger: milliseconds for which queued messages are still sent; None is the option LINGER.
        """
        if not self.closed:
            self._senders.flush()
        super().close(linger=linger)

    # Receiving

    def recv(self, flags: int = 0, copy: bool = True, track: bool = False) -> Receipt:  # type: ignore[override]
        """Receives a frame.

        Args:
            flags: `zmq.DONTWAIT`.
            copy: False gives a Frame, which shows the memory that libzmq has received into; True bytes.
            track: whether the frame is to have a tracker.
        """
        return self._receive(FRAME if copy else frames(is_whole=False, track=track), flags)

    def recv_multipart(  # type: ignore[override]
        self, flags: int = 0, copy: bool = True, track: bool = False
    ) -> Receipt:
        """Receives a message with all its frames, or what is left of one; a list.

        Args:
            flags: as for `recv`.
            copy: as for `recv`.
            track: as for `recv`.
        """
        return self._receive(PARTS if copy else frames(is_whole=True, track=track), flags)

    def recv_into(self, buffer: Any, /, *, nbytes: int = 0, flags: int = 0) -> Receipt:  # type: ignore[override]
        """Receives a frame into memory of the caller's, when the future is looked at; the frame's size.

        Args:
            buffer: an object with the buffer protocol, that can be written to.
            nbytes: how much of it may be used; 0 is all.
            flags: as for `recv`.
        """
        target = Base.memory_to_fill(self, buffer, nbytes)
        receipt = self._receive(MEMORY, flags)
        receipt.load = partial(Base.fill, target)
        return receipt

    def _deserialize(self, recvd: Any, load: Callable[[Any], Any]) -> Any:
        recvd.load = load
        return recvd

    # Sending

    def send(  # type: ignore[override]
        self,
        data: Any,
        flags: int = 0,
        copy: bool = True,
        track: bool = False,
        routing_id: int | None = None,
        group: str | None = None,
    ) -> "asyncio.Future[Any]":
        """Sends a frame.

        Args:
            data: a Frame, or an object with the buffer protocol.
            flags: `zmq.DONTWAIT` and `zmq.SNDMORE`.
            copy: False lends the data's memory, if it is long.
            track: whether to answer with a tracker of what is lent.
            routing_id: refused, as nothing has one here.
            group: refused, as nothing has one here.
        """
        # Everything that is looked up in a socket of pyzmq's takes long.
        senders = self._senders
        if senders.in_a_row < TURN_AFTER and type(data) is bytes and copy and not flags & _SNDMORE:
            send = senders.shared.send_at_once
            if send is not None and not senders.waiting and send(data) == 0:
                senders.in_a_row += 1
                return senders.sent.future()
        if routing_id is not None or group is not None:
            # pyzmq's own method knows what is wrong with them.
            return self._send(partial(super().send, data, flags | _DONTWAIT, copy, track, routing_id, group), flags)
        return self._send(partial(Base.send, self, data, flags | _DONTWAIT, copy, track), flags)

    def send_multipart(  # type: ignore[override]
        self, msg_parts: Sequence[Any], flags: int = 0, copy: bool = True, track: bool = False, **kwargs: Any
    ) -> "asyncio.Future[Any]":
        """Sends a message of several frames.

        Args:
            msg_parts: the frames.
            flags: as for `send`.
            copy: as for `send`.
            track: as for `send`.
            kwargs: as for `send`.
        """
        send = partial(self._blocking.send_multipart, msg_parts, flags | _DONTWAIT, copy, track, **kwargs)
        return self._send(send, flags)

    def _send(self, attempt: Attempt, flags: int) -> "asyncio.Future[Any]":
        if self._senders.is_free() or flags & _DONTWAIT:
            try:
                tracker = attempt()
            except zmq.Again as error:
                if flags & _DONTWAIT:
                    return _failed(error)
            except Exception as error:
                return _failed(error)
            else:
                return self._senders.sent.future() if tracker is None else _done(tracker)
        return self._senders.wait(attempt)

    @property
    def _blocking(self) -> "zmq.Socket[bytes]":
        """Another face, for what pyzmq has written in terms of other methods."""
        if self._blocking_face is None:
            self._blocking_face = zmq.Socket.shadow(self)
        return self._blocking_face

    # Polling

    def poll(self, timeout: float | None = None, flags: int = zmq.POLLIN) -> PollFuture:  # type: ignore[override]
        """Waits until something can be done; what, or 0 when the time is up.

        Args:
            timeout: milliseconds; None or a negative number is for ever.
            flags: `zmq.POLLIN` and `zmq.POLLOUT`.
        """
        if self.closed:
            raise zmq.ZMQError(zmq.ENOTSUP)
        poller = self._poller_class()
        poller.register(self, flags)
        return poller.begin(timeout, lambda events: dict(events).get(self, 0))


def _done(tracker: Any) -> "asyncio.Future[Any]":
    future: asyncio.Future[Any] = asyncio.Future()
    future.set_result(tracker)
    return future


def _failed(error: Exception) -> "asyncio.Future[Any]":
    future: asyncio.Future[Any] = asyncio.Future()
    future.set_exception(error)
    return future
