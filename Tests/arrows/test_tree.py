# SPDX-License-Identifier: Apache-2.0
"""What is planted in a copy of the real sources is found, and nothing else is said because of it."""

import re
import shutil
import unittest
from collections import Counter

from checkout import DOCUMENT, ENGINE, ROOT, Checkout

_ROW = re.compile(r"^\| `?(\w+)`? \| .* \|$", re.MULTILINE)


class Tree(unittest.TestCase):
    checkout: Checkout
    low: str
    """The room that may know nobody."""
    high: str
    """The room of the engine that nobody may know."""
    before: Counter[str]

    @classmethod
    def setUpClass(cls) -> None:
        cls.checkout = Checkout(cls)
        shutil.copytree(ROOT / "Sources", cls.checkout.root / "Sources")
        document = (ROOT / DOCUMENT).read_text(encoding="utf-8")
        cls.checkout.write(DOCUMENT, document)
        section = document.split("## Who may know whom")[1].split("\n## ")[0]
        rooms = _ROW.findall(section)[1:]
        cls.low, cls.high = rooms[0], next(room for room in reversed(rooms) if not room.startswith("Exp"))
        # So that there is something in the first and the last room.
        cls.checkout.write(f"{ENGINE}/{cls.low}/Nothing.swift", "")
        cls.checkout.write(f"{ENGINE}/{cls.high}/Nothing.swift", "")
        cls.before = Counter(cls.checkout.faults())

    def plant(self, file: str, text: str) -> str:
        self.addCleanup((self.checkout.root / f"{ENGINE}/{file}").unlink)
        self.checkout.write(f"{ENGINE}/{file}", text)
        return f"{ENGINE}/{file}"

    def assert_news(self, *expected: str) -> None:
        self.assertEqual(list((Counter(self.checkout.faults()) - self.before).elements()), list(expected))

    def test_back_arrow(self) -> None:
        planted = self.plant(f"{self.high}/Planted.swift", "extension Duration { var planted: Int { 0 } }")
        self.assert_news()
        digger = self.plant(f"{self.low}/Digger.swift", "func dig(_ time: Duration) -> Int {\n    time.planted\n}")
        self.assert_news(f"{digger}:2: {self.low} → {self.high}: uses Duration.planted (declared in {planted})")

    def test_circle_of_four(self) -> None:
        files = [f"{self.low}/Planted{number}.swift" for number in range(4)]
        for number, file in enumerate(files):
            self.plant(file, f"struct Planted{number} {{ let next: [Planted{(number + 1) % 4}] }}")
        arrows = [f"  {files[one]} → {files[(one + 1) % 4]}: Planted{(one + 1) % 4}" for one in range(4)]
        self.assert_news("circle of 4 files, where 3 are the most:", *arrows)

    def test_import(self) -> None:
        planted = self.plant(f"{self.low}/Planted.swift", "import CLinux\nimport CZeroMQ\n")
        self.assert_news(f"{planted}:2: {self.low} may not import CZeroMQ")

    def test_room_without_a_row(self) -> None:
        self.plant("Planted/Planted.swift", "struct Planted {}")
        self.assert_news(f"{DOCUMENT}: Planted has no row")


if __name__ == "__main__":
    unittest.main()
