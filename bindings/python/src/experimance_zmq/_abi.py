# SPDX-License-Identifier: Apache-2.0
"""What experimance_zmq.h declares, in its order and by its names. Declarations only.

Generated from include/experimance_zmq.h by scripts/generate.py (make generate): do not edit.

A function that can wait is declared with `_waits`: the interpreter's lock is released for the call. One that never
waits is declared with `_instant`: the lock is kept, which saves the time of giving it away and getting it back.
"""

import ctypes
from collections.abc import Callable
from ctypes import (
    CFUNCTYPE,
    POINTER,
    Structure,
    c_char,
    c_char_p,
    c_double,
    c_int,
    c_int32,
    c_int64,
    c_size_t,
    c_uint16,
    c_uint32,
    c_uint64,
    c_void_p,
)
from typing import Any

from . import _library

_path = _library.find()
_releasing_the_lock = ctypes.CDLL(_path)
_keeping_the_lock = ctypes.PyDLL(_path)


def _declare(library: ctypes.CDLL, name: str, restype: Any, argtypes: tuple[Any, ...]) -> Any:
    function = getattr(library, name)
    function.restype = restype
    function.argtypes = argtypes
    return function


def _waits(name: str, restype: Any, *argtypes: Any) -> Any:
    return _declare(_releasing_the_lock, name, restype, argtypes)


def _instant(name: str, restype: Any, *argtypes: Any) -> Any:
    return _declare(_keeping_the_lock, name, restype, argtypes)


# Version

EXZ_VERSION_MAJOR = 0
EXZ_VERSION_MINOR = 1
EXZ_VERSION_PATCH = 0

exz_version: Callable[..., int] = _instant("exz_version", c_int32)
exz_version_string: Callable[..., bytes] = _instant("exz_version_string", c_char_p)

# Status

exz_status = c_int32

EXZ_OK = 0
EXZ_ERR_INVALID = -1
EXZ_ERR_HANDLE = -2
EXZ_ERR_CLOSED = -3
EXZ_ERR_CANCELED = -4
EXZ_ERR_FORKED = -5
EXZ_ERR_INTERRUPTED = -6
EXZ_ERR_TIMEOUT = -7
EXZ_ERR_REFUSED = -8
EXZ_ERR_UNREACHABLE = -9
EXZ_ERR_RESOLVE = -10
EXZ_ERR_PROTOCOL = -11
EXZ_ERR_SECURITY = -12
EXZ_ERR_PEER_LOST = -13
EXZ_ERR_EXHAUSTED = -14
EXZ_ERR_ADDRESS_IN_USE = -15
EXZ_ERR_ADDRESS_NOT_AVAILABLE = -16
EXZ_ERR_PERMISSION = -17
EXZ_ERR_TOO_SMALL = -18
EXZ_ERR_TOO_LARGE = -19
EXZ_ERR_STATE = -20
EXZ_ERR_NOT_SUPPORTED = -21
EXZ_ERR_LIMIT = -22
EXZ_ERR_NO_MEMORY = -23
EXZ_ERR_VERSION = -24
EXZ_ERR_INTERNAL = -25

exz_strerror: Callable[..., bytes] = _instant("exz_strerror", c_char_p, exz_status)
exz_status_name: Callable[..., bytes] = _instant("exz_status_name", c_char_p, exz_status)


class exz_error(Structure):
    """The details of a failure."""

    _fields_ = (
        ("size", c_uint32),
        ("status", exz_status),
        ("sys_errno", c_int32),
        ("attempts", c_uint32),
        ("elapsed_ms", c_int64),
        ("endpoint", c_char * 256),
        ("message", c_char * 512),
        ("cause", exz_status),
    )


exz_last_error: Callable[..., int] = _instant("exz_last_error", exz_status, POINTER(exz_error))

# Log

exz_log_level = c_int32

EXZ_LOG_DEBUG = 1
EXZ_LOG_INFO = 2
EXZ_LOG_WARNING = 3
EXZ_LOG_ERROR = 4
EXZ_LOG_OFF = 5

exz_log_callback = CFUNCTYPE(None, c_void_p, exz_log_level, c_char_p)

exz_set_log: Callable[..., int] = _waits("exz_set_log", exz_status, exz_log_callback, c_void_p, exz_log_level)

# Retry policy

