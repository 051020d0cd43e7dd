# SPDX-License-Identifier: Apache-2.0
"""What is measured between two sockets, and what is told when that goes wrong."""

import json
import os
import signal
from collections.abc import Callable
from typing import Any

from shell import Running, ShellTestCase

FEW = ("--count", "200", "--warmup", "0")
LATENCY = ("--only", "latency", "--warmup", "0")
FOREVER = ("--duration", "1h", "--warmup", "0")
Message = dict[str, Any]

HELLO = b"exzH\xff\xff\xff\xff" + (1).to_bytes(8, "little")


class Bench(ShellTestCase):
    def results(self, out: str) -> list[Message]:
        return [json.loads(line) for line in out.splitlines()]

    def within(self, *arguments: str) -> list[Message]:
        """Both sides in one process."""
        ended = self.exz("bench", self.path(), *arguments, "--json")
        self.assert_done(ended)
        return self.results(ended.out)

    def router(self) -> tuple[Running, str]:
        """A peer of which a test says what it answers."""
        return self.listen("router", "--format", "json", reads=True)

    def send(self, peer: Running, message: Message) -> None:
        peer.write(json.dumps(message) + "\n")

    def content(self, message: Message) -> bytes:
        """Its last part."""
        part = message["parts"][-1]
        return part.encode() if isinstance(part, str) else bytes.fromhex(part["hex"])

    def with_content(self, message: Message, content: bytes) -> Message:
        return {"parts": [*message["parts"][:-1], {"hex": content.hex()}]}

    def receive(self, peer: Running) -> Message:
        message: Message = json.loads(peer.line())
        return message

    def welcome(self, hello: Message, version: int = 1) -> Message:
        """What exz bench answers to the greeting."""
        run = self.content(hello)[4:8]
        return self.with_content(hello, b"exzW" + run + version.to_bytes(8, "little"))

    def greet(self, router: Running) -> None:
        """Sends back the greeting, as an echo does."""
        hello = self.receive(router)
        self.assertEqual(self.content(hello)[:4], b"exzH")
        self.send(router, hello)


