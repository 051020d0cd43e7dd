# SPDX-License-Identifier: Apache-2.0
"""What stands between libzmq and a program's own handler of who may come in.

Every socket here has a domain, so that no peer of ZMTP 1 gets in; libzmq asks about each socket with one. A program
expects questions about those that it has set up for it, and may be busy when others come. So those are answered here.
"""

import ctypes
import itertools
import math
import time
from collections.abc import Callable, Sequence
from typing import Any

from zmq.error import ZMQError

from .. import _abi, _native
from .._lending import shortest_lent
from .._log import warn
from ..socket_options import default_options
from ._errors import details, failure_of, sentence_in
from ._security import ZAP_ENDPOINT, answered_at_once, refusal, without_own_domain
from ._system import Thread

_SECONDS = 3.0
"""libzmq waits 5 s for a handshake, and may end the process when a connection is tried again without an answer."""
_MOST_QUESTIONS = 500
_SEND_MS = 1000
_SHORTEST = 2
"""Frames before a question: who asks, and an empty one."""
_IDLE_MS = 60_000
_numbers = itertools.count(1)
_parts = _native.function(b"message_parts", 0)


class _End:
    """A socket of the relay's own."""

    def __init__(self, kind: int, context: _abi.exz_context) -> None:
        self.handle = _abi.exz_socket()
        options = default_options()
        options.linger_ms = 0
        status = _abi.exz_socket_open(ctypes.byref(self.handle), context, kind, ctypes.byref(options))
        if status != _abi.EXZ_OK:
            raise failure_of(status)
        self._receive: Callable[[int, int], Any] = _native.function(b"receive_message", self.handle.id)
        self._send_lent: Callable[[Any, int, int], int] = _native.function(b"send_lent", self.handle.id)

    def receive(self) -> list[bytes] | None:
        """What has come, if anything."""
        message = self._receive(0, 0)
        return None if isinstance(message, int) else [bytes(part) for part in _parts(message)]

    def send(self, frames: Sequence[bytes]) -> None:
        """Sends to whoever is there; nobody hears of a failure, and the handshake comes to its own end."""
        self._send_lent(tuple(frames), shortest_lent(copy=True), _SEND_MS)

    def close(self) -> None:
        """Ends it; what was sent is still read."""
        _abi.exz_socket_close_start(None, self.handle, _SEND_MS)


class _Question:
    """One that the program has been asked, through a socket of its own: they all have the same number."""

    def __init__(self, context: _abi.exz_context, inner: bytes, asker: bytes, question: list[bytes]) -> None:
        self.end = _End(_abi.EXZ_DEALER, context)
        self.asker = asker
        self.question = question
        self.until = time.monotonic() + _SECONDS
        _abi.exz_socket_connect(self.end.handle, inner, _abi.EXZ_CONNECT_BACKGROUND, 0, None)
        self.end.send([b"", *question])


class ZapRelay:
    """Hands questions to a program's handler, and answers by itself what the program does not expect."""

    def __init__(self, context: _abi.exz_context) -> None:
        self._context = context
        self.inner = b"inproc://experimance.zap.%d" % next(_numbers)
        """Where the program's handler is to be bound."""
        self._front = _End(_abi.EXZ_ROUTER, context)
        self._asked: list[_Question] = []
        self._canceler = _abi.exz_canceler()
        told = details()
        status = _abi.exz_socket_bind(self._front.handle, ZAP_ENDPOINT, 0, told)
        if status == _abi.EXZ_OK:
            status = _abi.exz_canceler_open(ctypes.byref(self._canceler))
        if status != _abi.EXZ_OK:
            self._front.close()
            raise failure_of(status, sentence_in(told))
        try:
            self._thread = Thread(self._run)
        except BaseException:
            _abi.exz_canceler_close(self._canceler)
            self._front.close()
            raise

    def stop(self) -> None:
        """Who comes from now on finds nobody to be asked about. What the program has answered is handed on."""
        _abi.exz_socket_unbind(self._front.handle, ZAP_ENDPOINT)
        _abi.exz_canceler_cancel(self._canceler)
        self._thread.join()

    def _run(self) -> None:
        _abi.exz_canceler_attach(self._canceler)
        while self._wait():
            while (frames := self._front.receive()) is not None:
                self._take(frames)
            self._answer(time.monotonic())
        _abi.exz_canceler_attach(_abi.exz_canceler())
        _abi.exz_canceler_close(self._canceler)
        self._answer(math.inf)
        self._front.close()

    def _answer(self, now: float) -> None:
        """Hands on what has been answered, and answers what was to be answered before."""
        for question in list(self._asked):
            answer = question.end.receive()
            if answer is None and question.until >= now:
                continue
            self._front.send([question.asker, *(answer or [b"", *refusal(question.question)])])
            self._asked.remove(question)
            question.end.close()

    def _wait(self) -> bool:
        items = (_abi.exz_poll_item * (1 + len(self._asked)))()
        for item, end in zip(items, [self._front, *(question.end for question in self._asked)], strict=True):
            item.socket = end.handle
            item.events = _abi.EXZ_POLL_IN
        until = min((question.until for question in self._asked), default=None)
        left = _IDLE_MS if until is None else max(0, int((until - time.monotonic()) * 1000) + 1)
        return _abi.exz_poll(items, len(items), left) in (_abi.EXZ_OK, _abi.EXZ_ERR_TIMEOUT)

    def _take(self, frames: list[bytes]) -> None:
        if len(frames) < _SHORTEST:
            return
        asker, _, *question = frames
        answer = answered_at_once(question)
        if answer is None and len(self._asked) >= _MOST_QUESTIONS:
            answer = refusal(question)
        if answer is None:
            try:
                self._asked.append(_Question(self._context, self.inner, asker, without_own_domain(question)))
                return
            except ZMQError as error:
                warn(f"a peer is refused, as there is no socket to ask the program's handler with: {error}")
                answer = refusal(question)
        self._front.send([asker, b"", *answer])
