# SPDX-License-Identifier: Apache-2.0
"""Reads the C header: all of it, so that no declaration can be missed."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

HEADER = Path(__file__).resolve().parents[1] / "include" / "experimance_zmq.h"


class NotUnderstoodError(Exception):
    """The header has something of a form that is not known here."""


@dataclass(frozen=True)
class Section:
    """The title over what follows."""

    title: str
    comment: str = ""
    """What is said of all of it."""


@dataclass(frozen=True)
class Constants:
    """Names and numbers of an enum, or of a macro that is a number."""

    members: tuple[tuple[str, int], ...]
    comments: tuple[str, ...] = ()
    """What is said of each member."""
    comment: str = ""


@dataclass(frozen=True)
class Handle:
    """A macro that is a handle with a number."""

    name: str
    type: str
    number: int
    comment: str = ""


@dataclass(frozen=True)
class Macro:
    """A macro that is anything else: what fills a struct."""

    name: str
    comment: str = ""


@dataclass(frozen=True)
class Alias:
    """Another name of a type."""

    name: str
    type: str
    comment: str = ""


@dataclass(frozen=True)
class Struct:
    """A struct."""

    name: str
    fields: tuple[tuple[str, str], ...]
    """Types and names."""
    documentation: str
    comments: tuple[str, ...] = ()
    """What is said of each field."""
    comment: str = ""


@dataclass(frozen=True)
class Callback:
    """The type of a function that the caller brings."""

    name: str
    result: str
    parameters: tuple[str, ...]
    """The types."""
    declared: str = ""
    """As the header has it; nothing for one that has no name there."""
    comment: str = ""


@dataclass(frozen=True)
class Function:
    """A function."""

    name: str
    result: str
    parameters: tuple[str, ...]
    """The types."""
    documentation: str
    declared: str = ""
    """As the header has it."""
    comment: str = ""
    """The documentation with its lines."""

    @property
    def never_waits(self) -> bool:
        """Whether it says so. Each function says that, or how long it waits."""
        never = "Never waits" in self.documentation
        if never == ("Waits at most" in self.documentation):
            raise NotUnderstoodError(f"{self.name}() says neither or both of 'Never waits' and 'Waits at most'")
        return never


Declaration = Section | Constants | Handle | Macro | Alias | Struct | Callback | Function


class Header:
    """What the header declares, in its order."""

    def __init__(self, path: Path = HEADER) -> None:
        text = path.read_text(encoding="utf-8")
        self.declarations = tuple(_read(_without_cplusplus(text)))
        beginning = re.search(r"/\*\*\n \* @file [^\n]*\n(.*?)\*/", text, re.DOTALL)
        self.introduction = _lines(beginning[1]) if beginning else ""
        self.functions = tuple(each for each in self.declarations if isinstance(each, Function))
        self.structs = tuple(each for each in self.declarations if isinstance(each, Struct))
        self.constants = dict(
            member for each in self.declarations if isinstance(each, Constants) for member in each.members
        )


def _without_cplusplus(text: str) -> str:
    return re.sub(r"^#ifdef __cplusplus\n.*?(?:^#else\n(.*?))?^#endif\n", r"\1", text, flags=re.DOTALL | re.MULTILINE)


def _read(text: str) -> Iterator[Declaration]:
    position, comment = 0, ""
    while position < len(text):
        match, make = _form_at(text, position)
        position = match.end()
        if "documentation" in match.re.groupindex:
            comment = _lines(match["documentation"])
        elif match[0].strip():
            yield from make(match, comment)
            comment = ""


def _lines(comment: str) -> str:
    """A comment without what makes it one. It keeps what its lines are indented by."""
    return "\n".join(re.sub(r"^\s*\*+ ?", "", line).rstrip() for line in comment.strip().split("\n")).strip("\n")


def _form_at(text: str, position: int) -> "tuple[re.Match[str], _Make]":
    for pattern, make in _FORMS:
        if match := pattern.match(text, position):
            return match, make
    raise NotUnderstoodError(text[position:].splitlines()[0])


def _nothing(match: re.Match[str], comment: str) -> Iterator[Declaration]:
    return iter(())


def _section(match: re.Match[str], comment: str) -> Iterator[Declaration]:
    yield Section(match["title"], _lines(match["remark"] or ""))


def _number(match: re.Match[str], comment: str) -> Iterator[Declaration]:
    yield Constants(((match["name"], int(match["number"])),), ("",), comment)


def _handle(match: re.Match[str], comment: str) -> Iterator[Declaration]:
    yield Handle(match["name"], match["type"], int(match["number"]), comment)


def _macro(match: re.Match[str], comment: str) -> Iterator[Declaration]:
    yield Macro(match["name"], comment)


def _enum(match: re.Match[str], comment: str) -> Iterator[Declaration]:
    entries = list(_entries(match["body"], ","))
    members = [(name.strip(), int(number)) for name, _, number in (entry.partition("=") for entry, _ in entries)]
    yield Constants(tuple(members), tuple(each for _, each in entries), comment)


def _struct(match: re.Match[str], comment: str) -> Iterator[Declaration]:
    entries = list(_entries(match["body"], ";"))
    fields = [_field(field) for field, _ in entries]
    yield Struct(match["name"], tuple(fields), _flat(comment), tuple(each for _, each in entries), comment)


def _alias(match: re.Match[str], comment: str) -> Iterator[Declaration]:
    yield Alias(match["name"], match["type"], comment)


def _callback(match: re.Match[str], comment: str) -> Iterator[Declaration]:
    yield Callback(match["name"], _type(match["result"]), tuple(_parameters(match["list"])), _flat(match[0]), comment)


def _function(match: re.Match[str], comment: str) -> Iterator[Declaration]:
    """A function; before it the type of a function among its parameters, which C lets have no name."""

    def named(callback: re.Match[str]) -> str:
        name = f"{match['name']}_{callback['name']}"
        callbacks.append(Callback(name, _type(callback["result"]), tuple(_parameters(callback["list"]))))
        return f"{name} {callback['name']}"

    callbacks: list[Callback] = []
    parameters = _parameters(re.sub(_POINTER_TO_FUNCTION, named, match["list"]))
    yield from callbacks
    yield Function(match["name"], _type(match["result"]), tuple(parameters), _flat(comment), _flat(match[0]), comment)


def _flat(text: str) -> str:
    """All on one line."""
    return " ".join(text.split())


def _entries(body: str, end: str) -> Iterator[tuple[str, str]]:
    """The entries of an enum or a struct, each with what is said of it."""
    for comment, entry in re.findall(rf"\s*(?:/\*\*(.*?)\*/)?([^{end}]*)(?:{end}|$)", body, re.DOTALL):
        if entry.strip():
            yield entry, _lines(comment)


def _type(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("*", " * ")).strip()


def _parameters(text: str) -> list[str]:
    if text == "void":
        return []
    return [_type(re.sub(r"\w+$", "", parameter.strip())) for parameter in text.split(",")]


def _field(text: str) -> tuple[str, str]:
    match = re.fullmatch(r"\s*([\w\s*]*?)(\w+)(\[\d+\])?\s*", text)
    if not match:
        raise NotUnderstoodError(f"a field: {text.strip()}")
    return _type(match[1]) + (match[3] or ""), match[2]


_POINTER_TO_FUNCTION = r"(?P<result>\w+) \(\*(?P<name>\w+)\)\((?P<list>[^()]*)\)"
_TYPE_BEFORE_NAME = r"(?P<result>(?:const )?\w+ \*?)"

_Make = Callable[[re.Match[str], str], Iterator[Declaration]]

_FORMS: list[tuple[re.Pattern[str], _Make]] = [
    (re.compile(pattern, re.DOTALL), make)
    for pattern, make in (
        (r"\s+", _nothing),
        (r"/\* -+\n \* (?P<title>[^\n]+)\n \* -+ \*/(?:\s*/\*\n(?P<remark>.*?)\*/)?", _section),
        (r"/\*\*(?P<documentation>.*?)\*/", _nothing),
        (r"/\*(?!\*).*?\*/", _nothing),
        (r"#(?:ifndef|include|endif)\b[^\n]*", _nothing),
        (r"#define EXPERIMANCE_ZMQ_H\n", _nothing),
        # What fills a struct has a function in its place, for languages without macros.
        (r"#define (?P<name>EXZ_\w+_INIT) (?:[^\n]*\\\n)*[^\n]*", _macro),
        (r"#define (?P<name>EXZ_\w+)\(\.\.\.\) [^\n]*", _macro),
        (r"#define (?P<name>EXZ_\w+) \(?(?P<number>-?\d+)u?\)?(?=\n)", _number),
        (r"#define (?P<name>EXZ_\w+) \(\((?P<type>\w+)\)\{(?P<number>\d+)\}\)(?=\n)", _handle),
        (r"enum \{(?P<body>.*?)\n\};", _enum),
        (r"typedef struct (?P<name>\w+) \{(?P<body>.*?)\n\} (?P=name);", _struct),
        (rf"typedef {_POINTER_TO_FUNCTION};", _callback),
        (r"typedef (?P<type>\w+) (?P<name>\w+);", _alias),
        (rf"{_TYPE_BEFORE_NAME}(?P<name>exz_\w+)\((?P<list>[^;]*)\);", _function),
    )
]
