# SPDX-License-Identifier: Apache-2.0
"""The retry policy for work of the caller's own."""

from typing import Any

import pytest

from experimance_zmq import (
    Backoff,
    Jitter,
    RetryPolicy,
    Status,
    ZMQClosedError,
    ZMQExhaustedError,
    ZMQInvalidError,
    ZMQTimeoutError,
    aio,
    retry,
)
from experimance_zmq.errors import class_of
from limits import fails_by

QUICK = RetryPolicy(max_attempts=4, initial_backoff=0.001, max_backoff=0.002, jitter=Jitter.NONE)


class Failing:
    """Fails with each of these errors in turn, then succeeds."""

    def __init__(self, *errors: Exception) -> None:
        self._errors = iter(errors)
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        for error in self._errors:
            raise error
        return "success"


def test_delays_are_the_policy_s() -> None:
    policy = RetryPolicy(max_attempts=6, initial_backoff=0.1, max_backoff=1.0, multiplier=3.0, jitter=Jitter.NONE)
    with Backoff(policy) as backoff:
        assert list(backoff) == [0.1, 0.3, 0.9, 1.0, 1.0]
        with pytest.raises(ZMQExhaustedError):
            backoff.next()
        backoff.reset()
        assert [backoff.next(), backoff.next()] == [0.1, 0.3]


def test_default_policy_allows_five_retries() -> None:
    with Backoff() as backoff:
        delays = list(backoff)
    assert len(delays) == 5
    for number, delay in enumerate(delays):
        assert 0.05 * 2**number <= delay <= 0.1 * 2**number + 0.001


@pytest.mark.parametrize("jitter", Jitter, ids=lambda jitter: jitter.name)
def test_seed_makes_delays_reproducible(jitter: Jitter) -> None:
    policy = RetryPolicy(max_attempts=20, jitter=jitter, seed=11)
    with Backoff(policy) as first, Backoff(policy) as second:
        assert list(first) == list(second)


def test_closed_schedule_says_so() -> None:
    backoff = Backoff()
    backoff.close()
    backoff.close()
    with pytest.raises(ZMQClosedError):
        backoff.next()
    with pytest.raises(ZMQClosedError):
        backoff.reset()


def test_success_at_once_is_one_call() -> None:
    function = Failing()
    assert retry(function, policy=QUICK) == "success"
    assert function.calls == 1


def test_all_attempts_fail() -> None:
    refused = class_of(Status.REFUSED)
    function = Failing(*(refused(f"number {n}") for n in range(1, 10)))
    with pytest.raises(ZMQExhaustedError, match=r"after 4 attempts.*number 4") as caught:
        retry(function, policy=QUICK)
    assert function.calls == caught.value.attempts == 4
    assert caught.value.cause is Status.REFUSED
    assert str(caught.value.__cause__) == "number 4"
    assert caught.value.elapsed >= 0.005


def test_time_runs_out() -> None:
    function = Failing(*(class_of(Status.PEER_LOST)() for _ in range(10_000)))
    policy = RetryPolicy(max_attempts=0, initial_backoff=0.01, max_backoff=0.01)
    with fails_by(0.1, ZMQTimeoutError, early=False) as caught:
        retry(function, policy=policy, timeout=0.1)
    assert caught.value.attempts == function.calls > 1
    assert caught.value.cause is Status.PEER_LOST


def test_no_time_is_one_attempt() -> None:
    function = Failing(class_of(Status.REFUSED)())
    with pytest.raises(ZMQTimeoutError):
        retry(function, timeout=0)
    assert function.calls == 1


def test_other_exceptions_end_the_retries() -> None:
    function = Failing(KeyError("a"))
    with pytest.raises(KeyError):
        retry(function, policy=QUICK)
    assert function.calls == 1


def test_other_exceptions_can_be_tried_again() -> None:
    function = Failing(KeyError("a"), OSError("b"), KeyError("c"))
    assert retry(function, policy=QUICK, exceptions=(LookupError, OSError)) == "success"
    assert function.calls == 4


SENSELESS = [
    RetryPolicy(max_attempts=-1),
    RetryPolicy(max_attempts=2**31),
    RetryPolicy(initial_backoff=-0.001),
    RetryPolicy(initial_backoff=float("nan")),
    RetryPolicy(initial_backoff=2.0, max_backoff=1.0),
    RetryPolicy(max_backoff=float("inf")),
    RetryPolicy(multiplier=0.99),
    RetryPolicy(multiplier=float("nan")),
    RetryPolicy(multiplier=float("inf")),
    RetryPolicy(jitter=9),  # type: ignore[arg-type]
    RetryPolicy(jitter=Jitter.PROPORTIONAL, jitter_ratio=1.01),
    RetryPolicy(attempt_timeout=-1),
    RetryPolicy(seed=-1),
    RetryPolicy(seed=2**64),
]


@pytest.mark.parametrize("policy", SENSELESS, ids=str)
def test_senseless_policy_is_refused(policy: RetryPolicy) -> None:
    with pytest.raises(ZMQInvalidError):
        Backoff(policy)
    function = Failing()
    with pytest.raises(ZMQInvalidError):
        retry(function, policy=policy)
    assert function.calls == 0


def test_policy_of_wrong_types_is_refused() -> None:
    with pytest.raises(TypeError, match="max_attempts"):
        Backoff(RetryPolicy(max_attempts=1.5))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="initial_backoff"):
        Backoff(RetryPolicy(initial_backoff="1"))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="multiplier must be a number, not str"):
        Backoff(RetryPolicy(multiplier="2"))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="jitter_ratio must be a number, not list"):
        Backoff(RetryPolicy(jitter_ratio=[]))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="policy must be a RetryPolicy, not int"):
        Backoff(5)  # type: ignore[arg-type]


WRONG_TYPES: list[tuple[dict[str, Any], str]] = [
    ({"policy": 5}, "policy must be a RetryPolicy, not int"),
    ({"exceptions": [OSError]}, "exceptions must be a tuple of exception classes; .* is none"),
    ({"exceptions": (OSError, 5)}, "exceptions must be a tuple of exception classes; 5 is none"),
    ({"exceptions": int}, "exceptions must be a tuple of exception classes; <class 'int'> is none"),
    ({"timeout": "1"}, "timeout must be a number of seconds, not str"),
]


@pytest.mark.parametrize(("arguments", "text"), WRONG_TYPES, ids=str)
async def test_arguments_of_a_wrong_type_are_refused_before_the_first_attempt(
    arguments: dict[str, Any], text: str
) -> None:
    function = Failing()
    with pytest.raises(TypeError, match=text):
        retry(function, **arguments)

    async def coroutine() -> str:
        return function()

    with pytest.raises(TypeError, match=text):
        await aio.retry(coroutine, **arguments)
    assert function.calls == 0


def test_one_class_of_exceptions_is_enough() -> None:
    one: Any = OSError
    assert retry(Failing(OSError()), policy=QUICK, exceptions=one) == "success"
