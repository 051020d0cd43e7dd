# SPDX-License-Identifier: Apache-2.0
"""The flows of the ledger: who sends what to whom, in which language, and who binds."""

from dataclasses import dataclass

# Sides of a flow; and where there is a proxy between them, the two of that, with the first of which it is named.
FIRST, SECOND, FRONT, BACK = range(4)
PROXY = FRONT


@dataclass(frozen=True)
class Flow:
    """Two processes with a fault proxy between them. The first side is the one that begins: it sends, or asks. Both
    connect where there is a proxy between them, a process with a fault proxy on either side of it.
    """

    number: int
    pattern: str
    roles: tuple[str, ...]
    languages: tuple[str, str]
    # Messages a second, of each sender.
    rate: int
    # Which side binds; the other one connects.
    binds: int = SECOND
    is_local: bool = False
    # Its processes are never killed, so that it can be seen whether they grow.
    is_steady: bool = False
    is_corrupted: bool = False
    has_proxy: bool = False

    @property
    def name(self) -> str:
        way = "by proxy to" if self.has_proxy else "to"
        return f"{self.number} {self.pattern} {self.languages[FIRST]} {way} {self.languages[SECOND]}"

    def role(self, side: int) -> str:
        """What a process of the flow is."""
        return "proxy" if side == PROXY else self.roles[side]

    def sides(self) -> tuple[int, ...]:
        """Its processes, in the order in which they end."""
        return (FIRST, SECOND, PROXY) if self.has_proxy else (FIRST, SECOND)

    @property
    def has_answers(self) -> bool:
        return self.roles[SECOND] == "rep"

    def directions(self) -> tuple[tuple[int, int], ...]:
        """Each direction of messages, and which side sends them. Answers belong to their requests."""
        return ((0, FIRST), (1, SECOND)) if self.pattern == "dealer" else ((0, FIRST),)


def _flow(number: int, pattern: str, first: str, second: str, binds: int, **more: bool) -> Flow:
    seconds = {"push": "pull", "pub": "sub", "dealer": "router", "req": "rep", "req-again": "rep"}
    rates = {"push": 300, "pub": 300, "dealer": 150, "req": 100, "req-again": 100}
    return Flow(number, pattern, (pattern, seconds[pattern]), (first, second), rates[pattern], binds, **more)


def _by_proxy(number: int, pattern: str, first: str, second: str, **more: bool) -> Flow:
    roles = {"push": ("push", "pull", "pull", "push"), "pub": ("pub", "sub", "xsub", "xpub")}[pattern]
    return Flow(number, pattern, roles, (first, second), 300, PROXY, has_proxy=True, **more)


FLOWS = (
    _flow(1, "push", "c", "swift", SECOND),
    _flow(2, "push", "swift", "asyncio", FIRST),
    _flow(3, "push", "blocking", "c", SECOND, is_local=True, is_steady=True),
    _flow(4, "pub", "c", "asyncio", FIRST),
    _flow(5, "pub", "swift", "c", FIRST, is_local=True),
    _flow(6, "pub", "blocking", "swift", SECOND, is_steady=True),
    _flow(7, "dealer", "c", "asyncio", SECOND),
    _flow(8, "dealer", "swift", "c", SECOND, is_steady=True),
    _flow(9, "dealer", "asyncio", "swift", FIRST),
    _flow(10, "req", "c", "swift", SECOND),
    _flow(11, "req-again", "swift", "blocking", SECOND, is_local=True),
    _flow(12, "req", "asyncio", "c", SECOND, is_steady=True),
    _flow(13, "push", "c", "asyncio", SECOND, is_corrupted=True),
    _by_proxy(14, "push", "c", "swift"),
    _by_proxy(15, "pub", "swift", "c", is_local=True),
)