EXZ_JITTER_NONE = 0
EXZ_JITTER_FULL = 1
EXZ_JITTER_EQUAL = 2
EXZ_JITTER_DECORRELATED = 3
EXZ_JITTER_PROPORTIONAL = 4


class exz_retry_policy(Structure):
    """When to try again, and how often."""

    _fields_ = (
        ("size", c_uint32),
        ("max_attempts", c_uint32),
        ("initial_backoff_ms", c_int32),
        ("max_backoff_ms", c_int32),
        ("multiplier", c_double),
        ("jitter", c_uint32),
        ("attempt_timeout_ms", c_int32),
        ("jitter_ratio", c_double),
        ("seed", c_uint64),
    )


exz_retry_policy_init: Callable[..., int] = _instant("exz_retry_policy_init", exz_status, POINTER(exz_retry_policy))


class exz_backoff(Structure):
    """A schedule of delays."""

    _fields_ = (("id", c_uint64),)


exz_backoff_open: Callable[..., int] = _instant(
    "exz_backoff_open", exz_status, POINTER(exz_backoff), POINTER(exz_retry_policy)
)
exz_backoff_next: Callable[..., int] = _instant("exz_backoff_next", exz_status, POINTER(c_int32), exz_backoff)
exz_backoff_reset: Callable[..., int] = _instant("exz_backoff_reset", exz_status, exz_backoff)
exz_backoff_close: Callable[..., int] = _instant("exz_backoff_close", exz_status, exz_backoff)

exz_retry_attempt = CFUNCTYPE(exz_status, c_void_p, c_uint32)

exz_retry: Callable[..., int] = _waits(
    "exz_retry", exz_status, POINTER(exz_retry_policy), c_int32, exz_retry_attempt, c_void_p, POINTER(exz_error)
)

# Contexts

EXZ_DEFAULT_TIMEOUT = -1


class exz_context(Structure):
    """What sockets share."""

    _fields_ = (("id", c_uint64),)


EXZ_DEFAULT_CONTEXT = exz_context(0)

exz_context_open: Callable[..., int] = _instant("exz_context_open", exz_status, POINTER(exz_context))

EXZ_SCHED_INHERITED = -1


class exz_context_options(Structure):
    """How a context is set up."""

    _fields_ = (
        ("size", c_uint32),
        ("io_threads", c_uint32),
        ("max_sockets", c_uint32),
        ("sched_policy", c_int32),
        ("sched_priority", c_int32),
        ("cpus", POINTER(c_int32)),
        ("cpu_count", c_size_t),
        ("thread_name_prefix", c_char_p),
        ("stats_endpoint", c_char_p),
    )


exz_context_options_init: Callable[..., int] = _instant(
    "exz_context_options_init", exz_status, POINTER(exz_context_options)
)
exz_context_open_with: Callable[..., int] = _instant(
    "exz_context_open_with", exz_status, POINTER(exz_context), POINTER(exz_context_options)
)
exz_context_close: Callable[..., int] = _waits("exz_context_close", exz_status, exz_context, c_int32)
exz_context_end_waits: Callable[..., int] = _instant("exz_context_end_waits", exz_status, exz_context)
exz_shutdown: Callable[..., int] = _waits("exz_shutdown", exz_status, c_int32)

# Keys and security

EXZ_CURVE_KEY_SIZE = 32
EXZ_CURVE_TEXT_SIZE = 41

exz_curve_keypair: Callable[..., int] = _instant("exz_curve_keypair", exz_status, POINTER(c_char), POINTER(c_char))
exz_curve_public: Callable[..., int] = _instant("exz_curve_public", exz_status, POINTER(c_char), c_char_p)
exz_curve_encode: Callable[..., int] = _instant(
    "exz_curve_encode", exz_status, POINTER(c_char), c_size_t, c_void_p, c_size_t
)
exz_curve_decode: Callable[..., int] = _instant(
    "exz_curve_decode", exz_status, POINTER(c_size_t), c_void_p, c_size_t, c_char_p
)
exz_curve_save: Callable[..., int] = _waits(
    "exz_curve_save", exz_status, c_char_p, c_char_p, c_char_p, POINTER(exz_error)
)
exz_curve_load: Callable[..., int] = _waits(
    "exz_curve_load", exz_status, POINTER(c_char), POINTER(c_char), c_char_p, POINTER(exz_error)
)

