# SPDX-License-Identifier: Apache-2.0
"""README.md names what building fetches, and its licences."""

import re
import unittest

from document import section
from surroundings import BUILD, ROOT
from watched import WatchedTestCase

TEXT = " ".join(section("Platform, versions, licence").split())
URLS = re.findall(r'url: "([^"]+)"', (ROOT / "Package.swift").read_text(encoding="utf-8"))


class Building(WatchedTestCase):
    def test_packages(self) -> None:
        self.assertGreater(len(URLS), 0)
        self.assertEqual(sorted(re.findall(r"\((https://github\.com/[^)]+)\)", TEXT)), sorted(URLS))

    def test_licences(self) -> None:
        """Those of the packages, as they were fetched: the same, but not all have the exception."""
        names = [url.rpartition("/")[2] for url in URLS]
        licences = {name: (BUILD / "checkouts" / name / "LICENSE.txt").read_text(encoding="utf-8") for name in names}
        for name, licence in licences.items():
            self.assertRegex(licence, r"^\s*Apache License\s+Version 2\.0", name)
        excepted = [name for name, licence in licences.items() if "Runtime Library Exception" in licence]
        self.assertEqual(excepted, ["swift-collections"])
        self.assertIn("So are swift-log, swift-collections and the Swift runtime, ", TEXT)
        self.assertIn("; the last two with the Runtime Library Exception.", TEXT)


if __name__ == "__main__":
    unittest.main()
