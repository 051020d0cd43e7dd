# SPDX-License-Identifier: Apache-2.0
"""The Markdown of this checkout as pages of the site, at the same places, so that their links go on to lead there.

What they link to and is no page becomes one: a file with what is in it, a folder with its files. A line
`<!-- include PATH -->` stands for a file, `<!-- include PATH # TITLE -->` for what is under a heading of a page: what
is shown in two places is written in one.
"""

import re
import shutil
from collections.abc import Callable
from pathlib import Path, PurePosixPath

_LANGUAGES = {".c": "c", ".h": "c", ".py": "python", ".swift": "swift", ".yaml": "yaml", ".txt": "cmake", ".sh": "sh"}
_IMAGES = (".svg", ".png")
_FENCE = re.compile(r"(^ *```.*?^ *```$)", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?<=\]\()(?![a-z]+:|#)([^)#\s]+)")
_ANCHOR = re.compile(r"(?<=\]\()(?=#)")
_INCLUDE = re.compile(r"^<!-- include ([^\s#]+)(?: # ([^>]+?))? -->$", re.MULTILINE)
_HEADER = "include/experimance_zmq.h"
_REFERENCE_OF_C = "c/index.md"


class MissingError(Exception):
    """What is linked to or included is not there."""


class Sources:
    """Copies pages, and what they need, from one folder to another."""

    def __init__(self, root: Path, target: Path, pages: list[str]) -> None:
        self._root = root
        self._target = target
        self._pages = set(pages)
        self._written: set[str] = set()

    def write(self) -> None:
        """Writes all of it."""
        for page in sorted(self._pages):
            self._put(page, self._linked(self._included(self._read(page)), PurePosixPath(page).parent))

    def _read(self, path: str) -> str:
        try:
            return (self._root / path).read_text(encoding="utf-8")
        except OSError as error:
            raise MissingError(f"{path}: {error.strerror}") from error

    def _put(self, path: str, text: str) -> None:
        file = self._target / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        self._written.add(path)

    def _included(self, text: str) -> str:
        def replaced(match: re.Match[str]) -> str:
            path, title = match[1], match[2]
            if title is None:
                return _fenced(path, self._read(path))
            body = _section(self._read(path), title)
            if body is None:
                raise MissingError(f"{path} has no section {title!r}")
            # Links of the page that it is from lead on from there, those to other places on it to it.
            folder = PurePosixPath(path).parent
            return _outside_of_code(
                body,
                lambda piece: _ANCHOR.sub(f"/{path}", _LINK.sub(lambda link: f"/{folder / link[1]}", piece)),
            )

        return _INCLUDE.sub(replaced, text)

    def _linked(self, text: str, folder: PurePosixPath) -> str:
        return _outside_of_code(text, lambda piece: _LINK.sub(lambda match: self._place(match[1], folder), piece))

    def _place(self, link: str, folder: PurePosixPath) -> str:
        """Where a link of a page in a folder leads."""
        path = _normal(PurePosixPath(link[1:]) if link.startswith("/") else folder / link)
        return _relative(self._page_of(path), folder)

    def _page_of(self, path: str) -> str:
        """The page that a file or a folder is shown on, which is written if there is none."""
        if path == _HEADER:
            return _REFERENCE_OF_C
        if path in self._pages:
            return path
        if f"{path}/README.md" in self._pages:
            return f"{path}/README.md"
        source = self._root / path
        if path.endswith(_IMAGES):
            (self._target / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, self._target / path)
            return path
        page = f"{path}/index.md" if source.is_dir() else f"{path}.md"
        if page not in self._written:
            self._written.add(page)
            self._put(page, self._folder(path) if source.is_dir() else _file(path, self._read(path)))
        return page

    def _folder(self, path: str) -> str:
        names = sorted(child.name for child in (self._root / path).iterdir() if not child.name.startswith(("__", ".")))
        here = PurePosixPath(path)
        lines = [f"- [{name}]({_relative(self._page_of(str(here / name)), here)})" for name in names]
        return f"{_NOT_SEARCHED}# {path}\n\n" + "\n".join(lines) + "\n"


_NOT_SEARCHED = "---\nsearch:\n  exclude: true\n---\n\n"


def _file(path: str, text: str) -> str:
    return f"{_NOT_SEARCHED}# {path}\n\n{_fenced(path, text)}\n"


def _fenced(path: str, text: str) -> str:
    language = _LANGUAGES.get(PurePosixPath(path).suffix, "text")
    return f'````{{ .{language} title="{path}" }}\n{text.rstrip()}\n````'


def _section(text: str, title: str) -> str | None:
    """What is under a heading, up to the next of its level or a higher one."""
    pieces = _FENCE.split(text)
    # Code may have lines that look like headings.
    hidden = "".join(piece if index % 2 == 0 else re.sub(r"(?m)^#", "\0", piece) for index, piece in enumerate(pieces))
    heading = re.search(rf"^(#+) {re.escape(title)}$", hidden, re.MULTILINE)
    if not heading:
        return None
    rest = hidden[heading.end() :]
    end = re.search(rf"^#{{1,{len(heading[1])}}} ", rest, re.MULTILINE)
    return (rest[: end.start()] if end else rest).replace("\0", "#").strip("\n")


def _outside_of_code(text: str, change: Callable[[str], str]) -> str:
    pieces = _FENCE.split(text)
    return "".join(piece if index % 2 else change(piece) for index, piece in enumerate(pieces))


def _normal(path: PurePosixPath) -> str:
    parts: list[str] = []
    for part in path.parts:
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def _relative(path: str, folder: PurePosixPath) -> str:
    up = [] if str(folder) == "." else list(folder.parts)
    down = path.split("/")
    while up and down[:-1] and up[0] == down[0]:
        up.pop(0)
        down.pop(0)
    return "/".join([".."] * len(up) + down)
