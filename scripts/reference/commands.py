# SPDX-License-Identifier: Apache-2.0
"""Man pages of the command line: exz(1) and a page for each command, made from its help."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from .roff import Edition, escaped, filled, plain, quoted

_SECTION = "1"
_OPTIONS = "Options"
#: What each command that has none gets from the parser.
_OF_ALL = ("help", "version")
_STATUSES = (
    ("0", "It is done."),
    ("1", "It has failed: the network, a file, what a peer has sent."),
    ("2", "What it was told makes no sense."),
    ("3", "The time was up."),
)


@dataclass(frozen=True)
class Argument:
    """An option, a flag, or what stands for itself."""

    kind: str
    names: tuple[str, ...]
    value: str
    is_optional: bool
    is_repeating: bool
    section: str
    said: str
    values: tuple[str, ...]
    default: str

    @property
    def is_positional(self) -> bool:
        return self.kind == "positional"


@dataclass(frozen=True)
class Command:
    """What is called with a name behind exz, with what is called behind that."""

    path: tuple[str, ...]
    summary: str
    discussion: str
    arguments: tuple[Argument, ...]
    inside: tuple["Command", ...] = field(default=())

    @property
    def page(self) -> str:
        return "-".join(self.path[:2])


def read(dumped: str) -> Command:
    """The program, from its help as JSON."""
    return _command(json.loads(dumped)["command"], ())


def files(dumped: str, edition: Edition) -> dict[str, str]:
    """The pages by the names of their files."""
    program = read(dumped)
    pages = {program.page: _program(program, edition)}
    pages |= {each.page: _page(each, program, edition) for each in program.inside}
    return {f"{name}.{_SECTION}": "".join(f"{line}\n" for line in lines) for name, lines in pages.items()}


def _command(dumped: dict[str, Any], above: tuple[str, ...]) -> Command:
    path = (*above, dumped["commandName"])
    return Command(
        path,
        dumped.get("abstract", ""),
        dumped.get("discussion", ""),
        tuple(_argument(each) for each in dumped.get("arguments", ()) if each["shouldDisplay"]),
        # help is the parser's own.
        tuple(
            _command(each, path)
            for each in dumped.get("subcommands", ())
            if each["shouldDisplay"] and each["commandName"] != "help"
        ),
    )


def _argument(dumped: dict[str, Any]) -> Argument:
    names = sorted(dumped.get("names", ()), key=lambda name: str(name["kind"]) == "long")
    return Argument(
        dumped["kind"],
        tuple(("--" if name["kind"] == "long" else "-") + name["name"] for name in names),
        dumped.get("valueName", ""),
        dumped["isOptional"],
        dumped["isRepeating"],
        dumped.get("sectionTitle", _OPTIONS),
        dumped.get("abstract", ""),
        tuple(dumped.get("allValues", ())),
        dumped.get("defaultValue", ""),
    )


# --- pages ------------------------------------------------------------------------------------------------------------


def _program(program: Command, edition: Edition) -> Iterator[str]:
    name = program.page
    yield from _beginning(name, program.summary, edition)
    yield ".SH SYNOPSIS"
    yield f".B {name}"
    yield ".I command"
    yield ".RI [ argument ...]"
    yield ".SH DESCRIPTION"
    yield from _described(program)
    yield ".SH COMMANDS"
    for each in program.inside:
        yield ".TP"
        yield f".BR {escaped(each.page)} ({_SECTION})"
        yield from filled(each.summary)
    yield ".SH OPTIONS"
    yield from _arguments(program.arguments)
    yield from _end([each.page for each in program.inside], ("experimance_zmq", "3"), ("zmq", "7"))


def _page(command: Command, program: Command, edition: Edition) -> Iterator[str]:
    yield from _beginning(command.page, command.summary, edition)
    yield ".SH SYNOPSIS"
    leaves = command.inside or (command,)
    for index, each in enumerate(leaves):
        if index:
            yield ".br"
        yield from _synopsis(each)
    yield ".SH DESCRIPTION"
    yield from _described(command)
    if command.inside:
        yield ".SH COMMANDS"
        for each in command.inside:
            yield f".SS {quoted(escaped(' '.join(each.path)))}"
            yield from _described(each)
            yield from _arguments(_own(each))
    yield ".SH OPTIONS"
    for title, arguments in _sections(command):
        if title != _OPTIONS:
            yield f".SS {quoted(escaped(title))}"
        yield from _arguments(arguments)
    yield from _end([program.page])


def _own(command: Command) -> list[Argument]:
    """Without what each command has."""
    return [each for each in command.arguments if each.names[-1:] not in [(f"--{name}",) for name in _OF_ALL]]


def _sections(command: Command) -> Iterator[tuple[str, list[Argument]]]:
    """The arguments by what they are about: first what is of this command alone, with no title of its own."""
    titles = list(dict.fromkeys(each.section for each in command.arguments))
    for title in sorted(titles, key=lambda title: title != _OPTIONS):
        yield title, [each for each in command.arguments if each.section == title]


def _beginning(name: str, summary: str, edition: Edition) -> Iterator[str]:
    yield '.\\" SPDX-License-Identifier: Apache-2.0'
    yield '.\\" Generated from the help of exz by scripts/reference: do not edit.'
    yield f'.TH {quoted(name.upper())} {_SECTION} {edition.date} "exz {edition.version}" "User commands"'
    # Neither options nor endpoints are words to be cut at the end of a line, and lines of them can not be justified.
    yield ".nh"
    yield ".ad l"
    yield ".SH NAME"
    yield from filled(f"{escaped(name)} \\- {plain(_begun(summary))}", raw=True)


def _begun(summary: str) -> str:
    """A sentence as what goes on behind a dash."""
    word, *others = summary.rstrip(".").split(" ")
    # A name stays as it is written.
    return " ".join([word if word[1:] != word[1:].lower() else word.lower(), *others])


def _synopsis(command: Command) -> Iterator[str]:
    yield f".B {escaped(' '.join(command.path))}"
    if any(not each.is_positional and each.names[-1] not in ("--help", "--version") for each in command.arguments):
        yield ".RI [ options ]"
    for each in command.arguments:
        if each.is_positional:
            dots = " ..." if each.is_repeating else ""
            before, after = ("[", "]") if each.is_optional else ("", "")
            yield f".RI {quoted(before)} {escaped(each.value)} {quoted(dots + after)}"


def _described(command: Command) -> Iterator[str]:
    yield from filled(command.summary)
    for paragraph in re.split(r"\n\s*\n", command.discussion):
        if paragraph.strip():
            yield ".PP"
            yield from filled(" ".join(paragraph.split()))


def _arguments(arguments: Iterable[Argument]) -> Iterator[str]:
    for each in arguments:
        yield ".TP"
        yield _head(each)
        yield from filled(each.said)
        if each.values:
            yield from filled(f"It is one of: {', '.join(f'`{value}`' for value in each.values)}.")
        if each.default:
            yield from filled(f"Without it: `{each.default}`.")


def _head(argument: Argument) -> str:
    value = escaped(argument.value)
    if argument.is_positional:
        return f".I {value}"
    names = ", ".join(f"\\fB{escaped(name)}\\fR" for name in argument.names)
    return names if argument.kind == "flag" else f"{names} \\fI{value}\\fR"


def _end(names: Iterable[str], *others: tuple[str, str]) -> Iterator[str]:
    yield '.SH "EXIT STATUS"'
    for number, said in _STATUSES:
        yield ".TP"
        yield f".B {number}"
        yield from filled(said)
    yield ".PP"
    yield from filled("A signal that ends it, such as that of Ctrl-C, ends it as that signal: 130 to a shell.")
    *before, last = [f".BR {escaped(name)} ({section})" for name, section in [*((n, _SECTION) for n in names), *others]]
    yield '.SH "SEE ALSO"'
    yield from (f"{line} ," for line in before)
    yield last
