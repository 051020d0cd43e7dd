# SPDX-License-Identifier: Apache-2.0
"""last_value_cache.py PUBLISHERS SUBSCRIBERS

Stands between publishers and subscribers, and gives who subscribes late the last value of each topic at once.
"""

import sys

from experimance_zmq import Proxy, Socket, SocketType

XPUB_VERBOSE = 40  # of <zmq.h>: tells of each subscriber of a topic, and not of the first alone


def main(publishers: str, subscribers: str) -> None:
    front, back = Socket(SocketType.XSUB), Socket(SocketType.XPUB)
    # Without a limit: a copy that found no room would be a value nobody remembers.
    tap, copies = Socket(SocketType.PAIR, send_hwm=0), Socket(SocketType.PAIR, receive_hwm=0)
    back.set_option(XPUB_VERBOSE, 1)
    copies.connect(tap.bind("inproc://copies"))
    front.send(b"\x01")  # subscribes to everything, whoever has subscribed to what
    front.bind(publishers)
    back.bind(subscribers)
    values: dict[bytes, list[bytes]] = {}
    with Proxy(front, back, capture=tap):
        while True:
            try:
                topic, *rest = copies.recv_parts()
            except TimeoutError:
                continue
            if rest:
                values[topic] = [topic, *rest]
            elif topic.startswith(b"\x01"):  # somebody has subscribed; who has the topic already gets it again
                for value in [value for name, value in values.items() if name.startswith(topic[1:])]:
                    back.send_parts(value)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: last_value_cache.py PUBLISHERS SUBSCRIBERS")
    main(*sys.argv[1:])
