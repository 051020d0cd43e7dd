# SPDX-License-Identifier: Apache-2.0
"""What is measured against those who answer late, no more, or with what is no answer."""

import socket

from shell import ShellTestCase
from strangers import Router, serving
from test_bench import FOREVER, LATENCY, Bench, Message

PATIENCE = ("--timeout", "2s")


class Silence(Bench):
    def test_seldom(self) -> None:
        """What is not due yet is not lost, however long that is."""
        (result,) = self.within(*LATENCY, "--rate", "0.4", "--count", "2", *PATIENCE)
        self.assertEqual((result["messages"], result["lost"], result["complete"]), (2, 0, True))
        self.assertGreaterEqual(result["seconds"], 2.5)

    def test_no_more(self) -> None:
        """Who answers no more is given up; only what was sent can be lost."""
        router, endpoint = self.router()
        bench = self.start(
            *("bench", "--connect", endpoint, "--only", "latency", "--json", "--rate", "100", *FOREVER, *PATIENCE)
        )
        self.greet(router)
        self.send(router, self.receive(router))
        ended = bench.end()
        (result,) = self.results(ended.out)
        self.assertEqual((result["messages"], result["complete"]), (1, False))
        self.assertEqual(
            (ended.status, ended.err), (1, f"exz: of {result['lost'] + 1:,} answers {result['lost']:,} lost\n")
        )
        for _ in range(result["lost"]):
            self.receive(router)

    def test_no_more_in_the_warm_up(self) -> None:
        """What was being sent then is not sent any more when the measurement begins."""
        router, endpoint = self.router()
        few = ("--warmup", "1h", "--count", "20", "--rate", "50")
        bench = self.start("bench", "--connect", endpoint, "--only", "latency", "--json", *few, *PATIENCE)
        self.greet(router)
        first = self.receive(router)
        self.send(router, first)
        sent, message = 1, self.receive(router)
        while self.run_of(message) == self.run_of(first):
            sent, message = sent + 1, self.receive(router)
        for _ in range(19):
            self.send(router, message)
            message = self.receive(router)
            self.assertNotEqual(self.run_of(message), self.run_of(first))
        self.send(router, message)
        ended = bench.end()
        self.assertEqual((ended.status, ended.err), (1, f"exz: of {sent:,} answers of the warm-up {sent - 1:,} lost\n"))
        (result,) = self.results(ended.out)
        self.assertEqual((result["messages"], result["lost"], result["complete"]), (20, 0, True))

    def run_of(self, message: Message) -> bytes:
        return self.content(message)[4:8]


class Floods(ShellTestCase):
    """Who says much that moves nothing on has said nothing."""

    def assert_given_up(self, words: str, peer: str, *arguments: str) -> None:
        def answer(client: socket.socket) -> None:
            router = Router(client)
            *envelope, hello = router.receive()
            kind = b"W" if peer == "bench" else b"H"
            router.send([*envelope, b"exz" + kind + hello[4:]])
            *envelope, message = router.receive()
            if peer == "bench":
                # So many have come: none.
                router.flood([*envelope, b"exzP" + message[4:8] + bytes(8)])
            other_run = bytes(byte ^ 255 for byte in message[4:8])
            router.flood([*envelope, message[:4] + (message[4:8] if peer == "again" else other_run) + message[8:]])

        with serving(answer) as endpoint:
            ended = self.exz("bench", "--connect", endpoint, *arguments, "--warmup", "0", *PATIENCE)
        self.assert_told(ended, 3, f"{words} within 2 s")

    def test_progress(self) -> None:
        for much in (("--size", "4000000", "--duration", "1h"), ("--count", "1")):
            with self.subTest(much=much):
                self.assert_given_up("said nothing more", "bench", "--only", "throughput", *much)

    def test_answers_of_others(self) -> None:
        for rate in ((), ("--rate", "100")):
            with self.subTest(rate=rate):
                self.assert_given_up("no answer has come", "echo", "--only", "latency", "--duration", "1h", *rate)

    def test_the_same_answer(self) -> None:
        self.assert_given_up("no answer has come", "again", "--only", "latency", "--duration", "1h")
