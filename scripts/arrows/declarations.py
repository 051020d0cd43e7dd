# SPDX-License-Identifier: Apache-2.0
"""What a Swift source declares, and where which local names are known."""

from dataclasses import dataclass, field
from typing import NamedTuple


class TypeName(NamedTuple):
    """A type as it is written, optional or not: `A.B<C>` has a path and arguments, and so has `[C]`."""

    path: tuple[str, ...]
    arguments: tuple["TypeName | None", ...] = ()
    is_type_itself: bool = False
    """Whether the type is meant, and not a value of it."""


class Parameter(NamedTuple):
    label: str
    may_be_left_out: bool
    """As it has a default, or can be a trailing closure."""
    type: TypeName | None = None


@dataclass(eq=False)
class Declaration:
    name: str
    kind: str
    """type, alias, function, init, case, property."""
    owner: tuple[str, ...]
    """The type whose member it is; empty for what belongs to none."""
    file: str
    line: int
    access: str
    is_static: bool = False
    parameters: tuple[Parameter, ...] | None = None
    type: TypeName | None = None
    """Of a property or of what a function returns; what an alias stands for."""
    value: int | None = None
    """Where the value of a property without a written type begins, a token's number."""
    supertypes: tuple[TypeName, ...] = ()
    generics: frozenset[str] = frozenset()
    body: tuple[int, int] | None = None
    """The tokens of its braces."""
    extended: TypeName | None = None
    """The type of the extension it stands in, as it is written there."""

    @property
    def words(self) -> str:
        """The declaration as messages name it, such as `describe(errno:)`."""
        labels = ""
        if self.kind in ("function", "init") and self.parameters is not None:
            labels = f"({''.join(parameter.label + ':' for parameter in self.parameters)})"
        return ".".join((*self.owner, self.name)) + labels


@dataclass(eq=False)
class Local:
    start: int
    end: int | None = None
    type: TypeName | None = None
    value: int | None = None
    is_element: bool = False
    """Whether it is one of what stands at `value`, and not all of it."""
    closure: tuple[int, int] | None = None
    """The brace of the closure whose parameter it is, and which one."""


@dataclass(eq=False)
class Scope:
    """What is between two braces: of a type or an extension (`is_code` is false), or of code."""

    parent: "Scope | None"
    owner: tuple[str, ...]
    is_code: bool
    access: str | None = None
    extended: TypeName | None = None
    is_protocol: bool = False
    locals: dict[str, list[Local]] = field(default_factory=dict)
    closure: int | None = None
    """The brace, if it may be a closure."""
    subject: int | None = None
    """Where the value begins that a `switch` distinguishes."""
    of_case: list[Local] = field(default_factory=list)
    """The locals of the `case` of a `switch` that is being read."""

    def add(self, name: str, local: Local) -> Local:
        self.locals.setdefault(name, []).append(local)
        return local

    def find(self, name: str, at: int) -> Local | None:
        """The local thing that a name means at a token."""
        scope: Scope | None = self
        while scope:
            for local in reversed(scope.locals.get(name, ())):
                if local.start <= at and (local.end is None or at < local.end):
                    return local
            scope = scope.parent
        return None
