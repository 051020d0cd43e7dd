# SPDX-License-Identifier: Apache-2.0
"""What a controller and its workers say to each other.

Work from a controller is two frames, a number and the payload; the answer is three: the same number, `done` or
`failed`, and the result or the reason. Work from a plain pusher is one frame, and so is its result.
"""

DONE = b"done"
FAILED = b"failed"


def reason(error: BaseException) -> bytes:
    """An error as a worker tells it."""
    return f"{type(error).__name__}: {error}".encode("utf-8", "replace")
