# SPDX-License-Identifier: Apache-2.0
"""README.md, taken apart."""

import re
import textwrap
from typing import NamedTuple

from surroundings import ROOT

TEXT = (ROOT / "README.md").read_text(encoding="utf-8")

_BLOCK = re.compile(r"^(?P<indent> *)```(?P<language>\w+)\n(?P<content>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    language: str
    content: str


def section(title: str) -> str:
    """What stands under a heading, up to the next heading of its level or a higher one."""
    heading = re.search(rf"^(#+) {re.escape(title)}$", TEXT, re.MULTILINE)
    if not heading:
        raise LookupError(f"README.md has no section {title!r}")
    rest = TEXT[heading.end() :]
    end = re.search(rf"^#{{1,{len(heading[1])}}} ", rest, re.MULTILINE)
    return rest[: end.start()] if end else rest


def subsections(title: str) -> list[str]:
    """The titles one level below."""
    return re.findall(r"^### (.+)$", section(title), re.MULTILINE)


def blocks(title: str) -> list[Block]:
    """The code blocks of a section, in their order."""
    return [
        Block(found["language"], textwrap.dedent(found["content"]).strip("\n"))
        for found in _BLOCK.finditer(section(title))
    ]


def block(title: str, language: str) -> str:
    """The only code block of a language in a section."""
    (content,) = (found.content for found in blocks(title) if found.language == language)
    return content


def table(title: str) -> list[list[str]]:
    """The rows of a section's table below its head."""
    rows = [line for line in section(title).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]
