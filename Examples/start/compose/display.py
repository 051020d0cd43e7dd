# SPDX-License-Identifier: Apache-2.0
"""display.py: prints the weather that is published at the endpoint in STATION, until it is told to end.

The name in it may stand for nothing yet, and for another address after a restart: its connection follows the name.
"""

import os
import signal
from types import FrameType

from experimance_zmq import Subscriber


def main() -> None:
    with Subscriber() as subscriber:

        def end(_number: int, _frame: FrameType | None) -> None:
            raise SystemExit(0)

        signal.signal(signal.SIGTERM, end)
        subscriber.subscribe("weather")
        subscriber.connect(os.environ["STATION"], background=True)
        for topic, reading in subscriber:
            print(f"{topic}: {reading.decode()}", flush=True)


if __name__ == "__main__":
    main()
