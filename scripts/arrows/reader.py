# SPDX-License-Identifier: Apache-2.0
"""Reads one Swift source: its declarations, its scopes, and which of its words are names of its own."""

from arrows.code_reader import CodeReader
from arrows.declarations import Declaration, Local, Parameter, Scope, TypeName
from arrows.source import Source
from arrows.tokens import brackets, tokens, words
from arrows.types import FUNCTION, TypeReader

_TYPES = words("struct class enum actor protocol extension")
_ACCESS = words("open public package internal fileprivate private")
_MEMBERS = words("func var let subscript")
_FUNCTIONS = words("func init subscript deinit")
_IMPORTED_KINDS = words("struct class enum protocol func var let typealias")


def read(file: str, text: str) -> Source:
    found = tokens(text)
    source = Source(file, found, brackets(found))
    _Reader(source).read()
    return source


class _Reader(CodeReader):
    def read(self) -> None:
        at = depth = 0
        while at < len(self.found):
            start = at
            text = self.found[at].text
            if text == "{":
                self.open_block(at, depth)
            elif text == "}":
                self.close_block()
            depth += (text in ("(", "[")) - (text in (")", "]"))
            at = self.read_word(at, depth)
            self.source.scopes.extend([self.scope] * (at - start))
        for header, scope in self.headers:
            for index in header:
                self.source.scopes[index] = scope

    def read_word(self, at: int, depth: int) -> int:
        """Reads what begins with a token; answers where to go on, not beyond the first brace or parenthesis."""
        token, before = self.found[at], self.text(at - 1)
        text = token.text
        if text == "@":
            return self.read_attribute(at)
        if text == "#if" or text == "#elseif":
            return self.skip_line(at)
        if not token.is_name or (before == "." and text != "self"):
            return at + 1
        following = self.text(at + 1)
        if text == "import" and before != ".":
            return self.read_import(at)
        if not self.scope.is_code and text in _ACCESS:
            if following == "(":
                # `private(set)` says nothing about who may read.
                return self.pairs[at + 1] + 1
            self.access = text
            return at + 1
        if not self.scope.is_code and text in ("static", "class") and (text == "static" or following in _MEMBERS):
            self.is_static = True
            return at + 1
        if text in _TYPES and at + 1 < len(self.found) and self.found[at + 1].is_name:
            return self.read_type(at)
        if text in _FUNCTIONS and following != ":" and (text in ("func", "deinit") or not self.scope.is_code):
            return self.read_function(at)
        if text in ("typealias", "associatedtype"):
            return self.read_alias(at)
        if text in ("var", "let"):
            return self.read_variable(at)
        if text == "case" and not self.scope.is_code:
            return self.read_cases(at)
        if self.scope.is_code:
            self.read_statement(at, text, depth)
        return at + 1

    # --- what stands alone -------------------------------------------------------------------------------------------

    def read_attribute(self, at: int) -> int:
        reader = TypeReader(self.found, self.pairs, at)
        reader.skip_attribute()
        self.source.own.update(range(at, reader.at))
        return reader.at

    def skip_line(self, at: int) -> int:
        line, end = self.found[at].line, at
        while end < len(self.found) and self.found[end].line == line:
            end += 1
        self.source.own.update(range(at, end))
        return end

    def read_import(self, at: int) -> int:
        name = at + 1 + (self.text(at + 1) in _IMPORTED_KINDS)
        self.source.imports.append((self.text(name), self.found[at].line))
        self.access = None
        return self.skip_line(at)

    # --- types -------------------------------------------------------------------------------------------------------

    def read_type(self, at: int) -> int:
        keyword, name_at = self.found[at].text, at + 1
        reader = TypeReader(self.found, self.pairs, name_at)
        generics: frozenset[str] = frozenset()
        extended = None
        if keyword == "extension":
            extended = reader.read()
            owner = extended.path if extended else ("?",)
            access = self.access
            self.access, self.is_static = None, False
            declared = None
        else:
            name = self.text(name_at)
            reader.at = name_at + 1
            generics = self.read_generics(reader)
            if self.scope.is_code:
                # A type within a function: nobody else's.
                self.scope.add(name, Local(0))
                owner = (*self.scope.owner, f"{name} in line {self.found[at].line}")
                self.source.own.add(name_at)
                declared, access = None, "private"
                self.access, self.is_static = None, False
            else:
                declared = self.declare(name_at, name, "type")
                owner = (*self.scope.owner, name)
                access = declared.access if keyword in ("protocol", "enum") else None
                if declared.access in ("private", "fileprivate"):
                    access = "private"
                declared.generics = generics
        supertypes = self.read_supertypes(reader)
        if declared:
            declared.supertypes = supertypes
        elif keyword == "extension" and supertypes:
            conformance = Declaration("", "conformance", owner, self.source.file, self.found[at].line, "private")
            conformance.supertypes = supertypes
            self.source.declarations.append(conformance)
        end = self.find_brace(reader.at)
        scope = Scope(self.scope, owner, False, access, extended, keyword == "protocol")
        for generic in generics:
            scope.add(generic, Local(0))
        self.blocks[end] = scope
        if keyword != "extension":
            self.headers.append((range(name_at, reader.at), scope))
        return name_at if keyword == "extension" else name_at + 1

    def read_generics(self, reader: TypeReader) -> frozenset[str]:
        names = set()
        if reader.text() == "<":
            while reader.text() in ("<", ","):
                reader.at += 1 + (reader.text(1) in ("let", "each"))
                names.add(reader.text())
                self.source.own.add(reader.at)
                reader.at += 1
                if reader.text() == ":":
                    reader.at += 1
                    reader.read()
            reader.at += reader.text() == ">"
        return frozenset(names)

    def read_supertypes(self, reader: TypeReader) -> tuple[TypeName, ...]:
        found: list[TypeName] = []
        while reader.text() in (":", ","):
            reader.at += 1
            read = reader.read()
            if read:
                found.append(read)
        return tuple(found)

    def find_brace(self, at: int) -> int:
        while at < len(self.found) and self.found[at].text != "{":
            at = self.pairs[at] + 1 if self.found[at].text in ("(", "[") else at + 1
        return at

    def read_alias(self, at: int) -> int:
        declared = self.declare(at + 1, self.text(at + 1), "alias")
        reader = TypeReader(self.found, self.pairs, at + 2)
        declared.generics = self.read_generics(reader)
        if reader.text() == "=":
            reader.at += 1
            declared.type = reader.read()
        return at + 2

    def read_cases(self, at: int) -> int:
        """The cases of an enumeration; the types of their values are read on as everything else is."""
        name_at = at + 1
        while True:
            self.is_static = True
            declared = self.declare(name_at, self.text(name_at), "case")
            declared.type = TypeName(("Self",))
            end = name_at + 1
            if self.text(end) == "(":
                end = self.pairs[end] + 1
            if self.text(end) == "=":
                end += 2 + (self.text(end + 1) == "-")
            if self.text(end) != ",":
                return at + 2
            name_at = end + 1

    # --- functions ---------------------------------------------------------------------------------------------------

    def read_function(self, at: int) -> int:
        keyword = self.found[at].text
        name = self.text(at + 1) if keyword == "func" else keyword
        name_at = at + (keyword == "func")
        scope = Scope(self.scope, self.scope.owner, True)
        declared = None
        if self.scope.is_code:
            self.source.own.add(name_at)
            self.scope.add(name, Local(0))
            self.take_modifiers()
        else:
            declared = self.declare(name_at, name, "init" if keyword == "init" else "function")
        if keyword == "deinit":
            self.blocks[at + 1] = scope
            return at + 1
        reader = TypeReader(self.found, self.pairs, name_at + 1)
        while reader.text() not in ("(", "<", "") or (reader.text() == "<" and not self.found[name_at].is_name):
            # The rest of an operator, or the question mark of an `init?`.
            reader.at += 1
        generics = self.read_generics(reader)
        for generic in generics:
            scope.add(generic, Local(0))
        if reader.text() != "(":
            return reader.at
        end = self.pairs[reader.at]
        parameters = self.read_parameters(reader.at + 1, end, scope, keyword)
        reader.at = end + 1
        while reader.text() in ("async", "throws", "rethrows", "reasync"):
            reader.at += 1
            if reader.text() == "(":
                reader.at = self.pairs[reader.at] + 1
        returned = TypeName(("Self",)) if keyword == "init" else TypeName(("Void",))
        if reader.text() == "->":
            reader.at += 1
            returned = reader.read() or TypeName(("?",))
        if declared:
            declared.parameters, declared.type = tuple(parameters), returned
            declared.is_static |= keyword == "init"
            declared.generics = generics
        self.headers.append((range(name_at, reader.at), scope))
        if not self.scope.is_protocol:
            brace = self.find_brace(reader.at)
            self.blocks[brace] = scope
            if declared:
                declared.body = brace, self.pairs.get(brace, brace)
        return name_at + 1

    def read_parameters(self, at: int, end: int, scope: Scope, keyword: str) -> list[Parameter]:
        parameters: list[Parameter] = []
        while at < end:
            if self.text(at) == "@":
                reader = TypeReader(self.found, self.pairs, at)
                reader.skip_attribute()
                at = reader.at
                continue
            label = name = self.text(at)
            self.source.own.add(at)
            if self.text(at + 1) != ":":
                at += 1
                name = self.text(at)
                self.source.own.add(at)
            elif keyword == "subscript":
                label = "_"
            reader = TypeReader(self.found, self.pairs, at + 2)
            written = reader.read()
            is_variadic = reader.text() == "..."
            is_function = written is not None and written.path == FUNCTION
            scope.add(name, Local(0, type=TypeName(("Array",), (written,)) if is_variadic else written))
            at, has_default = reader.at, False
            while at < end and self.text(at) != ",":
                has_default |= self.text(at) == "="
                at = self.pairs[at] + 1 if self.text(at) in ("(", "[", "{") else at + 1
            parameters.append(Parameter(label, has_default or is_variadic or is_function, written))
            at += 1
        return parameters
