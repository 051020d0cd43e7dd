# SPDX-License-Identifier: Apache-2.0
"""Which way a call takes: from the body of a function to the functions it uses, and on from there."""

from arrows.declarations import Declaration
from arrows.tree import Tree, declarations


def follow(tree: Tree, name: str) -> list[str]:
    """What the functions of a name reach, nearest first, a line for each file with the names it is entered by."""
    starts = [one for one in declarations(tree.sources.values()) if name in (one.name, one.words) and one.body]
    steps: dict[Declaration, int] = dict.fromkeys(starts, 0)
    entered: dict[str, list[Declaration]] = {}
    coming = list(starts)
    while coming:
        declared = coming.pop(0)
        entered.setdefault(declared.file, []).append(declared)
        if declared.body is None:
            continue
        start, end = declared.body
        for use in tree.uses[declared.file]:
            if start < use.at < end and use.declared.body and use.declared not in steps:
                steps[use.declared] = steps[declared] + 1
                coming.append(use.declared)
    return [
        f"{steps[names[0]]:3} {file}: {', '.join(declared.words for declared in names)}"
        for file, names in entered.items()
    ]
