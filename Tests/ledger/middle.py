# SPDX-License-Identifier: Apache-2.0
"""middle.py FRONT_TYPE FRONT BACK_TYPE BACK FRONT_JOURNAL BACK_JOURNAL: the proxy in the middle of a flow.

It notes the events of its two sockets. Beside what a worker is told it is told to pause and to resume.
"""

import ctypes
import signal
import sys
import threading

from experimance_zmq import EventKind, OnFull, Proxy, Socket, SocketType, ZMQClosedError
from records import EVENT, EVENTS_DROPPED, LINKS_LOST, STATISTIC, Journal
from worker import OPTIONS, say


class Side:
    """A socket of the proxy, and what it was told."""

    def __init__(self, kind: str, endpoint: str, journal: str) -> None:
        options = OPTIONS | ({"on_full": OnFull.WAIT} if kind == "xpub" else {})
        self.socket = Socket(SocketType[kind.upper()], **options)
        self.endpoint = endpoint
        self.journal = Journal(journal)
        self._observer = threading.Thread(target=self._note_events)
        self._observer.start()

    def bind(self) -> None:
        self.socket.bind(self.endpoint, timeout=30)

    def _note_events(self) -> None:
        while True:
            try:
                event = self.socket.next_event(timeout=1)
            except TimeoutError:
                continue
            except ZMQClosedError:
                return
            kind = EventKind(event.kind)
            self.journal.append(EVENT, number=event.count, status=kind, time_ns=round(event.time * 1e9))

    def end(self) -> None:
        stats = self.socket.stats
        for which, number in ((LINKS_LOST, stats.links_lost), (EVENTS_DROPPED, stats.events_dropped)):
            self.journal.append(STATISTIC, number=number, status=which)
        self.socket.close(linger=20)
        self._observer.join()


def run(arguments: list[str]) -> None:
    front_type, front_endpoint, back_type, back_endpoint, *journals = arguments
    sides = Side(front_type, front_endpoint, journals[0]), Side(back_type, back_endpoint, journals[1])
    with Proxy(*(side.socket for side in sides)) as proxy:
        for side in sides:
            side.bind()
        say("ready")
        for line in sys.stdin:
            match line.strip():
                case "pause":
                    proxy.pause(timeout=30)
                case "resume":
                    proxy.resume()
                case "hush":
                    say("hushed")
                case "stop":
                    break
    for side in sides:
        side.end()


if __name__ == "__main__":
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    run(sys.argv[1:])