EXZ_SECURITY_NONE = 0
EXZ_SECURITY_CURVE_CLIENT = 1
EXZ_SECURITY_CURVE_SERVER = 2
EXZ_SECURITY_PLAIN_CLIENT = 3
EXZ_SECURITY_PLAIN_SERVER = 4
EXZ_SECURITY_GUARDED = 5

EXZ_SECURITY_ANYBODY = 1


class exz_security(Structure):
    """The security of a socket."""

    _fields_ = (
        ("size", c_uint32),
        ("mechanism", c_int32),
        ("public_key", c_char_p),
        ("secret_key", c_char_p),
        ("server_key", c_char_p),
        ("username", c_char_p),
        ("password", c_char_p),
        ("flags", c_uint32),
    )


exz_security_init: Callable[..., int] = _instant("exz_security_init", exz_status, POINTER(exz_security))

# Sockets


class exz_socket(Structure):
    """A socket."""

    _fields_ = (("id", c_uint64),)


exz_socket_type = c_int32

EXZ_PAIR = 0
EXZ_PUB = 1
EXZ_SUB = 2
EXZ_REQ = 3
EXZ_REP = 4
EXZ_DEALER = 5
EXZ_ROUTER = 6
EXZ_PULL = 7
EXZ_PUSH = 8
EXZ_XPUB = 9
EXZ_XSUB = 10

EXZ_ON_FULL_DROP = 0
EXZ_ON_FULL_WAIT = 1

EXZ_WIRE_MULTIPART = 0
EXZ_WIRE_SPACE = 1

EXZ_HEARTBEAT_DEFAULT = -1


class exz_socket_options(Structure):
    """How a socket is set up."""

    _fields_ = (
        ("size", c_uint32),
        ("send_hwm", c_int32),
        ("receive_hwm", c_int32),
        ("linger_ms", c_int32),
        ("default_timeout_ms", c_int32),
        ("on_full", c_uint32),
        ("wire_form", c_uint32),
        ("heartbeat_interval_ms", c_int32),
        ("heartbeat_timeout_ms", c_int32),
        ("keepalive_ms", c_int32),
        ("max_message_size", c_int64),
        ("conflate", c_uint32),
        ("interruptible", c_uint32),
        ("send_buffer", c_int32),
        ("receive_buffer", c_int32),
        ("event_capacity", c_uint32),
        ("reserved", c_uint32),
        ("identity", c_void_p),
        ("identity_size", c_size_t),
        ("retry", exz_retry_policy),
        ("security", POINTER(exz_security)),
        ("ipc_mode", c_uint32),
    )


exz_socket_options_init: Callable[..., int] = _instant(
    "exz_socket_options_init", exz_status, POINTER(exz_socket_options)
)
exz_socket_options_check: Callable[..., int] = _instant(
    "exz_socket_options_check", exz_status, POINTER(exz_socket_options), exz_socket_type, POINTER(exz_error)
)
exz_socket_open: Callable[..., int] = _instant(
    "exz_socket_open", exz_status, POINTER(exz_socket), exz_context, exz_socket_type, POINTER(exz_socket_options)
)
exz_socket_set_options: Callable[..., int] = _instant(
    "exz_socket_set_options", exz_status, exz_socket, POINTER(exz_socket_options), POINTER(exz_error)
)
exz_socket_close: Callable[..., int] = _waits("exz_socket_close", exz_status, exz_socket, c_int32)
exz_socket_close_start: Callable[..., int] = _instant(
    "exz_socket_close_start", exz_status, POINTER(c_int), exz_socket, c_int32
)
exz_socket_cancel: Callable[..., int] = _instant("exz_socket_cancel", exz_status, exz_socket)
exz_socket_bind: Callable[..., int] = _waits(
    "exz_socket_bind", exz_status, exz_socket, c_char_p, c_int32, POINTER(exz_error)
)
exz_socket_bind_fd: Callable[..., int] = _instant(
    "exz_socket_bind_fd", exz_status, exz_socket, c_int32, POINTER(exz_error)
)

EXZ_CONNECT_BACKGROUND = 1

