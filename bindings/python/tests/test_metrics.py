# SPDX-License-Identifier: Apache-2.0
"""The metrics of sockets, as text and for prometheus_client, under the names that all doors have."""

import sys
from collections.abc import Iterator

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from data_lines import data_lines
from experimance_zmq import Puller, Pusher, metrics


@pytest.fixture
def sockets() -> Iterator[dict[str, Puller | Pusher]]:
    """Two sockets, between which a message has gone."""
    with Puller() as puller, Pusher() as pusher:
        pusher.connect(puller.bind("tcp://127.0.0.1:*"), timeout=20)
        pusher.send(b"four", timeout=20)
        puller.recv(timeout=20)
        yield {"in": puller, "out": pusher}


def samples(text: str) -> dict[tuple[str, str], float]:
    return {
        (sample.name, sample.labels["socket"]): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_the_names_are_those_of_all_doors() -> None:
    lines = data_lines("metrics.tsv", columns=5)
    assert [tuple(line.columns[:4]) for line in lines] == [tuple(metric) for metric in metrics.METRICS]


def test_the_text_has_the_statistics(sockets: dict[str, Puller | Pusher]) -> None:
    found = samples(metrics.text(sockets))
    assert len(found) == 2 * len(metrics.METRICS)
    assert found["experimance_zmq_messages_sent_total", "out"] == 1
    assert found["experimance_zmq_sent_bytes_total", "out"] == 4
    assert found["experimance_zmq_messages_received_total", "in"] == 1
    assert found["experimance_zmq_peers", "in"] == 1


def test_a_registry_is_told_the_same(sockets: dict[str, Puller | Pusher]) -> None:
    registry = CollectorRegistry()
    registry.register(metrics.SocketCollector(sockets))
    assert samples(generate_latest(registry).decode()) == samples(metrics.text(sockets))
    assert registry.get_sample_value("experimance_zmq_messages_sent_total", {"socket": "out"}) == 1


def test_sockets_come_and_go(sockets: dict[str, Puller | Pusher]) -> None:
    registry = CollectorRegistry()
    registry.register(metrics.SocketCollector(sockets))
    sockets["in"].close()
    sockets["again"] = sockets["out"]
    assert registry.get_sample_value("experimance_zmq_peers", {"socket": "in"}) is None
    assert registry.get_sample_value("experimance_zmq_messages_sent_total", {"socket": "again"}) == 1
    assert metrics.text({"in": sockets["in"]}) == ""


def test_labels_are_escaped(sockets: dict[str, Puller | Pusher]) -> None:
    name = 'a\\b"c\nd 1'
    found = samples(metrics.text({name: sockets["out"]}))
    assert found["experimance_zmq_messages_sent_total", name] == 1


def test_without_prometheus_client_there_is_the_text(
    sockets: dict[str, Puller | Pusher], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client.core", None)
    assert metrics.text(sockets)
    with pytest.raises(ImportError):
        list(metrics.SocketCollector(sockets).collect())
