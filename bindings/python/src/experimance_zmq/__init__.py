# SPDX-License-Identifier: Apache-2.0
"""ZeroMQ sockets that never hang and never lie.

    from experimance_zmq import Publisher, Subscriber

    with Publisher() as publisher, Subscriber() as subscriber:
        endpoint = publisher.bind("tcp://127.0.0.1:*")
        subscriber.subscribe("weather")
        subscriber.connect(endpoint, timeout=1)
        publisher.wait_subscribers("weather", timeout=1)
        publisher.publish("weather", b"sunny")
        topic, payload = subscriber.recv(timeout=1)

Every call that can wait takes a time-out in seconds and is back by then; without one it has the socket's default, one
second. A connect that succeeds is connected. A failure is a `ZMQSocketError` that says what, where, why and after how
many attempts. Retries follow one `RetryPolicy`. Any thread may use a socket at any time.
"""

from ._core import SocketType
from ._log import set_log_level
from ._message import Message
from ._socket import BaseSocket
from ._version import __version__
from ._zmq_version import zmq_version
from .authenticator import Authenticator, AuthRequest
from .authenticator_statistics import AuthenticatorCount, AuthenticatorStatistics
from .context import Context, shutdown
from .curve import CurveKeyPair, curve_keypair, curve_public_key, z85_decode, z85_encode
from .errors import (
    Status,
    ZMQAddressInUseError,
    ZMQAddressNotAvailableError,
    ZMQCanceledError,
    ZMQClosedError,
    ZMQExhaustedError,
    ZMQForkedError,
    ZMQHandleError,
    ZMQInternalError,
    ZMQInterruptedError,
    ZMQInvalidError,
    ZMQLimitError,
    ZMQNoMemoryError,
    ZMQNotSupportedError,
    ZMQPeerLostError,
    ZMQPermissionError,
    ZMQProtocolError,
    ZMQRefusedError,
    ZMQResolveError,
    ZMQSecurityError,
    ZMQSocketError,
    ZMQStateError,
    ZMQTimeoutError,
    ZMQTooLargeError,
    ZMQTooSmallError,
    ZMQUnreachableError,
    ZMQVersionError,
)
from .observing import Event, EventKind, State, Statistics
from .polling import Poll, poll
from .proxy import Proxy, ProxyState, ProxyStatistics
from .retry_policy import Jitter, RetryPolicy
from .retrying import Backoff, retry
from .security import CurveClient, CurveServer, Guarded, PlainClient, PlainServer, Security
from .socket_options import OnFull, SocketOptions, WireForm
from .sockets import Publisher, Puller, Pusher, Replier, Requester, Socket, Subscriber

__all__ = [
    "AuthRequest",
    "Authenticator",
    "AuthenticatorCount",
    "AuthenticatorStatistics",
    "Backoff",
    "BaseSocket",
    "Context",
    "CurveClient",
    "CurveKeyPair",
    "CurveServer",
    "Event",
    "EventKind",
    "Guarded",
    "Jitter",
    "Message",
    "OnFull",
    "PlainClient",
    "PlainServer",
    "Poll",
    "Proxy",
    "ProxyState",
    "ProxyStatistics",
    "Publisher",
    "Puller",
    "Pusher",
    "Replier",
    "Requester",
    "RetryPolicy",
    "Security",
    "Socket",
    "SocketOptions",
    "SocketType",
    "State",
    "Statistics",
    "Status",
    "Subscriber",
    "WireForm",
    "ZMQAddressInUseError",
    "ZMQAddressNotAvailableError",
    "ZMQCanceledError",
    "ZMQClosedError",
    "ZMQExhaustedError",
    "ZMQForkedError",
    "ZMQHandleError",
    "ZMQInternalError",
    "ZMQInterruptedError",
    "ZMQInvalidError",
    "ZMQLimitError",
    "ZMQNoMemoryError",
    "ZMQNotSupportedError",
    "ZMQPeerLostError",
    "ZMQPermissionError",
    "ZMQProtocolError",
    "ZMQRefusedError",
    "ZMQResolveError",
    "ZMQSecurityError",
    "ZMQSocketError",
    "ZMQStateError",
    "ZMQTimeoutError",
    "ZMQTooLargeError",
    "ZMQTooSmallError",
    "ZMQUnreachableError",
    "ZMQVersionError",
    "__version__",
    "curve_keypair",
    "curve_public_key",
    "poll",
    "retry",
    "set_log_level",
    "shutdown",
    "z85_decode",
    "z85_encode",
    "zmq_version",
]