exz_socket_connect: Callable[..., int] = _waits(
    "exz_socket_connect", exz_status, exz_socket, c_char_p, c_uint32, c_int32, POINTER(exz_error)
)
exz_socket_unbind: Callable[..., int] = _instant("exz_socket_unbind", exz_status, exz_socket, c_char_p)
exz_socket_disconnect: Callable[..., int] = _instant("exz_socket_disconnect", exz_status, exz_socket, c_char_p)
exz_socket_endpoint: Callable[..., int] = _instant(
    "exz_socket_endpoint", exz_status, exz_socket, POINTER(c_char), c_size_t
)

exz_state = c_uint32

EXZ_STATE_IDLE = 0
EXZ_STATE_LISTENING = 1
EXZ_STATE_CONNECTING = 2
EXZ_STATE_READY = 3
EXZ_STATE_RECONNECTING = 4

exz_socket_state: Callable[..., int] = _instant("exz_socket_state", exz_status, POINTER(exz_state), exz_socket)


class exz_stats(Structure):
    """What a socket has done since it was opened."""

    _fields_ = (
        ("size", c_uint32),
        ("state", exz_state),
        ("messages_sent", c_uint64),
        ("bytes_sent", c_uint64),
        ("messages_received", c_uint64),
        ("bytes_received", c_uint64),
        ("sends_refused", c_uint64),
        ("timeouts", c_uint64),
        ("connect_attempts", c_uint64),
        ("reconnects", c_uint64),
        ("links_lost", c_uint64),
        ("peers_rejected", c_uint64),
        ("events_dropped", c_uint64),
        ("peers", c_uint32),
        ("last_error", exz_status),
        ("queues_dropped", c_uint64),
    )


exz_socket_stats: Callable[..., int] = _instant("exz_socket_stats", exz_status, POINTER(exz_stats), exz_socket)
exz_socket_set_int: Callable[..., int] = _instant("exz_socket_set_int", exz_status, exz_socket, c_int32, c_int64)
exz_socket_get_int: Callable[..., int] = _instant(
    "exz_socket_get_int", exz_status, POINTER(c_int64), exz_socket, c_int32
)
exz_socket_set_bytes: Callable[..., int] = _instant(
    "exz_socket_set_bytes", exz_status, exz_socket, c_int32, c_void_p, c_size_t
)
exz_socket_get_bytes: Callable[..., int] = _instant(
    "exz_socket_get_bytes", exz_status, POINTER(c_size_t), exz_socket, c_int32, c_void_p, c_size_t
)

# Messages

exz_send: Callable[..., int] = _waits("exz_send", exz_status, exz_socket, c_void_p, c_size_t, c_uint32, c_int32)
exz_recv: Callable[..., int] = _waits(
    "exz_recv", exz_status, POINTER(c_size_t), exz_socket, c_void_p, c_size_t, c_int32
)
exz_send_many: Callable[..., int] = _waits(
    "exz_send_many", exz_status, POINTER(c_size_t), exz_socket, c_void_p, POINTER(c_size_t), c_size_t, c_int32
)
exz_recv_many: Callable[..., int] = _waits(
    "exz_recv_many", exz_status, POINTER(c_size_t), exz_socket, c_void_p, c_size_t, POINTER(c_size_t), c_size_t, c_int32
)


class exz_part(Structure):
    """One part of a message to send."""

    _fields_ = (
        ("data", c_void_p),
        ("size", c_size_t),
    )


exz_send_parts: Callable[..., int] = _waits(
    "exz_send_parts", exz_status, exz_socket, POINTER(exz_part), c_size_t, c_int32
)

exz_send_owned_release = CFUNCTYPE(None, c_void_p, c_void_p)

exz_send_owned: Callable[..., int] = _waits(
    "exz_send_owned", exz_status, exz_socket, c_void_p, c_size_t, exz_send_owned_release, c_void_p, c_int32
)


class exz_buffer(Structure):
    """Memory of the caller's for one part of a message."""

    _fields_ = (
        ("data", c_void_p),
        ("capacity", c_size_t),
        ("size", c_size_t),
    )


exz_recv_parts: Callable[..., int] = _waits(
    "exz_recv_parts", exz_status, POINTER(c_size_t), exz_socket, POINTER(exz_buffer), c_size_t, c_int32
)


class exz_message(Structure):
    """A received message with its parts."""

    _fields_ = (("id", c_uint64),)


