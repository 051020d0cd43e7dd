# SPDX-License-Identifier: Apache-2.0
"""The site of the documentation, as it was built into EXZ_SITE: its links by reading it, the rest in a browser."""

import functools
import http.server
import os
import threading
import unittest
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from browser import Browser
from header import Header
from website.docc import DocCPage, docc_pages

SITE = Path(os.environ["EXZ_SITE"])
HERE = "http://site"


class Parsed(HTMLParser):
    """The links of a page, and what can be linked to in it."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(file.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.anchors.update(value for name in ("id", "name") if (value := attributes.get(name)))
        self.links += [value for name in ("href", "src") if (value := attributes.get(name)) and tag != "base"]


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_arguments: object) -> None:
        """Says nothing."""


@functools.cache
def parsed_pages() -> dict[Path, Parsed]:
    return {file: Parsed(file) for file in pages()}


@functools.cache
def docc() -> dict[str, DocCPage]:
    """The pages of DocC's, by where they are in its archive."""
    return {page.path: page for page in docc_pages(SITE / "swift")}


@functools.cache
def docc_anchors() -> dict[str, set[str]]:
    """What can be linked to in each of them."""
    return {path: set(strings(page.content, "anchor")) for path, page in docc().items()}


def strings(value: Any, key: str) -> Iterator[str]:
    """What stands under a key, wherever that is in a value of JSON."""
    if isinstance(value, dict):
        for name, inside in value.items():
            if name == key and isinstance(inside, str):
                yield inside
            else:
                yield from strings(inside, key)
    elif isinstance(value, list):
        for inside in value:
            yield from strings(inside, key)


def pages() -> Iterator[Path]:
    """All but those of DocC, which are scripts that make pages."""
    return (file for file in sorted(SITE.rglob("*.html")) if "swift" not in file.relative_to(SITE).parts[:1])


class Reading(unittest.TestCase):
    def test_no_link_is_broken(self) -> None:
        parsed = parsed_pages()
        self.assertGreater(len(parsed), 200)
        broken, looked_at = [], 0
        for file, page in parsed.items():
            place = f"{HERE}/{file.relative_to(SITE)}"
            for link in page.links:
                target = urlsplit(urljoin(place, link))
                if f"{target.scheme}://{target.netloc}" != HERE:
                    continue
                looked_at += 1
                found = SITE / unquote(target.path).lstrip("/")
                found = found / "index.html" if found.is_dir() else found
                anchor = unquote(target.fragment)
                # Material has one more anchor, which its script makes.
                is_there = found.is_file() and (
                    anchor in ("", "__skip") or found not in parsed or anchor in parsed[found].anchors
                )
                if not is_there:
                    broken.append(f"{file.relative_to(SITE)}: {link}")
        self.assertEqual(broken, [])
        self.assertGreater(looked_at, 10_000)

    def test_no_link_of_docc_is_broken(self) -> None:
        """Its pages are made of JSON in the browser: where that leads is a page, an anchor or a file."""
        self.assertGreater(len(docc()), 1_000)
        broken, looked_at = [], 0
        for page in docc().values():
            self.assertTrue((SITE / "swift" / page.path[1:] / "index.html").is_file(), page.path)
            for link in self.links(page):
                looked_at += 1
                target = urlsplit(link)
                anchors = docc_anchors().get(target.path)
                is_page = anchors is not None and target.fragment in ("", *anchors)
                if not is_page and not (SITE / "swift" / target.path.lstrip("/")).is_file():
                    broken.append(f"{page.path}: {link}")
        self.assertEqual(broken, [])
        self.assertGreater(looked_at, 5_000)

    def links(self, page: DocCPage) -> Iterator[str]:
        """Where a page of DocC's leads within the archive. What it mentions it has to know the place of."""
        references = page.content.get("references", {})
        for piece in (
            "primaryContentSections",
            "abstract",
            "topicSections",
            "seeAlsoSections",
            "relationshipsSections",
        ):
            for identifier in strings(page.content.get(piece, []), "identifier"):
                if identifier.startswith("doc://"):
                    self.assertIn(identifier, references, page.path)
        # Of other modules' symbols there is only the name.
        yield from (link for link in strings(references, "url") if urlsplit(link).scheme == "")

    def test_links_to_docc_lead_to_its_pages(self) -> None:
        """Also those of other pages, whose anchors are in its JSON."""
        looked_at = 0
        for file, page in parsed_pages().items():
            for link in page.links:
                target = urlsplit(urljoin(f"{HERE}/{file.relative_to(SITE)}", link))
                if target.netloc != "site" or not target.path.startswith("/swift/documentation/"):
                    continue
                looked_at += 1
                place = unquote(target.path).removeprefix("/swift").removesuffix("index.html").rstrip("/")
                self.assertIn(place, docc(), file)
                self.assertIn(unquote(target.fragment), ("", *docc_anchors()[place]), f"{file}: {link}")
        self.assertGreater(looked_at, 0)

    def test_nothing_is_fetched_from_elsewhere(self) -> None:
        for file in pages():
            text = file.read_text(encoding="utf-8")
            for attribute in ('src="http', 'rel="stylesheet" href="http', 'rel="preconnect"'):
                self.assertNotIn(attribute, text, file)

    def test_what_is_included_is_there(self) -> None:
        """No page has its directive left, and the five-minute pages have what README.md has."""
        for file in pages():
            self.assertNotIn("<!-- include", file.read_text(encoding="utf-8"), file)
        for language, line in {"c": "received hello", "python": "weather: sunny", "swift": "weather: sunny"}.items():
            self.assertIn(line, (SITE / "docs" / "start" / language / "index.html").read_text(encoding="utf-8"))


