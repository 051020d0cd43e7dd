# SPDX-License-Identifier: Apache-2.0
"""Declarations of functions, taken apart."""

import re


def taken_apart(declared: str, width: int) -> tuple[str, list[str]]:
    """What is before a function's parameters, with its parenthesis, and the parameters: what has room on a line of that
    width, all together.
    """
    match = re.fullmatch(r"(?P<head>.*?\w\)?\()(?P<list>.*)\);", declared)
    if not match:
        raise ValueError(f"not a declaration: {declared}")
    # At the commas that are in no parentheses.
    parameters = [each.strip() for each in re.findall(r"(?:[^,()]|\([^()]*\))+", match["list"])]
    return match["head"], [", ".join(parameters)] if len(declared) <= width else parameters
