# SPDX-License-Identifier: Apache-2.0
"""Circles among files: each of them reaches every other one along arrows."""

LARGEST = 3
"""How many files may know each other in a circle."""


def circles(arrows: dict[str, set[str]]) -> list[list[str]]:
    """The strongly connected components of more than one file, with Tarjan's algorithm, without recursion."""
    number: dict[str, int] = {}
    lowest: dict[str, int] = {}
    open_files: list[str] = []
    found: list[list[str]] = []
    for start in sorted(arrows):
        if start in number:
            continue
        number[start] = lowest[start] = len(number)
        open_files.append(start)
        path = [(start, iter(sorted(arrows[start])))]
        while path:
            file, coming = path[-1]
            following = next(coming, None)
            if following is None:
                path.pop()
                if path:
                    lowest[path[-1][0]] = min(lowest[path[-1][0]], lowest[file])
                if lowest[file] == number[file]:
                    at = open_files.index(file)
                    if len(open_files) - at > 1:
                        found.append(sorted(open_files[at:]))
                    del open_files[at:]
            elif following not in number:
                number[following] = lowest[following] = len(number)
                open_files.append(following)
                path.append((following, iter(sorted(arrows.get(following, ())))))
            elif following in open_files:
                lowest[file] = min(lowest[file], number[following])
    return found
