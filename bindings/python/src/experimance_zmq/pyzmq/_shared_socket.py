# SPDX-License-Identifier: Apache-2.0
"""A socket of the library's, which all faces of one socket have in common."""

import ctypes
import errno
import os
import weakref
from typing import Any

from zmq.constants import SocketOption

from .. import _abi
from .._failures import last_failure
from .._log import follow_logger, raise_held_back
from ._backlog import Backlog
from ._context import SharedContext
from ._edges import SharedDescriptor
from ._errors import ETERM, details, failure, failure_of, last_sentence, sentence_in
from ._monitor import Monitor
from ._optioned import OptionedSocket
from ._refusals import no_peer
from ._security import ZAP_ENDPOINT, opens_door
from ._settings import Settings
from ._system import new_reentrant_lock
from ._zap_relay import ZapRelay

_known: "weakref.WeakValueDictionary[int, SharedSocket]" = weakref.WeakValueDictionary()
_MOST_AHEAD = 256
"""Messages that are received at once. A peer that is slow may have as many in its hands."""
_ENDPOINT_CAPACITY = 1024
_RESOLVE_MS = 1000
_POLLIN, _POLLOUT = 1, 2
_NAMES = ("PAIR", "PUB", "SUB", "REQ", "REP", "DEALER", "ROUTER", "PULL", "PUSH", "XPUB", "XSUB", "STREAM")
_SENDS_NOTHING = (_abi.EXZ_SUB, _abi.EXZ_PULL)
_RECEIVES_NOTHING = (_abi.EXZ_PUB, _abi.EXZ_PUSH)
_TAKES_TURNS = (_abi.EXZ_REQ, _abi.EXZ_REP)
_STREAM = 11
_SUBSCRIPTIONS = (SocketOption.SUBSCRIBE, SocketOption.UNSUBSCRIBE)
_QUEUING = (_abi.EXZ_PUSH, _abi.EXZ_DEALER, _abi.EXZ_REQ, _abi.EXZ_PAIR)


