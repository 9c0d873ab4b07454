"""One trace from the request through outbox, relay, Kafka and consumer to what follows; a batch points to each."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID, uuid4

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from kfi_chassis import logs, tracing
from kfi_chassis.consumer import Consumer
from kfi_chassis.identity import SYSTEM
from kfi_chassis.testkit.events import Happened, happened_on
from kfi_chassis.testkit.polling import eventually
from kfi_chassis.work import Work

pytestmark = pytest.mark.servers


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    sent, provider = InMemorySpanExporter(), TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(sent))
    tracing.use(provider.get_tracer("test"))
    yield sent
    tracing.use(None)


async def record(database: Any, *events: Happened) -> None:
    """What a request does: a span, and in it a transaction that records events."""

    async def use(work: Work) -> None:
        for event in events:
            work.outbox.add(event, sequence=event.number)

    with tracing.span("request", "server"):
        await database.transactions.run(use, actor=SYSTEM("test"), traceparent=logs.trace.get())


def named(spans: InMemorySpanExporter, name: str) -> list[Any]:
    return [span for span in spans.get_finished_spans() if span.name.startswith(name)]


async def test_one_trace_goes_from_the_request_to_what_a_handler_sets_off(
    database: Any, topic: Any, relays: Any, members: Any, records_in: Any, spans: Any
) -> None:
    first, second = happened_on(topic(), kind="asked"), happened_on(topic(), kind="answered")
    consumer, seen = Consumer(f"group-{uuid4().hex[:8]}"), []  # type: ignore[var-annotated]

    @consumer.on(first)
    async def answer(event: Happened, work: Any) -> None:
        seen.append((logs.trace.get(), logs.handled.get()))
        work.outbox.add(second(subject_id=event.subject_id, number=1), sequence=1)

    relays()
    await members(consumer)
    subject = uuid4()
    await record(database, first(subject_id=subject, number=1))
    [record_on_topic] = await records_in(second.topic, 1)
    await eventually(lambda: len(named(spans, "publish")) == 2)

    (request,), (process,) = named(spans, "request"), named(spans, "process")
    published = {span.name: span for span in named(spans, "publish")}
    to_kafka, onwards = published[f"publish {first.type}"], published[f"publish {second.type}"]
    everything = [request, process, to_kafka, onwards]
    assert {span.context.trace_id for span in everything} == {request.context.trace_id}
    assert (to_kafka.parent.span_id, process.parent.span_id) == (request.context.span_id,) * 2
    assert onwards.parent.span_id == process.context.span_id
    headers = dict(record_on_topic.headers)
    place = f"00-{request.context.trace_id:032x}-{process.context.span_id:016x}-01"
    assert headers["ce_traceparent"].decode() == place
    ((carried, handled),) = seen
    assert (carried, handled[1]) == (place, str(subject))
    assert process.attributes["aggregate_id"] == str(subject)
    assert process.attributes["messaging.destination.name"] == first.topic


async def test_a_batch_has_a_span_of_its_own_that_points_to_each_event(
    database: Any, topic: Any, relays: Any, members: Any, spans: Any
) -> None:
    event = happened_on(topic(1))
    consumer, taken = Consumer(f"group-{uuid4().hex[:8]}"), []  # type: ignore[var-annotated]

    @consumer.on_batch(event)
    async def note(events: Sequence[Happened], work: Work) -> None:
        taken.extend(events)

    subjects: list[UUID] = [uuid4() for _ in range(3)]
    for subject in subjects:
        await record(database, event(subject_id=subject, number=1))
    relays()
    await eventually(lambda: len(named(spans, "publish")) == 3)
    await members(consumer)
    await eventually(lambda: len(taken) == 3 and len(named(spans, "process")))
    (process,) = named(spans, "process")
    asked = {span.context.trace_id for span in named(spans, "request")}
    assert {link.context.trace_id for link in process.links} == asked
    assert process.parent is None
    assert process.context.trace_id not in asked


async def test_without_traces_what_the_caller_brought_goes_through_unchanged(
    database: Any, topic: Any, relays: Any, records_in: Any
) -> None:
    event, caller = happened_on(topic()), "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    async def use(work: Work) -> None:
        work.outbox.add(event(subject_id=uuid4(), number=1), sequence=1)

    await database.transactions.run(use, actor=SYSTEM("test"), traceparent=caller)
    relays()
    [found] = await records_in(event.topic, 1)
    assert dict(found.headers)["ce_traceparent"].decode() == caller