class Looking(unittest.TestCase):
    server: http.server.ThreadingHTTPServer
    browser: Browser

    @classmethod
    def setUpClass(cls) -> None:
        handler = functools.partial(Quiet, directory=str(SITE))
        cls.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        cls.addClassCleanup(cls.server.server_close)
        serving = threading.Thread(target=cls.server.serve_forever)
        serving.start()
        cls.addClassCleanup(serving.join)
        cls.addClassCleanup(cls.server.shutdown)
        cls.browser = cls.enterClassContext(Browser())

    def show(self, path: str) -> None:
        self.browser.complaints.clear()
        self.browser.show(f"http://127.0.0.1:{self.server.server_address[1]}{path}")

    def check_complaints(self) -> None:
        self.assertEqual(self.browser.complaints, [])

    def found(self, words: str) -> list[str]:
        """Where the site's search leads."""
        self.show(f"/?q={words}")
        links = self.browser.wait_for(
            "[...document.querySelectorAll('.md-search-result__link')].map((one) => one.pathname + one.hash)"
            ".filter((one, at, all) => all.length > 0)[0]"
            " && [...document.querySelectorAll('.md-search-result__link')].map((one) => one.pathname)"
        )
        self.check_complaints()
        return [str(link) for link in links]

    def test_search_finds_functions(self) -> None:
        for function in Header().functions[::25]:
            self.assertTrue(
                any("/c/" in link for link in self.found(function.name)[:3]), f"{function.name} is not found first"
            )

    def test_search_finds_the_python_api_and_the_guides(self) -> None:
        self.assertTrue(any(link.startswith("/python/") for link in self.found("wait_subscribers")))
        self.assertTrue(any(link.startswith("/docs/from/nng") for link in self.found("nng_dial")))

    def test_search_finds_swift(self) -> None:
        """A type and what it can do; where it leads is that page."""
        members = self.found("waitForSubscribers")[:5]
        self.assertTrue(any("/waitforsubscribers(" in link for link in members), members)
        types = self.found("ZMQPublisher")[:5]
        place = "/swift/documentation/experimancezmq/zmqpublisher/"
        self.assertIn(place, types)
        self.show(place)
        self.browser.wait_for("document.querySelector('main')?.innerText.includes('ZMQPublisher')")
        self.check_complaints()

    def test_pages_are_shown(self) -> None:
        for path, text in {
            "/": "The promises",
            "/c/exz_socket_connect/": "EXZ_ERR_REFUSED",
            "/python/sockets/": "Publisher",
            "/docs/start/python/": "weather: sunny",
            "/docs/from/czmq/": "zsock_new_pull",
        }.items():
            with self.subTest(path):
                self.show(path)
                self.browser.wait_for(f"document.querySelector('article')?.innerText.includes({text!r})")
                self.check_complaints()

    def test_swift_reference_is_shown(self) -> None:
        for module, name in {"experimancezmq": "ZMQPublisher", "experimancezmqtesting": "FaultProxy"}.items():
            with self.subTest(module):
                self.show(f"/swift/documentation/{module}/")
                self.browser.wait_for(f"document.querySelector('main')?.innerText.includes({name!r})")
                self.check_complaints()

    def test_nothing_scrolls_sideways_on_a_telephone(self) -> None:
        self.browser.tell("Emulation.setDeviceMetricsOverride", width=390, height=800, deviceScaleFactor=1, mobile=True)
        for path in ("/", "/c/exz_socket_options/", "/python/errors/", "/docs/security/"):
            with self.subTest(path):
                self.show(path)
                width = self.browser.wait_for(
                    "document.readyState === 'complete' && document.querySelector('article')"
                    " && document.documentElement.scrollWidth"
                )
                self.assertLessEqual(width, 390)
        self.browser.tell("Emulation.clearDeviceMetricsOverride")

    def test_a_page_that_is_not_there_is_told(self) -> None:
        """What the other tests look at can fail."""
        self.show("/no-such-page/")
        self.browser.wait_for("document.readyState === 'complete'")
        self.assertTrue(any("404" in complaint for complaint in self.browser.complaints), self.browser.complaints)


if __name__ == "__main__":
    unittest.main()
