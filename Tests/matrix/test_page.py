# SPDX-License-Identifier: Apache-2.0
"""The page of the matrix, in a browser: EXZ_PAGE is the page."""

import json
import os
import re
import subprocess
import tempfile
import unittest
from html import escape
from pathlib import Path
from typing import Any

from doors import DOORS
from scenarios import OPERATIONS, PEERS, scenarios

PAGE = Path(os.environ["EXZ_PAGE"])
BROWSER = os.environ.get("EXZ_BROWSER", "chromium")
# Draws the page in a frame of that width, and writes down what the frame has.
HARNESS = """<!doctype html><meta charset="utf-8"><body style="margin: 0">
<iframe style="width: {width}px; height: 2000px; border: 0" srcdoc="{page}"></iframe><pre></pre><script>
addEventListener("load", () => {{
    const inside = document.querySelector("iframe").contentDocument;
    for (const details of inside.querySelectorAll("details")) details.open = true;
    const cells = [...inside.querySelectorAll("td.cell")];
    const isTold = (one, kind) => one.querySelector(kind).textContent.trim().length > 0;
    document.querySelector("pre").textContent = "FOUND" + JSON.stringify({{
        cells: cells.length,
        places: new Set(cells.map((one) => one.dataset.operation + " " + one.dataset.peer)).size,
        without: cells.filter((one) => one.dataset.state === "none").length,
        doors: inside.querySelectorAll("td.cell li.door").length,
        told: cells.filter((one) => isTold(one, ".sign") && isTold(one, ".verdict")).length,
        colours: new Set(cells.map((one) => one.dataset.state + getComputedStyle(one).backgroundColor)).size,
        states: new Set(cells.map((one) => one.dataset.state)).size,
        labels: cells.filter((one) => one.querySelector(".label").offsetWidth > 0).length,
        width: inside.documentElement.clientWidth,
        needed: inside.documentElement.scrollWidth,
    }}) + "END";
}});
</script>"""


def found_at(width: int) -> Any:
    """What a browser finds in the page at a width in pixels."""
    with tempfile.TemporaryDirectory() as folder:
        harness = Path(folder, "harness.html")
        harness.write_text(HARNESS.format(width=width, page=escape(PAGE.read_text(encoding="utf-8"))), encoding="utf-8")
        command = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}/profile"]
        drawn = subprocess.run(
            [*command, "--window-size=1600,2000", "--dump-dom", harness.as_uri()],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            check=True,
            timeout=180,
        ).stdout
    found = re.search("FOUND({.*?})END", drawn)
    assert found, f"the browser has drawn something else: {drawn[-500:]}"
    return json.loads(found[1])


class PageTests(unittest.TestCase):
    def test_it_has_every_cell_with_a_sign_and_words(self) -> None:
        found = found_at(1500)
        all_cells = len(OPERATIONS) * len(PEERS)
        without = sum(not each.has_meaning for each in scenarios())
        self.assertEqual((found["cells"], found["places"], found["told"]), (all_cells, all_cells, all_cells))
        self.assertEqual(found["without"], without)
        self.assertEqual(found["doors"], (all_cells - without) * len(DOORS))

    def test_each_state_has_one_colour(self) -> None:
        found = found_at(1500)
        self.assertEqual(found["colours"], found["states"])

    def test_nothing_scrolls_sideways_on_a_telephone(self) -> None:
        found = found_at(400)
        self.assertLessEqual(found["width"], 400)
        self.assertLessEqual(found["needed"], found["width"])
        self.assertEqual(found["labels"], found["cells"])

    def test_it_needs_nothing_else(self) -> None:
        text = PAGE.read_text(encoding="utf-8")
        self.assertIsNone(re.search(r"(src|href)=|url\(|@import|<script", text))


if __name__ == "__main__":
    unittest.main()
