# SPDX-License-Identifier: Apache-2.0
"""A package of a user's builds the examples of the pages on Swift, which run as they stand and print what those say."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import unittest
from collections.abc import Iterator
from pathlib import Path
from subprocess import PIPE
from typing import IO, NamedTuple

from document import Document
from surroundings import BUILD, LIBRARY, ROOT, run
from test_key_examples import Meeting, in_python
from watched import WatchedTestCase
from wording import essence

CATALOGUE = ROOT / "Sources" / "ExperimanceZMQ" / "ExperimanceZMQ.docc"
PAGES = [
    Document("docs/swift.md"),
    Document("docs/security.md"),
    *(Document(str(page.relative_to(ROOT))) for page in sorted(CATALOGUE.glob("*.md"))),
]
EXAMPLES = ROOT / "Examples" / "swift"
TESTED = ROOT / "Examples" / "testing" / "swift"
PROGRAMS = ("service", "worker", "client", "keys-receiver", "keys-sender")
MANY = 12
"""Examples; fewer were found by mistake."""
PATIENCE = 600
"""Seconds. The package is built from its beginning the first time; by far most of the time is the compiler's."""
LONGEST = 25
"""Lines of an example in a file of its own."""
PYTHON = os.environ | {
    "PYTHONPATH": str(ROOT / "bindings" / "python" / "src"),
    "EXPERIMANCE_ZMQ_LIBRARY": str(LIBRARY),
}


class Example(NamedTuple):
    """A program on a page."""

    page: str
    title: str
    program: str
    output: str

    @property
    def is_refused(self) -> bool:
        return self.output.startswith("error: ")


def _found() -> Iterator[Example]:
    for page in PAGES:
        yield from (Example(page.name, *example) for example in page.examples("swift"))


def examples() -> list[Example]:
    """All programs."""
    return [example for example in _found() if re.search("^import ExperimanceZMQ$", example.program, re.MULTILINE)]


def pieces() -> list[Example]:
    """What imports nothing."""
    return [example for example in _found() if not re.search("^import ", example.program, re.MULTILINE)]


MANIFEST = """\
// swift-tools-version: 6.2
import PackageDescription

// A target that the compiler is to refuse, which no other program is to suffer from.
let refused = Context.environment["REFUSED"].map {{ [$0] }} ?? []
let package = Package(
    name: "pages",
    dependencies: [
        .package(name: "experimance-zmq", path: "{root}", traits: ["ServiceLifecycle"]),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: ([{names}] + refused).map {{ name in
        .executableTarget(
            name: name,
            dependencies: [
                .product(name: "ExperimanceZMQ", package: "experimance-zmq"),
                .product(name: "ExperimanceZMQTesting", package: "experimance-zmq"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        )
    }} + [
        .target(name: "Forecast", dependencies: [.product(name: "ExperimanceZMQ", package: "experimance-zmq")]),
        .testTarget(
            name: "ForecastTests",
            dependencies: ["Forecast", .product(name: "ExperimanceZMQTesting", package: "experimance-zmq")]
        ),
    ],
    swiftLanguageModes: [.v6]
)
"""


