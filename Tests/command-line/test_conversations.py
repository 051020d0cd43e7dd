# SPDX-License-Identifier: Apache-2.0
"""Sockets that send and receive."""

import json
import signal

from shell import ShellTestCase


class Conversations(ShellTestCase):
    def test_requests(self) -> None:
        """Each is answered with the next line; what is left of either is no failure of the other."""
        rep, endpoint = self.listen("rep", "--count", "2", reads=True)
        rep.write("one\ntwo\nthree\n")
        self.assert_done(self.exz("req", "--connect", endpoint, "a", "b"), "one\ntwo\n")
        self.assert_done(rep.end(), "a\nb\n")

    def test_answers_end(self) -> None:
        """With the last answer the server is done, as it could not answer another request."""
        rep, endpoint = self.listen("rep", reads=True)
        rep.write("one\n")
        rep.end_input()
        self.assert_done(self.exz("req", "--connect", endpoint, "a"), "one\n")
        self.assert_done(rep.end(), "a\n")

    def test_answers_end_while_one_is_asked_for(self) -> None:
        rep, endpoint = self.listen("rep", reads=True)
        req = self.start("req", "--connect", endpoint, "a")
        self.assertEqual(rep.line(), "a")
        rep.end_input()
        self.assert_told(rep.end(), 1, "the last request is not answered")
        self.assert_told(req.end(), 1, "the server was lost before it answered")

    def test_answers_as_arguments(self) -> None:
        rep, endpoint = self.listen("rep", "x", "y", "--count", "3")
        self.assert_done(self.exz("req", "--connect", endpoint, "-n", "3", "a"), "x\ny\nx\n")
        self.assert_done(rep.end(), "a\na\na\n")

    def test_echo(self) -> None:
        """Nothing is written but where a form is asked for; parts come back as they went."""
        for kind, asked, form, out in (
            ("rep", "req", (), ""),
            ("rep", "req", ("--output", "hex"), "61\t62\n63\t64\n"),
            ("dealer", "dealer", (), ""),
            ("pair", "pair", ("--output", "lines"), "a\tb\nc\td\n"),
        ):
            with self.subTest(kind=kind, form=form):
                echo, endpoint = self.listen(kind, "--echo", "--count", "2", *form)
                counted = () if asked == "req" else ("--count", "2")
                ended = self.exz(asked, "-c", endpoint, "--parts", "2", *counted, "a", "b", "c", "d")
                self.assert_done(ended, "a\nb\nc\nd\n")
                self.assert_done(echo.end(), out)

    def test_router(self) -> None:
        """It says who has sent a message, and sends it where it is told to."""
        router, endpoint = self.listen("router", "--format", "json", "--count", "2", reads=True)
        dealers = {
            name: self.start("dealer", "-c", endpoint, "--identity", name, "-n", "1", f"from {name}") for name in "xy"
        }
        said = {tuple(json.loads(router.line())["parts"]) for _ in dealers}
        self.assertEqual(said, {("x", "from x"), ("y", "from y")})
        # It has all that it was to receive, so it is done before anything can be answered.
        self.assert_done(router.end(), "")
        router = self.start("router", "-b", endpoint, "--format", "json", "-n", "0", "--wait-peers", "2", reads=True)
        for name in "yx":
            router.write(json.dumps({"parts": [name, f"to {name}"]}) + "\n")
        router.end_input()
        self.assert_done(router.end(), "")
        for name, dealer in dealers.items():
            self.assert_done(dealer.end(), f"to {name}\n")

    def test_publishing(self) -> None:
        """Topics in front, in both wire forms; a publisher that waits loses nothing."""
        for form in ((), ("--space",)):
            with self.subTest(form=form):
                name = self.path("space" if form else "parts")
                at = ("-c", name, "--retry-attempts", "0", *form)
                sub = self.start("sub", *at, "--topic", "wea", "--count", "2", "--format", "json")
                ended = self.exz("pub", "-b", name, *form, "-t", "weather", "--wait-subscribers", "1", "a", "b")
                self.assert_done(ended, "")
                shown = [{"topic": "weather", "parts": [text]} for text in "ab"]
                self.assertEqual([json.loads(line) for line in sub.end().out.splitlines()], shown)

    def test_publishing_to_nobody(self) -> None:
        """It is said once that nobody hears it; that is no failure."""
        ended = self.exz("pub", "--bind", self.path(), "a", "b")
        self.assert_told(ended, 0, "nobody has subscribed", "--wait-subscribers")
        self.assert_done(self.exz("pub", "--bind", self.path(), "--quiet", "a"), "")

    def test_subscriptions(self) -> None:
        """An XPUB writes them, an XSUB makes them."""
        xpub = self.start("xpub", "--bind", self.path(), "--output", "hex", "--count", "1", reads=True)
        xsub = self.start("xsub", "-c", self.path(), "--retry-attempts", "0", "-t", "a", "-n", "1", reads=True)
        self.assert_done(xpub.end(), "0161\n")
        pub = self.start("pub", "--bind", self.path(), "--wait-subscribers", "1", "ab")
        self.assert_done(xsub.end(), "ab\n")
        self.assert_done(pub.end(), "")

    def test_xpub_publishes(self) -> None:
        sub = self.start("sub", "-c", self.path(), "--retry-attempts", "0", "-t", "a", "-n", "1")
        ended = self.exz("xpub", "-b", self.path(), "-t", "a", "--wait-subscribers", "1", "-n", "0", "x")
        self.assert_done(ended, "")
        self.assert_done(sub.end(), "a\tx\n")

    def test_both_ways_at_once(self) -> None:
        """Neither direction waits for the other."""
        one = self.start("pair", "--bind", self.path(), reads=True)
        other = self.start("pair", "--connect", self.path(), "--retry-attempts", "0", reads=True)
        for number in range(3):
            one.write(f"to the other {number}\n")
            other.write(f"to the one {number}\n")
        for number in range(3):
            self.assertEqual(one.line(), f"to the one {number}")
            self.assertEqual(other.line(), f"to the other {number}")
        one.end_input()
        other.write("still here\n")
        self.assertEqual(one.line(), "still here")
        for running in (one, other):
            self.assert_ended_by(running.end_by(signal.SIGINT), signal.SIGINT)

    def test_mistake_in_one_direction(self) -> None:
        """It ends the other as well, and what came before it has gone out."""
        pair = self.start("pair", "--bind", self.path(), "--output", "hex", "--count", "1")
        ended = self.exz("pair", "-c", self.path(), "--retry-attempts", "0", "--input", "hex", given="61\nx\n")
        self.assert_told(ended, 1, "line 2 of the input")
        self.assert_done(pair.end(), "61\n")
