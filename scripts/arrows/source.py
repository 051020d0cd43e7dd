# SPDX-License-Identifier: Apache-2.0
"""A Swift source as far as it was understood."""

from dataclasses import dataclass, field

from arrows.declarations import Declaration, Scope
from arrows.tokens import Token


@dataclass(eq=False)
class Source:
    file: str
    found: list[Token]
    pairs: dict[int, int]
    declarations: list[Declaration] = field(default_factory=list)
    imports: list[tuple[str, int]] = field(default_factory=list)
    scopes: list[Scope] = field(default_factory=list)
    """For each token the scope it is in."""
    own: set[int] = field(default_factory=set)
    """The tokens that are names given here, or attributes: no use of anything."""
    closures: set[int] = field(default_factory=set)
    """Braces that open a closure, or what looks like one."""
