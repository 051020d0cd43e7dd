# SPDX-License-Identifier: Apache-2.0
"""Waiting for several sockets and descriptors at once."""

import enum
import os
from collections.abc import Mapping
from typing import Any, TypeVar

from . import _abi
from ._arguments import INT32_MAX, milliseconds, whole
from ._deadline import Deadline
from ._libzmq_options import LibzmqOptions
from ._run import Operation, run
from ._socket import BaseSocket
from .errors import ZMQSocketError, class_of, explanation
from .socket_options import default_options

Subject = TypeVar("Subject", bound=Any)

_MOST = 65_536


class Poll(enum.IntFlag):
    """What to wait for, and what has come.

    Attributes:
        IN: a message can be received; a descriptor can be read.
        OUT: a message can be sent; a descriptor can be written. A publisher always can.
        EVENT: an event can be read with `next_event`. Sockets only.
    """

    IN = _abi.EXZ_POLL_IN
    OUT = _abi.EXZ_POLL_OUT
    EVENT = _abi.EXZ_POLL_EVENT


def poll(items: Mapping[Subject, Poll], *, timeout: float | None = None) -> dict[Subject, Poll]:
    """Waits until at least one of several sockets and descriptors is ready. Any thread may use the sockets meanwhile.

    Args:
        items: what to wait for, by subject: a socket of this package, a descriptor, or an object with a `fileno`
            method. Not a socket of `aio`, whose loop would stand still.
        timeout: seconds; None is 1.0.

    Returns:
        Those that are ready, and for what; empty when the time was up. An error or the end of a descriptor counts as
        ready.

    Raises:
        ZMQInvalidError: the time-out, a subject or what to wait for makes no sense; a descriptor is not open.
        TypeError: `items` is no mapping, a subject is nothing to wait for, or what to wait for is no `Poll`.
        ZMQClosedError: one of the sockets is closed, or is being closed.
        ZMQCanceledError: one of them was cancelled.
        ZMQLimitError: out of descriptors.
    """
    usual = default_options().default_timeout_ms
    deadline = Deadline(usual if timeout is None else milliseconds(timeout, "timeout"))
    return run(_poll(items, deadline), deadline)


def _poll(items: Mapping[Subject, Poll], deadline: Deadline) -> Operation[dict[Subject, Poll]]:
    if not isinstance(items, Mapping):
        raise TypeError(f"items must be a mapping of sockets to what to wait for, not {type(items).__name__}")
    subjects = list(items)
    array = (_abi.exz_poll_item * len(subjects))()
    for item, subject, events in zip(array, subjects, items.values(), strict=True):
        if isinstance(subject, BaseSocket):
            item.socket = subject._core.handle
        elif isinstance(subject, LibzmqOptions):
            raise TypeError(
                f"poll blocks, and with it the event loop of aio.{type(subject).__name__}: start a task for each socket"
            )
        else:
            item.fd = _descriptor(subject)
        item.events = whole(events, "what to wait for", _abi.EXZ_POLL_IN | _abi.EXZ_POLL_OUT | _abi.EXZ_POLL_EVENT)
    # What was received ahead is there already, and nothing is waited for.
    here = {
        subject: Poll.IN
        for subject, events in items.items()
        if isinstance(subject, BaseSocket) and events & Poll.IN and subject._has_ahead()
    }
    status = yield lambda timeout_ms: _abi.exz_poll(array, len(subjects), 0 if here else timeout_ms)
    if status not in (_abi.EXZ_OK, _abi.EXZ_ERR_TIMEOUT):
        raise _failure(status, array, subjects, deadline)
    ready = {subject: Poll(item.revents) for item, subject in zip(array, subjects, strict=True) if item.revents}
    return {subject: ready.get(subject, Poll(0)) | here.get(subject, Poll(0)) for subject in {**here, **ready}}


def _descriptor(subject: Any) -> int:
    if not isinstance(subject, int):
        try:
            fileno = subject.fileno
        except AttributeError:
            raise TypeError(
                f"poll waits for sockets, descriptors and objects with a fileno method; {subject!r} is none"
            ) from None
        subject = fileno()
    return whole(subject, "a descriptor", INT32_MAX)


def _failure(status: int, array: Any, subjects: list[Any], deadline: Deadline) -> ZMQSocketError:
    """The error, which names the subject where that can be seen afterwards."""
    for subject in subjects:
        if isinstance(subject, BaseSocket) and subject._core.liveness() == status:
            return subject._core.failure(status, "poll", deadline)
    reason = _what_is_wrong(array, subjects) if status == _abi.EXZ_ERR_INVALID else None
    return class_of(status)(f"poll failed: {reason or explanation(status)}", elapsed=deadline.elapsed)


def _what_is_wrong(array: Any, subjects: list[Any]) -> str | None:
    if len(subjects) > _MOST:
        return f"there are {len(subjects)} subjects, more than {_MOST}"
    for item, subject in zip(array, subjects, strict=True):
        if isinstance(subject, BaseSocket):
            continue
        if item.events & Poll.EVENT:
            return f"Poll.EVENT is for sockets, and {subject!r} is none"
        if not _is_open(item.fd):
            return f"the descriptor {item.fd} is not open"
    return None


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True
