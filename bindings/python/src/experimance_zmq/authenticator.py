# SPDX-License-Identifier: Apache-2.0
"""Who may come in."""

import atexit
import ctypes
import os
import sys
import warnings
import weakref
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Self, cast

from . import _abi
from ._arguments import UINT32_MAX, UINT64_MAX, member, milliseconds, text, whole
from ._closing import Closing
from ._deadline import Deadline
from ._failures import last_failure
from ._log import raise_held_back, warn
from ._not_copied import NotCopied
from ._open_sockets import place
from ._record import Record
from .authenticator_statistics import AuthenticatorCount, AuthenticatorStatistics
from .context import ContextHandle
from .curve import CurveKeyPair, key_text
from .errors import ZMQTimeoutError

if TYPE_CHECKING:
    from concurrent.futures import Future


class AuthRequest(Record):
    """What there is to know of a peer that wants to come in.

    Attributes:
        address: a numeric address without a port, such as "10.1.2.3"; over ipc "localhost:1000:100:4711": the user, the
            group and the process. "" if it can not be told.
        public_key: over CURVE: the key that the peer has proved to have, as text; else "".
        username: over PLAIN: what the peer says; else "".
        password: likewise. It is not in the representation, and nobody wipes it.
        uid: over ipc: the user of the process at the other end, as the kernel knows it; else None.
        gid: likewise its group.
        pid: likewise its number.
    """

    address: str
    public_key: str
    username: str
    password: str
    uid: int | None
    gid: int | None
    pid: int | None

    @classmethod
    def _from_struct(cls, struct: _abi.exz_auth_request) -> Self:
        def number(value: int) -> int | None:
            return None if value < 0 else value

        return cls(
            address=struct.address.decode("utf-8", "replace"),
            public_key=struct.public_key.decode("ascii", "replace"),
            username=struct.username.decode("utf-8", "replace"),
            password=struct.password.decode("utf-8", "surrogateescape"),
            uid=number(struct.uid),
            gid=number(struct.gid),
            pid=number(struct.pid),
        )

    def __repr__(self) -> str:
        shown = (f"{name}={getattr(self, name)!r}" for name in self._fields if name != "password")
        return f"AuthRequest({', '.join(shown)})"


Decide = Callable[[AuthRequest], str | bool | Awaitable[str | bool | None] | None]
"""Decides on a peer: a `str` lets it in under that user id, True without one; False and None refuse it."""


class _Decider:
    """Asks a function of the program. It knows nothing of its `Authenticator`, which may be forgotten meanwhile."""

    def __init__(self, decide: Decide, timeout: float) -> None:
        import inspect

        self._decide = decide
        self._timeout = timeout
        self._asked: set[Any] = set()
        self._loop: Any = None
        if inspect.iscoroutinefunction(decide):
            import asyncio

            # Raises where there is none.
            self._loop = asyncio.get_running_loop()

    def __call__(self, _user: object, request: Any, user_id: Any) -> int:
        try:
            answer = self._ask(AuthRequest._from_struct(request.contents))
            if answer is None or answer is False:
                return _abi.EXZ_ERR_PERMISSION
            name = b"" if answer is True else text(answer, "the user id")
            if len(name) >= _abi.EXZ_USER_ID_SIZE:
                warn(f"a user id of {len(name)} bytes is too long: the peer is refused")
                return _abi.EXZ_ERR_INVALID
            ctypes.memmove(user_id, name + b"\0", len(name) + 1)
            return _abi.EXZ_OK
        except BaseException as error:
            warn(f"a decision on a peer failed, which is refused: {type(error).__name__}: {error}")
            return _abi.EXZ_ERR_PERMISSION

    def _ask(self, request: AuthRequest) -> str | bool | None:
        if self._loop is None:
            answer: Any = self._decide(request)
            return cast("str | bool | None", answer)
        import asyncio

        asked: Any = self._decide(request)
        future: Future[str | bool | None] = asyncio.run_coroutine_threadsafe(asked, self._loop)
        self._asked.add(future)
        try:
            # Later it would count for nothing.
            return future.result(self._timeout)
        finally:
            self._asked.discard(future)
            future.cancel()

    def give_up(self) -> None:
        """Ends the decisions that a loop is asked for: it may be the one that waits for their end."""
        for future in list(self._asked):
            future.cancel()


