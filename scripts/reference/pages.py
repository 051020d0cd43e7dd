# SPDX-License-Identifier: Apache-2.0
"""Which page each declaration is on: one for each function and each type, and what belongs to one is on its page."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from header import Alias, Callback, Constants, Declaration, Function, Handle, Header, Macro, Section, Struct

from .comments import names_in, understood

Documented = Constants | Handle | Macro | Alias | Struct | Callback | Function


@dataclass
class Page:
    """A page, with what it is about."""

    name: str
    section: str
    declarations: list[Documented]
    """The one with the page's name first."""
    names: list[str] = field(default_factory=list)
    """All names that lead here, the page's own first."""

    @property
    def summary(self) -> str:
        """What it is about, in half a sentence, as a list of pages has it."""
        owner = self.declarations[0]
        comment = understood(owner.comment)
        # What is said of one constant begins with where it is for.
        is_constant = isinstance(owner, Constants) and len(owner.members) == 1
        return _lower((comment.sentence if is_constant else comment.summary).replace("`", ""))

    def related(self, pages: "Pages") -> list[str]:
        """The names of the pages that its text names."""
        texts = [text for each in self.declarations for text in _texts(each)]
        named = (pages.place(name) for text in texts for name in names_in(text))
        return list(dict.fromkeys(name for name in named if name and name != self.name))


class Pages:
    """All pages, in the header's order."""

    def __init__(self, header: Header) -> None:
        self.introduction = header.introduction
        #: What each constant means, in a sentence.
        self.meanings = {
            name: understood(said).sentence + "."
            for each in header.declarations
            if isinstance(each, Constants)
            for (name, _), said in zip(each.members, each.comments, strict=True)
        }
        self.sections: dict[str, str] = {}
        self._pages: dict[str, Page] = {}
        self._places: dict[str, str] = {}
        self._owners = {each.name for each in header.declarations if isinstance(each, Struct | Alias | Function)}
        section = ""
        before: Declaration | None = None
        for each in header.declarations:
            if isinstance(each, Section):
                section = each.title
                self.sections[section] = each.comment
            elif not (isinstance(each, Callback) and not each.declared):
                self._add(each, section, before)
            before = each
        for page in self:
            page.declarations.sort(key=lambda each: page.name not in _names(each))

    def __iter__(self) -> Iterator[Page]:
        return iter(self._pages.values())

    def in_section(self, title: str) -> list[Page]:
        """The pages of a section of the header."""
        return [page for page in self if page.section == title]

    def place(self, name: str) -> str | None:
        """The page that a name is on."""
        return self._places.get(name)

    def _add(self, each: Documented, section: str, before: Declaration | None) -> None:
        names = _names(each)
        home = self._home(each, before)
        page = self._pages.get(home)
        if page is None:
            page = self._pages[home] = Page(home, section, [], [home])
            self._places[home] = home
        page.declarations.append(each)
        for name in names:
            if name not in self._places:
                page.names.append(name)
                self._places[name] = home

    def _home(self, each: Documented, before: Declaration | None) -> str:
        """The name of the page that a declaration belongs to."""
        match each:
            case Constants(members):
                if len(members) == 1:
                    return members[0][0] if each.comment else self._last()
                return self._last() if isinstance(before, Alias) else self._of_enum([name for name, _ in members])
            case Macro(name):
                owner = name.removesuffix("_INIT").lower()
                return owner if owner in self._pages else self._of_init(name)
            case Function(name):
                owner = re.sub(r"_(init|check)$", "", name)
                if owner in self._pages:
                    return owner
                first = each.documentation.split(" ", 1)[0]
                if re.match(r"The same (?:for|where)\b", each.documentation):
                    return self._last()
                if first.endswith("()") and each.documentation.startswith(f"{first} for "):
                    return self._places[first.removesuffix("()")]
                return name
            case _:
                return each.name

    def _of_init(self, name: str) -> str:
        """What initialises a variable to the value of another macro is with that."""
        value = name.removesuffix("_INIT")
        return value if value in self._pages else self._last()

    def _of_enum(self, names: list[str]) -> str:
        common = beginning(names).rstrip("_")
        return common.lower() if common.lower() in self._owners else common

    def _last(self) -> str:
        return next(reversed(self._pages))


def beginning(names: list[str]) -> str:
    """What all names begin with."""
    first, last = min(names), max(names)
    same = (index for index, (one, other) in enumerate(zip(first, last, strict=False)) if one != other)
    return first[: next(same, len(first))]


def _names(each: Documented) -> list[str]:
    return [name for name, _ in each.members] if isinstance(each, Constants) else [each.name]


def _texts(each: Documented) -> Iterator[str]:
    yield each.comment
    if isinstance(each, Constants | Struct):
        yield from each.comments
    if isinstance(each, Function | Callback):
        yield each.declared
    if isinstance(each, Struct):
        yield from (kind for kind, _ in each.fields)


def _lower(summary: str) -> str:
    """With a small letter to begin with, unless it begins with a name."""
    return summary[:1].lower() + summary[1:] if re.match(r"[A-Z](?:[a-z ]|$)", summary) else summary
