"""Spans: one trace through whatever follows, ids and codes in them alone, and no cost where there are none."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from kfi_chassis import logs, tracing

NAME = "Erika Mustermann"
CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"
MAKER = {"Authorization": "Bearer maker"}


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    """What was sent, with traces on."""
    sent, provider = InMemorySpanExporter(), TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(sent))
    tracing.use(provider.get_tracer("test"))
    yield sent
    tracing.use(None)


def trace_id(span: Any) -> str:
    return f"{span.context.trace_id:032x}"


async def test_a_request_is_a_span_by_its_route_and_takes_up_the_callers_trace(demo: Any, spans: Any) -> None:
    thing = demo.thing()
    answer = await demo.client.get(f"/demo/v1/things/{thing.id}", headers={**MAKER, "traceparent": CALLER})
    (span,) = spans.get_finished_spans()
    assert span.name == "GET /demo/v1/things/{thing_id}"
    assert (trace_id(span), f"{span.parent.span_id:016x}") == (CALLER[3:35], CALLER[36:52])
    assert span.attributes["http.response.status_code"] == 200
    assert span.attributes["correlation_id"] == answer.headers["X-Correlation-Id"]
    (carried,) = demo.transactions.traces
    assert carried == f"00-{trace_id(span)}-{span.context.span_id:016x}-01"


async def test_without_a_caller_a_trace_begins_and_probes_make_none(demo: Any, spans: Any) -> None:
    await demo.client.get("/health/live")
    await demo.client.get("/metrics")
    await demo.client.get("/demo/v1/things/1")
    (span,) = spans.get_finished_spans()
    assert span.parent is None


async def test_nothing_of_the_input_is_in_a_span(demo: Any, spans: Any) -> None:
    headers = {**MAKER, "If-Match": '"1"', "X-Note": NAME, "traceparent": f"00-{NAME}", "User-Agent": NAME}
    body = {"name": NAME, "parts": [{"label": NAME, "count": 0}]}
    await demo.client.post(f"/demo/v1/things/{demo.thing().id}/name?limit={NAME}", json=body, headers=headers)
    await demo.client.get(f"/demo/v1/{NAME}", headers=headers)
    await demo.client.request("ERIKA", "/demo/v1/things", headers=headers)
    demo.transactions.failure = ZeroDivisionError(NAME)
    await demo.client.get(f"/demo/v1/things/{uuid4()}", headers=MAKER)
    told = [json.loads(span.to_json()) for span in spans.get_finished_spans()]
    assert len(told) == 4
    assert "Erika" not in json.dumps(told)
    assert "ERIKA" not in json.dumps(told)


def test_a_span_that_fails_says_the_kind_of_the_error_alone(spans: Any) -> None:
    with pytest.raises(ValueError, match="Erika"), tracing.span("work", person=NAME, id="7"):
        raise ValueError(NAME)
    (span,) = spans.get_finished_spans()
    assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, "ValueError")
    assert span.events == ()
    assert dict(span.attributes) == {"person": "(16 characters)", "id": "7"}


def test_what_is_done_within_a_span_is_under_it_and_on_its_log_lines(spans: Any) -> None:
    with tracing.span("outer"):
        outer = logs.trace.get()
        with tracing.span("inner"):
            assert logs.trace.get() != outer
        assert logs.trace.get() == outer
    inner, outer_span = spans.get_finished_spans()
    assert inner.parent.span_id == outer_span.context.span_id
    assert logs.trace.get() is None


def test_a_batch_begins_a_trace_of_its_own_that_points_to_each(spans: Any) -> None:
    with tracing.span("process", links=[CALLER, None, "00-broken"]):
        pass
    (span,) = spans.get_finished_spans()
    assert span.parent is None
    assert trace_id(span) != CALLER[3:35]
    assert [f"{link.context.trace_id:032x}" for link in span.links] == [CALLER[3:35]]


def test_a_span_of_what_is_over_has_its_beginning(spans: Any) -> None:
    began = datetime.now(UTC) - timedelta(seconds=3)
    tracing.ended("publish", "producer", parent=CALLER, began=began)
    tracing.ended("publish", "producer", parent=None, began=began)
    (span,) = spans.get_finished_spans()
    assert 3 <= (span.end_time - span.start_time) / 1e9 < 4
    assert trace_id(span) == CALLER[3:35]


def test_where_there_are_no_traces_a_span_is_nothing_and_nothing_is_imported() -> None:
    assert not tracing.on()
    with tracing.span("a") as one, tracing.span("b", links=[CALLER]) as other:
        one.tell("c", d=1)
    assert one is other
    program = """
import sys
from kfi_chassis import access_log, guard, relay, process, tracing
with tracing.span("a"):
    tracing.ended("b", "producer", parent="x", began=None)
assert not [name for name in sys.modules if name.startswith("opentelemetry.sdk")]
"""
    subprocess.run([sys.executable, "-c", program], check=True)
