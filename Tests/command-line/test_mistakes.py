# SPDX-License-Identifier: Apache-2.0
"""What a person does wrong: one line that says what and how, and the right exit status."""

import re

from shell import ShellTestCase

SOCKETS = ("push", "pull", "pub", "sub", "req", "rep", "pair", "dealer", "router", "xpub", "xsub")
WRITING = tuple(name for name in SOCKETS if name not in ("push", "pub"))
READING = tuple(name for name in SOCKETS if name not in ("pull", "sub"))
OTHERS = (
    "version",
    "completion",
    "proxy",
    "fault",
    "doctor",
    "bench",
    "top",
    "keys",
    "keys make",
    "keys show",
    "keys check",
)


class EveryCommand(ShellTestCase):
    """The same mistake is told of in the same way, whichever the command."""

    def test_none_is_forgotten(self) -> None:
        commands = re.findall(r"^  ([a-z]+) {2,}\S", self.exz("--help").out, re.M)
        self.assertEqual(sorted(commands), sorted({command.split()[0] for command in (*SOCKETS, *OTHERS)}))

    def test_unknown_option(self) -> None:
        # With the arguments that they can not do without.
        needed = {"completion": ["bash"], "proxy": ["pubsub"], "fault": [self.path()]}
        for command in (*SOCKETS, *OTHERS):
            with self.subTest(command=command):
                words = [*command.split(), *needed.get(command, ["x"] if " " in command else [])]
                self.assert_told(self.exz(*words, "--frobnicate"), 2, "--frobnicate", "see exz ", "--help")

    def test_no_endpoint(self) -> None:
        good = self.path()
        for command in (
            *((name, way, "ENDPOINT") for name in SOCKETS for way in ("--bind", "--connect")),
            ("doctor", "ENDPOINT"),
            ("doctor", "--bind", "ENDPOINT"),
            ("bench", "ENDPOINT"),
            ("bench", "--bind", "ENDPOINT"),
            ("bench", "--connect", "ENDPOINT"),
            ("top", "--endpoint", "ENDPOINT"),
            ("fault", "ENDPOINT"),
            ("fault", good, "--bind", "ENDPOINT"),
            ("proxy", "pubsub", "--front-bind", "ENDPOINT", "--back-bind", good),
            ("proxy", "pubsub", "--back-bind", "ENDPOINT", "--front-bind", good),
        ):
            for endpoint in ("nonsense", "tcp://host:70000", ""):
                with self.subTest(command=command, endpoint=endpoint):
                    arguments = [endpoint if word == "ENDPOINT" else word for word in command]
                    self.assert_told(self.exz(*arguments), 2, endpoint or "endpoint")

    def test_missing_file(self) -> None:
        at = ("--bind", self.path())
        for command in (
            *((name, *at, "--keys", "missing", "--allow-anybody") for name in SOCKETS),
            *((name, *at, "--server-key", "missing") for name in SOCKETS),
            ("keys", "show", "missing"),
            ("keys", "check", "missing"),
            ("keys", "make", "missing/keys"),
            ("doctor", self.path(), "--server-key", "missing"),
            ("bench", *at, "--keys", "missing", "--allow-anybody"),
            ("bench", "--connect", self.path(), "--server-key", "missing"),
        ):
            with self.subTest(command=command):
                self.assert_told(self.exz(*command), 1, "missing")

    def test_closed_input(self) -> None:
        at = f"--bind {self.path()} --timeout 1s"
        for command in (*(f"{name} {at}" for name in READING), f"fault {self.path()} --control"):
            with self.subTest(command=command):
                self.assert_told(self.shell(f"exz {command} <&-"), 1, "standard input is closed")

    def test_output_without_room(self) -> None:
        self.exz("keys", "make", str(self.folder / "keys"))
        for number, command in enumerate(
            (
                "version",
                "--help",
                "push --help",
                "completion bash",
                "keys make made",
                "keys show keys.key",
                "keys check keys.key",
                f"fault {self.path()}",
                f"doctor {self.path()}",
                f"doctor --json {self.path()}",
                f"bench {self.path()} --count 10 --warmup 0",
                f"bench {self.path()} --count 10 --warmup 0 --json",
            )
        ):
            with self.subTest(command=command):
                full = command.replace("made", f"made{number}")
                self.assert_told(self.shell(f"exz {full} >/dev/full"), 1, "No space left on device")
                closed = command.replace("made", f"closed{number}")
                self.assert_told(self.shell(f"exz {closed} >&-"), 1, "standard output is closed")

    def test_few_descriptors(self) -> None:
        """However few there are, it says so."""
        for number in range(3, 48):
            with self.subTest(number=number):
                for command in (f"doctor {self.path()}", f"pull --bind {self.path()} --timeout 0"):
                    # In a process of its own, which has no other descriptors.
                    ended = self.shell(f'exec 2>err; ulimit -n {number}; exec "$EXZ_PROGRAM" {command} 2>&1')
                    self.assertIn(ended.status, (1, 3), ended)

    def test_closed_output_of_sockets(self) -> None:
        for command in WRITING:
            with self.subTest(command=command):
                ended = self.shell(f"exz {command} --bind {self.path()} --timeout 1s </dev/null >&-")
                self.assert_told(ended, 1, "standard output is closed")


