# SPDX-License-Identifier: Apache-2.0
"""exz top in a terminal: drawn anew, with keys, and the terminal as it was whatever ends it."""

import os
import signal
import socket
import subprocess
from unittest import mock

from shell import Running, program
from terminal import TerminalTestCase

ENTERED = "\x1b[?1049h"
LEFT = "\x1b[?1049l"


class TopInTerminal(TerminalTestCase):
    def setUp(self) -> None:
        runtime = mock.patch.dict(os.environ, {"EXZ_STATS": "1"})
        runtime.start()
        self.addCleanup(runtime.stop)
        super().setUp()
        directory = self.folder / "run"
        directory.mkdir(mode=0o700)
        os.environ["XDG_RUNTIME_DIR"] = str(directory)
        # The shell was started before there was one.
        self.type(f'export XDG_RUNTIME_DIR={directory}; stty -g >{self.folder}/before; echo now he""re')
        self.see("now here\r\n")

    def start_watched(self) -> tuple[Running, str]:
        running = self.start("pull", "--bind", "tcp://127.0.0.1:*")
        return running, running.endpoint()

    def start_top(self, *arguments: str) -> None:
        self.type(" ".join(["exz top --interval 100ms", *arguments]) + '; echo "status" $?')
        self.see(ENTERED)

    def see_left(self, status: int) -> None:
        """The screen is the former one, the cursor is shown, and keys are a line again."""
        self.assertIn("\x1b[?25h", self.see(LEFT))
        self.see_as_it_was(status)

    def see_as_it_was(self, status: int) -> None:
        self.see(f"status {status}\r\n")
        self.type(f'stty -g >{self.folder}/after; cmp {self.folder}/before {self.folder}/after && echo "as" it was')
        self.see("as it was\r\n")

    def test_drawn_anew(self) -> None:
        """What happens is shown, with rates, until q."""
        pull, endpoint = self.start_watched()
        self.start_top()
        self.see("1 context, 1 socket")
        self.see(endpoint)
        with_messages = self.start("push", "--connect", endpoint, "--interval", "10ms", "--count", "1000000", "tick")
        self.see("ready")
        with_messages.signal(signal.SIGTERM)
        self.start_watched()
        self.see("2 contexts, 2 sockets")
        pull.signal(signal.SIGTERM)
        self.see("1 context, 1 socket")
        self.tmux("send-keys", "q")
        self.see_left(0)

    def test_order(self) -> None:
        self.start_watched()
        self.start_top("--sort traffic")
        self.see("order: traffic")
        self.tmux("send-keys", "s")
        self.see("order: errors")
        self.tmux("send-keys", "s")
        self.see("order: program")
        self.tmux("send-keys", "x", "q")
        self.see_left(0)

    def test_nobody(self) -> None:
        """It waits for somebody to come."""
        self.start_top()
        self.see("no program serves statistics")
        self.start_watched()
        self.see("1 context")
        self.tmux("send-keys", "q")
        self.see_left(0)

    def test_interrupted(self) -> None:
        self.start_top()
        self.see("0 contexts")
        self.tmux("send-keys", "C-c")
        self.see(LEFT)
        self.see("$ ")
        self.type('echo "status" $?')
        self.see_as_it_was(130)

    def start_top_at_silence(self) -> None:
        """It looks at somebody who says nothing, for an hour."""
        silent = socket.socket(socket.AF_UNIX)
        self.addCleanup(silent.close)
        silent.bind(str(self.folder / "silent"))
        silent.listen()
        self.start_top(f"--timeout 1h --endpoint ipc://{self.folder}/silent")

    def test_interrupted_while_it_looks(self) -> None:
        self.start_top_at_silence()
        self.tmux("send-keys", "C-c")
        self.see(LEFT)
        self.see("$ ")
        self.type('echo "status" $?')
        self.see_as_it_was(130)

    def test_left_while_it_looks(self) -> None:
        """Ctrl-Z and Ctrl-\\ do not leave it with the terminal as it is."""
        self.start_top_at_silence()
        self.tmux("send-keys", "C-z", "C-\\", "s", "q")
        self.see_left(0)

    def test_ended_by_a_signal(self) -> None:
        self.type(f'{program()} top --interval 1h; echo "status" $?')
        self.see(ENTERED)
        self.see("0 contexts")
        found = subprocess.run(
            ["pgrep", "-f", "-x", f"{program()} top --interval 1h"], stdout=subprocess.PIPE, text=True, check=True
        )
        for process in found.stdout.split():
            os.kill(int(process), signal.SIGTERM)
        self.see(LEFT)
        self.see_as_it_was(143)

    def test_resized(self) -> None:
        """It is drawn anew at once, and no line is longer than there is room."""
        self.start_watched()
        self.start_top("--interval 1h")
        self.see("LAST ERROR")
        self.see("\x1b[J")
        self.tmux("resize-window", "-x", "60", "-y", "10")
        shown = self.see("\x1b[J")
        for line in shown.replace("\x1b[H", "").split("\r\n"):
            self.assertLessEqual(len(line.split("\x1b[")[0]), 60)
        self.assertIn("…", shown)
        self.tmux("send-keys", "q")
        self.see_left(0)

    def test_dumb_terminal(self) -> None:
        """It is written once."""
        self.start_watched()
        shown = self.status("TERM=dumb exz top")
        self.assertIn("PULL#1", shown)
        self.assertNotIn("\x1b", shown.replace("\x1b[?2004h", "").replace("\x1b[?2004l", ""))

    def test_input_that_is_no_terminal(self) -> None:
        """There are no keys then, and it is drawn all the same."""
        self.start_watched()
        self.start_top("</dev/null")
        self.see("1 context, 1 socket")
        self.tmux("send-keys", "C-c")
        self.see(LEFT)
