# SPDX-License-Identifier: Apache-2.0
"""A terminal that the program is used in: tmux, with a screen of its own."""

import os
import select
import shlex
import subprocess
import time

from shell import PATIENCE, ShellTestCase, program


class TerminalTestCase(ShellTestCase):
    """A shell in a terminal; what it shows is read as it comes."""

    def setUp(self) -> None:
        super().setUp()
        fifo = self.folder / "shown"
        os.mkfifo(fifo)
        # Both ends, so that neither this nor the one who writes waits for the other.
        self.shown = os.open(fifo, os.O_RDWR | os.O_NONBLOCK)
        self.addCleanup(os.close, self.shown)
        self.seen = ""
        # Without the start-up files of whoever runs this.
        shell = "env PS1='$ ' TERM=screen bash --noprofile --norc"
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", "200", "-y", "50", shell)
        self.addCleanup(self.tmux, "kill-server")
        self.tmux("pipe-pane", f"exec cat >{shlex.quote(str(fifo))}")
        self.type(f'exz() {{ {shlex.quote(program())} "$@"; }}; echo re""ady')
        self.see("ready\r\n")

    def tmux(self, *arguments: str) -> None:
        subprocess.run(["tmux", "-S", str(self.folder / "tmux"), *arguments], check=True)

    def type(self, text: str, key: str = "Enter") -> None:
        self.tmux("send-keys", "-l", text)
        self.tmux("send-keys", key)

    def see(self, wanted: str) -> str:
        """Waits until that is shown, and returns what was shown up to there."""
        deadline = time.monotonic() + PATIENCE
        while wanted not in self.seen:
            if not select.select([self.shown], [], [], max(0, deadline - time.monotonic()))[0]:
                raise AssertionError(f"{wanted!r} is not shown, but {self.seen!r}")
            self.seen += os.read(self.shown, 65536).decode("utf-8", "replace")
        before, _, self.seen = self.seen.partition(wanted)
        return before + wanted

    def status(self, command: str) -> str:
        """Runs a command to its end, and returns what is shown, with its exit status."""
        self.type(f'{command}; echo "status" $?')
        self.see("\r\n")
        return self.see("status ") + self.see("\r\n")
