# SPDX-License-Identifier: Apache-2.0
"""What can be closed works in a `with` statement."""

from types import TracebackType
from typing import Self


class Closing:
    """Closes itself at the end of a `with` statement."""

    def close(self) -> object:
        """Ends it."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
