# SPDX-License-Identifier: Apache-2.0
"""README.md and other pages, taken apart."""

import re
import textwrap
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from surroundings import ROOT

_BLOCK = re.compile(r"^(?P<indent> *)```(?P<language>\w+)\n(?P<content>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


class Block(NamedTuple):
    language: str
    content: str


class Example(NamedTuple):
    """A program, and what the page says it prints."""

    title: str
    program: str
    output: str


class Document:
    def __init__(self, name: str) -> None:
        self.name = name
        self.text = (ROOT / name).read_text(encoding="utf-8")

    def section(self, title: str) -> str:
        """What stands under a heading, up to the next heading of its level or a higher one."""
        heading = re.search(rf"^(#+) {re.escape(title)}$", self.text, re.MULTILINE)
        if not heading:
            raise LookupError(f"{self.name} has no section {title!r}")
        rest = self.text[heading.end() :]
        end = re.search(rf"^#{{1,{len(heading[1])}}} ", rest, re.MULTILINE)
        return rest[: end.start()] if end else rest

    def titles(self) -> list[str]:
        """All headings."""
        return _HEADING.findall(_without_comments_of_programs(self.text))

    def subsections(self, title: str) -> list[str]:
        """The titles one level below."""
        return re.findall(r"^### (.+)$", self.section(title), re.MULTILINE)

    def blocks(self, title: str) -> list[Block]:
        """The code blocks of a section, in their order."""
        return _blocks(self.section(title))

    def block(self, title: str, language: str) -> str:
        """The only code block of a language in a section."""
        (content,) = (found.content for found in self.blocks(title) if found.language == language)
        return content

    def table(self, title: str) -> list[list[str]]:
        """The rows of a section's table below its head."""
        rows = [line for line in self.section(title).splitlines() if line.startswith("|")]
        return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]

    def broken_links(self) -> list[str]:
        """Its links to files that are not there, and to headings that it does not have."""
        folder = (ROOT / self.name).parent
        links = (link for link in re.findall(r"\]\(([^)#]+)", self.text) if not link.startswith("https:"))
        headings = {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in self.titles()}
        anchors = re.findall(r"\]\(#([^)]+)\)", self.text)
        return [
            *(link for link in links if not (folder / link).exists()),
            *(f"#{anchor}" for anchor in anchors if anchor not in headings),
        ]

    def examples(self, language: str) -> Iterator[Example]:
        """The programs in a language on the page, each with the block of text that follows it."""
        pieces = _HEADING.split(_without_comments_of_programs(self.text))
        for title, piece in zip(pieces[1::2], pieces[2::2], strict=True):
            blocks = [*_blocks(piece), Block("", "")]
            for block, following in pairwise(blocks):
                if block.language == language:
                    yield Example(title, block.content, following.content if following.language == "text" else "")


def _blocks(text: str) -> list[Block]:
    return [Block(found["language"], textwrap.dedent(found["content"]).strip("\n")) for found in _BLOCK.finditer(text)]


def _without_comments_of_programs(text: str) -> str:
    """A line of a shell program that is a comment is no heading."""
    return re.sub(r"^```sh\n.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


README = Document("README.md")
section = README.section
subsections = README.subsections
blocks = README.blocks
block = README.block
table = README.table
