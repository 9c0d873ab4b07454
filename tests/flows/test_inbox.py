"""Announcement by retrieval across the platform: F22 (c) and (d), and nobody else's letter."""

from datetime import date, timedelta

import pytest
from tests.harness.door import Door
from tests.harness.inboxes import INBOX, provided
from tests.harness.office import Office

from kfi_contracts.notifications import NotificationAnnounced, NotificationDispatched, NotificationNotAnnounced
from kfi_law.announcement import announced_by_retrieval
from kfi_law.remedies import remedy_period_from

pytestmark = [pytest.mark.stack, pytest.mark.servers, pytest.mark.asyncio(loop_scope="session")]


async def test_a_letter_that_is_retrieved_is_announced_on_the_next_day(office: Office, door: Door) -> None:
    waiting = await provided(office)
    case, seen = waiting.case, waiting.message.document
    assert case.letter_id in {one["id"] for one in (await office.people.applicant.get(INBOX)).document["items"]}
    foreign = await door.ask("GET", waiting.address, login="other-applicant")
    await door.problem(foreign, 404, "not-found")
    address = f"{waiting.address}/retrieval"
    await door.problem(
        await door.ask("POST", address, login="other-applicant", If_Match=waiting.message.etag), 404, "not-found"
    )
    taken = await door.ask("POST", address, If_Match=waiting.message.etag)
    assert taken.content.startswith(b"%PDF")
    retrieved_on, provided_on = office.calendar.today(), date.fromisoformat(str(seen["provided_on"]))
    office.calendar.move_to(retrieved_on + timedelta(days=1))
    announced = await office.event(NotificationAnnounced, notification_id=case.letter_id)
    by_law = announced_by_retrieval(provided_on, retrieved_on)
    latest = announced_by_retrieval(provided_on, retrieved_on, latest=True)
    assert announced.through_inbox
    assert announced.announced_on == by_law.value == retrieved_on + timedelta(days=1)
    assert announced.remedy_ends_on == remedy_period_from(by_law, latest).latest_last_day.value
    await office.in_state(case, "announced")


async def test_a_letter_that_nobody_retrieves_goes_by_post_and_is_announced_then(office: Office) -> None:
    waiting = await provided(office)
    last_day = date.fromisoformat(str(waiting.message.document["retrieve_by"]))
    office.calendar.move_to(last_day + timedelta(days=1))
    late = await office.event(NotificationNotAnnounced, notification_id=waiting.case.letter_id)
    assert late.last_day == last_day
    posted = await office.event(
        NotificationDispatched, notification_id=waiting.case.letter_id, through_inbox=f"{False}"
    )
    assert posted.dispatched_on == office.calendar.today()
    assert not (await office.announced(waiting.case)).through_inbox
    remedies = (await office.people.caseworker.get(waiting.case.path)).document["remedies"]
    assert remedies["not_retrieved_by"] == last_day.isoformat()
