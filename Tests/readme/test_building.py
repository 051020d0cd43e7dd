# SPDX-License-Identifier: Apache-2.0
"""README.md names what building fetches, and its licences."""

import re
import unittest

from document import section
from surroundings import BUILD, LIBRARY, ROOT
from watched import WatchedTestCase

TEXT = " ".join(section("Platform, versions, licence").split())
MANIFEST = (ROOT / "Package.swift").read_text(encoding="utf-8")
OF_TRAITS = re.findall(r'url: "([^"]+)"', MANIFEST[MANIFEST.index("let ofTraits") : MANIFEST.index("let package")])
COMMAND_LINE = (ROOT / "CommandLine" / "Package.swift").read_text(encoding="utf-8")
URLS = [url for url in re.findall(r'url: "([^"]+)"', MANIFEST) if url not in OF_TRAITS]
#: What makes the documentation is in no library.
INSIDE = [url for url in URLS if not url.endswith("/swift-docc-plugin")]


class Building(WatchedTestCase):
    def test_packages(self) -> None:
        also = re.findall(r'url: "([^"]+)"', COMMAND_LINE)
        self.assertGreater(len(URLS), 0)
        self.assertGreater(len(also), 0)
        self.assertEqual(sorted(re.findall(r"\((https://github\.com/[^)]+)\)", TEXT)), sorted(URLS + also))

    def test_traits_are_not_in_the_library(self) -> None:
        """Symbols name the modules they are of."""
        library = LIBRARY.read_bytes()
        self.assertIn(b"$s7Logging", library)
        for module in (b"16ServiceLifecycle", b"11CoreMetrics", b"7Tracing", b"15Instrumentation", b"13Configuration"):
            self.assertNotIn(b"$s" + module, library)
        self.assertEqual(len(OF_TRAITS), len(re.findall(r"\.trait\(name:", MANIFEST)))

    def test_licences(self) -> None:
        """Those of the packages, as they were fetched: the same, but not all have the exception."""
        names = [url.rpartition("/")[2] for url in INSIDE]
        licences = {name: (BUILD / "checkouts" / name / "LICENSE.txt").read_text(encoding="utf-8") for name in names}
        for name, licence in licences.items():
            self.assertRegex(licence, r"^\s*Apache License\s+Version 2\.0", name)
        excepted = [name for name, licence in licences.items() if "Runtime Library Exception" in licence]
        self.assertEqual(excepted, ["swift-collections"])
        self.assertIn("So are swift-log, swift-collections and the Swift runtime, ", TEXT)
        self.assertIn("; the last two with the Runtime Library Exception.", TEXT)


if __name__ == "__main__":
    unittest.main()
