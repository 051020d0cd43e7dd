# SPDX-License-Identifier: Apache-2.0
"""What the words of a source are by where they stand, whatever their names mean."""

from arrows.names import arguments
from arrows.source import Source
from arrows.tokens import words

_KEYWORDS = words(
    """
    _ any as async await borrowing break case catch class consume consuming continue convenience copy default defer
    deinit didSet discard do each else enum extension fallthrough fileprivate final for func get guard if import in
    indirect infix init inout internal is isolated lazy let mutating nil nonisolated nonmutating open operator optional
    override package postfix prefix private protocol public repeat required rethrows return sending set some static
    struct subscript super switch throw throws true false try typealias unowned unsafe var weak where while willSet
    yield
    """
)
# After these words a point begins a name without a receiver.
_NO_VALUE = _KEYWORDS - {"nil", "true", "false", "super", "init"}


class Places:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.found = source.found
        self.pairs = source.pairs

    def text(self, index: int) -> str:
        return self.found[index].text if 0 <= index < len(self.found) else ""

    def begins_chain(self, at: int) -> bool:
        token = self.found[at]
        if token.text == ".":
            return at + 1 < len(self.found) and self.found[at + 1].is_name
        return token.is_name and at not in self.source.own and token.text not in _KEYWORDS and not self.is_label(at)

    def is_label(self, at: int) -> bool:
        if self.text(at + 1) != ":" or self.text(at - 1) not in ("(", ","):
            return False
        opening = at - 1
        while opening >= 0 and self.text(opening) not in ("(", "[", "{"):
            opening = self.pairs[opening] - 1 if self.text(opening) in (")", "]", "}") else opening - 1
        return self.text(opening) == "("

    def given_names(self) -> frozenset[str]:
        """What this file names by itself: variables, parameters, labels, also those of tuples."""
        names = {self.text(at) for at in self.source.own}
        for at in range(1, len(self.found) - 1):
            if self.found[at].is_name and self.text(at + 1) == ":" and self.text(at - 1) in ("(", ","):
                names.add(self.text(at))
        return frozenset(names)

    def ends_value(self, at: int) -> bool:
        """Whether what is before a point is a value, and the point no beginning."""
        before = self.found[at - 1] if at else None
        if before is None:
            return False
        if before.text in ("?", "!"):
            return not before.is_spaced
        return before.text in (")", "]", "}", '""') or (before.is_name and before.text not in _NO_VALUE)

    def is_whole(self, after: int) -> bool:
        """Whether a chain that ends before a token is all of the value, or the part that tells its type."""
        if after >= len(self.found):
            return True
        token, last = self.found[after], self.found[after - 1]
        return token.text in ("}", ")", "]", ",", "{", "else", "??", ";") or token.line > last.line

    def after_call(self, at: int) -> int:
        return self.pairs[at] + 1 if self.is_call(at) else at

    def is_call(self, at: int) -> bool:
        return self.text(at) == "(" and not self.found[at].is_spaced

    def labels(self, opening: int) -> list[str]:
        return [label for label, _ in arguments(self.found, self.pairs, opening)]
