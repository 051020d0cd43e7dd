# SPDX-License-Identifier: Apache-2.0
"""The Swift sources of the library: their rooms, and all arrows between their files."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from arrows.declarations import Declaration
from arrows.names import Names
from arrows.reader import read
from arrows.source import Source
from arrows.uses import Use, Walker

ENGINE = "ExperimanceZMQ"
_FOR_OTHERS = ("public", "package", "open")


class Arrow(NamedTuple):
    """A file uses a name of another file; a line where it does."""

    file: str
    line: int
    declared: Declaration


@dataclass
class Tree:
    sources: dict[str, Source]
    uses: dict[str, list[Use]]

    @property
    def arrows(self) -> list[Arrow]:
        """Each name that a file uses of another one, once."""
        found: dict[tuple[str, Declaration], Arrow] = {}
        for file, uses in self.uses.items():
            for use in uses:
                if use.declared.file != file:
                    found.setdefault((file, use.declared), Arrow(file, use.line, use.declared))
        return list(found.values())


def read_tree(root: Path) -> Tree:
    """Reads what is under `Sources`: the engine, which knows no other module, and those that know what it gives out."""
    files = sorted((root / "Sources").rglob("*.swift"))
    names = [file.relative_to(root).as_posix() for file in files]
    sources = {name: read(name, file.read_text(encoding="utf-8")) for name, file in zip(names, files, strict=True)}
    uses: dict[str, list[Use]] = {}
    engine = [source for name, source in sources.items() if module_of(name) == ENGINE]
    given = [one for source in engine for one in source.declarations if one.access in _FOR_OTHERS]
    for module in sorted({module_of(name) for name in names}):
        own = [source for name, source in sources.items() if module_of(name) == module]
        walkers: dict[str, Walker] = {}
        known = Names([*declarations(own), *(given if module != ENGINE else ())])
        walkers |= {source.file: Walker(source, known, walkers) for source in {id(s): s for s in engine + own}.values()}
        uses |= {source.file: walkers[source.file].all_uses() for source in own}
    return Tree(sources, dict(sorted(uses.items())))


def declarations(sources: Iterable[Source]) -> list[Declaration]:
    return [one for source in sources for one in source.declarations]


def module_of(file: str) -> str:
    return file.split("/")[1]


def room_of(file: str) -> str:
    """A folder of the engine; a file that lies in none; or, of another module, its name."""
    parts = file.split("/")
    return parts[2] if parts[1] == ENGINE else parts[1]
