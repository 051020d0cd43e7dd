# SPDX-License-Identifier: Apache-2.0
"""What a socket has to tell waits that the library knows nothing of."""

from typing import Protocol


class Waits(Protocol):
    """Waits for a socket of which the library knows nothing."""

    def end(self, error: Exception) -> None:
        """Ends every wait of this moment with an error, from any thread."""

    def close(self) -> None:
        """Ends every wait: the socket is closed."""

    def room_changed(self) -> None:
        """There may be room of which no descriptor tells; from any thread."""
