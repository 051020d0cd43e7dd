# SPDX-License-Identifier: Apache-2.0
"""JSON in UTF-8: through orjson where that is installed (the extra `fast`), else through the standard library.

Neither is imported before somebody wants JSON.
"""

from collections.abc import Callable
from typing import Any

dumps: Callable[[Any], bytes]
"""A value as JSON. Raises what `json.dumps` raises."""

loads: Callable[[bytes], Any]
"""The value of a JSON text. Raises `ValueError` (`json.JSONDecodeError`, `UnicodeDecodeError`)."""


def _choose() -> tuple[Callable[[Any], bytes], Callable[[bytes], Any]]:
    import json

    def standard_dumps(value: Any) -> bytes:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()

    try:
        import orjson
    except ImportError:
        return standard_dumps, json.loads
    fast_dumps, fast_loads = orjson.dumps, orjson.loads

    def dumps(value: Any) -> bytes:
        try:
            return fast_dumps(value)
        except TypeError:
            # Keys that are no strings, numbers over 64 bits: the standard library takes more.
            return standard_dumps(value)

    def loads(data: bytes) -> Any:
        try:
            return fast_loads(data)
        except ValueError:
            # NaN and infinity, or something that is no JSON, for which one kind of error is enough.
            return json.loads(data)

    return dumps, loads


def __getattr__(name: str) -> Any:
    global dumps, loads
    if name not in ("dumps", "loads"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    dumps, loads = _choose()
    return globals()[name]
