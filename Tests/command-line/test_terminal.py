# SPDX-License-Identifier: Apache-2.0
"""The program in a terminal, as a person sees it."""

import re

from terminal import TerminalTestCase


class Terminal(TerminalTestCase):
    """As a person sees it."""

    def test_conversation(self) -> None:
        """What is typed goes out, what comes in is shown, and Ctrl-C ends it with its status."""
        self.type(f"exz pair --bind {self.path()} --verbose; echo not reached")
        self.see("listening")
        other = self.start("pair", "--connect", self.path(), reads=True)
        self.type("typed here")
        self.assertEqual(other.line(), "typed here")
        other.write("and back\n")
        self.see("and back")
        self.tmux("send-keys", "C-c")
        # The shell drops the rest of its line as well, as it does when it is told that a signal was the reason.
        self.see("$ ")
        self.type('echo "status" $?')
        self.see("status 130")
        self.assertFalse((self.folder / "socket").exists())

    def test_end_of_input(self) -> None:
        """Ctrl-D is the end of what is typed."""
        pull, endpoint = self.listen("pull", "--count", "1")
        self.type(f'exz push --connect {endpoint}; echo "status" $?')
        self.type("typed")
        self.assert_done(pull.end(), "typed\n")
        self.tmux("send-keys", "C-d")
        self.see("status 0")

    def test_colours(self) -> None:
        """Only in a terminal, and not with NO_COLOR."""
        bold = "\x1b[1mexz:\x1b[0m "
        self.assertIn(bold, self.status("exz push"))
        for command in ("NO_COLOR=1 exz push", "TERM=dumb exz push", "exz push 2>&1 | cat"):
            with self.subTest(command=command):
                self.assertRegex(self.status(command), r"(\A|[^m])exz: no endpoint")

    def test_doctor(self) -> None:
        """Marks are in colour where that is wanted, and Ctrl-C ends a watch with its status."""
        failed = f"\x1b[31m{self.path()} does not work: the path does not exist\x1b[0m"
        self.assertIn(failed, self.status(f"exz doctor {self.path()}"))
        for command in (f"NO_COLOR=1 exz doctor {self.path()}", f"exz doctor {self.path()} | cat"):
            with self.subTest(command=command):
                shown = self.status(command)
                self.assertIn("  FAIL  path        the path does not exist\r\n", shown)
                self.assertNotIn("\x1b[31m", shown)
        self.type(f"exz doctor --watch --interval 1ms {self.path()}; echo not reached")
        self.see("does not work")
        pull = self.start("pull", "--bind", self.path())
        self.see(f"\x1b[32m{self.path()} works: a PULL socket, PUSH can talk to it\x1b[0m")
        self.tmux("send-keys", "C-c")
        self.see("$ ")
        self.type('echo "status" $?')
        self.see("status 130")
        pull.discard()

    def test_progress(self) -> None:
        """A line that is written anew while something is measured, and is gone when it is done."""
        for variables, is_coloured in (("LC_ALL=C", True), ("LC_ALL=C NO_COLOR=1", False)):
            with self.subTest(variables=variables):
                self.type(f"{variables} exz bench {self.path()} --only latency --duration 1h --warmup 0")
                line = self.see(" left").rpartition("\r")[2]
                self.assertRegex(line, r"\Alatency  (\x1b\[32m)?#*\.+(\x1b[^ ]*)?  0 %  \S+/s  \d+ s left\Z")
                self.assertEqual("\x1b" in line, is_coloured)
                self.tmux("send-keys", "C-c")
                self.see("stopped early")
                self.see("$ ")
                self.type('echo "status" $?')
                self.see("status 130")
        for variables, options in (("TERM=dumb", ""), ("", "--quiet"), ("", "2>/dev/null")):
            with self.subTest(variables=variables, options=options):
                shown = self.status(f"{variables} exz bench {self.path()} --count 100 --warmup 0 {options}")
                self.assertIn("throughput", shown)
                self.assertNotIn(" left", shown)

    def test_completion(self) -> None:
        """The tabulator completes a command, an option and a value."""
        self.type('source <(exz completion bash); echo sour""ced')
        self.see("sourced\r\n")
        for typed, completed in (
            ("exz dea", "exz dealer "),
            ("exz pull --coun", "--count "),
            ("exz completion fi", "fish "),
        ):
            with self.subTest(typed=typed):
                self.type(typed, "Tab")
                self.see(completed)
                self.tmux("send-keys", "C-u")

    def test_mistake(self) -> None:
        """One line, and the status."""
        shown = re.sub(r"\x1b\[[^a-zA-Z]*[a-zA-Z]", "", self.status("exz frobnicate"))
        self.assertRegex(shown, r"\A\r?exz: [^\n]*frobnicate[^\n]*see exz --help\r\nstatus 2\r\n\Z")
