# SPDX-License-Identifier: Apache-2.0
"""The words of a Swift source: no comments, no text of string literals, but what is interpolated there."""

import re
from typing import NamedTuple


class Token(NamedTuple):
    text: str
    line: int
    is_name: bool
    is_spaced: bool
    """Whether white space is before it: `a ?.b` and `a? .b` are not the same."""


_NAME = re.compile(r"`?([^\W\d]\w*)`?|[$#]\w+")
_NUMBER = re.compile(r"0[xbo][\w.]+|\d[\d_]*(?:\.\d[\d_]*)?(?:[eE][+-]?\d+)?")
_OPERATOR = re.compile(r"->|\.\.\.|\.\.<|[=!]==?|<=|>=|&&|\|\||\?\?|&[+\-*]=?|.")
_LITERAL = re.compile(r'(#*)("""|")')
_COMMENT = re.compile(r"/\*|\*/")


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def tokens(source: str) -> list[Token]:
    found: list[Token] = []
    _Lexer(source, found).read(0, None)
    return found


class _Lexer:
    def __init__(self, source: str, found: list[Token]) -> None:
        self.source = source
        self.found = found
        self.line = 1

    def read(self, start: int, closing: str | None) -> int:
        """Reads up to the parenthesis that closes an interpolation, or all; answers where it stopped."""
        source, at, depth, spaced = self.source, start, 0, True
        while at < len(source):
            letter = source[at]
            if letter.isspace():
                self.line += letter == "\n"
                at, spaced = at + 1, True
                continue
            if source.startswith("//", at):
                at, spaced = _end(source.find("\n", at), source), True
                continue
            if source.startswith("/*", at):
                at, spaced = self.skip_comment(at), True
                continue
            if literal := _LITERAL.match(source, at):
                at, spaced = self.read_literal(literal, spaced), False
                continue
            if name := _NAME.match(source, at):
                self.add(name[1] or name[0], True, spaced)
                at, spaced = name.end(), False
                continue
            other = (_NUMBER.match(source, at) if letter.isdigit() else None) or _OPERATOR.match(source, at)
            text = other[0] if other else letter
            depth += (text == "(") - (text == ")")
            self.add(text, False, spaced)
            at, spaced = at + len(text), False
            if text == closing and depth == 0:
                return at
        return at

    def add(self, text: str, is_name: bool, is_spaced: bool) -> None:
        self.found.append(Token(text, self.line, is_name, is_spaced))

    def skip_comment(self, start: int) -> int:
        depth, at = 0, start
        while mark := _COMMENT.search(self.source, at):
            depth += 1 if mark[0] == "/*" else -1
            at = mark.end()
            if depth == 0:
                break
        else:
            at = len(self.source)
        self.line += self.source.count("\n", start, at)
        return at

    def read_literal(self, opening: re.Match[str], spaced: bool) -> int:
        fence, quote = opening.groups()
        self.add('""', False, spaced)
        escape, end, at = "\\" + fence, quote + fence, opening.end()
        while at < len(self.source):
            if self.source.startswith(end, at):
                return at + len(end)
            if self.source.startswith(escape, at):
                at += len(escape)
                if self.source.startswith("(", at):
                    at = self.read(at, ")")
                    continue
                # What is escaped ends no literal; a line that goes on ends as any other.
                if not self.source.startswith("\n", at):
                    at += 1
                continue
            self.line += self.source.startswith("\n", at)
            at += 1
        return at


def _end(position: int, source: str) -> int:
    return len(source) if position < 0 else position


def brackets(found: list[Token]) -> dict[int, int]:
    """For each bracket where its counterpart is."""
    pairs: dict[int, int] = {}
    opened: list[int] = []
    for index, token in enumerate(found):
        if token.text in ("(", "[", "{"):
            opened.append(index)
        elif token.text in (")", "]", "}") and opened:
            pairs[index] = opened.pop()
            pairs[pairs[index]] = index
    for index in opened:
        pairs[index] = len(found) - 1
    return pairs
