"""A wrong letter is held back in time, recalled before it leaves, and known to have come back."""

import asyncio
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from kfi_contracts.letters import GrantDecisionFacts, GrantRejectionFacts, LetterContent, MessageWaitsFacts
from kfi_contracts.notifications import RecallReason, ReturnReason
from kfi_contracts.procedural_letters import GrantCorrectionFacts
from kfi_notifications.channels.print_spool import SpooledLetter
from kfi_notifications.deliveries import Step
from kfi_notifications.domain.hold import AlreadyHeld, AlreadyReleased, HoldReason, HoldScope
from kfi_notifications.domain.notification import (
    AlreadyHandedOver,
    NeverPosted,
    Notification,
    ReturnedBeforePosting,
    State,
)
from kfi_notifications.repository import NotificationUnknown
from kfi_notifications.use_cases.announce import announce, end_remedy_period
from kfi_notifications.use_cases.deliver import hand_over_due, prepare_due
from kfi_notifications.use_cases.hold import place_hold, release_hold
from kfi_notifications.use_cases.recall import recall, record_return

pytestmark = pytest.mark.servers
Contents = Callable[..., LetterContent]


async def hold(office: Any, scope: HoldScope, key: object) -> UUID:
    placed: UUID = await office.run(partial(place_hold, scope, str(key), HoldReason.CONTENT))
    return placed


async def state_of(office: Any, notification_id: UUID) -> Notification:
    found: Notification = await office.run(lambda work: work.notifications.get(notification_id))
    return found


async def waiting(office: Any) -> list[tuple[str, str | None, int]]:
    found = await office.run(lambda work: work.deliveries.waiting(today=work.calendar.today()))
    return sorted((each.step.value, each.obstacle, each.count) for each in found)


async def recalled(office: Any, notification_id: UUID, reason: RecallReason = RecallReason.WRONG_CONTENT) -> None:
    seen = (await state_of(office, notification_id)).version
    await office.run(partial(recall, notification_id, seen, reason))


async def come_back(office: Any, notification_id: UUID, on: date) -> None:
    seen = (await state_of(office, notification_id)).version
    await office.run(partial(record_return, notification_id, seen, ReturnReason.MOVED, on))


async def test_a_held_letter_is_written_and_stays_until_it_is_released(
    office: Any, rejection_facts: GrantRejectionFacts, content_of: Contents
) -> None:
    held = await office.accept(office.order(content_of(rejection_facts)))
    other = await office.accept(office.order(content_of(rejection_facts)))
    hold_id = await hold(office, HoldScope.NOTIFICATION, held)
    await office.deliver()
    assert (await state_of(office, held)).state is State.PREPARED, "its document can be looked at"
    assert (await state_of(office, other)).state is State.DISPATCHED
    assert await waiting(office) == [("letter", "held", 1)]
    await office.run(partial(release_hold, hold_id, 1))
    await office.deliver()
    assert (await state_of(office, held)).state is State.DISPATCHED
    assert len(office.spooled()) == 4


@pytest.mark.parametrize(
    ("scope", "key"), [(HoldScope.TEMPLATE, "grant-rejection"), (HoldScope.SERVICE, "applications")]
)
async def test_all_letters_of_a_template_or_a_service_are_held_also_those_that_come_later(
    office: Any,
    rejection_facts: GrantRejectionFacts,
    grant_facts: GrantDecisionFacts,
    content_of: Contents,
    scope: HoldScope,
    key: str,
) -> None:
    before = await office.accept(office.order(content_of(rejection_facts)))
    hold_id = await hold(office, scope, key)
    after = await office.accept(office.order(content_of(rejection_facts)))
    free = await office.accept(office.order(content_of(grant_facts), ordered_by="pensions"))
    await office.deliver()
    states = [(await state_of(office, each)).state for each in (before, after, free)]
    assert states == [State.PREPARED, State.PREPARED, State.DISPATCHED]
    await office.run(partial(release_hold, hold_id, 1))
    await office.deliver()
    assert [(await state_of(office, each)).state for each in (before, after)] == [State.DISPATCHED] * 2


async def test_the_same_is_held_once_and_released_once(office: Any) -> None:
    hold_id = await hold(office, HoldScope.TEMPLATE, "grant-rejection")
    with pytest.raises(AlreadyHeld):
        await hold(office, HoldScope.TEMPLATE, "grant-rejection")
    await office.run(partial(release_hold, hold_id, 1))
    with pytest.raises(AlreadyReleased):
        await office.run(partial(release_hold, hold_id, 2))
    assert await hold(office, HoldScope.TEMPLATE, "grant-rejection") != hold_id


