# SPDX-License-Identifier: Apache-2.0
"""What stands between sockets: the proxy for messages, and the one for faults."""

import signal

from shell import Running, ShellTestCase


class Proxies(ShellTestCase):
    def proxy(self, *arguments: str) -> tuple[Running, str, str]:
        """A proxy that forwards, and its endpoints."""
        front, back = self.path("front"), self.path("back")
        running = self.start("proxy", *arguments, "--front-bind", front, "--back-bind", back)
        self.assertEqual(running.line("err"), "exz: forwarding")
        return running, front, back

    def end(self, proxy: Running, told: str) -> None:
        proxy.signal(signal.SIGTERM)
        ended = proxy.end()
        self.assertEqual((ended.status, ended.err), (-signal.SIGTERM, f"exz: {told}\n"))
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_pipeline(self) -> None:
        proxy, front, back = self.proxy("pipeline")
        pull = self.start("pull", "--connect", back, "--count", "2")
        self.assert_done(self.exz("push", "--connect", front, "a", "b"), "")
        self.assert_done(pull.end(), "a\nb\n")
        self.end(proxy, "forwarded 2 to the back, 0 to the front")

    def test_requests(self) -> None:
        proxy, front, back = self.proxy("reqrep")
        rep = self.start("rep", "--connect", back, "--echo", "--count", "1")
        self.assert_done(self.exz("req", "--connect", front, "a"), "a\n")
        self.assert_done(rep.end(), "")
        self.end(proxy, "forwarded 1 to the back, 1 to the front")

    def test_publishing(self) -> None:
        """Whoever waits for subscribers waits through the proxy, and the capture has a copy."""
        copy = self.path("copy")
        proxy, front, back = self.proxy("pubsub", "--capture", copy)
        captured = self.start("sub", "--connect", copy, "--count", "1")
        sub = self.start("sub", "--connect", back, "--topic", "a", "--count", "1")
        pub = self.exz("pub", "--connect", front, "--wait-subscribers", "1", "ab")
        self.assert_done(pub, "")
        self.assert_done(sub.end(), "ab\n")
        captured.signal(signal.SIGTERM)
        captured.end()
        proxy.signal(signal.SIGTERM)
        proxy.end()

    def test_mistakes(self) -> None:
        self.assert_told(self.exz("proxy", "pubsub", "--front-bind", self.path()), 2, "--back-bind")
        self.assert_told(self.exz("proxy", "mesh"), 2, "mesh", "pubsub")
        at = ("--front-bind", self.path(), "--back-bind", self.path())
        self.assert_told(self.exz("proxy", "pubsub", *at), 1, self.path(), "this process serves the path itself")


class Faults(ShellTestCase):
    def fault(self, target: str, *arguments: str) -> tuple[Running, str]:
        running = self.start("fault", target, "--seed", "7", "--control", *arguments, reads=True)
        line = running.line()
        self.assertRegex(line, r"\Alistening at tcp://127\.0\.0\.1:\d+, seed 7\Z")
        return running, line.removeprefix("listening at ").removesuffix(", seed 7")

    def ask(self, running: Running, command: str) -> str:
        running.write(command + "\n")
        return running.line()

    def test_a_fault_comes_and_goes(self) -> None:
        pull = self.start("pull", "--bind", self.path(), "--count", "1")
        fault, endpoint = self.fault(self.path(), "--fault", "down")
        refused = self.exz("push", "--connect", endpoint, "--retry-attempts", "1", "x")
        self.assert_told(refused, 1, "nothing listens there")
        self.assertEqual(self.ask(fault, "remove 1"), "removed 1")
        self.assertEqual(self.ask(fault, "add latency:1ms,jitter=1ms,direction=to-target"), "added 2")
        self.assert_done(self.exz("push", "--connect", endpoint, "--retry-attempts", "0", "x"), "")
        self.assert_done(pull.end(), "x\n")
        statistics = self.ask(fault, "statistics").split()
        self.assertEqual(statistics[:2], ["faults", "1"])
        self.assertEqual(statistics[-2], "struck")
        self.assertGreaterEqual(int(statistics[-1]), 1)
        fault.end_input()
        self.assert_done(fault.end(), "")

    def test_commands(self) -> None:
        """A mistake in one is answered, and ends nothing."""
        fault, _ = self.fault("tcp://127.0.0.1:1")
        for command, answer in {
            "drop": "dropped",
            "add latency": "error: no fault: latency",
            "add latency:1ms,colour=red": "error: no fault: latency:1ms,colour=red",
            "add latency:1ms,jitter=soon": "error: no fault: latency:1ms,jitter=soon",
            "add half-open": "error: ",
            "remove 9": "error: no fault of that number: 9",
            "dance": "error: not one of add FAULT, remove NUMBER, drop, statistics: dance",
            "": "error: not one of add FAULT, remove NUMBER, drop, statistics: ",
        }.items():
            with self.subTest(command=command):
                self.assertTrue(self.ask(fault, command).startswith(answer))
        for number, kind in enumerate(
            (
                "blackhole,next=1",
                "reset:after-bytes=10,after=1s,share=0.5",
                "close",
                "bandwidth:1000",
                "slice:10,spread=5,pause=1ms",
                "slow-close:1s",
                "corrupt:0.5,direction=to-client",
                "http",
                "stall:100",
                "half-open:direction=to-target",
            ),
            1,
        ):
            with self.subTest(kind=kind):
                self.assertEqual(
                    self.ask(fault, f"add {kind.replace(',', ':', 1) if ':' not in kind else kind}"), f"added {number}"
                )
        self.assert_ended_by(fault.end_by(signal.SIGINT), signal.SIGINT)

    def test_mistakes(self) -> None:
        self.assert_told(self.exz("fault", "nonsense"), 2, "nonsense")
        self.assert_told(self.exz("fault", "tcp://127.0.0.1:1", "--fault", "rain"), 2, "rain", "see exz fault --help")
        self.assert_told(self.exz("fault", "tcp://127.0.0.1:1", "--fault", "corrupt:2"), 2, "rate")
