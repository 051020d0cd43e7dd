# SPDX-License-Identifier: Apache-2.0
"""The two services with keys, in each language with each other: whoever is allowed is heard and named, others are told.

Those in Swift are built with the programs of the pages (test_swift_pages.py), which also lets them meet the others.
"""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from surroundings import CC, LIBRARY, LIBRARY_FOLDER, PATIENCE, ROOT, run
from watched import WatchedTestCase

EXAMPLES = ROOT / "Examples"
ENVIRONMENT = os.environ | {
    "PYTHONPATH": str(ROOT / "bindings" / "python" / "src"),
    "EXPERIMANCE_ZMQ_LIBRARY": str(LIBRARY),
}
LONGEST = 30
"""Lines."""
MAKE_KEYS = """
import sys
from experimance_zmq import curve_keypair

folder = sys.argv[1]
for name in ("receiver", "camera", "stranger"):
    curve_keypair().save(f"{folder}/{name}")
"""


def build_in_c(name: str, folder: Path) -> list[str]:
    """Builds one of the examples in C; gives its command."""
    sources = [str(EXAMPLES / "c" / each) for each in (f"{name}.c", "journal.c")]
    flags = ["-std=c11", "-D_POSIX_C_SOURCE=200809L", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]
    link = [f"-I{ROOT / 'include'}", f"-L{LIBRARY_FOLDER}", f"-Wl,-rpath,{LIBRARY_FOLDER}", "-lexperimance_zmq"]
    built = run([*CC, *flags, *sources, *link, "-o", str(folder / name)])
    if built.returncode != 0:
        raise AssertionError(built.stderr)
    return [str(folder / name)]


def in_python(name: str) -> list[str]:
    return [sys.executable, "-B", str(EXAMPLES / "python" / f"{name}.py")]


class Meeting:
    """A folder with keys, in which services meet."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        made = run([sys.executable, "-B", "-c", MAKE_KEYS, str(folder)], env=ENVIRONMENT)
        if made.returncode != 0:
            raise AssertionError(made.stderr)
        (folder / "allowed").mkdir()
        (folder / "allowed" / "camera.key").write_bytes((folder / "camera.key").read_bytes())

    def of(self, receiver: list[str], sender: list[str]) -> tuple[str, str]:
        """What a stranger is told by the receiver, and what that says of the camera."""
        command = [*receiver, str(self.folder)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT) as process:
            try:
                assert process.stdout
                endpoint = process.stdout.readline().strip()
                told = [
                    run([*sender, str(self.folder), name, endpoint], env=ENVIRONMENT) for name in ("stranger", "camera")
                ]
                if told[1].returncode != 0 or told[1].stdout:
                    raise AssertionError(told[1].stdout + told[1].stderr)
                rest = process.stdout.read()
                if process.wait(PATIENCE) != 0:
                    raise AssertionError(f"the receiver ended with {process.returncode}")
                return told[0].stdout, rest
            finally:
                process.kill()


class KeyExamples(WatchedTestCase):
    def test_meetings(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            meeting = Meeting(folder)
            receivers = {"C": build_in_c("keys_receiver", folder), "Python": in_python("keys_receiver")}
            senders = {"C": build_in_c("keys_sender", folder), "Python": in_python("keys_sender")}
            for receiver in receivers:
                for sender in senders:
                    with self.subTest(receiver=receiver, sender=sender):
                        told, heard = meeting.of(receivers[receiver], senders[sender])
                        self.assertRegex(told, "^EXZ_ERR_SECURITY: connect to tcp://.* failed")
                        self.assertEqual(heard, "from camera\n")

    def test_they_are_short(self) -> None:
        found = [path for name in ("c/keys_*.c", "python/keys_*.py", "swift/keys-*/*") for path in EXAMPLES.glob(name)]
        self.assertEqual(len(found), 6)
        for path in found:
            with self.subTest(path.name):
                self.assertLessEqual(len(path.read_text(encoding="utf-8").splitlines()), LONGEST)


if __name__ == "__main__":
    unittest.main()
