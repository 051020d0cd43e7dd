# SPDX-License-Identifier: Apache-2.0
"""Every option of a socket that pyzmq has a name for, and what becomes of it: the one table.

docs/pyzmq.md shows it; a test compares the two.
"""

import enum
from typing import NamedTuple

from zmq.constants import SocketOption


class How(enum.Enum):
    """What is done with an option."""

    PASSED = "passed on"
    """It means what it means to libzmq, which has it."""
    OURS = "ours"
    """The engine's or this package's, with libzmq's meaning unless the note says otherwise."""
    TOLD = "no effect"
    """It can be set and read, has no effect, and the log says so once."""
    REFUSED = "refused"
    """An error, which says what to do."""


class Option(NamedTuple):
    """One row of the table."""

    name: str
    how: How
    usual: int | bytes | None = None
    """What it is until it is set, for those that are kept here."""
    note: str = ""
    """What differs, or what to use instead."""
    is_late: bool = False
    """Whether it changes something that is fixed with the first link."""


def _ours(name: str, usual: int | bytes | None, note: str = "", *, is_late: bool = False) -> Option:
    return Option(name, How.OURS, usual, note, is_late)


def _passed(*names: str, note: str = "") -> list[Option]:
    return [Option(name, How.PASSED, None, note) for name in names]


def _told(name: str, usual: int | bytes, note: str) -> Option:
    return Option(name, How.TOLD, usual, note)


def _refused(name: str, note: str) -> Option:
    return Option(name, How.REFUSED, None, note)


_NO_SUCH_SOCKET = "there is no socket of that type"
_NO_TRANSPORT = "there is no such transport"
_DRAFT = "a draft of libzmq, which no release has"