exz_recv_message: Callable[..., int] = _waits("exz_recv_message", exz_status, POINTER(exz_message), exz_socket, c_int32)
exz_message_count: Callable[..., int] = _instant("exz_message_count", exz_status, POINTER(c_size_t), exz_message)
exz_message_part: Callable[..., int] = _instant(
    "exz_message_part", exz_status, POINTER(c_void_p), POINTER(c_size_t), exz_message, c_size_t
)
exz_message_view: Callable[..., int] = _instant(
    "exz_message_view", exz_status, POINTER(c_void_p), POINTER(c_size_t), exz_message, c_size_t
)
exz_message_property: Callable[..., int] = _instant(
    "exz_message_property", exz_status, POINTER(c_char), c_size_t, exz_message, c_char_p
)
exz_send_message: Callable[..., int] = _waits("exz_send_message", exz_status, exz_socket, exz_message, c_int32)
exz_message_free: Callable[..., int] = _instant("exz_message_free", exz_status, exz_message)

# Requests

exz_request: Callable[..., int] = _waits(
    "exz_request",
    exz_status,
    POINTER(c_size_t),
    exz_socket,
    c_void_p,
    c_size_t,
    c_void_p,
    c_size_t,
    c_int32,
    POINTER(exz_error),
)
exz_request_idempotent: Callable[..., int] = _waits(
    "exz_request_idempotent",
    exz_status,
    POINTER(c_size_t),
    exz_socket,
    c_void_p,
    c_size_t,
    c_void_p,
    c_size_t,
    c_int32,
    POINTER(exz_error),
)

# Publish and subscribe

exz_publish: Callable[..., int] = _waits("exz_publish", exz_status, exz_socket, c_char_p, c_void_p, c_size_t, c_int32)
exz_publish_bytes: Callable[..., int] = _waits(
    "exz_publish_bytes", exz_status, exz_socket, c_void_p, c_size_t, c_void_p, c_size_t, c_int32
)
exz_subscribe: Callable[..., int] = _instant("exz_subscribe", exz_status, exz_socket, c_char_p)
exz_unsubscribe: Callable[..., int] = _instant("exz_unsubscribe", exz_status, exz_socket, c_char_p)
exz_recv_published: Callable[..., int] = _waits(
    "exz_recv_published",
    exz_status,
    POINTER(c_size_t),
    exz_socket,
    c_void_p,
    c_size_t,
    POINTER(c_size_t),
    c_size_t,
    c_int32,
)
exz_wait_subscribers: Callable[..., int] = _waits(
    "exz_wait_subscribers", exz_status, exz_socket, c_char_p, c_uint32, c_int32
)
exz_wait_subscribers_bytes: Callable[..., int] = _waits(
    "exz_wait_subscribers_bytes", exz_status, exz_socket, c_void_p, c_size_t, c_uint32, c_int32
)
exz_wait_subscribed: Callable[..., int] = _waits("exz_wait_subscribed", exz_status, exz_socket, c_int32)
exz_wait_peers: Callable[..., int] = _waits("exz_wait_peers", exz_status, exz_socket, c_uint32, c_int32)

# Events

exz_event_kind = c_uint32

EXZ_EVENT_CONNECTING = 1
EXZ_EVENT_HANDSHAKEN = 2
EXZ_EVENT_FAILED = 3
EXZ_EVENT_RETRY_IN = 4
EXZ_EVENT_LOST = 5
EXZ_EVENT_CLOSED = 6
EXZ_EVENT_LISTENING = 7
EXZ_EVENT_PEER_REJECTED = 8
EXZ_EVENT_SUBSCRIBER_JOINED = 9
EXZ_EVENT_SUBSCRIBER_LEFT = 10
EXZ_EVENT_QUEUE_DROPPED = 11
EXZ_EVENT_NO_AUTHENTICATOR = 12


class exz_event(Structure):
    """One event."""

    _fields_ = (
        ("size", c_uint32),
        ("kind", exz_event_kind),
        ("time_ns", c_int64),
        ("status", exz_status),
        ("sys_errno", c_int32),
        ("attempt", c_uint32),
        ("delay_ms", c_int32),
        ("count", c_uint32),
        ("topic_size", c_uint32),
        ("topic", c_char * 256),
        ("endpoint", c_char * 256),
        ("message", c_char * 256),
        ("peer", c_char * 128),
        ("identity_size", c_uint32),
        ("identity", c_char * 256),
        ("user_id", c_char * 256),
        ("public_key", c_char * 41),
    )


