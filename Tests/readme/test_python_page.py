# SPDX-License-Identifier: Apache-2.0
"""The examples of the pages on Python run as they stand and print what those say; the names they mention exist."""

import os
import re
import sys
import tempfile
import unittest
from pathlib import Path

from document import Document
from surroundings import LIBRARY, ROOT, run
from watched import WatchedTestCase

PAGE = Document("docs/python.md")
PAGES = (PAGE, Document("bindings/python/README.md"))
ENVIRONMENT = os.environ | {
    "PYTHONPATH": str(ROOT / "bindings" / "python" / "src"),
    "EXPERIMANCE_ZMQ_LIBRARY": str(LIBRARY),
}


class PythonPage(WatchedTestCase):
    def test_examples(self) -> None:
        examples = [example for page in PAGES for example in page.examples("python")]
        self.assertGreater(len(examples), 8)
        for example in examples:
            with self.subTest(example.title), tempfile.TemporaryDirectory() as name:
                program = Path(name) / "example.py"
                program.write_text(example.program, encoding="utf-8")
                result = run([sys.executable, "-B", "-W", "error", str(program)], cwd=name, env=ENVIRONMENT)
                self.assertEqual(result.returncode, 0, result.stderr)
                self.assertEqual(result.stdout.splitlines(), example.output.splitlines())
                self.assertEqual(result.stderr, "")

    def test_modules(self) -> None:
        """The modules that the page speaks of are there."""
        for name in sorted(set(re.findall(r"\bexperimance_zmq\.([a-z][a-z_]+)\b", PAGE.text))):
            with self.subTest(name):
                found = ROOT / "bindings" / "python" / "src" / "experimance_zmq"
                self.assertTrue((found / f"{name}.py").exists() or (found / name / "__init__.py").exists())

    def test_links(self) -> None:
        """What the page links to is there."""
        self.assertEqual(PAGE.broken_links(), [])


if __name__ == "__main__":
    unittest.main()
