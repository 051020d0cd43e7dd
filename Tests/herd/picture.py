# SPDX-License-Identifier: Apache-2.0
"""Herds as a picture: for each, how many attempts there were in each ten milliseconds. SVG, which needs nothing else.

It has a ground of its own, and says nothing by colour: ink on paper, or the other way round where the reader's screen
is dark.
"""

import math
from collections import Counter
from html import escape

from judge import MOMENT_MS, figures
from record import Record

WIDTH, PANEL, LEFT, RIGHT, TOP, BOTTOM = 900, 270, 66, 18, 74, 52
STYLE = """
text { font: 13px system-ui, "Segoe UI", "Liberation Sans", sans-serif; fill: #1c2128; }
.name { font-weight: 600; font-size: 14px; }
.ground { fill: #ffffff; }
.bars { fill: #1c2128; }
.line { stroke: #59636e; fill: none; }
.back { stroke-dasharray: 5 4; }
@media (prefers-color-scheme: dark) {
text, .bars { fill: #e6edf3; }
.ground { fill: #0f1419; }
.line { stroke: #9aa6b2; }
}
"""


def ticks(limit: float, at_most: int = 6) -> list[float]:
    """Round numbers from 0 up to the limit."""
    step = 10 ** math.floor(math.log10(limit / at_most))
    while limit / step > at_most:
        step *= 2.5 if str(step).lstrip("0.").startswith("2") else 2
    return [step * i for i in range(int(limit / step) + 1)]


def counts(record: Record) -> list[int]:
    """Attempts in each ten milliseconds, from the server's death until it is back."""
    found = Counter(int(ms // MOMENT_MS) for ms in record.attempts())
    return [found[i] for i in range(math.ceil(record.back_ms / MOMENT_MS))]


def bars(heights: list[int], width: float, scale: float) -> str:
    """One outline for all of them, from left to right; the foot is at 0."""
    path, last = ["M0 0"], 0
    for i, height in enumerate([*heights, 0]):
        if height != last:
            path.append(f"H{i * width:.2f}V{-height * scale:.1f}")
        last = height
    return "".join(path) + "Z"


def panel(record: Record, top: int, end_ms: float) -> str:
    heights = counts(record)
    across, down = WIDTH - LEFT - RIGHT, PANEL - TOP - BOTTOM
    most = max([*heights, 1])
    x, y = across / end_ms, down / most
    foot = top + TOP + down
    parts = [
        f'<text class="name" x="{LEFT}" y="{top + 18}">{escape(record.name)}</text>',
        *(f'<text x="{LEFT}" y="{top + 37 + 18 * i}">{escape(line)}</text>' for i, line in enumerate(figures(record))),
        f'<g transform="translate({LEFT} {foot})"><path class="bars" d="{bars(heights, MOMENT_MS * x, y)}"/></g>',
        f'<path class="line" d="M{LEFT} {top + TOP}V{foot}H{LEFT + across}"/>',
    ]
    for tick in ticks(most, 4):
        at = foot - tick * y
        parts.append(f'<path class="line" d="M{LEFT - 4} {at:.1f}h4"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{tick:g}</text>')
    for tick in ticks(end_ms / 1000, 12):
        at = LEFT + tick * 1000 * x
        parts.append(f'<path class="line" d="M{at:.1f} {foot}v4"/>')
        parts.append(f'<text x="{at:.1f}" y="{foot + 18}" text-anchor="middle">{tick:g}</text>')
    back = LEFT + record.back_ms * x
    parts.append(f'<path class="line back" d="M{back:.1f} {top + TOP}V{foot}"/>')
    parts.append(f'<text x="{back - 6:.1f}" y="{top + TOP + 4}" text-anchor="end">the server is back</text>')
    middle = top + TOP + down / 2
    parts.append(
        f'<text transform="translate(16 {middle:.0f}) rotate(-90)" text-anchor="middle">attempts in '
        f"{MOMENT_MS:.0f} ms</text>"
    )
    parts.append(
        f'<text x="{LEFT + across / 2:.0f}" y="{foot + 38}" text-anchor="middle">seconds since the server was '
        "killed</text>"
    )
    return "\n".join(parts)


def as_svg(records: list[Record]) -> str:
    end_ms = 1.02 * max(record.back_ms for record in records)
    height = PANEL * len(records)
    panels = "\n".join(panel(record, i * PANEL, end_ms) for i, record in enumerate(records))
    title = "Attempts to connect while a server is away"
    told = escape(". ".join(f"{record.name}: {'; '.join(figures(record))}" for record in records))
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" \
aria-labelledby="title told">
<title id="title">{title}</title>
<desc id="told">{told}</desc>
<style>{STYLE}</style>
<rect class="ground" width="{WIDTH}" height="{height}"/>
{panels}
</svg>
"""
