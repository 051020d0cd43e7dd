# SPDX-License-Identifier: Apache-2.0
"""What a program needs to run with the library, and to be looked at by the thread sanitizer."""

import os
import re
import tempfile
import unittest
from pathlib import Path

from surroundings import CC, LIBRARY_FOLDER, ROOT, run
from watched import WatchedTestCase

README = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
MEASURED = (ROOT / "Tests" / "C" / "test_needs.c").read_text(encoding="utf-8")
SUPPRESSIONS = ROOT / "share" / "experimance_zmq" / "tsan.supp"
PROGRAM = Path(__file__).parent / "orderly.c"


def measured(name: str) -> int:
    """A number that the test in C measures."""
    found = re.search(rf"#define {name} \(?(\d+)(?: << 10\))?\n", MEASURED)
    assert found is not None, name
    return int(found[1])


class Numbers(WatchedTestCase):
    def test_those_that_are_measured(self) -> None:
        for sentence in (
            f"{measured('THREADS_OF_A_CONTEXT')} threads for each context",
            f"{measured('DESCRIPTORS_OF_A_SOCKET')} descriptors for each socket",
            f"{measured('DESCRIPTORS_OF_A_WAIT')} more from its first wait for messages on",
            f"{measured('DESCRIPTORS_OF_AN_EVENT_LOOP')} each for `exz_socket_fd` and `exz_socket_send_fd`",
            f"a stack of {measured('STACK_OF_A_CALLER')} KiB",
        ):
            self.assertIn(sentence, README)


class ThreadSanitizer(WatchedTestCase):
    def report(self, *flags: str, suppressions: Path | None = SUPPRESSIONS) -> str | None:
        """The first thing the sanitizer says of the program: what it reports takes it seconds."""
        with tempfile.TemporaryDirectory() as folder:
            program = str(Path(folder) / "orderly")
            library = [f"-L{LIBRARY_FOLDER}", "-lexperimance_zmq", f"-Wl,-rpath,{LIBRARY_FOLDER}"]
            sources = [f"-I{ROOT / 'include'}", str(PROGRAM), "-o", program, *library]
            built = run([*CC, "-std=c11", "-g", "-O1", "-pthread", "-fsanitize=thread", *flags, *sources])
            self.assertEqual(built.returncode, 0, built.stderr)
            options = "halt_on_error=1" + (f":suppressions={suppressions}" if suppressions else "")
            # A kernel may place programs where the sanitizer has its own memory.
            result = run(["setarch", "--addr-no-randomize", program], env=os.environ | {"TSAN_OPTIONS": options})
            found = re.search(r"WARNING: ThreadSanitizer: (.*) \(pid=", result.stderr)
            self.assertEqual(result.returncode, 66 if found else 0, result.stderr)
            return found[1] if found else None

    def test_a_program_without_races(self) -> None:
        """With the suppressions nothing is reported; without them something is, or they would not be needed."""
        self.assertIsNone(self.report())
        self.assertEqual(self.report(suppressions=None), "data race")

    def test_a_race_of_the_programs_own(self) -> None:
        """It is found in spite of the suppressions."""
        self.assertEqual(self.report("-DDISORDERLY"), "data race")


if __name__ == "__main__":
    unittest.main()