class Measured(Bench):
    def test_within(self) -> None:
        """Over every transport, with what has been measured in it and nothing on standard error."""
        for endpoint in ("tcp://127.0.0.1:*", self.path(), "inproc://bench"):
            with self.subTest(endpoint=endpoint):
                ended = self.exz("bench", endpoint, *FEW)
                self.assert_done(ended)
                for words in (
                    r"\Athroughput  \S+ messages/s, \S+ .?B/s\n  200 messages of 64 bytes in \S+ \S+\n  none lost",
                    r"\nlatency  there and back\n  200 answers of 64 bytes in \S+ \S+\n  none lost",
                    r"\n  shortest +\S+ [nuµm]?s\n +mean .*\n +50 % .*\n +90 % .*\n +99 % .*\n   longest .*\n",
                    r"\n +\S+ [nuµm]?s [|│]\S+ \S+ %\n",
                ):
                    self.assertRegex(ended.out, words)
                self.assertNotIn("\x1b", ended.out)

    def test_characters(self) -> None:
        """Only what the locale says that the terminal can show."""
        for locale, is_unicode in (("C", False), ("C.UTF-8", True)):
            with self.subTest(locale=locale):
                line = f"exz bench {self.path()} --only latency {' '.join(FEW)}"
                ended = self.shell(line, LC_ALL=locale)
                self.assert_done(ended)
                self.assertEqual(not ended.out.isascii(), is_unicode)
                self.assertRegex(ended.out, r"│[█▏▎▍▌▋▊▉]+ " if is_unicode else r"\|#+ ")

    def test_json(self) -> None:
        """A line for each; what is in it fits together."""
        throughput, latency = self.within("--count", "500", "--warmup", "1ms", "--size", "100", "--parts", "3")
        for result, kind in ((throughput, "throughput"), (latency, "latency")):
            with self.subTest(kind=kind):
                self.assertEqual(result["measured"], kind)
                self.assertEqual((result["endpoint"], result["size"], result["parts"]), (self.path(), 100, 3))
                self.assertEqual((result["messages"], result["complete"]), (500, True))
                self.assertEqual((result["lost"], result["doubled"], result["reordered"]), (0, 0, 0))
        self.assertAlmostEqual(throughput["messages_per_second"] * throughput["seconds"], 500)
        self.assertAlmostEqual(throughput["bytes_per_second"], throughput["messages_per_second"] * 300)
        times = latency["nanoseconds"]
        order = [times[name] for name in ("shortest", "50", "90", "99", "99.9", "99.99", "longest")]
        self.assertEqual(order, sorted(order))
        self.assertLessEqual(times["shortest"], times["mean"])
        self.assertLessEqual(times["mean"], times["longest"])
        self.assertEqual(sum(count for _, _, count in latency["histogram"]), 500)
        self.assertTrue(all(first <= last < 2**63 for first, last, _ in latency["histogram"]))
        # One after the other, none can have taken longer than all.
        self.assertLessEqual(times["mean"] * 500, latency["seconds"] * 1e9)

    def test_duration(self) -> None:
        """As long as that, or a little longer."""
        for result in self.within("--duration", "50ms", "--warmup", "0"):
            self.assertGreaterEqual(result["seconds"], 0.05)
            self.assertGreater(result["messages"], 0)

    def test_large(self) -> None:
        """No more of it is on its way at a time than fits into memory."""
        (throughput,) = self.within("--only", "throughput", "--count", "40", "--warmup", "0", "--size", "4000000")
        self.assertEqual((throughput["messages"], throughput["lost"]), (40, 0))

    def test_encrypted(self) -> None:
        self.assertEqual([result["messages"] for result in self.within("--encrypt", *FEW)], [200, 200])

    def test_two_processes(self) -> None:
        """One answers, again and again; the other measures."""
        answering, endpoint = self.listen("bench")
        for _ in range(2):
            ended = self.exz("bench", "--connect", endpoint, *FEW, "--json")
            self.assert_done(ended)
            self.assertEqual([result["messages"] for result in self.results(ended.out)], [200, 200])
            self.assertEqual(answering.line("err"), "exz: 200 messages, none lost, doubled or out of order")
        self.assert_ended_by(answering.end_by(signal.SIGTERM), signal.SIGTERM)

    def test_at_the_same_time(self) -> None:
        """Each has what is its own."""
        _, endpoint = self.listen("bench")
        measuring = [self.start("bench", "--connect", endpoint, *FEW, "--json") for _ in range(3)]
        for one in measuring:
            ended = one.end()
            self.assert_done(ended)
            self.assertEqual([result["messages"] for result in self.results(ended.out)], [200, 200])

    def test_with_keys(self) -> None:
        for name in ("server", "client"):
            self.assert_done(self.exz("keys", "make", str(self.folder / name)))
        server, client = self.folder / "server", self.folder / "client"
        answering, endpoint = self.listen("bench", "--once", "--keys", f"{server}.key_secret", "--allow-anybody")
        keys = ("--keys", f"{client}.key_secret", "--server-key", f"{server}.key")
        self.assert_done(self.exz("bench", "--connect", endpoint, *keys, *FEW))
        self.assertEqual(answering.end().status, 0)

    def test_echo(self) -> None:
        """The latency of what only sends back; its throughput can not be measured."""
        for kind in ("rep", "router", "dealer"):
            with self.subTest(kind=kind):
                _, endpoint = self.listen(kind, "--echo")
                ended = self.exz("bench", "--connect", endpoint, "--json", "--parts", "2", *FEW)
                self.assertEqual(ended.status, 0, ended)
                self.assertRegex(ended.err, r"\Aexz: [^\n]*only the latency is measured\n\Z")
                self.assertEqual([result["measured"] for result in self.results(ended.out)], ["latency"])
                self.assert_done(self.exz("bench", "--connect", endpoint, *LATENCY, "--count", "10"))
                ended = self.exz("bench", "--connect", endpoint, "--only", "throughput")
                self.assert_told(ended, 1, endpoint, "throughput needs exz bench --bind there")

    def test_rate(self) -> None:
        """A request is timed from when it was due: who was held up behind a slow answer has waited as well."""
        router, endpoint = self.router()
        bench = self.start("bench", "--connect", endpoint, *LATENCY, "--json", "--rate", "1000", "--count", "10")
        self.greet(router)
        # The first answer comes when the last request has been sent, and none is sent before it is due.
        held = [self.receive(router) for _ in range(10)]
        for message in held:
            self.send(router, message)
        ended = bench.end()
        self.assert_done(ended)
        (result,) = self.results(ended.out)
        self.assertGreaterEqual(result["nanoseconds"]["longest"], 9_000_000)
        self.assertEqual((result["messages"], result["per_second"]), (10, 1000))
        self.assertGreaterEqual(result["seconds"], 0.009)


