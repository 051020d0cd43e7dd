# SPDX-License-Identifier: Apache-2.0
"""A log that is published by pyzmq's handler, and read by another process."""

import zmq

from watched import HERE, PATIENCE, WatchedTest


class LogTests(WatchedTest):
    def test_who_subscribes_reads_the_log(self) -> None:
        self.assert_wanted_here()
        publisher = self.start(str(HERE / "log_publisher.py"))
        self.assert_is_wanted(publisher.line("backend"))
        with zmq.Context() as context, context.socket(zmq.SUB) as subscriber:
            subscriber.rcvtimeo = int(PATIENCE * 1000)
            subscriber.subscribe("program.")
            subscriber.connect(f"tcp://127.0.0.1:{publisher.line('port')}")
            received = [subscriber.recv_multipart() for _ in range(4)]
        levels, messages = zip(*received, strict=True)
        self.assertEqual(levels, (b"program.DEBUG", b"program.INFO", b"program.WARNING.storage", b"program.ERROR"))
        for message, part in zip(messages, (b"who looks closely", b"an apple", b"a pear", b"the end"), strict=True):
            self.assertIn(part, message)
        publisher.end()
