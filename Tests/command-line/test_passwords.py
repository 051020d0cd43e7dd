# SPDX-License-Identifier: Apache-2.0
"""Sockets with passwords, which are in files."""

from pathlib import Path

from shell import ShellTestCase


class Passwords(ShellTestCase):
    def file(self, name: str, text: str | bytes, mode: int = 0o600) -> str:
        path: Path = self.folder / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        path.chmod(mode)
        return str(path)

    def test_who_comes_in(self) -> None:
        """Who says the right password does, and somebody else is told so."""
        users = self.file("users", "camera:tu:lip 7\nlamp:rose")
        pull, endpoint = self.listen("pull", "--count", "2", "--allow-passwords", users)
        rose, tulip = self.file("rose", "rose\n"), self.file("tulip", "tu:lip 7")
        for ended in (
            self.exz("push", "--connect", endpoint, "--user", "camera", "--password-file", rose, "x"),
            self.exz("push", "--connect", endpoint, "--user", "stranger", "--password-file", rose, "x"),
            self.exz("push", "--connect", endpoint, "x"),
        ):
            self.assert_told(ended, 1, endpoint)
        for user, password in (("lamp", rose), ("camera", tulip)):
            ended = self.exz("push", "--connect", endpoint, "--user", user, "--password-file", password, user)
            self.assert_done(ended, "")
        ended = pull.end()
        self.assertEqual((ended.status, ended.out), (0, "lamp\ncamera\n"), ended)

    def test_password_from_a_pipe(self) -> None:
        pull, endpoint = self.listen("pull", "--count", "1", "--allow-passwords", self.file("users", "camera:tulip\n"))
        line = f"exz push --connect {endpoint} --user camera --password-file <(echo tulip) in"
        self.assert_done(self.shell(line), "")
        self.assert_done(pull.end(), "in\n")

    def test_ends_of_lines_of_windows(self) -> None:
        """They are no part of a password."""
        users, tulip = self.file("users", "lamp:rose\r\ncamera:tulip\r\n"), self.file("tulip", "tulip\r\n")
        pull, endpoint = self.listen("pull", "--count", "2", "--allow-passwords", users)
        for user, password in (("camera", tulip), ("lamp", self.file("rose", "rose"))):
            ended = self.exz("push", "--connect", endpoint, "--user", user, "--password-file", password, user)
            self.assert_done(ended, "")
        self.assert_done(pull.end(), "camera\nlamp\n")

    def test_files_that_are_wrong(self) -> None:
        """A line that says which, and never what is in it."""
        bad = {
            self.file("readable", "secret\n", 0o640): "chmod 600",
            self.file("empty", ""): "0 lines",
            self.file("many", "secret\nsecret\n"): "2 lines",
            self.file("none", "\n"): "0 bytes",
            self.file("none-of-windows", "\r\n"): "0 bytes",
            self.file("long", "secret" * 50): "300 bytes",
            self.file("binary", b"secret\xff\n"): "UTF-8",
            self.file("huge", "secret" * 200_000): "1 MiB",
            str(self.folder / "missing"): "No such file",
            str(self.folder): "directory",
        }
        for file, word in bad.items():
            with self.subTest(file):
                ended = self.exz("push", "--connect", "tcp://127.0.0.1:1", "--user", "u", "--password-file", file, "x")
                self.assert_told(ended, 1, word)
                self.assertNotIn("secret", ended.err)
        bad = {
            self.file("readable", "camera:secret\n", 0o604): "chmod 600",
            self.file("empty", ""): "empty",
            self.file("apart", "lamp:secret\nsecret\n"): "line 2 is not NAME:PASSWORD",
            self.file("nameless", ":secret\n"): "line 1: ",
            self.file("passwordless", "camera:\n"): "line 1: ",
        }
        for file, word in bad.items():
            with self.subTest(file):
                ended = self.exz("pull", "--bind", "tcp://127.0.0.1:*", "--allow-passwords", file)
                self.assert_told(ended, 1, file, word)
                self.assertNotIn("secret", ended.err)

    def test_mistakes(self) -> None:
        for arguments, word in (
            (("--user", "camera"), "need each other"),
            (("--password-file", "f"), "need each other"),
            (("--user", "camera", "--password-file", "f", "--allow-passwords", "f"), "servers"),
            (("--user", "camera", "--password-file", "f", "--server-key", "f"), "either keys or passwords"),
            (("--allow-passwords", "f", "--keys", "f", "--allow-anybody"), "either keys or passwords"),
        ):
            ended = self.exz("push", "--connect", "tcp://127.0.0.1:1", *arguments, "x")
            self.assert_told(ended, 2, word, "see exz push --help")
