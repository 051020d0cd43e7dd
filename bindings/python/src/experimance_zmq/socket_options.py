# SPDX-License-Identifier: Apache-2.0
"""How a socket is set up."""

import ctypes
import enum
from collections.abc import Callable, Mapping
from typing import Any, TypedDict

from . import _abi
from ._arguments import INT32_MAX, INT64_MAX, UINT32_MAX, member, milliseconds, whole
from .errors import class_of
from .retry_policy import RetryPolicy
from .security import Security


class OnFull(enum.IntEnum):
    """What a publisher does when a subscriber's queue is full.

    Attributes:
        DROP: drop the message for that subscriber: ZeroMQ's rule. libzmq does not say that it happened.
        WAIT: wait until every matching subscriber has room, up to the call's deadline. One that does not read stops
            all.
    """

    DROP = _abi.EXZ_ON_FULL_DROP
    WAIT = _abi.EXZ_ON_FULL_WAIT


class WireForm(enum.IntEnum):
    """How a published message looks on the wire, and what a subscriber expects.

    Attributes:
        MULTIPART: two frames: the topic, the payload.
        SPACE: one frame: the topic, a space, the payload.
    """

    MULTIPART = _abi.EXZ_WIRE_MULTIPART
    SPACE = _abi.EXZ_WIRE_SPACE


class SocketOptions(TypedDict, total=False):
    """The options every socket takes as keyword arguments. Fixed once the socket is open; times are seconds.

    Each has its unit and range, its default, and what it does. What else libzmq has is set with `set_option`.

    Attributes:
        send_hwm: messages, 0 to 2147483647; default 1000. Queued for one peer before a send waits (or a publisher
            drops); 0 = unlimited.
        receive_hwm: messages, 0 to 2147483647; default 1000. Queued from one peer before that peer is made to wait; 0 =
            unlimited. With heartbeats there is no limit.
        linger: seconds, 0 to 2147483.647; default 1.0. How long a close without a linger of its own goes on sending.
        default_timeout: seconds, 0 to 2147483.647; default 1.0. The time-out of calls without one.
        on_full: an `OnFull`; default `OnFull.DROP`. What a publisher does when a subscriber's queue is full.
        wire_form: a `WireForm`; default `WireForm.MULTIPART`. For publishers and subscribers. A subscriber with
            `WireForm.SPACE` receives both forms, one with `WireForm.MULTIPART` its own only.
        heartbeat_interval: seconds, 0 to 2147483.647; default 1.0 for REQ, 0 for others. Time between ZMTP heartbeats;
            0 = none. A receiver whose queue is full answers none: a healthy link is cut then, and messages on their way
            are lost. ROUTER, REP and PAIR have none.
        heartbeat_timeout: seconds, 0 to 2147483.647; default four intervals. Time without an answer that ends the link.
        keepalive: seconds, 0 to 2147483.647; default 5.0. Time after which a tcp peer whose host does not answer is
            lost, rounded up to whole seconds, at least 4; 0 = the system's setting (hours on a quiet link).
        max_message_size: bytes, 0 to 9223372036854775807; default 67108864. The largest message to send or to accept; 0
            = unlimited. A peer that sends a larger one loses its connection. What a publisher accepts are
            subscriptions, to topics of at most 65,536 bytes.
        conflate: False or True; default False. Keep only the newest message of each queue; for PUSH, PULL, DEALER, and
            SUB with `WireForm.SPACE`, and not for messages of several parts. The answer to a `wait_subscribed` counts
            as one: a SUB's own, and another's where it has subscribed to everything, may take the newest message's
            place.
        send_buffer: bytes, 0 to 2147483647; default 0. The kernel's send buffer of each connection; 0 = the system's
            choice.
        receive_buffer: bytes, 0 to 2147483647; default 0. The kernel's receive buffer of each connection; 0 = the
            system's choice.
        event_capacity: events, 1 to 2147483647; default 1000. Kept for a reader; beyond it the oldest is dropped and
            counted.
        identity: `bytes`, at most 255, the first not zero; default `b""`. The name by which a ROUTER knows this socket;
            empty: the peer chooses.
        retry: a `RetryPolicy`; default `RetryPolicy()`. The policy for connecting, binding and re-connecting.
        security: a `CurveServer`, `CurveClient`, `PlainServer`, `PlainClient` or `Guarded`; default None. Keys,
            passwords and who may come in; None = no security.
        ipc_mode: 0 to 0o777; default 0. The mode of the file that a bind to a path of ipc makes, such as 0o660; 0 = the
            umask's.
    """

    send_hwm: int
    receive_hwm: int
    linger: float
    default_timeout: float
    on_full: OnFull
    wire_form: WireForm
    heartbeat_interval: float
    heartbeat_timeout: float
    keepalive: float
    max_message_size: int
    conflate: bool
    send_buffer: int
    receive_buffer: int
    event_capacity: int
    identity: bytes
    retry: RetryPolicy
    security: Security | None
    ipc_mode: int


