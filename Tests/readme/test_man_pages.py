# SPDX-License-Identifier: Apache-2.0
"""The man pages: each name of the header has one, both readers of man pages understand them, and they say all of it."""

import os
import re
import sys
import unittest
from collections.abc import Iterator

from surroundings import BUILD, ROOT, run
from watched import WatchedTestCase

sys.path.append(str(ROOT / "scripts"))

from header import Alias, Callback, Constants, Declaration, Function, Handle, Header, Macro, Struct
from reference.comments import Bullets, Code, Heading, Paragraph, understood

MAN = BUILD / "man"
FILES = sorted((MAN / "man3").iterdir())
LINKS = {file.name: file.read_text(encoding="utf-8") for file in FILES if file.stat().st_size < 100}
PAGES = [file for file in FILES if file.name not in LINKS]
HEADER = Header()
#: Man pages have no end of three dots of their own.
PLAIN = str.maketrans({"…": "...", "`": None})


def names_of(declaration: Declaration) -> list[str]:
    match declaration:
        case Function(name) | Struct(name) | Alias(name) | Handle(name) | Macro(name):
            return [name]
        case Callback(name, declared=declared):
            return [name] if declared else []
        case Constants(members):
            return [name for name, _ in members]
        case _:
            return []


def words(text: str) -> str:
    return " ".join(text.translate(PLAIN).split())


def said_by(declaration: Declaration) -> Iterator[str]:
    """What a page has to say of a declaration, as it stands there."""
    comment = understood(getattr(declaration, "comment", ""))
    for block in comment.blocks:
        match block:
            case Paragraph(text) | Heading(text):
                yield text
            case Bullets(items):
                yield from items
            case Code(lines):
                yield from lines
    yield from (said for _, said in comment.parameters)
    if comment.waits:
        yield comment.waits
    if isinstance(declaration, Struct | Constants):
        yield from declaration.comments
    # What is returned is taken apart: its clauses are there, and the statuses beside them.
    clauses = re.sub(r"EXZ_[A-Z_]+[,;:]?(?: or)?", ";", comment.returned)
    yield from re.findall(r"[^;:.]+(?=[;:.])", clauses)
    yield from re.findall(r"EXZ_[A-Z_]+", comment.returned)


class ManPages(WatchedTestCase):
    def shown(self, name: str) -> str:
        """A page as mandoc shows it, without ends of lines."""
        page = MAN / "man3" / f"{name}.3"
        result = run(["mandoc", "-T", "utf8", "-O", "width=1000", str(page)], cwd=MAN)
        self.assertEqual((result.returncode, result.stderr), (0, ""), name)
        return words(re.sub(r".\x08", "", result.stdout))

    def test_each_name_has_a_page(self) -> None:
        names = [name for declaration in HEADER.declarations for name in names_of(declaration)]
        self.assertGreater(len(names), 250)
        self.assertGreaterEqual({file.stem for file in FILES}, {*names, "experimance_zmq"})
        functions = [function.name for function in HEADER.functions]
        found = run(["man", "-M", str(MAN), "-w", *functions])
        self.assertEqual((found.returncode, found.stderr), (0, ""))
        self.assertEqual(len(found.stdout.splitlines()), len(functions))

    def test_links_lead_to_pages_that_name_them(self) -> None:
        self.assertGreater(len(LINKS), 100)
        for name, text in LINKS.items():
            target = re.fullmatch(r"\.so man3/(\w+)\.3\n", text)
            assert target, name
            self.assertIn(name.removesuffix(".3"), (MAN / "man3" / f"{target[1]}.3").read_text(encoding="utf-8"))

    def test_mandoc_has_nothing_to_say(self) -> None:
        result = run(["mandoc", "-T", "lint", *map(str, PAGES)], cwd=MAN)
        self.assertEqual((result.stdout, result.stderr), ("", ""))

    def test_man_has_nothing_to_say(self) -> None:
        environment = os.environ | {"LC_ALL": "C.UTF-8", "MANROFFSEQ": "", "MANWIDTH": "80"}
        for page in PAGES:
            result = run(["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", str(page)], env=environment)
            self.assertEqual((result.returncode, result.stderr), (0, ""), page.name)

    def test_nothing_of_the_header_is_left_out(self) -> None:
        shown: dict[str, str] = {}
        looked_for = 0
        for declaration in HEADER.declarations:
            for name in names_of(declaration)[:1]:
                target = re.match(r"\.so man3/(\w+)", LINKS.get(f"{name}.3", ""))
                page = target[1] if target else name
                text = shown.setdefault(page, self.shown(page).lower())
                for said in said_by(declaration):
                    looked_for += 1
                    self.assertIn(words(said).lower(), text, page)
                if isinstance(declaration, Function):
                    self.assertIn(declaration.declared.lower().replace(" ", ""), text.replace(" ", ""))
        self.assertGreater(looked_for, 1000)

    def test_overview_names_each_function(self) -> None:
        text = self.shown("experimance_zmq")
        for said in said_by(Alias("", "", HEADER.introduction)):
            self.assertIn(words(said).rstrip(".").lower(), text.lower())
        for page in PAGES:
            if page.stem != "experimance_zmq":
                self.assertIn(f"{page.stem}(3)", text)


if __name__ == "__main__":
    unittest.main()
