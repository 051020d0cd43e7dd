# SPDX-License-Identifier: Apache-2.0
"""What all sockets have in common, those that block and those for asyncio: what never waits."""

import sys
import warnings
from collections.abc import Callable
from typing import Any, Unpack

from ._core import SocketCore, SocketType, SupportsFileno
from ._libzmq_options import LibzmqOptions
from ._log import raise_soon
from ._not_copied import NotCopied
from .context import ContextHandle
from .errors import ZMQSocketError
from .observing import State, Statistics
from .socket_options import SocketOptions


class AnySocket(LibzmqOptions, NotCopied):
    """A socket, however its waiting is done."""

    # Before the name of its class.
    _prefix = ""

    def __init__(
        self, socket_type: SocketType, *, context: ContextHandle | None = None, **options: Unpack[SocketOptions]
    ) -> None:
        """Opens a socket. Never waits.

        Args:
            socket_type: what it is.
            context: a context of its own; None is the process-wide one.
            options: see `SocketOptions`.

        Raises:
            ZMQLimitError: out of descriptors, threads or sockets.
            ZMQNoMemoryError: out of memory.
            ZMQVersionError: the system's libzmq is older than 4.3.
        """
        self._core = SocketCore(socket_type, context, options)

    # Links

    def bind_fd(self, descriptor: SupportsFileno | int) -> str:
        """Binds to a descriptor that listens already, such as one of systemd's socket activation. Never waits.

        `experimance_zmq.activation.listen_fds` has those that the process was started with.

        Args:
            descriptor: a stream socket of IPv4, IPv6 or the local domain that listens: its number, or an object with
                `fileno()`. The library uses a copy of its own, without blocking; this one stays the caller's, who may
                close it at once.

        Returns:
            The endpoint it listens at, for `unbind`.

        Raises:
            ZMQInvalidError: it is another kind of descriptor, or none.
        """
        return self._core.bind_fd(descriptor)

    def unbind(self, endpoint: str) -> None:
        """Stops listening at an endpoint and ends the connections that came through it. Never waits.

        Args:
            endpoint: as it was bound, or as `bind` returned it.

        Raises:
            ZMQStateError: the socket is not bound to it.
            ZMQInvalidError: it is no endpoint.
            ZMQNotSupportedError: another transport.
        """
        self._core.unbind(endpoint)

    def disconnect(self, endpoint: str) -> None:
        """Ends the link to an endpoint. Never waits.

        Messages that came from it and have not been received are dropped. Of those received ahead nobody knows where
        they came from: they are dropped if this was the socket's last link, and else handed out. With `prefetch=0`
        there are none.

        Args:
            endpoint: as it was connected.

        Raises:
            ZMQStateError: the socket is not connected to it.
            ZMQInvalidError: it is no endpoint.
            ZMQNotSupportedError: another transport.
        """
        if self._ahead is None:
            self._core.disconnect(endpoint)
            return
        with self._ahead.standing_still():
            self._core.disconnect(endpoint)
            if self._core.has_no_link():
                self._ahead.give_up(lambda _: True)

    @property
    def endpoint(self) -> str:
        """The endpoint the socket was bound to last, with the port the system chose; without one, the endpoint it was
        connected to last.

        Raises:
            ZMQStateError: it is neither bound nor connected.
        """
        return self._core.endpoint()

    # Observing

    @property
    def stats(self) -> Statistics:
        """The socket's counters, as they are now."""
        statistics = self._core.statistics()
        return statistics if self._ahead is None else self._ahead.without(statistics)

    @property
    def state(self) -> State:
        """What the socket is doing."""
        return self._core.state()

    # Ending

    def cancel(self) -> None:
        """Ends every call that waits on the socket at this moment with `ZMQCanceledError`. The socket stays usable;
        calls that begin later are not affected. Never waits.
        """
        self._core.cancel()

    @property
    def closed(self) -> bool:
        """Whether the socket, or its context, is closed."""
        return self._core.is_closed()

    def close_soon(self, *, linger: float | None = None) -> int:
        """Closes the socket without a wait: what is queued is sent in the background, for at most the linger.

        Every call that waits on it raises `ZMQClosedError`, as with `close`. A `close` behind it waits for the end, and
        the end of the interpreter does.

        Args:
            linger: as of `close`.

        Returns:
            As `close`.
        """
        what = self._core.description()
        self._core.check(self._core.start_to_close(linger), "close_soon")
        self._release()
        return self._drop_ahead(what)

    def _skip(self, error: ZMQSocketError) -> Any:
        """Takes a message that a loop can not give out of its way. Another one that is in hand then; None if there is
        none. Raises the error if it is no reason to go on.
        """
        raise error

    def _drop_ahead(self, what: str) -> int:
        """How many messages received ahead go with the closed socket."""
        return 0 if self._ahead is None else self._ahead.drop(what)

    def _release(self) -> None:
        """Gives back what a closed socket still has."""

    def __del__(self, _is_finalizing: Callable[[], bool] = sys.is_finalizing) -> None:
        core = getattr(self, "_core", None)
        if core is None or _is_finalizing():
            return
        try:
            opened_at = core.forget()
            name = repr(self) if opened_at else ""
            if opened_at:
                # What is queued is sent in the background; here nothing may wait.
                core.close_later()
            self._release()
            if opened_at:
                warnings.warn(f"unclosed {name}, opened at {opened_at}", ResourceWarning, stacklevel=2, source=self)
        except BaseException as error:
            # A signal's, perhaps, which came before it was closed. Once more is nothing.
            core.close_later()
            self._release()
            raise_soon(error)

    def __repr__(self) -> str:
        try:
            state = self._core.state().name.lower()
        except ZMQSocketError as error:
            state = error.status.name.lower()
        name = self._prefix + type(self).__name__
        return f"<{' '.join(filter(None, [name, self._core.endpoint_or_nothing(), state]))}>"
