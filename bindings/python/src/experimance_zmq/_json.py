# SPDX-License-Identifier: Apache-2.0
"""JSON in UTF-8: through orjson where that is installed (the extra `fast`), else through the standard library."""

import json
from typing import Any

try:
    import orjson
except ImportError:
    orjson = None  # type: ignore[assignment]


def _standard_dumps(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _fast_dumps(value: Any) -> bytes:
    try:
        return orjson.dumps(value)
    except TypeError:
        # Keys that are no strings, numbers over 64 bits: the standard library takes more.
        return _standard_dumps(value)


def _fast_loads(data: bytes) -> Any:
    try:
        return orjson.loads(data)
    except ValueError:
        # NaN and infinity, or something that is no JSON, for which one kind of error is enough.
        return json.loads(data)


dumps = _standard_dumps if orjson is None else _fast_dumps
"""A value as JSON. Raises what `json.dumps` raises."""

loads = json.loads if orjson is None else _fast_loads
"""The value of a JSON text. Raises `ValueError` (`json.JSONDecodeError`, `UnicodeDecodeError`)."""
