# SPDX-License-Identifier: Apache-2.0
"""What is installed is found by a compiler that knows nothing of this checkout, and goes away again."""

import os
import subprocess
import tempfile
import unittest
from pathlib import Path

from document import block
from surroundings import BUILD, LIBRARY, ROOT, run
from watched import WatchedTestCase

HEADER = ROOT / "include" / "experimance_zmq.h"
# What an outer make, or who called it, would have an inner one do.
OTHERS = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "PREFIX", "DESTDIR", "INSTALL", "PKG_CONFIG_PATH", "LD_LIBRARY_PATH")
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in OTHERS}


class Installing(WatchedTestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def make(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return run(["make", "--no-print-directory", "-C", str(ROOT), *arguments], env=ENVIRONMENT)

    def files(self) -> dict[str, Path]:
        """What is in the folder, by its path there."""
        paths = (path for path in self.folder.rglob("*") if not path.is_dir())
        return {str(path.relative_to(self.folder)): path for path in paths}

    def asked(self, *question: str, **environment: str) -> str:
        """What pkg-config answers where no other package is known, libzmq neither."""
        result = run(["pkg-config", *question, "experimance_zmq"], env=ENVIRONMENT | environment)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout.strip()

    def test_commands(self) -> None:
        """Those of README.md, with a home of their own; `make` is called in the checkout."""
        (self.folder / "hello.c").write_text(block("C", "c"), encoding="utf-8")
        in_checkout = f"make() {{ command make --no-print-directory -C '{ROOT}' \"$@\"; }}\n"
        commands = in_checkout + block("Installing", "sh")
        result = run(["sh", "-ec", commands], cwd=self.folder, env=ENVIRONMENT | {"HOME": str(self.folder)})
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertEqual(result.stdout.splitlines()[-1], block("C", "text"))
        used = run(["ldd", "hello"], cwd=self.folder).stdout
        self.assertIn(str(self.folder / ".local" / "lib" / LIBRARY.name), used)

    def test_variables(self) -> None:
        """Everything goes where it is told to, beginning with DESTDIR, which no file remembers."""
        places = [
            f"DESTDIR={self.folder}",
            "PREFIX=/usr",
            "libdir=/usr/lib/triplet",
            "includedir=/opt/headers",
            "datadir=/opt/data",
            "mandir=/opt/manuals",
        ]
        self.assertEqual(self.make("install", *places).returncode, 0)
        files = self.files()
        pages = {path for path in files if path.startswith("opt/manuals/")}
        made = [path for section in ("man1", "man3") for path in (BUILD / "man" / section).iterdir()]
        self.assertEqual(pages, {f"opt/manuals/{path.parent.name}/{path.name}" for path in made})
        self.assertGreaterEqual(pages, {"opt/manuals/man1/exz-pub.1", "opt/manuals/man3/exz_socket_connect.3"})
        self.assertEqual(
            sorted(files.keys() - pages),
            [
                "opt/data/experimance_zmq/tsan.supp",
                "opt/headers/experimance_zmq.h",
                "usr/bin/exz",
                "usr/lib/triplet/cmake/ExperimanceZMQ/ExperimanceZMQConfig.cmake",
                "usr/lib/triplet/cmake/ExperimanceZMQ/ExperimanceZMQConfigVersion.cmake",
                "usr/lib/triplet/libexperimance_zmq.so",
                "usr/lib/triplet/libexperimance_zmq.so.0",
                "usr/lib/triplet/pkgconfig/experimance_zmq.pc",
            ],
        )
        self.assertEqual(files["opt/headers/experimance_zmq.h"].read_bytes(), HEADER.read_bytes())
        self.assertEqual(files["usr/lib/triplet/libexperimance_zmq.so.0"].read_bytes(), LIBRARY.read_bytes())
        self.assertEqual(str(files["usr/lib/triplet/libexperimance_zmq.so"].readlink()), LIBRARY.name)
        description = files["usr/lib/triplet/pkgconfig/experimance_zmq.pc"]
        self.assertNotIn(str(self.folder), description.read_text(encoding="utf-8"))
        here = {"PKG_CONFIG_LIBDIR": str(description.parent)}
        self.assertEqual(self.asked("--cflags", **here), "-I/opt/headers")
        self.assertEqual(self.asked("--libs-only-L", PKG_CONFIG_ALLOW_SYSTEM_LIBS="1", **here), "-L/usr/lib/triplet")
        self.assertEqual(self.asked("--libs-only-l", **here), "-lexperimance_zmq")

        self.assertEqual(self.make("uninstall", *places).returncode, 0)
        self.assertEqual(self.files(), {})

    def test_version(self) -> None:
        """That of the header, which README.md names, too."""
        self.assertEqual(self.make("install", f"PREFIX={self.folder}").returncode, 0)
        version = self.asked("--modversion", PKG_CONFIG_LIBDIR=str(self.folder / "lib" / "pkgconfig"))
        self.assertRegex(version, r"^\d+\.\d+\.\d+$")
        numbers = version.split(".")
        header = HEADER.read_text(encoding="utf-8")
        for name, number in zip(("MAJOR", "MINOR", "PATCH"), numbers, strict=True):
            self.assertIn(f"#define EXZ_VERSION_{name} {number}\n", header)
        readme = (ROOT / "README.md").read_text(encoding="utf-8")
        self.assertIn(f"- **Versions:** {version}, ", readme)

    def test_relative_path(self) -> None:
        """Nothing is written when the .pc file would say something else than is meant."""
        result = self.make("install", "PREFIX=somewhere", f"DESTDIR={self.folder}")
        self.assertEqual(result.returncode, 2)
        self.assertIn("have to begin with a slash", result.stderr)
        self.assertEqual(self.files(), {})


if __name__ == "__main__":
    unittest.main()
