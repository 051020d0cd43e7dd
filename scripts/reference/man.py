# SPDX-License-Identifier: Apache-2.0
"""Man pages of the functions, made from the header."""

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from header import Alias, Callback, Constants, Function, Handle, Macro, Struct

from .comments import (
    Answers,
    Block,
    Bullets,
    Code,
    Comment,
    Heading,
    Paragraph,
    answers,
    sentence,
    understood,
)
from .pages import Documented, Page, Pages, beginning
from .prototypes import taken_apart
from .roff import WIDTH, Edition, as_text, escaped, filled, plain, quoted

OVERVIEW = "experimance_zmq"
_SECTION = "3"


def files(pages: Pages, edition: Edition) -> dict[str, str]:
    """The pages by the names of their files, with one for each name that leads to a page of another name."""
    written = {_file(OVERVIEW): "".join(f"{line}\n" for line in _overview(pages, edition))}
    for page in pages:
        written[_file(page.name)] = "".join(f"{line}\n" for line in _page(page, pages, edition))
        for name in page.names[1:]:
            written[_file(name)] = f".so man{_SECTION}/{_file(page.name)}\n"
    return written


def _file(name: str) -> str:
    return f"{name}.{_SECTION}"


# --- pages ------------------------------------------------------------------------------------------------------------


def _page(page: Page, pages: Pages, edition: Edition) -> Iterator[str]:
    yield from _beginning(page.name, [page.name, *_also_in_name(page)], page.summary, edition)
    yield ".SH SYNOPSIS"
    yield ".nf"
    yield ".B #include <experimance_zmq.h>"
    for each in page.declarations:
        yield from _synopsis(each)
    yield ".fi"
    yield ".SH DESCRIPTION"
    several = sum(isinstance(each, Function) for each in page.declarations) > 1 or len(page.declarations) > 1
    for index, each in enumerate(page.declarations):
        yield from _description(each, pages, with_name=several, first=index == 0)
    yield from _see_also([*page.related(pages), OVERVIEW])


def _also_in_name(page: Page) -> list[str]:
    """The functions of a page that has several."""
    names = (each.name for each in page.declarations if isinstance(each, Function))
    return [name for name in names if name != page.name]


def _overview(pages: Pages, edition: Edition) -> Iterator[str]:
    comment = understood(pages.introduction)
    yield from _beginning(OVERVIEW, [OVERVIEW], comment.summary, edition)
    yield ".SH SYNOPSIS"
    yield ".nf"
    yield ".B #include <experimance_zmq.h>"
    yield ".PP"
    yield f".B cc {plain('program.c $(pkg-config --cflags --libs experimance_zmq)')}"
    yield ".fi"
    yield ".SH DESCRIPTION"
    yield from _blocks(comment.blocks[1:], headings=".SH")
    for title, said in pages.sections.items():
        yield f".SH {quoted(title.upper())}"
        yield from _blocks(understood(said).blocks)
        for page in pages.in_section(title):
            yield ".TP"
            yield f".BR {page.name} ({_SECTION})"
            yield from filled(page.summary)
    yield from _see_also(["zmq"], section="7")


def _beginning(name: str, names: list[str], summary: str, edition: Edition) -> Iterator[str]:
    yield '.\\" SPDX-License-Identifier: Apache-2.0'
    yield '.\\" Generated from include/experimance_zmq.h by scripts/reference: do not edit.'
    library = quoted(f"Experimance ZMQ {edition.version}")
    yield f'.TH {name.upper()} {_SECTION} {edition.date} {library} "Library functions"'
    # Names of the interface are no words to be cut at the end of a line.
    yield ".nh"
    yield ".SH NAME"
    yield from filled(f"{', '.join(names)} \\- {plain(summary)}", raw=True)


def _see_also(names: Iterable[str], section: str = _SECTION) -> Iterator[str]:
    *others, last = [f".BR {name} ({section})" for name in names]
    yield ".SH SEE ALSO"
    yield from (f"{line} ," for line in others)
    yield last


# --- declarations -----------------------------------------------------------------------------------------------------


def _synopsis(each: Documented) -> Iterator[str]:
    yield ".PP"
    match each:
        case Function() | Callback():
            yield from _prototype(each.declared)
        case Struct(name, fields):
            yield f".B typedef struct {name} {{"
            for kind, field in fields:
                yield f".BI {quoted('    ' + _before_name(kind))} {field} {quoted(_after_name(kind) + ';')}"
            yield f".B }} {name};"
        case Alias(name, kind):
            yield f".B typedef {kind} {name};"
        case Constants(members) if len(members) == 1:
            yield f".B #define {members[0][0]} {plain(str(members[0][1]))}"
        case Constants(members):
            yield ".B enum {"
            for name, number in members:
                yield f".B {quoted(f'    {name} = {plain(str(number))},')}"
            yield ".B };"
        case Handle(name, kind):
            yield f".B {kind} {name};"
        case Macro(name):
            yield f".B #define {name}"


