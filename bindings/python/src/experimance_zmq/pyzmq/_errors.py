# SPDX-License-Identifier: Apache-2.0
"""What pyzmq's programs are told of a failure: a `ZMQError` with libzmq's errno and this library's sentence."""

import ctypes
import errno
import threading

from zmq.error import Again, ContextTerminated, ZMQError

from .. import _abi
from ..errors import explanation

_FIRST_OF_LIBZMQ = 156384712
EFSM = _FIRST_OF_LIBZMQ + 51
ENOCOMPATPROTO = _FIRST_OF_LIBZMQ + 52
ETERM = _FIRST_OF_LIBZMQ + 53
EMTHREAD = _FIRST_OF_LIBZMQ + 54

_ERRNO = {
    _abi.EXZ_ERR_INVALID: errno.EINVAL,
    _abi.EXZ_ERR_HANDLE: errno.ENOTSOCK,
    _abi.EXZ_ERR_CLOSED: errno.ENOTSOCK,
    _abi.EXZ_ERR_CANCELED: errno.EINTR,
    _abi.EXZ_ERR_FORKED: errno.ENOTSOCK,
    _abi.EXZ_ERR_INTERRUPTED: errno.EINTR,
    _abi.EXZ_ERR_TIMEOUT: errno.EAGAIN,
    _abi.EXZ_ERR_REFUSED: errno.ECONNREFUSED,
    _abi.EXZ_ERR_UNREACHABLE: errno.EHOSTUNREACH,
    _abi.EXZ_ERR_RESOLVE: errno.ENODEV,
    _abi.EXZ_ERR_PROTOCOL: ENOCOMPATPROTO,
    _abi.EXZ_ERR_SECURITY: errno.EACCES,
    _abi.EXZ_ERR_PEER_LOST: errno.ECONNRESET,
    _abi.EXZ_ERR_EXHAUSTED: errno.EAGAIN,
    _abi.EXZ_ERR_ADDRESS_IN_USE: errno.EADDRINUSE,
    _abi.EXZ_ERR_ADDRESS_NOT_AVAILABLE: errno.EADDRNOTAVAIL,
    _abi.EXZ_ERR_PERMISSION: errno.EACCES,
    _abi.EXZ_ERR_TOO_SMALL: errno.EMSGSIZE,
    _abi.EXZ_ERR_TOO_LARGE: errno.EMSGSIZE,
    _abi.EXZ_ERR_STATE: EFSM,
    _abi.EXZ_ERR_NOT_SUPPORTED: errno.ENOTSUP,
    _abi.EXZ_ERR_LIMIT: errno.EMFILE,
    _abi.EXZ_ERR_NO_MEMORY: errno.ENOMEM,
    _abi.EXZ_ERR_VERSION: errno.ENOTSUP,
}

_last = threading.local()


def last_errno() -> int:
    """The errno of the failure that this thread has met last; 0 if there was none."""
    number: int = getattr(_last, "errno", 0)
    return number


def failure(number: int, sentence: str | None = None) -> ZMQError:
    """The error for an errno of libzmq's."""
    _last.errno = number
    if number == errno.EAGAIN:
        return Again(number)
    if number == ETERM:
        return ContextTerminated(number)
    return ZMQError(number, sentence)


def failure_of(status: int, sentence: str | None = None, **exceptions: int) -> ZMQError:
    """The error for a status of this library's.

    Args:
        status: of the call that has failed.
        sentence: what it has to say; without one what the status means.
        exceptions: statuses that stand for another errno where they come from, by their name without EXZ_ERR_.
    """
    named = {getattr(_abi, f"EXZ_ERR_{name}"): number for name, number in exceptions.items()}
    return failure(named.get(status) or _ERRNO.get(status, errno.EIO), sentence or explanation(status))


def details() -> _abi.exz_error:
    """A place for what a call has to say."""
    return _abi.exz_error(size=ctypes.sizeof(_abi.exz_error))


def last_sentence() -> str | None:
    """What the call that has just failed on this thread has to say."""
    told = details()
    _abi.exz_last_error(ctypes.byref(told))
    return sentence_in(told)


def sentence_in(told: _abi.exz_error) -> str | None:
    """The sentence in there, if there is one."""
    return told.message.decode("utf-8", "replace") or None
