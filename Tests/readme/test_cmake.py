# SPDX-License-Identifier: Apache-2.0
"""What `make install` has for CMake: a project finds the library, and not one of another version."""

import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path
from typing import ClassVar

from document import block
from surroundings import LIBRARY, ROOT, run
from watched import WatchedTestCase

# What an outer make, or who called it, would have an inner one or CMake do.
OTHERS = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "PREFIX", "DESTDIR", "INSTALL", "CMAKE_PREFIX_PATH", "LD_LIBRARY_PATH")
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in OTHERS}

PROJECT = """\
cmake_minimum_required(VERSION 3.25)
project(hello C CXX)
add_executable(hello hello.c)
{lines}
# Who finds it twice has it once.
find_package(ExperimanceZMQ REQUIRED)
add_executable(version version.cc)
target_link_libraries(version PRIVATE ExperimanceZMQ::experimance_zmq)
"""
VERSION = """\
#include <experimance_zmq.h>
#include <cstdio>
int main() { std::puts(exz_version_string()); }
"""
# Asked with -P: what it says of a version, without a compiler.
ASKED = """\
set(PACKAGE_FIND_VERSION {first})
{range}
include({file})
message(STATUS "${{PACKAGE_VERSION_COMPATIBLE}} ${{PACKAGE_VERSION_EXACT}}")
"""


class CMake(WatchedTestCase):
    folder: ClassVar[Path]
    installed: ClassVar[Path]

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        cls.installed = cls.folder / "installed"
        result = run(
            ["make", "--no-print-directory", "-C", str(ROOT), "install", f"PREFIX={cls.installed}"], env=ENVIRONMENT
        )
        assert result.returncode == 0, result.stderr

    def configured(self, name: str, prefix: Path, lines: str) -> subprocess.CompletedProcess[str]:
        """What CMake says of a project with these lines."""
        project = self.folder / name
        project.mkdir()
        (project / "CMakeLists.txt").write_text(PROJECT.format(lines=lines), encoding="utf-8")
        (project / "hello.c").write_text(block("C", "c"), encoding="utf-8")
        (project / "version.cc").write_text(VERSION, encoding="utf-8")
        return run(["cmake", "-S", ".", "-B", "out", f"-DCMAKE_PREFIX_PATH={prefix}"], cwd=project, env=ENVIRONMENT)

    def check(self, name: str, prefix: Path) -> None:
        """The project is built, and its programs find the library that was installed there."""
        result = self.configured(name, prefix, block("Installing", "cmake"))
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        out = self.folder / name / "out"
        result = run(["cmake", "--build", str(out)], env=ENVIRONMENT)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertEqual(run([str(out / "hello")], env=ENVIRONMENT).stdout.splitlines()[-1], block("C", "text"))
        self.assertEqual(run([str(out / "version")], env=ENVIRONMENT).stdout.strip(), self.version())
        self.assertIn(str(prefix / "lib" / LIBRARY.name), run(["ldd", str(out / "hello")], env=ENVIRONMENT).stdout)

    def version(self) -> str:
        """The one in the .pc file."""
        folder = {"PKG_CONFIG_LIBDIR": str(self.installed / "lib" / "pkgconfig")}
        return run(["pkg-config", "--modversion", "experimance_zmq"], env=ENVIRONMENT | folder).stdout.strip()

    def asked(self, first: str, last: str = "", *, included: bool = True) -> str:
        """Whether the version is one that `find_package(… first...last)` means, and exactly that one."""
        bounds = f"set(PACKAGE_FIND_VERSION_RANGE {first}...{last})\nset(PACKAGE_FIND_VERSION_MIN {first})\n"
        bounds += f"set(PACKAGE_FIND_VERSION_MAX {last})\n"
        bounds += f"set(PACKAGE_FIND_VERSION_RANGE_MAX {'INCLUDE' if included else 'EXCLUDE'})"
        # A copy that has a version to try this with, whichever the library has.
        script = self.folder / "asked.cmake"
        file = self.folder / "of-0.4.2.cmake"
        file.write_text(self.version_file().replace(f'"{self.version()}"', '"0.4.2"'), encoding="utf-8")
        script.write_text(ASKED.format(first=first, range=bounds if last else "", file=file), encoding="utf-8")
        result = run(["cmake", "-P", str(script)], env=ENVIRONMENT)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout.removeprefix("-- ").strip()

    def version_file(self) -> str:
        file = self.installed / "lib" / "cmake" / "ExperimanceZMQ" / "ExperimanceZMQConfigVersion.cmake"
        text = file.read_text(encoding="utf-8")
        self.assertIn(f'"{self.version()}"', text)
        return text

    def test_project(self) -> None:
        self.check("here", self.installed)

    def test_moved(self) -> None:
        """The files know no absolute path."""
        moved = self.folder / "moved"
        shutil.copytree(self.installed, moved, symlinks=True)
        for file in (moved / "lib" / "cmake" / "ExperimanceZMQ").iterdir():
            self.assertNotIn(str(self.folder), file.read_text(encoding="utf-8"))
        self.check("there", moved)

    def test_incomplete(self) -> None:
        """A file that is missing is named."""
        for name, missing in (("no-header", "include/experimance_zmq.h"), ("no-library", f"lib/{LIBRARY.name}")):
            prefix = self.folder / f"prefix-{name}"
            shutil.copytree(self.installed, prefix, symlinks=True)
            (prefix / missing).unlink()
            result = self.configured(name, prefix, block("Installing", "cmake"))
            self.assertNotEqual(result.returncode, 0)
            self.assertIn(f"{prefix / missing} is not there", " ".join(result.stderr.split()))

    def test_other_version(self) -> None:
        result = self.configured("later", self.installed, "find_package(ExperimanceZMQ 999 REQUIRED)")
        self.assertNotEqual(result.returncode, 0)
        self.assertIn(f"version: {self.version()}", result.stderr)

    def test_versions(self) -> None:
        """Until 1.0 the interface may change with the middle number."""
        for first, answer in (
            ("0.4", "TRUE FALSE"),
            ("0.4.1", "TRUE FALSE"),
            ("0.4.2", "TRUE TRUE"),
            ("0.4.3", "FALSE FALSE"),
            ("0.3", "FALSE FALSE"),
            ("0.3.9", "FALSE FALSE"),
            ("0.5", "FALSE FALSE"),
            ("1", "FALSE FALSE"),
        ):
            self.assertEqual(self.asked(first), answer, first)
        self.assertEqual(self.asked("0.2", "0.4.2"), "TRUE FALSE")
        self.assertEqual(self.asked("0.2", "0.4.2", included=False), "FALSE FALSE")
        self.assertEqual(self.asked("0.2", "0.5", included=False), "TRUE FALSE")
        self.assertEqual(self.asked("0.4.3", "0.5"), "FALSE FALSE")


if __name__ == "__main__":
    unittest.main()
