# SPDX-License-Identifier: Apache-2.0
"""The last-value caches of the examples, in both languages: who subscribes late has the state at once, and never goes
back to an older one."""

import os
import subprocess
import sys
import tempfile
import unittest
from collections.abc import Callable
from pathlib import Path

from surroundings import CC, LIBRARY, LIBRARY_FOLDER, PATIENCE, ROOT, run
from watched import WatchedTestCase

ENVIRONMENT = os.environ | {
    "PYTHONPATH": str(ROOT / "bindings" / "python" / "src"),
    "EXPERIMANCE_ZMQ_LIBRARY": str(LIBRARY),
}

# The publisher is gone when the last one subscribes.
USE = f"""
import sys
from experimance_zmq import Publisher, Subscriber

publishers, subscribers = sys.argv[1:]
with Publisher(default_timeout={PATIENCE}) as publisher:
    publisher.connect(publishers, background=True)
    publisher.wait_subscribers("weather")
    publisher.publish("weather", b"rain")
    publisher.publish("weather", b"sunny")
    publisher.publish("traffic", b"jam")
    for _ in range(3):
        with Subscriber(default_timeout={PATIENCE}) as late:
            late.connect(subscribers, background=True)
            late.subscribe("weather")
            # What is published meanwhile may come first.
            while late.recv() != ("weather", b"sunny"):
                pass
with Subscriber(default_timeout={PATIENCE}) as later:
    later.connect(subscribers, background=True)
    later.subscribe("")
    print(sorted(later.recv() for _ in range(2)))
"""

# Subscribers that come while the value changes. No more is published than the slowest of them has room for; what comes
# second after the end was told because of another one that came then, behind everything that was told before.
RACE = f"""
import math, sys, threading
from experimance_zmq import OnFull, Publisher, Subscriber

publishers, subscribers = sys.argv[1:]
progress = threading.Condition()
newest, went_back, is_over = [], [], threading.Event()

def publish():
    number = 0
    while not is_over.is_set():
        with progress:
            progress.wait_for(lambda: is_over.is_set() or not newest or number - min(newest) < 300)
        number += 1
        publisher.publish("weather", b"%d" % number)
    publisher.publish("weather", b"the last")

def read(late, place):
    times = 0
    while times < 2:
        value = late.recv()[1]
        number = math.inf if value == b"the last" else int(value)
        if number < newest[place]:
            went_back.append((newest[place], number))
        with progress:
            newest[place] = max(newest[place], number)
            progress.notify_all()
        times += number == math.inf

def subscribe():
    late = Subscriber(default_timeout={PATIENCE}, receive_hwm=0)
    late.connect(subscribers, background=True)
    late.subscribe("weather")
    return late

with Publisher(default_timeout={PATIENCE}, on_full=OnFull.WAIT) as publisher:
    publisher.connect(publishers, background=True)
    publisher.wait_subscribers("weather")
    publishing = threading.Thread(target=publish)
    publishing.start()
    readers, all_late = [], [subscribe() for _ in range(12)]
    for place, late in enumerate(all_late):
        first = int(late.recv()[1])
        with progress:
            newest.append(first)
        readers.append(threading.Thread(target=read, args=(late, place)))
        readers[-1].start()
    is_over.set()
    with progress:
        progress.notify_all()
    publishing.join()
    with progress:
        progress.wait_for(lambda: math.inf in newest)
    with subscribe() as after:
        while after.recv()[1] != b"the last":
            pass
        for reader in readers:
            reader.join()
    for late in all_late:
        late.close()
print(went_back)
"""


class LastValueCache(WatchedTestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def check(self, command: list[str]) -> None:
        for use, expected in ((USE, "[('traffic', b'jam'), ('weather', b'sunny')]\n"), (RACE, "[]\n")):
            with self.subTest(expected=expected):
                self.check_use(command, use, expected)

    def check_use(self, command: list[str], use: str, expected: str) -> None:
        endpoints = [f"ipc://{self.folder}/{name}" for name in ("publishers", "subscribers")]
        cache = subprocess.Popen([*command, *endpoints], env=ENVIRONMENT)
        end: Callable[[], int] = cache.wait
        self.addCleanup(end)
        self.addCleanup(cache.kill)
        result = run([sys.executable, "-B", "-c", use, *endpoints], env=ENVIRONMENT)
        self.assertEqual(result.stdout, expected, result.stderr)
        # The next one takes its place.
        cache.kill()
        cache.wait()

    def test_python(self) -> None:
        self.check([sys.executable, "-B", str(ROOT / "Examples" / "python" / "last_value_cache.py")])

    def test_c(self) -> None:
        program = self.folder / "last_value_cache"
        sources = [str(ROOT / "Examples" / "c" / name) for name in ("last_value_cache.c", "journal.c")]
        flags = ["-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]
        link = [f"-I{ROOT / 'include'}", f"-L{LIBRARY_FOLDER}", f"-Wl,-rpath,{LIBRARY_FOLDER}", "-lexperimance_zmq"]
        built = run([*CC, *flags, *sources, *link, "-o", str(program)])
        self.assertEqual(built.returncode, 0, built.stderr)
        self.check([str(program)])


if __name__ == "__main__":
    unittest.main()