class Package:
    """One for all programs: by far most of the time is the library's compilation."""

    folder = BUILD / "swift-pages"

    def __init__(self) -> None:
        self.examples = {f"example{number}": example for number, example in enumerate(examples())}
        sources = self.folder / "Sources"
        shutil.rmtree(sources, ignore_errors=True)
        for name, example in self.examples.items():
            (sources / name).mkdir(parents=True)
            (sources / name / "main.swift").write_text(example.program + "\n", encoding="utf-8")
        for name in PROGRAMS:
            (sources / name).symlink_to(EXAMPLES / name)
        for name in ("Sources/Forecast", "Tests/ForecastTests"):
            (self.folder / name).parent.mkdir(exist_ok=True)
            (self.folder / name).unlink(missing_ok=True)
            (self.folder / name).symlink_to(TESTED / name)
        runs = [name for name, example in self.examples.items() if not example.is_refused]
        manifest = MANIFEST.format(root=ROOT, names=", ".join(f'"{name}"' for name in (*runs, *PROGRAMS)))
        (self.folder / "Package.swift").write_text(manifest, encoding="utf-8")

    def build(self, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
        command = ["swift", "build", "--package-path", str(self.folder), *options]
        return run(command, patience=PATIENCE, env=os.environ | environment)

    def build_all(self) -> None:
        """All that is not refused."""
        result = self.build("--build-tests")
        if result.returncode != 0:
            raise AssertionError(result.stdout + result.stderr)

    def program(self, target: str) -> str:
        """The path of a program."""
        return str(self.folder / ".build" / "debug" / target)


class SwiftPages(WatchedTestCase):
    package: Package

    @classmethod
    def setUpClass(cls) -> None:
        cls.package = Package()
        cls.package.build_all()

    def peer(self, program: str) -> subprocess.Popen[str]:
        """A program in Python at the other end, which says where it listens and ends with its standard input."""
        command = [sys.executable, "-B", "-c", textwrap.dedent(program)]
        peer = subprocess.Popen(command, stdin=PIPE, stdout=PIPE, text=True, env=PYTHON)
        self.addCleanup(peer.wait)
        for stream in (peer.stdin, peer.stdout):
            if stream:
                self.addCleanup(stream.close)
        self.addCleanup(peer.kill)
        return peer

    def first_line(self, stream: IO[str] | None) -> str:
        assert stream
        return stream.readline().strip()

    def test_examples(self) -> None:
        self.assertGreater(len(self.package.examples), MANY)
        for name, example in self.package.examples.items():
            with self.subTest(f"{example.page}: {example.title}"):
                if example.is_refused:
                    result = self.package.build("--product", name, REFUSED=name)
                    self.assertNotEqual(result.returncode, 0)
                    self.assertIn(example.output.strip(), result.stdout + result.stderr)
                    continue
                result = run([self.package.program(name)])
                self.assertEqual(result.returncode, 0, result.stderr)
                printed = [essence(line) for line in result.stdout.splitlines()]
                self.assertEqual(printed, [essence(line) for line in example.output.splitlines()])

    def test_pieces(self) -> None:
        """What is no whole program is a piece of one that runs."""
        programs = [path.read_text(encoding="utf-8") for path in EXAMPLES.glob("*/main.swift")]
        for piece in pieces():
            with self.subTest(f"{piece.page}: {piece.title}"):
                self.assertTrue(any(piece.program in program for program in programs), piece.program)

    def test_programs_are_short(self) -> None:
        for name in PROGRAMS:
            with self.subTest(name):
                lines = (EXAMPLES / name / "main.swift").read_text(encoding="utf-8").splitlines()
                self.assertLessEqual(len(lines), LONGEST)

    def test_manifest_of_the_programs(self) -> None:
        result = run(["swift", "package", "--package-path", str(EXAMPLES), "dump-package"], patience=PATIENCE)
        self.assertEqual(result.returncode, 0, result.stderr)
        for name in PROGRAMS:
            self.assertIn(f'"{name}"', result.stdout)

    def test_tests(self) -> None:
        """Those that README.md and docs/testing.md show."""
        result = run(["swift", "test", "--skip-build", "--package-path", str(self.package.folder)])
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertIn("Test run with 3 tests", result.stdout + result.stderr)

    def test_service(self) -> None:
        """It shows what is published, and ends with SIGTERM."""
        program = self.package.program("service")
        publisher = self.peer("""
            import sys
            from experimance_zmq import Publisher
            with Publisher() as publisher:
                print(publisher.bind("tcp://127.0.0.1:*"), flush=True)
                publisher.wait_subscribers("weather", timeout=60)
                publisher.publish("weather/berlin", b"clear")
                sys.stdin.read()
        """)
        # A program whose output is no terminal keeps it back otherwise.
        command = ["stdbuf", "-oL", program, self.first_line(publisher.stdout)]
        with subprocess.Popen(command, stdout=PIPE, stderr=subprocess.DEVNULL, text=True) as service:
            try:
                self.assertEqual(self.first_line(service.stdout), "weather/berlin clear")
                service.send_signal(signal.SIGTERM)
                self.assertEqual(self.first_line(service.stdout), "closed")
                self.assertEqual(service.wait(PATIENCE), 0)
            finally:
                service.kill()

    def test_worker(self) -> None:
        """Its tasks do all jobs, each once, and end with the last."""
        program = self.package.program("worker")
        pusher = self.peer("""
            import sys
            from experimance_zmq import Pusher
            with Pusher() as pusher:
                print(pusher.bind("tcp://127.0.0.1:*"), flush=True)
                pusher.send_many([b"job %d" % number for number in range(100)] + [b"last"], timeout=60)
                sys.stdin.read()
        """)
        result = run([program, self.first_line(pusher.stdout)])
        self.assertEqual(result.returncode, 0, result.stderr)
        done = re.findall(r"^worker [1-4] does job (\d+)$", result.stdout, re.MULTILINE)
        self.assertEqual(sorted(map(int, done)), list(range(100)))

    def test_client(self) -> None:
        """It prints the answer, or why there is none."""
        program = self.package.program("client")
        replier = self.peer("""
            import sys
            from experimance_zmq import Replier
            with Replier() as replier:
                print(replier.bind("tcp://127.0.0.1:*"), flush=True)
                replier.send(replier.recv(timeout=60).upper())
                sys.stdin.read()
        """)
        answered = run([program, self.first_line(replier.stdout), "who is there?"])
        self.assertEqual((answered.returncode, answered.stdout), (0, "WHO IS THERE?\n"), answered.stderr)
        alone = run([program, "tcp://127.0.0.1:1", "who is there?"])
        self.assertEqual(alone.returncode, 0, alone.stderr)
        self.assertIn("not there: connect to tcp://127.0.0.1:1 failed after", alone.stdout)

    def test_services_with_keys(self) -> None:
        """They meet each other, and those in Python."""
        receiver, sender = ([self.package.program(f"keys-{name}")] for name in ("receiver", "sender"))
        with tempfile.TemporaryDirectory() as folder:
            meeting = Meeting(Path(folder))
            others = in_python("keys_receiver"), in_python("keys_sender")
            for pair in ((receiver, sender), (receiver, others[1]), (others[0], sender)):
                with self.subTest(pair):
                    told, heard = meeting.of(*pair)
                    self.assertRegex(told, "^EXZ_ERR_SECURITY: connect to tcp://.* failed")
                    self.assertEqual(heard, "from camera\n")

    def test_links(self) -> None:
        """What docs/swift.md links to is there."""
        self.assertEqual(PAGES[0].broken_links(), [])


if __name__ == "__main__":
    unittest.main()
