# SPDX-License-Identifier: Apache-2.0
"""The matrix as a page: one file, that needs nothing else."""

from html import escape
from pathlib import Path

from doors import DOORS
from results import Cell, Result
from scenarios import OPERATIONS, PEERS

STYLE = Path(__file__).with_name("page.css")
SIGNS = {"right": "✓", "wrong": "✗", "skipped": "–", "none": "·"}


def state_of(cell: Cell) -> str:
    if not cell.scenario.has_meaning:
        return "none"
    return "wrong" if cell.is_wrong else "skipped" if cell.is_skipped else "right"


def door_mark(name: str, result: Result) -> str:
    state = "wrong" if result.is_wrong else "skipped" if result.is_skipped else "right"
    title = DOORS[name].title
    told = f"{title}: {result.word}" + (f" after {result.ms:.0f} ms" if result.status else "")
    told += f". {result.problem}" if result.problem else ""
    return (
        f'<li class="door {state}" title="{escape(told)}">'
        f'<span class="sign">{SIGNS[state]}</span><span class="name">{escape(title)}</span>'
        f'<span class="time">{f"{result.ms:.0f}" if result.status else "–"}</span></li>'
    )


def cell_of(cell: Cell) -> str:
    scenario, state = cell.scenario, state_of(cell)
    where = f'data-operation="{scenario.operation}" data-peer="{scenario.peer}" data-state="{state}"'
    label = f'<span class="label">{escape(OPERATIONS[scenario.operation])}</span>'
    if state == "none":
        return (
            f'<td class="cell none" {where}>{label}<p class="verdict"><span class="sign">{SIGNS[state]}</span> '
            f'no meaning</p><p class="why">{escape(scenario.why)}</p></td>'
        )
    marks = "".join(door_mark(name, result) for name, result in cell.results.items())
    words = cell.words.lower().replace("_", " ")
    reasons = dict.fromkeys([result.problem for result in cell.results.values() if result.is_skipped])
    if scenario.why != "-":
        reasons[scenario.why] = None
    why = "".join(f'<p class="why">{escape(reason)}</p>' for reason in reasons)
    return (
        f'<td class="cell {state}" {where}>{label}<p class="verdict"><span class="sign">{SIGNS[state]}</span> '
        f'{escape(words)}</p><details><summary><span class="took">{escape(cell.took or "why")}</span></summary>'
        f"<ul>{marks}</ul>{why}</details></td>"
    )


def as_page(cells: list[Cell], closing_line: str) -> str:
    by_place = {(cell.scenario.operation, cell.scenario.peer): cell for cell in cells}
    operations = [each for each in OPERATIONS if any(place[0] == each for place in by_place)]
    peers = [each for each in PEERS if any(place[1] == each for place in by_place)]
    wrong = [(cell, name, result) for cell in cells for name, result in cell.results.items() if result.is_wrong]
    rows = []
    for peer in peers:
        row = [by_place.get((operation, peer)) for operation in operations]
        found = "".join(cell_of(cell) if cell else '<td class="absent"></td>' for cell in row)
        rows.append(f'<tr><th scope="row">{escape(PEERS[peer])}</th>{found}</tr>')
    heads = "".join(f'<th scope="col">{escape(OPERATIONS[operation])}</th>' for operation in operations)
    complaints = "".join(
        f"<li><b>{escape(OPERATIONS[cell.scenario.operation])}, {escape(PEERS[cell.scenario.peer])}</b>, "
        f"{escape(DOORS[name].title)}: {escape(result.problem)}</li>"
        for cell, name, result in wrong
    )
    complaint = f'<section class="complaints"><h2>What is wrong</h2><ul>{complaints}</ul></section>' if wrong else ""
    doors = ", ".join(escape(door.title) for door in DOORS.values())
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Matrix: operations and peers</title>
<style>
{STYLE.read_text(encoding="utf-8")}</style>
</head>
<body>
<header>
<h1>Every operation, every peer, every door</h1>
<p class="sum {"wrong" if wrong else "right"}"><span class="sign">{SIGNS["wrong" if wrong else "right"]}</span>
{escape(closing_line.removeprefix("Matrix: "))}</p>
<p>A row is a peer, a column an operation. A cell says what all doors answered ({doors}), and how long that took. It is
right if it is what the library promises, no time-out comes early, no answer late, and the socket can be used
afterwards. Behind the times is what each door answered.</p>
<ul class="legend"><li class="cell right"><span class="sign">✓</span> right</li>
<li class="cell wrong"><span class="sign">✗</span> wrong</li>
<li class="cell skipped"><span class="sign">–</span> skipped</li>
<li class="cell none"><span class="sign">·</span> has no meaning</li></ul>
</header>
{complaint}<main>
<table>
<thead><tr><th></th>{heads}</tr></thead>
<tbody>
{chr(10).join(rows)}
</tbody>
</table>
</main>
</body>
</html>
"""
