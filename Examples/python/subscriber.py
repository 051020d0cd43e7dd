# SPDX-License-Identifier: Apache-2.0
"""subscriber.py ENDPOINT

Receives render requests until the one that says it is the last. The publisher may start later than this program, and
may go away and come back meanwhile.
"""

import json
import sys

from experimance_zmq import Subscriber
from journal import journal, journal_close, journal_events


def main(endpoint: str) -> None:
    subscriber = Subscriber()
    journal_events(subscriber)
    subscriber.subscribe("RenderRequest")
    # Returns at once. Attempts go on in the background until there is a publisher, and again when it is lost; the
    # subscription comes back with every new connection.
    subscriber.connect(endpoint, background=True)

    is_last = False
    while not is_last:
        _topic, payload = subscriber.recv(timeout=30)
        request = json.loads(payload)
        journal("received", f"sender={request['sender']} number={request['number']}")
        is_last = request["last"]
    journal_close(subscriber)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: subscriber.py ENDPOINT")
    main(sys.argv[1])
