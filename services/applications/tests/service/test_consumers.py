"""The handlers as Kafka would call them: in batches, every record twice, keys mixed, with records nobody can use."""

import json
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from kfi_applications.consumers import consumer
from kfi_chassis.accounts import Outcome
from kfi_chassis.testkit.delivery import deliver, every_record_twice, keys_mixed, raw_record, records_of
from kfi_contracts.event import Event
from kfi_contracts.notifications import Channel, NotificationAnnounced, NotificationNotAnnounced, RemedyPeriodEnded

pytestmark = pytest.mark.servers


async def told_of(desk: Any, case: str) -> list[Event]:
    """What the notifications service says of a letter, in order."""
    decision = (await desk.get("auditor", f"/applications/{case}")).json()["decision"]
    letter = {
        "notification_id": UUID(decision["letter_id"]), "ordered_by": "applications",
        "concerns": UUID(case), "act_id": UUID(decision["id"]), "announced_on": date(2026, 3, 13),
    }  # fmt: skip
    announced = NotificationAnnounced(**letter, channel=Channel.LETTER, remedy_ends_on=date(2026, 4, 13))
    return [announced, RemedyPeriodEnded(**letter, last_day=date(2026, 4, 13), ended_on=date(2026, 4, 14))]


@pytest.mark.parametrize("seed", range(3))
async def test_delivered_twice_and_mixed_every_case_becomes_final_once(desk: Any, seed: int) -> None:
    cases = [await desk.granted() for _ in range(3)]
    events = [event for case in cases for event in await told_of(desk, case)]
    accounts = await deliver(consumer, desk.transactions, keys_mixed(every_record_twice(records_of(events)), seed))
    ((_, account),) = accounts.items()
    assert (account.polled, account.outcomes[Outcome.HANDLED], account.outcomes[Outcome.DUPLICATE]) == (18, 6, 12)
    assert {await desk.state(case) for case in cases} == {"final"}
    final = await desk.rows("SELECT key, count(*) AS n FROM outbox WHERE type LIKE '%decision-final.v1' GROUP BY key")
    assert {row.key: row.n for row in final} == dict.fromkeys(cases, 1)


async def test_f22_d_what_nobody_retrieved_is_announced_by_post(desk: Any) -> None:
    case = await desk.granted()
    announced, _ = await told_of(desk, case)
    assert isinstance(announced, NotificationAnnounced)
    letter = announced.model_dump(include={"notification_id", "ordered_by", "concerns", "act_id", "channel"})
    late = NotificationNotAnnounced(**letter, provided_on=date(2026, 3, 2), last_day=date(2026, 3, 12))
    await deliver(consumer, desk.transactions, every_record_twice(records_of([late])))
    shown = (await desk.get("auditor", f"/applications/{case}")).json()
    assert (shown["state"], shown["remedies"]["not_retrieved_by"]) == ("granted", "2026-03-12")
    posted = announced.model_copy(update={"announced_on": date(2026, 3, 17), "remedy_ends_on": date(2026, 4, 17)})
    await deliver(consumer, desk.transactions, records_of([posted]))
    assert await desk.state(case) == "announced"
    actions = await desk.rows("SELECT action FROM audit WHERE action LIKE 'record%' ORDER BY position")
    assert [row.action for row in actions] == ["record-not-announced", "record-announcement"]


async def test_the_order_says_whose_inbox_it_belongs_to(desk: Any) -> None:
    await desk.granted()
    rows = await desk.rows("SELECT payload FROM outbox WHERE topic = 'notifications.order.v1' ORDER BY position")
    letter, email = (json.loads(row.payload) for row in rows[-2:])
    assert (letter["organisation"], email["organisation"]) == ("verein-beispiel", "verein-beispiel")
    assert email["accompanies"] == letter["notification_id"]


async def test_an_event_of_no_case_is_parked_and_the_later_ones_of_its_letter_wait(desk: Any) -> None:
    case = await desk.granted()
    events = [event.model_copy(update={"concerns": uuid4()}) for event in await told_of(desk, case)]
    await deliver(consumer, desk.transactions, records_of(events))
    parked = await desk.rows("SELECT reason FROM dead_letter WHERE resolved_at IS NULL ORDER BY number")
    assert len(parked) == 2
    assert "unknown-application" in parked[0].reason
    assert await desk.state(case) == "granted"


async def test_an_undecodable_record_is_parked_and_the_others_go_on(desk: Any) -> None:
    case = await desk.granted()
    broken = raw_record("notifications.notification.v1", key=b"x", value=b"{", headers=[("ce_type", b"\xff")])
    await deliver(consumer, desk.transactions, [broken, *records_of(await told_of(desk, case))])
    assert await desk.state(case) == "final"
    assert len(await desk.rows("SELECT 1 FROM dead_letter")) == 1
