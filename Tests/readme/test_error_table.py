# SPDX-License-Identifier: Apache-2.0
"""The table of errors in README.md is that of the header, in the words of the library."""

import ctypes
import re
import unittest

from document import table
from surroundings import LIBRARY, ROOT
from watched import WatchedTestCase

_CONSTANT = re.compile(r"^ +(EXZ_OK|EXZ_ERR_\w+) = (-?\d+)", re.MULTILINE)


class ErrorTable(WatchedTestCase):
    def setUp(self) -> None:
        rows = table("Errors")
        self.rows = [(name.strip("`"), int(number), meaning, advice) for name, number, meaning, advice in rows]

    def test_names_and_numbers(self) -> None:
        header = (ROOT / "include" / "experimance_zmq.h").read_text(encoding="utf-8")
        declared = [(name, int(number)) for name, number in _CONSTANT.findall(header)]
        self.assertGreater(len(declared), 20)
        self.assertEqual([(name, number) for name, number, _, _ in self.rows], declared)

    def test_meanings(self) -> None:
        library = ctypes.CDLL(str(LIBRARY))
        library.exz_strerror.argtypes = [ctypes.c_int32]
        library.exz_strerror.restype = ctypes.c_char_p
        for name, number, meaning, _ in self.rows:
            with self.subTest(name):
                self.assertEqual(meaning, library.exz_strerror(number).decode())

    def test_each_has_advice(self) -> None:
        for name, _, _, advice in self.rows:
            with self.subTest(name):
                self.assertTrue(advice)


if __name__ == "__main__":
    unittest.main()
