# SPDX-License-Identifier: Apache-2.0
"""Reads the C header."""

import re
from dataclasses import dataclass
from pathlib import Path

HEADER = Path(__file__).resolve().parents[3] / "include" / "experimance_zmq.h"


@dataclass(frozen=True)
class Function:
    """A function the header declares."""

    name: str
    result: str
    parameters: tuple[str, ...]
    """The types."""
    documentation: str

    @property
    def never_waits(self) -> bool:
        return "Never waits" in self.documentation


@dataclass(frozen=True)
class Struct:
    """A struct the header declares."""

    name: str
    fields: tuple[tuple[str, str], ...]
    """Types and names."""


class Header:
    """Functions, structs and constants, each in the header's order."""

    def __init__(self) -> None:
        self._text = HEADER.read_text(encoding="utf-8")
        self._code = re.sub(r"/\*.*?\*/", "", self._text, flags=re.DOTALL)
        self.functions = tuple(self._functions())
        self.structs = tuple(self._structs())
        self.constants = dict(self._constants())
        self.macros = tuple(re.findall(r"^\s*#define (EXZ_\w+)", self._code, re.MULTILINE))

    def _functions(self) -> list[Function]:
        declaration = re.compile(
            r"/\*\*(?P<doc>(?:(?!\*/).)*)\*/\s*"
            r"(?P<result>(?:const (?:char|void) \*|\w+ ))(?P<name>exz_\w+)\((?P<list>[^;]*)\);",
            re.DOTALL,
        )
        return [
            Function(
                match["name"],
                _type(match["result"]),
                tuple(_parameters(match["list"])),
                " ".join(match["doc"].replace("*", " ").split()),
            )
            for match in declaration.finditer(self._text)
        ]

    def _structs(self) -> list[Struct]:
        return [
            Struct(match[2], tuple(_field(line) for line in match[1].split(";") if line.strip()))
            for match in re.finditer(r"typedef struct \w+ \{(.*?)\} (\w+);", self._code, re.DOTALL)
        ]

    def _constants(self) -> list[tuple[str, int]]:
        pattern = r"(?:#define (EXZ_\w+) \(?(-?\d+)u?\)?\s*$|(EXZ_\w+) = (-?\d+))"
        return [
            (match[1] or match[3], int(match[2] or match[4]))
            for match in re.finditer(pattern, self._code, re.MULTILINE)
        ]


def _type(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("*", " * ")).strip()


def _parameters(text: str) -> list[str]:
    text = re.sub(r"exz_status \(\*attempt\)\([^)]*\)", "exz_retry_attempt attempt", " ".join(text.split()))
    if text == "void":
        return []
    return [_type(re.sub(r"\w+$", "", parameter.strip())) for parameter in text.split(",")]


def _field(text: str) -> tuple[str, str]:
    match = re.fullmatch(r"\s*(.*?)(\w+)(\[\d+\])?\s*", text, re.DOTALL)
    assert match, text
    return _type(match[1]) + (match[3] or ""), match[2]
