# SPDX-License-Identifier: Apache-2.0
"""What the program is, and what it needs."""

import re
import subprocess
from pathlib import Path

from shell import ShellTestCase, program

HEADER = Path(__file__).resolve().parents[2] / "include" / "experimance_zmq.h"


class Version(ShellTestCase):
    def test_version_is_the_header_s(self) -> None:
        numbers = re.findall(
            r"^#define EXZ_VERSION_(?:MAJOR|MINOR|PATCH) +(\d+)$", HEADER.read_text(encoding="utf-8"), re.M
        )
        self.assert_done(self.exz("version"), f"exz {'.'.join(numbers)}\n")
        self.assert_done(self.exz("--version"), f"exz {'.'.join(numbers)}\n")

    def test_needs(self) -> None:
        """libzmq, and what every system has."""
        found = subprocess.run(["readelf", "-d", program()], stdout=subprocess.PIPE, text=True, check=True).stdout
        needed = set(re.findall(r"NEEDED.*\[(.*?)\.so", found))
        self.assertEqual(
            needed - {"ld-linux-x86-64", "ld-linux-aarch64"}, {"libzmq", "libc", "libm", "libstdc++", "libgcc_s"}
        )

    def test_is_hardened(self) -> None:
        """It is loaded anywhere, and its table of what is called elsewhere is made at the start and read-only then."""
        found = subprocess.run(["readelf", "-dlW", program()], stdout=subprocess.PIPE, text=True, check=True).stdout
        self.assertRegex(found, r"\(FLAGS_1\).*\bNOW\b.*\bPIE\b")
        self.assertIn("GNU_RELRO", found)

    def test_help(self) -> None:
        """For each command, on standard output."""
        commands = re.findall(r"^  ([a-z]+) {2,}\S", self.exz("--help").out, re.M)
        self.assertIn("push", commands)
        for command in commands:
            with self.subTest(command=command):
                ended = self.exz(command, "--help")
                self.assert_done(ended)
                self.assertIn(f"USAGE: exz {command}", ended.out)

    def test_completion(self) -> None:
        """Each shell understands its script."""
        for shell in ("bash -n", "zsh -n", "fish --no-execute"):
            with self.subTest(shell=shell):
                name = shell.split()[0]
                ended = self.shell(f"exz completion {name} >script && grep -c exz script >&2 && {shell} script")
                self.assertEqual((ended.status, ended.out), (0, ""), ended)
                self.assertGreater(int(ended.err), 10)
