# SPDX-License-Identifier: Apache-2.0
"""Files of keys, and sockets that have them."""

from shell import ShellTestCase


class Keys(ShellTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.keys = {}
        for name in ("server", "client", "stranger"):
            made = self.exz("keys", "make", str(self.folder / name))
            self.assertRegex(made.out, r"\A\S{40}\n\Z")
            self.assert_done(made)
            self.keys[name] = made.out.strip()

    def secret(self, name: str) -> str:
        return str(self.folder / f"{name}.key_secret")

    def public(self, name: str) -> str:
        return str(self.folder / f"{name}.key")

    def test_show(self) -> None:
        """The public key of either file, and never the secret one."""
        for file in (self.secret("server"), self.public("server")):
            self.assert_done(self.exz("keys", "show", file), self.keys["server"] + "\n")
        self.assertEqual((self.folder / "server.key_secret").stat().st_mode & 0o777, 0o600)

    def test_check(self) -> None:
        both = (self.public("server"), self.secret("client"))
        ended = self.exz("keys", "check", *both)
        self.assert_done(
            ended,
            f"{both[0]}: public key {self.keys['server']}\n{both[1]}: key pair, public key {self.keys['client']}\n",
        )
        (self.folder / "client.key_secret").chmod(0o644)
        ended = self.exz("keys", "check", *both)
        self.assertEqual(ended.out, f"{both[0]}: public key {self.keys['server']}\n")
        self.assert_told(ended, 1, both[1])
        (self.folder / "server.key").write_text("no key\n", encoding="utf-8")
        ended = self.exz("keys", "check", *both, str(self.folder / "missing"))
        self.assertEqual((ended.status, ended.out, len(ended.err.splitlines())), (1, "", 3))

    def test_mistakes(self) -> None:
        self.assert_told(self.exz("keys", "make", str(self.folder / "server")), 1, self.public("server"))
        self.assert_told(self.exz("keys", "make", "/nowhere/keys"), 1, "/nowhere")
        self.assert_told(self.exz("keys", "show", "/nowhere/keys"), 1, "/nowhere/keys")
        self.assert_told(self.exz("keys", "show"), 2, "see exz keys --help")

    def test_who_comes_in(self) -> None:
        """Whose key is allowed does, and somebody else is told so."""
        pull, endpoint = self.listen(
            "pull", "--count", "1", "--keys", self.secret("server"), "--allow-keys", self.public("client")
        )
        server = ("--connect", endpoint, "--server-key", self.public("server"))
        for ended in (
            self.exz("push", *server, "--keys", self.secret("stranger"), "x"),
            self.exz("push", *server, "x"),
            self.exz("push", "--connect", endpoint, "x"),
        ):
            self.assert_told(ended, 1, endpoint)
        self.assert_done(self.exz("push", *server, "--keys", self.secret("client"), "in"), "")
        self.assert_done(pull.end(), "in\n")

    def test_anybody(self) -> None:
        pull, endpoint = self.listen("pull", "--count", "1", "--keys", self.secret("server"), "--allow-anybody")
        self.assert_done(self.exz("push", "-c", endpoint, "--server-key", self.public("server"), "in"), "")
        self.assert_done(pull.end(), "in\n")
