# SPDX-License-Identifier: Apache-2.0
"""The statistics of sockets as metrics, for Prometheus: as its text, or for `prometheus_client`.

`exz top --prometheus` and the package for Swift give the same metrics the same names.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, Protocol

from .errors import ZMQSocketError
from .observing import Statistics

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric as Family

__all__ = ["METRICS", "HasStatistics", "Metric", "SocketCollector", "text"]


class HasStatistics(Protocol):
    """A socket of this package, blocking or for asyncio."""

    @property
    def stats(self) -> Statistics:
        """Its counters."""
        ...


class Metric(NamedTuple):
    """What is made of one of the statistics.

    Attributes:
        name: as Prometheus has it.
        type: "counter" or "gauge".
        field: that of `Statistics` which it is taken from.
        help: a sentence.
    """

    name: str
    type: Literal["counter", "gauge"]
    field: str
    help: str


def _counter(name: str, field: str, sentence: str) -> Metric:
    return Metric(f"experimance_zmq_{name}_total", "counter", field, sentence)


METRICS: Final = (
    _counter("messages_sent", "messages_sent", "Messages that libzmq has taken over."),
    _counter("sent_bytes", "bytes_sent", "Bytes of the messages that libzmq has taken over."),
    _counter("messages_received", "messages_received", "Messages that were handed to the program."),
    _counter("received_bytes", "bytes_received", "Bytes of the messages that were handed to the program."),
    _counter("sends_refused", "sends_refused", "Sends that failed; the message stayed with the program."),
    _counter("timeouts", "timeouts", "Calls that waited until their deadline."),
    _counter("connect_attempts", "connect_attempts", "Attempts to connect."),
    _counter("reconnects", "reconnects", "Links that were made again after they had been lost."),
    _counter("links_lost", "links_lost", "Established links that were lost."),
    _counter(
        "peers_rejected",
        "peers_rejected",
        "Connections to a bound endpoint that did not get through the handshake.",
    ),
    _counter("events_dropped", "events_dropped", "Events that nobody read and that had to make room."),
    _counter(
        "queues_dropped",
        "queues_dropped",
        "Queues of lost links that were dropped, with what may still have been in them.",
    ),
    Metric("experimance_zmq_peers", "gauge", "peers", "Peers with a finished handshake now."),
)
"""All of them, in their order."""


class SocketCollector:
    """Metrics of sockets for a registry of `prometheus_client`, which has to be installed.

    A socket that is closed has no metrics any more, and one that is added to the mapping has them from then on.

        sockets = {"orders": puller}
        REGISTRY.register(SocketCollector(sockets))
    """

    def __init__(self, sockets: Mapping[str, HasStatistics]) -> None:
        """A collector.

        Args:
            sockets: the sockets by the names that they have in the label `socket`. It is kept, not copied.
        """
        self._sockets = sockets

    def collect(self) -> "Iterator[Family]":
        """What a registry calls when it is asked. May be called from any thread.

        Raises:
            ImportError: `prometheus_client` is not installed; `text` does not need it.
        """
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        seen = list(_look(self._sockets))
        for metric in METRICS:
            make = CounterMetricFamily if metric.type == "counter" else GaugeMetricFamily
            family = make(metric.name, metric.help, labels=["socket"])
            for name, statistics in seen:
                family.add_metric([name], getattr(statistics, metric.field))
            yield family


def text(sockets: Mapping[str, HasStatistics]) -> str:
    """The metrics in the text form of Prometheus (version 0.0.4), for a file or an answer of one's own.

    Args:
        sockets: the sockets by the names that they have in the label `socket`. Those that are closed are left out.

    Returns:
        Lines, each with its end: "" without a socket.
    """
    seen = list(_look(sockets))
    return "".join(line for metric in METRICS for line in _lines(metric, seen))


def _look(sockets: Mapping[str, HasStatistics]) -> Iterator[tuple[str, Statistics]]:
    # Others may open and close sockets meanwhile.
    for name, socket in list(sockets.items()):
        try:
            yield name, socket.stats
        except ZMQSocketError:
            continue


def _lines(metric: Metric, seen: Iterable[tuple[str, Statistics]]) -> Iterator[str]:
    samples = [f'{metric.name}{{socket="{_escaped(name)}"}} {getattr(found, metric.field)}\n' for name, found in seen]
    if samples:
        yield f"# HELP {metric.name} {metric.help}\n# TYPE {metric.name} {metric.type}\n"
        yield from samples


def _escaped(label: str) -> str:
    return label.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
