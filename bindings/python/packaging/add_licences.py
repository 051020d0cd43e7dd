# SPDX-License-Identifier: Apache-2.0
"""add_licences LICENSE NOTICE WHEEL…: puts the licences of everything that is in a wheel into the wheel.

NOTICE is that of swift-log, whose licence has no exception that would spare it. The libraries beside the package are
Debian's, put there by auditwheel; `dpkg` knows where they come from.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

#: What auditwheel puts into the name of a library.
HASH = re.compile(r"-[0-9a-f]{8}(?=\.)")
COMMON = Path("/usr/share/common-licenses")
SWIFT = """\
`experimance_zmq/libexperimance_zmq.so.0` has these inside, each under the Apache License 2.0 (`LICENSE`): the standard
library of Swift and swift-collections, with its Runtime Library Exception; swift-log, with `swift-log.NOTICE`.
"""


class Origin(NamedTuple):
    """The package that a library comes from."""

    package: str
    source: str
    version: str


def output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def libraries() -> dict[str, Path]:
    """The libraries of the system, by the names of their files."""
    paths = {Path(line.rpartition(" => ")[2]) for line in output("/sbin/ldconfig", "-p").splitlines()[1:]}
    return {path.resolve().name: path for path in paths}


def origin(library: Path) -> Origin:
    """The package that a library of the system belongs to."""
    for path in (library, library.resolve(), Path(str(library.resolve()).removeprefix("/usr"))):
        found = subprocess.run(["dpkg-query", "--search", str(path)], capture_output=True, text=True, check=False)
        if found.returncode == 0:
            package = found.stdout.partition(": ")[0]
            form = "--showformat=${Package}\n${source:Package}\n${source:Version}"
            return Origin(*output("dpkg-query", "--show", form, package).splitlines())
    raise SystemExit(f"no package has {library}, so that its licence is not known")


def describe(folder: Path, licence: Path, notice: Path) -> None:
    """Writes the files for an unpacked wheel."""
    (info,) = folder.glob("*.dist-info")
    target = info / "licenses"
    target.mkdir(exist_ok=True)
    shutil.copy(licence, target / "LICENSE")
    shutil.copy(notice, target / "swift-log.NOTICE")
    system = libraries()
    lines = []
    texts: set[str] = set()
    for library in sorted(folder.glob("*.libs/*")):
        package, source, version = origin(system[HASH.sub("", library.name)])
        copyright_file = Path("/usr/share/doc") / package / "copyright"
        text = copyright_file.read_text(encoding="utf-8")
        (target / f"{package}.copyright").write_text(text, encoding="utf-8")
        texts.update(re.findall(rf"{COMMON}/([\w.-]*\w)", text))
        lines.append(
            f"| `{library.name}` | {package} | [{source} {version}](https://snapshot.debian.org/package/{source}/{version}/)"
            f" | `{package}.copyright` |"
        )
    for name in sorted(texts):
        shutil.copy((COMMON / name).resolve(), target / name)
    (target / "THIRD-PARTY.md").write_text(
        "# What this wheel carries\n\nThe package and its library are under the Apache License 2.0 (`LICENSE`).\n\n"
        f"{SWIFT}\nThe libraries in `experimance_zmq.libs` are those of Debian, unchanged but for the names by which\n"
        "they find each other. libzmq is under the LGPL: put another build of it in its place, under the name it has\n"
        "here, if you like. The sources are where the third column leads.\n\n"
        "| File | Package | Source | Licence |\n|---|---|---|---|\n" + "\n".join(lines) + "\n",
        encoding="utf-8",
    )


def main(licence: str, notice: str, *wheels: str) -> None:
    for wheel in map(Path, wheels):
        with TemporaryDirectory() as name:
            output(sys.executable, "-m", "wheel", "unpack", "--dest", name, str(wheel))
            (folder,) = Path(name).iterdir()
            describe(folder, Path(licence), Path(notice))
            # Writes the list of files anew.
            output(sys.executable, "-m", "wheel", "pack", "--dest-dir", str(wheel.parent), str(folder))


if __name__ == "__main__":
    main(*sys.argv[1:])
