"""What the notifications service tells of our letters and e-mails; what other services ordered is not ours."""

from collections.abc import Iterator
from contextlib import contextmanager

from kfi_allocation.domain.errors import RuleBroken
from kfi_allocation.letters import ORDERED_BY
from kfi_allocation.placements import UnknownPlacement
from kfi_allocation.use_cases import record_family_letters as letters
from kfi_allocation.work import AllocationWork
from kfi_chassis.consumer import Consumer, Unprocessable
from kfi_contracts.notifications import (
    Channel,
    NotificationAnnounced,
    NotificationFailed,
    NotificationRecalled,
    NotificationReturned,
    RemedyPeriodEnded,
)

NotOut = NotificationFailed | NotificationRecalled


async def an_announcement_starts_the_remedy_period(event: NotificationAnnounced, work: AllocationWork) -> None:
    """Of a decision; a letter that announces no act has nothing to record."""
    if event.ordered_by == ORDERED_BY and event.act_id is not None:
        with _parked_when_refused():
            await letters.record_announcement(
                event.concerns, event.act_id, event.announced_on, event.remedy_ends_on, work
            )


async def the_end_of_the_remedy_period_makes_a_decision_final(event: RemedyPeriodEnded, work: AllocationWork) -> None:
    """Nobody contested it in time."""
    if event.ordered_by == ORDERED_BY:
        with _parked_when_refused():
            await letters.end_remedy_period(event.concerns, event.act_id, event.ended_on, work)


async def a_failed_letter_is_left_to_a_planner(event: NotificationFailed, work: AllocationWork) -> None:
    """The state of the placement stays."""
    if event.ordered_by == ORDERED_BY and event.final:
        await _not_out(event, event.reason, work)


async def a_recalled_letter_is_left_to_a_planner(event: NotificationRecalled, work: AllocationWork) -> None:
    """It never leaves, so nothing is announced."""
    if event.ordered_by == ORDERED_BY:
        await _not_out(event, f"recalled_{event.reason}", work)


async def a_letter_that_came_back_announced_nothing(event: NotificationReturned, work: AllocationWork) -> None:
    """A planner looks for the right address and orders it again."""
    if event.ordered_by == ORDERED_BY:
        with _parked_when_refused():
            await letters.record_returned_letter(
                event.concerns, event.notification_id, event.act_id, f"returned_{event.reason}", work
            )


def declare_letters(consumer: Consumer) -> None:
    """Subscribe to what becomes of our letters; each waits for what came before it about the same notification."""
    consumer.on(NotificationAnnounced, hold_key=True)(an_announcement_starts_the_remedy_period)
    consumer.on(RemedyPeriodEnded, hold_key=True)(the_end_of_the_remedy_period_makes_a_decision_final)
    consumer.on(NotificationFailed, hold_key=True)(a_failed_letter_is_left_to_a_planner)
    consumer.on(NotificationRecalled, hold_key=True)(a_recalled_letter_is_left_to_a_planner)
    consumer.on(NotificationReturned, hold_key=True)(a_letter_that_came_back_announced_nothing)


async def _not_out(event: NotOut, reason: str, work: AllocationWork) -> None:
    if event.channel is Channel.EMAIL:
        await work.notices.record_failed(event.notification_id, reason)
        return
    with _parked_when_refused():
        await letters.record_failed_letter(event.concerns, event.notification_id, reason, work)


@contextmanager
def _parked_when_refused() -> Iterator[None]:
    """What a rule refuses will be refused again: it is parked with its code, for a person to look at."""
    try:
        yield
    except RuleBroken as broken:
        raise Unprocessable(broken.code) from broken
    except UnknownPlacement as unknown:
        raise Unprocessable("unknown-household") from unknown