class Authenticator(NotCopied, Closing):
    """Decides who may come in, for all sockets of a context with `CurveServer`, `PlainServer` or `Guarded`.

        from experimance_zmq import Authenticator, CurveServer, Puller

        with Authenticator() as authenticator, Puller(security=CurveServer(secret_key)) as puller:
            authenticator.allow_key(camera_key, "camera 1")
            puller.bind("tcp://*:5555")

    Closed by default: without an authenticator such a socket lets nobody in, and says so with
    `EventKind.NO_AUTHENTICATOR`; only `CurveServer(…, anybody=True)` opens it. The order of calls does not matter:
    rules count from the next handshake on, for all sockets of the context, those of `aio` included.

    The first rule that speaks of a peer counts: denied and allowed addresses; over ipc, users and groups; keys and
    passwords; and then `decide`. A peer that was let in has a user id, which is a property of its messages
    (`Message.user_id`) and in events. `help(Authenticator)` has each rule, and the header of C's interface their order.

    It may be used from any thread. Close it, or use it in a `with` statement; one that is forgotten ends when it is
    collected, with a `ResourceWarning`. Every method may raise `ZMQClosedError`, and `ZMQForkedError` in a child
    process.
    """

    def __init__(
        self, context: ContextHandle | None = None, *, decide: Decide | None = None, decision_timeout: float = 1.0
    ) -> None:
        """Opens the authenticator of a context. There is one at a time.

        Args:
            context: whose sockets it decides for; None is the process-wide one.
            decide: is asked about peers that no rule speaks of, on a thread of the library's, several at once. Returns
                the peer's user id, or True, to let it in; False or None to refuse it, as an exception does, which is
                logged. It may be a coroutine function: that runs in the event loop that runs now.
            decision_timeout: how long that may take, in seconds, up to 4. An answer that comes later counts for
                nothing.

        Raises:
            ZMQStateError: the context has one.
            ZMQAddressInUseError: a socket of the context is bound to inproc://zeromq.zap.01.
            ZMQInvalidError: a time out of range.
            ZMQLimitError: out of descriptors, threads, sockets or handles.
            RuntimeError: a coroutine function, and no event loop runs.
        """
        if not (context is None or isinstance(context, ContextHandle)):
            raise TypeError(f"context must be a Context, not {type(context).__name__}")
        if decide is not None and not callable(decide):
            raise TypeError(f"decide must be a function, not {type(decide).__name__}")
        options = _abi.exz_authenticator_options(size=ctypes.sizeof(_abi.exz_authenticator_options))
        options.decision_timeout_ms = milliseconds(decision_timeout, "decision_timeout")
        self._decider = None if decide is None else _Decider(decide, decision_timeout)
        callback = _abi.exz_auth_decide() if self._decider is None else _abi.exz_auth_decide(self._decider)
        options.decide = callback
        self._context = context
        self._handle = _abi.exz_authenticator()
        status = _abi.exz_authenticator_open(
            self._handle, _abi.exz_context() if context is None else context._handle, options
        )
        raise_held_back()
        if status != _abi.EXZ_OK:
            raise last_failure(status)
        _callbacks[self._handle.id] = callback
        _open.add(self)
        self._opened_at = place()

    # Rules

    def allow_key(self, public_key: CurveKeyPair | str | bytes, user_id: str | None = None) -> None:
        """Lets whoever has the key in, over CURVE. A key that was denied is allowed again.

        Args:
            public_key: as text, or a pair with it.
            user_id: what the peer is called, up to 255 bytes; None is the key's text.
        """
        name = None if user_id is None else text(user_id, "user_id")
        self._expect_ok(_abi.exz_authenticator_allow_key(self._handle, _key(public_key), name))

    def deny_key(self, public_key: CurveKeyPair | str | bytes, *, end_links: bool = False) -> None:
        """Refuses whoever has the key, whatever else allows it: a file, the program, `anybody=True`.

        Args:
            public_key: as text, or a pair with it. It need not have been allowed.
            end_links: also ends the links that were made with it, and no others.
        """
        self._expect_ok(_abi.exz_authenticator_deny_key(self._handle, _key(public_key), _flags(end_links)))

    def allow_keys(self, path: str | os.PathLike[str], *, end_links: bool = False) -> None:
        """Lets whoever has a key in that is in a file, or in the files of a directory, from now on as they are there.

        A file that is added, changed or removed counts within a second; `wait(AuthenticatorCount.KEY_CHANGES, …)` waits
        for that. On a network file system call this again after a change. The user id is what the file has as "user-id"
        or "name" in its section "metadata", else its name without ".key".

        Args:
            path: the file, or the directory.
            end_links: links that were made with a key end when it is not allowed any more.

        Raises:
            ZMQInvalidError: a path that is not there, or a file without a key.
            ZMQPermissionError: it may not be read, or others than its owner may read or write a secret key in it.
            ZMQLimitError: out of descriptors, threads or watches of files.
            ZMQNotSupportedError: a secret key, and libzmq was built without CURVE; or a system without inotify(7).
        """
        name = text(os.fspath(path), "path")
        self._expect_ok(_abi.exz_authenticator_allow_keys(self._handle, name, _flags(end_links)))

    def allow_address(self, address: str) -> None:
        """Lets peers in from an address or a network, as far as that goes: from the first one on all others over TCP
        are refused.

        Args:
            address: a numeric address, or a range such as "10.1.0.0/16" or "2001:db8::/32".
        """
        self._expect_ok(_abi.exz_authenticator_allow_address(self._handle, text(address, "address")))

    def deny_address(self, address: str) -> None:
        """Refuses peers from an address or a network, also if it is in one that is allowed.

        Args:
            address: as for `allow_address`.
        """
        self._expect_ok(_abi.exz_authenticator_deny_address(self._handle, text(address, "address")))

    def allow_user(self, uid: int) -> None:
        """Lets processes of a user in over ipc, as far as that goes: from the first user or group on all others are
        refused.

        Args:
            uid: the user's number.
        """
        self._expect_ok(_abi.exz_authenticator_allow_user(self._handle, whole(uid, "uid", UINT32_MAX)))

    def allow_group(self, gid: int) -> None:
        """Lets processes of a group in over ipc, likewise: also those that have it among their other groups.

        Args:
            gid: the group's number.
        """
        self._expect_ok(_abi.exz_authenticator_allow_group(self._handle, whole(gid, "gid", UINT32_MAX)))

    def allow_password(self, username: str, password: str) -> None:
        """Lets whoever says this name and password in, over PLAIN, which encrypts neither. Again for a name: another
        password.

        Args:
            username: 1 to 255 bytes in UTF-8; also the peer's user id.
            password: 1 to 255 bytes. What is passed here is Python's, which never wipes it.
        """
        self._expect_ok(
            _abi.exz_authenticator_allow_password(self._handle, text(username, "username"), text(password, "password"))
        )

    # What it has done

    @property
    def stats(self) -> AuthenticatorStatistics:
        """What it has decided so far, exactly."""
        struct = _abi.exz_authenticator_statistics(size=ctypes.sizeof(_abi.exz_authenticator_statistics))
        self._expect_ok(_abi.exz_authenticator_stats(struct, self._handle))
        return AuthenticatorStatistics._from_struct(struct)

    def wait(self, count: AuthenticatorCount, at_least: int = 1, *, timeout: float = 1.0) -> None:
        """Waits until something has been counted so often: a peer that was let in or refused, a file of keys that was
        read.

            before = authenticator.stats.key_changes
            os.replace("camera.key.new", "keys/camera.key")
            authenticator.wait(AuthenticatorCount.KEY_CHANGES, before + 1)  # it counts now

        It blocks its thread. In a coroutine:
        `await asyncio.to_thread(authenticator.wait, AuthenticatorCount.ACCEPTED)`.

        Args:
            count: what is counted, from the authenticator's beginning.
            at_least: how often; 0 is always reached.
            timeout: seconds.

        Raises:
            ZMQTimeoutError: the time was up; the message has the statistics.
            ZMQClosedError: the authenticator or its context was closed, before or meanwhile.
            ZMQInvalidError: a number is out of range.
        """
        what = AuthenticatorCount(member(count, "count", AuthenticatorCount))
        number = whole(at_least, "at_least", UINT64_MAX)
        deadline = Deadline(milliseconds(timeout, "timeout"))
        status = _abi.exz_authenticator_wait(self._handle, what, number, deadline.milliseconds)
        if status == _abi.EXZ_ERR_TIMEOUT:
            raise_held_back()
            message = f"waited {timeout} s in vain for {number} of {what.name}; {self.stats}"
            raise ZMQTimeoutError(message, elapsed=deadline.elapsed)
        self._expect_ok(status)

    def close(self, *, timeout: float | None = None) -> None:
        """Ends it: from now on nobody is let in any more by sockets that need one. Links that are there stay. Closing
        again does nothing.

        Args:
            timeout: seconds to wait for calls of `decide` that run; None is 1.0.

        Raises:
            ZMQTimeoutError: one still runs, and everything else is done. Closing again waits for it.
            ZMQStateError: within `decide`.
        """
        timeout_ms = _abi.EXZ_DEFAULT_TIMEOUT if timeout is None else milliseconds(timeout, "timeout")
        if self._decider is not None:
            self._decider.give_up()
        status = _end(self._handle, timeout_ms)
        raise_held_back()
        if status == _abi.EXZ_ERR_TIMEOUT:
            raise ZMQTimeoutError("a decision is still being made; everything else is done")
        if status != _abi.EXZ_OK:
            raise last_failure(status)

    def _expect_ok(self, status: int) -> None:
        raise_held_back()
        if status != _abi.EXZ_OK:
            raise last_failure(status)

    def __del__(
        self,
        _stats: Callable[..., int] = _abi.exz_authenticator_stats,
        _is_finalizing: Callable[[], bool] = sys.is_finalizing,
    ) -> None:
        opened_at = getattr(self, "_opened_at", None)
        if opened_at is None or _is_finalizing() or self._handle.id not in _callbacks:
            return
        # One of the parent process has no statistics here.
        struct = _abi.exz_authenticator_statistics(size=ctypes.sizeof(_abi.exz_authenticator_statistics))
        is_open = _stats(struct, self._handle) == _abi.EXZ_OK
        _end(self._handle, 0)
        if is_open:
            warnings.warn(f"unclosed Authenticator, opened at {opened_at}", ResourceWarning, stacklevel=2, source=self)


_open: "weakref.WeakSet[Authenticator]" = weakref.WeakSet()
_callbacks: dict[int, Any] = {}
"""What the library may still call: let go when it has said that it does not."""


def _end(handle: _abi.exz_authenticator, timeout_ms: int) -> int:
    status = _abi.exz_authenticator_close(handle, timeout_ms)
    if status == _abi.EXZ_OK:
        _callbacks.pop(handle.id, None)
    return status


def _key(public_key: CurveKeyPair | str | bytes) -> bytes:
    return key_text(public_key.public_key if isinstance(public_key, CurveKeyPair) else public_key, "public_key")


def _flags(end_links: bool) -> int:
    return _abi.EXZ_AUTHENTICATOR_END_LINKS if end_links else 0


@atexit.register
def _end_all() -> None:
    # The library's threads outlive the interpreter and must not call into it any more.
    for authenticator in list(_open):
        if authenticator._decider is not None:
            authenticator._decider.give_up()
        _end(authenticator._handle, 1000)
