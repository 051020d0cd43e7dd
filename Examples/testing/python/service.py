# SPDX-License-Identifier: Apache-2.0
"""A weather service for the tests."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from experimance_zmq import Replier


@contextmanager
def serving(endpoint: str) -> Iterator[str]:
    """Answers each question; its endpoint, with the real port."""

    def answer() -> None:
        for _question in replier:
            replier.send(b"sunny")

    with Replier() as replier:
        real = replier.bind(endpoint)
        thread = threading.Thread(target=answer)
        thread.start()
        yield real
    thread.join()