def _before_name(kind: str) -> str:
    base = kind.split("[")[0]
    return base if base.endswith("*") else f"{base} "


def _after_name(kind: str) -> str:
    _, bracket, rest = kind.partition("[")
    return bracket + rest


def _prototype(declared: str) -> Iterator[str]:
    """A declaration over as many lines as it takes, its parameters' names slanted."""
    head, parameters = taken_apart(declared, WIDTH)
    if parameters == ["void"]:
        yield f".B {quoted(declared)}"
        return
    for index, parameter in enumerate(parameters):
        before = head if index == 0 else " " * len(head)
        words = re.split(r"(?<![(*])\b(\w+)(?=,|$)", before + parameter)
        words[-1] += ");" if index == len(parameters) - 1 else ","
        yield ".BI " + " ".join(quoted(escaped(word)) for word in words)


def _description(each: Documented, pages: Pages, with_name: bool, first: bool) -> Iterator[str]:
    comment = understood(each.comment)
    if with_name and comment.blocks and not first:
        yield f".SS {quoted(_title(each))}"
    yield from _blocks(comment.blocks)
    if isinstance(each, Struct | Constants):
        yield from _parts(each)
    yield from _call(comment, pages, nested=with_name and not first)


def _title(each: Documented) -> str:
    if isinstance(each, Constants):
        names = [name for name, _ in each.members]
        return f"{beginning(names)}..." if len(names) > 1 else names[0]
    return f"{each.name}()" if isinstance(each, Function) else each.name


def _parts(each: Struct | Constants) -> Iterator[str]:
    """What is said of fields or values. What is said of a field is also about those behind it of which nothing is; a
    value of which nothing is says all by its name.
    """
    is_struct = isinstance(each, Struct)
    names = [name for _, name in each.fields] if isinstance(each, Struct) else [name for name, _ in each.members]
    places = [place for place, said in enumerate(each.comments) if said]
    for place, next_place in pairwise([*places, len(names)]):
        first, *others = names[place : next_place if is_struct else place + 1]
        yield ".TP"
        yield f".B {first}"
        for name in others:
            yield ".TQ"
            yield f".B {name}"
        yield from filled(each.comments[place])


def _call(comment: Comment, pages: Pages, nested: bool) -> Iterator[str]:
    """What a function takes, answers, and how long it may take."""
    heading = ".SS" if nested else ".SH"
    if comment.parameters:
        yield f"{heading} {quoted('Parameters' if nested else 'PARAMETERS')}"
        for name, said in comment.parameters:
            yield ".TP"
            yield f".I {name}"
            yield from filled(said)
    if comment.returned:
        yield f'{heading} "{"Return value" if nested else "RETURN VALUE"}"'
        yield from _answers(answers(comment.returned), pages)
    if comment.waits:
        yield f"{heading} {'Time' if nested else 'TIME'}"
        yield from filled(comment.waits)
        yield from filled(f"Since version {comment.since}.")


def _answers(said: Answers, pages: Pages) -> Iterator[str]:
    """The statuses one below the other; those that nothing is said of with what they mean everywhere."""
    if said.before:
        yield from filled(said.before)
    for statuses, when in said.statuses:
        for together in [statuses] if when else [(status,) for status in statuses]:
            yield ".TP"
            yield f".B {', '.join(together)}"
            yield from filled(sentence(when) if when else pages.meanings[together[0]])
    if said.after:
        yield ".PP"
        yield from filled(said.after)


# --- text -------------------------------------------------------------------------------------------------------------


def _blocks(blocks: Iterable[Block], headings: str = ".SS") -> Iterator[str]:
    before: Block | None = None
    for block in blocks:
        match block:
            case Heading(text):
                yield f"{headings} {quoted(text.upper() if headings == '.SH' else text)}"
            case Paragraph(text):
                if before is not None and not isinstance(before, Heading):
                    yield ".PP"
                yield from filled(text)
            case Bullets(items):
                for item in items:
                    yield ".IP \\(bu 2"
                    yield from filled(item)
            case Code(lines):
                if before is not None and not isinstance(before, Heading):
                    yield ".PP"
                yield ".RS 4"
                yield ".nf"
                yield from (as_text(escaped(line)) for line in lines)
                yield ".fi"
                yield ".RE"
        before = block
