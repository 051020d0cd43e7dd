# SPDX-License-Identifier: Apache-2.0
"""That scripts/check-abi finds each kind of change that a program built before would notice, and no other."""

import platform
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HEADER = ROOT / "include" / "experimance_zmq.h"
DUMP = ROOT / "Tests" / "abi" / f"{platform.machine()}.abi"

_PATIENCE = 60
"""Seconds after which the script hangs."""

_RETRY_POLICY_BEGINS = "typedef struct exz_retry_policy {\n    /** sizeof(exz_retry_policy). */\n    uint32_t size;\n"


@unittest.skipUnless(DUMP.exists(), "nothing is stored for this kind of machine")
class CheckAbi(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def check(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(ROOT / "scripts" / "check-abi"), *arguments]
        return subprocess.run(command, text=True, capture_output=True, timeout=_PATIENCE, check=False)

    def with_header(self, old: str, new: str) -> subprocess.CompletedProcess[str]:
        """What it says of the header with this in the place of that."""
        text = HEADER.read_text(encoding="utf-8")
        self.assertEqual(text.count(old), 1, old)
        changed = self.folder / HEADER.name
        changed.write_text(text.replace(old, new), encoding="utf-8")
        return self.check("--header", str(changed))

    def finds(self, old: str, new: str, *said: str) -> None:
        result = self.with_header(old, new)
        self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
        for each in said:
            self.assertIn(each, result.stderr)
        self.assertTrue(result.stderr.endswith("then `make abi`\n"), result.stderr)

    def test_no_change(self) -> None:
        result = self.check()
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertRegex(result.stdout, r"^abi: \d+ symbols, ")

    def test_comment(self) -> None:
        result = self.with_header("/** sizeof(exz_retry_policy). */", "/** Another sentence. */")
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_result(self) -> None:
        self.finds("int32_t exz_version(void);", "int64_t exz_version(void);", "'function int32_t exz_version()'")

    def test_parameter(self) -> None:
        self.finds("exz_strerror(exz_status status);", "exz_strerror(uint64_t status);", "parameter 1", "uint64_t")

    def test_function_that_is_gone(self) -> None:
        self.finds("int32_t exz_version(void);", "", "1 Removed", "exz_version")

    def test_function_that_is_new(self) -> None:
        declared = "int32_t exz_version(void);"
        # One that has a version needs a line in the list of exports: here it has none, and is not seen by programs.
        result = self.with_header(declared, f"{declared}\nint32_t exz_brand_new(void);")
        self.assertEqual(result.returncode, 0, result.stderr)
        exports = self.folder / "exports.map"
        listed = (ROOT / "Sources" / "ExperimanceZMQABI" / "exports.map").read_text(encoding="utf-8")
        exports.write_text(listed.replace("global:\n", "global:\n    exz_brand_new;\n"), encoding="utf-8")
        result = self.check("--header", str(self.folder / HEADER.name), "--exports", str(exports))
        self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
        self.assertIn("1 Added function", result.stderr)

    def test_field_in_the_middle(self) -> None:
        new = _RETRY_POLICY_BEGINS + "    /** New. */\n    uint32_t added;\n"
        self.finds(_RETRY_POLICY_BEGINS, new, "'uint32_t added'", "max_attempts")

    def test_field_at_the_end(self) -> None:
        """It may well be right, as structs begin with their size; it is seen all the same."""
        end = "    uint64_t seed;\n} exz_retry_policy;"
        new = "    uint64_t seed;\n    /** New. */\n    uint64_t added;\n} exz_retry_policy;"
        self.finds(end, new, "'uint64_t added'")

    def test_number(self) -> None:
        self.finds("EXZ_ERR_TIMEOUT = -7", "EXZ_ERR_TIMEOUT = -1007", "EXZ_ERR_TIMEOUT", "-1007")

    def test_number_that_is_new(self) -> None:
        self.finds(
            "EXZ_ERR_INVALID = -1,", "EXZ_ERR_INVALID = -1,\n    /** New. */\n    EXZ_ERR_NEW = -999,", "EXZ_ERR_NEW"
        )

    def test_other_library(self) -> None:
        """The header promises what the library does not have."""
        program, library = self.folder / "other.c", self.folder / "libexperimance_zmq.so.0"
        program.write_text("int exz_version(void);\nint exz_version(void) { return 0; }\n", encoding="utf-8")
        compiler = shutil.which("gcc")
        assert compiler
        soname = f"-Wl,-soname={library.name}"
        subprocess.run([compiler, "-shared", "-fPIC", soname, str(program), "-o", str(library)], check=True)
        result = self.check("--library", str(library))
        self.assertEqual(result.returncode, 1, result.stdout)
        self.assertIn("exz_socket_connect EXPERIMANCE_ZMQ_0", result.stderr)
        self.assertIn(" exz_version func-type", result.stderr)

    def test_list_of_the_packages(self) -> None:
        """It has a line for each function, with the version that had it first."""
        text = (ROOT / "packaging" / "debian" / "libexperimance-zmq0.symbols").read_text(encoding="utf-8")
        listed = self.folder / "symbols"
        listed.write_text(text.replace(" exz_version@EXPERIMANCE_ZMQ_0 0.1.0\n", ""), encoding="utf-8")
        result = self.check("--symbols", str(listed))
        self.assertEqual(result.returncode, 1, result.stdout)
        self.assertIn("exz_version@EXPERIMANCE_ZMQ_0\n", result.stderr)

    def test_nothing_stored(self) -> None:
        """Said, as it is no comparison."""
        result = self.check("--dump", str(self.folder / "none.abi"))
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("not compared", result.stdout)


if __name__ == "__main__":
    unittest.main()
