# SPDX-License-Identifier: Apache-2.0
"""A socket of the library: its handle, what can be asked of it without waiting, and how its failures are told."""

import ctypes
import enum
import weakref
from collections.abc import Callable, Mapping
from typing import Any, Protocol, runtime_checkable

from . import _abi, _native, _open_sockets, _reasons
from ._arguments import INT32_MAX, milliseconds, text, topic_name, whole
from ._deadline import Deadline
from ._log import follow_logger, raise_held_back, warn
from ._subscribed import Subscribed
from .context import ContextHandle
from .errors import ZMQSocketError, class_of, explanation
from .observing import State, Statistics
from .socket_options import default_options, option_struct, what_is_wrong

_ENDPOINT_CAPACITY = 1024
# exz_subscribe and exz_unsubscribe end a topic at its first NUL.
_ZMQ_SUBSCRIBE = 6
_ZMQ_UNSUBSCRIBE = 7


class SocketType(enum.IntEnum):
    """The ZeroMQ socket types."""

    PAIR = _abi.EXZ_PAIR
    PUB = _abi.EXZ_PUB
    SUB = _abi.EXZ_SUB
    REQ = _abi.EXZ_REQ
    REP = _abi.EXZ_REP
    DEALER = _abi.EXZ_DEALER
    ROUTER = _abi.EXZ_ROUTER
    PULL = _abi.EXZ_PULL
    PUSH = _abi.EXZ_PUSH
    XPUB = _abi.EXZ_XPUB
    XSUB = _abi.EXZ_XSUB


def detailed(status: int, details: Any, deadline: Deadline, endpoint: str | None = None) -> ZMQSocketError:
    """The error for a status that came with details."""
    return class_of(status)(
        details.message.decode("utf-8", "replace") or None,
        errno=details.sys_errno,
        attempts=details.attempts,
        elapsed=deadline.elapsed,
        endpoint=details.endpoint.decode("utf-8", "replace") if endpoint is None else endpoint,
    )


@runtime_checkable
class SupportsFileno(Protocol):
    """A socket of Python's, and whatever else has a descriptor."""

    def fileno(self) -> int:
        """The descriptor."""
        ...


class WaitsOfTasks(Protocol):
    """Waits of which the library knows nothing."""

    def cancel(self, error: Callable[[], Exception]) -> None:
        """Ends every wait of this moment with an error of its own."""


