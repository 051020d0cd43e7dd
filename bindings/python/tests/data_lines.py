# SPDX-License-Identifier: Apache-2.0
"""Reads the cases that all languages are tested with: Tests/data, whose README.md has the form of the lines."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from experimance_zmq import Status

_CHECKOUT = Path(__file__).resolve().parent / "../../.."
_STATUSES = {f"EXZ_ERR_{status.name}" if status else "EXZ_OK": status for status in Status}
_LANGUAGES = re.compile(r"all|(?P<some>(?:c|swift|python)(?:,(?:c|swift|python))*): .+")
_ESCAPED = re.compile(
    r"(?P<empty>\\e)"
    r"|\\\{(?P<repeated>\\x[0-9A-F]{2}|\\\\|[^\\])\*(?P<times>[0-9]+)\}"
    r"|\\u(?P<surrogate>D[89A-F][0-9A-F]{2})"
    r"|(?P<bytes>(?:\\x[0-9A-F]{2})+)"
    r"|\\(?P<backslash>\\)"
    r"|(?P<plain>[^\\]+)"
)


@dataclass(frozen=True)
class DataLine:
    """A line that is tested in Python."""

    place: str
    columns: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.place}: {' | '.join(self.columns)}"[:100]

    def status(self, name: str) -> Status:
        """The status of that name."""
        assert name in _STATUSES, f"{self}: there is no status {name}"
        return _STATUSES[name]

    def text(self, written: str) -> str:
        """What the escapes stand for. Bytes that are not UTF-8 are text as the package takes it: lone surrogates."""
        result, end = [], 0
        while end < len(written):
            match = _ESCAPED.match(written, end)
            assert match, f"{self}: there is no such escape: {written[end:]}"
            end = match.end()
            if match["repeated"]:
                result.append(self.text(match["repeated"]) * int(match["times"]))
            elif match["surrogate"]:
                result.append(chr(int(match["surrogate"], 16)))
            elif match["bytes"]:
                result.append(bytes.fromhex(match["bytes"].replace(r"\x", "")).decode("utf-8", "surrogateescape"))
            else:
                result.append(match["backslash"] or match["plain"] or "")
        return "".join(result)


def data_lines(file: str, columns: int) -> list[DataLine]:
    """The lines of a file that are tested in Python. One that is broken is an error."""
    if not (_CHECKOUT / "Package.swift").exists():
        pytest.skip(f"{file} is in the checkout only, and {__file__} is in none", allow_module_level=True)
    text = (_CHECKOUT / "Tests" / "data" / file).read_text(encoding="ascii")
    assert text.endswith("\n"), f"{file} has no end of its last line"
    lines = []
    for number, written in enumerate(text.removesuffix("\n").split("\n"), 1):
        if not written or written.startswith("#"):
            continue
        line = DataLine(f"line {number} of {file}", tuple(written.split("\t")))
        assert len(line.columns) == columns, f"{line}: it has {len(line.columns)} columns, not {columns}"
        for column in line.columns:
            assert column != "", f"{line}: a column is empty"
            assert column == column.strip(" "), f"{line}: a column begins or ends with a space"
            assert column.isprintable(), f"{line}: there is another control character"
        languages = _LANGUAGES.fullmatch(line.columns[-1])
        assert languages, f"{line}: it does not say in which languages, and why not in others"
        if not languages["some"] or "python" in languages["some"].split(","):
            lines.append(line)
    assert lines, f"{file} has no line for Python"
    return lines
