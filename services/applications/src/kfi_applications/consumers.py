"""What the notifications service tells of our letters and e-mails; what other services ordered is not ours."""

from collections.abc import Iterator
from contextlib import contextmanager

from kfi_applications.domain.errors import RuleBroken
from kfi_applications.domain.remedies import FailedNotification
from kfi_applications.published import ORDERED_BY
from kfi_applications.repository import UnknownApplication
from kfi_applications.use_cases.decided_application import UnknownAct
from kfi_applications.use_cases.end_remedy_period import end_remedy_period
from kfi_applications.use_cases.record_announcement import record_announcement
from kfi_applications.use_cases.record_failed_notification import record_failed_notification, record_returned_letter
from kfi_applications.use_cases.record_not_announced import record_not_announced
from kfi_applications.works import ApplicationsWork
from kfi_chassis.consumer import Consumer, Unprocessable
from kfi_contracts.notifications import (
    NotificationAnnounced,
    NotificationFailed,
    NotificationNotAnnounced,
    NotificationRecalled,
    NotificationReturned,
    RemedyPeriodEnded,
)

consumer = Consumer(group="applications")


@consumer.on(NotificationAnnounced, hold_key=True)
async def an_announcement_starts_the_remedy_period(event: NotificationAnnounced, work: ApplicationsWork) -> None:
    """An e-mail announces no act; it is nothing to record."""
    if event.ordered_by == ORDERED_BY and event.act_id is not None:
        with _parked_when_refused():
            await record_announcement(event.concerns, event.act_id, event.announced_on, event.remedy_ends_on, work)


@consumer.on(NotificationNotAnnounced, hold_key=True)
async def a_letter_nobody_retrieved_announces_nothing(event: NotificationNotAnnounced, work: ApplicationsWork) -> None:
    """Nobody has to act: it goes by post, and its announcement is told then."""
    if event.ordered_by == ORDERED_BY and event.act_id is not None:
        with _parked_when_refused():
            await record_not_announced(event.concerns, event.act_id, event.last_day, work)


@consumer.on(RemedyPeriodEnded, hold_key=True)
async def the_end_of_the_remedy_period_makes_a_decision_final(event: RemedyPeriodEnded, work: ApplicationsWork) -> None:
    """Unless an action is pending."""
    if event.ordered_by == ORDERED_BY:
        with _parked_when_refused():
            await end_remedy_period(event.concerns, event.act_id, event.ended_on, work)


@consumer.on(NotificationFailed, hold_key=True)
async def a_failed_notification_is_left_to_a_person(event: NotificationFailed, work: ApplicationsWork) -> None:
    """The state of the case stays."""
    if event.ordered_by == ORDERED_BY:
        failed = _failed(event, event.reason, final=event.final)
        with _parked_when_refused():
            await record_failed_notification(event.concerns, failed, event.act_id, work)


@consumer.on(NotificationRecalled, hold_key=True)
async def a_recalled_notification_is_left_to_a_person(event: NotificationRecalled, work: ApplicationsWork) -> None:
    """It never leaves, so nothing is announced; the state of the case stays."""
    if event.ordered_by == ORDERED_BY:
        stopped = _failed(event, f"recalled_{event.reason}", final=True)
        with _parked_when_refused():
            await record_failed_notification(event.concerns, stopped, event.act_id, work)


@consumer.on(NotificationReturned, hold_key=True)
async def a_letter_that_came_back_announced_nothing(event: NotificationReturned, work: ApplicationsWork) -> None:
    """The address is wrong: a person looks for the right one and has the letter ordered again."""
    if event.ordered_by == ORDERED_BY:
        back = _failed(event, f"returned_{event.reason}", final=True)
        with _parked_when_refused():
            await record_returned_letter(event.concerns, back, event.act_id, work)


def _failed(
    event: NotificationFailed | NotificationRecalled | NotificationReturned, reason: str, *, final: bool
) -> FailedNotification:
    return FailedNotification(event.channel.value, reason, final, of_decision=event.act_id is not None)


@contextmanager
def _parked_when_refused() -> Iterator[None]:
    """What a rule refuses will be refused again: it is parked with its code, for a person to look at."""
    try:
        yield
    except RuleBroken as broken:
        raise Unprocessable(broken.code) from broken
    except UnknownApplication as unknown:
        raise Unprocessable("unknown-application") from unknown
    except UnknownAct as unknown:
        raise Unprocessable("unknown-act") from unknown
