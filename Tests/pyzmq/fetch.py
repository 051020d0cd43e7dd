# SPDX-License-Identifier: Apache-2.0
"""`fetch.py VERSION FOLDER`: a version of pyzmq with what its tests need, and its tests, none of which are kept here.

The tests are in pyzmq's source archive, which pip fetches and compares with its checksum. Nothing is built of it: what
runs is the wheel.
"""

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
# Without pyzmq's own package, which would be found in front of the one that is installed.
WANTED = ("tests", "pytest.ini")


class NotToBeHad(Exception):
    """What the tests need can not be fetched."""


def main(version: str, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    unpack(fetch_archive(version, folder / "archive"), folder / "suite")
    environment = folder / "venv"
    _run("environment", [sys.executable, "-m", "venv", "--without-pip", str(environment)])
    python = environment / "bin" / "python"
    requirements = HERE / "requirements" / f"{version}.txt"
    install = ["install", "--quiet", "--no-deps", "--only-binary", ":all:", "--requirement", str(requirements)]
    _run(f"what the tests of pyzmq {version} need", [*_pip(), "--python", str(python), *install])


def fetch_archive(version: str, folder: Path) -> Path:
    _run(
        f"the source archive of pyzmq {version}",
        [
            *_pip(),
            *("download", "--quiet", "--no-deps", "--no-binary", "pyzmq", "--no-build-isolation"),
            *("--requirement", str(HERE / "archives" / f"{version}.txt"), "--dest", str(folder)),
        ],
    )
    found = sorted(folder.iterdir()) if folder.is_dir() else []
    if [path.name for path in found] != [f"pyzmq-{version}.tar.gz"]:
        raise NotToBeHad(f"pip has fetched {[path.name for path in found]} for the source archive of pyzmq {version}")
    return found[0]


def unpack(archive: Path, folder: Path) -> None:
    with tarfile.open(archive) as opened:
        for member in opened.getmembers():
            _, _, member.name = member.name.partition("/")
            if member.name.split("/")[0] in WANTED:
                opened.extract(member, folder, filter="data")
    if missing := [name for name in WANTED if not (folder / name).exists()]:
        raise NotToBeHad(f"{archive.name} has no {' and no '.join(missing)}")


def _pip() -> list[str]:
    return [sys.executable, "-m", "pip", "--disable-pip-version-check"]


def _run(what: str, command: list[str]) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "PYZMQ_BACKEND"}
    environment["PYTHONPATH"] = str(HERE / "without_building")
    done = subprocess.run(command, env=environment, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise NotToBeHad(f"{what} can not be had:\n{done.stderr}")


if __name__ == "__main__":
    try:
        main(sys.argv[1], Path(sys.argv[2]).absolute())
    except NotToBeHad as error:
        sys.exit(f"pyzmq's suite: {error}")
