# SPDX-License-Identifier: Apache-2.0
"""pusher.py ENDPOINT COUNT

Pushes COUNT finished images to whoever pulls; the last one says that it is the last. While nobody pulls, a send waits
and then says that the time was up: the image stays here and is sent again.
"""

import json
import os
import sys
import time

from experimance_zmq import Pusher
from journal import journal, journal_close, journal_events

SEND_TIMEOUT = 0.25
"""Seconds."""


def push(pusher: Pusher, image: dict[str, object]) -> None:
    """Sends an image, however long it takes until somebody pulls."""
    message = json.dumps(image).encode()
    while True:
        start = time.monotonic()
        try:
            return pusher.send(message, timeout=SEND_TIMEOUT)
        except TimeoutError:
            waited = time.monotonic() - start
            limits = f"limit_ms={SEND_TIMEOUT * 1000:.0f} waited_ms={waited * 1000:.3f}"
            journal("timeout", f"number={image['number']} {limits}")


def main(endpoint: str, count: int) -> None:
    pusher = Pusher()
    journal_events(pusher)
    pusher.bind(endpoint)
    for number in range(1, count + 1):
        push(pusher, {"type": "ImageReady", "sender": os.getpid(), "number": number, "last": number == count})
        journal("sent", f"sender={os.getpid()} number={number}")
    # Goes on sending what is queued, for a second at most.
    journal_close(pusher)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: pusher.py ENDPOINT COUNT")
    main(sys.argv[1], int(sys.argv[2]))
