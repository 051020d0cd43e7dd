# SPDX-License-Identifier: Apache-2.0
"""What is generated from the header is what the header makes, and a difference is found."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from header import HEADER

ROOT = HEADER.parents[1]
DECLARATIONS = "bindings/python/src/experimance_zmq/_abi.py"
EXPORTS = "Sources/ExperimanceZMQABI/exports.map"
HEADER_NAME = "include/experimance_zmq.h"
FILES = [HEADER_NAME, DECLARATIONS, EXPORTS, "scripts/generate.py", "scripts/header.py"]

Generate = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A checkout with no more than what generating needs."""
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


@pytest.fixture
def generate(copy: Path) -> Generate:
    """Runs the copy's script."""

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-B", str(copy / "scripts/generate.py"), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    return run


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, old
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_generated_files_are_what_the_header_makes(generate: Generate) -> None:
    done = generate("--check")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("name", "old", "new", "differing"),
    [
        (DECLARATIONS, "EXZ_ERR_CLOSED = -3\n", "EXZ_ERR_CLOSED = -4\n", DECLARATIONS),
        (DECLARATIONS, '        ("attempts", c_uint32),\n', "", DECLARATIONS),
        (DECLARATIONS, '_waits("exz_send",', '_instant("exz_send",', DECLARATIONS),
        (EXPORTS, "    exz_recv;\n", "", EXPORTS),
        (EXPORTS, "    exz_recv;\n", "    exz_recv;\n    exz_secret;\n", EXPORTS),
        (HEADER_NAME, "EXZ_XSUB = 10\n", "EXZ_XSUB = 11\n", DECLARATIONS),
        (HEADER_NAME, "    char message[512];\n", "    char message[256];\n", DECLARATIONS),
        (HEADER_NAME, "exz_poll(exz_poll_item *items, size_t", "exz_poll(exz_poll_item *items, uint32_t", DECLARATIONS),
        (HEADER_NAME, "exz_version(void)", "exz_release(void)", f"{DECLARATIONS}, {EXPORTS}"),
    ],
    ids=[
        "a number in Python",
        "a field in Python",
        "the lock in Python",
        "an export too few",
        "an export too many",
        "a number in the header",
        "a field in the header",
        "a parameter in the header",
        "a function in the header",
    ],
)
def test_planted_difference_is_found_and_mended(
    name: str, old: str, new: str, differing: str, copy: Path, generate: Generate
) -> None:
    replace(copy / name, old, new)
    done = generate("--check")
    assert done.returncode == 1
    assert f"not what the header makes: {differing};" in done.stderr
    assert generate().returncode == 0
    assert generate("--check").returncode == 0


def test_missing_file_is_found(copy: Path, generate: Generate) -> None:
    (copy / EXPORTS).unlink()
    assert generate("--check").returncode == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("int32_t exz_version(void);", "int32_t exz_version(void) EXZ_PURE;"),
        ("#define EXZ_VERSION_MAJOR 0", '#define EXZ_VERSION_MAJOR "0"'),
        ("    int64_t time_ns;", "    int64_t times_ns[2][2];"),
        (" * Never waits. Since 0.1.\n */\nint32_t exz_version(", " * Since 0.1.\n */\nint32_t exz_version("),
    ],
    ids=["a function", "a macro", "a field", "how long it waits"],
)
def test_what_is_not_understood_is_not_passed_over(old: str, new: str, copy: Path, generate: Generate) -> None:
    replace(copy / HEADER_NAME, old, new)
    before = {name: (copy / name).read_bytes() for name in FILES}
    for arguments in ([], ["--check"]):
        done = generate(*arguments)
        assert done.returncode == 1
        assert "the header is not understood" in done.stderr
    assert {name: (copy / name).read_bytes() for name in FILES} == before
