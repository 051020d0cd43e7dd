# SPDX-License-Identifier: Apache-2.0
"""Values with named fields behave as frozen dataclasses do."""

import copy
import inspect
import pickle
import sys

import pytest

from experimance_zmq import Event, Jitter, RetryPolicy


def test_defaults_and_equality() -> None:
    assert RetryPolicy() == RetryPolicy(max_attempts=6)
    assert RetryPolicy() != RetryPolicy(max_attempts=7)
    assert RetryPolicy() != object()
    assert len({RetryPolicy(), RetryPolicy(seed=0), RetryPolicy(seed=1)}) == 2


def test_says_what_it_holds() -> None:
    assert repr(RetryPolicy(seed=5)).startswith("RetryPolicy(max_attempts=6, initial_backoff=0.1,")
    assert repr(RetryPolicy(seed=5)).endswith("seed=5)")


def test_can_not_be_changed() -> None:
    policy = RetryPolicy()
    with pytest.raises(AttributeError, match="can not be changed"):
        policy.seed = 1  # type: ignore[misc]
    with pytest.raises(AttributeError, match="can not be changed"):
        delattr(policy, "seed")
    assert policy.seed == 0


def test_fields_have_names_that_exist() -> None:
    with pytest.raises(TypeError, match="RetryPolicy has no field 'retries'"):
        RetryPolicy(retries=1)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match=r"takes its fields by name, as in RetryPolicy\(max_attempts=3\)"):
        RetryPolicy(*[3])


def test_signature_is_that_of_the_fields() -> None:
    parameters = inspect.signature(RetryPolicy).parameters
    assert list(parameters) == list(RetryPolicy.__annotations__)
    for name, parameter in parameters.items():
        assert parameter.kind is inspect.Parameter.KEYWORD_ONLY
        assert parameter.default == getattr(RetryPolicy(), name)
        assert parameter.annotation is RetryPolicy.__annotations__[name]
    assert all(field.default is field.empty for field in inspect.signature(Event).parameters.values())


def test_copies() -> None:
    policy = RetryPolicy(jitter=Jitter.FULL)
    assert pickle.loads(pickle.dumps(policy)) == policy
    assert copy.deepcopy(policy) == policy
    changed = policy.__replace__(seed=3)
    assert (changed.seed, changed.jitter, policy.seed) == (3, Jitter.FULL, 0)
    if sys.version_info >= (3, 13):
        assert copy.replace(policy, seed=3) == changed
