# SPDX-License-Identifier: Apache-2.0
"""pyzmq_publisher.py ENDPOINT TOPIC

As publisher.py, with pyzmq.
"""

import sys

import zmq


def main(endpoint: str, topic: str) -> None:
    context = zmq.Context()
    publisher = context.socket(zmq.XPUB)
    publisher.setsockopt(zmq.SNDHWM, 0)
    publisher.setsockopt(zmq.RCVHWM, 0)
    publisher.bind(endpoint)
    print(publisher.getsockopt_string(zmq.LAST_ENDPOINT), flush=True)
    subscribed: set[str] = set()
    for line in sys.stdin:
        count, payload = line.split()
        topics = [f"{topic}/{number}" for number in range(int(count))]
        while not subscribed.issuperset(topics):
            notice = publisher.recv()
            if notice[0] == 1:
                subscribed.add(notice[1:].decode())
        for each in topics:
            publisher.send_multipart([each.encode(), payload.encode()])
        print("published", flush=True)
    context.destroy(linger=0)


if __name__ == "__main__":
    main(*sys.argv[1:])
