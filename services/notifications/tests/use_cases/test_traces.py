"""A letter is written and handed over in the conversation and the trace of its order."""

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from sqlalchemy import text

from kfi_chassis import tracing
from kfi_chassis.cause import Cause
from kfi_notifications.use_cases.accept_order import accept_order
from kfi_notifications.work import NotificationsWork

pytestmark = pytest.mark.servers
CONVERSATION = "2f1b7e0a-6d0b-4f1e-9a55-0d8a3f1c2b4d"
CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    sent, provider = InMemorySpanExporter(), TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(sent))
    tracing.use(provider.get_tracer("test"))
    yield sent
    tracing.use(None)


async def accepted(office: Any, order: Any) -> None:
    async def accept(work: NotificationsWork) -> None:
        work.follow(Cause(CONVERSATION, None, CALLER))
        await accept_order(order, work)

    await office.run(accept)


async def headers_of_events(office: Any) -> list[dict[str, str]]:
    rows = await office.run(lambda work: work.connection.execute(text("SELECT headers FROM outbox ORDER BY position")))
    return [json.loads(row.headers) if isinstance(row.headers, str) else row.headers for row in rows]


async def test_the_trace_of_an_order_goes_on_until_its_letter_has_left(
    office: Any, grant_facts: Any, content_of: Any, spans: Any
) -> None:
    await accepted(office, office.order(content_of(grant_facts)))
    await office.deliver()
    done = spans.get_finished_spans()
    assert [span.name for span in done] == ["prepare", "letter"]
    assert {f"{span.context.trace_id:032x}" for span in done} == {CALLER[3:35]}
    assert {f"{span.parent.span_id:016x}" for span in done} == {CALLER[36:52]}
    (event,) = await headers_of_events(office)
    letter = done[-1].context
    assert event["ce_traceparent"] == f"00-{letter.trace_id:032x}-{letter.span_id:016x}-01"
    told = json.dumps([json.loads(span.to_json()) for span in done])
    addressee = content_of(grant_facts).addressee
    assert [name for name in (addressee.organisation, addressee.email) if name and name in told] == []


async def test_without_traces_the_conversation_and_the_callers_place_go_on(
    office: Any, grant_facts: Any, content_of: Any
) -> None:
    await accepted(office, office.order(content_of(grant_facts)))
    await office.deliver()
    (event,) = await headers_of_events(office)
    assert (event["ce_correlationid"], event["ce_traceparent"]) == (CONVERSATION, CALLER)
    rows = await office.run(partial(_conversations))
    assert rows == {CONVERSATION}


async def _conversations(work: NotificationsWork) -> set[str]:
    actions = "SELECT correlation_id FROM audit WHERE action IN ('prepared', 'dispatched')"
    return {row.correlation_id for row in await work.connection.execute(text(actions))}


async def test_letters_that_leave_together_stay_in_their_own_conversations(
    office: Any, grant_facts: Any, content_of: Any
) -> None:
    await accepted(office, office.order(content_of(grant_facts)))
    await office.accept(office.order(content_of(grant_facts)))
    await office.deliver()
    first, second = await headers_of_events(office)
    assert sorted((first["ce_correlationid"], second["ce_correlationid"])).count(CONVERSATION) == 1
