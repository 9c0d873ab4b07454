"""Whatever an order or an event says of things that exist: letters leave or fail with a reason, cases stay whole."""

import logging
from datetime import date
from functools import partial
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.harness.bus import Bus, Sent, until
from tests.harness.events import Writable
from tests.harness.flood import Flood
from tests.harness.fuzz_ends import lines_of_trouble, reason_is_known
from tests.harness.fuzz_letters import Letters, put_away
from tests.harness.fuzz_values import seeded, spoiled, written
from tests.harness.office import Office
from tests.harness.reader import Reader
from tests.harness.size import size

from kfi_contracts.applications import DecisionMade
from kfi_contracts.event import Event
from kfi_contracts.notifications import (
    Channel,
    FailureReason,
    NotificationAnnounced,
    NotificationFailed,
    NotificationNotAnnounced,
    RemedyPeriodEnded,
)  # fmt: skip
from kfi_contracts.topics import NOTIFICATIONS, ORDERS
from kfi_stack.running_platform import Platform

pytestmark = [pytest.mark.stack, pytest.mark.servers, pytest.mark.asyncio(loop_scope="session")]
LETTERS, EVENTS, AT_ONCE = size(short=60, nightly=1_500), size(short=100, nightly=1_500), 50
OBSTACLES = {"court_unconfirmed", "typesetting_missing_glyph", "typesetting_address_too_long"}
"""What only a person can mend; a fault of the template is none of them, for the template is ours."""
DATES = [date.min, date(1900, 1, 1), date(2026, 12, 1), date(2027, 1, 1), date(9999, 11, 30), date.max]
log = logging.getLogger(__name__)


async def test_every_letter_leaves_or_fails_with_its_reason(bus: Bus, platform: Platform) -> None:
    chance = seeded()
    letters = Letters(platform, chance)
    reader = Reader("notifications", ORDERS.name, bus, platform)
    since, done = reader.journal.stat().st_size, 0
    async with Flood(platform, "applications", ORDERS.name) as flood:
        while done < LETTERS:
            orders = dict(letters.order() for _ in range(min(AT_ONCE, LETTERS - done)))
            await reader.reached(await flood.send(list(orders.values()), chance))
            ids = [UUID(number) for number in orders]
            await until(partial(nothing_to_do, bus, ids), "each letter left, failed, or waits for a person")
            await obstacles_are_known(bus, ids)
            done += len(orders)
            log.warning("%d letters", done)
    assert lines_of_trouble(reader.journal, since) == []


async def nothing_to_do(bus: Bus, ids: list[UUID]) -> bool:
    query = "SELECT FROM delivery WHERE notification_id = ANY($1) AND obstacle IS NULL"
    return not await bus.rows("notifications", query, ids)


async def obstacles_are_known(bus: Bus, ids: list[UUID]) -> None:
    """And what waits for a person is put away, for other tests."""
    rows = await put_away(bus, "notification_id = ANY($1)", ids)
    assert {row["obstacle"] for row in rows} <= OBSTACLES


async def test_events_about_a_case_are_taken_or_parked_with_a_reason(
    office: Office, bus: Bus, platform: Platform
) -> None:
    chance = seeded()
    cases = [await office.decided() for _ in range(2)]
    decisions = [await office.event(DecisionMade, application_id=case.id) for case in cases]
    reader = Reader("applications", NOTIFICATIONS.name, bus, platform)
    since, last = reader.journal.stat().st_size, await reader.last_letter()
    records = [strange_event(chance.choice(decisions), chance) for _ in range(EVENTS)]
    async with Flood(platform, "notifications", NOTIFICATIONS.name) as flood:
        await reader.reached(await flood.send(records, chance))
    reasons = set((await reader.put_away(last)).values())
    assert {reason for reason in reasons if not reason_is_known("applications", reason)} == set()
    assert lines_of_trouble(reader.journal, since) == []
    for case in cases:
        assert (await office.people.caseworker.get(case.path)).document["decision"] is not None


def strange_event(decision: DecisionMade, chance: Random) -> Sent:
    base = Writable.of(told_of(decision, chance))
    value = base.event.model_dump(mode="json")
    changed = spoiled(value, chance) if chance.random() < 0.5 else value
    return Sent(written(changed, chance), base.record.headers, base.record.key)


def told_of(decision: DecisionMade, chance: Random) -> Event:
    """What the notifications service could say of the letter of a decision, on any date."""
    facts: dict[str, Any] = {
        "notification_id": chance.choice((decision.letter_id, uuid4())), "ordered_by": "applications",
        "concerns": decision.application_id, "act_id": chance.choice((decision.decision_id, uuid4())),
    }  # fmt: skip
    day, later = chance.choice(DATES), chance.choice(DATES)
    return chance.choice((
        lambda: NotificationAnnounced(**facts, channel=Channel.LETTER, announced_on=day, remedy_ends_on=later),
        lambda: NotificationAnnounced(**facts, channel=Channel.EMAIL, announced_on=day, remedy_ends_on=None),
        lambda: NotificationNotAnnounced(**facts, channel=Channel.LETTER, provided_on=day, last_day=later),
        lambda: RemedyPeriodEnded(**facts, announced_on=day, last_day=later, ended_on=chance.choice(DATES)),
        lambda: NotificationFailed(
            **facts, channel=Channel.LETTER, reason=chance.choice(list(FailureReason)), final=chance.random() < 0.5
        ),
    ))()  # fmt: skip
