# SPDX-License-Identifier: Apache-2.0
"""Messages that are there to be received ahead."""

from experimance_zmq import Puller, Pusher


def puller_of(pusher: Pusher, prefetch: int, sent: list[bytes]) -> Puller:
    """One for which these messages are there."""
    puller = Puller(receive_hwm=0, prefetch=prefetch)
    puller.connect(pusher.endpoint)
    if sent:
        pusher.send_many(sent)
    return puller