class WentWrong(Bench):
    def answered(self, answer: Callable[[int, Message], list[Message]], *arguments: str) -> tuple[Message, str, int]:
        """What comes of five requests, of which each is answered as the test says."""
        router, endpoint = self.router()
        bench = self.start(
            *("bench", "--connect", endpoint, *LATENCY, "--json", "--count", "5", "--rate", "1000", *arguments)
        )
        self.greet(router)
        for number in range(5):
            for one in answer(number, self.receive(router)):
                self.send(router, one)
        ended = bench.end()
        self.assertRegex(ended.err, r"\Aexz: [^\n]*\n\Z")
        return self.results(ended.out)[0] if ended.out else {}, ended.err, ended.status

    def test_lost(self) -> None:
        lost = lambda number, message: [] if number == 2 else [message]  # noqa: E731
        result, told, status = self.answered(lost, "--timeout", "2s")
        self.assertEqual((result["lost"], result["doubled"], result["reordered"]), (1, 0, 0))
        self.assertEqual((told, status), ("exz: of 5 answers 1 lost\n", 1))

    def test_doubled(self) -> None:
        result, told, status = self.answered(lambda number, message: [message] * (2 if number == 2 else 1))
        self.assertEqual((result["lost"], result["doubled"], result["reordered"]), (0, 1, 0))
        self.assertEqual((told, status), ("exz: of 5 answers 1 doubled\n", 1))

    def test_reordered(self) -> None:
        held = []

        def swapped(number: int, message: Message) -> list[Message]:
            if number == 2:
                held.append(message)
                return []
            return [message, *(held if number == 3 else [])]

        result, told, status = self.answered(swapped)
        self.assertEqual((result["lost"], result["doubled"], result["reordered"]), (0, 0, 1))
        self.assertEqual((told, status), ("exz: of 5 answers 1 out of order\n", 1))

    def test_changed(self) -> None:
        """What comes back as something else is no echo, wherever it differs."""
        for place in (0, 15, 16, 63):
            with self.subTest(place=place):

                def changed(number: int, message: Message, place: int = place) -> list[Message]:
                    content = bytearray(self.content(message))
                    content[place] ^= 255
                    return [self.with_content(message, bytes(content))] if number == 4 else []

                result, told, status = self.answered(changed)
                self.assertEqual((result, status), ({}, 1))
                self.assertIn("no echo", told)

    def test_no_echo(self) -> None:
        """Who answers something else is neither."""
        _, endpoint = self.listen("rep", "yes", "--output", "hex")
        self.assert_told(self.exz("bench", "--connect", endpoint), 1, endpoint, "no echo", "exz bench --bind")

    def test_other_version(self) -> None:
        router, endpoint = self.router()
        bench = self.start("bench", "--connect", endpoint)
        self.send(router, self.welcome(self.receive(router), version=77))
        self.assert_told(bench.end(), 1, "another version")

    def test_nobody(self) -> None:
        """Who is not there, or says nothing, is waited for as long as that."""
        at = ("bench", "--connect", self.path(), "--timeout", "100ms")
        self.assert_told(self.exz(*at), 1, "the path does not exist")
        _, endpoint = self.listen("router", "--output", "hex")
        ended = self.exz("bench", "--connect", endpoint, "--timeout", "2s")
        self.assert_told(ended, 3, "has answered within 2 s")
        _, endpoint = self.listen("pull", "--output", "hex")
        self.assertIn(self.exz("bench", "--connect", endpoint, "--timeout", "2s").status, (1, 3))

    def in_the_middle(self, *arguments: str) -> tuple[Running, Running]:
        """The measuring side and the other one, when the first has begun."""
        router, endpoint = self.router()
        bench = self.start("bench", "--connect", endpoint, *FOREVER, *arguments)
        hello = self.receive(router)
        self.send(router, self.welcome(hello) if "throughput" in arguments else hello)
        self.receive(router)
        return bench, router

    def test_other_side_dies(self) -> None:
        """One line, and no wait for what will not come, nor for what will not go out."""
        for arguments in (("throughput",), ("latency",), ("latency", "--rate", "100")):
            with self.subTest(arguments=arguments):
                bench, router = self.in_the_middle("--linger", "1h", "--only", *arguments)
                router.signal(signal.SIGKILL)
                self.assert_told(bench.end(), 1, "the connection to", "was lost")

    def test_other_side_hangs(self) -> None:
        """Nothing waits longer than --timeout."""
        for arguments in (("throughput",), ("latency",), ("latency", "--rate", "100")):
            with self.subTest(arguments=arguments):
                bench, router = self.in_the_middle("--only", *arguments, "--timeout", "2s")
                router.signal(signal.SIGSTOP)
                self.assert_told(bench.end(), 3, "within 2 s")
                router.signal(signal.SIGCONT)

    def test_measuring_side_dies(self) -> None:
        """The other one says so, and answers the next; with --once it was the last."""
        for once in ((), ("--once",)):
            with self.subTest(once=once):
                answering, endpoint = self.listen("bench", *once)
                measuring = self.start(
                    *("dealer", "--connect", endpoint, "--identity", "camera", "--format", "json"), reads=True
                )
                hello = {"parts": ["", {"hex": HELLO.hex()}]}
                self.send(measuring, hello)
                self.assertEqual(self.receive(measuring), self.welcome(hello))
                measuring.signal(signal.SIGKILL)
                self.assertIn("side was lost before it had done", answering.line("err"))
                if once:
                    self.assertEqual(answering.end().status, 1)
                else:
                    self.assert_done(self.exz("bench", "--connect", endpoint, *FEW))

    def test_strangers(self) -> None:
        """What is no message of a measurement harms none."""
        answering, endpoint = self.listen("bench")
        for message in ("", "x", "exz", "exzH", "exzM" + "\0" * 12, "exzB" + "\xff" * 12, "exzR" + "\0" * 12):
            self.assert_done(self.exz("dealer", "--connect", endpoint, "--count", "0", message.replace("\0", "0")))
        self.assertIn("ignored", answering.line("err"))
        self.assert_done(self.exz("bench", "--connect", endpoint, *FEW))


