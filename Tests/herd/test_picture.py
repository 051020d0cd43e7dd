# SPDX-License-Identifier: Apache-2.0
"""The picture has what the herds did, for who sees it and for who has it read."""

import unittest
from xml.etree import ElementTree

from judge import figures
from picture import as_svg, bars, counts, ticks
from record import Record
from test_judge import spread

SVG = "{http://www.w3.org/2000/svg}"


class Pictures(unittest.TestCase):
    def setUp(self) -> None:
        self.records = [spread(1), spread(2)]
        self.root = ElementTree.fromstring(as_svg(self.records))

    def test_has_the_figures_of_each_herd(self) -> None:
        texts = ["".join(each.itertext()) for each in self.root.iter(f"{SVG}text")]
        for record in self.records:
            for line in (record.name, *figures(record)):
                self.assertIn(line, texts)
        self.assertEqual(texts.count("attempts in 10 ms"), 2)
        self.assertEqual(texts.count("seconds since the server was killed"), 2)
        self.assertEqual(texts.count("the server is back"), 2)

    def test_tells_who_does_not_see_it(self) -> None:
        self.assertEqual(self.root.attrib["role"], "img")
        told = self.root.find(f"{SVG}desc")
        assert told is not None
        for record in self.records:
            self.assertIn(figures(record)[1], told.text or "")

    def test_names_are_text(self) -> None:
        record = Record("<a> & b", 1, 100, 1000, 100, (), 0, 0)
        texts = [each.text for each in ElementTree.fromstring(as_svg([record])).iter(f"{SVG}text")]
        self.assertIn("<a> & b", texts)

    def test_nothing_lies_outside(self) -> None:
        width, height = (float(each) for each in self.root.attrib["viewBox"].split()[2:])
        for text in self.root.iter(f"{SVG}text"):
            if "x" in text.attrib:
                self.assertTrue(0 <= float(text.attrib["x"]) <= width)
                self.assertTrue(0 <= float(text.attrib["y"]) <= height)

    def test_counts(self) -> None:
        record = self.records[0]
        self.assertEqual(len(counts(record)), 500)
        self.assertEqual(sum(counts(record)), len(record.attempts()))

    def test_bars(self) -> None:
        self.assertEqual(bars([0, 2, 2, 1], 5, 10), "M0 0H5.00V-20.0H15.00V-10.0H20.00V0.0Z")

    def test_ticks(self) -> None:
        self.assertEqual(ticks(128, 4), [0, 50, 100])
        self.assertEqual(ticks(10.2, 12), list(range(11)))
        self.assertEqual(ticks(1, 4), [0, 0.5, 1])
        for limit in range(1, 2000, 7):
            self.assertLessEqual(len(ticks(limit, 4)), 5)
            self.assertGreaterEqual(len(ticks(limit, 4)), 2)


if __name__ == "__main__":
    unittest.main()
