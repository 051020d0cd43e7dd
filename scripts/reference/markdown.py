# SPDX-License-Identifier: Apache-2.0
"""Pages of the site: Markdown, one page for each page of the manual, and one that lists them."""

import re
from collections.abc import Iterable, Iterator

from header import Alias, Callback, Constants, Function, Handle, Macro, Struct

from .comments import CODE, NAME, Block, Bullets, Code, Comment, Heading, Paragraph, answers, sentence, understood
from .pages import Documented, Page, Pages, beginning
from .prototypes import taken_apart

OVERVIEW = "index"
_WIDTH = 90


def files(pages: Pages) -> dict[str, str]:
    """The pages by the names of their files."""
    writer = _Writer(pages)
    written = {f"{page.name}.md": writer.page(page) for page in pages}
    return written | {f"{OVERVIEW}.md": writer.overview()}


class _Writer:
    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._current = ""

    def page(self, page: Page) -> str:
        self._current = page.name
        lines = [f"# {page.name}", "", f"{page.section} · [all of the C interface]({OVERVIEW}.md)", ""]
        lines += ["```c", "#include <experimance_zmq.h>"]
        for each in page.declarations:
            lines += ["", *_declared(each)]
        lines += ["```", ""]
        for index, each in enumerate(page.declarations):
            lines += self._description(each, with_name=index > 0)
        return "\n".join(lines) + "\n"

    def overview(self) -> str:
        self._current = OVERVIEW
        lines = ["# The C interface", ""]
        lines += self._blocks(understood(self._pages.introduction).blocks)
        for title, said in self._pages.sections.items():
            lines += [f"## {title}", "", *self._blocks(understood(said).blocks)]
            lines += ["| | |", "|---|---|"]
            for page in self._pages.in_section(title):
                lines.append(f"| [`{page.name}`]({page.name}.md) | {_in_cell(self._text(page.summary))} |")
            lines.append("")
        return "\n".join(lines) + "\n"

    def _description(self, each: Documented, with_name: bool) -> Iterator[str]:
        comment = understood(each.comment)
        if with_name and comment.blocks:
            yield f"## {_title(each)}"
            yield ""
        yield from self._blocks(comment.blocks)
        if isinstance(each, Struct) and any(each.comments):
            names = [name for _, name in each.fields]
            said_of = zip(names, each.comments, strict=True)
            yield from _table(
                "Field", [(f"`{name}`", self._text(said) if said else "as above") for name, said in said_of]
            )
        if isinstance(each, Constants) and any(each.comments):
            values = [name for name, _ in each.members]
            said_of = zip(values, each.comments, strict=True)
            yield from _table("Value", [(f"`{name}`", self._text(said)) for name, said in said_of if said])
        yield from self._call(comment, "###" if with_name else "##")

    def _call(self, comment: Comment, heading: str) -> Iterator[str]:
        """What a function takes, answers, and how long it may take."""
        if comment.parameters:
            yield f"{heading} Parameters"
            yield ""
            yield from _table("Parameter", [(f"`{name}`", self._text(said)) for name, said in comment.parameters])
        if comment.returned:
            said = answers(comment.returned)
            yield f"{heading} Return value"
            yield ""
            if said.before:
                yield from (self._text(said.before), "")
            rows = [
                (
                    ", ".join(self._text(name) for name in together),
                    self._text(sentence(when) if when else self._pages.meanings[together[0]]),
                )
                for statuses, when in said.statuses
                for together in ([statuses] if when else [(status,) for status in statuses])
            ]
            if rows:
                yield from _table("Status", rows)
            if said.after:
                yield from (self._text(said.after), "")
        if comment.waits:
            yield f"{heading} Time"
            yield ""
            yield f"{self._text(comment.waits)} Since version {comment.since}."
            yield ""

    def _blocks(self, blocks: Iterable[Block]) -> Iterator[str]:
        for block in blocks:
            match block:
                case Heading(text):
                    yield f"## {text}"
                case Paragraph(text):
                    yield self._text(text)
                case Bullets(items):
                    yield from (f"- {self._text(item)}" for item in items)
                case Code(lines):
                    yield from ("```c", *lines, "```")
            yield ""

    def _text(self, text: str) -> str:
        """With what it names as links, and nothing in it that Markdown would take for its own."""
        pieces = []
        for index, piece in enumerate(CODE.split(text)):
            pieces.append(f"`{piece}`" if index % 2 else self._linked(piece))
        return "".join(pieces)

    def _linked(self, text: str) -> str:
        pieces, end = [], 0
        for match in NAME.finditer(text):
            place = self._pages.place(match[0].removesuffix("()"))
            pieces.append(_escaped(text[end : match.start()]))
            end = match.end()
            linked = place and place != self._current
            pieces.append(f"[`{match[0]}`]({place}.md)" if linked else f"`{match[0]}`")
        return "".join([*pieces, _escaped(text[end:])])


def _declared(each: Documented) -> Iterator[str]:
    """As it stands in the header."""
    match each:
        case Function() | Callback():
            yield _prototype(each.declared)
        case Struct(name, fields):
            yield f"typedef struct {name} {{"
            for kind, field in fields:
                base, bracket, size = kind.partition("[")
                yield f"    {base}{'' if base.endswith('*') else ' '}{field}{bracket}{size};"
            yield f"}} {name};"
        case Alias(name, kind):
            yield f"typedef {kind} {name};"
        case Constants(members) if len(members) == 1:
            yield f"#define {members[0][0]} {members[0][1]}"
        case Constants(members):
            yield "enum {"
            yield from (f"    {name} = {number}," for name, number in members)
            yield "};"
        case Handle(name, kind):
            yield f"{kind} {name};"
        case Macro(name):
            yield f"#define {name}"


def _prototype(declared: str) -> str:
    """Over as many lines as it takes."""
    head, parameters = taken_apart(declared, _WIDTH)
    return head + f",\n{' ' * len(head)}".join(parameters) + ");"


def _title(each: Documented) -> str:
    if isinstance(each, Constants):
        names = [name for name, _ in each.members]
        return f"{beginning(names)}…" if len(names) > 1 else names[0]
    return f"{each.name}()" if isinstance(each, Function) else each.name


def _table(title: str, rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    yield f"| {title} | |"
    yield "|---|---|"
    yield from (f"| {_in_cell(name)} | {_in_cell(said)} |" for name, said in rows)
    yield ""


def _in_cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def _escaped(text: str) -> str:
    return re.sub(r"([*_<>\[\]{}#])", r"\\\1", text)