class Ended(Bench):
    def test_signals(self) -> None:
        """What has been measured up to then is written."""
        for number in (signal.SIGINT, signal.SIGTERM):
            for form in ((), ("--json",)):
                with self.subTest(number=number, form=form):
                    router, endpoint = self.router()
                    bench = self.start("bench", "--connect", endpoint, "--only", "latency", *FOREVER, *form)
                    self.greet(router)
                    for _ in range(3):
                        self.send(router, self.receive(router))
                    self.receive(router)
                    ended = bench.end_by(number)
                    self.assert_ended_by(ended, number)
                    if form:
                        (result,) = self.results(ended.out)
                        self.assertEqual((result["messages"], result["complete"]), (3, False))
                    else:
                        self.assertRegex(ended.out, r"\n  3 answers of 64 bytes in \S+ \S+, stopped early\n")
                        self.assertIn("\n  whether any were lost is not known\n", ended.out)

    def test_signal_before_anything(self) -> None:
        """Nothing is nothing to write."""
        router, endpoint = self.router()
        bench = self.start("bench", "--connect", endpoint)
        self.receive(router)
        ended = bench.end_by(signal.SIGINT)
        self.assert_ended_by(ended, signal.SIGINT)
        self.assertEqual(ended.out, "")

    def test_signal_within(self) -> None:
        """Both sides end, and the path goes."""
        bench = self.start("bench", self.path(), *FOREVER, "--verbose")
        while "handshaken" not in bench.line("err"):
            continue
        self.assertEqual(bench.end_by(signal.SIGINT).status, -signal.SIGINT)
        self.assertFalse((self.folder / "socket").exists())

    def test_reader_that_leaves(self) -> None:
        """There is nobody to write to then, and it ends all the same, quietly."""
        router, endpoint = self.router()
        reader, output = os.pipe()
        bench = self.start("bench", "--connect", endpoint, "--only", "latency", *FOREVER, stdout=output)
        os.close(output)
        self.greet(router)
        self.send(router, self.receive(router))
        self.receive(router)
        os.close(reader)
        ended = bench.end()
        self.assertEqual((ended.status, ended.err), (-signal.SIGPIPE, ""))

    def test_full_disk(self) -> None:
        line = f"exz bench {self.path()} --json {' '.join(FEW)} >/dev/full"
        self.assert_told(self.shell(line), 1, "No space left on device")

    def test_timeout_of_the_answering_side(self) -> None:
        ended = self.exz("bench", "--bind", self.path(), "--timeout", "50ms")
        self.assert_told(ended, 3, "nobody has come to measure within 50 ms")
