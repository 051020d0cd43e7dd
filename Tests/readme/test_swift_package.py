# SPDX-License-Identifier: Apache-2.0
"""A package in Swift that asks for a version of this one gets it, and its build says nothing of this one."""

import os
import re
import shutil
import subprocess
import unittest
from pathlib import Path

from document import section
from surroundings import BUILD, ROOT, run
from watched import WatchedTestCase

PATIENCE = 220
"""Seconds. The package is built from its beginning when a source has changed."""
TAG = "0.1.0"

MANIFEST = """// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "NAME",
    dependencies: [.package(url: "ORIGIN", from: "0.1.0")OTHERS],
    targets: [
        .executableTarget(
            name: "NAME",
            dependencies: [.product(name: "ExperimanceZMQ", package: "experimance-zmq")PRODUCTS],
            path: "."
        )
    ]
)
"""

PROGRAM = """import ExperimanceZMQ

@main
struct User {
    static func main() async throws {
        let (pusher, puller) = (try ZMQPusher(), try ZMQPuller())
        try await pusher.connect(try await puller.bind("tcp://127.0.0.1:*"))
        try await pusher.send("tagged".utf8)
        print(try await puller.receive().text)
    }
}
"""

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
    for what, value in {"NAME": "nobody", "EMAIL": "nobody@localhost", "DATE": "2000-01-01T00:00:00Z"}.items()
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

    def __init__(self, name: str, origin: Path, manifest: str, program: str) -> None:
        self.name = name
        self.folder = BUILD / "tagged-package" / name
        commit = tagged(origin)
        memory = self.folder / "commit"
        if not memory.exists() or memory.read_text(encoding="utf-8") != commit:
            shutil.rmtree(self.folder, ignore_errors=True)
        self.sources = self.folder / "sources"
        self.sources.mkdir(parents=True, exist_ok=True)
        (self.sources / "Package.swift").write_text(manifest, encoding="utf-8")
        (self.sources / "User.swift").write_text(program, encoding="utf-8")
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

    def check(
        self, name: str, program: str, output: str, traits: str = "", others: str = "", products: str = ""
    ) -> None:
        """Builds a user's package, in which nothing is worth a warning, and runs it."""
        origin = BUILD / "tagged-package" / "experimance-zmq"
        manifest = MANIFEST.replace('"ORIGIN", from: "0.1.0"', f'"{origin.as_uri()}", from: "0.1.0"{traits}')
        manifest = manifest.replace("NAME", name).replace("OTHERS", others).replace("PRODUCTS", products)
        user = User(name, origin, manifest, program)
        built = user.swift("build")
        self.assertEqual(built.returncode, 0, built.stdout + built.stderr)
        self.assertEqual(re.findall(r".*(?:warning|prohibited).*", built.stdout + built.stderr), [])
        result = user.swift("run", "--skip-build", name)
        self.assertEqual((result.returncode, result.stdout), (0, output), result.stderr)

    def test_version_asked_for(self) -> None:
        """As README.md has it, with another place."""
        self.assertIn('from: "0.1.0"', section("Swift"))
        self.check("user", PROGRAM, "tagged\n")

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
        self.check("service-user", SERVICE, "served\nclosed\n", traits, others, products)


if __name__ == "__main__":
    unittest.main()
