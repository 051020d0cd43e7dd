# SPDX-License-Identifier: Apache-2.0
"""Reads the variables of a source, and its code: blocks, conditions, closures, and the names that are known there."""

from typing import NamedTuple

from arrows.declarations import Declaration, Local, Scope, TypeName
from arrows.source import Source
from arrows.tokens import words
from arrows.types import TypeReader

CONDITIONS = words("if while for catch switch")


class Condition(NamedTuple):
    depth: int
    """Of brackets; its block is as deep."""
    locals: list[tuple[str, Local]]
    subject: int | None
    """Where the value of a `switch` begins."""


class CodeReader:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.found = source.found
        self.pairs = source.pairs
        self.scope = Scope(None, (), False)
        self.opened: list[tuple[Scope, list[Condition]]] = []
        self.waiting: list[Condition] = []
        """Conditions whose block has not begun."""
        self.blocks: dict[int, Scope] = {}
        """Scopes of braces that are still to come."""
        self.headers: list[tuple[range, Scope]] = []
        """The tokens before the braces of a type or a function, where its generic parameters are known, too."""
        self.access: str | None = None
        self.is_static = False

    def text(self, index: int) -> str:
        return self.found[index].text if 0 <= index < len(self.found) else ""

    def take_modifiers(self) -> tuple[str, bool]:
        access = self.access or self.scope.access or "internal"
        is_static = self.is_static
        self.access, self.is_static = None, False
        return access, is_static

    def declare(self, at: int, name: str, kind: str, owner: tuple[str, ...] | None = None) -> Declaration:
        access, is_static = self.take_modifiers()
        owner = self.scope.owner if owner is None else owner
        declared = Declaration(name, kind, owner, self.source.file, self.found[at].line, access, is_static)
        declared.extended = self.scope.extended
        self.source.own.add(at)
        self.source.declarations.append(declared)
        return declared

    # --- variables ---------------------------------------------------------------------------------------------------

    def read_variable(self, at: int) -> int:
        """One `let` or `var`, whose type and value are read on as everything else is."""
        is_condition = bool(self.waiting)
        if self.text(at + 1) == "(":
            end = self.pairs[at + 1]
            for index in range(at + 2, end):
                if self.found[index].is_name and self.text(index - 1) in ("(", ","):
                    self.add_variable(index, None, None, is_condition)
            if not self.scope.is_code:
                self.take_modifiers()
            return at + 1
        name_at = at + 1
        reader = TypeReader(self.found, self.pairs, name_at + 1)
        written = None
        if reader.text() == ":":
            reader.at += 1
            written = reader.read()
        value = reader.at + 1 if reader.text() == "=" else None
        if self.scope.is_code and value is None and written is None and self.is_bound_itself(at):
            # `if let name` means what is outside under this name, and names that.
            self.add_local(self.text(name_at), Local(name_at + 1, value=name_at), is_condition)
            return name_at
        brace = reader.at if reader.text() == "{" else None
        self.add_variable(name_at, written, value, is_condition, brace)
        while not self.scope.is_code and reader.text() == "," and reader.text(2) in (":", "="):
            name_at = reader.at + 1
            reader.at += 3
            self.add_variable(name_at, reader.read(), None, is_condition)
        return name_at + 1

    def is_bound_itself(self, at: int) -> bool:
        return self.text(at - 1) in ("if", "guard", "while", ",") and self.text(at + 2) in ("{", ",", "else")

    def add_variable(
        self, at: int, written: TypeName | None, value: int | None, is_condition: bool, brace: int | None = None
    ) -> None:
        name = self.text(at)
        if self.scope.is_code:
            self.source.own.add(at)
            # Its value does not know it yet.
            self.add_local(name, Local(at + 1 if value is None else value + 1, type=written, value=value), is_condition)
        else:
            declared = self.declare(at, name, "property")
            declared.type, declared.value = written, value
            if brace is not None:
                declared.body = brace, self.pairs[brace]

    def add_local(self, name: str, local: Local, is_condition: bool) -> None:
        self.scope.add(name, local)
        if is_condition and self.waiting:
            self.waiting[-1].locals.append((name, local))
        else:
            self.scope.of_case.append(local)

    # --- code --------------------------------------------------------------------------------------------------------

    def read_statement(self, at: int, text: str, depth: int) -> None:
        if text in CONDITIONS and self.text(at + 1) != ":":
            self.waiting.append(Condition(depth, [], at + 1 if text == "switch" else None))
            if text == "catch":
                self.add_local("error", Local(at), True)
            if text == "for":
                self.read_loop(at)
        elif text in ("case", "default") and self.text(at - 1) not in ("guard", ",", *CONDITIONS):
            for local in self.scope.of_case:
                local.end = at
            self.scope.of_case.clear()

    def read_loop(self, at: int) -> None:
        names, index = [], at + 1
        while index < len(self.found) and self.text(index) not in ("in", "{"):
            token = self.found[index]
            if token.is_name and self.text(index - 1) != "." and token.text not in ("case", "let", "var", "_", "try"):
                names.append(index)
            index += 1
        for name in names:
            self.source.own.add(name)
            value = index + 1 if len(names) == 1 and self.text(at + 1) == self.text(name) else None
            self.add_local(self.text(name), Local(index, value=value, is_element=True), True)

    def open_block(self, at: int, depth: int) -> None:
        scope = self.blocks.pop(at, None)
        if scope is None:
            scope = Scope(self.scope, self.scope.owner, True)
            if self.waiting and self.waiting[-1].depth == depth:
                condition = self.waiting.pop()
                scope.subject = condition.subject
                for name, local in condition.locals:
                    local.end = at
                    scope.add(name, Local(at, None, local.type, local.value, local.is_element))
            else:
                self.source.closures.add(at)
                scope.closure = at
                self.read_signature(at, scope)
        self.opened.append((self.scope, self.waiting))
        self.scope, self.waiting = scope, []
        self.access, self.is_static = None, False

    def close_block(self) -> None:
        if self.opened:
            self.scope, self.waiting = self.opened.pop()

    def read_signature(self, at: int, scope: Scope) -> None:
        """The names that a closure gives to what it gets, if it is one and does."""
        names: list[tuple[int, TypeName | None]] = []
        end, index = self.pairs[at], at + 1
        if self.text(index) == "[":
            closing = self.pairs[index]
            names += [(inside, None) for inside in range(index + 1, closing) if self.text(inside + 1) == "="]
            index = closing + 1
        captured = len(names)
        if self.text(index) == "(":
            closing = self.pairs[index]
            inside = index + 1
            while inside < closing:
                reader = TypeReader(self.found, self.pairs, inside + 1)
                reader.at += self.found[inside + 1].is_name
                written = None
                name = reader.at - 1
                if reader.text() == ":":
                    reader.at += 1
                    written = reader.read()
                names.append((name, written))
                inside = reader.at + 1
            index = closing + 1
        else:
            while self.found[index].is_name and self.text(index) not in ("in", "throws", "async"):
                names.append((index, None))
                index += 1
                if self.text(index) != ",":
                    break
                index += 1
        reader = TypeReader(self.found, self.pairs, index)
        while reader.text() in ("async", "throws", "->"):
            is_result = reader.text() == "->"
            reader.at += 1
            if is_result:
                reader.read()
            elif reader.text() == "(":
                reader.at = self.pairs[reader.at] + 1
        if reader.text() != "in" or reader.at >= end:
            return
        for name, _ in names[:captured]:
            self.source.own.add(name)
            scope.add(self.text(name), Local(name))
        for position, (name, written) in enumerate(names[captured:]):
            self.source.own.add(name)
            scope.add(self.text(name), Local(name, type=written, closure=(at, position)))
