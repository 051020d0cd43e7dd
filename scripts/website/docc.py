# SPDX-License-Identifier: Apache-2.0
"""What DocC has written: a file of JSON for each of its pages, of which a script makes the page in the browser."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class DocCPage:
    """A page of an archive."""

    #: Where it is within the archive, such as "/documentation/experimancezmq/zmqpublisher".
    path: str
    content: dict[str, Any]

    @property
    def title(self) -> str:
        """What its heading is."""
        return str(self.content.get("metadata", {}).get("title", ""))

    @property
    def is_group(self) -> bool:
        """Whether it does nothing but list others."""
        return bool(self.content.get("metadata", {}).get("role") == "collectionGroup")

    @property
    def abstract(self) -> str:
        """What stands under the heading."""
        return self._text(self.content.get("abstract", []))

    @property
    def parent(self) -> str:
        """The title of the page that it belongs to; "" if it is one of the first."""
        paths = self.content.get("hierarchy", {}).get("paths", [[]])
        references = self.content.get("references", {})
        return str(references.get(paths[0][-1], {}).get("title", "")) if paths and paths[0] else ""

    def _text(self, pieces: list[dict[str, Any]]) -> str:
        references = self.content.get("references", {})
        return "".join(
            piece.get("text")
            or piece.get("code")
            or references.get(piece.get("identifier"), {}).get("title")
            or self._text(piece.get("inlineContent", []))
            for piece in pieces
        )


def docc_pages(archive: Path) -> Iterator[DocCPage]:
    """All pages of an archive."""
    data = archive / "data"
    for file in sorted(data.rglob("*.json")):
        content = json.loads(file.read_text(encoding="utf-8"))
        yield DocCPage("/" + str(file.relative_to(data).with_suffix("")), content)
