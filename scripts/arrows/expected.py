# SPDX-License-Identifier: Apache-2.0
"""Which type a value has to have by where it stands: as an argument, behind a `==`, in a case of a `switch`."""

from arrows.declarations import Declaration, Scope, TypeName
from arrows.names import Names, arguments
from arrows.source import Source
from arrows.types import FUNCTION

_SAME_TYPE = ("==", "!=", "=", "??")


class Expected:
    """What the calls of one source say of their arguments. Calls are read before what is in them."""

    def __init__(self, source: Source, names: Names) -> None:
        self.source = source
        self.names = names
        self.of_argument: dict[int, TypeName | None] = {}
        """By the token with which it begins."""
        self.of_chain: dict[int, TypeName | None] = {}
        """By the token behind it."""

    def note_call(self, opening: int, declared: Declaration) -> None:
        """Takes down what the parameters of a function say of the arguments of a call."""
        coming = list(declared.parameters or ())
        for label, start in arguments(self.source.found, self.source.pairs, opening):
            while coming and coming[0].label != label:
                coming.pop(0)
            if coming:
                self.of_argument[start] = self.meaning(coming.pop(0).type, declared)

    def note_closure(self, brace: int, declared: Declaration) -> None:
        """The same for a closure behind the call."""
        last = declared.parameters[-1] if declared.parameters else None
        self.of_argument[brace] = self.meaning(last.type, declared) if last else None

    def meaning(self, written: TypeName | None, declared: Declaration) -> TypeName | None:
        if written is None or written.path[0] in declared.generics:
            return None
        owner = self.names.canonical(declared.owner)
        if written.path == FUNCTION:
            return written._replace(arguments=tuple(self.meaning(one, declared) for one in written.arguments))
        return self.names.meaning(written, owner)

    def at_point(self, at: int) -> TypeName | None:
        """The type of what begins with a point."""
        if at in self.of_argument:
            return self.of_argument[at]
        before = self.source.found[at - 1].text if at else ""
        return self.of_chain.get(at - 1) if before in _SAME_TYPE else None

    def of_parameter(self, brace: int, position: int) -> TypeName | None:
        """The type of what a closure gets."""
        function = self.of_argument.get(brace)
        is_known = function and function.path == FUNCTION and position < len(function.arguments)
        return function.arguments[position] if function and is_known else None

    def of_dollar(self, scope: Scope | None, position: int) -> TypeName | None:
        while scope and scope.closure is None:
            scope = scope.parent
        return self.of_parameter(scope.closure, position) if scope and scope.closure is not None else None
