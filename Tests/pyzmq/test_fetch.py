# SPDX-License-Identifier: Apache-2.0
"""An archive that can not be had, or is another one, is a failure and no empty suite."""

import contextlib
import io
import os
import tarfile
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from fetch import NotToBeHad, fetch_archive, unpack


class FetchTests(unittest.TestCase):
    def setUp(self) -> None:
        made = tempfile.TemporaryDirectory()
        self.addCleanup(made.cleanup)
        self.folder = Path(made.name)

    def archive(self, *names: str) -> Path:
        path = self.folder / "pyzmq-27.3.0.tar.gz"
        with tarfile.open(path, "w:gz") as made:
            for name in names:
                made.addfile(tarfile.TarInfo(f"pyzmq-27.3.0/{name}"), io.BytesIO())
        return path

    def fetch(self, shelf: Path) -> None:
        with mock.patch.dict(os.environ, PIP_NO_INDEX="1", PIP_FIND_LINKS=str(shelf)):
            fetch_archive("27.3.0", self.folder / "archive")

    def test_no_archive(self) -> None:
        with self.assertRaisesRegex(NotToBeHad, "archive of pyzmq 27.3.0(?s:.*)No matching distribution"):
            self.fetch(self.folder)

    def test_an_archive_with_another_checksum(self) -> None:
        shelf = self.archive("PKG-INFO", "tests/test_a.py", "pytest.ini").parent
        with self.assertRaisesRegex(NotToBeHad, "archive of pyzmq 27.3.0(?s:.*)DO NOT MATCH THE HASHES"):
            self.fetch(shelf)

    def test_only_the_tests_are_unpacked(self) -> None:
        target = self.folder / "suite"
        unpack(self.archive("PKG-INFO", "zmq/__init__.py", "tests/test_a.py", "pytest.ini"), target)
        found = sorted(str(path.relative_to(target)) for path in target.rglob("*") if path.is_file())
        self.assertEqual(found, ["pytest.ini", "tests/test_a.py"])

    def test_an_archive_without_tests(self) -> None:
        with self.assertRaisesRegex(NotToBeHad, "no tests"):
            unpack(self.archive("pytest.ini"), self.folder / "suite")

    def test_no_path_leads_out_of_the_folder(self) -> None:
        with contextlib.suppress(tarfile.FilterError, NotToBeHad):
            unpack(self.archive("tests/../../outside", "tests/test_a.py", "pytest.ini"), self.folder / "suite")
        self.assertFalse((self.folder / "outside").exists())