async def test_what_is_not_there_or_has_left_is_not_held(
    office: Any, rejection_facts: GrantRejectionFacts, content_of: Contents
) -> None:
    with pytest.raises(NotificationUnknown):
        await hold(office, HoldScope.NOTIFICATION, UUID(int=7))
    left = await office.accept(office.order(content_of(rejection_facts)))
    await office.deliver()
    with pytest.raises(AlreadyHandedOver):
        await hold(office, HoldScope.NOTIFICATION, left)
    assert await office.run(lambda work: work.holds.in_force(after=None, limit=9)) == []


async def test_a_letter_held_while_a_worker_looks_is_handed_over_or_held_and_never_both(
    office: Any, rejection_facts: GrantRejectionFacts, content_of: Contents
) -> None:
    for _ in range(5):
        one = await office.accept(office.order(content_of(rejection_facts)))
        await office.run(prepare_due)
        outcomes = await asyncio.gather(
            hold(office, HoldScope.NOTIFICATION, one),
            office.run(partial(hand_over_due, Step.LETTER)),
            return_exceptions=True,
        )
        refused = isinstance(outcomes[0], AlreadyHandedOver)
        assert refused or isinstance(outcomes[0], UUID), outcomes
        await office.deliver()
        expected = State.DISPATCHED if refused else State.PREPARED
        assert (await state_of(office, one)).state is expected


async def test_a_recalled_letter_never_leaves_and_the_orderer_hears_of_it(
    office: Any, rejection_facts: GrantRejectionFacts, content_of: Contents
) -> None:
    one = await office.accept(office.order(content_of(rejection_facts)))
    await office.run(prepare_due)
    await recalled(office, one)
    await office.deliver()
    assert office.spooled() == []
    found = await state_of(office, one)
    assert (found.state, found.content) == (State.RECALLED, None)
    ((number, kind, facts),) = await office.events()
    assert (number, kind, facts["reason"]) == (1, "notification-recalled.v1", "wrong_content")
    assert (facts["recalled_on"], facts["act_id"]) == ("2026-03-09", str(UUID(int=3)))


async def test_a_recall_ends_the_hold_of_that_letter(
    office: Any, rejection_facts: GrantRejectionFacts, content_of: Contents
) -> None:
    one = await office.accept(office.order(content_of(rejection_facts)))
    await hold(office, HoldScope.NOTIFICATION, one)
    await recalled(office, one)
    assert await office.run(lambda work: work.holds.in_force(after=None, limit=9)) == []
    assert await waiting(office) == []


async def test_what_has_left_is_not_recalled(
    office: Any, rejection_facts: GrantRejectionFacts, content_of: Contents
) -> None:
    one = await office.accept(office.order(content_of(rejection_facts)))
    await office.deliver()
    with pytest.raises(AlreadyHandedOver):
        await recalled(office, one)


async def test_a_letter_that_lies_in_the_spool_is_not_recalled_although_nobody_said_so_yet(
    office: Any, rejection_facts: GrantRejectionFacts, content_of: Contents
) -> None:
    """A worker was killed between the spool and the commit: the letter may be printed already."""
    one = await office.accept(office.order(content_of(rejection_facts)))
    await office.run(prepare_due)

    async def killed_after_the_spool(work: Any) -> None:
        document = await work.documents.get(one)
        letter = SpooledLetter(one, document.content, document.sha256, document.pages)
        await work.print_spool.hand_over(letter, work.calendar.today())

    await office.run(killed_after_the_spool)
    with pytest.raises(AlreadyHandedOver):
        await recalled(office, one)
    with pytest.raises(AlreadyHandedOver):
        await hold(office, HoldScope.NOTIFICATION, one)
    await office.deliver()
    assert (await state_of(office, one)).state is State.DISPATCHED


async def test_a_letter_that_came_back_was_never_announced(
    office: Any, rejection_facts: GrantRejectionFacts, content_of: Contents
) -> None:
    """Posted on Monday, 9 March 2026; counted as announced on the 13th; back on the 18th."""
    one = await office.accept(office.order(content_of(rejection_facts)))
    await office.deliver()
    office.on(date(2026, 3, 13))
    await office.run(partial(announce, one))
    office.on(date(2026, 3, 18))
    await come_back(office, one, date(2026, 3, 18))
    found = await state_of(office, one)
    assert (found.state, found.announced_on, found.remedy_ends_on) == (State.RETURNED, None, None)
    number, kind, facts = (await office.events())[-1]
    assert (number, kind) == (3, "notification-returned.v1")
    assert (facts["dispatched_on"], facts["announced_on"]) == ("2026-03-09", "2026-03-13")
    assert (facts["returned_on"], facts["reason"]) == ("2026-03-18", "moved")
    office.on(date(2026, 12, 31))
    rows = await office.run(lambda work: work.connection.exec_driver_sql("SELECT kind, outcome FROM deadline"))
    assert {row.outcome for row in rows} == {"cancelled"}
    with pytest.raises(Exception, match="not in state"):
        await office.run(partial(end_remedy_period, one))


