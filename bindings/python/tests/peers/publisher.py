# SPDX-License-Identifier: Apache-2.0
"""publisher.py ENDPOINT TOPIC

Publishes with this library. Writes its endpoint when it is bound. Then it reads lines of a COUNT and a PAYLOAD: waits
for a subscriber of each of the topics TOPIC/0, TOPIC/1 … up to COUNT, publishes the payload to each, and writes
"published".
"""

import sys

from experimance_zmq import Publisher


def main(endpoint: str, topic: str) -> None:
    with Publisher(send_hwm=0) as publisher:
        print(publisher.bind(endpoint, timeout=30), flush=True)
        for line in sys.stdin:
            count, payload = line.split()
            topics = [f"{topic}/{number}" for number in range(int(count))]
            for each in topics:
                publisher.wait_subscribers(each, timeout=30)
            for each in topics:
                publisher.publish(each, payload.encode(), timeout=30)
            print("published", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
