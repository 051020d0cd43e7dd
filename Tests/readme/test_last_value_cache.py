# SPDX-License-Identifier: Apache-2.0
"""The last-value caches of the examples, in both languages: who subscribes late has the state at once."""

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


class LastValueCache(WatchedTestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def check(self, command: list[str]) -> None:
        """The publisher is gone when the last one subscribes."""
        endpoints = [f"ipc://{self.folder}/{name}" for name in ("publishers", "subscribers")]
        cache = subprocess.Popen([*command, *endpoints], env=ENVIRONMENT)
        end: Callable[[], int] = cache.wait
        self.addCleanup(end)
        self.addCleanup(cache.kill)
        result = run([sys.executable, "-B", "-c", USE, *endpoints], env=ENVIRONMENT)
        self.assertEqual(result.stdout, "[('traffic', b'jam'), ('weather', b'sunny')]\n", result.stderr)

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
