# SPDX-License-Identifier: Apache-2.0
"""A package in Swift that asks for a version of this one gets it, and its build says nothing of this one."""

import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from document import section
from surroundings import BUILD, ROOT, run
from watched import WatchedTestCase

PATIENCE = 220
"""Seconds. The package is built from its beginning when a source has changed."""
TAG = "0.1.0"
ORIGIN = BUILD / "tagged-package" / "experimance-zmq"

MANIFEST = """// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "service-user",
    dependencies: [.package(url: "ORIGIN", from: "0.1.0"TRAITS)OTHERS],
    targets: [
        .executableTarget(
            name: "service-user",
            dependencies: [.product(name: "ExperimanceZMQ", package: "experimance-zmq")PRODUCTS],
            path: "."
        )
    ]
)
"""

# A package that is there to be copied: the same with a path to this checkout.
START = ROOT / "Examples" / "start" / "swift"
PATH_TO_CHECKOUT = '.package(name: "experimance-zmq", path: "../../..")'

SERVICE = """import ExperimanceZMQ
import Logging
import ServiceLifecycle

@main
struct User {
    static func main() async throws {
        let (pusher, puller) = (try ZMQPusher(), try ZMQPuller())
        try await pusher.connect(try await puller.bind("tcp://127.0.0.1:*"))
        try await pusher.send("served".utf8)
        let (isServed, served) = AsyncStream<Void>.makeStream()
        let service = ZMQService(receivingFrom: puller) { message in
            print(message.text)
            served.finish()
        }
        let group = ServiceGroup(services: [service], logger: Logger(label: "user"))
        async let end: Void = group.run()
        for await _ in isServed {}
        await group.triggerGracefulShutdown()
        try await end
        print(puller.state)
    }
}
"""

# The same files make the same commit, whoever makes it when.
SOMEBODY = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in {"service-user": "nobody", "EMAIL": "nobody@localhost", "DATE": "2000-01-01T00:00:00Z"}.items()
}


def git(folder: Path, *arguments: str) -> str:
    result = run(["git", "-C", str(folder), *arguments], env=os.environ | SOMEBODY)
    if result.returncode != 0:
        raise AssertionError(f"git {' '.join(arguments)}: {result.stderr}")
    return result.stdout.strip()


def tagged(origin: Path) -> str:
    """Makes a repository of what this checkout holds now, with the tag of a version; says which commit that is."""
    names = git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard", "-z").split("\0")
    shutil.rmtree(origin, ignore_errors=True)
    for name in filter(lambda name: name and (ROOT / name).is_file(), names):
        (origin / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, origin / name)
    git(origin, "init", "--quiet")
    git(origin, "add", "--all")
    git(origin, "commit", "--quiet", "--no-verify", "--message", TAG)
    git(origin, "tag", TAG)
    return git(origin, "rev-parse", "HEAD")


class User:
    """A package of somebody's that depends on this one, with memories of its own that are kept from run to run."""

    def __init__(self, name: str, origin: Path, files: dict[str, str]) -> None:
        self.name = name
        self.folder = BUILD / "tagged-package" / name
        commit = tagged(origin)
        memory = self.folder / "commit"
        if not memory.exists() or memory.read_text(encoding="utf-8") != commit:
            shutil.rmtree(self.folder, ignore_errors=True)
        self.sources = self.folder / "sources"
        for path, text in files.items():
            (self.sources / path).parent.mkdir(parents=True, exist_ok=True)
            (self.sources / path).write_text(text, encoding="utf-8")
        memory.write_text(commit, encoding="utf-8")

    def swift(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs Swift's package manager with memories of its own: it does not forget what a tag once was."""
        own = ("--cache-path", str(self.folder / "cache"), "--security-path", str(self.folder / "security"))
        places = ("--package-path", str(self.sources), "--scratch-path", str(self.folder / "build"), *own)
        # Where the packages come from is git's to say; how pkg-config is asked, nobody's.
        environment = {name: value for name, value in os.environ.items() if name != "PKG_CONFIG_PATH"}
        return run(["swift", arguments[0], *places, *arguments[1:]], env=environment, patience=PATIENCE)


class SwiftPackage(WatchedTestCase):
    def test_one_place_for_the_c_library(self) -> None:
        """With Musl there is no Glibc: all but one module take what there is from that one."""
        sources = [path for path in (ROOT / "Sources").rglob("*.swift") if path.parent.name != "LibC"]
        self.assertGreater(len(sources), 0)
        named = [path.name for path in sources if re.search(r"\b(Glibc|Musl)\b", path.read_text(encoding="utf-8"))]
        self.assertEqual(named, [])

    def built(self, name: str, files: dict[str, str]) -> Path:
        """Builds a user's package, in which nothing is worth a warning."""
        user = User(name, ORIGIN, files)
        built = user.swift("build")
        self.assertEqual(built.returncode, 0, built.stdout + built.stderr)
        self.assertEqual(re.findall(r".*(?:warning|prohibited).*", built.stdout + built.stderr), [])
        return Path(user.swift("build", "--show-bin-path").stdout.strip()) / name

    def test_version_asked_for(self) -> None:
        """As README.md has it, with another place."""
        self.assertIn('from: "0.1.0"', section("Swift"))
        files = {
            str(path.relative_to(START)): path.read_text(encoding="utf-8") for path in sorted(START.rglob("*.swift"))
        }
        self.assertIn(PATH_TO_CHECKOUT, files["Package.swift"])
        by_version = f'.package(url: "{ORIGIN.as_uri()}", from: "0.1.0")'
        files["Package.swift"] = files["Package.swift"].replace(PATH_TO_CHECKOUT, by_version)
        program = self.built("start", files)
        with tempfile.TemporaryDirectory() as folder:
            jobs = f"ipc://{folder}/jobs"
            puller = subprocess.Popen([program, "pull", jobs, "2"], stdout=subprocess.PIPE, text=True)
            try:
                pushed = run([str(program), "push", jobs, "one", "two"])
                self.assertEqual((pushed.returncode, pushed.stdout, pushed.stderr), (0, "", ""))
                self.assertEqual(puller.communicate(timeout=PATIENCE)[0], "one\ntwo\n")
            finally:
                puller.kill()
                puller.wait(PATIENCE)
        self.assertEqual(puller.returncode, 0)
        refused = run([str(program), "push", "nonsense", "one"])
        self.assertEqual(refused.returncode, 1)
        self.assertRegex(refused.stderr, r"^start: .*nonsense.*\n$")
        self.assertEqual(run([str(program)]).returncode, 2)

    def test_version_with_a_trait(self) -> None:
        """The same with what belongs to another package."""
        traits = ', traits: ["ServiceLifecycle"]'
        self.assertIn(f'from: "0.1.0"{traits}', section("Swift"))
        others = (
            ', .package(url: "https://github.com/apple/swift-log", from: "1.16.0")'
            ', .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0")'
        )
        products = (
            ', .product(name: "Logging", package: "swift-log")'
            ', .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")'
        )
        manifest = MANIFEST.replace("ORIGIN", ORIGIN.as_uri()).replace("TRAITS", traits)
        manifest = manifest.replace("OTHERS", others).replace("PRODUCTS", products)
        program = self.built("service-user", {"Package.swift": manifest, "User.swift": SERVICE})
        result = run([str(program)])
        self.assertEqual((result.returncode, result.stdout), (0, "served\nclosed\n"), result.stderr)


if __name__ == "__main__":
    unittest.main()
