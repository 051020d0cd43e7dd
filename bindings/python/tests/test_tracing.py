# SPDX-License-Identifier: Apache-2.0
"""The context of a trace comes with a message, from opentelemetry to opentelemetry."""

import pytest
from opentelemetry import propagate, trace
from opentelemetry.sdk.trace import TracerProvider

from data_lines import DataLine, data_lines
from experimance_zmq import Puller, Socket, SocketType
from experimance_zmq.tracing import add_context, split_context

FRAMES = data_lines("context-frames.tsv", columns=4)


def test_context_comes_with_its_message() -> None:
    with Socket(SocketType.PUSH) as pusher, Puller() as puller:
        pusher.connect(puller.bind("tcp://127.0.0.1:*"), timeout=20)
        with TracerProvider().get_tracer("test").start_as_current_span("order") as span:
            pusher.send_parts(add_context([b"payload"]), timeout=20)
        fields, parts = split_context(puller.recv_parts(timeout=20))
    assert parts == [b"payload"]
    received = trace.get_current_span(propagate.extract(fields)).get_span_context()
    assert received.trace_id == span.get_span_context().trace_id
    assert received.span_id == span.get_span_context().span_id


def test_message_without_a_trace_is_as_it_was() -> None:
    """Nothing is recorded here, so there is nothing to tell."""
    assert add_context([b"topic", b"payload"]) == [b"topic", b"payload"]
    assert split_context([b"topic", b"payload"]) == ({}, [b"topic", b"payload"])
    assert split_context([b"EXZ-CONTEXT/1\n"]) == ({}, [b"EXZ-CONTEXT/1\n"])
    assert split_context([]) == ({}, [])
    assert add_context([], {"a": "b"}) == []


def test_topic_stays_the_first_part() -> None:
    parts = add_context([b"topic", b"payload"], {"TraceParent": "x", "baggage": "a=b"})
    assert parts == [b"topic", b"EXZ-CONTEXT/1\nbaggage: a=b\ntraceparent: x\n", b"payload"]
    assert split_context(parts) == ({"baggage": "a=b", "traceparent": "x"}, [b"topic", b"payload"])


@pytest.mark.parametrize(("key", "value"), [("", "x"), ("a:b", "x"), ("a", "x\ny"), ("a\n", "x"), ("a", "x" * 16384)])
def test_field_that_would_break_its_line_is_left_out(key: str, value: str) -> None:
    assert add_context([b"payload"], {key: value}) == [b"payload"]


@pytest.mark.parametrize("line", FRAMES, ids=str)
def test_frames(line: DataLine) -> None:
    frame, key, value, _ = line.columns
    fields, _ = split_context([line.text(frame).encode(), b"payload"])
    assert fields.get(key, "") == line.text(value)
