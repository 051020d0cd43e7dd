# SPDX-License-Identifier: Apache-2.0
"""The options of a socket, as its program sets and reads them."""

import ctypes
import errno
from typing import Any

from zmq.constants import SocketOption

from .. import _abi
from .._subscribed import Subscribed
from ._errors import failure, failure_of, last_sentence
from ._exchange import Exchange
from ._options import OPTIONS, How
from ._refusals import tell_once

_SWITCHES = (
    SocketOption.CONFLATE,
    SocketOption.IMMEDIATE,
    SocketOption.REQ_CORRELATE,
    SocketOption.REQ_RELAXED,
    SocketOption.ROUTER_MANDATORY,
)


class OptionedSocket(Exchange):
    """A socket whose options are set one by one, while it is open."""

    handle: _abi.exz_socket

    def __init__(self) -> None:
        super().__init__()
        self.given: list[tuple[int, int | bytes]] = []
        """Those that are libzmq's, in the order in which they were set."""
        self._subscribed = Subscribed()
        self.is_stale = False
        """Others were set, which are put into force with the first link."""
        self.has_links = False
        """Whether there has been one."""

    def choose_queue(self) -> None:
        """Whether what is sent before there is a peer is queued may have changed."""
        raise NotImplementedError

    def options_changed(self) -> None:
        """After an option was set."""
        raise NotImplementedError

    def set(self, option: int, value: int | bytes) -> None:
        """Sets an option."""
        self.check()
        row = OPTIONS.get(option)
        name = row.name if row else str(option)
        how = row.how if row else How.PASSED
        if row is not None and how is How.REFUSED:
            # A program may take no notice of the error.
            tell_once(name, f"is refused: {row.note}")
            raise failure(errno.EINVAL, f"{name} is refused: {row.note} (docs/pyzmq.md)")
        if row is not None and how is How.TOLD:
            self._tell(option, value, row.note)
            self.settings[option] = value
        elif row is not None and how is How.OURS:
            self._set_ours(option, name, value, is_late=row.is_late)
        else:
            self._pass(option, value)
        self.options_changed()

    def _tell(self, option: int, value: int | bytes, note: str) -> None:
        if value != self.settings[option]:
            tell_once(OPTIONS[option].name, f"has no effect: {note}")

    def _set_ours(self, option: int, name: str, value: int | bytes, *, is_late: bool) -> None:
        if OPTIONS[option].usual is None or option == SocketOption.THREAD_SAFE:
            raise failure(errno.EINVAL, f"{name} can only be read")
        if isinstance(value, int) and (value < -1 or (option in _SWITCHES and value not in (0, 1))):
            raise failure(errno.EINVAL, f"{value} is out of range for {name}")
        before = self.settings[option]
        self.settings[option] = value
        self.choose_queue()
        if option == SocketOption.ZAP_DOMAIN:
            if value:
                self._pass(option, value)
        elif option == SocketOption.LINGER:
            self._apply_linger()
        elif not is_late:
            return
        elif not self.has_links:
            self.is_stale = True
        elif option == SocketOption.MAXMSGSIZE:
            self._pass(option, value)
        elif value != before:
            tell_once(name, "has no effect behind the first bind or connect: set it before")

    def _apply_linger(self) -> None:
        _abi.exz_socket_set_int(self.handle, SocketOption.LINGER, self.settings.linger_ms)

    def _pass(self, option: int, value: int | bytes) -> None:
        self.give(option, value)
        if option == SocketOption.SUBSCRIBE and isinstance(value, bytes):
            self._subscribed.add(value)
        elif option == SocketOption.UNSUBSCRIBE and isinstance(value, bytes) and self._subscribed.remove(value):
            self.forget_ahead(self._subscribed.without(value))
        if not self.has_links:
            self.given.append((option, value))

    def give(self, option: int, value: int | bytes) -> None:
        """Sets one that is libzmq's."""
        if isinstance(value, bytes):
            status = _abi.exz_socket_set_bytes(self.handle, option, value, len(value))
        else:
            status = _abi.exz_socket_set_int(self.handle, option, value)
        if status != _abi.EXZ_OK:
            raise failure_of(status, last_sentence(), NOT_SUPPORTED=errno.EINVAL, STATE=errno.EINVAL)

    def get(self, option: int) -> Any:
        """Reads an option."""
        row = OPTIONS.get(option)
        if row is not None and row.how in (How.OURS, How.TOLD):
            return self.settings[option]
        value = ctypes.c_int64()
        status = _abi.exz_socket_get_int(value, self.handle, option)
        if status != _abi.EXZ_OK:
            raise failure_of(status, last_sentence(), NOT_SUPPORTED=errno.EINVAL)
        return value.value

    def get_bytes(self, option: int) -> bytes:
        """Reads one that is bytes, and that libzmq has."""
        self.check()
        size = ctypes.c_size_t()
        # A CURVE key is given to whoever asks for its very size.
        for capacity in (256, 32):
            buffer = ctypes.create_string_buffer(capacity)
            status = _abi.exz_socket_get_bytes(size, self.handle, option, buffer, capacity)
            if status == _abi.EXZ_OK:
                return buffer.raw[: size.value]
        raise failure_of(status, last_sentence(), NOT_SUPPORTED=errno.EINVAL)
