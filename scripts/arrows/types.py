# SPDX-License-Identifier: Apache-2.0
"""Types as they are written in a Swift source."""

from arrows.declarations import TypeName
from arrows.tokens import Token, words

_PREFIXES = words("inout borrowing consuming sending any some isolated async throws rethrows nonisolated repeat each")
FUNCTION = ("->",)
"""The path of the type of any function; its arguments are what the function gets."""
_UNKNOWN = ("?",)


class TypeReader:
    """Reads one type, and knows afterwards where it ended."""

    def __init__(self, found: list[Token], pairs: dict[int, int], start: int) -> None:
        self.found = found
        self.pairs = pairs
        self.at = start

    def text(self, ahead: int = 0) -> str:
        index = self.at + ahead
        return self.found[index].text if index < len(self.found) else ""

    def skip_attribute(self) -> None:
        """Skips `@name` with its argument, which has no space before it."""
        self.at += 2
        while self.text() == "." and self.found[self.at + 1].is_name:
            self.at += 2
        if self.text() == "(" and not self.found[self.at].is_spaced:
            self.at = self.pairs[self.at] + 1

    def read(self) -> TypeName | None:
        while True:
            if self.text() == "@":
                self.skip_attribute()
            elif self.text() in _PREFIXES:
                self.at += 1
                if self.text() == "(" and self.text(-1) in ("throws", "nonisolated"):
                    self.at = self.pairs[self.at] + 1
            elif self.text() == "~":
                self.at += 1
            else:
                break
        start = self.at
        read = self.read_one()
        while self.text() in ("?", "!") and not self.found[self.at].is_spaced:
            self.at += 1
        if self.text() == "&":
            self.at += 1
            self.read()
            return TypeName(_UNKNOWN)
        before = self.at
        while self.text() in ("async", "throws", "rethrows"):
            self.at += 1
            if self.text() == "(" and self.text(-1) == "throws":
                self.at = self.pairs[self.at] + 1
        if self.text() == "->":
            self.at += 1
            self.read()
            return TypeName(FUNCTION, self.read_list(start))
        self.at = before
        return read

    def read_one(self) -> TypeName | None:
        if self.text() == "(":
            start, end = self.at + 1, self.pairs[self.at]
            inside = TypeReader(self.found, self.pairs, start)
            read = inside.read() if start < end else None
            self.at = end + 1
            return read if inside.at == end else TypeName(_UNKNOWN)
        if self.text() == "[":
            end = self.pairs[self.at]
            self.at += 1
            first = self.read()
            arguments: tuple[TypeName | None, ...] = (first,)
            if self.text() == ":":
                self.at += 1
                arguments = (first, self.read())
            self.at = end + 1
            return TypeName(("Dictionary",) if len(arguments) == 2 else ("Array",), arguments)
        if self.at >= len(self.found) or not self.found[self.at].is_name:
            return None
        path: list[str] = []
        arguments = ()
        while True:
            path.append(self.text())
            self.at += 1
            if self.text() == "<":
                arguments = self.read_arguments()
            if self.text() != "." or not self.found[self.at + 1].is_name:
                break
            self.at += 1
        if path[-1] in ("Type", "self"):
            return TypeName(tuple(path[:-1]), arguments, is_type_itself=True)
        return TypeName(tuple(path), arguments)

    def read_list(self, opening: int) -> tuple[TypeName | None, ...]:
        """The types in a parenthesis, with labels or without."""
        reader = TypeReader(self.found, self.pairs, opening + 1)
        types: list[TypeName | None] = []
        while self.found[opening].text == "(" and reader.at < self.pairs[opening]:
            for words_before in (2, 1):
                if reader.text(words_before) == ":":
                    reader.at += words_before + 1
                    break
            types.append(reader.read())
            reader.at += 1
        return tuple(types)

    def read_arguments(self) -> tuple[TypeName | None, ...]:
        arguments: list[TypeName | None] = []
        while self.text() in ("<", ","):
            self.at += 1
            arguments.append(self.read())
        if self.text() == ">":
            self.at += 1
        return tuple(arguments)
