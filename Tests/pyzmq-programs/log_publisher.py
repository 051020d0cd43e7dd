# SPDX-License-Identifier: Apache-2.0
"""`log_publisher.py`: a program whose log is published, by pyzmq's handler, to whoever subscribes."""

import logging

import zmq
from zmq.log.handlers import PUBHandler

from backend_used import backend_used


def main() -> None:
    print(f"backend {backend_used()}", flush=True)
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context.instance()
    # An XPUB tells when a subscription has come, so that nothing is published too early.
    publisher = context.socket(zmq.XPUB)
    port = publisher.bind_to_random_port("tcp://127.0.0.1")
    print(f"port {port}", flush=True)
    handler = PUBHandler(publisher)
    handler.setRootTopic("program")
    logger = logging.getLogger("watched")
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    logger.addHandler(handler)
    publisher.recv()
    logger.debug("a line for who looks closely")
    logger.info("an apple")
    logger.warning("storage::a pear")
    logger.error("the end")
    publisher.close()
    context.term()


if __name__ == "__main__":
    main()
