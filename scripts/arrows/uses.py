# SPDX-License-Identifier: Apache-2.0
"""Which declarations a source uses, as far as its words tell."""

from typing import NamedTuple

from arrows.declarations import Declaration, Local, TypeName
from arrows.expected import Expected
from arrows.names import EVERYBODYS, Names, arguments, takes, visible
from arrows.places import Places
from arrows.source import Source
from arrows.tokens import words
from arrows.types import FUNCTION, TypeReader

_OF_ELEMENTS = words("pointee first last min max popLast randomElement remove removeFirst removeLast")
_OF_THE_SAME = words("dropFirst dropLast filter prefix reversed sorted suffix")
_WITH_ELEMENTS = words(
    "allSatisfy compactMap contains drop filter first firstIndex flatMap forEach last lastIndex map max min prefix"
    " removeAll sorted"
)


class Use(NamedTuple):
    at: int
    """The token."""
    line: int
    declared: Declaration


class Walker(Places):
    """Follows the chains of names in one source, such as `socket.core?.wait(for: x).code`, from receiver to member."""

    def __init__(self, source: Source, names: Names, walkers: "dict[str, Walker]") -> None:
        super().__init__(source)
        self.names = names
        self.walkers = walkers
        self.walked: dict[int, tuple[TypeName | None, int]] = {}
        self.under_way: set[int] = set()
        self.read: set[int] = set()
        self.uses: list[Use] = []
        self.given = self.given_names()
        self.expected = Expected(source, names)

    def all_uses(self) -> list[Use]:
        """What is used, of this file and of others, in the order of the text."""
        for index in range(len(self.found)):
            if index not in self.read and self.begins_chain(index):
                self.walk(index)
        return sorted(self.uses, key=lambda use: use.at)

    # --- chains ------------------------------------------------------------------------------------------------------

    def walk(self, start: int) -> tuple[TypeName | None, int]:
        """The type of the chain that begins with a token, if it can be told, and the token after it."""
        if start in self.walked:
            return self.walked[start]
        if start in self.under_way:
            return None, start
        self.under_way.add(start)
        reached, at = self.walk_head(start)
        while True:
            if self.text(at) in ("?", "!") and not self.found[at].is_spaced:
                at += 1
            elif self.text(at) == "." and at + 1 < len(self.found) and self.found[at + 1].is_name:
                reached, at = self.walk_member(at + 1, reached)
            elif self.text(at) == "[" and not self.found[at].is_spaced:
                is_list = reached and reached.path in (("Array",), ("Dictionary",), ("UnsafeMutablePointer",))
                reached = reached.arguments[-1] if reached and is_list and reached.arguments else None
                at = self.pairs[at] + 1
            elif self.is_call(at) or at in self.source.closures:
                reached, at = None, self.pairs[at] + 1
            else:
                break
        self.under_way.discard(start)
        self.walked[start] = reached, at
        self.expected.of_chain[at] = reached
        return reached, at

    def walk_head(self, at: int) -> tuple[TypeName | None, int]:
        token, scope = self.found[at], self.source.scopes[at]
        owner = self.names.canonical(scope.owner)
        self.read.add(at)
        if token.text == ".":
            return self.walk_member(at + 1, None) if self.ends_value(at) else self.walk_implicit(at)
        if token.text == '""':
            return TypeName(("String",)), at + 1
        if token.text in ("[", "("):
            end = self.pairs[at]
            if token.text == "(":
                inside, after = self.walk_value(at + 1)
                return (inside if after == end else None), end + 1
            return TypeName(("Array",)), end + 1
        if token.text[0] == "$" and token.text[1:].isdigit():
            return self.expected.of_dollar(scope, int(token.text[1:])), at + 1
        if not token.is_name:
            return None, at + 1
        if token.text in ("self", "Self"):
            meant = TypeName(owner, is_type_itself=token.text == "Self") if owner else None
            return self.walk_call(at, meant, [])
        if local := scope.find(token.text, at):
            return self.type_of_local(local), at + 1
        found = self.names.bare(token.text, owner, self.source.file)
        if not found and (token.text[0].isupper() or self.text(at + 1) == "("):
            # Somebody else's type, or a function of C.
            return self.walk_type(at, TypeName((token.text,), is_type_itself=True))
        return self.walk_found(at, found, TypeName(owner) if owner else None)

    def walk_value(self, at: int) -> tuple[TypeName | None, int]:
        """A chain with what may stand before it."""
        while self.text(at) in ("try", "await"):
            at += 1 + (self.text(at + 1) in ("?", "!"))
        return self.walk(at) if at < len(self.found) else (None, at)

    def type_of_local(self, local: Local) -> TypeName | None:
        if local.type:
            return self.names.meaning(local.type, self.names.canonical(self.source.scopes[local.start].owner))
        if local.value is None:
            return self.expected.of_parameter(*local.closure) if local.closure else None
        reached, after = self.walk_value(local.value)
        if not self.is_whole(after):
            return None
        if local.is_element:
            return reached.arguments[-1] if reached and reached.path == ("Array",) and reached.arguments else None
        return reached

    def walk_implicit(self, at: int) -> tuple[TypeName | None, int]:
        """A point at the beginning: a member of the type that is expected there."""
        meant = self.expected.at_point(at)
        subject = self.subject(at)
        if meant is None and subject is not None:
            meant, after = self.walk_value(subject)
            meant = meant if self.is_whole(after) else None
        if meant is None or not self.names.is_ours(meant.path):
            return self.walk_member(at + 1, None, is_implicit=True)
        return self.walk_member(at + 1, meant._replace(is_type_itself=True))

    def subject(self, at: int) -> int | None:
        """Where the value begins that a pattern is compared with, in a `switch` or an `if case .pattern = value`."""
        if self.text(at - 1) not in ("case", ","):
            return None
        after = self.after_call(at + 2)
        after += self.text(after) == "?"
        return after + 1 if self.text(after) == "=" else self.source.scopes[at].subject

    # --- members -----------------------------------------------------------------------------------------------------

    def walk_member(self, at: int, receiver: TypeName | None, is_implicit: bool = False) -> tuple[TypeName | None, int]:
        self.read.update((at - 1, at))
        name, file = self.text(at), self.source.file
        if name in ("self", "Type"):
            return receiver, at + 1
        if name == "init" and receiver:
            return self.walk_call(at, receiver._replace(is_type_itself=True), [])
        if receiver is None:
            found = [] if name in EVERYBODYS or name in self.given else visible(self.names.named.get(name, ()), file)
            found = [one for one in found if one.is_static == is_implicit]
            return self.walk_found(at, self.agreeing(at, found, is_certain=False), None)
        found = self.names.member(receiver, name, file)
        found = [one for one in found if one.is_static == receiver.is_type_itself or one.kind in ("type", "alias")]
        if not found and not self.names.is_ours(receiver.path):
            if receiver.path == ("Array",) or name == "pointee":
                return self.walk_element(at, receiver)
            if name not in EVERYBODYS:
                found = self.agreeing(at, self.names.of_protocols(name, file), is_certain=False)
        return self.walk_found(at, found, receiver)

    def walk_element(self, at: int, receiver: TypeName) -> tuple[TypeName | None, int]:
        """A member of an array, or what a pointer points to."""
        element = receiver.arguments[0] if receiver.arguments else None
        after = self.after_call(at + 1)
        closures = [start for _, start in arguments(self.found, self.pairs, at + 1)] if after > at + 1 else []
        for brace in (*closures, after):
            if brace in self.source.closures and self.text(at) in _WITH_ELEMENTS:
                self.expected.of_argument[brace] = TypeName(FUNCTION, (element, element))
        while after in self.source.closures:
            after = self.pairs[after] + 1
        name = self.text(at)
        return receiver if name in _OF_THE_SAME else element if name in _OF_ELEMENTS else None, after

    def agreeing(self, at: int, found: list[Declaration], is_certain: bool) -> list[Declaration]:
        """Those that can be meant by how the name is used: called with such labels, or not called."""
        after = at + 1
        if self.is_call(after):
            labels = self.labels(after)
            fitting = [one for one in found if one.kind != "property" and takes(one, labels)]
            return fitting if fitting or not is_certain else found
        if after in self.source.closures:
            fitting = [one for one in found if one.parameters or one.kind != "function"]
            return fitting if fitting or not is_certain else found
        return [one for one in found if one.kind != "function"] or found

    def walk_found(self, at: int, found: list[Declaration], receiver: TypeName | None) -> tuple[TypeName | None, int]:
        """Notes the use of what a name can mean, and goes on with its type."""
        found = self.agreeing(at, found, is_certain=True) if found else found
        self.note(at, found)
        if not found:
            return None, self.after_call(at + 1)
        first = found[0]
        if first.kind in ("type", "alias"):
            meant = self.names.meaning(TypeName((first.name,)), self.names.canonical(first.owner))
            return self.walk_type(at, meant._replace(is_type_itself=True) if meant else None)
        return self.walk_call(at, self.type_of(first, receiver), found)

    def walk_type(self, at: int, meant: TypeName | None) -> tuple[TypeName | None, int]:
        if self.text(at + 1) == "<" and not self.found[at + 1].is_spaced and meant:
            reader = TypeReader(self.found, self.pairs, at)
            written = reader.read_one()
            if self.text(reader.at - 1) == ">" and written:
                owner = self.names.canonical(self.source.scopes[at].owner)
                meant = meant._replace(arguments=self.names.meanings(written.arguments, owner, 0))
                return self.walk_call(reader.at - 1, meant, [])
        return self.walk_call(at, meant, [])

    def walk_call(self, at: int, reached: TypeName | None, found: list[Declaration]) -> tuple[TypeName | None, int]:
        """Goes over the arguments after a name, if there are any; those are chains of their own."""
        after = at + 1
        is_function = any(one.kind == "function" for one in found)
        is_type = reached is not None and reached.is_type_itself and not found
        if self.is_call(after):
            if is_type and reached:
                self.note_initializer(at, after, reached)
                reached = reached._replace(is_type_itself=False)
            elif found and not is_function and found[0].kind == "property":
                reached = None
            if len(found) == 1 and is_function:
                self.expected.note_call(after, found[0])
            after = self.pairs[after] + 1
        elif after in self.source.closures and (is_function or is_type):
            reached = reached._replace(is_type_itself=False) if reached else None
        elif is_function:
            return None, after
        if after in self.source.closures and len(found) == 1:
            self.expected.note_closure(after, found[0])
        while after in self.source.closures and is_function:
            after = self.pairs[after] + 1
            if self.text(after + 1) == ":" and after + 2 in self.source.closures:
                after += 2
        return reached, after

    def type_of(self, declared: Declaration, receiver: TypeName | None) -> TypeName | None:
        owner = self.names.canonical(declared.owner)
        if declared.kind == "case":
            return TypeName(owner)
        if declared.type:
            if declared.type.path[0] in declared.generics:
                return None
            if declared.type.path == ("Self",) and receiver:
                return receiver._replace(is_type_itself=False)
            return self.names.meaning(declared.type, owner)
        if declared.value is None:
            return None
        walker = self.walkers[declared.file]
        reached, after = walker.walk_value(declared.value)
        return reached if walker.is_whole(after) else None

    # --- uses --------------------------------------------------------------------------------------------------------

    def note(self, at: int, found: list[Declaration]) -> None:
        """A use, if all that a name can mean is in one file."""
        if len({one.file for one in found}) == 1:
            self.uses.append(Use(at, self.found[at].line, found[0]))

    def note_initializer(self, at: int, opening: int, type_name: TypeName) -> None:
        """An initializer may be in another file than its type."""
        labels = self.labels(opening)
        found = [one for one in self.names.member(type_name, "init", self.source.file) if takes(one, labels)]
        self.note(at, found)
        if len(found) == 1:
            self.expected.note_call(opening, found[0])