class SharedSocket(OptionedSocket):
    """An open socket, its options and links, and what is done with it by all of its faces."""

    def __init__(self, context: SharedContext, kind: int) -> None:
        super().__init__()
        if not 0 <= kind < len(_NAMES):
            raise failure(
                errno.EINVAL, f"there are no sockets of type {kind} here: {', '.join(_NAMES)} (docs/pyzmq.md)"
            )
        self.context = context
        self.kind = kind
        self.receives = kind not in _RECEIVES_NOTHING
        """Whether sockets of its type receive."""
        self.sends = kind not in _SENDS_NOTHING
        """Whether they send."""
        self.is_closed = False
        self._is_parents = False
        self.settings = Settings(kind, lingers_not=context.settings.lingers_not)
        self.handle = _abi.exz_socket()
        self._connects: set[bytes] = set()
        self._lock = new_reentrant_lock()
        self._zap_relay: ZapRelay | None = None
        self._descriptor = SharedDescriptor()
        self._monitor: Monitor | None = None
        self._open()
        self.backlog = Backlog(
            self.handle, self._send_lent, self.settled, self._room_came, lambda: context.is_ended, self.name
        )
        self.options_changed()
        self.settled()
        self.number: int = self.handle.id
        """By which other faces find it."""
        _known[self.number] = self
        context.opened(self)

    @staticmethod
    def find(number: int) -> "SharedSocket":
        """The socket that has this number."""
        try:
            return _known[number]
        except KeyError:
            raise failure(errno.ENOTSOCK, f"there is no open socket {number:#x} of experimance_zmq here") from None

    @property
    def name(self) -> str:
        """Its type, for sentences."""
        return _NAMES[self.kind]

    def _open(self) -> None:
        follow_logger()
        options = self.settings.as_struct()
        handle = _abi.exz_socket()
        # A STREAM can be made, as ipykernel does in any case, and not used.
        kind = _abi.EXZ_PAIR if self.kind == _STREAM else self.kind
        status = _abi.exz_socket_open(ctypes.byref(handle), self.context.handle(), kind, ctypes.byref(options))
        if status != _abi.EXZ_OK:
            raise failure_of(status, str(last_failure(status)))
        self.handle = handle
        self.connect_calls(handle.id)
        self._set_correlation()

    def _set_correlation(self) -> None:
        if self.kind == _abi.EXZ_REQ:
            _abi.exz_socket_set_int(self.handle, SocketOption.REQ_CORRELATE, int(self.settings.correlates))

    # Life

    def check(self) -> None:
        """Raises if nothing can be done with it any more."""
        if self.is_closed:
            self.context.stay_away()
            raise failure(errno.ENOTSOCK, f"the {self.name} socket is closed")
        self.context.check()

    def context_ended(self) -> None:
        """Its context is being terminated, which has ended every wait that the library knows of."""
        self.settled()
        for waits in list(self.waits.values()):
            waits.end(failure(ETERM))

    def settled(self) -> None:
        """Chooses the ways that need no thought."""
        with self._lock:
            is_open = not (self.is_closed or self.context.is_ended or self._is_parents)
            is_plain = is_open and self.kind != _abi.EXZ_REQ
            has_none = is_plain and not (self.has_come or self.more or self.waits)
            may_send = is_plain and not self.outgoing and not self.backlog and self.kind != _abi.EXZ_ROUTER
            self.send_at_once = self._send if may_send and (has_none or self.kind != _abi.EXZ_REP) else None
            is_shown = bool(self.incoming) and self.message is not None
            # A request that is queued is another one's successor.
            is_queued = self.kind == _abi.EXZ_REQ and self.queues
            self._sends_at_once = is_open and not (self.backlog or is_queued)
            self._receives_at_once = is_open and not (is_shown or self.stale or self.waits or is_queued)

    def options_changed(self) -> None:
        """Has those in force that the library looks at with every message."""
        self._takes_turns = self.kind in _TAKES_TURNS
        self._asks = self.kind == _abi.EXZ_REQ
        self._receive_timeout_ms = self.settings[SocketOption.RCVTIMEO]
        self._send_timeout_ms = self.settings[SocketOption.SNDTIMEO]
        is_single = self._takes_turns or self.settings.conflates or not self.reads_ahead
        self._most_ahead = 1 if is_single else min(self.settings[SocketOption.RCVHWM] or _MOST_AHEAD, _MOST_AHEAD)

    def close(self, linger_ms: int | None) -> None:
        """Closes it without waiting: its linger passes in the background."""
        with self._lock:
            was_closed, self.is_closed = self.is_closed, True
        if was_closed:
            return
        if self.context.is_inherited:
            self._forget()
            return
        self.settled()
        for waits in list(self.waits.values()):
            waits.close()
        self._forget()
        if linger_ms is not None:
            self.settings[SocketOption.LINGER] = linger_ms
        if self._monitor is not None:
            self._monitor.stop()
        self._end_relay()
        linger_ms = self.settings.linger_ms
        self._descriptor.close()
        is_handing_on = self.backlog.close(linger_ms)
        if not is_handing_on:
            _abi.exz_socket_close_start(None, self.handle, linger_ms)
        self.context.closed(self, self.handle.id, linger_ms, self.backlog if is_handing_on else None)

    def _forget(self) -> None:
        """Nothing is received or sent any more."""
        self.waits.clear()
        self.incoming.clear()
        self.ahead.clear()
        self.stale.clear()
        self.outgoing.clear()
        self.message = None

    def _room_came(self) -> None:
        """On the backlog's thread: one of its messages was handed on, or all were given up."""
        self._descriptor.ring()
        for waits in list(self.waits.values()):
            waits.room_changed()

    # Options

    def get(self, option: int) -> Any:
        """Reads an option."""
        if option == SocketOption.EVENTS:
            return self.events()
        self.check()
        match option:
            case SocketOption.TYPE:
                return self.kind
            case SocketOption.RCVMORE:
                return int(self.more)
            case SocketOption.FD:
                return self.descriptor()
            case SocketOption.LAST_ENDPOINT:
                return self.last_endpoint()
        return super().get(option)

    # Links

    def last_endpoint(self) -> bytes:
        """The endpoint that was bound or connected last; b"" without one."""
        buffer = ctypes.create_string_buffer(_ENDPOINT_CAPACITY)
        status = _abi.exz_socket_endpoint(self.handle, buffer, _ENDPOINT_CAPACITY)
        if status != _abi.EXZ_OK:
            return b""
        is_handler = self._zap_relay is not None and buffer.value == self._zap_relay.inner
        return ZAP_ENDPOINT if is_handler else buffer.value

    def _prepare_links(self) -> None:
        """Options that are fixed with the first link are put into force."""
        self.check()
        if self.kind == _STREAM:
            raise failure(errno.ENOTSUP, "a STREAM has no links here: use a socket of Python's (docs/pyzmq.md)")
        if self.has_links:
            return
        if self.is_stale:
            told = details()
            status = _abi.exz_socket_set_options(self.handle, ctypes.byref(self.settings.as_struct()), told)
            if status != _abi.EXZ_OK:
                raise failure_of(status, sentence_in(told))
            self._set_correlation()
            for option, value in self.given:
                # Some of them have a field, too.
                if option not in _SUBSCRIPTIONS:
                    self.give(option, value)
            self.is_stale = False
        if opens_door(self.given, self.context.zap_handlers):
            self.give(SocketOption.ZAP_ENFORCE_DOMAIN, 0)
        self.has_links = True

    def bind(self, endpoint: bytes) -> None:
        """Listens at an endpoint; tried once."""
        self._prepare_links()
        if endpoint == ZAP_ENDPOINT:
            self._begin_relay()
            return
        told = details()
        status = _abi.exz_socket_bind(self.handle, endpoint, _RESOLVE_MS, told)
        raise_held_back()
        if status != _abi.EXZ_OK:
            if status == _abi.EXZ_ERR_ADDRESS_NOT_AVAILABLE and endpoint.startswith(b"ipc:"):
                raise failure(errno.ENOENT, f"{os.strerror(errno.ENOENT)}: {sentence_in(told)}")
            raise failure_of(
                status,
                sentence_in(told),
                NOT_SUPPORTED=errno.EPROTONOSUPPORT,
                ADDRESS_NOT_AVAILABLE=errno.ENODEV,
            )

    def _begin_relay(self) -> None:
        """Answers who may come in."""
        relay = ZapRelay(self.context.handle())
        status = _abi.exz_socket_bind(self.handle, relay.inner, 0, None)
        if status != _abi.EXZ_OK:
            relay.stop()
            raise failure_of(status, last_sentence())
        self._zap_relay = relay
        self.context.zap_handlers += 1

    def _end_relay(self) -> bool:
        if self._zap_relay is None:
            return False
        self._zap_relay.stop()
        self._zap_relay = None
        self.context.zap_handlers -= 1
        return True

    def connect(self, endpoint: bytes) -> None:
        """Connects in the background."""
        self._prepare_links()
        told = details()
        status = _abi.exz_socket_connect(self.handle, endpoint, _abi.EXZ_CONNECT_BACKGROUND, 0, told)
        raise_held_back()
        if status != _abi.EXZ_OK:
            raise failure_of(status, sentence_in(told), NOT_SUPPORTED=errno.EPROTONOSUPPORT)
        self._connects.add(endpoint)
        self.choose_queue()

    def unbind(self, endpoint: bytes) -> None:
        """Stops listening."""
        if endpoint == ZAP_ENDPOINT and self._end_relay():
            return
        self._unlink(_abi.exz_socket_unbind(self.handle, endpoint))

    def disconnect(self, endpoint: bytes) -> None:
        """Ends a link."""
        self._unlink(_abi.exz_socket_disconnect(self.handle, endpoint))
        self._connects.discard(endpoint)
        self.choose_queue()
        if not self._connects:
            self.backlog.drop("its last link was ended")

    def choose_queue(self) -> None:
        """Chooses whether what is sent before there is a peer is queued."""
        self.queues = self.kind in _QUEUING and bool(self._connects) and self.settings.queues
        self.settled()

    def _unlink(self, status: int) -> None:
        self.check()
        if status != _abi.EXZ_OK:
            raise failure_of(status, last_sentence(), STATE=errno.ENOENT, NOT_SUPPORTED=errno.EPROTONOSUPPORT)
        state = _abi.exz_state()
        if _abi.exz_socket_state(state, self.handle) == _abi.EXZ_OK and state.value == _abi.EXZ_STATE_IDLE:
            self.forget_ahead(lambda _: True)

    def monitor(self, endpoint: str | None, events: int) -> None:
        """Tells of what happens to its links at an endpoint; None ends that."""
        self.check()
        if self._monitor is not None:
            self._monitor.stop()
            self._monitor = None
        if endpoint is not None:
            self._monitor = Monitor(self.handle, self.context.handle(), endpoint, events)

    # What can be done now

    def has_peer(self) -> bool:
        """Whether there is one that has shaken hands."""
        state = _abi.exz_state()
        return _abi.exz_socket_state(state, self.handle) == _abi.EXZ_OK and state.value == _abi.EXZ_STATE_READY

    def why_nobody_is_there(self) -> str:
        """A sentence for the log."""
        stats = _abi.exz_stats(size=ctypes.sizeof(_abi.exz_stats))
        _abi.exz_socket_stats(stats, self.handle)
        endpoint = self.last_endpoint().decode("utf-8", "replace")
        return no_peer(self.name, endpoint, self.tells_after_ms, stats.last_error)

    def poll_room(self, timeout_ms: int) -> int:
        """Waits until something can be sent; the status."""
        item = _abi.exz_poll_item(socket=self.handle, events=_abi.EXZ_POLL_OUT)
        return _abi.exz_poll(ctypes.byref(item), 1, timeout_ms)

    def adjusted(self, events: int) -> int:
        """What pyzmq's program can do, of what the library says that can be done."""
        if self.has_come:
            events |= _POLLIN
        if self.queues and self.backlog.is_full(self.settings[SocketOption.SNDHWM]):
            # What is sent goes behind that.
            events &= ~_POLLOUT
        elif not events & _POLLOUT and self.can_queue():
            events |= _POLLOUT
        if self.kind == _abi.EXZ_REQ:
            if self.has_come or (self.is_asking and not self.settings[SocketOption.REQ_RELAXED]):
                events &= ~_POLLOUT
            if not self.is_asking and not self.has_come:
                events &= ~_POLLIN
        elif self.kind == _abi.EXZ_ROUTER and not self.settings[SocketOption.ROUTER_MANDATORY]:
            events |= _POLLOUT
        return events | _POLLOUT if self.outgoing else events

    def events(self) -> int:
        """zmq.POLLIN and zmq.POLLOUT, as they are now."""
        self.check()
        self._descriptor.look()
        value = ctypes.c_int64()
        status = _abi.exz_socket_get_int(value, self.handle, SocketOption.EVENTS)
        if status != _abi.EXZ_OK:
            raise failure_of(status, last_sentence())
        return self.adjusted(value.value)

    def descriptor(self) -> int:
        """zmq.FD."""
        self.reads_ahead = False
        self.options_changed()
        return self._descriptor.number(lambda: [*self._states(), self.context.end_bell()])

    def _states(self) -> list[int]:
        calls = [_abi.exz_socket_fd] * self.receives + [_abi.exz_socket_send_fd] * self.sends
        return [self.state_descriptor(call) for call in calls]

    def state_descriptor(self, call: Any) -> int:
        """The library's descriptor for messages that have come (exz_socket_fd), or for room (exz_socket_send_fd)."""
        number = ctypes.c_int()
        status = call(number, self.handle)
        if status != _abi.EXZ_OK:
            raise failure_of(status, last_sentence())
        return number.value

    def end_in_child(self) -> None:
        """What has come is the parent's; and so are threads, of which one may have had the lock."""
        self._lock = new_reentrant_lock()
        self._is_parents = True
        self.backlog.end_in_child()
        self.settled()


def _end_in_child() -> None:
    for socket in list(_known.values()):
        socket.end_in_child()


os.register_at_fork(after_in_child=_end_in_child)
