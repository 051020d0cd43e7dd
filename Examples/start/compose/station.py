# SPDX-License-Identifier: Apache-2.0
"""station.py: publishes the weather at the endpoint in STATION, a reading every PAUSE seconds, until it is told to
end.
"""

import itertools
import os
import signal
import threading

from experimance_zmq import Publisher

READINGS = ("sunny", "cloudy", "rain")


def main() -> None:
    told_to_end = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told_to_end.set())
    pause = float(os.environ.get("PAUSE", "1"))
    with Publisher() as publisher:
        print("publishing at", publisher.bind(os.environ["STATION"]), flush=True)
        for reading in itertools.cycle(READINGS):
            publisher.publish("weather", reading.encode())
            if told_to_end.wait(pause):
                return


if __name__ == "__main__":
    main()
