# SPDX-License-Identifier: Apache-2.0
"""website FOLDER: puts together what MkDocs makes the site of: FOLDER/docs, and FOLDER/mkdocs.yml."""

import json
import shutil
import sys
from pathlib import Path

from header import Header
from reference import markdown
from reference.pages import Pages

from .python_pages import python_pages
from .sources import MissingError, Sources

ROOT = Path(__file__).resolve().parents[2]
CONFIGURATION = ROOT / "docs" / "site" / "mkdocs.yml"

Navigation = list[dict[str, "str | Navigation"]]

START = {"C": "docs/start/c.md", "Python": "docs/start/python.md", "Swift": "docs/start/swift.md"}
FROM = {"pyzmq": "docs/from/pyzmq.md", "czmq": "docs/from/czmq.md", "nng": "docs/from/nng.md"}
GUIDES = {
    "The Python package": "docs/python.md",
    "pyzmq's programs on this library": "docs/pyzmq.md",
    "The Swift package": "docs/swift.md",
    "Keys, and who may come in": "docs/security.md",
    "Tests of your own program": "docs/testing.md",
    "Projects to start from": "Examples/start/README.md",
    "Reliability": "docs/reliability.md",
    "The command line": "docs/command-line.md",
    "Looking into what runs": "docs/operating.md",
}
PROJECT = {
    "Changes": "CHANGELOG.md",
    "Contributing": "CONTRIBUTING.md",
    "How it is built": "docs/architecture.md",
    "Benchmarks": "Benchmarks/README.md",
    "The Python package by itself": "bindings/python/README.md",
}
SWIFT = "docs/site/swift-reference.md"


def main(arguments: list[str]) -> int:
    """The exit status."""
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    target = Path(arguments[0])
    docs = target / "docs"
    shutil.rmtree(docs, ignore_errors=True)
    guides = START | FROM | GUIDES | PROJECT
    try:
        Sources(ROOT, docs, ["README.md", SWIFT, *guides.values()]).write()
    except MissingError as error:
        print(f"the site: {error}", file=sys.stderr)
        return 1
    pages = Pages(Header())
    (docs / "c").mkdir()
    for name, text in markdown.files(pages).items():
        (docs / "c" / name).write_text(text, encoding="utf-8")
    of_python = python_pages(ROOT / "bindings" / "python" / "src")
    (docs / "python").mkdir()
    for page in of_python:
        (docs / page.file).write_text(page.text, encoding="utf-8")
    navigation: Navigation = [
        {"Home": "README.md"},
        {"In five minutes": _listed(START)},
        {"Coming from": _listed(FROM)},
        {"Guides": _listed(GUIDES)},
        {"C": [{"All of it": "c/index.md"}, *(_section(pages, title) for title in pages.sections)]},
        {"Python": [{page.title: page.file} for page in of_python]},
        {"Swift": SWIFT},
        {"Project": _listed(PROJECT)},
    ]
    # JSON is YAML.
    text = CONFIGURATION.read_text(encoding="utf-8")
    (target / "mkdocs.yml").write_text(f"{text}nav: {json.dumps(navigation)}\n", encoding="utf-8")
    return 0


def _listed(pages: dict[str, str]) -> Navigation:
    return [{title: page} for title, page in pages.items()]


def _section(pages: Pages, title: str) -> dict[str, "str | Navigation"]:
    return {title: [{page.name: f"c/{page.name}.md"} for page in pages.in_section(title)]}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
