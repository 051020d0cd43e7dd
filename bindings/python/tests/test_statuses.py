# SPDX-License-Identifier: Apache-2.0
"""What a status is called and means, and whether it is tried again, is the same as in the other languages."""

import pytest

from data_lines import DataLine, data_lines
from experimance_zmq import Jitter, RetryPolicy, Status, ZMQInternalError, ZMQSocketError, _abi, retry
from experimance_zmq.errors import class_of

STATUSES = data_lines("statuses.tsv", columns=5)
NAMED = [line for line in STATUSES if line.columns[1] != "EXZ_ERR_UNKNOWN"]
FAILURES = [line for line in NAMED if line.columns[1] != "EXZ_OK"]
QUICK = RetryPolicy(max_attempts=4, initial_backoff=0.001, max_backoff=0.002, jitter=Jitter.NONE)


@pytest.mark.parametrize("line", STATUSES, ids=str)
def test_number_has_its_name_and_its_explanation(line: DataLine) -> None:
    number = int(line.columns[0])
    assert _abi.exz_status_name(number).decode() == line.columns[1]
    assert _abi.exz_strerror(number).decode() == line.columns[2]
    if line not in NAMED:
        assert number not in list(Status)
        assert class_of(number) is ZMQInternalError


@pytest.mark.parametrize("line", FAILURES, ids=str)
def test_error_has_number_and_explanation(line: DataLine) -> None:
    status = line.status(line.columns[1])
    assert status == int(line.columns[0])
    assert class_of(status).status is status
    assert str(class_of(status)()) == line.columns[2]


def test_there_is_no_other_status() -> None:
    assert [line.status(line.columns[1]) for line in NAMED] == list(Status)


@pytest.mark.parametrize("line", FAILURES, ids=str)
def test_what_is_tried_again_is_what_the_policy_says(line: DataLine) -> None:
    status, calls = line.status(line.columns[1]), 0

    def fail_once() -> str:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise class_of(status)
        return "success"

    if line.columns[3] == "again":
        assert retry(fail_once, policy=QUICK) == "success"
        assert calls == 2
    else:
        assert line.columns[3] == "final"
        with pytest.raises(ZMQSocketError) as caught:
            retry(fail_once, policy=QUICK)
        assert caught.value.status is status
        assert calls == 1
