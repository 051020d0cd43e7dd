# SPDX-License-Identifier: Apache-2.0
"""Reading what callgrind writes (its manual: "Callgrind Format Specification")."""

import re
from dataclasses import dataclass
from pathlib import Path

_NAME = re.compile(r"\((\d+)\)(?: (.*))?")


@dataclass(frozen=True)
class Call:
    """Calls of one function by another. An object is a program or a library."""

    caller_object: str
    callee: str
    count: int


@dataclass(frozen=True)
class Profile:
    instructions: int
    calls: tuple[Call, ...]


def read_profile(path: Path) -> Profile:
    names: dict[tuple[str, str], str] = {}

    def name(kind: str, text: str) -> str:
        """Names are written once, with a number, and referred to by the number from then on."""
        match = _NAME.match(text)
        if match is None:
            return text
        number, written = match.groups()
        if written is not None:
            names[kind, number] = written
        return names[kind, number]

    instructions: int | None = None
    calls: list[Call] = []
    here = callee = ""
    for line in path.read_text().splitlines():
        key, _, text = line.partition("=")
        match key:
            case "ob":
                here = name("object", text)
            case "cob":
                name("object", text)
            case "fn":
                name("function", text)
            case "cfn":
                callee = name("function", text)
            case "calls":
                calls.append(Call(here, callee, int(text.split()[0])))
            case _ if line.startswith("totals:"):
                instructions = int(line.split()[1])
    if instructions is None:
        raise ValueError(f"{path} has no totals")
    return Profile(instructions, tuple(calls))
