# SPDX-License-Identifier: Apache-2.0
"""What all sockets that block have in common."""

from collections import deque
from collections.abc import Callable, Iterator
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from . import _operations
from ._any_socket import AnySocket
from ._closing import Closing
from ._core import SocketCore
from ._deadline import Deadline
from ._log import raise_held_back
from ._run import Operation, run
from .errors import ZMQClosedError, ZMQProtocolError, ZMQStateError, ZMQTimeoutError
from .observing import Event

P = ParamSpec("P")
T = TypeVar("T")
Received = TypeVar("Received", covariant=True)


class Receive(Protocol[Received]):
    """A method that waits for the next of something."""

    def __call__(self, *, timeout: float | None) -> Received: ...


class BaseSocket(AnySocket, Closing):
    """What every socket can do: connect and bind, wait for peers, tell what happens, close.

    Any thread may use a socket at any time. Times are seconds. Every method that can wait takes `timeout=`: None is the
    socket's default (`default_timeout`, one second unless chosen), 0 tries once; negative numbers, NaN and infinity are
    a `ZMQInvalidError`. A time-out never comes early.

    Every method may raise `ZMQInvalidError` (a bad argument), `TypeError` (one of the wrong type), `ZMQClosedError`
    (the socket or its context is closed), `ZMQForkedError` (it belongs to the parent process), and `ZMQInternalError`;
    methods that can wait also `ZMQCanceledError` (`cancel()` was called), and `ZMQLimitError` when the process has no
    descriptor left to wait with. These are not repeated below.

    Close a socket, or use it in a `with` statement. One that is forgotten is closed when it is collected, with a
    `ResourceWarning`, and its linger passes in the background; those still open when the interpreter ends are closed
    then. The end of the interpreter waits for what is left of each linger. In the child of a fork the end of a `with`
    statement does nothing, and `close` raises `ZMQForkedError`.
    """

    # Links

    def bind(self, endpoint: str, *, timeout: float | None = None) -> str:
        """Binds to an endpoint, so that peers can connect to it.

        While the address is in use or not there yet, binding is tried again under the socket's retry policy.

        Args:
            endpoint: `tcp://ADDRESS:PORT`, where ADDRESS is a number, a name, an interface or `*`, and PORT may be 0
                or `*` for one that the system chooses; `ipc://PATH`; `inproc://NAME`.
            timeout: seconds for all attempts.

        Returns:
            The endpoint as it is, with the port the system chose.

        Raises:
            ZMQAddressInUseError: still, when attempts or time ran out.
            ZMQAddressNotAvailableError: the address does not belong to this machine, or the directory of an ipc path is
                missing, when attempts or time ran out.
            ZMQResolveError: the name has no address.
            ZMQPermissionError: the operating system does not permit it.
            ZMQNotSupportedError: another transport.
        """
        return self._run(timeout, _operations.bind, endpoint)

    def connect(self, endpoint: str, *, timeout: float | None = None, background: bool = False) -> None:
        """Connects to an endpoint, and comes back when the handshake with the peer is done.

        Attempts that fail for a passing reason are repeated under the socket's retry policy. When it or the deadline
        ends them, no link is left behind, and the error is the reason of the last attempt. In the background the call
        returns at once and the attempts go on, without a limit of number, until the socket is closed; events tell how
        they fare.

        Either way a connection that is lost is made again until the socket is closed, and subscriptions come back with
        it. Connecting to an endpoint a second time waits for the link there is; it does not add another.

        Args:
            endpoint: `tcp://HOST:PORT` (HOST a name or a number), `ipc://PATH` or `inproc://NAME`.
            timeout: seconds for all attempts; not used in the background.
            background: do not wait, for a peer that starts later.

        Raises:
            ZMQRefusedError: nobody listens there, or the ipc path is missing.
            ZMQUnreachableError: there is no route.
            ZMQResolveError: the name has no address.
            ZMQTimeoutError: the peer is silent, or packets are dropped.
            ZMQPeerLostError: the peer accepts and closes.
            ZMQProtocolError: it is no ZMTP 3 peer, or its socket type does not fit.
            ZMQSecurityError: another mechanism, or the key was rejected.
            ZMQAddressNotAvailableError: no local port is left.
            ZMQNotSupportedError: another transport.
            ZMQPermissionError: the operating system does not permit it.
            ZMQNoMemoryError: out of memory.
        """
        self._run(timeout, _operations.connect, endpoint, background)

    def wait_peers(self, count: int = 1, *, timeout: float | None = None) -> None:
        """Waits until at least `count` peers have finished their handshake, whichever side connected.

        Args:
            count: peers, 0 or more.
            timeout: seconds.

        Raises:
            ZMQTimeoutError: there were fewer.
        """
        self._run(timeout, _operations.wait_peers, count)

    # Observing

    def next_event(self, *, timeout: float | None = None) -> Event:
        """The oldest event that nobody has read, or the next one to come.

        Args:
            timeout: seconds.

        Raises:
            ZMQTimeoutError: there was none.
        """
        return self._run(timeout, _operations.next_event)

    @property
    def events(self) -> Iterator[Event]:
        """The events, those that have happened and those to come. Waits for the next one as long as it takes, in waits
        of the default time-out; ends when the socket is closed.
        """
        return self._until_closed(self.next_event, deque())

    # Ending

    def close(self, *, linger: float | None = None) -> int:
        """Closes the socket; every call that waits on it raises `ZMQClosedError`. Closing again does nothing.

        Args:
            linger: seconds for which queued messages are still sent; those still queued then are dropped. None is the
                socket's `linger` option. The call takes at most 0.1 s longer, whatever the peers do, and less when
                there is nothing to send.

        Returns:
            How many messages had been received ahead (see `prefetch`) and are dropped with the socket; if there are
            any, a warning in the log says so, too, as at the end of a `with` statement nobody sees the number.
        """
        what = self._core.description()
        status = self._core.close(linger)
        raise_held_back()
        self._core.check(status, "close")
        return self._drop_ahead(what)

    # How it waits

    def _run(
        self,
        timeout: float | None,
        operation: Callable[Concatenate[SocketCore, Deadline, P], Operation[T]],
        *arguments: P.args,
        **named: P.kwargs,
    ) -> T:
        deadline = self._core.deadline(timeout)
        return run(operation(self._core, deadline, *arguments, **named), deadline)

    def _until_closed(self, receive: Receive[T], here: deque[T]) -> Iterator[T]:
        """What is here and what comes, in waits of the default time-out, until the socket is closed."""
        while True:
            while here:
                try:
                    item = here.popleft()
                except IndexError:
                    # Another thread was faster.
                    break
                yield item
            try:
                item = receive(timeout=self._core.iteration_timeout)
            except ZMQTimeoutError:
                continue
            except ZMQClosedError:
                return
            except (ZMQStateError, ZMQProtocolError) as error:
                if (item := self._skip(error)) is None:
                    continue
            yield item
