# SPDX-License-Identifier: Apache-2.0
"""The errors. One class for each status of the library; some are also the error that Python has for the same thing::

    Exception
    └── ZMQSocketError
        ├── ZMQInvalidError (ValueError)                an argument, an option or an endpoint makes no sense
        ├── ZMQHandleError                              not a handle of this library
        ├── ZMQClosedError                              the socket or its context is closed
        ├── ZMQCanceledError                            cancel() ended the wait
        ├── ZMQForkedError                              the socket belongs to the parent process
        ├── ZMQInterruptedError (InterruptedError)      a signal arrived; not raised by this package
        ├── ZMQTimeoutError (TimeoutError)              the time was up
        ├── ZMQRefusedError (ConnectionRefusedError)    nothing listens at the endpoint
        ├── ZMQUnreachableError (ConnectionError)       there is no route to the host
        ├── ZMQResolveError (ConnectionError)           the host name could not be resolved
        ├── ZMQProtocolError (ConnectionError)          the peer is no ZMTP 3 peer, or does not fit
        ├── ZMQSecurityError (ConnectionError)          another security mechanism, or the key is rejected
        ├── ZMQPeerLostError (ConnectionResetError)     the peer accepted the connection and closed it
        ├── ZMQExhaustedError                           the attempts of a retry policy are used up
        ├── ZMQAddressInUseError (OSError)              the address is in use
        ├── ZMQAddressNotAvailableError (OSError)       the address, or an ipc path's directory, is not there
        ├── ZMQPermissionError (PermissionError)        the operating system does not permit it
        ├── ZMQTooSmallError                            a buffer is too small; not raised by this package
        ├── ZMQTooLargeError (ValueError)               the message is over the socket's limit
        ├── ZMQStateError                               not possible in the present state
        ├── ZMQNotSupportedError                        this socket type, transport or peer can not do that
        ├── ZMQLimitError (OSError)                     out of descriptors, sockets, threads or handles
        ├── ZMQNoMemoryError (MemoryError)              out of memory
        ├── ZMQVersionError                             the version of the library or of libzmq does not fit
        └── ZMQInternalError                            an unforeseen answer of libzmq or the system

An argument of a wrong type is a plain `TypeError`.
"""

import enum
from functools import partial
from typing import Any

from . import _abi


class Status(enum.IntEnum):
    """The numbers behind the errors. `Status.TIMEOUT` is `EXZ_ERR_TIMEOUT` of the C header, and so on."""

    OK = _abi.EXZ_OK
    INVALID = _abi.EXZ_ERR_INVALID
    HANDLE = _abi.EXZ_ERR_HANDLE
    CLOSED = _abi.EXZ_ERR_CLOSED
    CANCELED = _abi.EXZ_ERR_CANCELED
    FORKED = _abi.EXZ_ERR_FORKED
    INTERRUPTED = _abi.EXZ_ERR_INTERRUPTED
    TIMEOUT = _abi.EXZ_ERR_TIMEOUT
    REFUSED = _abi.EXZ_ERR_REFUSED
    UNREACHABLE = _abi.EXZ_ERR_UNREACHABLE
    RESOLVE = _abi.EXZ_ERR_RESOLVE
    PROTOCOL = _abi.EXZ_ERR_PROTOCOL
    SECURITY = _abi.EXZ_ERR_SECURITY
    PEER_LOST = _abi.EXZ_ERR_PEER_LOST
    EXHAUSTED = _abi.EXZ_ERR_EXHAUSTED
    ADDRESS_IN_USE = _abi.EXZ_ERR_ADDRESS_IN_USE
    ADDRESS_NOT_AVAILABLE = _abi.EXZ_ERR_ADDRESS_NOT_AVAILABLE
    PERMISSION = _abi.EXZ_ERR_PERMISSION
    TOO_SMALL = _abi.EXZ_ERR_TOO_SMALL
    TOO_LARGE = _abi.EXZ_ERR_TOO_LARGE
    STATE = _abi.EXZ_ERR_STATE
    NOT_SUPPORTED = _abi.EXZ_ERR_NOT_SUPPORTED
    LIMIT = _abi.EXZ_ERR_LIMIT
    NO_MEMORY = _abi.EXZ_ERR_NO_MEMORY
    VERSION = _abi.EXZ_ERR_VERSION
    INTERNAL = _abi.EXZ_ERR_INTERNAL


_classes: dict[int, "type[ZMQSocketError]"] = {}


def class_of(status: int) -> "type[ZMQSocketError]":
    """The class of errors for a status; `ZMQInternalError` for a number that is none."""
    return _classes.get(status, ZMQInternalError)


def explanation(status: int) -> str:
    """What a status means, in the library's words."""
    return _abi.exz_strerror(status).decode()


