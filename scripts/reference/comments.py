# SPDX-License-Identifier: Apache-2.0
"""What a comment of the header says, taken apart."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Paragraph:
    text: str


@dataclass(frozen=True)
class Bullets:
    items: tuple[str, ...]


@dataclass(frozen=True)
class Code:
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Heading:
    text: str


Block = Paragraph | Bullets | Code | Heading


@dataclass
class Comment:
    """A comment in its parts. Each of them may be empty."""

    summary: str = ""
    """The first thing it says: its first sentence, or what is before the first colon or semicolon."""
    sentence: str = ""
    """Its first sentence."""
    blocks: list[Block] = field(default_factory=list)
    parameters: list[tuple[str, str]] = field(default_factory=list)
    returned: str = ""
    waits: str = ""
    since: str = ""


def understood(text: str) -> Comment:
    """A comment of a function, of a type, or of a part of one."""
    comment = Comment()
    for lines in _pieces(text):
        first = lines[0]
        if first.startswith("@"):
            _tagged(comment, lines)
        elif first.startswith(("Never waits", "Waits at most")):
            comment.waits, _, comment.since = _joined(lines).rpartition("Since ")
            comment.waits, comment.since = comment.waits.strip(), comment.since.rstrip(".")
        else:
            comment.blocks.append(_block(lines))
    if comment.blocks and isinstance(comment.blocks[0], Paragraph):
        comment.sentence = re.split(r"\.(?=\s|$)", comment.blocks[0].text)[0]
        comment.summary = re.split(r"[.:;](?=\s|$)", comment.blocks[0].text)[0]
    return comment


@dataclass(frozen=True)
class Answers:
    """What a function returns, taken apart."""

    before: str
    """What is said before the first status."""
    statuses: tuple[tuple[tuple[str, ...], str], ...]
    """Statuses, and when they are returned; nothing where that goes without saying."""
    after: str
    """What is said behind the last."""


_STATUSES = re.compile(r"(EXZ_[A-Z_]+(?:(?:, or |, | or )EXZ_[A-Z_]+)*)[:,]?\s*")


def answers(returned: str) -> Answers:
    """The statuses in what is said behind `@return`."""
    before: list[str] = []
    after: list[str] = []
    statuses: list[tuple[tuple[str, ...], str]] = []
    for piece in re.split(r"; (?=EXZ_|otherwise |what `)", returned):
        if match := _STATUSES.match(piece):
            said, _, more = piece[match.end() :].partition(". ")
            statuses.append((tuple(re.findall(r"EXZ_[A-Z_]+", match[1])), said.rstrip(".")))
            after += [more] if more else []
        else:
            (after if statuses else before).append(sentence(piece))
    return Answers(" ".join(before), tuple(statuses), " ".join(after))


def sentence(text: str) -> str:
    """With a capital letter, unless it begins with a name, and a full stop."""
    begins_with_word = re.match(r"[a-z]+\b(?![_(\[])", text)
    return (text[0].upper() + text[1:] if begins_with_word else text) + ("" if text.endswith(".") else ".")


def _pieces(text: str) -> Iterator[list[str]]:
    """What stands between empty lines; lines that begin with a tag begin a piece, too."""
    piece: list[str] = []
    for line in [*text.split("\n"), ""]:
        if piece and (not line or line.startswith("@")):
            yield piece
            piece = []
        if line:
            piece.append(line)


def _tagged(comment: Comment, lines: list[str]) -> None:
    tag, _, rest = _joined(lines).partition(" ")
    if tag == "@param":
        name, _, said = rest.partition(" ")
        comment.parameters.append((name, said))
    elif tag == "@return":
        comment.returned = rest
    else:
        raise ValueError(f"a tag that is not known: {tag}")


def _block(lines: list[str]) -> Block:
    first = lines[0]
    if first.startswith("## "):
        return Heading(first.removeprefix("## "))
    if first.startswith("    "):
        return Code(tuple(line.removeprefix("    ") for line in lines))
    if first.startswith(" - "):
        return Bullets(tuple(_joined(item) for item in _items(lines)))
    return Paragraph(_joined(lines))


def _items(lines: list[str]) -> Iterator[list[str]]:
    item: list[str] = []
    for line in lines:
        if line.startswith(" - ") and item:
            yield item
            item = []
        item.append(line.removeprefix(" - "))
    yield item


def _joined(lines: list[str]) -> str:
    return " ".join(" ".join(lines).split())


NAME = re.compile(r"\b(?:exz_[a-z0-9_]*[a-z0-9](?:\(\))?|EXZ_[A-Z0-9_]*[A-Z0-9])")
CODE = re.compile(r"`([^`]+)`")


def names_in(text: str) -> list[str]:
    """What of the interface a text names, in its order."""
    return [name.removesuffix("()") for name in NAME.findall(text)]