async def test_a_letter_that_came_back_before_its_announcement_is_never_announced(
    office: Any, rejection_facts: GrantRejectionFacts, content_of: Contents
) -> None:
    one = await office.accept(office.order(content_of(rejection_facts)))
    await office.deliver()
    office.on(date(2026, 3, 11))
    await come_back(office, one, date(2026, 3, 11))
    assert (await office.events())[-1][2]["announced_on"] is None
    with pytest.raises(Exception, match="not in state"):
        await office.run(partial(announce, one))


@pytest.mark.parametrize("day", [date(2026, 3, 8), date(2026, 3, 19)])
async def test_a_letter_comes_back_after_it_was_posted_and_not_in_the_future(
    office: Any, rejection_facts: GrantRejectionFacts, content_of: Contents, day: date
) -> None:
    one = await office.accept(office.order(content_of(rejection_facts)))
    await office.deliver()
    office.on(date(2026, 3, 18))
    with pytest.raises(ReturnedBeforePosting):
        await come_back(office, one, day)


async def test_only_a_posted_letter_comes_back_and_only_once(
    office_with: Any, mailbox: Any, rejection_facts: GrantRejectionFacts, content_of: Contents
) -> None:
    office = await office_with(smtp_port=mailbox.port)
    letter = await office.accept(office.order(content_of(rejection_facts)))
    email = await office.accept(office.order(content_of(MessageWaitsFacts())))
    with pytest.raises(NeverPosted):
        await come_back(office, letter, date(2026, 3, 9))
    await office.deliver()
    with pytest.raises(NeverPosted):
        await come_back(office, email, date(2026, 3, 9))
    await come_back(office, letter, date(2026, 3, 9))
    with pytest.raises(NeverPosted):
        await come_back(office, letter, date(2026, 3, 9))


async def test_a_correction_has_an_announcement_and_a_remedy_period_of_its_own(
    office: Any, rejection_facts: GrantRejectionFacts, correction_facts: GrantCorrectionFacts, content_of: Contents
) -> None:
    """The decision: posted on 9 March 2026, announced on the 13th, last day 13 April. The correction: posted on
    Wednesday, 1 April, announced on Sunday, 5 April; by the later reading on Tuesday, 7 April, after Easter; last day
    Thursday, 7 May."""
    first = await office.accept(office.order(content_of(rejection_facts)))
    await office.deliver()
    office.on(date(2026, 3, 13))
    await office.run(partial(announce, first))
    office.on(date(2026, 4, 1))
    second = await office.accept(office.order(content_of(correction_facts), act_id=UUID(int=4)))
    await office.deliver()
    office.on(date(2026, 4, 5))
    await office.run(partial(announce, second))
    found = [await state_of(office, each) for each in (first, second)]
    assert [each.act_id for each in found] == [UUID(int=3), UUID(int=4)]
    assert [each.announced_on for each in found] == [date(2026, 3, 13), date(2026, 4, 5)]
    assert [each.remedy_ends_on for each in found] == [date(2026, 4, 13), date(2026, 5, 7)]


async def test_a_finished_letter_rests_so_that_it_can_be_looked_at_and_held_in_time(
    office_with: Any, rejection_facts: GrantRejectionFacts, content_of: Contents
) -> None:
    office = await office_with(letters_rest_seconds=300)
    held, other = [await office.accept(office.order(content_of(rejection_facts))) for _ in range(2)]
    await office.deliver()
    assert [(await state_of(office, each)).state for each in (held, other)] == [State.PREPARED] * 2
    await hold(office, HoldScope.NOTIFICATION, held)
    office.clock.advance(timedelta(seconds=299))
    await office.deliver()
    assert (await state_of(office, other)).state is State.PREPARED
    office.clock.advance(timedelta(seconds=1))
    await office.deliver()
    assert [(await state_of(office, each)).state for each in (held, other)] == [State.PREPARED, State.DISPATCHED]
