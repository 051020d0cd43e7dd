# SPDX-License-Identifier: Apache-2.0
"""The ratios as bars."""

from collections.abc import Mapping
from pathlib import Path

from .rows import Row

OURS = "#2a6f97"
SLOWER = "#b08968"


def draw(ratios: Mapping[Row, float], target: Path) -> None:
    """Writes an SVG and a PNG."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    # Text stays text, and the same figures give the same file.
    matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "bench", "font.size": 9})
    names = [row.name for row in ratios]
    values = list(ratios.values())
    figure, axes = pyplot.subplots(figsize=(8, 0.34 * len(names) + 1), layout="constrained")
    axes.barh(names, [value - 1 for value in values], left=1, color=[OURS if v >= 1 else SLOWER for v in values])
    axes.set_xscale("log")
    axes.set_xlim(min(0.5, *values) * 0.9, max(values) * 1.6)
    ticks = [tick for tick in (0.2, 0.5, 1, 2, 5, 10, 20, 50, 100) if axes.get_xlim()[0] <= tick <= axes.get_xlim()[1]]
    axes.set_xticks(ticks, [f"{tick:g} ×" for tick in ticks])
    axes.minorticks_off()
    axes.axvline(1, color="black", linewidth=0.8)
    for place, value in enumerate(values):
        axes.text(max(value, 1) * 1.04, place, f"{value:.2g} ×" if value < 10 else f"{value:.0f} ×", va="center")
    axes.invert_yaxis()
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("speed, as a multiple of pyzmq's (logarithmic)")
    figure.savefig(target.with_suffix(".svg"), metadata={"Date": None})
    figure.savefig(target.with_suffix(".png"), dpi=150, metadata={"Software": None})
