# SPDX-License-Identifier: Apache-2.0
"""Compares the arrows of the sources with the rules, and says what does not fit."""

from collections import Counter, defaultdict
from pathlib import Path

from arrows.circles import LARGEST, circles
from arrows.rules import Rules, rules
from arrows.tree import ENGINE, Arrow, Tree, module_of, read_tree, room_of

DOCUMENT = "docs/architecture.md"
_NAMES_SHOWN = 6


class Report:
    """What is wrong, a line each, and the line that closes it."""

    def __init__(self, root: Path, document: Path | None = None) -> None:
        document = document or root / DOCUMENT
        self.tree = read_tree(root)
        self.rules = rules(document.read_text(encoding="utf-8") if document.exists() else "")
        self.arrows = [arrow for arrow in self.tree.arrows if room_of(arrow.file) != room_of(arrow.declared.file)]
        rooms = {room_of(file) for file in self.tree.sources}
        errors = self.rules.errors + _rooms_without(self.rules, rooms) + _wrong_importers(self.rules, self.tree)
        self.errors = [f"{DOCUMENT}: {error}" for error in errors]
        self.not_allowed = _not_allowed(self.rules, self.arrows)
        self.imports = _imports(self.rules, self.tree)
        self.circles = _circles(self.tree)
        refused = len(self.not_allowed) + len(self.imports)
        self.closing_line = (
            f"arrows: {len(rooms)} rooms, {len(self.arrows)} arrows, {refused} not allowed, {len(self.circles)} circles"
        )

    @property
    def lines(self) -> list[str]:
        circles = [line for circle in self.circles for line in circle]
        return self.errors + self.not_allowed + self.imports + circles

    @property
    def graph(self) -> list[str]:
        """All arrows from room to room, and how many names each stands for."""
        counted = Counter((room_of(arrow.file), room_of(arrow.declared.file)) for arrow in self.arrows)
        return [f"{room} → {other}: {count}" for (room, other), count in sorted(counted.items())]


def _rooms_without(rules: Rules, rooms: set[str]) -> list[str]:
    if not rules.rooms:
        return []
    return [
        *(f"{room} has no row" for room in sorted(rooms - set(rules.rooms))),
        *(f"{room} has a row, and no Swift source" for room in sorted(set(rules.rooms) - rooms)),
    ]


def _not_allowed(rules: Rules, arrows: list[Arrow]) -> list[str]:
    found = []
    for file, line, declared in arrows:
        room, other = room_of(file), room_of(declared.file)
        if room in rules.rooms and other in rules.rooms and other not in rules.rooms[room]:
            found.append(f"{file}:{line}: {room} → {other}: uses {declared.words} (declared in {declared.file})")
    return found


# --- imports ----------------------------------------------------------------------------------------------------------


def _place(file: str) -> str:
    """A file as the rules name it."""
    return "/".join(file.split("/")[2 if module_of(file) == ENGINE else 1 :])


def _wrong_importers(rules: Rules, tree: Tree) -> list[str]:
    """Exceptions that are none."""
    imported = {(_place(file), module) for file, source in tree.sources.items() for module, _ in source.imports}
    return [
        f"{importer} may import {module}, and does not"
        for module, importers in rules.importers.items()
        for importer in importers
        if importer not in rules.rooms and (importer, module) not in imported
    ]


def _imports(rules: Rules, tree: Tree) -> list[str]:
    return [
        f"{file}:{line}: {room_of(file)} may not import {module}"
        for file, source in tree.sources.items()
        for module, line in source.imports
        if module in rules.importers and not {room_of(file), _place(file)} & set(rules.importers[module])
    ]


# --- circles ----------------------------------------------------------------------------------------------------------


def _circles(tree: Tree) -> list[list[str]]:
    """The circles that are too large, with what makes them."""
    used: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for arrow in tree.arrows:
        used[arrow.file][arrow.declared.file].append(arrow.declared.words)
    found = []
    for circle in circles({file: set(others) for file, others in used.items()}):
        if len(circle) <= LARGEST:
            continue
        lines = [f"circle of {len(circle)} files, where {LARGEST} are the most:"]
        for file in circle:
            for other in sorted(set(used[file]) & set(circle)):
                names = sorted(used[file][other])
                more = f", and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
                lines.append(f"  {_place(file)} → {_place(other)}: {', '.join(names[:_NAMES_SHOWN])}{more}")
        found.append(lines)
    return found