_ROWS: list[Option] = [
    # Read only
    _ours("RCVMORE", None, "whether the message that is being received has more frames"),
    _ours("FD", None, "edge-triggered as libzmq's; for reading and for room to send"),
    _ours("EVENTS", None),
    _ours("TYPE", None),
    _ours("LAST_ENDPOINT", None),
    _ours("THREAD_SAFE", 0, "0, as in libzmq; any thread may use a socket all the same"),
    *_passed("MECHANISM"),
    # Time
    _ours("RCVTIMEO", -1),
    _ours("SNDTIMEO", -1),
    _ours("LINGER", -1, "a second until it is set; -1 that is set is 24 days"),
    _ours(
        "RECONNECT_IVL",
        100,
        "until it is set, 100 ms doubled up to 250 ms, with jitter; -1 is told, not done",
        is_late=True,
    ),
    _ours("RECONNECT_IVL_MAX", 0, is_late=True),
    _ours("HANDSHAKE_IVL", 30_000, "bounds an attempt to connect; peers that are accepted have 5 s", is_late=True),
    _ours("CONNECT_TIMEOUT", 0, "bounds an attempt to connect, with its handshake", is_late=True),
    _ours("HEARTBEAT_IVL", 0, "none on ROUTER, REP and PAIR; no RCVHWM with it", is_late=True),
    _ours("HEARTBEAT_TIMEOUT", -1, "as long as HEARTBEAT_IVL until it is set", is_late=True),
    *_passed("HEARTBEAT_TTL", note="in milliseconds, 0 to 65535"),
    *_passed("TCP_MAXRT", note="a consumer that does not read for so long loses its link"),
    # Queues
    _ours("SNDHWM", 1000, "until the first bind or connect; afterwards told, not done", is_late=True),
    _ours("RCVHWM", 1000, "the same", is_late=True),
    _ours("MAXMSGSIZE", -1, "also for what is sent", is_late=True),
    _ours("CONFLATE", 0, "SUB, PUSH, PULL and DEALER; told on others, not done", is_late=True),
    _ours(
        "IMMEDIATE", 0, "until it is set, and at 1, a send waits until there is a peer; at 0 that is set it is queued"
    ),
    *_passed("SNDBUF", "RCVBUF", "BACKLOG"),
    # Patterns
    *_passed("ROUTING_ID", "SUBSCRIBE", "UNSUBSCRIBE", "PROBE_ROUTER"),
    _ours("ROUTER_MANDATORY", 0, "at 0 a message that can not be delivered is dropped, and the log says so once"),
    *_passed("ROUTER_HANDOVER", note="on until it is set"),
    _ours("REQ_RELAXED", 0, "brings REQ_CORRELATE with it", is_late=True),
    _ours("REQ_CORRELATE", 0, is_late=True),
    *_passed("XPUB_VERBOSE", "XPUB_VERBOSER", "XPUB_NODROP", "XPUB_MANUAL", "XPUB_WELCOME_MSG", "INVERT_MATCHING"),
    # Connections
    *_passed(
        "TCP_KEEPALIVE", "TCP_KEEPALIVE_CNT", "TCP_KEEPALIVE_IDLE", "TCP_KEEPALIVE_INTVL", note="on until it is set"
    ),
    *_passed("TOS", "BINDTODEVICE", "IPC_FILTER_PID", "IPC_FILTER_UID", "IPC_FILTER_GID", "TCP_ACCEPT_FILTER"),
    _told("IPV6", 0, "both families are used, as the address says"),
    _told("IPV4ONLY", 1, "the same"),
    _told("AFFINITY", 0, "every I/O thread of the context may have a connection: zmq.Context(io_threads=…)"),
    *_passed("RATE", "RECOVERY_IVL", "MULTICAST_HOPS", "MULTICAST_MAXTPDU", note="multicast can not be connected to"),
    # Security
    *_passed(
        "PLAIN_SERVER", "CURVE_SERVER", note="who may come in is the program's handler's to say; without one, all"
    ),
    *_passed("PLAIN_USERNAME", "PLAIN_PASSWORD", "CURVE_PUBLICKEY", "CURVE_SECRETKEY", "CURVE_SERVERKEY"),
    _ours("ZAP_DOMAIN", b"", "ZMTP 1 and 2 are refused without one, too"),
    *_passed("ZAP_ENFORCE_DOMAIN"),
    *_passed(
        "GSSAPI_SERVER",
        "GSSAPI_PRINCIPAL",
        "GSSAPI_SERVICE_PRINCIPAL",
        "GSSAPI_PLAINTEXT",
        "GSSAPI_PRINCIPAL_NAMETYPE",
        "GSSAPI_SERVICE_PRINCIPAL_NAMETYPE",
        note="where libzmq was built with it",
    ),
    # Refused
    _refused("HWM", "set SNDHWM and RCVHWM"),
    _refused("ROUTER_RAW", "only ZMTP 3 peers are talked to: use a socket of Python's"),
    _refused("STREAM_NOTIFY", _NO_SUCH_SOCKET),
    _refused(
        "CONNECT_ROUTING_ID", "give the peer's socket a ROUTING_ID: libzmq ends the process when one is used twice"
    ),
    _refused("USE_FD", "bind to an endpoint"),
    _refused("SOCKS_PROXY", "connections are made directly: connect to a tunnel's local end"),
    _refused("SOCKS_USERNAME", "the same"),
    _refused("SOCKS_PASSWORD", "the same"),
    _refused("RECONNECT_STOP", "a link is made again until it is ended: disconnect(endpoint)"),
    _refused("BLOCKY", "it is an option of contexts"),
    *(
        _refused(name, _NO_TRANSPORT)
        for name in (
            "VMCI_BUFFER_SIZE",
            "VMCI_BUFFER_MIN_SIZE",
            "VMCI_BUFFER_MAX_SIZE",
            "VMCI_CONNECT_TIMEOUT",
            "LOOPBACK_FASTPATH",
            "MULTICAST_LOOP",
            "WSS_KEY_PEM",
            "WSS_CERT_PEM",
            "WSS_TRUST_PEM",
            "WSS_HOSTNAME",
            "WSS_TRUST_SYSTEM",
            "NORM_MODE",
            "NORM_UNICAST_NACK",
            "NORM_BUFFER_SIZE",
            "NORM_SEGMENT_SIZE",
            "NORM_BLOCK_SIZE",
            "NORM_NUM_PARITY",
            "NORM_NUM_AUTOPARITY",
            "NORM_PUSH",
        )
    ),
    *(
        _refused(name, _DRAFT)
        for name in (
            "METADATA",
            "ROUTER_NOTIFY",
            "XPUB_MANUAL_LAST_VALUE",
            "IN_BATCH_SIZE",
            "OUT_BATCH_SIZE",
            "ONLY_FIRST_SUBSCRIBE",
            "HELLO_MSG",
            "DISCONNECT_MSG",
            "PRIORITY",
            "BUSY_POLL",
            "HICCUP_MSG",
            "XSUB_VERBOSE_UNSUBSCRIBE",
            "TOPICS_COUNT",
        )
    ),
]

# An older pyzmq has fewer names.
OPTIONS: dict[int, Option] = {int(SocketOption[row.name]): row for row in _ROWS if row.name in SocketOption.__members__}
"""The rows by their numbers."""