class ZMQSocketError(Exception):
    """A failure of the library. The base of all its errors.

    Attributes:
        status: what happened, as a number that is the same in all languages. Fixed by the class.
        errno: the errno of the operating system or of libzmq behind it; 0 if there is none. (Never None: the type is
            that of `OSError.errno`.)
        attempts: attempts that were made; 0 where none are counted.
        elapsed: seconds from the beginning of the call to the failure.
        endpoint: the endpoint of the call, or the one the socket has; "" where there is none.
        message: a sentence a person can act on. Also what `str()` gives.
        sent: messages of a `send_many` that were taken before the failure; the others stay with the caller.
        cause: how the last attempt ended, where the status says only that attempts or time ran out.
    """

    status: Status = Status.INTERNAL
    errno: int | None
    attempts: int
    elapsed: float
    endpoint: str
    message: str
    sent: int = 0
    cause: Status | None

    def __init_subclass__(cls, *, status: Status | None = None, **arguments: Any) -> None:
        super().__init_subclass__(**arguments)
        if status is not None:
            cls.status = status
            _classes[status] = cls

    def __init__(
        self,
        message: str | None = None,
        *,
        errno: int | None = 0,
        attempts: int = 0,
        elapsed: float = 0.0,
        endpoint: str = "",
        cause: Status | None = None,
    ) -> None:
        self.message = explanation(self.status) if message is None else message
        super().__init__(self.message)
        # After super(): for an OSError this is the attribute that its constructor clears.
        self.errno = errno
        self.attempts = attempts
        self.elapsed = elapsed
        self.endpoint = endpoint
        self.cause = cause

    def __str__(self) -> str:
        return self.message

    def __reduce__(self) -> tuple[Any, ...]:
        # The constructor's arguments have names, which the pickling of exceptions does not expect.
        again = partial(
            type(self),
            self.message,
            errno=self.errno,
            attempts=self.attempts,
            elapsed=self.elapsed,
            endpoint=self.endpoint,
            cause=self.cause,
        )
        return again, (), {"sent": self.sent}


class ZMQInvalidError(ZMQSocketError, ValueError, status=Status.INVALID):
    """An argument, an option or an endpoint makes no sense."""


class ZMQHandleError(ZMQSocketError, status=Status.HANDLE):
    """Not a handle of this library."""


class ZMQClosedError(ZMQSocketError, status=Status.CLOSED):
    """The socket or its context is closed."""


class ZMQCanceledError(ZMQSocketError, status=Status.CANCELED):
    """`cancel()` ended the wait. The socket stays usable."""


class ZMQForkedError(ZMQSocketError, status=Status.FORKED):
    """The socket belongs to the parent process. Open a new one after a fork."""


class ZMQInterruptedError(ZMQSocketError, InterruptedError, status=Status.INTERRUPTED):
    """A signal arrived. This package runs the signal's handler and goes on waiting, so it never raises this."""


class ZMQTimeoutError(ZMQSocketError, TimeoutError, status=Status.TIMEOUT):
    """The time was up."""


class ZMQRefusedError(ZMQSocketError, ConnectionRefusedError, status=Status.REFUSED):
    """Nothing listens at the endpoint."""


class ZMQUnreachableError(ZMQSocketError, ConnectionError, status=Status.UNREACHABLE):
    """There is no route to the host."""


class ZMQResolveError(ZMQSocketError, ConnectionError, status=Status.RESOLVE):
    """The host name could not be resolved."""


class ZMQProtocolError(ZMQSocketError, ConnectionError, status=Status.PROTOCOL):
    """What answers there is not a ZMTP 3 peer, or one of a socket type that does not fit."""


class ZMQSecurityError(ZMQSocketError, ConnectionError, status=Status.SECURITY):
    """The peer wants another security mechanism, or rejects the key."""


class ZMQPeerLostError(ZMQSocketError, ConnectionResetError, status=Status.PEER_LOST):
    """The peer accepted the connection and closed or reset it."""


class ZMQExhaustedError(ZMQSocketError, status=Status.EXHAUSTED):
    """The attempts of a retry policy are used up; `cause` says how the last one ended."""


class ZMQAddressInUseError(ZMQSocketError, OSError, status=Status.ADDRESS_IN_USE):
    """The address is in use."""


class ZMQAddressNotAvailableError(ZMQSocketError, OSError, status=Status.ADDRESS_NOT_AVAILABLE):
    """The address does not belong to this machine (yet), or the directory of an ipc path is missing."""


class ZMQPermissionError(ZMQSocketError, PermissionError, status=Status.PERMISSION):
    """The operating system does not permit it."""


class ZMQTooSmallError(ZMQSocketError, status=Status.TOO_SMALL):
    """A buffer is too small. This package takes a larger one, so it never raises this."""


class ZMQTooLargeError(ZMQSocketError, ValueError, status=Status.TOO_LARGE):
    """The message is larger than the socket's `max_message_size`."""


class ZMQStateError(ZMQSocketError, status=Status.STATE):
    """Not possible in the present state of the socket."""


class ZMQNotSupportedError(ZMQSocketError, status=Status.NOT_SUPPORTED):
    """This socket type, transport or peer can not do that."""


class ZMQLimitError(ZMQSocketError, OSError, status=Status.LIMIT):
    """Out of descriptors, sockets, threads or handles."""


class ZMQNoMemoryError(ZMQSocketError, MemoryError, status=Status.NO_MEMORY):
    """Out of memory."""


class ZMQVersionError(ZMQSocketError, status=Status.VERSION):
    """The version of the library or of libzmq does not fit."""


class ZMQInternalError(ZMQSocketError, status=Status.INTERNAL):
    """An unforeseen answer of libzmq or the operating system; `errno` has it."""
