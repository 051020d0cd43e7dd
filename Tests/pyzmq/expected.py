# SPDX-License-Identifier: Apache-2.0
"""What is expected to differ, and what pyzmq's suite leaves out by itself: the tables beside this file, as values."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from outcomes import Outcome

HERE = Path(__file__).resolve().parent
ALL = "all"
# `untried`: goes well or not with pyzmq's own backend, too. `queued`: would wait for ever, and passes with QUEUE.
WAYS = {"fails": Outcome.FAILED, "skips": Outcome.SKIPPED, "untried": Outcome.LEFT_OUT, "queued": Outcome.PASSED}
# Has what is sent before a peer is there queued, as with pyzmq's own backend.
QUEUE = {"EXZ_PYZMQ_QUEUE": "1"}


class BadTable(Exception):
    """A line that makes no sense."""


@dataclass(frozen=True)
class Expected:
    """A test that is not as with pyzmq's own backend, and why."""

    test: str
    versions: tuple[str, ...]
    outcome: Outcome
    reason: str


def read_expected(path: Path, versions: Iterable[str]) -> list[Expected]:
    known = tuple(versions)
    listed = [_expected(line, known) for line in _lines(path, 4)]
    places = [(each.test, version) for each in listed for version in each.versions]
    if twice := sorted({place for place in places if places.count(place) > 1}):
        raise BadTable(f"{path.name} has twice: {twice}")
    return listed


def those(listed: Iterable[Expected], version: str, outcome: Outcome) -> tuple[str, ...]:
    return tuple(each.test for each in listed if version in each.versions and each.outcome is outcome)


def read_own_skips(path: Path) -> frozenset[str]:
    """How the reasons begin for which pyzmq's suite skips tests, whichever the backend."""
    return frozenset(line[0] for line in _lines(path, 1))


def _expected(line: list[str], known: tuple[str, ...]) -> Expected:
    test, said, way, reason = line
    versions = known if said == ALL else tuple(said.split(","))
    if not set(versions) <= set(known) or way not in WAYS or not reason:
        raise BadTable(f"a line that makes no sense: {line}")
    return Expected(test, versions, WAYS[way], reason)


def _lines(path: Path, columns: int) -> Iterator[list[str]]:
    with path.open(encoding="utf-8", newline="") as opened:
        for line in csv.reader(opened, delimiter="\t", quoting=csv.QUOTE_NONE):
            if not line or line[0].startswith("#"):
                continue
            if len(line) != columns:
                raise BadTable(f"{path.name}: {len(line)} columns and not {columns}: {line}")
            yield line
