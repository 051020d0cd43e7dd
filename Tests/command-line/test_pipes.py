# SPDX-License-Identifier: Apache-2.0
"""Messages from pipes and into pipes."""

import signal

from shell import PATIENCE, ShellTestCase, program


class Pipes(ShellTestCase):
    def test_lines(self) -> None:
        """What goes in on one side comes out on the other, in order, an unfinished last line included."""
        pull, endpoint = self.listen("pull", "--count", "4")
        self.assert_done(self.exz("push", "--connect", endpoint, given="a\n\nb c\nlast"), "")
        self.assert_done(pull.end(), "a\n\nb c\nlast\n")

    def test_arguments(self) -> None:
        pull, endpoint = self.listen("pull", "--count", "5")
        self.assert_done(self.exz("push", "-c", endpoint, "-n", "5", "a\nb", ""), "")
        self.assert_done(pull.end(), "a\nb\n\na\nb\n\na\nb\n")

    def test_whichever_side_listens(self) -> None:
        """The one that connects may be there first."""
        pull = self.start("pull", "--connect", self.path(), "--retry-attempts", "0", "--count", "1")
        self.assert_done(self.exz("push", "--bind", self.path(), "--wait-peers", "1", "x"), "")
        self.assert_done(pull.end(), "x\n")

    def test_forms(self) -> None:
        """In any form, what a part is made of comes out as it went in, however many parts there are."""
        binary = bytes(range(256))
        (self.folder / "in").write_bytes(
            b"".join(len(part).to_bytes(4, "big") + part for part in (binary, b"", binary * 1000, b"\0"))
        )
        for form in ("length", "hex", "json"):
            with self.subTest(form=form):
                line = (
                    f"exz push -q -b {self.path(form)} --wait-peers 1 --format length --parts 2 <{self.folder}/in &"
                    f" exz pull -c {self.path(form)} --retry-attempts 0 -n 2 --output {form} --parts 2 |"
                    f" exz push -q -b {self.path(form)}2 --wait-peers 1 --input {form} --parts 2 &"
                    f" exz pull -c {self.path(form)}2 --retry-attempts 0 -n 2 --output length --parts 2"
                    f" >{self.folder}/out"
                )
                self.assert_done(self.shell(line), "")
                self.assertEqual((self.folder / "out").read_bytes(), (self.folder / "in").read_bytes())

    def test_a_message_is_written_when_it_comes(self) -> None:
        """Nobody has to wait for a buffer to be full."""
        pull, endpoint = self.listen("pull")
        push = self.start("push", "--connect", endpoint, reads=True)
        for text in ("one", "two"):
            push.write(f"{text}\n")
            self.assertEqual(pull.line(), text)
        push.end_input()
        self.assert_done(push.end(), "")
        self.assert_ended_by(pull.end_by(signal.SIGTERM), signal.SIGTERM)

    def test_back_pressure(self) -> None:
        """A reader that stops stops the writer on the other side, and nothing is lost when it goes on."""
        lines, width = 2000, 20_000
        line = f"seq -f '%0{width}g' {lines} | exz push -q -b {self.path()} --wait-peers 1 --hwm 1; echo sent >&2"
        sender = self.start_line(line)
        pull = self.start("pull", "-c", self.path(), "--retry-attempts", "0", "-n", str(lines), "--hwm", "1")
        first = pull.line()
        # 40 MB can not be on their way in pipes and sockets.
        self.assertIsNone(sender.process.poll())
        got = [first] + [pull.line() for _ in range(lines - 1)]
        self.assertEqual(got, [str(number).zfill(width) for number in range(1, lines + 1)])
        self.assertEqual(sender.line("err"), "sent")
        self.assert_done(pull.end(), "")

    def test_reader_that_leaves(self) -> None:
        """`head` has what it wants; the end is quiet, at once, and leaves no file behind."""
        pull = self.start_line(f"exz pull --bind {self.path()} | head -1; echo ${{PIPESTATUS[0]}}")
        push = self.start("push", "--connect", self.path(), "--retry-attempts", "0", reads=True)
        push.write("one\n")
        # There is no second message, by which it could notice.
        ended = pull.end()
        self.assertEqual((ended.out, ended.err), (f"one\n{128 + signal.SIGPIPE}\n", ""))
        self.assertFalse((self.folder / "socket").exists())

    def test_signals(self) -> None:
        """The process ends by the signal, quietly, and a bound path goes with it, wherever it waits."""
        waits = {
            "for a message": ("pull", "--bind", self.path()),
            "for input": ("push", "--bind", self.path()),
            "for a peer": ("push", "--bind", self.path(), "x"),
            "for a subscriber": ("pub", "--bind", self.path(), "--wait-subscribers", "1", "x"),
        }
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            for wait, arguments in waits.items():
                with self.subTest(number=number, wait=wait):
                    running = self.start(*arguments, "--verbose", reads=True)
                    self.assertIn("listening", running.line("err"))
                    self.assert_ended_by(running.end_by(number), number)
                    self.assertFalse((self.folder / "socket").exists())

    def test_signals_that_are_ignored(self) -> None:
        """What the shell wants to be ignored, as with nohup(1), stays so."""
        line = f"trap '' INT HUP; exec {program()} pull --bind {self.path()} --verbose"
        running = self.start_line(line)
        self.assertIn("listening", running.line("err"))
        running.signal(signal.SIGINT)
        running.signal(signal.SIGHUP)
        self.assert_ended_by(running.end_by(signal.SIGTERM), signal.SIGTERM)

    def test_signal_while_it_connects(self) -> None:
        running = self.start("push", "--connect", self.path(), "--retry-attempts", "0", "--verbose", "x")
        self.assertIn("connecting", running.line("err"))
        ended = running.end_by(signal.SIGINT)
        self.assertEqual(ended.status, -signal.SIGINT, ended)

    def test_signal_while_it_closes(self) -> None:
        """What would still go out, to a peer that does not read, holds nothing up."""
        pull, endpoint = self.listen("pull", "--hwm", "1")
        push = self.start("push", "--connect", endpoint, "--verbose", reads=True)
        push.write("x\n")
        self.assertEqual(pull.line(), "x")
        pull.signal(signal.SIGSTOP)
        for _ in range(200):
            push.write("y" * 60_000 + "\n")
        push.end_input()
        while not push.line("err").startswith("exz: closing"):
            continue
        push.signal(signal.SIGINT)
        self.assertEqual(push.end().status, -signal.SIGINT)

    def test_path_goes_with_a_signal_while_it_closes(self) -> None:
        """Also then, when the library still waits for the peer to read and keeps the path for so long."""
        push = self.start("push", "--bind", self.path(), "--verbose", reads=True)
        pull = self.start("pull", "--connect", self.path(), "--hwm", "1", "--retry-attempts", "0", "--timeout", "100s")
        push.write("x\n")
        self.assertEqual(pull.line(), "x")
        pull.signal(signal.SIGSTOP)
        for _ in range(200):
            push.write("y" * 60_000 + "\n")
        push.end_input()
        while not push.line("err").startswith("exz: closing"):
            continue
        self.assertTrue((self.folder / "socket").exists())
        push.signal(signal.SIGINT)
        self.assertEqual(push.end().status, -signal.SIGINT)
        self.assertFalse((self.folder / "socket").exists())

    def test_time_out(self) -> None:
        self.assert_told(
            self.exz("pull", "--bind", self.path(), "--timeout", "50ms"), 3, "no message has come within 50 ms"
        )
        self.assert_told(self.exz("push", "--bind", self.path(), "--timeout", "0", "x"), 3, "no peer", "0 ms")
        self.assert_told(
            self.exz("pull", "--bind", self.path(), "--wait-peers", "2", "--timeout", "50ms"), 3, "no 2 peers"
        )

    def test_not_all_goes_out(self) -> None:
        """What is queued for a peer that does not read is given up with the time, and that is told."""
        pull, endpoint = self.listen("pull", "--hwm", "1")
        push = self.start("push", "-c", endpoint, "--timeout", f"{PATIENCE}s", "--linger", "100ms", reads=True)
        push.write("x\n")
        self.assertEqual(pull.line(), "x")
        pull.signal(signal.SIGSTOP)
        for _ in range(200):
            push.write("y" * 60_000 + "\n")
        push.end_input()
        self.assert_told(push.end(), 3, "it may not all have gone out within 100 ms")
