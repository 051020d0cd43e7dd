# SPDX-License-Identifier: Apache-2.0
"""What docs/architecture.md allows: which room may know which, and who may import what."""

import re
from dataclasses import dataclass, field

_HEADING = re.compile(r"^#+ Who may know whom$", re.MULTILINE)
_ROW = re.compile(r"^\|([^|]*)\|([^|]*)\|\s*$")
_IMPORT = re.compile(r"^May import `(\w+)`: ((?:.+\n?)+)", re.MULTILINE)
_NONE = "–"
_ALL = "all above"


@dataclass
class Rules:
    rooms: dict[str, set[str]] = field(default_factory=dict)
    """For each room those it may know."""
    importers: dict[str, list[str]] = field(default_factory=dict)
    """For each module that not everybody may import the rooms, or files (`Room/File.swift`), that may."""
    errors: list[str] = field(default_factory=list)


def rules(document: str) -> Rules:
    """Reads the section of the document."""
    found = Rules()
    heading = _HEADING.search(document)
    section = document[heading.end() :] if heading else ""
    section = re.split(r"^#", section, maxsplit=1, flags=re.MULTILINE)[0]
    rows = [row.groups() for line in section.splitlines() if (row := _ROW.match(line))][2:]
    if not rows:
        found.errors.append('there is no table under the heading "Who may know whom"')
    for name, others in rows:
        _add_row(found, _plain(name), [_plain(other) for other in others.split(",")])
    for module, importers in _IMPORT.findall(section):
        found.importers[module] = [_plain(importer) for importer in importers.rstrip().rstrip(".").split(",")]
    return found


def _plain(cell: str) -> str:
    return " ".join(cell.split()).strip("`")


def _add_row(found: Rules, name: str, others: list[str]) -> None:
    if name in found.rooms:
        found.errors.append(f"{name} has two rows")
    allowed: set[str] = set()
    for other in others:
        if other == _ALL:
            allowed |= set(found.rooms)
        elif other in found.rooms:
            allowed.add(other)
        elif other != _NONE:
            found.errors.append(f"{name} may know {other or 'nobody'}, which has no row above it")
    found.rooms[name] = allowed