class OptionStruct:
    """The options as the library takes them."""

    __slots__ = ("identity", "security", "struct")

    def __init__(self, struct: _abi.exz_socket_options) -> None:
        self.struct = struct
        self.identity = b""
        """Keeps the bytes alive that the struct points to."""
        self.security: Security | None = None
        """Keeps the secrets alive."""


def default_options() -> _abi.exz_socket_options:
    """The library's defaults."""
    struct = _abi.exz_socket_options()
    status = _abi.exz_socket_options_init(ctypes.byref(struct))
    if status != _abi.EXZ_OK:
        raise class_of(status)()
    return struct


def what_is_wrong(options: OptionStruct, socket_type: int = _abi.EXZ_PULL) -> str | None:
    """A sentence that names the option which the library refuses; None if there is none."""
    details = _abi.exz_error(size=ctypes.sizeof(_abi.exz_error))
    if _abi.exz_socket_options_check(options.struct, socket_type, details) == _abi.EXZ_OK:
        return None
    message: bytes = details.message
    return message.decode("utf-8", "replace")


def option_struct(options: Mapping[str, Any]) -> OptionStruct:
    """Fills the library's struct: its defaults, changed by these options. Signal handlers run while they wait."""
    result = OptionStruct(default_options())
    result.struct.interruptible = 2
    for name, value in options.items():
        try:
            set_option = _SETTERS[name]
        except KeyError:
            raise TypeError(f"there is no socket option {name!r}") from None
        set_option(result, name, value)
    return result


def _set_time(options: OptionStruct, name: str, value: float) -> None:
    setattr(options.struct, f"{name}_ms", milliseconds(value, name))


def _number_up_to(highest: int) -> Callable[[OptionStruct, str, int], None]:
    def set_number(options: OptionStruct, name: str, value: int) -> None:
        setattr(options.struct, name, whole(value, name, highest))

    return set_number


def _member_of(kind: type[enum.IntEnum]) -> Callable[[OptionStruct, str, int], None]:
    def set_member(options: OptionStruct, name: str, value: int) -> None:
        setattr(options.struct, name, member(value, name, kind))

    return set_member


def _set_identity(options: OptionStruct, name: str, value: bytes) -> None:
    if not isinstance(value, bytes):
        raise TypeError(f"{name} must be bytes, not {type(value).__name__}")
    options.identity = value
    options.struct.identity = ctypes.cast(ctypes.c_char_p(value), ctypes.c_void_p)
    options.struct.identity_size = len(value)


def _set_retry(options: OptionStruct, name: str, value: RetryPolicy) -> None:
    if not isinstance(value, RetryPolicy):
        raise TypeError(f"{name} must be a RetryPolicy, not {type(value).__name__}")
    options.struct.retry = value._as_struct()


def _set_security(options: OptionStruct, name: str, value: Security | None) -> None:
    if not (value is None or isinstance(value, Security)):
        raise TypeError(f"{name} must be a Security, such as CurveServer(…), not {type(value).__name__}")
    options.security = value
    options.struct.security = None if value is None else ctypes.pointer(value._as_struct())


_SETTERS: dict[str, Callable[[OptionStruct, str, Any], None]] = {
    "send_hwm": _number_up_to(INT32_MAX),
    "receive_hwm": _number_up_to(INT32_MAX),
    "linger": _set_time,
    "default_timeout": _set_time,
    "on_full": _member_of(OnFull),
    "wire_form": _member_of(WireForm),
    "heartbeat_interval": _set_time,
    "heartbeat_timeout": _set_time,
    "keepalive": _set_time,
    "max_message_size": _number_up_to(INT64_MAX),
    "conflate": _number_up_to(UINT32_MAX),
    "send_buffer": _number_up_to(INT32_MAX),
    "receive_buffer": _number_up_to(INT32_MAX),
    "ipc_mode": _number_up_to(UINT32_MAX),
    "event_capacity": _number_up_to(INT32_MAX),
    "identity": _set_identity,
    "retry": _set_retry,
    "security": _set_security,
}
