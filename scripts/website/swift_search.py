# SPDX-License-Identifier: Apache-2.0
"""website.swift_search SITE: has the search of the site find what DocC has written pages of, in SITE/swift."""

import html
import json
import sys
from pathlib import Path

from .docc import DocCPage, docc_pages

_SWIFT = "swift"


def main(arguments: list[str]) -> int:
    """The exit status."""
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    site = Path(arguments[0])
    file = site / "search" / "search_index.json"
    index = json.loads(file.read_text(encoding="utf-8"))
    of_others = [entry for entry in index["docs"] if not entry["location"].startswith(f"{_SWIFT}/documentation/")]
    index["docs"] = of_others + [_entry(page) for page in docc_pages(site / _SWIFT) if page.title and not page.is_group]
    file.write_text(json.dumps(index, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
    return 0


def _entry(page: DocCPage) -> dict[str, str]:
    words = [word for word in (page.parent, page.abstract) if word]
    return {
        "location": f"{_SWIFT}{page.path}/",
        "title": html.escape(page.title),
        "text": html.escape(": ".join(words)),
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
