"""After a restore: what was told by an inbox comes out as it was published, and what is lost is said."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from kfi_chassis.restore.declaration import Left, Past
from kfi_contracts.cloudevents import CloudEvent
from kfi_contracts.event import Event
from kfi_contracts.letters import GrantDecisionFacts, LetterContent
from kfi_contracts.notifications import NotificationAnnounced, NotificationDispatched, NotificationNotAnnounced
from kfi_notifications.recovery import recovery
from kfi_notifications.use_cases.deliver import prepare_due

pytestmark = pytest.mark.servers
MONDAY = date(2026, 3, 2)


@pytest.fixture
def restored(office: Any, grant_facts: GrantDecisionFacts, content_of: Callable[..., LetterContent]) -> Any:
    """The database of a moment before the letter was provided: its order is there, no consent any more."""

    async def order(*, prepared: bool = True) -> tuple[UUID, dict[str, Any]]:
        office.on(MONDAY)
        ordered = office.order(content_of(grant_facts), organisation="organisation-1")
        await office.accept(ordered)
        if prepared:
            await office.run(prepare_due)
        return ordered.notification_id, ordered.model_dump(
            include={"notification_id", "ordered_by", "concerns", "act_id", "channel"}
        )

    return order


async def rebuilt(office: Any, *events: Event) -> list[Left | None]:
    left = []
    for sequence, event in enumerate(events, start=1):
        rebuild = recovery.rebuilder(event.type)
        assert rebuild is not None
        envelope = CloudEvent.wrap(event, id=uuid4(), time=datetime.now(UTC), sequence=sequence)
        left.append(await office.run(lambda work, r=rebuild, e=event, v=envelope: r(e, Past(v, (e,)), work)))
    return left


async def row_of(office: Any, notification_id: UUID) -> Any:
    return await office.run(lambda work: work.notifications.get(notification_id))


async def open_deadlines(office: Any) -> list[tuple[str, date]]:
    found = text("SELECT kind, due_on FROM deadline WHERE closed_at IS NULL ORDER BY kind")
    rows = await office.run(lambda work: work.connection.execute(found))
    return [(row.kind, row.due_on) for row in rows]


async def test_a_letter_that_was_provided_waits_in_the_inbox_again(office: Any, restored: Any) -> None:
    notification_id, facts = await restored()
    provided = NotificationDispatched(**facts, dispatched_on=MONDAY, through_inbox=True)
    assert await rebuilt(office, provided) == [None]
    found = await row_of(office, notification_id)
    assert (found.state, found.through_inbox, found.retrieve_by) == ("provided", True, date(2026, 3, 12))
    assert await open_deadlines(office) == [("retrieval", date(2026, 3, 13))]
    await office.deliver()
    assert office.spooled() == []


async def test_a_letter_whose_file_is_lost_is_told(office: Any, restored: Any) -> None:
    _, facts = await restored(prepared=False)
    provided = NotificationDispatched(**facts, dispatched_on=MONDAY, through_inbox=True)
    assert await rebuilt(office, provided) == [Left("document_lost")]


async def test_what_was_announced_by_retrieval_is_announced_on_the_same_day(office: Any, restored: Any) -> None:
    notification_id, facts = await restored()
    provided = NotificationDispatched(**facts, dispatched_on=MONDAY, through_inbox=True)
    announced = NotificationAnnounced(
        **facts, announced_on=date(2026, 3, 6), remedy_ends_on=date(2026, 4, 7), through_inbox=True
    )
    assert await rebuilt(office, provided, announced) == [None, Left("retrieval_lost")]
    assert (await row_of(office, notification_id)).retrieved_on == date(2026, 3, 5)
    assert [event for *_, event in await office.events()] == [
        each.model_dump(mode="json") for each in (provided, announced)
    ]
    assert await open_deadlines(office) == [("remedy-period-end", date(2026, 4, 8))]


async def test_what_went_by_post_afterwards_does_not_go_again(office: Any, restored: Any) -> None:
    notification_id, facts = await restored()
    provided = NotificationDispatched(**facts, dispatched_on=MONDAY, through_inbox=True)
    late = NotificationNotAnnounced(**facts, provided_on=MONDAY, last_day=date(2026, 3, 12))
    posted = NotificationDispatched(**facts, dispatched_on=date(2026, 3, 13))
    assert await rebuilt(office, provided, late, posted) == [None, None, None]
    assert (await row_of(office, notification_id)).state == "dispatched"
    await office.deliver()
    assert office.spooled() == []
    assert [event for *_, event in await office.events()] == [
        each.model_dump(mode="json") for each in (provided, late, posted)
    ]
