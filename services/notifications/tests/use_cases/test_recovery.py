"""After a restore: a letter that has left does not leave again, whether or not an event tells of it."""

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
from kfi_contracts.notifications import FailureReason, NotificationDispatched, NotificationFailed
from kfi_notifications.domain.notification import State
from kfi_notifications.recovery import recovery
from kfi_notifications.use_cases.deliver import prepare_due

pytestmark = pytest.mark.servers
Contents = Callable[..., LetterContent]
MONDAY, TUESDAY = date(2026, 3, 9), date(2026, 3, 10)


async def set_back(office: Any, notification_id: UUID) -> None:
    """The database as it was when the order had just come."""

    async def change(work: Any) -> None:
        for statement in (
            "DELETE FROM outbox", "DELETE FROM deadline", "DELETE FROM document",
            "UPDATE notification SET state = 'ordered', content = 'x', dispatched_on = NULL, sequence = 0, version = 1",
        ):  # fmt: skip
            await work.connection.execute(text(statement))
        await work.deliveries.add(notification_id, not_before=None, due_at=work.clock.now())

    await office.run(change)


async def rebuilt(office: Any, event: Event) -> Left | None:
    rebuild = recovery.rebuilder(event.type)
    assert rebuild is not None
    envelope = CloudEvent.wrap(event, id=uuid4(), time=datetime.now(UTC), sequence=1)
    left: Left | None = await office.run(lambda work: rebuild(event, Past(envelope, (event,)), work))
    return left


async def looked(office: Any) -> list[str]:
    assert recovery.last_step is not None
    found: list[str] = await office.run(recovery.last_step)
    return found


async def state(office: Any, notification_id: UUID) -> tuple[State, date | None, bool]:
    async def read(work: Any) -> tuple[State, date | None, bool]:
        found = await work.notifications.get(notification_id)
        return found.state, found.dispatched_on, await work.documents.get(notification_id) is not None

    answer: tuple[State, date | None, bool] = await office.run(read)
    return answer


async def test_a_letter_in_the_spool_of_which_no_event_tells_has_left_on_the_day_of_its_folder(
    office: Any, grant_facts: GrantDecisionFacts, content_of: Contents
) -> None:
    notification_id = await office.accept(office.order(content_of(grant_facts)))
    await office.deliver()
    files = {file: file.read_bytes() for file in office.spooled()}
    await set_back(office, notification_id)
    office.on(TUESDAY)
    assert await looked(office) == [f"the letter {notification_id} lies in the print spool"]
    assert await state(office, notification_id) == (State.DISPATCHED, MONDAY, True)
    ((_, kind, facts),) = await office.events()
    assert (kind, facts["dispatched_on"]) == ("notification-dispatched.v1", "2026-03-09")
    await office.deliver()
    assert {file: file.read_bytes() for file in office.spooled()} == files
    assert await looked(office) == []


async def test_a_letter_that_was_not_handed_over_still_leaves(
    office: Any, grant_facts: GrantDecisionFacts, content_of: Contents
) -> None:
    notification_id = await office.accept(office.order(content_of(grant_facts)))
    await office.run(prepare_due)
    assert await looked(office) == []
    await office.deliver()
    assert (await state(office, notification_id))[0] is State.DISPATCHED


@pytest.mark.parametrize("collected", [False, True], ids=["in the spool", "collected"])
async def test_a_letter_whose_event_was_published_has_left_and_its_file_is_kept_or_told_to_be_lost(
    office: Any, grant_facts: GrantDecisionFacts, content_of: Contents, *, collected: bool
) -> None:
    order = office.order(content_of(grant_facts))
    notification_id = await office.accept(order)
    await office.deliver()
    if collected:
        next(file for file in office.spooled() if file.suffix == ".pdf").unlink()
    await set_back(office, notification_id)
    event = NotificationDispatched(
        notification_id=notification_id, ordered_by=order.ordered_by, concerns=order.concerns, act_id=order.act_id,
        channel=order.channel, dispatched_on=MONDAY,
    )  # fmt: skip
    assert await rebuilt(office, event) == (Left("document_lost") if collected else None)
    assert await state(office, notification_id) == (State.DISPATCHED, MONDAY, not collected)
    assert await office.run(lambda work: work.deliveries.of_steps(["prepare", "letter"])) == []


async def test_what_failed_for_good_is_not_tried_again(
    office: Any, grant_facts: GrantDecisionFacts, content_of: Contents
) -> None:
    order = office.order(content_of(grant_facts))
    notification_id = await office.accept(order)
    event = NotificationFailed(
        notification_id=notification_id, ordered_by=order.ordered_by, concerns=order.concerns, act_id=order.act_id,
        channel=order.channel, reason=FailureReason.RENDERING_FAILED, final=True,
    )  # fmt: skip
    assert await rebuilt(office, event) is None
    await office.deliver()
    assert (await state(office, notification_id))[0] is State.FAILED


async def test_what_could_not_follow_its_own_events_does_not_leave_again_and_again(
    office: Any, grant_facts: GrantDecisionFacts, content_of: Contents
) -> None:
    notification_id = await office.accept(office.order(content_of(grant_facts)))

    async def published(work: Any) -> None:
        await work.connection.execute(
            text(
                "INSERT INTO outbox (event_id, topic, key, sequence, type, headers, payload) VALUES"
                " (gen_random_uuid(), 'notifications.notification.v1', :key, 1, 't', '{}', '{}')"
            ),
            {"key": str(notification_id)},
        )

    await office.run(published)
    (told,) = await looked(office)
    assert str(notification_id) in told
    await office.deliver()
    assert office.spooled() == []
    assert await looked(office) == []
