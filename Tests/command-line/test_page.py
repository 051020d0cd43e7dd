# SPDX-License-Identifier: Apache-2.0
"""docs/command-line.md: what it shows runs as it stands, and what it lists is all there is."""

import re
from pathlib import Path

from shell import ShellTestCase

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")


class Page(ShellTestCase):
    def test_examples(self) -> None:
        """In a folder of its own each; times differ from run to run."""
        text = PAGE + README.partition("\n## In a shell\n")[2].partition("\n## ")[0]
        examples = re.findall(r"^```sh\n(.*?)^```\n\n^```text\n(.*?)^```$", text, re.M | re.S)
        self.assertEqual(len(examples), text.count("```sh\n"))
        for number, (commands, shown) in enumerate(examples):
            with self.subTest(commands=commands):
                folder = self.folder / str(number)
                folder.mkdir()
                ended = self.shell(f"cd {folder} && {{ {commands}}} 2>&1")
                self.assertEqual(self.without_times(ended.out), self.without_times(shown))

    def without_times(self, text: str) -> str:
        text = re.sub(r"(process|user|group|mode) (\d+|[\w-]+)\b", r"\1 OTHER", text)
        text = re.sub(r", [\d.]+ m?s$", ", TIME", text, flags=re.M)
        text = re.sub(r"after \d+ attempts in [\d.]+ m?s", "after ATTEMPTS in TIME", text)
        # What is measured differs as well, and with it how many rows there are.
        text = re.sub(r" +[\d.,]+ (?:[nuµm]s|s)\b", " TIME", text)
        text = re.sub(r"[\d.,]+ messages/s, [\d.]+ .?B/s", "RATE", text)
        return re.sub(r"(?:^ TIME [|│].*\n)+", "ROWS\n", text, flags=re.M)

    def test_what_the_doctor_finds(self) -> None:
        """The page has each of its steps, faults and members."""
        text = PAGE.partition("\n## What is wrong\n")[2].partition("\n## ")[0]
        folder = ROOT / "CommandLine" / "Sources" / "Doctor"
        faults = re.findall(r': "([a-z-]+)"$', (folder / "Findings" / "Fault.swift").read_text(encoding="utf-8"), re.M)
        self.assertGreater(len(faults), 30)
        words = text.partition("The words for what is wrong")[2]
        self.assertEqual(sorted(re.findall(r"`([a-z][a-z-]+)`", words)), sorted(faults))
        source = (folder / "Findings" / "Finding.swift").read_text(encoding="utf-8")
        steps = re.findall(
            r"^        case (\w+)(?: = \"(.*)\")?$",
            source.partition("enum Step")[2].partition("}")[0],
            re.M,
        )
        table = text.partition("| step |")[2].partition("\n\n")[0]
        self.assertEqual(
            sorted(re.findall(r"^\| `([a-z ]+)` \|", table, re.M)), sorted(value or name for name, value in steps)
        )
        members = {
            name
            for file in folder.rglob("*.swift")
            for name in re.findall(r'\("([a-z]+)", (?:\.|JSONText|\w+\.map)', file.read_text(encoding="utf-8"))
        }
        self.assertGreater(len(members), 15)
        for member in members:
            with self.subTest(member=member):
                self.assertIn(f"`{member}`", text)

    def test_forms(self) -> None:
        table = re.findall(r"^\| `([a-z]+)` \| ", PAGE.partition("| `--format` |")[2].partition("\n\n")[0], re.M)
        (values,) = set(re.findall(r"\(values: (lines[^)]*)\)", " ".join(self.exz("push", "--help").out.split())))
        self.assertEqual(table, values.split(", "))

    def test_faults(self) -> None:
        """Each is one that the program takes."""
        rows = re.findall(
            r"^\| (`[a-z][^|]*) \| [^|]*\|$", PAGE.partition("| `--fault` |")[2].partition("\n\n")[0], re.M
        )
        names = [name for row in rows for name in re.findall(r"`([^`]+)`", row)]
        self.assertGreater(len(names), 10)
        running = self.start("fault", "tcp://127.0.0.1:1", "--control", reads=True)
        running.line()
        for number, name in enumerate(names, 1):
            with self.subTest(name=name):
                running.write(f"add {name.replace('TIME', '1s')}\n")
                self.assertEqual(running.line(), f"added {number}")
        running.end_input()
        self.assert_done(running.end())

    def test_commands(self) -> None:
        """The page speaks of each command."""
        for command in re.findall(r"^  ([a-z]+) {2,}\S", self.exz("--help").out, re.M):
            with self.subTest(command=command):
                self.assertRegex(PAGE, rf"`(exz )?{command}\b|exz {command}\b")
