# SPDX-License-Identifier: Apache-2.0
"""What is read from the tables, and what is no table."""

import tempfile
import unittest
from pathlib import Path

from expected import BadTable, Expected, read_expected, read_own_skips, those
from outcomes import Outcome

VERSIONS = ("26.4.0", "27.3.0")


class TableTests(unittest.TestCase):
    def table(self, text: str) -> Path:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = Path(folder.name, "table.tsv")
        path.write_text(text, encoding="utf-8")
        return path

    def test_lines(self) -> None:
        read = read_expected(self.table("# a comment\na\tall\tfails\twhy\nb\t27.3.0\tuntried\twhy\n"), VERSIONS)
        self.assertEqual(read[0], Expected("a", VERSIONS, Outcome.FAILED, "why"))
        self.assertEqual(those(read, "27.3.0", Outcome.LEFT_OUT), ("b",))
        self.assertEqual(those(read, "26.4.0", Outcome.LEFT_OUT), ())

    def test_reasons_of_the_suite(self) -> None:
        self.assertEqual(read_own_skips(self.table("# a comment\ndraft\n")), {"draft"})

    def test_lines_that_make_no_sense(self) -> None:
        for line in (
            "a\tall\tfails",
            "a\tall\tfails\t",
            "a\t1.0\tfails\twhy",
            "a\tall\tsings\twhy",
            "a\tall\tfails\tw\tx",
        ):
            with self.subTest(line), self.assertRaises(BadTable):
                read_expected(self.table(line + "\n"), VERSIONS)

    def test_a_test_that_is_listed_twice(self) -> None:
        with self.assertRaises(BadTable):
            read_expected(self.table("a\tall\tfails\twhy\na\t27.3.0\tskips\twhy\n"), VERSIONS)