class SocketCore:
    """What every socket has, however its waiting is done."""

    def __init__(self, socket_type: SocketType, context: ContextHandle | None, options: Mapping[str, Any]) -> None:
        number = whole(socket_type, "socket_type", INT32_MAX)
        if not (context is None or isinstance(context, ContextHandle)):
            raise TypeError(f"context must be a Context, not {type(context).__name__}")
        filled = option_struct(options)
        follow_logger()
        self.handle = _abi.exz_socket()
        """What the library's functions take."""
        self.refused_tries = 0
        """Sends that found no room at once and were made again, with more patience: those did not fail."""
        self.timeouts = 0
        """Waits that ran out in an event loop, of which the library does not know."""
        self.skipped = 0
        """Messages that a loop has used up and not given."""
        self.subscribed = Subscribed()
        """What it has subscribed to."""
        self.waits_of_tasks: weakref.ref[WaitsOfTasks] | None = None
        """Those in an event loop, if any."""
        self._is_forgotten = False
        self._default_timeout_ms: int = filled.struct.default_timeout_ms
        context_handle = _abi.EXZ_DEFAULT_CONTEXT if context is None else context._handle
        status = _abi.exz_socket_open(ctypes.byref(self.handle), context_handle, number, ctypes.byref(filled.struct))
        if status != _abi.EXZ_OK:
            raise class_of(status)(what_is_wrong(filled, number) if status == _abi.EXZ_ERR_INVALID else None)
        self.send_at_once = _native.function(b"send", self.handle.id)
        """See `_native`."""
        self.send_parts_at_once = _native.function(b"send_parts", self.handle.id)
        """The same."""
        self.publish_at_once = _native.function(b"publish", self.handle.id)
        """The same."""
        self.send_lent = _native.function(b"send_lent", self.handle.id)
        """The same."""
        self.send_message = _native.function(b"send_message", self.handle.id)
        """The same."""
        self.publish_lent = _native.function(b"publish_lent", self.handle.id)
        """The same."""
        self.receive = _native.function(b"receive", self.handle.id)
        """The same."""
        self.receive_parts = _native.function(b"receive_parts", self.handle.id)
        """The same."""
        self.receive_ahead = _native.function(b"receive_ahead", self.handle.id)
        """The same."""
        self.receive_published = _native.function(b"receive_published", self.handle.id)
        """The same."""
        self.receive_message = _native.function(b"receive_message", self.handle.id)
        """The same."""
        self.request_parts = _native.function(b"request_parts", self.handle.id)
        """The same."""
        self.publishes_in_parts = filled.struct.wire_form == _abi.EXZ_WIRE_MULTIPART
        """Whether topic and payload are frames of their own."""
        self.send_some_at_once = _native.function(b"send_many", self.handle.id)
        """The same."""
        self.send_rest = _native.function(b"send_rest", self.handle.id)
        """The same."""
        self.request = _native.function(b"request", self.handle.id)
        """The same."""
        self.request_idempotent = _native.function(b"request_idempotent", self.handle.id)
        """The same."""
        self._close = _native.function(b"close", self.handle.id)
        self._close_later = _native.function(b"close_later", self.handle.id)
        self._context = context
        self.name = SocketType(number).name
        """The socket's type, for messages."""
        _open_sockets.opened(self.handle.id, self, filled.struct.linger_ms, context_handle.id)

    # Time

    def deadline(self, timeout: float | None) -> Deadline:
        """The end of a call that begins now; without a time-out, after the socket's default."""
        return Deadline(self._default_timeout_ms if timeout is None else milliseconds(timeout, "timeout"))

    @property
    def iteration_timeout(self) -> float:
        """For the waits of an endless loop: the socket's default, unless that is not to wait at all."""
        span: int = self._default_timeout_ms or default_options().default_timeout_ms
        return span / 1000

    # Failures

    def failure(
        self, status: int, doing: str, deadline: Deadline | None = None, reason: str | None = None
    ) -> ZMQSocketError:
        """The error for a status that came without details."""
        elapsed = deadline.elapsed if deadline else 0.0
        endpoint = self.endpoint_or_nothing()
        time = f" after {elapsed:.3f} s" if deadline else ""
        place = f" {endpoint}" if endpoint else ""
        message = f"{doing} on {self.name}{place} failed{time}: {reason or explanation(status)}"
        return class_of(status)(message, elapsed=elapsed, endpoint=endpoint)

    def time_is_up(self, doing: str, deadline: Deadline) -> ZMQSocketError:
        """The error for a wait in an event loop."""
        if deadline.milliseconds > 0:
            self.timeouts += 1
        return self.failure(_abi.EXZ_ERR_TIMEOUT, doing, deadline)

    def check(self, status: int, doing: str, reason: str | None = None) -> None:
        """Raises the error for a status other than OK."""
        raise_held_back()
        self._expect_ok(status, doing, reason)

    def _expect_ok(self, status: int, doing: str, reason: str | None = None) -> None:
        if status != _abi.EXZ_OK:
            raise self.failure(status, doing, reason=reason)

    # What never waits

    def endpoint(self) -> str:
        """The endpoint bound last, else the one connected to last."""
        buffer = ctypes.create_string_buffer(_ENDPOINT_CAPACITY)
        status = _abi.exz_socket_endpoint(self.handle, buffer, _ENDPOINT_CAPACITY)
        if status != _abi.EXZ_OK:
            raise class_of(status)(f"{self.name} has no endpoint: {explanation(status)}")
        return buffer.value.decode("utf-8", "replace")

    def endpoint_or_nothing(self) -> str:
        """The same; "" if there is none."""
        try:
            return self.endpoint()
        except ZMQSocketError:
            return ""

    def description(self) -> str:
        """Type and endpoint."""
        return f"{self.name} {self.endpoint_or_nothing()}".rstrip()

    def is_open(self) -> bool:
        """Whether this process can use the socket."""
        return self.liveness() == _abi.EXZ_OK

    def is_inherited(self) -> bool:
        """Whether it belongs to the process that this one was forked from."""
        return self.liveness() == _abi.EXZ_ERR_FORKED

    def is_closed(self) -> bool:
        """Whether the socket, or its context, is closed."""
        return self.liveness() == _abi.EXZ_ERR_CLOSED

    def liveness(self) -> int:
        """OK, or the status that every use of the socket has."""
        return _abi.exz_socket_state(_abi.exz_state(), self.handle)

    def state(self) -> State:
        """What the socket is doing."""
        state = _abi.exz_state()
        self._expect_ok(_abi.exz_socket_state(state, self.handle), "state")
        return State(state.value)

    def has_no_link(self) -> bool:
        """Whether it is neither bound nor connected."""
        state = _abi.exz_state()
        return _abi.exz_socket_state(state, self.handle) == _abi.EXZ_OK and state.value == _abi.EXZ_STATE_IDLE

    def skip(self, what: str) -> None:
        """Counts a message that a loop has used up and not given, and tells of the first."""
        self.skipped += 1
        if self.skipped == 1:
            warn(
                f"{self.description()}: {what} came, which iterating does not give; it is used up, and others are "
                "only counted from now on (`skipped`)"
            )

    def statistics(self) -> Statistics:
        """The socket's counters."""
        refused = self.refused_tries
        stats = _abi.exz_stats(size=ctypes.sizeof(_abi.exz_stats))
        self._expect_ok(_abi.exz_socket_stats(stats, self.handle), "stats")
        stats.sends_refused -= refused
        stats.timeouts += self.timeouts
        return Statistics._from_struct(stats)

    def cancel(self) -> None:
        """Ends every wait of this moment."""
        self.check(_abi.exz_socket_cancel(self.handle), "cancel")
        self.end_waits_of_tasks()

    def end_waits_of_tasks(self) -> None:
        """Ends those in an event loop of this moment."""
        if self.waits_of_tasks is not None and (waits := self.waits_of_tasks()) is not None:
            waits.cancel(self.canceled)

    def canceled(self) -> ZMQSocketError:
        """The error for a wait in an event loop."""
        return self.failure(_abi.EXZ_ERR_CANCELED, "recv")

    def has_ended_waits(self) -> bool:
        """Whether nobody waits in its context any more."""
        return self._context is not None and self._context._has_ended_waits

    def bind_fd(self, descriptor: SupportsFileno | int) -> str:
        """Listens with a descriptor that does so already; the endpoint."""
        number = descriptor.fileno() if isinstance(descriptor, SupportsFileno) else descriptor
        details = _abi.exz_error(size=ctypes.sizeof(_abi.exz_error))
        status = _abi.exz_socket_bind_fd(self.handle, whole(number, "descriptor", INT32_MAX), details)
        raise_held_back()
        if status != _abi.EXZ_OK:
            raise detailed(status, details, Deadline(0))
        return self.endpoint()

    def unbind(self, endpoint: str) -> None:
        """Stops listening."""
        status = _abi.exz_socket_unbind(self.handle, text(endpoint, "endpoint"))
        self.check(status, f"unbind from {endpoint}", _reasons.unlinking(status, "bound to"))

    def disconnect(self, endpoint: str) -> None:
        """Ends a link."""
        status = _abi.exz_socket_disconnect(self.handle, text(endpoint, "endpoint"))
        self.check(status, f"disconnect from {endpoint}", _reasons.unlinking(status, "connected to"))

    def subscribe(self, topic: str) -> None:
        """Adds a subscription."""
        name = topic_name(topic)
        status = _abi.exz_socket_set_bytes(self.handle, _ZMQ_SUBSCRIBE, name, len(name))
        if status == _abi.EXZ_OK:
            self.subscribed.add(name)
        self.check(status, "subscribe", _reasons.subscribing(status, name))

    def unsubscribe(self, topic: str) -> bool:
        """Takes a subscription back; whether that has ended it."""
        name = topic_name(topic)
        status = _abi.exz_socket_set_bytes(self.handle, _ZMQ_UNSUBSCRIBE, name, len(name))
        has_ended = status == _abi.EXZ_OK and self.subscribed.remove(name)
        self.check(status, "unsubscribe", _reasons.subscribing(status, name))
        return has_ended

    # Ending

    def forget(self) -> str:
        """Notes that whoever has the socket is being collected; where an open one was opened, else ""."""
        if self._is_forgotten:
            # By another face of the socket, which has it closed.
            return ""
        if self.is_open():
            self._is_forgotten = True
            return _open_sockets.forget(self.handle.id, self.description())
        _open_sockets.closed_before(self.handle.id)
        return ""

    def close_later(self) -> None:
        """Closes without waiting: the socket's own linger passes in the background."""
        _open_sockets.close_begins(self.handle.id, None)
        # Not on a thread of Python's: to start one takes long, and a Ctrl-C that comes while something is collected is
        # not raised there.
        self._close_later(None)

    def start_to_close(self, linger: float | None) -> int:
        """Closes without waiting: the linger passes in the background. The status."""
        linger_ms = self.linger(linger)
        is_first = _open_sockets.close_begins(self.handle.id, linger_ms)
        number = _abi.EXZ_DEFAULT_TIMEOUT if linger_ms is None else linger_ms
        status: int = _abi.exz_socket_close_start(None, self.handle, number)
        if is_first and status != _abi.EXZ_OK:
            _open_sockets.close_failed(self.handle.id)
        _open_sockets.look_for_ended()
        return status

    def close(self, linger: float | None) -> int:
        """Waits for at most the linger and a little. The status."""
        return self.close_within(self.linger(linger))

    @staticmethod
    def linger(seconds: float | None) -> int | None:
        """A linger, as `close_within` takes it."""
        return None if seconds is None else milliseconds(seconds, "linger")

    def close_within(self, linger_ms: int | None) -> int:
        """The same with milliseconds."""
        is_first = _open_sockets.close_begins(self.handle.id, linger_ms)
        status: int = self._close(linger_ms)
        # Its linger goes on where the close was broken off, and where another thread closes it: closing again waits
        # for nothing.
        if status == _abi.EXZ_ERR_INTERRUPTED:
            _open_sockets.close_broken_off()
        elif is_first:
            _open_sockets.closed(self.handle.id)
        return status