exz_next_event: Callable[..., int] = _waits("exz_next_event", exz_status, POINTER(exz_event), exz_socket, c_int32)
exz_event_name: Callable[..., bytes] = _instant("exz_event_name", c_char_p, exz_event_kind)

# Waiting for several

exz_socket_fd: Callable[..., int] = _instant("exz_socket_fd", exz_status, POINTER(c_int), exz_socket)
exz_socket_send_fd: Callable[..., int] = _instant("exz_socket_send_fd", exz_status, POINTER(c_int), exz_socket)

EXZ_POLL_IN = 1
EXZ_POLL_OUT = 2
EXZ_POLL_EVENT = 4


class exz_poll_item(Structure):
    """One thing to wait for together with others; {0} is nothing."""

    _fields_ = (
        ("socket", exz_socket),
        ("fd", c_int32),
        ("events", c_uint16),
        ("revents", c_uint16),
    )


exz_poll: Callable[..., int] = _waits("exz_poll", exz_status, POINTER(exz_poll_item), c_size_t, c_int32)

# Cancelling one thread's waits


class exz_canceler(Structure):
    """Ends the waits of the threads it is attached to, and nobody else's."""

    _fields_ = (("id", c_uint64),)


exz_canceler_open: Callable[..., int] = _instant("exz_canceler_open", exz_status, POINTER(exz_canceler))
exz_canceler_attach: Callable[..., int] = _instant("exz_canceler_attach", exz_status, exz_canceler)
exz_canceler_cancel: Callable[..., int] = _instant("exz_canceler_cancel", exz_status, exz_canceler)
exz_canceler_reset: Callable[..., int] = _instant("exz_canceler_reset", exz_status, exz_canceler)
exz_canceler_close: Callable[..., int] = _instant("exz_canceler_close", exz_status, exz_canceler)

# Forwarding


class exz_proxy(Structure):
    """Forwards messages between two sockets, on a thread of its own."""

    _fields_ = (("id", c_uint64),)


exz_proxy_open: Callable[..., int] = _instant(
    "exz_proxy_open", exz_status, POINTER(exz_proxy), exz_socket, exz_socket, exz_socket, POINTER(exz_error)
)
exz_proxy_pause: Callable[..., int] = _waits("exz_proxy_pause", exz_status, exz_proxy, c_int32)
exz_proxy_resume: Callable[..., int] = _instant("exz_proxy_resume", exz_status, exz_proxy)

exz_proxy_state = c_int32

EXZ_PROXY_FORWARDING = 1
EXZ_PROXY_PAUSED = 2
EXZ_PROXY_ENDED = 3


class exz_proxy_statistics(Structure):
    """What a proxy has done so far."""

    _fields_ = (
        ("size", c_uint32),
        ("state", exz_proxy_state),
        ("messages_to_back", c_uint64),
        ("bytes_to_back", c_uint64),
        ("messages_to_front", c_uint64),
        ("bytes_to_front", c_uint64),
        ("undeliverable", c_uint64),
        ("captured", c_uint64),
        ("capture_refused", c_uint64),
        ("waiting", c_uint64),
        ("reason", exz_status),
    )


exz_proxy_stats: Callable[..., int] = _instant("exz_proxy_stats", exz_status, POINTER(exz_proxy_statistics), exz_proxy)
exz_proxy_close: Callable[..., int] = _waits("exz_proxy_close", exz_status, exz_proxy, c_int32)

# Who may come in


class exz_authenticator(Structure):
    """Decides who may come in."""

    _fields_ = (("id", c_uint64),)


class exz_auth_request(Structure):
    """What there is to know of a peer that wants to come in."""

    _fields_ = (
        ("size", c_uint32),
        ("mechanism", c_int32),
        ("address", c_char_p),
        ("public_key", c_char_p),
        ("username", c_char_p),
        ("password", c_char_p),
        ("uid", c_int64),
        ("gid", c_int64),
        ("pid", c_int64),
    )


EXZ_USER_ID_SIZE = 256

exz_auth_decide = CFUNCTYPE(exz_status, c_void_p, POINTER(exz_auth_request), POINTER(c_char))


class exz_authenticator_options(Structure):
    """How an authenticator is set up."""

    _fields_ = (
        ("size", c_uint32),
        ("decision_timeout_ms", c_int32),
        ("decide", exz_auth_decide),
        ("user", c_void_p),
    )


