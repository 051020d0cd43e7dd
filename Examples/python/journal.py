# SPDX-License-Identifier: Apache-2.0
"""Tells what an example program does, as the examples in C and Swift do.

One line for each thing that happens, at once, on standard output:

    81203.412345 connecting attempt=1 tcp://127.0.0.1:5555

The seconds are those of the monotonic clock, which all processes of a machine share.
"""

import sys
import threading
import time

from experimance_zmq import BaseSocket, Event, EventKind


def journal(what: str, details: str) -> None:
    """Writes a line about now."""
    _write_line(time.monotonic(), what, details)


def journal_events(socket: BaseSocket) -> None:
    """Writes about a socket's links from now on, until it is closed. All of a socket may be used from any thread."""

    def tell() -> None:
        for event in socket.events:
            _write_line(event.time, event.kind.name.lower(), _details(event))

    threading.Thread(target=tell, daemon=True).start()


def journal_close(socket: BaseSocket) -> None:
    """Closes a socket, and writes how long that took."""
    start = time.monotonic()
    socket.close()
    journal("closed", f"ms={(time.monotonic() - start) * 1000:.1f}")


def _details(event: Event) -> str:
    match event.kind:
        case EventKind.CONNECTING:
            return f"attempt={event.attempt} {event.endpoint}"
        case EventKind.RETRY_IN:
            return f"attempt={event.attempt} ms={event.delay * 1000:.0f}"
        case EventKind.HANDSHAKEN:
            return f"attempt={event.attempt} peers={event.count}"
        case EventKind.SUBSCRIBER_JOINED | EventKind.SUBSCRIBER_LEFT:
            return f"topic={event.topic} count={event.count}"
        case EventKind.FAILED | EventKind.LOST | EventKind.PEER_REJECTED | EventKind.QUEUE_DROPPED:
            return f"attempt={event.attempt} status=EXZ_ERR_{event.status.name} {event.message}"
        case _:
            return event.endpoint


def _write_line(seconds: float, what: str, details: str) -> None:
    # One write for the whole line: several threads may have something to say.
    sys.stdout.write(f"{seconds:.6f} {what} {details}\n")
    sys.stdout.flush()
