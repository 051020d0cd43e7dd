# SPDX-License-Identifier: Apache-2.0
"""last_value_cache.py PUBLISHERS SUBSCRIBERS

Stands between publishers and subscribers, and gives who subscribes late the last value of each topic at once.
"""

import sys

from experimance_zmq import EventKind, Poll, Publisher, Subscriber, poll

MOST_TOPICS = 100_000


def main(publishers: str, subscribers: str) -> None:
    front = Subscriber()
    back = Publisher(send_hwm=MOST_TOPICS, event_capacity=MOST_TOPICS)  # all that is told to one subscriber has to fit
    front.subscribe("")
    front.bind(publishers)
    back.bind(subscribers)
    values: dict[bytes, list[bytes]] = {}
    while True:
        ready = poll({front: Poll.IN, back: Poll.EVENT})
        if front in ready:
            parts = front.recv_parts()
            values[parts[0]] = parts
            # Who joins before it is sent gets it twice, and never an older one behind it.
            back.send_parts(parts)
        if back in ready and (event := back.next_event()).kind is EventKind.SUBSCRIBER_JOINED:
            for topic, parts in values.items():
                # Who has the topic already gets it again.
                if topic.startswith(event.topic.encode(errors="surrogateescape")):
                    back.send_parts(parts)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: last_value_cache.py PUBLISHERS SUBSCRIBERS")
    main(*sys.argv[1:])
