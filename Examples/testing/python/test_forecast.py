# SPDX-License-Identifier: Apache-2.0
"""What the program does when connections fail: `pytest Examples/testing/python`."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from experimance_zmq.testing import FaultCount
from experimance_zmq_pytest import MakeFaultProxy
from forecast import forecast
from service import serving


@pytest.fixture
def service() -> Iterator[str]:
    with serving("tcp://127.0.0.1:*") as endpoint:
        yield endpoint


def test_two_failures_are_survived(fault_proxy: MakeFaultProxy, service: str) -> None:
    proxy = fault_proxy(service)
    with proxy.reset(count=2) as failures:
        assert forecast(proxy.endpoint, timeout=10) == "sunny"
        failures.wait(2)


def test_late_service_is_waited_for(fault_proxy: MakeFaultProxy, zmq_endpoint: str) -> None:
    proxy = fault_proxy(zmq_endpoint)  # where nobody is yet
    with ThreadPoolExecutor() as executor:
        asked = executor.submit(forecast, proxy.endpoint, timeout=10)
        proxy.wait(FaultCount.FAILED, timeout=10)  # it has tried in vain
        with serving(zmq_endpoint):
            assert asked.result() == "sunny"


def test_silent_service_is_given_up_in_time(fault_proxy: MakeFaultProxy, service: str) -> None:
    proxy = fault_proxy(service)
    with proxy.blackhole() as silence:
        assert forecast(proxy.endpoint, timeout=0.2) == "unknown"
        silence.wait()
    assert forecast(proxy.endpoint, timeout=10) == "sunny"
