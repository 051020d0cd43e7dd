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
DEPENDENCY = '.package(url: "ORIGIN", from: "0.1.0")'

MANIFEST = """// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "user",
    dependencies: [DEPENDENCY],
    targets: [
        .executableTarget(
            name: "user",
            dependencies: [.product(name: "ExperimanceZMQ", package: "experimance-zmq")],
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


class SwiftPackage(WatchedTestCase):
    def test_one_place_for_the_c_library(self) -> None:
        """With Musl there is no Glibc: all but one module take what there is from that one."""
        sources = [path for path in (ROOT / "Sources").rglob("*.swift") if path.parent.name != "LibC"]
        self.assertGreater(len(sources), 0)
        named = [path.name for path in sources if re.search(r"\b(Glibc|Musl)\b", path.read_text(encoding="utf-8"))]
        self.assertEqual(named, [])

    def swift(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs Swift's package manager with memories of its own: it does not forget what a tag once was."""
        own = ("--cache-path", str(self.folder / "cache"), "--security-path", str(self.folder / "security"))
        places = ("--package-path", str(self.user), "--scratch-path", str(self.folder / "build"), *own)
        # Where the packages come from is git's to say; how pkg-config is asked, nobody's.
        environment = {name: value for name, value in os.environ.items() if name != "PKG_CONFIG_PATH"}
        return run(["swift", arguments[0], *places, *arguments[1:]], env=environment, patience=PATIENCE)

    def setUp(self) -> None:
        self.folder = BUILD / "tagged-package"
        self.user = self.folder / "user"
        origin = self.folder / "experimance-zmq"
        self.folder.mkdir(parents=True, exist_ok=True)
        memory = self.folder / "commit"
        commit = tagged(origin)
        if not memory.exists() or memory.read_text(encoding="utf-8") != commit:
            for name in ("build", "cache", "security", "user"):
                shutil.rmtree(self.folder / name, ignore_errors=True)
        self.user.mkdir(exist_ok=True)
        dependency = DEPENDENCY.replace("ORIGIN", origin.as_uri())
        (self.user / "Package.swift").write_text(MANIFEST.replace("DEPENDENCY", dependency), encoding="utf-8")
        (self.user / "User.swift").write_text(PROGRAM, encoding="utf-8")
        memory.write_text(commit, encoding="utf-8")

    def test_version_asked_for(self) -> None:
        """As README.md has it, with another place; nothing in the whole build is worth a warning."""
        self.assertIn('from: "0.1.0"', section("Swift"))
        built = self.swift("build")
        self.assertEqual(built.returncode, 0, built.stdout + built.stderr)
        self.assertEqual(re.findall(r".*(?:warning|prohibited).*", built.stdout + built.stderr), [])
        result = self.swift("run", "--skip-build", "user")
        self.assertEqual((result.returncode, result.stdout), (0, "tagged\n"), result.stderr)


if __name__ == "__main__":
    unittest.main()