exz_authenticator_options_init: Callable[..., int] = _instant(
    "exz_authenticator_options_init", exz_status, POINTER(exz_authenticator_options)
)
exz_authenticator_open: Callable[..., int] = _instant(
    "exz_authenticator_open", exz_status, POINTER(exz_authenticator), exz_context, POINTER(exz_authenticator_options)
)
exz_authenticator_allow_key: Callable[..., int] = _instant(
    "exz_authenticator_allow_key", exz_status, exz_authenticator, c_char_p, c_char_p
)

EXZ_AUTHENTICATOR_END_LINKS = 1

exz_authenticator_deny_key: Callable[..., int] = _instant(
    "exz_authenticator_deny_key", exz_status, exz_authenticator, c_char_p, c_uint32
)
exz_authenticator_allow_keys: Callable[..., int] = _waits(
    "exz_authenticator_allow_keys", exz_status, exz_authenticator, c_char_p, c_uint32
)
exz_authenticator_allow_address: Callable[..., int] = _instant(
    "exz_authenticator_allow_address", exz_status, exz_authenticator, c_char_p
)
exz_authenticator_deny_address: Callable[..., int] = _instant(
    "exz_authenticator_deny_address", exz_status, exz_authenticator, c_char_p
)
exz_authenticator_allow_user: Callable[..., int] = _instant(
    "exz_authenticator_allow_user", exz_status, exz_authenticator, c_uint32
)
exz_authenticator_allow_group: Callable[..., int] = _instant(
    "exz_authenticator_allow_group", exz_status, exz_authenticator, c_uint32
)
exz_authenticator_allow_password: Callable[..., int] = _instant(
    "exz_authenticator_allow_password", exz_status, exz_authenticator, c_char_p, c_char_p
)


class exz_authenticator_statistics(Structure):
    """What an authenticator has decided so far."""

    _fields_ = (
        ("size", c_uint32),
        ("pending", c_uint32),
        ("accepted", c_uint64),
        ("refused", c_uint64),
        ("refused_address", c_uint64),
        ("refused_user", c_uint64),
        ("refused_key", c_uint64),
        ("refused_password", c_uint64),
        ("refused_decision", c_uint64),
        ("refused_late", c_uint64),
        ("refused_busy", c_uint64),
        ("refused_other", c_uint64),
        ("late_decisions", c_uint64),
        ("keys", c_uint64),
        ("unreadable_files", c_uint64),
        ("key_changes", c_uint64),
    )


exz_authenticator_stats: Callable[..., int] = _instant(
    "exz_authenticator_stats", exz_status, POINTER(exz_authenticator_statistics), exz_authenticator
)

exz_authenticator_count = c_int32

EXZ_AUTHENTICATOR_COUNT_PENDING = 1
EXZ_AUTHENTICATOR_COUNT_ACCEPTED = 2
EXZ_AUTHENTICATOR_COUNT_REFUSED = 3
EXZ_AUTHENTICATOR_COUNT_REFUSED_ADDRESS = 4
EXZ_AUTHENTICATOR_COUNT_REFUSED_USER = 5
EXZ_AUTHENTICATOR_COUNT_REFUSED_KEY = 6
EXZ_AUTHENTICATOR_COUNT_REFUSED_PASSWORD = 7
EXZ_AUTHENTICATOR_COUNT_REFUSED_DECISION = 8
EXZ_AUTHENTICATOR_COUNT_REFUSED_LATE = 9
EXZ_AUTHENTICATOR_COUNT_REFUSED_BUSY = 10
EXZ_AUTHENTICATOR_COUNT_REFUSED_OTHER = 11
EXZ_AUTHENTICATOR_COUNT_LATE_DECISIONS = 12
EXZ_AUTHENTICATOR_COUNT_KEYS = 13
EXZ_AUTHENTICATOR_COUNT_UNREADABLE_FILES = 14
EXZ_AUTHENTICATOR_COUNT_KEY_CHANGES = 15

exz_authenticator_wait: Callable[..., int] = _waits(
    "exz_authenticator_wait", exz_status, exz_authenticator, exz_authenticator_count, c_uint64, c_int32
)
exz_authenticator_close: Callable[..., int] = _waits("exz_authenticator_close", exz_status, exz_authenticator, c_int32)

# Faults on purpose


