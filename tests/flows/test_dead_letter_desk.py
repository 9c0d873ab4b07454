"""The desk: an operator sees why an event was parked and nothing that is sealed; replays it, or discards it."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.harness.bus import Bus, Sent, until
from tests.harness.door import MARKER
from tests.harness.events import Writable, email_order, failure
from tests.harness.office import Office

from kfi_contracts.applications import DecisionMade
from kfi_contracts.notifications import FailureReason, NotificationFailed, NotificationOrdered, RemedyPeriodEnded
from kfi_stack.running_platform import Platform

TOPICS = {"notifications": NotificationOrdered.topic, "applications": NotificationFailed.topic}
pytestmark = [pytest.mark.stack, pytest.mark.servers, pytest.mark.asyncio(loop_scope="session")]


async def test_a_parked_order_is_listed_shown_without_its_content_and_discarded(bus: Bus, platform: Platform) -> None:
    order = email_order(platform, f"{MARKER}@verein.example")
    broken = Writable.of(order).with_field("channel", MARKER).with_header("note", MARKER.encode())
    number = await parked(bus, "applications", "notifications", [broken])

    listed, shown = await asyncio.gather(
        desk(platform, "list", "notifications"), desk(platform, "show", "notifications", str(number))
    )
    (line,) = [line for line in listed.splitlines() if line.split()[:1] == [str(number)]]
    assert "invalid_data:channel:enum" in line
    assert "invalid_data:channel:enum" in shown
    assert str(order.notification_id) in shown
    assert "The content is sealed; nobody opens it here." in shown
    assert [secret for secret in (order.content, order.content[:40], MARKER) if secret in listed + shown] == []

    await desk(platform, "discard", "notifications", str(number), "--reason", "ordered-anew")
    query = "SELECT resolution, resolution_reason, resolved_by FROM dead_letter WHERE number = $1"
    (letter,) = await bus.rows("notifications", query, number)
    assert (letter["resolution"], letter["resolution_reason"]) == ("discarded", "ordered-anew")
    assert letter["resolved_by"].startswith("operator:")


async def test_a_replay_hands_over_the_event_and_then_what_waited_behind_it(
    office: Office, bus: Bus, platform: Platform
) -> None:
    case = await office.sent()
    decision = await office.event(DecisionMade, application_id=case.id)
    today = platform.calendar.today()
    about: dict[str, Any] = {"ordered_by": "applications", "notification_id": uuid4(), "concerns": UUID(case.id)}
    days = {"announced_on": today, "last_day": today, "ended_on": today}
    too_early = RemedyPeriodEnded(**about, act_id=decision.decision_id, **days)
    behind = failure(**about, reason=FailureReason.CHANNEL_REFUSED)
    number = await parked(
        bus, "notifications", "applications", [Writable.of(one).record for one in (too_early, behind)]
    )
    seen = (await office.people.caseworker.get(case.path)).document
    assert (seen["state"], seen["failed_notifications"]) == ("granted", [])

    await office.announced(case)
    told = await desk(platform, "replay", "applications", str(number))
    assert [line.split(": ")[1] for line in told.splitlines()] == ["replayed", "replayed"]
    seen = (await office.people.caseworker.get(case.path)).document
    assert seen["state"] == "final"
    assert [(one["channel"], one["reason"]) for one in seen["failed_notifications"]] == [("email", "channel_refused")]


async def parked(bus: Bus, writer: str, reader: str, records: list[Sent]) -> int:
    """Sends records of one key that the reader must park; the number of the first of them at the desk."""
    query = "SELECT min(number) FROM dead_letter WHERE key = $1 HAVING count(*) = $2"
    topic = TOPICS[reader]
    await bus.send(writer, topic, records)
    found = await until(
        lambda: bus.rows(reader, query, records[0].key, len(records)), f"{reader} has parked {len(records)} records"
    )
    return int(found[0][0])


async def desk(platform: Platform, action: str, service: str, *arguments: str) -> str:
    """What the operator's command says."""
    words = ("dead-letters", action, "--service", service, *arguments)
    return await asyncio.to_thread(platform.command, "kfi", *words, service=service)
