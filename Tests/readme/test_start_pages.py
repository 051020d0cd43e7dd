# SPDX-License-Identifier: Apache-2.0
"""The pages for those who begin, or come from another library: their own examples run and print what they say."""

import re
import sys
import tempfile
import unittest
from pathlib import Path

from document import Document
from surroundings import CC, LIBRARY_FOLDER, ROOT, run
from test_python_page import ENVIRONMENT
from watched import WatchedTestCase

FILES = (path for folder in ("start", "from") for path in sorted((ROOT / "docs" / folder).glob("*.md")))
PAGES = [Document(str(path.relative_to(ROOT))) for path in FILES]
HEADER = (ROOT / "include" / "experimance_zmq.h").read_text(encoding="utf-8")
WARNINGS = ["-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]


class StartPages(WatchedTestCase):
    def test_pages(self) -> None:
        names = {page.name.removeprefix("docs/") for page in PAGES}
        self.assertGreaterEqual(names, {"start/c.md", "start/python.md", "start/swift.md"})
        self.assertGreaterEqual(names, {"from/pyzmq.md", "from/czmq.md", "from/nng.md"})
        for page in PAGES:
            self.assertEqual([link for link in page.broken_links() if not link.startswith("#")], [], page.name)

    def test_names(self) -> None:
        """What the pages name of the C interface is there."""
        for page in PAGES:
            for name in set(re.findall(r"\b(?:exz_[a-z_]+[a-z]|EXZ_[A-Z_]+[A-Z])\b", page.text)):
                self.assertRegex(HEADER, rf"\b{name}\b", page.name)

    def test_c(self) -> None:
        examples = [example for page in PAGES for example in page.examples("c")]
        self.assertGreaterEqual(len(examples), 2)
        for example in examples:
            with self.subTest(example.title), tempfile.TemporaryDirectory() as name:
                program = Path(name, "example")
                Path(name, "example.c").write_text(example.program, encoding="utf-8")
                linked = [f"-L{LIBRARY_FOLDER}", f"-Wl,-rpath,{LIBRARY_FOLDER}", "-lexperimance_zmq", "-pthread"]
                command = [*CC, *WARNINGS, f"-I{ROOT / 'include'}", f"{program}.c", "-o", str(program), *linked]
                built = run(command)
                self.assertEqual(built.returncode, 0, built.stderr)
                result = run([str(program)])
                self.assertEqual((result.returncode, result.stderr), (0, ""))
                self.assertEqual(result.stdout.splitlines(), example.output.splitlines())

    def test_python(self) -> None:
        examples = [example for page in PAGES for example in page.examples("python")]
        self.assertGreaterEqual(len(examples), 1)
        for example in examples:
            with self.subTest(example.title), tempfile.TemporaryDirectory() as name:
                result = run([sys.executable, "-B", "-c", example.program], cwd=name, env=ENVIRONMENT)
                self.assertEqual((result.returncode, result.stderr), (0, ""))
                self.assertEqual(result.stdout.splitlines(), example.output.splitlines())


if __name__ == "__main__":
    unittest.main()
