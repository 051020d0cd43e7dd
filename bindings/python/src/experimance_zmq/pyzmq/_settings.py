# SPDX-License-Identifier: Apache-2.0
"""What a program has set of a socket that the library has a field for, with pyzmq's meanings."""

import os
from typing import Any

from zmq.constants import SocketOption

from .. import _abi
from .._arguments import INT32_MAX
from ..socket_options import default_options
from ._options import OPTIONS
from ._refusals import tell_once

_CONFLATING = (_abi.EXZ_SUB, _abi.EXZ_PUSH, _abi.EXZ_PULL, _abi.EXZ_DEALER)
_MOST_DOUBLINGS = 2.0
_QUEUES = os.environ.get("EXZ_PYZMQ_QUEUE") == "1"
"""Whether all sockets queue before there is a peer, for programs that can not be changed."""
_LONGEST_DELAY_MS = 250
"""Until the program says otherwise. Programs count on links that are back in about a tenth of a second, as libzmq's
are: what is published meanwhile is lost to them.
"""


class Settings:
    """The values of a socket's options that are kept here."""

    def __init__(self, kind: int, *, lingers_not: bool) -> None:
        self._kind = kind
        self._lingers_not = lingers_not
        self._values: dict[int, Any] = {}

    def __getitem__(self, option: int) -> Any:
        try:
            return self._values[option]
        except KeyError:
            return OPTIONS[option].usual

    def __setitem__(self, option: int, value: int | bytes) -> None:
        self._values[option] = value

    def is_set(self, option: int) -> bool:
        """Whether the program has set it."""
        return option in self._values

    @property
    def linger_ms(self) -> int:
        """The library's linger."""
        if self.is_set(SocketOption.LINGER):
            linger: int = self[SocketOption.LINGER]
            return INT32_MAX if linger < 0 else linger
        usual: int = default_options().linger_ms
        return 0 if self._lingers_not else usual

    @property
    def correlates(self) -> bool:
        """Whether requests have numbers."""
        return bool(self[SocketOption.REQ_CORRELATE] or self[SocketOption.REQ_RELAXED])

    @property
    def queues(self) -> bool:
        """Whether what is sent before there is a peer is queued: IMMEDIATE was set to 0, or the environment says so."""
        return not self._values.get(SocketOption.IMMEDIATE, not _QUEUES)

    @property
    def conflates(self) -> bool:
        """Whether only the newest message counts."""
        return bool(self[SocketOption.CONFLATE]) and self._kind in _CONFLATING

    def as_struct(self) -> _abi.exz_socket_options:
        """As the library takes them. Signal handlers run while its calls wait."""
        options = default_options()
        options.interruptible = 2
        options.send_hwm = self[SocketOption.SNDHWM]
        options.receive_hwm = self[SocketOption.RCVHWM]
        options.linger_ms = self.linger_ms
        options.max_message_size = max(0, self[SocketOption.MAXMSGSIZE])
        options.heartbeat_interval_ms = interval = self[SocketOption.HEARTBEAT_IVL]
        if interval > 0:
            silence = self[SocketOption.HEARTBEAT_TIMEOUT]
            options.heartbeat_timeout_ms = silence if silence > 0 else interval
        if self.conflates:
            options.conflate = 1
            # Messages of one part are handed out as they came: see `receive` in `_exchange`.
            options.wire_form = _abi.EXZ_WIRE_SPACE
        self._set_retry(options.retry)
        return options

    def _set_retry(self, retry: _abi.exz_retry_policy) -> None:
        # A bind is tried once, as libzmq does; a link is made until it is ended.
        retry.max_attempts = 1
        retry.max_backoff_ms = _LONGEST_DELAY_MS
        if self.is_set(SocketOption.RECONNECT_IVL) or self.is_set(SocketOption.RECONNECT_IVL_MAX):
            first = self[SocketOption.RECONNECT_IVL]
            if first < 0:
                tell_once("RECONNECT_IVL", "at -1 has no effect: a link is made again until disconnect(endpoint)")
                return
            longest = max(first, self[SocketOption.RECONNECT_IVL_MAX])
            retry.initial_backoff_ms = first
            retry.max_backoff_ms = longest
            retry.multiplier = _MOST_DOUBLINGS if longest > first else 1.0
        limits = [self[SocketOption.CONNECT_TIMEOUT]]
        if self.is_set(SocketOption.HANDSHAKE_IVL):
            limits.append(self[SocketOption.HANDSHAKE_IVL])
        retry.attempt_timeout_ms = min((limit for limit in limits if limit > 0), default=0)