class Mistakes(ShellTestCase):
    def test_arguments(self) -> None:
        """What makes no sense is status 2."""
        at = ("--bind", self.path())
        for arguments, words in {
            ("frobnicate",): ("frobnicate", "see exz --help"),
            ("push", "--frobnicate", *at): ("--frobnicate", "see exz push --help"),
            ("push",): ("no endpoint", "--connect"),
            ("push", "x", "--bind"): ("--bind", "see exz push --help"),
            ("push", "--connect", "nonsense", "x"): ("nonsense", "tcp://HOST:PORT"),
            ("push", "--connect", "tcp://host", "x"): ("the port is missing",),
            ("pull", "--bind", "tcp://127.0.0.1:65536"): ("65536", "65535"),
            ("pull", "--bind", "udp://127.0.0.1:5555"): ("udp",),
            ("pull", *at, "--timeout", "soon"): ("soon", "--timeout", "see exz pull --help"),
            ("pull", *at, "--timeout=-1"): ("-1", "--timeout"),
            ("pull", *at, "--count", "many"): ("many", "--count"),
            ("pull", *at, "--count=-1"): ("--count has to be 0 or more",),
            ("pull", *at, "--format", "xml"): ("xml", "lines"),
            ("pull", *at, "--parts", "0"): ("--parts has to be 1 or more",),
            ("pull", *at, "--max-size", "0"): ("--max-size has to be 1 or more",),
            ("pull", *at, "--retry-multiplier", "0.5"): ("multiplier",),
            ("pull", *at, "--retry-jitter", "proportional:2"): ("proportional:2",),
            ("pull", *at, "--option", "57"): ("57", "--option"),
            ("pull", *at, "--option", "9999=1"): ("--option 9999=1",),
            ("pull", *at, "--heartbeat", "0"): ("heartbeat_interval is 0",),
            ("pull", *at, "--allow-anybody"): ("--keys",),
            ("push", *at, "--format", "hex", "0x"): ("the arguments are no messages", "hexadecimal"),
            ("push", *at, "--format", "json", "{}"): ("the arguments are no messages", '"parts"'),
            ("push", *at, "--parts", "2", "a", "b", "c"): ("the arguments are no messages", "1 of the 2 parts"),
            ("rep", *at, "--echo", "x"): ("--echo",),
            ("completion", "csh"): ("csh", "bash"),
            ("bench",): ("no endpoint", "--connect"),
            ("bench", "nonsense"): ("nonsense", "tcp://HOST:PORT"),
            ("bench", "ipc://x", *at): ("either ENDPOINT, --bind or --connect",),
            ("bench", "--connect", "ipc://x", "--connect", "ipc://y"): ("one --connect",),
            ("bench", *at, "--count", "1"): ("--bind answers",),
            ("bench", *at, "--encrypt"): ("--encrypt is for ENDPOINT",),
            ("bench", "ipc://x", "--once"): ("--once is for --bind",),
            ("bench", "ipc://x", "--keys", "x", "--allow-anybody"): ("--encrypt",),
            ("bench", "ipc://x", "--only", "both"): ("both", "throughput"),
            ("bench", "ipc://x", "--count", "0"): ("--count has to be 1 or more",),
            ("bench", "ipc://x", "--count", "1", "--duration", "1s"): ("either --count or --duration",),
            ("bench", "ipc://x", "--duration", "0"): ("--duration has to be more than 0",),
            ("bench", "ipc://x", "--size", "15"): ("--size has to be 16 or more",),
            ("bench", "ipc://x", "--size", "65", "--max-size", "64"): ("--size is more than --max-size",),
            ("bench", "ipc://x", "--parts", "0"): ("--parts has to be 1 or more",),
            ("bench", "ipc://x", "--parts", "9223372036854775807"): ("largest message",),
            ("bench", "ipc://x", "--rate", "0"): ("--rate has to be more than 0",),
            ("bench", "ipc://x", "--rate", "nan"): ("--rate",),
            ("bench", "ipc://x", "--rate", "1", "--only", "throughput"): ("--rate is for the latency",),
        }.items():
            with self.subTest(arguments=arguments):
                self.assert_told(self.exz(*arguments), 2, *words)

    def test_bytes_that_are_no_text(self) -> None:
        """They are not sent as something else."""
        at = f"--bind {self.path()} --timeout 0"
        self.assert_told(self.shell(f"exz push {at} a $'\\xff'"), 2, "argument 7 is no UTF-8", "--format hex")

    def test_numbers_out_of_range(self) -> None:
        """None of them ends the process otherwise than with a status and a line."""
        counts = "hwm max-size count parts wait-peers retry-attempts retry-multiplier retry-seed"
        times = "heartbeat heartbeat-timeout linger timeout retry-initial retry-max retry-attempt-timeout"
        numbers = ("0", "1", "2147483647", "2147483648", "4294967296", "9223372036854775807", "9223372036854775808")
        commands = [
            *((f"--{option}", number) for option in counts.split(" ") for number in numbers),
            *(("--option", f"{number}={number}") for number in numbers),
            *((f"--{option}", time) for option in times.split(" ") for time in ("0", "0.1ms", "2147483647ms", "25d")),
            ("--ipc-mode", "777"),
            ("--ipc-mode", "7777777"),
            ("--identity", ""),
            ("--identity", "x" * 256),
        ]
        for option, number in commands:
            with self.subTest(option=option, number=number):
                waits = () if option == "--timeout" else ("--timeout", "0")
                at = ("--connect", self.path()) if option == "--timeout" else ("--bind", self.path())
                attempts = () if option == "--retry-attempts" else ("--retry-attempts", "1")
                ended = self.exz("push", *at, option, number, *waits, *attempts, "x")
                self.assertIn(ended.status, (0, 1, 2, 3), ended)
                self.assertRegex(ended.err, r"\A(exz: [^\n]*\n)?\Z")

    def test_what_is_not_there(self) -> None:
        at = ("--bind", self.path())
        for arguments, words in {
            ("push", "--connect", self.path(), "--timeout", "100ms", "x"): (
                "the path does not exist; is the service started?",
                self.path(),
            ),
            ("push", "--connect", self.path(), "--retry-attempts", "1", "x"): ("after 1 attempt",),
            ("pull", "--bind", "ipc:///nowhere/socket", "--timeout", "100ms"): ("/nowhere/socket", "directory"),
            ("pull", *at, "--keys", "missing", "--allow-anybody"): ("missing",),
            ("pull", *at, "--server-key", "missing"): ("missing",),
        }.items():
            with self.subTest(arguments=arguments):
                self.assert_told(self.exz(*arguments), 1, *words)

    def test_input(self) -> None:
        """What comes before the mistake is sent."""
        # With somebody there until the end: what is queued for nobody is waited for.
        pull, endpoint = self.listen("pull", "--count", "2")
        ended = self.exz("push", "--connect", endpoint, "--format", "hex", given="6f6b\n6f\n6")
        self.assert_told(ended, 1, "line 3 of the input", "odd number")
        self.assert_done(pull.end(), "ok\no\n")
        pull, endpoint = self.listen("pull")
        ended = self.exz("push", "--connect", endpoint, "--max-size", "1000", given="x" * 1001)
        self.assert_told(ended, 1, "line 1 of the input is longer than 1000 bytes", "--max-size")

    def test_closed_streams(self) -> None:
        """Nothing else gets the number of a stream that is closed."""
        at = f"--bind {self.path()} --timeout 50ms"
        self.assert_told(self.shell(f"exz push {at} <&-"), 1, "standard input is closed")
        self.assert_told(self.shell(f"exz pull {at} >&-"), 1, "standard output is closed")
        self.assert_told(self.shell("exz version >&-"), 1, "standard output is closed")
        self.assertEqual(self.shell(f"exz push {at} x <&- >&- 2>&-").status, 3)
        self.assert_told(self.shell(f"exz push {at} <{self.folder}"), 1, "standard input", "directory")

    def test_full_disk(self) -> None:
        push = self.start("push", "--bind", self.path(), "x")
        self.assert_told(
            self.shell(f"exz pull --connect {self.path()} --retry-attempts 0 >/dev/full"),
            1,
            "can not write to standard output: No space left on device",
        )
        self.assert_done(push.end())
        self.assert_told(self.shell("exz version >/dev/full"), 1, "No space left on device")
        self.assert_told(self.shell("exz --help >/dev/full"), 1, "No space left on device")
