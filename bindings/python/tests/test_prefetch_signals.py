# SPDX-License-Identifier: Apache-2.0
"""Signal handlers that receive, or raise, in the midst of a batch that is received ahead."""

import signal
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from experimance_zmq import Pusher, ZMQTimeoutError, _operations
from pushed import puller_of

Function = Callable[..., Any]
OnSignal = Callable[[Callable[[], object]], object]


def after_a_signal(function: Function) -> Function:
    """The same, with a signal first; only once."""

    def call(*arguments: Any) -> Any:
        if not signals:
            signals.append(signal.SIGUSR1)
            signal.raise_signal(signal.SIGUSR1)
        return function(*arguments)

    signals: list[signal.Signals] = []
    return call


def before_a_signal(function: Function) -> Function:
    """The same, with a signal afterwards; only once."""
    do_signal = after_a_signal(lambda result: result)
    return lambda *arguments: do_signal(function(*arguments))


STEPS: dict[str, Callable[[Function], Function]] = {
    "before a batch comes": after_a_signal,
    "when a batch has come": before_a_signal,
}


@pytest.fixture
def on_signal() -> Iterator[OnSignal]:
    """Says what a signal's handler does."""
    former = signal.getsignal(signal.SIGUSR1)
    yield lambda action: signal.signal(signal.SIGUSR1, lambda *_: action())
    signal.signal(signal.SIGUSR1, former)


@pytest.mark.parametrize("most", [1, 3, 100])
@pytest.mark.parametrize("size", [1, 300_000], ids=["small", "large"])
@pytest.mark.parametrize("step", STEPS)
def test_handler_receives_in_the_midst_of_a_batch(
    step: str, size: int, most: int, pusher: Pusher, on_signal: OnSignal, monkeypatch: pytest.MonkeyPatch
) -> None:
    received: list[bytes] = []
    sent = [b"%03d" % number + bytes(size) for number in range(20)]
    with puller_of(pusher, 10, sent) as puller:
        # What the handler receives comes before what the receive that it interrupts does.
        on_signal(lambda: received.extend(puller.recv_many(most, timeout=0)))
        monkeypatch.setattr(puller._core, "receive_ahead", STEPS[step](puller._core.receive_ahead))
        while len(received) < len(sent):
            try:
                received.append(puller.recv(timeout=0))
            except ZMQTimeoutError:
                # The handler has taken all that was left.
                break
        assert received == sent


@pytest.mark.parametrize("step", STEPS)
def test_handler_raises_in_the_midst_of_a_batch(
    step: str, pusher: Pusher, on_signal: OnSignal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ring() -> None:
        raise InterruptedError

    sent = [b"%d" % number for number in range(20)]
    with puller_of(pusher, 10, sent) as puller:
        on_signal(ring)
        monkeypatch.setattr(puller._core, "receive_ahead", STEPS[step](puller._core.receive_ahead))
        with pytest.raises(InterruptedError):
            puller.recv()
        assert [puller.recv(timeout=0) for _ in sent] == sent


def test_handler_raises_before_a_wait(pusher: Pusher, on_signal: OnSignal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits afterwards, so that messages are received ahead again."""

    def ring() -> None:
        raise InterruptedError

    with puller_of(pusher, 10, []) as puller:
        on_signal(ring)
        with monkeypatch.context() as patch:
            patch.setattr(_operations, "raise_held_back", before_a_signal(lambda: None))
            with pytest.raises(InterruptedError):
                puller.recv()
        pusher.send_many([b"x"] * 20)
        puller.recv()
        assert len(puller._queue) == 9
