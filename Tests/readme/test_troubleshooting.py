# SPDX-License-Identifier: Apache-2.0
"""Every message that the trouble-shooting of README.md shows is what the library prints in that trouble."""

import unittest

from document import blocks, subsections
from troubles import PROVOCATIONS, Troublemaker
from watched import WatchedTestCase
from wording import essence


class TroubleShooting(WatchedTestCase):
    maker: Troublemaker

    @classmethod
    def setUpClass(cls) -> None:
        cls.maker = Troublemaker()
        cls.addClassCleanup(cls.maker.close)

    def test_every_entry_is_provoked(self) -> None:
        self.assertEqual(subsections("Trouble-shooting"), list(PROVOCATIONS))

    def test_messages(self) -> None:
        for title, provocations in PROVOCATIONS.items():
            shown = [found.content for found in blocks(title) if found.language == "text"]
            self.assertEqual(len(shown), len(provocations), title)
            for message, provoke in zip(shown, provocations, strict=True):
                with self.subTest(title, provocation=provoke.__name__):
                    self.assertEqual(essence(provoke(self.maker)), essence(message))


if __name__ == "__main__":
    unittest.main()