class exz_fault_proxy(Structure):
    """A relay between a listening and a target endpoint, for tests of what a program does when connections fail."""

    _fields_ = (("id", c_uint64),)


exz_fault_kind = c_int32

EXZ_FAULT_DOWN = 1
EXZ_FAULT_BLACKHOLE = 2
EXZ_FAULT_RESET = 3
EXZ_FAULT_CLOSE = 4
EXZ_FAULT_LATENCY = 5
EXZ_FAULT_BANDWIDTH = 6
EXZ_FAULT_SLICE = 7
EXZ_FAULT_SLOW_CLOSE = 8
EXZ_FAULT_CORRUPT = 9
EXZ_FAULT_HTTP = 10
EXZ_FAULT_STALL = 11
EXZ_FAULT_HALF_OPEN = 12

EXZ_FAULT_BOTH = 0
EXZ_FAULT_TO_TARGET = 1
EXZ_FAULT_TO_CLIENT = 2


class exz_fault(Structure):
    """A fault, before it is added."""

    _fields_ = (
        ("size", c_uint32),
        ("kind", exz_fault_kind),
        ("direction", c_uint32),
        ("count", c_uint32),
        ("share", c_double),
        ("after_bytes", c_uint64),
        ("after_ms", c_int32),
        ("delay_ms", c_int32),
        ("jitter_ms", c_int32),
        ("pause_ms", c_int32),
        ("bytes_per_second", c_uint64),
        ("slice_bytes", c_uint32),
        ("slice_spread", c_uint32),
        ("flip_rate", c_double),
    )


exz_fault_init: Callable[..., int] = _instant("exz_fault_init", exz_status, POINTER(exz_fault))
exz_fault_check: Callable[..., int] = _instant("exz_fault_check", exz_status, POINTER(exz_fault), POINTER(exz_error))
exz_fault_proxy_open: Callable[..., int] = _waits(
    "exz_fault_proxy_open", exz_status, POINTER(exz_fault_proxy), c_char_p, c_char_p, c_uint64, POINTER(exz_error)
)
exz_fault_proxy_endpoint: Callable[..., int] = _instant(
    "exz_fault_proxy_endpoint", exz_status, exz_fault_proxy, POINTER(c_char), c_size_t
)
exz_fault_add: Callable[..., int] = _instant(
    "exz_fault_add", exz_status, POINTER(c_uint32), exz_fault_proxy, POINTER(exz_fault)
)
exz_fault_remove: Callable[..., int] = _instant("exz_fault_remove", exz_status, exz_fault_proxy, c_uint32)


class exz_fault_stats(Structure):
    """What a proxy has done."""

    _fields_ = (
        ("size", c_uint32),
        ("faults", c_uint32),
        ("seed", c_uint64),
        ("connections", c_uint64),
        ("open", c_uint64),
        ("failed", c_uint64),
        ("bytes_to_target", c_uint64),
        ("bytes_to_client", c_uint64),
        ("struck", c_uint64),
        ("target_status", exz_status),
        ("target_errno", c_int32),
    )


exz_fault_proxy_stats: Callable[..., int] = _instant(
    "exz_fault_proxy_stats", exz_status, POINTER(exz_fault_stats), exz_fault_proxy
)

exz_fault_count = c_int32

EXZ_FAULT_COUNT_CONNECTIONS = 1
EXZ_FAULT_COUNT_ENDED = 2
EXZ_FAULT_COUNT_FAILED = 3
EXZ_FAULT_COUNT_BYTES_TO_TARGET = 4
EXZ_FAULT_COUNT_BYTES_TO_CLIENT = 5
EXZ_FAULT_COUNT_STRUCK = 6

exz_fault_proxy_wait: Callable[..., int] = _waits(
    "exz_fault_proxy_wait", exz_status, exz_fault_proxy, exz_fault_count, c_uint64, c_int32
)
exz_fault_wait: Callable[..., int] = _waits("exz_fault_wait", exz_status, exz_fault_proxy, c_uint32, c_uint64, c_int32)
exz_fault_proxy_drop: Callable[..., int] = _instant("exz_fault_proxy_drop", exz_status, exz_fault_proxy)
exz_fault_proxy_close: Callable[..., int] = _waits("exz_fault_proxy_close", exz_status, exz_fault_proxy)

# For the Python package

exz_python_methods: Callable[..., int | None] = _instant("exz_python_methods", c_void_p)
