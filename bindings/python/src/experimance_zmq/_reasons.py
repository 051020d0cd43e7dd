# SPDX-License-Identifier: Apache-2.0
"""Why a call failed, where the library's status says less than can be known: None where there is no more to say."""

from typing import Protocol

from . import _abi

_GARBLED = range(246, 256)
_LONGEST = 65_536


class Core(Protocol):
    """A socket, as far as a reason needs it."""

    handle: _abi.exz_socket
    name: str


def subscribing(status: int, topic: bytes) -> str | None:
    """For what subscribes, and waits for subscriptions."""
    if status == _abi.EXZ_ERR_INVALID and len(topic) in _GARBLED:
        first, last = _GARBLED[0], _GARBLED[-1]
        return f"the topic has {len(topic)} bytes; libzmq 4.3.4 garbles subscriptions of {first} to {last} bytes"
    if status == _abi.EXZ_ERR_INVALID and len(topic) > _LONGEST:
        return f"the topic has {len(topic)} bytes, more than {_LONGEST}"
    return None


def unlinking(status: int, linked: str) -> str | None:
    """For unbind and disconnect."""
    return {
        _abi.EXZ_ERR_INVALID: "that is no endpoint; one is tcp://ADDRESS:PORT, ipc://PATH or inproc://NAME",
        _abi.EXZ_ERR_NOT_SUPPORTED: "the transports are tcp, ipc and inproc",
        _abi.EXZ_ERR_STATE: f"the socket is not {linked} it",
    }.get(status)


def setting(status: int) -> str | None:
    """For setting one of libzmq's options."""
    return {
        _abi.EXZ_ERR_INVALID: "libzmq has no such option, or not with such a value",
        _abi.EXZ_ERR_NOT_SUPPORTED: "the option would break a promise of this library, which has its own means",
        _abi.EXZ_ERR_STATE: "a high-water mark can be set until the socket first binds or connects",
    }.get(status)


def getting(status: int) -> str | None:
    """For reading one."""
    return {
        _abi.EXZ_ERR_INVALID: "libzmq has no such option, or its value is of the other kind",
        _abi.EXZ_ERR_NOT_SUPPORTED: "fileno is for the descriptor, recv_parts for messages of several parts",
    }.get(status)


def sending(status: int, core: Core, parts: list[bytes]) -> str | None:
    """For what sends one message."""
    if status == _abi.EXZ_ERR_INVALID and not parts:
        return "a message has at least one part"
    if status == _abi.EXZ_ERR_UNREACHABLE:
        return f"there is no peer with the identity {parts[0]!r}"
    if status == _abi.EXZ_ERR_STATE:
        return "there is no request to answer" if core.name == "REP" else "another thread's request waits here"
    return None


def receiving(status: int, core: Core, *, with_parts: bool = False) -> str | None:
    """For what receives."""
    if status != _abi.EXZ_ERR_STATE:
        return None
    if not with_parts and (core.name not in ("REQ", "REP") or _has_message(core)):
        return "a message of several parts came, for recv_parts"
    if core.name == "REP":
        return "the request that was received last has to be answered first"
    return "no answer is to come: nothing was asked, it has been received, or another thread's request waits for it"


def _has_message(core: Core) -> bool:
    """Whether the next message may be received now, as the library knows: not while it is not the socket's turn."""
    items = (_abi.exz_poll_item * 1)()
    items[0].socket = core.handle
    items[0].events = _abi.EXZ_POLL_IN
    return bool(_abi.exz_poll(items, 1, 0) == _abi.EXZ_OK)
