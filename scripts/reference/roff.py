# SPDX-License-Identifier: Apache-2.0
"""Text as roff has it, with the macros of man(7), which man-db and mandoc both read."""

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from .comments import CODE, NAME

WIDTH = 78
_SPECIAL = {"\\": "\\e", "±": "\\[+-]", "·": "\\[pc]", "…": "..."}


@dataclass(frozen=True)
class Edition:
    """What every page says at its edges."""

    version: str
    date: str


def filled(text: str, raw: bool = False) -> Iterator[str]:
    """A paragraph, each sentence from a new line on."""
    words = text if raw else marked(text)
    for piece in re.split(r"(?<=[.:?!])\s+(?=[A-Z\"(\\])", words):
        for line in textwrap.wrap(piece, WIDTH, break_long_words=False, break_on_hyphens=False):
            yield as_text(line)


def as_text(line: str) -> str:
    """A line that is no request."""
    return f"\\&{line}" if line.startswith((".", "'")) else line


def marked(text: str) -> str:
    """Names of the interface and what is in backticks are bold."""
    pieces = []
    for index, piece in enumerate(CODE.split(text)):
        shown = escaped(piece)
        pieces.append(f"\\fB{shown}\\fR" if index % 2 else NAME.sub(lambda name: f"\\fB{name[0]}\\fR", shown))
    return "".join(pieces)


def plain(text: str) -> str:
    """What is in backticks like the rest."""
    return escaped(text.replace("`", ""))


def escaped(text: str) -> str:
    """Every character as it stands."""
    text = "".join(_SPECIAL.get(character, character) for character in text)
    # What is typed as it stands: options and negative numbers.
    return re.sub(r"(?<![\w-])-(?=[\w-])|(?<=-)-", r"\\-", text)


def quoted(text: str) -> str:
    """One argument of a request."""
    return '"' + text.replace('"', "\\(dq") + '"'
