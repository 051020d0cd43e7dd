# SPDX-License-Identifier: Apache-2.0
"""The man pages of exz: each command has one that says all of its help, and both readers of man pages understand it."""

import json
import os
import re
import unittest
from collections.abc import Iterator
from typing import Any

from surroundings import BUILD, run
from watched import WatchedTestCase

EXZ = BUILD / "bin" / "exz"
MAN = BUILD / "man"
PAGES = sorted((MAN / "man1").iterdir())


def words(text: str) -> str:
    """What a page shows, without the ends of its lines and what is bold."""
    return " ".join(re.sub(r".\x08", "", text).replace("`", "").split())


class CommandPages(WatchedTestCase):
    def setUp(self) -> None:
        super().setUp()
        help_of_all = run([str(EXZ), "--experimental-dump-help"])
        self.assertEqual((help_of_all.returncode, help_of_all.stderr), (0, ""))
        self.program: dict[str, Any] = json.loads(help_of_all.stdout)["command"]

    def shown(self, page: str) -> str:
        result = run(["mandoc", "-T", "utf8", "-O", "width=1000", str(MAN / "man1" / f"{page}.1")], cwd=MAN)
        self.assertEqual((result.returncode, result.stderr), (0, ""), page)
        return words(result.stdout)

    def commands(self, command: dict[str, Any], path: tuple[str, ...]) -> Iterator[tuple[str, dict[str, Any]]]:
        """Each command that there is, with the name of the page that it has to be on."""
        for inside in command.get("subcommands", []):
            if inside["commandName"] == "help":
                continue
            inner = (*path, inside["commandName"])
            yield "-".join(inner[:2]), inside
            yield from self.commands(inside, inner)

    def test_each_command_has_a_page(self) -> None:
        commands = list(self.commands(self.program, ("exz",)))
        self.assertEqual({page.stem for page in PAGES}, {"exz", *(page for page, _ in commands)})
        self.assertGreater(len(commands), 15)
        found = run(["man", "-M", str(MAN), "-w", *(page.stem for page in PAGES)])
        self.assertEqual((found.returncode, found.stderr), (0, ""))
        self.assertEqual(len(found.stdout.splitlines()), len(PAGES))
        overview = self.shown("exz")
        for page, command in commands:
            if page.endswith(command["commandName"]):
                self.assertIn(f"{page}(1) {words(command['abstract'])}", overview)

    def test_nothing_of_the_help_is_left_out(self) -> None:
        looked_for = 0
        for page, command in [("exz", self.program), *self.commands(self.program, ("exz",))]:
            text = self.shown(page)
            for said in (command["abstract"], *re.split(r"\n\s*\n", command.get("discussion", ""))):
                self.assertIn(words(said), text, page)
            for argument in command["arguments"]:
                names = [("--" if name["kind"] == "long" else "-") + name["name"] for name in argument.get("names", [])]
                looked_for += 1
                head = rf"(?<!\S){re.escape(argument['valueName'])}" if not names else ""
                for name in names:
                    value = "" if argument["kind"] == "flag" else rf" {re.escape(argument['valueName'])}"
                    self.assertRegex(text, rf"(?<!\S){name}(,|{value})", page)
                    head = rf"(?<!\S){name}(, --?[\w-]+)*{value}"
                values = argument.get("allValues", [])
                rest = f" It is one of: {', '.join(values)}." if values else ""
                rest += f" Without it: {argument['defaultValue']}." if argument.get("defaultValue") else ""
                # All of it together, and in that order.
                self.assertRegex(text, f"{head} {re.escape(words(argument.get('abstract', '')) + rest)}", page)
        self.assertGreater(looked_for, 300)

    def test_mandoc_has_nothing_to_say(self) -> None:
        result = run(["mandoc", "-T", "lint", *map(str, PAGES)], cwd=MAN)
        self.assertEqual((result.stdout, result.stderr), ("", ""))

    def test_man_has_nothing_to_say(self) -> None:
        environment = os.environ | {"LC_ALL": "C.UTF-8", "MANROFFSEQ": "", "MANWIDTH": "80"}
        for page in PAGES:
            result = run(["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", str(page)], env=environment)
            self.assertEqual((result.returncode, result.stderr), (0, ""), page.name)

    def test_statuses_are_those_of_the_program(self) -> None:
        for page in PAGES:
            text = self.shown(page.stem)
            self.assertRegex(text, "EXIT STATUS 0 .* 1 .* 2 .* 3 The time was up", page.name)


if __name__ == "__main__":
    unittest.main()
